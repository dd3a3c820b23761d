"""Telling an institution: by message; where nobody there fetches it, by telephone with a signed letter."""

from lachan.foundation.protocol import (
    HoldConversion,
    HoldExtension,
    HoldRelease,
    NoticeToServe,
    RequestCancellation,
    UnexplainedQuery,
)
from lachan.foundation.protocol.connections import is_connected
from lachan.foundation.protocol.outbox import Outbox, envelope_of, message_by_id
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import Work, working
from lachan.response.model import Hold
from lachan.response.rules.tasks import RELEASE_UNCONFIRMED, TELL

AboutHold = HoldRelease | HoldExtension | HoldConversion | RequestCancellation | NoticeToServe | UnexplainedQuery


def reachable(work: Work, hold: Hold) -> bool:
    """Whether somebody at the institution fetches messages."""
    return hold.institution is not None and reaches(work, hold.institution)


def reaches(work: Work, code: str) -> bool:
    """Whether messages reach the institution known by `code`; asked once a transaction."""
    return work.unit.once(("connected", code), lambda: is_connected(work.unit.conn, code))


def tell(
    work: Work, hold: Hold, data: AboutHold, *, amount_vnd: int, kind: str = TELL, reason: str | None = None
) -> str | None:
    """Send a message about a hold; returns its id.

    Where nobody fetches it, it is also a task of this kind: somebody telephones, with the message as a signed
    letter in hand. Its key ends with the message's id, or with the hold's revision where no institution is known.
    """
    message_id = None
    if hold.institution is not None:
        message_id = work.outbox.send(work.unit, hold.institution, f"hold:{hold.id}", data, priority=amount_vnd)
    if not reachable(work, hold):
        open_task(
            work, kind, f"{kind}:{message_id or f'{hold.id}.{hold.revision}'}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=amount_vnd, reason=reason,
            due_at=clock("hop_answer", work.unit.now).deadline(work.unit.now), trace_id=hold.trace_id,
        )  # fmt: skip
    return message_id


def await_release(work: Work, hold: Hold, message_id: str | None) -> None:
    """A connected institution confirms each release in time, or somebody goes after it: it is a person's money."""
    if message_id is not None and reachable(work, hold):
        enqueue(
            work.unit, "release_overdue", {"hold_id": hold.id, "message_id": message_id},
            key=f"release:{message_id}",
            due_at=clock("release_confirmation", work.unit.now).deadline(work.unit.now),
        )  # fmt: skip


def release_overdue(unit: Unit, outbox: Outbox, hold_id: str, message_id: str) -> None:
    """A release was not confirmed in time: somebody telephones, with the letter in hand."""
    one = message_by_id(unit.conn, message_id)
    if one.closed_at is not None:
        return
    hold = store.hold(unit.conn, hold_id)
    with working(unit, outbox, hold.trace_id) as work:
        due_at = clock("follow_up_urgent", unit.now).deadline(unit.now)
        data = envelope_of(one).data
        amount_vnd = data.release_vnd if isinstance(data, HoldRelease) else 0
        if open_task(
            work, RELEASE_UNCONFIRMED, f"{RELEASE_UNCONFIRMED}:{message_id}", hold_id=hold.id,
            institution=hold.institution, amount_vnd=amount_vnd, due_at=due_at,
        ):  # fmt: skip
            work.fact("release.unconfirmed", f"hold:{hold.id}", {"message": message_id, "amount_vnd": amount_vnd})
