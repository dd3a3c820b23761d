"""Public figures of the past change at a month's close only, and never by the change of one report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.registry.world import build

from lachan.foundation.base import SYSTEM, Language, new_id, new_reference_code
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import threshold
from lachan.foundation.trail import tables as trail
from lachan.intake.tables import report
from lachan.outreach import statistics, sweep
from lachan.outreach.statistics import told_sum
from lachan.response.tables import trace

OCTOBER = date(2026, 10, 1)
A_MONTH = timedelta(days=30)


@dataclass
class Desk:
    """Traced reports of October, whose money moves on."""

    db: Database
    traces: list[str] = field(default_factory=list)

    def traced(self, count: int, at: datetime = NOON - A_MONTH) -> None:
        zeros = {c.name: 0 for c in trace.c if c.name.endswith("_vnd")}
        with self.db.unit(NOON, SYSTEM) as unit:
            for place in range(count):
                told = {
                    "id": new_id(), "code": new_reference_code(), "secret_hash": new_id(), "channel": "web",
                    "status": "received", "situation": "scam", "filed_by": "public:public",
                    "language": Language.VI.value, "consent": True, "received_at": at + timedelta(seconds=place),
                }  # fmt: skip
                unit.conn.execute(sa.insert(report), told)
                row = {
                    **zeros, "id": new_id(), "report_id": told["id"], "code": new_reference_code("TV"),
                    "state": "tracked", "opened_at": told["received_at"], "first_transfer_at": told["received_at"],
                    "moving_vnd": 100,
                }  # fmt: skip
                unit.conn.execute(sa.insert(trace), row)
                self.traces.append(str(row["id"]))

    def give_back(self, places: Sequence[int], each_vnd: int) -> None:
        with self.db.unit(NOON, SYSTEM) as unit:
            for place in places:
                query = sa.update(trace).where(trace.c.id == self.traces[place])
                unit.conn.execute(query.values(returned_vnd=each_vnd, moving_vnd=100 - each_vnd))

    def october(self, now: datetime) -> statistics.Month:
        sweep(self.db, now)
        with self.db.read() as conn:
            return next(one for one in statistics.months(conn) if one.first == OCTOBER)

    def closings(self) -> int:
        with self.db.read() as conn:
            query = sa.select(sa.func.count()).where(trail.fact.c.kind == "outreach.months_closed")
            return int(conn.execute(query).scalar_one())


@pytest.fixture
def desk(db: Database) -> Desk:
    build(db)
    return Desk(db)


def test_a_past_month_stands_still_until_the_next_close(desk: Desk) -> None:
    desk.traced(8)
    desk.give_back(range(6), 10)
    first = desk.october(NOON)
    assert (first.reports, first.reported_vnd, first.returned_vnd) == (8, 800, 60)
    desk.give_back(range(8), 50)
    for days in range(1, 12):
        assert desk.october(NOON + timedelta(days=days)) == first, "whoever looks each day learns nothing"
    assert desk.closings() == 1
    then = desk.october(NOON + A_MONTH)
    assert (then.reported_vnd, then.returned_vnd) == (800, 400)
    assert desk.closings() == 2


def test_one_report_moves_no_published_sum(desk: Desk) -> None:
    desk.traced(12)
    desk.give_back(range(6), 10)
    assert desk.october(NOON).returned_vnd == 60
    desk.give_back([11], 77)
    assert desk.october(NOON + A_MONTH).returned_vnd == 60, "the difference would be that person's money"
    desk.give_back([7, 8, 9], 5)
    assert desk.october(NOON + 2 * A_MONTH).returned_vnd == 60, "four, of whom one was there before"
    desk.give_back([10], 5)
    assert desk.october(NOON + 3 * A_MONTH).returned_vnd == 60 + 77 + 20


def test_a_month_of_few_reports_is_never_told(desk: Desk) -> None:
    desk.traced(4)
    assert desk.october(NOON).hidden
    assert desk.october(NOON + A_MONTH).hidden


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=9, max_size=9), min_size=2, max_size=6),
)
def test_two_told_values_differ_by_the_changes_of_enough_reports(states: list[list[int]]) -> None:
    """However the money of nine reports moves from close to close."""
    least = threshold("public_cell", NOON)
    known: dict[str, int] = {}
    told: list[tuple[int, dict[str, int]]] = []
    said = None
    for amounts in states:
        current = {str(at): amount for at, amount in enumerate(amounts)}
        said, new = told_sum(current, known, said, least)
        if new:
            assert said is not None
            known = current
            told.append((said, current))
        if said is not None:
            assert said == told[-1][0]
    for value, current in told:
        behind = sum(1 for amount in current.values() if amount)
        assert not behind or least.reached(behind)
        assert value == sum(current.values())
    for (_, one), (_, other) in pairwise(told):
        assert least.reached(sum(1 for key in one if one[key] != other[key]))
