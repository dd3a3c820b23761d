"""Replies written in the web inbox: prepared by one person of the institution, confirmed by another, taken once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency, Permission, require, require_other_person
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, Reason
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Confirmation,
    EventType,
    HoldRequest,
    NoticeServed,
    ReceiptsTold,
    RefundDone,
    ReleaseDone,
    Reply,
    read_reply,
)
from lachan.foundation.protocol.outbox import Message, Outbox, envelope_of, mark, message_by_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.response import tables
from lachan.response.actions.answers import acknowledge, take_answer
from lachan.response.actions.confirmations import take_confirmation
from lachan.response.actions.notices import take_notice_served
from lachan.response.actions.payer_calls import alert_taken
from lachan.response.actions.receipts import take_receipts
from lachan.response.actions.releases import take_release_done
from lachan.response.actions.work import wait_turn
from lachan.response.refunds.paying import take_refund_done

REASON_MAX = 500
_P = tables.prepared_reply
# Which reply an event is answered with; the other events are only acknowledged.
REPLY_OF: Mapping[str, type[Reply] | tuple[type[Reply], ...]] = {
    EventType.HOLD_REQUESTED: Answer,
    EventType.QUERY_UNEXPLAINED: Answer,
    EventType.HOLD_RELEASED: ReleaseDone,
    # What is taken back is a request to hold, or a list to pay out.
    EventType.REQUEST_CANCELLED: (ReleaseDone, RefundDone),
    EventType.TRANSFER_CONFIRM: Confirmation,
    EventType.NOTICE_SERVE: NoticeServed,
    EventType.REFUND_REQUESTED: RefundDone,
    EventType.RECEIPTS_ASKED: ReceiptsTold,
}


class ReplyReason(Reason):
    """Why a reply is not taken, or a prepared one cannot be confirmed or changed."""

    DOES_NOT_FIT = "reply_does_not_fit"
    NOT_PREPARED = "reply_not_prepared"
    ALREADY_ANSWERED = "already_answered"


@dataclass(frozen=True, slots=True)
class PreparedReply:
    """What waits for the second person; with `returned_at` it went back to the first one, with a reason."""

    id: str
    institution_id: str
    subject: str
    body: str
    typed: Mapping[str, Any]
    prepared_by: str
    prepared_by_name: str
    prepared_at: datetime
    returned_by: str | None
    returned_by_name: str | None
    returned_at: datetime | None
    reason: str | None

    @property
    def reply(self) -> Reply:
        """The reply itself."""
        return read_reply(self.body.encode())


def take_reply(
    unit: Unit, outbox: Outbox, item: Message, reply: Reply, codes: frozenset[str]
) -> AnswerReason | None:
    """Take an institution's reply to an inbox message, whichever door brought it; the reason of a refusal, or None.

    The caller has waited for its turn (`wait_turn`) before it touched the message.
    """
    _check_request(item, reply.request_id)
    if not isinstance(reply, REPLY_OF.get(item.type, ())):
        raise BadInput(ReplyReason.DOES_NOT_FIT, field="type")
    refused: AnswerReason | None = None
    match reply:
        case Answer():
            refused = next(iter(take_answer(unit, outbox, reply, codes)), None)
        case Confirmation():
            take_confirmation(unit, outbox, reply, codes)
        case NoticeServed():
            take_notice_served(unit, outbox, reply, codes)
        case ReleaseDone():
            take_release_done(unit, outbox, reply, codes)
        case RefundDone():
            refused = take_refund_done(unit, outbox, reply, codes)
        case ReceiptsTold():
            refused = take_receipts(unit, outbox, item, reply, codes)
    if refused is None:
        mark(unit, item.id, closed_at=unit.now, acknowledged_at=unit.now)
    return refused


def take_acknowledgement(
    unit: Unit, outbox: Outbox, item: Message, request_id: str, codes: Collection[str], received_at: datetime
) -> None:
    """The institution has a message, whichever door says so; of a request it also stops that request's clock."""
    _check_request(item, request_id)
    mark(unit, item.id, acknowledged_at=unit.now)
    if item.type == EventType.PAYER_ALERT:
        # There is nothing to answer: whoever has it warns the customer.
        mark(unit, item.id, closed_at=unit.now)
        alert_taken(unit, item)
    if item.subject.startswith("hold:"):
        data = envelope_of(item).data
        revision = data.revision if isinstance(data, HoldRequest) else None
        acknowledge(unit, outbox, request_id, codes, received_at, revision=revision)


def _check_request(item: Message, request_id: str) -> None:
    # The address is not signed: without this, a signed reply could be turned to another event.
    if item.subject.partition(":")[2] != request_id:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id")


def own_message(conn: Connection, item_id: str, institution: Agency) -> Message:
    """A message to this institution; another institution's message does not exist for it."""
    item = message_by_id(conn, item_id)
    if item.institution not in institution.codes:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return item


def acknowledge_item(unit: Unit, outbox: Outbox, item_id: str, institution: Agency, *, closes: bool) -> None:
    """A person of the institution has the message; `closes` where nothing more is to be done about it."""
    require(unit.actor, Permission.INBOX_READ, institution.id)
    wait_turn(unit)
    item = own_message(unit.conn, item_id, institution)
    request_id = item.subject.partition(":")[2]
    take_acknowledgement(unit, outbox, item, request_id, institution.codes, unit.now)
    if closes:
        mark(unit, item.id, closed_at=unit.now)


def prepare_reply(
    unit: Unit, item_id: str, reply: Reply, institution: Agency, typed: Mapping[str, Any]
) -> PreparedReply:
    """Keep a reply for the second person; an earlier draft of the same item is replaced."""
    require(unit.actor, Permission.INBOX_ANSWER, institution.id)
    item = own_message(unit.conn, item_id, institution)
    if item.closed_at is not None:
        raise Conflict(ReplyReason.ALREADY_ANSWERED)
    unit.conn.execute(sa.delete(_P).where(_P.c.id == item.id))
    unit.conn.execute(
        sa.insert(_P).values(
            id=item.id, institution_id=institution.id, subject=item.subject, typed=dict(typed),
            body=reply.model_dump_json(exclude_none=True), prepared_by=unit.actor.reference,
            prepared_by_name=unit.actor.name, prepared_at=unit.now,
        )
    )  # fmt: skip
    _record(unit, "reply.prepared", item, {"type": reply.type})
    return _found(unit.conn, item.id, institution)


def confirm_reply(
    unit: Unit, outbox: Outbox, item_id: str, institution: Agency, *, shown: str | None = None
) -> AnswerReason | None:
    """The second person sends what the first one prepared; returns the reason if it no longer adds up.

    `shown` is the message id of the draft that was on the page: a draft exchanged meanwhile is not sent.
    """
    require(unit.actor, Permission.INBOX_CONFIRM_ANSWER, institution.id)
    wait_turn(unit)
    item = own_message(unit.conn, item_id, institution)
    prepared = _found(unit.conn, item_id, institution)
    require_other_person(unit.actor, prepared.prepared_by)
    if prepared.returned_at is not None or item.closed_at is not None:
        raise Conflict(ReplyReason.NOT_PREPARED)
    if shown is not None and shown != prepared.reply.message_id:
        raise Conflict(InputReason.CHANGED_MEANWHILE)
    refused = take_reply(unit, outbox, item, prepared.reply, frozenset(institution.codes))
    if refused is not None:
        return refused
    unit.conn.execute(sa.delete(_P).where(_P.c.id == item_id))
    _record(unit, "reply.confirmed", item, {"prepared_by": prepared.prepared_by})
    return None


def send_reply(unit: Unit, outbox: Outbox, item_id: str, reply: Reply, institution: Agency) -> AnswerReason | None:
    """Take at once what needs no second person: a release done, a notice served."""
    require(unit.actor, Permission.INBOX_ANSWER, institution.id)
    wait_turn(unit)
    item = own_message(unit.conn, item_id, institution)
    if item.closed_at is not None:
        raise Conflict(ReplyReason.ALREADY_ANSWERED)
    refused = take_reply(unit, outbox, item, reply, frozenset(institution.codes))
    if refused is None:
        _record(unit, "reply.sent", item, {"type": reply.type})
    return refused


def return_reply(unit: Unit, item_id: str, institution: Agency, reason: str) -> None:
    """The second person sends it back with a reason; the first one may also take the own draft back."""
    prepared = _found(unit.conn, item_id, institution)
    mine = prepared.prepared_by == unit.actor.reference
    require(unit.actor, Permission.INBOX_ANSWER if mine else Permission.INBOX_CONFIRM_ANSWER, institution.id)
    words = reason.strip()
    if not mine and not words:
        raise BadInput(InputReason.MISSING, field="reason")
    if len(words) > REASON_MAX:
        raise BadInput(InputReason.TOO_LONG, field="reason", limit=REASON_MAX)
    item = own_message(unit.conn, item_id, institution)
    unit.conn.execute(
        sa.update(_P)
        .where(_P.c.id == item_id)
        .values(
            returned_by=unit.actor.reference, returned_by_name=unit.actor.name, returned_at=unit.now,
            reason=words or None,
        )
    )  # fmt: skip
    _record(unit, "reply.returned", item, {"by_maker": mine})


def prepared_replies(conn: Connection, institution_id: str) -> dict[str, PreparedReply]:
    """An institution's drafts by the inbox message they answer."""
    rows = conn.execute(sa.select(_P).where(_P.c.institution_id == institution_id))
    return {row.id: PreparedReply(**row._mapping) for row in rows}


def _found(conn: Connection, item_id: str, institution: Agency) -> PreparedReply:
    row = conn.execute(sa.select(_P).where(_P.c.id == item_id, _P.c.institution_id == institution.id)).first()
    if row is None:
        raise NotFound(ReplyReason.NOT_PREPARED)
    return PreparedReply(**row._mapping)


def _record(unit: Unit, kind: str, item: Message, data: dict[str, Any]) -> None:
    append(unit, kind, item.subject, {"message": item.id, **data}, rows=[("prepared_reply", item.id)])
