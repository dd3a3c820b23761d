"""What waits in an institution's inbox: one item for each thing that still has to be done, most pressing first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency
from lachan.foundation.protocol import (
    ConfirmationRequest,
    Envelope,
    EventData,
    EventType,
    HoldRelease,
    PayerAlert,
    ReceiptsQuery,
    RefundRequest,
    RequestCancellation,
    UnexplainedQuery,
    total,
)
from lachan.foundation.protocol.outbox import READ_ONLY, envelope_of, message, message_from_row
from lachan.foundation.protocol.outbox import Message as Letter
from lachan.foundation.storage import among
from lachan.response import store, tables
from lachan.response.actions.replies import PreparedReply, prepared_replies
from lachan.response.model import ENDED, Hold, HoldState
from lachan.response.refunds.proposing import request_of
from lachan.response.refunds.store import refund
from lachan.response.shapes import Deadline, InboxItem, Message, State
from lachan.response.views.names import Names

PAGE_ROWS = 100
"""So many messages stand on one page of the list."""
# Both ask for an answer to the same hold request: only the newest of them counts.
ASKS = frozenset({EventType.HOLD_REQUESTED, EventType.QUERY_UNEXPLAINED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message with the hold it is about (a confirmation and a warning are about a transfer, and have none)."""

    letter: Letter
    envelope: Envelope
    hold: Hold | None
    code: str
    prepared: PreparedReply | None
    # The pay-out list that it asks to pay, or that is taken back and may have been paid by then.
    pay_out: RefundRequest | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether nothing is said in reply."""
        return self.type in READ_ONLY and self.pay_out is None

    @property
    def kind(self) -> str:
        """By which words it is shown."""
        taken_back = self.type is EventType.REQUEST_CANCELLED and self.pay_out is not None
        return "refund_taken_back" if taken_back else self.type.value.replace(".", "_")

    @property
    def type(self) -> EventType:
        """What kind of message."""
        return EventType(self.letter.type)

    @property
    def account(self) -> str:
        """The key of the account it is about."""
        if self.hold is not None:
            return self.hold.account
        if self.pay_out is not None:
            return self.pay_out.account
        data, named = self.envelope.data, ConfirmationRequest | PayerAlert | ReceiptsQuery
        return (data.payer_account or "") if isinstance(data, named) else ""

    @property
    def amount_vnd(self) -> int | None:
        """The amount it is about."""
        data = self.envelope.data
        if isinstance(data, HoldRelease):
            return data.release_vnd
        if isinstance(data, UnexplainedQuery):
            return data.unexplained_vnd
        if self.pay_out is not None:
            return self.pay_out.amount_vnd
        if isinstance(data, PayerAlert):
            return data.amount_vnd
        if isinstance(data, ConfirmationRequest):
            return data.transfer.amount_vnd
        return total(self.hold.asked) if self.hold else None


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """One page of what waits; `total` is how many there are on all pages."""

    items: tuple[Waiting, ...]
    total: int


def waiting_items(conn: Connection, institution: Agency, *, only: Collection[str] | None = None) -> list[Waiting]:
    """Everything that waits: requests to hold first, the largest first (decision 32); the rest by its deadlines.

    `only`: of these messages.
    """
    query = _in_turn(institution)
    if only is not None:
        query = query.where(among(conn, message.c.id, list(only)))
    letters = [message_from_row(row) for row in conn.execute(query)]
    return load(conn, letters, prepared_replies(conn, institution.id))


def waiting_page(conn: Connection, institution: Agency, page: int = 0) -> WaitingPage:
    """The same, a page of it, in the same order."""
    query = _in_turn(institution)
    total_rows = conn.execute(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())).scalar_one()
    rows = conn.execute(query.limit(PAGE_ROWS).offset(page * PAGE_ROWS))
    letters = [message_from_row(row) for row in rows]
    return WaitingPage(tuple(load(conn, letters, prepared_replies(conn, institution.id))), int(total_rows))


def _in_turn(institution: Agency) -> sa.Select[Any]:
    """The open messages in their turn. Of several that ask about one hold only the newest waits, while it runs."""
    hold, newer = tables.hold, message.alias("newer")
    asks = [one.value for one in ASKS]
    mine = message.c.institution.in_(institution.codes)
    overtaken = (
        sa.exists()
        .where(
            newer.c.subject == message.c.subject, newer.c.ordinal > message.c.ordinal, newer.c.type.in_(asks),
            newer.c.closed_at.is_(None), newer.c.institution.in_(institution.codes),
        )
    )  # fmt: skip
    runs = sa.and_(hold.c.id.is_not(None), hold.c.state.not_in([state.value for state in ENDED]), ~overtaken)
    requested = message.c.type == EventType.HOLD_REQUESTED.value
    to_arrive = sa.and_(hold.c.state == HoldState.REQUESTED.value, hold.c.ack_by.is_not(None))
    noticed = sa.and_(message.c.type == EventType.NOTICE_SERVE.value, hold.c.notice_by > message.c.created_at)
    due = sa.case(
        (sa.and_(requested, to_arrive), hold.c.ack_by),
        (requested, sa.func.coalesce(hold.c.answer_by, message.c.due_at)),
        (noticed, hold.c.notice_by),
        else_=message.c.due_at,
    )
    return (
        sa.select(message)
        # By the hold's key: the other way round every message would look at every hold.
        .join(hold, hold.c.id == sa.func.substr(message.c.subject, len("hold:") + 1), isouter=True)
        .where(mine, message.c.closed_at.is_(None), sa.or_(message.c.type.not_in(asks), runs))
        .order_by(sa.case((requested, -hold.c.asked_vnd), else_=1), due, message.c.ordinal)
    )


def load(conn: Connection, letters: list[Letter], prepared: Mapping[str, PreparedReply]) -> list[Waiting]:
    """Messages with what they are about."""
    ids = {letter.subject.partition(":")[2] for letter in letters if letter.subject.startswith("hold:")}
    holds = {one.id: one for one in store.holds(conn, among(conn, tables.hold.c.id, sorted(ids)))}
    codes = {
        row.id: row.code
        for row in conn.execute(
            tables.trace.select()
            .with_only_columns(tables.trace.c.id, tables.trace.c.code)
            .where(among(conn, tables.trace.c.id, sorted({one.trace_id for one in holds.values()})))
        )
    }
    made = []
    for letter in letters:
        envelope = envelope_of(letter)
        hold = holds.get(letter.subject.partition(":")[2])
        data = envelope.data
        code = codes[hold.trace_id] if hold else ""
        if isinstance(data, ConfirmationRequest | ReceiptsQuery):
            code = data.trace_code
        pay_out = _pay_out(conn, letter, data)
        if pay_out is not None:
            code = pay_out.refund_code
        made.append(Waiting(letter, envelope, hold, code, prepared.get(letter.id), pay_out))
    return made


def _pay_out(conn: Connection, letter: Letter, data: EventData) -> RefundRequest | None:
    if isinstance(data, RefundRequest):
        return data
    kind, _, refund_id = letter.subject.partition(":")
    if kind != "refund" or not isinstance(data, RequestCancellation):
        return None
    one = refund(conn, refund_id)
    return request_of(one) if one.unanswered else None


def due_of(one: Waiting) -> tuple[str, Deadline]:
    """What is due (`ack`, `answer`, `execute`, `read`) and by when."""
    sent = one.letter.created_at
    if one.type is EventType.HOLD_REQUESTED and one.hold is not None:
        if one.hold.state is HoldState.REQUESTED and one.hold.ack_by is not None:
            return "ack", Deadline(one.hold.ack_by, sent, 60)
        return "answer", Deadline(one.hold.answer_by or one.letter.due_at, sent, 60)
    data, due = one.envelope.data, one.letter.due_at
    if isinstance(data, UnexplainedQuery | ConfirmationRequest):
        return "answer", Deadline(due, sent, 60)
    if isinstance(data, RefundRequest):
        return "execute", Deadline(due, sent, 3600)
    if one.pay_out is not None:
        return "answer", Deadline(due, sent, 60)
    if one.type is EventType.NOTICE_SERVE:
        notice = one.hold.notice_by if one.hold else None
        return "execute", Deadline(notice if notice and notice > sent else due, sent)
    return "read" if one.is_read_only else "execute", Deadline(due, sent, 60)


def item_row(one: Waiting, names: Names, now: datetime, chosen: str | None) -> InboxItem:
    """One line of the list."""
    word, due = due_of(one)
    return InboxItem(
        key=one.letter.id,
        href=f"/inbox/{one.letter.id}",
        state=state_of(one, now),
        title=Message(f"web.inbox_item.{one.kind}"),
        account=names.identifier(one.account).masked if one.account else "",
        code=one.code,
        amount_vnd=one.amount_vnd,
        aside=None,
        due_word=Message("web.inbox_item.to_confirm" if awaits_second(one) else f"web.inbox_item.due_{word}"),
        due=due,
        chosen=one.letter.id == chosen,
    )


def awaits_second(one: Waiting) -> bool:
    """Whether a prepared reply waits for its second person."""
    return one.prepared is not None and one.prepared.returned_at is None


def state_of(one: Waiting, now: datetime) -> State:
    """How urgent: late, waiting for the own second person, on its way, or only to be read."""
    _, due = due_of(one)
    if due.remaining_s(now) < 0:
        return State.LATE
    if awaits_second(one):
        return State.WAITING
    if one.type in ASKS:
        return State.MOVING
    return State.RETURNED if one.type is EventType.HOLD_RELEASED else State.WAITING
