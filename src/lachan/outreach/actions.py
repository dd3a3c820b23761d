"""What people do with a text: write, submit, send back, approve, publish, retract, drop; and its end by itself."""

from collections.abc import Callable
from typing import TypeVar

from lachan.foundation.access import AccessReason, Permission, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, LachanError, NotAllowed
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import (
    outreach_audience,
    outreach_channel,
    retractions,
    scam_form,
    vietnam_date,
)
from lachan.outreach import rules, store
from lachan.outreach.model import Item, ItemDraft, ItemKind, ItemState, OutreachReason
from lachan.outreach.stepping import begin, check_version, rewrite, take_step

Answer = TypeVar("Answer")
_WORDS_MOST = 1_000


def draft_item(unit: Unit, draft: ItemDraft) -> Item:
    """Keep what somebody wrote; it may still be incomplete, never too long for its channel."""
    require(unit.actor, Permission.OUTREACH_WRITE)
    if unit.actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY, permission=Permission.OUTREACH_WRITE.value)
    _check(unit, draft)
    return begin(unit, draft, unit.actor.agency_id)


def change_item(unit: Unit, code: str, draft: ItemDraft, version: int | None = None) -> Item:
    """Other words for a draft. `version`: the one that was changed; Conflict where somebody was faster."""
    kept = _mine(unit, code, Permission.OUTREACH_WRITE)
    if kept.state is not ItemState.DRAFT:
        raise Conflict(OutreachReason.NOT_IN_THIS_STATE, standing=kept.state.value)
    check_version(kept, version)
    _check(unit, draft)
    return rewrite(unit, kept, draft)


def submit_item(unit: Unit, code: str, version: int | None = None) -> Item:
    """Ask a second person to approve exactly these words."""
    kept = _mine(unit, code, Permission.OUTREACH_WRITE)
    check_version(kept, version)
    as_draft = _as_draft(kept)
    _check(unit, as_draft)
    rules.check_complete(as_draft, unit.now)
    return take_step(unit, kept, ItemState.SUBMITTED)


def return_item(unit: Unit, code: str, words: str) -> Item:
    """Send it back to its authors with remarks; also what was approved and is not published yet."""
    kept = _mine(unit, code, Permission.OUTREACH_APPROVE)
    return take_step(
        unit, kept, ItemState.DRAFT, words=clean_text(words, "reasons", limit=_WORDS_MOST), approved_by=None
    )


def approve_item(unit: Unit, code: str, version: int | None = None) -> Item:
    """A second person, who wrote none of it, stands for these words.

    Refusals: OWN_TEXT for whoever wrote or submitted it, CHANGED_MEANWHILE for other words than were read.
    """
    kept = _mine(unit, code, Permission.OUTREACH_APPROVE)
    if unit.actor.reference in store.authors_of(unit.conn, kept.id):
        raise NotAllowed(OutreachReason.OWN_TEXT)
    check_version(kept, version)
    rules.check_complete(_as_draft(kept), unit.now)
    return take_step(unit, kept, ItemState.APPROVED, approved_by=unit.actor.reference)


def publish_item(unit: Unit, code: str) -> Item:
    """Make public what was approved."""
    kept = _mine(unit, code, Permission.OUTREACH_WRITE)
    rules.check_step(kept.state, ItemState.PUBLISHED)
    rules.check_complete(_as_draft(kept), unit.now)
    return take_step(unit, kept, ItemState.PUBLISHED, published_at=unit.now)


def retract_item(unit: Unit, code: str, reason: str, words: str) -> Item:
    """Take back what is public, at once and by one person: the reason and the words are shown to everybody."""
    kept = _mine(unit, code, Permission.OUTREACH_APPROVE)
    if reason not in {one.code for one in retractions(unit.now)}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="reason", value=reason[:40])
    said = clean_text(words, "reasons", limit=_WORDS_MOST)
    rules.check_public("reasons", said)
    return take_step(
        unit, kept, ItemState.RETRACTED, code=reason, words=said, ended_at=unit.now, end_reason=reason,
        end_words=said,
    )  # fmt: skip


def drop_item(unit: Unit, code: str, words: str) -> Item:
    """A draft that nobody needs; it stays in the record."""
    kept = _mine(unit, code, Permission.OUTREACH_WRITE)
    said = clean_text(words, "reasons", limit=_WORDS_MOST)
    return take_step(unit, kept, ItemState.DROPPED, words=said, ended_at=unit.now)


def expire_items(unit: Unit) -> int:
    """Write down that the time of published texts is over; returns how many."""
    require(unit.actor, Permission.CLOCK_RUN)
    done = 0
    for code in store.due_items(unit.conn, unit.now):
        kept = store.item_by_code(unit.conn, code, lock=True)
        if kept.state is ItemState.PUBLISHED:
            take_step(unit, kept, ItemState.EXPIRED, ended_at=kept.expires_at)
            done += 1
    return done


def _mine(unit: Unit, code: str, permission: Permission) -> Item:
    kept = store.item_by_code(unit.conn, code, lock=True)
    require(unit.actor, permission, kept.agency_id)
    return kept


def _as_draft(one: Item) -> ItemDraft:
    return ItemDraft(
        kind=one.kind, vi=one.vi, en=one.en, channel=one.channel, audience=one.audience, scam_form=one.scam_form,
        campaign_id=one.campaign_id, severity=one.severity, expires_at=one.expires_at,
    )  # fmt: skip


def _check(unit: Unit, draft: ItemDraft) -> None:
    """Everything that may be refused about words, whatever becomes of them."""
    channel = known("channel", draft.channel, lambda: outreach_channel(draft.channel, unit.now))
    known("audience", draft.audience, lambda: outreach_audience(draft.audience, unit.now))
    if draft.scam_form is not None:
        form = draft.scam_form
        known("scam_form", form, lambda: scam_form(form, unit.now))
    if draft.kind is not ItemKind.PIECE and draft.channel != "web_page":
        raise BadInput(InputReason.UNKNOWN_VALUE, field="channel", value=draft.channel)
    rules.check_words(draft, channel)
    if draft.campaign_id is not None:
        kept = store.campaign_by_id(unit.conn, draft.campaign_id)
        require(unit.actor, Permission.OUTREACH_WRITE, kept.agency_id)
        if kept.closed_at is not None or kept.ends_on < vietnam_date(unit.now):
            raise Conflict(OutreachReason.CAMPAIGN_CLOSED)


def known(field: str, value: str, ask: Callable[[], Answer]) -> Answer:
    """What the taxonomy says of a code; BadInput UNKNOWN_VALUE at the field where it knows none."""
    try:
        return ask()
    except LachanError:
        raise BadInput(InputReason.UNKNOWN_VALUE, field=field, value=value[:40]) from None
