"""What an institution says of a release: recorded, and compared with what was asked."""

from collections.abc import Collection

import sqlalchemy as sa

from lachan.foundation.base import BadInput, NotFound
from lachan.foundation.protocol import AnswerReason, EventType, HoldRelease, ReleaseDone, read_envelope, total
from lachan.foundation.protocol.outbox import Outbox, message
from lachan.foundation.storage import Unit, cancel
from lachan.foundation.trail import append
from lachan.response import store
from lachan.response.actions.spent import end_tasks
from lachan.response.actions.tasks import close_task, open_telephone_task
from lachan.response.actions.work import wait_turn, working
from lachan.response.rules.tasks import RELEASE_DIFFERS, RELEASE_UNCONFIRMED


def take_release_done(unit: Unit, outbox: Outbox, reply: ReleaseDone, codes: Collection[str]) -> None:
    """The institution freed money. If it still holds another amount than it should, somebody telephones."""
    wait_turn(unit)
    try:
        hold = store.hold(unit.conn, reply.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    if hold.institution not in codes:
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    expected = total(hold.held)
    said = {"released_vnd": reply.released_vnd, "held_vnd": reply.held_vnd, "expected_vnd": expected}
    append(unit, "release.done", f"hold:{hold.id}", said, happened_at=min(reply.released_at, unit.now))
    end_tasks(unit, "release.done", f"hold:{hold.id}", said)
    _stop_chase(unit, hold.id, reply.request_revision)
    if reply.held_vnd != expected and reply.request_revision >= hold.revision:
        with working(unit, outbox, hold.trace_id) as work:
            open_telephone_task(work, hold, abs(reply.held_vnd - expected), RELEASE_DIFFERS)


def _stop_chase(unit: Unit, hold_id: str, revision: int) -> None:
    """The releases up to this revision are confirmed: nobody need go after them any more."""
    query = sa.select(message).where(
        message.c.subject == f"hold:{hold_id}", message.c.type == EventType.HOLD_RELEASED.value
    )
    for row in unit.conn.execute(query).all():
        data = read_envelope(row.body.encode()).data
        if isinstance(data, HoldRelease) and data.revision <= revision:
            cancel(unit, f"release:{row.id}")
            close_task(unit, f"{RELEASE_UNCONFIRMED}:{row.id}", "confirmed")
