"""An institution's inbox: fetch what waits, acknowledge it, answer it. Every reply is signed and idempotent."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.engine import Connection

from lachan.bootstrap import Services
from lachan.doors.api.bodies import JsonOf
from lachan.doors.api.describe import needs, signed_body
from lachan.doors.api.identity import Caller, CallerOf, ServicesOf, demand, signed_message
from lachan.doors.api.once import Taken, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, WallClock
from lachan.foundation.protocol import (
    Acknowledgement,
    Answer,
    AnswerReason,
    Confirmation,
    InboxItem,
    InboxPage,
    ItemState,
    NoticeServed,
    Receipt,
    ReceiptsTold,
    RefundDone,
    ReleaseDone,
    read_acknowledgement,
    read_reply,
    sign,
)
from lachan.foundation.protocol.outbox import Message, message_by_id, open_messages
from lachan.foundation.storage import Unit
from lachan.response import take_acknowledgement, take_reply, wait_turn

router = APIRouter(tags=["inbox"])
ACCEPTED = "accepted"
_ITEM_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_CURSOR = r"^[0-9]{1,15}$"

ItemId = Annotated[
    str,
    Path(
        description="The event's `message_id`.",
        json_schema_extra={"pattern": _ITEM_ID},
        openapi_examples={"event": {"value": "019a9d5e-7c10-7d2a-9a55-0f6a5f0c1b2e"}},
    ),
]
After = Annotated[str, Query(pattern=_CURSOR, description="The cursor that the page before named in `next`.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many events at most.")]


@router.get(
    "/v1/inbox", response_model=InboxPage, response_model_exclude_none=True, openapi_extra=needs(Scope.INBOX)
)
def inbox(services: ServicesOf, caller: CallerOf, after: After = "0", limit: Limit = 100) -> InboxPage:
    """Events that wait, oldest first; those that webhooks brought too, until they are dealt with."""
    demand(caller, Permission.INBOX_READ)
    with services.db.read() as conn:
        waiting = open_messages(conn, caller.codes, after=int(after), limit=limit)
    wall_now = WallClock().now()
    items = tuple(
        InboxItem(
            id=one.id, state=_state(one), body=one.body,
            headers=sign(one.id, wall_now, one.body.encode(), services.issuer_keys),
        )
        for one in waiting
    )  # fmt: skip
    return InboxPage(items=items, next=str(waiting[-1].ordinal) if len(waiting) == limit else None)


@router.post(
    "/v1/inbox/{item_id}/ack", response_model=Receipt, openapi_extra=signed_body(Scope.INBOX, Acknowledgement)
)
def acknowledge_item(
    item_id: ItemId, request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf
) -> Response:
    """The event has arrived. Repeating it changes nothing."""
    demand(caller, Permission.INBOX_READ)
    said = signed_message(services, caller, request.headers, body, read_acknowledgement)

    def take(unit: Unit, item: Message) -> None:
        take_acknowledgement(unit, services.outbox, item, said.request_id, caller.codes, said.received_at)

    return _receive(services, caller, request, item_id, said.message_id, body, take)


@router.post(
    "/v1/inbox/{item_id}/answer",
    response_model=Receipt,
    openapi_extra=signed_body(
        Scope.ANSWER, Answer, Confirmation, ReleaseDone, NoticeServed, RefundDone, ReceiptsTold
    ),
)
def answer_item(
    item_id: ItemId, request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf
) -> Response:
    """The answer to an event: a hold's answer, a confirmation, receipts, a release, notice or refund done."""
    demand(caller, Permission.INBOX_ANSWER)
    reply = signed_message(services, caller, request.headers, body, read_reply)

    def take(unit: Unit, item: Message) -> AnswerReason | None:
        return take_reply(unit, services.outbox, item, reply, caller.codes)

    return _receive(services, caller, request, item_id, reply.message_id, body, take)


def _receive(
    services: Services,
    caller: Caller,
    request: Request,
    item_id: str,
    message_id: str,
    body: bytes,
    take: Callable[[Unit, Message], AnswerReason | None],
) -> Response:
    """Take a reply once. A refusal of its content is an outcome too: it is recorded, and repeated."""

    def receipt(conn: Connection, at: datetime) -> Receipt:
        return Receipt(id=item_id, state=_state(message_by_id(conn, item_id)), received_at=at)

    def attempt(unit: Unit) -> Taken:
        wait_turn(unit)
        refused = take(unit, _item(unit, caller, item_id))
        if refused is not None:
            return Taken(refused.value, None)
        return Taken(ACCEPTED, receipt(unit.conn, unit.now))

    def anew(at: datetime) -> Receipt:
        with services.db.read() as conn:
            return receipt(conn, at)

    done = once(services, caller, request, message_id, body, attempt)
    if done.outcome != ACCEPTED:
        reason = AnswerReason(done.outcome)
        raise (Conflict if reason is AnswerReason.SUPERSEDED else BadInput)(reason, field="answer")
    return done.response(200, anew)


def _item(unit: Unit, caller: Caller, item_id: str) -> Message:
    if re.fullmatch(_ITEM_ID, item_id) is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    item = message_by_id(unit.conn, item_id)
    if item.institution not in caller.codes:
        # Another institution's message does not exist for this one.
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return item


def _state(one: Message) -> ItemState:
    if one.closed_at is not None:
        return ItemState.ANSWERED
    return ItemState.ACKNOWLEDGED if one.acknowledged_at is not None else ItemState.PENDING
