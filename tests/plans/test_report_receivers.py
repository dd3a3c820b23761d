"""A report that a plan has sent to several bodies: read, sent once, seen by each, late or missing once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from lachan.foundation.access import Role
from lachan.foundation.base import Actor, NotAllowed, NotFound
from lachan.foundation.storage import Database, Unit
from lachan.plans.kept.actions import approve_plan, set_consolidator
from lachan.plans.model import PlanDraft, ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reading import read_plan, receivers_of
from lachan.plans.reporting import Standing, approve, begin, consolidate, give_back, submit, views
from lachan.plans.reporting.model import Round
from lachan.plans.reporting.rounds import round_of, rounds_of
from lachan.plans.reporting.rules import day_before
from tests.conftest import NOON
from tests.factories.plans import BANK, POLICE, SCHOOLS, SCIENCE, WARD, PlanWorld, build, plan_draft
from tests.factories.reporting import fill
from tests.plans.test_published_plans import source

LINE = SourceLine(40, "Định kỳ 06 tháng báo cáo.")
BEGUN = datetime(2027, 6, 1, 3, tzinfo=UTC)
HALF = "2027-H1"


def duty(period: ReportPeriod, due: tuple[int, int] | None, sender: str | None, receiver: str) -> ReportDuty:
    return ReportDuty(period, due, None, None, sender, receiver, LINE)


def draft() -> PlanDraft:
    """Everybody reports to the ward through the police, and to the science department; the police to the bank."""
    half, month = ReportPeriod.HALF_YEAR, ReportPeriod.MONTH
    return replace(
        plan_draft(),
        reports=(
            duty(half, (6, 5), None, f"{WARD} (qua {POLICE}), {SCIENCE}"),
            duty(half, None, POLICE, BANK),
            duty(month, None, SCIENCE, SCHOOLS),
            duty(month, None, SCHOOLS, BANK),
            duty(ReportPeriod.YEAR, (12, 5), None, POLICE),
        ),
    )


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def rounds(world: PlanWorld, since: date, until: date) -> dict[str, Round]:
    with world.db.read() as conn:
        return {one.occurrence.key: one for one in rounds_of(conn, since, until)}


def names(world: PlanWorld, ids: tuple[str, ...]) -> tuple[str, ...]:
    known = {agency_id: name for name, agency_id in world.agencies.items()}
    return tuple(known[one] for one in ids)


@pytest.mark.parametrize(
    ("told", "receivers"),
    [
        ("UBND Thành phố (qua Công an Thành phố)", ("Công an Thành phố", "UBND Thành phố")),
        ("Chính phủ (qua Bộ Công an), Thành ủy", ("Bộ Công an", "Chính phủ", "Thành ủy")),
        ("Công an tỉnh", ("Công an tỉnh",)),
        ("UBND tỉnh, Bộ Công an", ("UBND tỉnh", "Bộ Công an")),
        ("UBND tỉnh (qua Công an tỉnh) và Sở Khoa học và Công nghệ",
         ("Công an tỉnh", "UBND tỉnh", "Sở Khoa học và Công nghệ")),
        (None, ()),
    ],
)  # fmt: skip
def test_who_gets_a_report(told: str | None, receivers: tuple[str, ...]) -> None:
    assert receivers_of(told) == receivers


@pytest.mark.parametrize(
    ("sentence", "receivers"),
    [
        ("báo cáo kết quả về Công an tỉnh và Sở Khoa học và Công nghệ để tổng hợp",
         ("Công an tỉnh", "Sở Khoa học và Công nghệ")),
        ("báo cáo kết quả gửi về UBND tỉnh (qua Công an tỉnh), Sở Tài chính để theo dõi",
         ("Công an tỉnh", "UBND tỉnh", "Sở Tài chính")),
        ("báo cáo kết quả gửi Công an tỉnh, đồng thời gửi Sở Tài chính", ("Công an tỉnh", "Sở Tài chính")),
        ("báo cáo kết quả về Công an tỉnh", ("Công an tỉnh",)),
    ],
)  # fmt: skip
def test_a_sentence_with_two_receivers_is_read_whole(sentence: str, receivers: tuple[str, ...]) -> None:
    text = (
        "ỦY BAN NHÂN DÂN TỈNH SƠN HÀ\nSố: 9/KH-UBND\nKẾ HOẠCH\nPhòng ngừa lừa đảo\n\nI. TỔ CHỨC\n"
        f"1. Các sở, ban, ngành định kỳ 06 tháng (trước ngày 05/6) {sentence}."
    )
    (one,) = read_plan(text.encode(), "p.txt").reports
    assert receivers_of(one.receiver) == receivers


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("cao-bang", {("Công an tỉnh",)}),
        ("ha-noi", {("Công an Thành phố", "UBND Thành phố"), ("Bộ Công an", "Chính phủ", "Thành ủy")}),
    ],
)
def test_the_published_plans_name_all_of_theirs(plan: str, said: set[tuple[str, ...]], test_data: Path) -> None:
    found = read_plan(source(test_data, plan).encode(), "plan.txt").reports
    assert {receivers_of(one.receiver) for one in found} == said


def test_each_report_goes_to_all_whom_the_plan_names(world: PlanWorld) -> None:
    world.in_force(draft())
    found = rounds(world, date(2026, 12, 1), date(2027, 6, 30))
    half, year, month = found[HALF], found["2026-Y"], found["2027-M01"]
    assert (names(world, half.receivers), names(world, half.onward)) == ((POLICE, WARD, SCIENCE), (BANK,))
    assert (names(world, year.receivers), year.onward) == ((POLICE,), ())
    assert (names(world, month.receivers), names(world, month.senders)) == ((SCHOOLS,), (SCIENCE,))
    again = found["2027-M01.4"]
    assert (names(world, again.receivers), names(world, again.senders)) == ((BANK,), (SCHOOLS,))
    with world.db.read() as conn:
        assert round_of(conn, again.plan_id, "2027-M01.4") == again
        for wrong in ("2027-M01.9", "2027-M01.", "2027-H1.4", "2027-M01.4.4"):
            with pytest.raises(NotFound):
                round_of(conn, again.plan_id, wrong)
    assert set(half.senders) == set(year.senders) > set(month.senders)
    assert len([one for one in found if one.startswith(HALF)]) == 1, "the police's own is the gathered one"


def test_who_is_named_as_sender_owes_it_alone_though_it_leads_nothing(world: PlanWorld) -> None:
    own = duty(ReportPeriod.MONTH, None, SCHOOLS, POLICE)
    plan = plan_draft(leave=("III.4.1",))
    world.in_force(replace(plan, reports=(*plan.reports, own)))
    found = rounds(world, date(2026, 11, 20), date(2026, 12, 31))
    assert names(world, found["2026-M12"].senders) == (SCHOOLS,)
    assert world.agencies[SCHOOLS] not in found["2026-Y"].senders


def test_a_single_request_asks_everybody_and_not_who_sends_the_years_last_report(world: PlanWorld) -> None:
    last = duty(ReportPeriod.MONTH, None, SCIENCE, POLICE)
    plan_id = world.in_force(replace(plan_draft(), reports=(*plan_draft().reports, last)))
    found = rounds(world, date(2026, 11, 20), date(2026, 12, 31))
    assert names(world, found["2026-M12"].senders) == (SCIENCE,)
    with world.db.read() as conn:
        asked = views.askable(conn, world.at(POLICE), NOON)
        assert views.askable(conn, world.at(SCHOOLS), NOON) == {}
    assert set(asked) == {plan_id}
    assert asked[plan_id][1] == found["2026-Y"].senders
    assert len(asked[plan_id][1]) > 3


def test_who_gathers_by_a_persons_word_stands_for_the_first_receiver(world: PlanWorld) -> None:
    plan_id = world.in_force(draft())
    with world.db.unit(BEGUN, world.head()) as unit:
        set_consolidator(unit, plan_id, world.agencies[SCHOOLS], None)
    half = rounds(world, date(2028, 6, 1), date(2028, 6, 30))["2028-H1"]
    assert names(world, half.receivers) == (SCHOOLS, WARD, SCIENCE)


def test_one_report_is_seen_by_each_decided_once_and_late_once(world: PlanWorld) -> None:
    plan_id = world.in_force(draft())
    due = rounds(world, date(2027, 6, 1), date(2027, 6, 30))[HALF].occurrence.due_at
    assert day_before(due) == date(2027, 6, 4)

    def hand_in(name: str, at: datetime) -> str:
        with world.db.unit(at, world.at(name)) as unit:
            report = fill(unit, begin(unit, plan_id, HALF, world.agencies[name]))
            return submit(unit, report.id).id

    first, late = hand_in(SCIENCE, BEGUN), hand_in(SCHOOLS, due + timedelta(hours=1))
    now = due + timedelta(days=1)

    def seen(actor: Actor) -> views.RoundView:
        with world.db.read() as conn:
            listed = views.calendar(conn, actor, now, date(2027, 6, 1), date(2027, 6, 30))
            (one,) = [each for each in listed if each.round.occurrence.key == HALF]
            assert one == views.one_round(conn, actor, now, plan_id, HALF)
        return one

    whole = seen(world.at(POLICE))
    assert len({one.agency_id for one in whole.owed}) == len(whole.owed)
    assert (sum(one.late for one in whole.owed), whole.count(Standing.SUBMITTED)) == (1, 2)
    assert whole.count(Standing.MISSING) == len(whole.owed) - 2
    for name in (WARD, SCIENCE):
        assert seen(world.at(name)).owed == whole.owed, "each receiver sees the same, once"
        with world.db.read() as conn:
            assert views.report(conn, world.at(name), now, late).report.id == late
        acts: tuple[Callable[[Unit], object], ...] = (
            lambda unit: approve(unit, late), lambda unit: give_back(unit, late, "x"),
            lambda unit: consolidate(unit, plan_id, HALF),
        )  # fmt: skip
        for act in acts:
            with pytest.raises(NotAllowed), world.db.unit(now, world.head(name)) as unit:
                act(unit)
    leader = Actor(world.head().kind, "l", None, frozenset({Role.LEADER.value}))
    assert seen(leader).owed == whole.owed, "who sees all sees one round, not one for each receiver"
    assert [one.agency_id for one in seen(world.at(SCHOOLS)).owed] == [world.agencies[SCHOOLS]]
    with world.db.read() as conn, pytest.raises(NotAllowed):
        views.report(conn, world.at(SCHOOLS), now, first)
    with world.db.unit(now, world.at(POLICE)) as unit:
        gathered = fill(unit, consolidate(unit, plan_id, HALF))
    with world.db.read() as conn, pytest.raises(NotAllowed):
        views.report(conn, world.at(BANK), now, gathered.id)
    assert seen(world.at(BANK)).gathered is None
    with world.db.unit(now, world.at(POLICE)) as unit:
        submit(unit, gathered.id)
    with world.db.read() as conn:
        assert views.report(conn, world.at(BANK), now, gathered.id).report.id == gathered.id
        with pytest.raises(NotAllowed):
            views.report(conn, world.at(BANK), now, first)
    for name in (BANK, WARD):
        found = seen(world.at(name)).gathered
        assert found is not None
        assert found.id == gathered.id


def test_a_plan_read_again_without_a_change_sets_no_new_calendar(world: PlanWorld) -> None:
    from lachan.plans.reporting import store

    plan_id = world.in_force(draft())
    for _ in range(2):
        with world.db.unit(BEGUN, world.head()) as unit:
            approve_plan(unit, plan_id, rest_to_consolidator=True)
    with world.db.read() as conn:
        assert len(store.calendars(conn, plan_id)) == 1
