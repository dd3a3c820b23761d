"""A plan is read again: what its document no longer says, or says otherwise; who reads it for an ended keeper."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import OPERATOR, Role, end_agency
from lachan.foundation.base import Conflict
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail.tables import fact
from lachan.plans.kept import store
from lachan.plans.kept.actions import approve_plan, cancel_plan, correct, drop_clause, keep_clause
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import Clause, ClauseField, Document, PlanReason
from lachan.plans.model import Recurrence
from lachan.plans.tasks import store as task_store
from lachan.plans.tasks.actions import accept, approve, report, start
from lachan.plans.tasks.model import TaskState
from lachan.plans.views import lists
from lachan.plans.views.sight import sight_of
from tests.conftest import NOON
from tests.factories.plans import BANK, POLICE, SCHOOLS, SCIENCE, PlanWorld, build, plan_draft


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def clauses(world: PlanWorld, plan_id: str) -> dict[str, Clause]:
    with world.db.read() as conn:
        return {one.ref: one for one in store.clauses(conn, plan_id)}


def facts(conn: Connection, subject: str, kind: str) -> list[dict[str, object]]:
    """What the trail says of a subject."""
    query = sa.select(fact.c.data).where(fact.c.subject == subject, fact.c.kind == kind)
    return [dict(row.data) for row in conn.execute(query.order_by(fact.c.id))]


def test_a_clause_that_a_new_reading_lacks_waits_for_a_decision(world: PlanWorld) -> None:
    plan_id = world.in_force()
    for act, ref in (("keep", "III.4.1"), ("drop", "III.1.2")):
        assert not clauses(world, plan_id)[ref].undecided
        with world.db.unit(NOON, world.at(POLICE)) as unit, pytest.raises(Conflict) as refused:
            keep_clause(unit, clauses(world, plan_id)[ref].id, "x")
        assert refused.value.reason is PlanReason.CLAUSE_NOT_GONE, act
    gone = ("III.1.2", "III.4.1")
    world.keep(plan_draft(leave=gone))
    assert tuple(ref for ref, one in clauses(world, plan_id).items() if one.undecided) == gone
    assert world.tasks(plan_id)["III.4.1", SCHOOLS].state is TaskState.GIVEN
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        keep_clause(unit, clauses(world, plan_id)["III.4.1"].id, "Sở vẫn làm theo chương trình năm học.")
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        drop_clause(unit, clauses(world, plan_id)["III.1.2"].id, "đã xong ở kế hoạch khác")
    assert not any(one.undecided for one in clauses(world, plan_id).values())
    assert world.tasks(plan_id)["III.4.1", SCHOOLS].state is TaskState.GIVEN
    ended = world.tasks(plan_id)["III.1.2", POLICE]
    with world.db.read() as conn:
        steps = [(one.verb.value, one.words) for one in task_store.steps(conn, ended.id)]
    assert steps == [("give", ""), ("cancel", "đã xong ở kế hoạch khác")], "what is dropped keeps its history"
    # Another reading without it asks no second time; one that has it again does, once it lacks it anew.
    world.keep(plan_draft(leave=gone), b"third")
    assert not clauses(world, plan_id)["III.4.1"].undecided
    world.keep(plan_draft(), b"fourth")
    assert clauses(world, plan_id)["III.1.2"].dropped, "a person's word outlives what is read"
    world.keep(plan_draft(leave=gone), b"fifth")
    assert [ref for ref, one in clauses(world, plan_id).items() if one.undecided] == ["III.4.1"]


@pytest.mark.parametrize(
    ("ref", "lead", "deadline", "recurrence", "due"),
    [
        ("III.2.1", BANK, None, (Recurrence.MONTHLY,), date(2026, 11, 30)),  # quarterly before
        ("III.3.1", SCIENCE, None, (Recurrence.QUARTERLY,), date(2026, 12, 31)),  # monthly before
        ("III.3.1", SCIENCE, None, (), None),
        ("III.1.1", POLICE, None, (Recurrence.WEEKLY,), date(2026, 11, 22)),  # it lasted, without a day
        ("III.2.1", BANK, date(2026, 12, 9), (Recurrence.QUARTERLY,), date(2026, 12, 9)),
        ("III.1.2", POLICE, date(2026, 12, 30), (), date(2026, 12, 30)),
    ],
)
def test_a_new_reading_dates_open_tasks_anew(
    world: PlanWorld,
    ref: str,
    lead: str,
    deadline: date | None,
    recurrence: tuple[Recurrence, ...],
    due: date | None,
) -> None:
    plan_id = world.in_force()
    before = world.tasks(plan_id)[ref, lead]
    draft = plan_draft()
    tasks = tuple(
        replace(one, deadline=deadline, recurrence=recurrence) if one.ref == ref else one for one in draft.tasks
    )
    world.keep(replace(draft, tasks=tasks))
    assert world.tasks(plan_id)[ref, lead].due_on == before.due_on, "what nobody approved changes nothing"
    for _ in range(2):
        with world.db.unit(NOON, world.head()) as unit:
            approve_plan(unit, plan_id, rest_to_consolidator=True)
    assert world.tasks(plan_id)[ref, lead].due_on == due
    with world.db.read() as conn:
        told = [one.details for one in task_store.steps(conn, before.id) if one.verb.value == "set_deadline"]
        sealed = facts(conn, f"plan_task:{before.id}", "plan_task.deadline_set")
    was, to = (each.isoformat() if each else None for each in (before.due_on, due))
    assert told == [{"was": was, "to": to}], "once, and the old day is kept"
    assert [(one["details"], one["due_on"]) for one in sealed] == [({"was": was, "to": to}, to)]


def test_a_report_that_waits_is_of_the_period_that_was(world: PlanWorld) -> None:
    """Else the period that runs when the plan is read anew would pass for reported, and its report be lost."""
    plan_id = world.in_force()
    task = world.tasks(plan_id)["III.2.1", BANK]
    for act in (accept, start):
        with world.db.unit(NOON, world.at(BANK)) as unit:
            act(unit, task.id)
    with world.db.unit(NOON, world.at(BANK)) as unit:
        report(unit, task.id, "Quý IV.")
    draft, monthly = plan_draft(), (Recurrence.MONTHLY,)
    rows = tuple(replace(one, recurrence=monthly) if one.ref == "III.2.1" else one for one in draft.tasks)
    world.keep(replace(draft, tasks=rows))
    january = NOON + timedelta(days=55)
    with world.db.unit(january, world.head()) as unit:
        approve_plan(unit, plan_id, rest_to_consolidator=True)
    waits = world.tasks(plan_id)["III.2.1", BANK]
    assert (waits.period_to, waits.recurrence) == (date(2026, 12, 31), monthly)
    with world.db.unit(january, world.at(POLICE)) as unit:
        assert approve(unit, task.id).due_on == date(2027, 1, 31)


@pytest.mark.parametrize("by", ["reading", "correction", "plan"])
@pytest.mark.parametrize(
    ("every", "following"),
    [
        ((Recurrence.MONTHLY,), date(2027, 1, 31)),
        ((Recurrence.HALF_YEARLY,), date(2027, 6, 30)),
        ((Recurrence.CONTINUOUS,), None),
    ],
)
def test_a_period_that_went_by_stays_overdue_under_another_rhythm(
    world: PlanWorld, by: str, every: tuple[Recurrence, ...], following: date | None
) -> None:
    """Else whoever reported nothing is in time again, because somebody read the plan anew."""
    plan_id, late = world.in_force(), NOON + timedelta(days=55)
    owed, today = date(2026, 12, 31), vietnam_date(late)
    draft = plan_draft()
    rows = tuple(replace(one, recurrence=every) if one.ref == "III.2.1" else one for one in draft.tasks)
    if by == "correction":
        with world.db.unit(late, world.at(POLICE)) as unit:
            correct(
                unit, clauses(world, plan_id)["III.2.1"].id, ClauseField.RECURRENCE, [one.value for one in every],
                "đọc sai",
            )  # fmt: skip
    else:
        said = replace(draft, tasks=rows)
        if by == "plan":
            said = replace(said, number="120/KH-UBND", supersedes=draft.number)
        plan_id = world.keep(said).plan_id
        with world.db.unit(late, world.head()) as unit:
            approve_plan(unit, plan_id, rest_to_consolidator=True)
    one = world.tasks(plan_id)["III.2.1", BANK]
    assert (one.due_on, one.period_to, one.recurrence) == (owed, owed, every)
    assert one.overdue(today)
    with world.db.read() as conn:
        seen = lists.task_page(conn, sight_of(conn, world.at(BANK), late), lists.Narrow(mine=True, late=True))
    assert one.id in {row.task.id for row in seen.rows}
    # Once it was reported the new rhythm goes on, from the day after.
    for act in (accept, start):
        with world.db.unit(late, world.at(BANK)) as unit:
            act(unit, one.id)
    with world.db.unit(late, world.at(BANK)) as unit:
        report(unit, one.id, "Quý IV.")
    with world.db.unit(late, world.at(POLICE)) as unit:
        assert approve(unit, one.id).due_on == following


def test_an_ended_keepers_successor_keeps_the_plan(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.agencies[POLICE], NOON.date() - timedelta(days=1), world.agencies[SCIENCE])
    heir, stranger = world.at(SCIENCE, Role.PLAN_HEAD), world.at(SCHOOLS, Role.PLAN_HEAD)
    for who, refused in ((stranger, True), (heir, False)):
        with world.db.read() as conn:
            look = sight_of(conn, who, NOON)
            kept = store.find(conn, plan_id)
            assert (look.keeps(kept), look.approves(kept)) == (not refused, not refused)
    with world.db.unit(NOON, heir) as unit:
        correct(unit, clauses(world, plan_id)["III.4.1"].id, ClauseField.TEXT, "Sửa trước khi đọc lại.", "nhầm")
    with world.db.unit(NOON, stranger) as unit, pytest.raises(Conflict) as no:
        keep_plan(unit, plan_draft(), Document("a.txt", "text/plain", b"again"))
    assert no.value.reason is PlanReason.OTHER_KEEPER
    with world.db.unit(NOON, heir) as unit:
        again = keep_plan(unit, plan_draft(), Document("a.txt", "text/plain", b"again"))
    assert (again.plan_id, again.reading, again.added, again.gone) == (plan_id, 2, (), ())
    assert clauses(world, plan_id)["III.4.1"].text == "Sửa trước khi đọc lại."
    with world.db.read() as conn:
        assert store.find(conn, plan_id).keeper_id == world.agencies[SCIENCE]
        (told,) = facts(conn, f"plan:{plan_id}", "plan.keeper_succeeded")
    assert told == {"from": world.agencies[POLICE], "to": world.agencies[SCIENCE]}
    with world.db.unit(NOON, heir) as unit:
        cancel_plan(unit, plan_id, "thay bằng kế hoạch mới")
