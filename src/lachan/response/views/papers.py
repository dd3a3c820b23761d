"""Everything else on paper that a message says: releases, voids, extensions, questions, notices; a recommendation.

Each is drawn for its message, with that message's date and number. The basis and who approved are those of the last
request, extension or decision before it. What no message carries (what is held when a notice or a release is drawn,
the holder's name, the desk's seat) is as it is now: once that changes, the letter's bytes do.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.base import VIETNAM, InputReason, Language, NotFound, translate
from lachan.foundation.documents import LetterKind
from lachan.foundation.protocol import (
    ConfirmationRequest,
    EventType,
    HoldConversion,
    HoldExtension,
    HoldRelease,
    HoldRequest,
    NoticeToServe,
    RequestCancellation,
    UnexplainedQuery,
    total,
)
from lachan.foundation.protocol import Decision as StatedDecision
from lachan.foundation.protocol.outbox import Message, envelope_of, message, message_by_id
from lachan.foundation.taxonomy import agency_kind, clock, legal_basis
from lachan.response import store
from lachan.response.actions.requests import read_decision
from lachan.response.model import Hold
from lachan.response.views.letters import (
    Sender,
    account_of,
    citation,
    desk_name,
    heading,
    hold_letter,
    message_id_of,
    phone_of,
    place_of,
    request_of,
)
from lachan.response.views.names import names_of

Facts = tuple[tuple[str, str | int | datetime], ...]
# A confirmation is asked for under the instance's own rules; there is no hold whose basis could be cited.
CONFIRMATION_BASIS = "lachan-rules"


def subject_of(conn: Connection, message_id: str) -> str:
    """What a message is about: `hold:<id>` or `loss:<id>`. NotFound where there is no such message."""
    return message_by_id(conn, message_id).subject


def message_of_loss(conn: Connection, loss_id: str) -> str:
    """The newest message that asked to confirm this transfer."""
    return _newest(conn, f"loss:{loss_id}", EventType.TRANSFER_CONFIRM)


def message_letter(conn: Connection, message_id: str, sender: Sender, language: Language) -> bytes:
    """What the message says, as a letter. NotFound where a message has no letter of this kind."""
    one = message_by_id(conn, message_id)
    data = envelope_of(one).data
    if isinstance(data, ConfirmationRequest):
        return _confirmation(conn, one, data, sender, language)
    hold = store.hold(conn, one.subject.partition(":")[2])
    match data:
        case HoldRequest():
            return hold_letter(conn, hold.id, sender, language, message_id=one.id)
        case HoldRelease():
            return _release(conn, one, hold, data, sender, language)
        case NoticeToServe():
            return _notice(conn, one, hold, data, sender, language)
        case RequestCancellation():
            return _short(conn, one, hold, LetterKind.CANCELLED, (), data.revision, None, sender, language)
        case HoldExtension():
            facts: Facts = (("until", data.expires_at),)
            return _short(
                conn, one, hold, LetterKind.EXTENDED, facts, data.revision, data.decision, sender, language
            )
        case HoldConversion():
            ends = (("term_ends_at", data.expires_at),) if data.expires_at else ()
            return _short(
                conn, one, hold, LetterKind.CONVERTED, ends, data.revision, data.decision, sender, language
            )
        case UnexplainedQuery():
            gap = (("unexplained", data.unexplained_vnd),)
            return _short(conn, one, hold, LetterKind.ASK_AGAIN, gap, data.revision, None, sender, language)
    raise NotFound(InputReason.NO_SUCH_RECORD)


def recommendation_letter(conn: Connection, hold_id: str, sender: Sender, language: Language) -> bytes:
    """The recommendation to the body that may decide. NotFound where nothing was recommended."""
    hold = store.hold(conn, hold_id)
    said = hold.recommended
    if said is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    request, names = message_by_id(conn, message_id_of(conn, hold)), names_of(conn)
    at = datetime.fromisoformat(said["at"])
    to = agency_kind(said["to"], at).label(language)
    trace = store.trace(conn, hold.trace_id)
    account = account_of(conn, hold, names, language)
    return documents.render_short(
        documents.ShortLetter(
            heading=heading(
                request, f"{trace.code}/{hold.id[-6:].upper()}-KN", said["by_name"], to, trace.code, sender,
                language, place=place_of(conn, trace.desk_id), issued_at=at,
            ),
            kind=LetterKind.RECOMMEND,
            to=to,
            trace_code=trace.code,
            legal_basis=(legal_basis(hold.basis, hold.drafted_at).citation(language),),
            decision=None,
            facts=(
                ("step", translate(f"web.step.{said['step']}", language)), ("institution", account.institution),
                ("account", account.number), ("holder", account.holder),
                ("held" if hold.held else "amount", total(hold.held) or total(hold.asked)),
                ("transfer", hold.reference), ("booked_at", hold.booked_at),
            ),
            contact_name=desk_name(conn, trace.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _short(
    conn: Connection,
    one: Message,
    hold: Hold,
    kind: LetterKind,
    facts: Facts,
    revision: int,
    decision: StatedDecision | None,
    sender: Sender,
    language: Language,
) -> bytes:
    trace, names = store.trace(conn, hold.trace_id), names_of(conn)
    basis, signatory = _standing(conn, one, hold, language)
    account = account_of(conn, hold, names, language)
    return documents.render_short(
        documents.ShortLetter(
            heading=heading(
                one, f"{trace.code}/{hold.id[-6:].upper()}-{revision}", signatory,
                account.institution, trace.code, sender, language, place=place_of(conn, trace.desk_id),
            ),
            kind=kind,
            to=account.institution,
            trace_code=trace.code,
            legal_basis=(basis,),
            decision=documents.Decision(
                decision.issuer, decision.number, decision.signatory, decision.scope,
                decision.term_ends_at.astimezone(VIETNAM).date() if decision.term_ends_at else None,
            ) if decision else None,
            facts=(
                ("account", account.number), ("holder", account.holder), ("transfer", hold.reference),
                ("request", hold.id), *facts,
            ),
            contact_name=desk_name(conn, trace.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _release(
    conn: Connection, one: Message, hold: Hold, data: HoldRelease, sender: Sender, language: Language
) -> bytes:
    trace, names = store.trace(conn, hold.trace_id), names_of(conn)
    account = account_of(conn, hold, names, language)
    basis, signatory = _standing(conn, one, hold, language)
    request = _requested(conn, one, hold)
    number = f"{trace.code}/{hold.id[-6:].upper()}"
    return documents.render_release(
        documents.ReleaseLetter(
            heading=heading(
                one, f"{number}-{data.revision}", signatory, account.institution,
                trace.code, sender, language, place=place_of(conn, trace.desk_id),
            ),
            trace_code=trace.code,
            request_id=hold.id,
            request_number=f"{number}-{request_of(request).revision}",
            request_issued_on=request.created_at.astimezone(VIETNAM).date(),
            account=account,
            released_vnd=data.release_vnd,
            remaining_vnd=total(hold.held) + _released_after(conn, one, hold),
            reason=translate(f"web.release_reason.{data.reason.value}", language),
            legal_basis=(basis,),
            contact_name=desk_name(conn, trace.desk_id, sender),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _standing(conn: Connection, one: Message, hold: Hold, language: Language) -> tuple[str, str]:
    """On what the hold rested when this was written, and who had approved it."""
    request = _requested(conn, one, hold)
    asked = request_of(request)
    basis, at, signatory = asked.legal_basis, request.created_at, asked.approver.name
    for earlier in _before(conn, one, (EventType.HOLD_EXTENDED, EventType.HOLD_CONVERTED)):
        data = envelope_of(earlier).data
        if earlier.ordinal > request.ordinal and isinstance(data, HoldExtension | HoldConversion):
            basis, at = data.legal_basis, earlier.created_at
            if isinstance(data, HoldConversion):
                # The message does not say who checked the decision; the hold does.
                signatory = hold.approver_name or hold.requester_name
    return citation(basis, at, language), signatory


def _requested(conn: Connection, one: Message, hold: Hold) -> Message:
    """The request that stood when this was written."""
    found = _before(conn, one, (EventType.HOLD_REQUESTED,))
    return found[-1] if found else message_by_id(conn, message_id_of(conn, hold))


def _before(conn: Connection, one: Message, kinds: tuple[EventType, ...]) -> list[Message]:
    """The messages of these kinds about the same hold up to this one, in their order."""
    query = (
        sa.select(message.c.id)
        .where(
            message.c.subject == one.subject, message.c.type.in_([kind.value for kind in kinds]),
            message.c.ordinal <= one.ordinal,
        )
        .order_by(message.c.ordinal)
    )  # fmt: skip
    return [message_by_id(conn, found) for found in conn.execute(query).scalars().all()]


def _released_after(conn: Connection, one: Message, hold: Hold) -> int:
    """What later letters freed was still held when this one was written."""
    query = sa.select(message.c.id).where(
        message.c.subject == one.subject, message.c.type == EventType.HOLD_RELEASED.value,
        message.c.ordinal > one.ordinal,
    )  # fmt: skip
    found = [envelope_of(message_by_id(conn, later)).data for later in conn.execute(query).scalars().all()]
    return sum(data.release_vnd for data in found if isinstance(data, HoldRelease))


def _notice(
    conn: Connection, one: Message, hold: Hold, data: NoticeToServe, sender: Sender, language: Language
) -> bytes:
    """The notice itself, for the institution to hand to the holder."""
    trace, names = store.trace(conn, hold.trace_id), names_of(conn)
    account = account_of(conn, hold, names, language)
    basis, signatory = _standing(conn, one, hold, language)
    number = f"{trace.code}/{hold.id[-6:].upper()}-TB"
    by_decision = read_decision(hold.decision).issuer if hold.decision else account.institution
    return documents.render_notice(
        documents.NoticeLetter(
            heading=heading(
                one, number, signatory, account.institution, trace.code, sender, language,
                place=place_of(conn, trace.desk_id),
            ),
            notice_code=data.notice_code,
            account=account,
            decided_by=by_decision,
            amount_vnd=total(hold.held) or total(hold.asked),
            step=hold.step,
            placed_at=hold.placed_at or one.created_at,
            expires_at=hold.expires_at,
            review_on=hold.review_at.astimezone(VIETNAM).date() if hold.review_at else None,
            reason=translate("web.letter.notice_reason", language),
            legal_basis=(basis,),
            appeal_url=data.appeal_url.replace("http://", "https://", 1),
            first_decision_hours=int(clock("appeal_first_decision_limit", one.created_at).value),
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _confirmation(
    conn: Connection, one: Message, data: ConfirmationRequest, sender: Sender, language: Language
) -> bytes:
    names = names_of(conn)
    to = names.institution(data.institution)
    transfer = data.transfer
    accounts = [
        (name, key.rpartition(":")[2])
        for name, key in (("payer_account", data.payer_account), ("payee_account", data.payee_account))
        if key is not None
    ]
    return documents.render_short(
        documents.ShortLetter(
            heading=heading(
                one, f"{data.trace_code}/{data.id[-6:].upper()}-XN", sender.name, to, data.trace_code, sender,
                language, place="",
            ),
            kind=LetterKind.CONFIRM,
            to=to,
            trace_code=data.trace_code,
            legal_basis=(legal_basis(CONFIRMATION_BASIS, one.created_at).citation(language),),
            decision=None,
            facts=(
                ("transfer", transfer.reference), ("booked_at", transfer.booked_at),
                ("transfer_amount", transfer.amount_vnd), *accounts, ("until", data.answer_by),
            ),
            contact_name=sender.name,
            contact_phone=phone_of(sender, language),
        ),
        language,
    )  # fmt: skip


def _newest(conn: Connection, subject: str, kind: EventType) -> str:
    found = conn.execute(
        sa.select(message.c.id)
        .where(message.c.subject == subject, message.c.type == kind.value)
        .order_by(message.c.ordinal.desc())
        .limit(1)
    ).scalar()
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return str(found)
