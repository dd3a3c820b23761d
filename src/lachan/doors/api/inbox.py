"""An institution's inbox: fetch what waits, acknowledge it, answer it. Every reply is signed and idempotent."""

import hashlib
from collections.abc import Callable

from fastapi import APIRouter, Request

from lachan.bootstrap import Services
from lachan.doors.api.identity import BodyOf, Caller, CallerOf, ServicesOf, check_signature, demand
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, WallClock
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    Confirmation,
    InboxItem,
    InboxPage,
    ItemState,
    NoticeServed,
    Receipt,
    ReleaseDone,
    Reply,
    SignatureReason,
    read_acknowledgement,
    read_reply,
    sign,
)
from lachan.foundation.protocol.outbox import (
    Message,
    mark,
    message_by_id,
    open_messages,
    remember,
    remembered,
)
from lachan.foundation.storage import Unit
from lachan.response import (
    acknowledge,
    take_answer,
    take_confirmation,
    take_notice_served,
    take_release_done,
)

router = APIRouter(tags=["inbox"])
ACCEPTED = "accepted"


@router.get("/v1/inbox", response_model=InboxPage, response_model_exclude_none=True)
def inbox(services: ServicesOf, caller: CallerOf, after: int = 0, limit: int = 100) -> InboxPage:
    """Events that wait, oldest first; those that webhooks brought too, until they are dealt with."""
    demand(caller, Permission.INBOX_READ)
    if not (0 <= after < 2**53 and 1 <= limit <= 500):
        raise BadInput(InputReason.MALFORMED, field="limit", expected="after >= 0, 1 <= limit <= 500")
    with services.db.read() as conn:
        waiting = open_messages(conn, caller.codes, after=after, limit=limit)
    wall_now = WallClock().now()
    items = tuple(
        InboxItem(
            id=one.id, state=_state(one), body=one.body,
            headers=sign(one.id, wall_now, one.body.encode(), services.issuer_keys),
        )
        for one in waiting
    )  # fmt: skip
    return InboxPage(items=items, next=str(waiting[-1].ordinal) if len(waiting) == limit else None)


@router.post("/v1/inbox/{item_id}/ack", response_model=Receipt)
def acknowledge_item(
    item_id: str, request: Request, services: ServicesOf, caller: CallerOf, body: BodyOf
) -> Receipt:
    """The event has arrived. Repeating it changes nothing."""
    demand(caller, Permission.INBOX_READ)
    check_signature(services, caller, request.headers, body)
    said = read_acknowledgement(body)

    def take(unit: Unit, item: Message) -> None:
        mark(unit, item.id, acknowledged_at=unit.now)
        if item.subject.startswith("hold:"):
            acknowledge(unit, services.outbox, item.subject[5:], caller.codes, said.received_at)

    return _receive(services, caller, item_id, said.message_id, body, take)


@router.post("/v1/inbox/{item_id}/answer", response_model=Receipt)
def answer_item(item_id: str, request: Request, services: ServicesOf, caller: CallerOf, body: BodyOf) -> Receipt:
    """The answer to an event: a hold's answer, a confirmation, a release done, a notice served."""
    demand(caller, Permission.INBOX_ANSWER)
    signed_id = check_signature(services, caller, request.headers, body)
    reply = read_reply(body)
    if signed_id != reply.message_id:
        raise BadInput(SignatureReason.ID_DIFFERS, field="message_id")

    def take(unit: Unit, item: Message) -> AnswerReason | None:
        refused = _take(services, unit, caller, reply, item)
        if refused is None:
            mark(unit, item.id, closed_at=unit.now, acknowledged_at=unit.now)
        return refused

    return _receive(services, caller, item_id, reply.message_id, body, take)


def _take(services: Services, unit: Unit, caller: Caller, reply: Reply, item: Message) -> AnswerReason | None:
    if item.subject.partition(":")[2] != reply.request_id:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id")
    match reply:
        case Answer():
            return next(iter(take_answer(unit, services.outbox, reply, caller.codes)), None)
        case Confirmation():
            take_confirmation(unit, services.outbox, reply, caller.codes)
        case NoticeServed():
            take_notice_served(unit, services.outbox, reply, caller.codes)
        case ReleaseDone():
            take_release_done(unit, services.outbox, reply, caller.codes)
    return None


def _receive(
    services: Services,
    caller: Caller,
    item_id: str,
    message_id: str,
    body: bytes,
    take: Callable[[Unit, Message], AnswerReason | None],
) -> Receipt:
    """Take a message once: the same one again gets the same outcome, another body under its id is refused."""
    digest = hashlib.sha256(body).hexdigest()
    institution = caller.institution.id
    with services.db.unit(services.clock.now(), caller.actor) as unit:
        known = remembered(unit.conn, message_id)
        if known is not None:
            if known[:2] != (institution, digest):
                raise Conflict(InputReason.IDEMPOTENCY_KEY_REUSED, field="message_id")
            outcome = known[2]
        else:
            item = _item(unit, caller, item_id)
            outcome = take(unit, item) or ACCEPTED
            remember(unit, message_id, institution, digest, outcome)
        now = unit.now
    if outcome != ACCEPTED:
        reason = AnswerReason(outcome)
        raise (Conflict if reason is AnswerReason.SUPERSEDED else BadInput)(reason, field="answer")
    with services.db.read() as conn:
        state = _state(message_by_id(conn, item_id))
    return Receipt(id=item_id, state=state, received_at=now)


def _item(unit: Unit, caller: Caller, item_id: str) -> Message:
    item = message_by_id(unit.conn, item_id)
    if item.institution not in caller.codes:
        # Another institution's message does not exist for this one.
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return item


def _state(one: Message) -> ItemState:
    if one.closed_at is not None:
        return ItemState.ANSWERED
    return ItemState.ACKNOWLEDGED if one.acknowledged_at is not None else ItemState.PENDING
