"""The inbox of one institution: what waits, one message with its form, its proof, and the scoreboard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency, Permission, actor_at, appointments, may, person
from lachan.foundation.base import Actor, LachanError, Language
from lachan.foundation.protocol import Answer
from lachan.foundation.protocol.outbox import message
from lachan.response import tables
from lachan.response.actions.replies import own_message, prepared_replies
from lachan.response.rules.compose import Typed
from lachan.response.shapes import Action, BulkResult, InboxForm, InboxPage, Message, Notice, ReplyForm
from lachan.response.views.banks import banks_of
from lachan.response.views.inbox.form import composed, composed_of, inbox_form, kept_of, with_guesses
from lachan.response.views.inbox.items import (
    ASKS,
    PAGE_ROWS,
    Waiting,
    awaits_second,
    due_of,
    item_row,
    load,
    waiting_items,
    waiting_page,
)
from lachan.response.views.inbox.payees import payee_finder
from lachan.response.views.inbox.proof import must_not, proof_of, scores
from lachan.response.views.inbox.replies import NOTICE_CHANNELS, prepared_note, reply_form
from lachan.response.views.names import names_of

__all__ = [
    "ASKS",
    "NOTICE_CHANNELS",
    "PAGE_ROWS",
    "Look",
    "Sent",
    "Waiting",
    "awaits_second",
    "composed",
    "due_of",
    "inbox_page",
    "inbox_version",
    "kept_of",
    "payee_finder",
    "typed_from_store",
    "waiting_item",
    "waiting_items",
    "waiting_page",
    "with_guesses",
]


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, at which institution's inbox, when, and with which key this instance signs."""

    actor: Actor
    institution: Agency
    language: Language
    now: datetime
    wall_now: datetime
    issuer: str
    key_text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What was just sent for one item and could not be taken (or only read): shown again with its errors."""

    answer: Typed | None = None
    reply: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, LachanError] = field(default_factory=dict)
    show_errors: bool = False


def inbox_page(
    conn: Connection,
    look: Look,
    chosen_id: str | None = None,
    sent: Sent | None = None,
    *,
    notice: Notice | None = None,
    bulk: BulkResult | None = None,
    page: int = 0,
) -> InboxPage:
    """The page with one item chosen: the named one, else the most pressing of this page of the list."""
    names = names_of(conn)
    found = waiting_page(conn, look.institution, page)
    items = found.items
    chosen = next((one for one in items if one.letter.id == chosen_id), items[0] if items else None)
    if chosen_id is not None and (chosen is None or chosen.letter.id != chosen_id):
        chosen = waiting_item(conn, look.institution, chosen_id)
    form: InboxForm | None = None
    reply: ReplyForm | None = None
    if chosen is not None:
        shown = _shown(conn, look, chosen, sent or Sent())
        form, reply = (shown, None) if isinstance(shown, InboxForm) else (None, shown)
    may_confirm = may(look.actor, Permission.INBOX_CONFIRM_ANSWER, look.institution.id)
    drafts = prepared_replies(conn, look.institution.id)
    waiting = [
        one for one in waiting_items(conn, look.institution, only=drafts)
        if awaits_second(one) and one.prepared is not None
        and one.prepared.prepared_by != look.actor.reference
    ]  # fmt: skip
    return InboxPage(
        items=tuple(item_row(one, names, look.now, chosen.letter.id if chosen else None) for one in items),
        form=form,
        reply=reply,
        proof=None if chosen is None else proof_of(
            conn, chosen, look.institution, issuer=look.issuer, key_text=look.key_text, wall_now=look.wall_now
        ),
        scores=scores(conn, look.institution.codes, look.now),
        must_not=must_not(chosen, look.now) if chosen else (),
        bulk_accepts="CSV",
        notice=notice,
        events_href=f"/inbox/events?chosen={chosen.letter.id if chosen else ''}&page={page}",
        total=found.total, first=page * PAGE_ROWS + 1,
        before_href=_list_href(page - 1) if page else None,
        more_href=_list_href(page + 1) if (page + 1) * PAGE_ROWS < found.total else None,
        bulk=bulk,
        confirm_all=Action(
            Message("web.inbox_item.confirm_all", {"count": len(waiting)}), "/inbox/confirm", post=True,
            icon="shield",
        ) if may_confirm and len(waiting) > 1 else None,
    )  # fmt: skip


def _list_href(page: int) -> str:
    return f"/inbox?page={page}" if page else "/inbox"


def waiting_item(conn: Connection, institution: Agency, item_id: str) -> Waiting:
    """One message to this institution, whatever has become of it; NotFound for anybody else's."""
    letter = own_message(conn, item_id, institution)
    return load(conn, [letter], prepared_replies(conn, institution.id))[0]


def inbox_version(conn: Connection, institution: Agency) -> object:
    """Changes with everything that the list shows."""
    counts = conn.execute(
        sa.select(
            sa.func.max(message.c.ordinal), sa.func.count(), sa.func.count(message.c.acknowledged_at),
            sa.func.count(message.c.closed_at),
        ).where(message.c.institution.in_(institution.codes))
    ).one()  # fmt: skip
    drafts = conn.execute(
        sa.select(
            sa.func.count(), sa.func.max(tables.prepared_reply.c.prepared_at),
            sa.func.count(tables.prepared_reply.c.returned_at),
        ).where(tables.prepared_reply.c.institution_id == institution.id)
    ).one()  # fmt: skip
    return tuple(counts), tuple(drafts)


def typed_from_store(stored: Mapping[str, object]) -> Typed:
    """The form of a prepared answer as it was typed."""
    return Typed(**stored)  # type: ignore[arg-type] # written by the same form


def _shown(conn: Connection, look: Look, one: Waiting, sent: Sent) -> InboxForm | ReplyForm:
    names = names_of(conn)
    note = prepared_note(one, look.actor, look.institution.id, names)
    waits = awaits_second(one)
    read_only = waits or one.letter.closed_at is not None
    checker = _checker(conn, look)
    if one.type not in ASKS or one.hold is None:
        typed = dict(sent.reply)
        if not typed and one.prepared is not None:
            typed = {name: str(value) for name, value in one.prepared.typed.items()}
        return reply_form(
            one, typed, sent.errors, names=names, language=look.language, now=look.now, prepared=note,
            checker=checker, read_only=read_only,
        )  # fmt: skip
    known = banks_of(conn)
    typed_answer = sent.answer
    if typed_answer is None:
        typed_answer = typed_from_store(one.prepared.typed) if one.prepared is not None else Typed()
    at = one.prepared.prepared_at if waits and one.prepared else look.now
    made = composed(one.hold, one.code, typed_answer, decided_by=look.actor.name, banks=known, now=at)
    if waits and one.prepared is not None and not one.prepared.typed and isinstance(one.prepared.reply, Answer):
        made = composed_of(one.prepared.reply)
    return inbox_form(
        one, one.hold, made, with_guesses(typed_answer, made, known), show_errors=sent.show_errors,
        institution=look.institution, names=names, banks=known, language=look.language, now=look.now,
        prepared=note, checker=checker, read_only=read_only,
    )  # fmt: skip


def _checker(conn: Connection, look: Look) -> Message:
    """Who confirms: the first other person who may, by name; or that there is nobody yet."""
    for one in appointments(conn, look.now, agency_id=look.institution.id):
        actor = actor_at(conn, one.person_id, look.institution.id, look.now)
        if (
            actor is not None
            and actor.reference != look.actor.reference
            and may(actor, Permission.INBOX_CONFIRM_ANSWER, look.institution.id)
        ):
            return Message("web.say.checker", {"name": person(conn, one.person_id).name})
    return Message("web.inbox_item.no_checker")
