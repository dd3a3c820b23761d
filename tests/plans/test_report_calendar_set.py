"""The calendar of a plan's reports is a setting: its cut-off, its days, and what a later reading leaves alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lachan.foundation.base import BadInput, Conflict, NotAllowed
from lachan.foundation.storage import Database
from lachan.plans import reporting as rep
from lachan.plans.kept import store
from lachan.plans.kept.duties import by_hand, calendar_of, set_duties
from lachan.plans.kept.model import PlanReason
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reporting.rounds import round_of, rounds_of
from tests.conftest import NOON
from tests.factories.plans import POLICE, SCHOOLS, PlanWorld, build, plan_draft

LINE = SourceLine(0, "")
QUARTERS = ReportDuty(ReportPeriod.QUARTER, None, None, None, None, None, LINE)


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def duties(world: PlanWorld, plan: str) -> tuple[ReportDuty, ...]:
    with world.db.read() as conn:
        return store.report_duties(conn, plan)


def put(world: PlanWorld, plan: str, said: list[ReportDuty], now: datetime = NOON, **more: int) -> None:
    with world.db.unit(now, world.at(POLICE)) as unit:
        set_duties(unit, plan, said, "Theo công văn hướng dẫn", **more)


def test_a_cut_off_that_is_set_is_what_the_next_report_counts_to(world: PlanWorld) -> None:
    plan = world.in_force()
    before = duties(world, plan)
    yearly = next(one for one in before if one.period is ReportPeriod.YEAR)
    with world.db.read() as conn:
        assert round_of(conn, plan, "2026-Y").occurrence.covers_to == date(2026, 11, 30)
    with world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        begun = rep.begin(unit, plan, "2026-Y", world.agencies[SCHOOLS])
    put(world, plan, [replace(yearly, covers_from=(11, 16), covers_to=(11, 15)), QUARTERS])
    with world.db.read() as conn:
        one = round_of(conn, plan, "2026-Y").occurrence
        assert (one.covers_from, one.covers_to) == (date(2025, 11, 16), date(2026, 11, 15))
        keys = [each.occurrence.key for each in rounds_of(conn, date(2026, 12, 1), date(2027, 12, 31), plan)]
        ahead = calendar_of(conn, store.find(conn, plan), date(2026, 11, 23))
    assert keys == ["2026-Y", "2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Y", "2027-Q4"]
    assert [each.key for each in ahead.ahead][:2] == keys[:2]
    assert ahead.why == "Theo công văn hướng dẫn"
    # A draft is what it was until it is counted again.
    with world.db.read() as conn:
        assert rep.views.report(conn, world.at(SCHOOLS), NOON, begun.id).report.covers_to == date(2026, 11, 30)


def test_the_order_of_the_duties_is_the_same_on_every_store(world: PlanWorld) -> None:
    plan = world.in_force()
    half, yearly = duties(world, plan)
    months = replace(QUARTERS, period=ReportPeriod.MONTH)
    put(world, plan, [months, QUARTERS, replace(QUARTERS, due=(3, 20)), yearly, half])
    said = [(one.period.value, one.due) for one in duties(world, plan)]
    assert said == [
        ("half_yearly", (6, 5)), ("yearly", (12, 5)), ("monthly", None), ("quarterly", (3, 20)),
        ("quarterly", None),
    ]  # fmt: skip


def test_it_survives_a_later_reading_of_the_document(world: PlanWorld) -> None:
    plan = world.in_force()
    put(world, plan, [QUARTERS])
    world.keep(plan_draft(words={"III.1.2": "Rà soát danh sách."}), b"again")
    assert [one.period for one in duties(world, plan)] == [ReportPeriod.QUARTER]
    put(world, plan, [])
    world.keep(plan_draft(), b"once more")
    assert duties(world, plan) == ()
    with world.db.read() as conn:
        assert by_hand(conn, plan) is not None


def test_the_newest_setting_counts_whatever_an_older_one_says_of_a_later_day(world: PlanWorld) -> None:
    """A calendar is ended from the day after a begun report on; then somebody sets it anew, from today on."""
    plan = world.in_force()
    with world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        rep.begin(unit, plan, "2026-Y", world.agencies[SCHOOLS])
    put(world, plan, [])
    with world.db.read() as conn:
        assert rounds_of(conn, date(2027, 1, 1), date(2027, 12, 31), plan) == []
    put(world, plan, [QUARTERS], NOON + timedelta(minutes=1))
    with world.db.read() as conn:
        keys = [each.occurrence.key for each in rounds_of(conn, date(2027, 1, 1), date(2027, 12, 31), plan)]
    assert keys == ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]


def test_without_a_hand_the_newest_reading_says_it(world: PlanWorld) -> None:
    plan = world.in_force()
    world.keep(replace(plan_draft(), reports=(QUARTERS,)), b"again")
    assert [one.period for one in duties(world, plan)] == [ReportPeriod.QUARTER]


def test_what_is_refused(world: PlanWorld) -> None:
    plan = world.in_force()
    with pytest.raises(BadInput) as twice:
        put(world, plan, [QUARTERS, QUARTERS])
    assert twice.value.reason is PlanReason.DUTY_TWICE
    with pytest.raises(Conflict):
        put(world, plan, [QUARTERS], version=0)
    with pytest.raises(NotAllowed), world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        set_duties(unit, plan, [], "không phải của mình")
    with pytest.raises(BadInput), world.db.unit(NOON, world.at(POLICE)) as unit:
        set_duties(unit, plan, [QUARTERS], "  ")
    assert len(duties(world, plan)) == 2
