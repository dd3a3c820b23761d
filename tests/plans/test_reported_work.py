"""Figures of a report about the plan's own tasks and about activities: equal to a recount, each with its page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from lachan.foundation.base import VIETNAM
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import ReportFieldKind, report_form
from lachan.plans.measures import MEASURES, of_period
from lachan.plans.register.actions import note_plan
from lachan.plans.reporting import Asked, Counted, Gather, figures
from lachan.plans.tasks.actions import accept, approve, report
from tests.conftest import NOON
from tests.factories.plans import BANK, DISTRICT, POLICE, WARD, PlanWorld, build

BEGIN = datetime(2026, 11, 1, tzinfo=VIETNAM).astimezone(UTC)
END = datetime(2026, 12, 1, tzinfo=VIETNAM).astimezone(UTC)


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def count(world: PlanWorld, plan_id: str, name: str, *agencies: str, at: datetime = END) -> Counted:
    ids = tuple(world.agencies[one] for one in agencies)
    with world.db.read() as conn:
        return figures()[name].count(conn, Asked(plan_id, ids, BEGIN, END, at))


def test_tasks_given_done_and_overdue(world: PlanWorld) -> None:
    plan_id = world.in_force()
    tasks = world.tasks(plan_id)
    police = sum(lead == POLICE for _, lead in tasks)
    assert count(world, plan_id, "tasks_given", POLICE).value == police
    assert count(world, plan_id, "tasks_given", POLICE, BANK).value == police + 1
    # What was the ended district's is the ward's.
    assert count(world, plan_id, "tasks_given", WARD).value == sum(lead in {WARD, DISTRICT} for _, lead in tasks)
    assert count(world, "another-plan", "tasks_given", POLICE).value == 0
    one = tasks["III.1.2", POLICE]
    on_its_day, after = (datetime(2026, 11, day, tzinfo=VIETNAM) + timedelta(hours=9) for day in (25, 26))
    before = count(world, plan_id, "tasks_overdue", POLICE, at=on_its_day).value
    late = count(world, plan_id, "tasks_overdue", POLICE, at=after)
    assert (one.due_on, late.value) == (date(2026, 11, 25), Decimal(1) + (before or 0))
    assert late.link == f"/plans/tasks?plan={plan_id}&agency={world.agencies[POLICE]}&only=late"
    assert count(world, plan_id, "tasks_done", POLICE).value == 0
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        accept(unit, one.id)
        report(unit, one.id, "Đã rà soát xong.")
    with world.db.unit(NOON, world.head()) as unit:
        approve(unit, one.id)
    assert count(world, plan_id, "tasks_done", POLICE).value == 1
    assert count(world, plan_id, "tasks_overdue", POLICE, at=after).value == before


def test_the_systems_own_figures_are_of_the_running_period(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, world.at(BANK)) as unit:
        note_plan(unit, plan_id)
    tasks = world.tasks(plan_id)
    quarterly, once = tasks["III.2.1", BANK], tasks["V.1", POLICE]
    with world.db.read() as conn:
        counted = ((MEASURES["plans_noted"], 1), (MEASURES["receipts"], 1))
        assert of_period(conn, quarterly, (1, 13), NOON) == (date(2026, 10, 1), counted)
        next_quarter = replace(quarterly, period_to=date(2027, 3, 31))
        assert of_period(conn, next_quarter, (1,), NOON + timedelta(days=60)) == (date(2027, 1, 1), ())
        assert of_period(conn, once, (1,), NOON)[0] == NOON.astimezone(VIETNAM).date()
        # A demand that nothing measures, and one that has counted nothing.
        assert of_period(conn, quarterly, (5, 53), NOON)[1] == ()


def test_every_line_of_every_form_can_be_counted() -> None:
    lines = [row for row in report_form("standard", date(2026, 6, 1)) if row.kind is ReportFieldKind.FIGURE]
    assert {row.figure for row in lines} <= set(figures())
    assert {"tasks_given", "activity.school_lesson.pupils"} <= {row.figure for row in lines}
    assert figures()["activity.sim_pos_check.violations"].gather is Gather.RECOUNT
