"""Money placed on hold in a period: what answers confirmed, whatever became of it, a top-up on its own day."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from tests.response.coin_world import COIN_VND
from tests.response.staging import OUTBOX
from tests.response.traces import Traces

from lachan.foundation.protocol import HoldRequest
from lachan.foundation.storage import Database
from lachan.response import expire_hold, store
from lachan.response.views.placed import placed_vnd

A, B = "account:999001:0001", "account:999002:0001"
DAY = timedelta(days=1)


def test_what_was_placed_stays_placed_when_it_has_ended(db: Database) -> None:
    traces = _traces(db)
    one = traces.world.move(A, B, 4)
    begin = traces.world.now - DAY
    traces._report(one)
    # One coin is held, as if the rest could not be had; an hour later they are.
    _answers(traces, least_left=traces.world.worth_vnd(traces.world.free(B)) // COIN_VND - 1)
    first = traces.world.now + timedelta(microseconds=1)
    traces.world.now += timedelta(hours=1)
    _answers(traces)
    later = traces.world.now + timedelta(microseconds=1)
    with db.read() as conn:
        (hold,) = store.holds(conn, sa.true())
    assert hold.expires_at is not None
    assert (_coins(db, begin, first), _coins(db, first, later), _coins(db, begin, later)) == (1, 3, 4)

    traces.world.now = hold.expires_at
    traces._act(lambda unit: expire_hold(unit, OUTBOX, hold.id))
    after = hold.expires_at + DAY
    assert (_coins(db, begin, after), _coins(db, first, after), _coins(db, later, after)) == (4, 3, 0)
    # As it was known before the second answer, and at another desk.
    assert _coins(db, begin, after, known_at=first) == 1
    with db.read() as conn:
        assert placed_vnd(conn, begin, after, after, ["somebody-else"]) == 0


def _coins(db: Database, begin: datetime, until: datetime, known_at: datetime | None = None) -> int:
    with db.read() as conn:
        return placed_vnd(conn, begin, until, known_at or until) // COIN_VND


def _answers(traces: Traces, least_left: int = 0) -> None:
    """The institution answers every request anew."""
    traces._fetch()
    for _, data in traces.waiting:
        if isinstance(data, HoldRequest):
            traces.requests[data.id] = data
    traces.waiting.clear()
    for request in traces._unended():
        traces._hear(traces.world.answer(request, least_left=least_left))


def _traces(db: Database) -> Traces:
    @contextlib.contextmanager
    def same() -> Iterator[Database]:
        yield db

    class OnThisRecord(Traces):
        fresh = staticmethod(same)

    return OnThisRecord()
