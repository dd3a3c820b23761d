"""The life of a task: who may do what when, what is due next, and that two people lose nothing."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.access import AccessReason, Role
from lachan.foundation.base import Actor, BadInput, Conflict, InputReason, LachanError, Reason
from lachan.foundation.storage import Database, Unit
from lachan.plans.model import Recurrence
from lachan.plans.tasks import periods, store
from lachan.plans.tasks.actions import (
    accept,
    add_evidence,
    approve,
    delegate,
    name,
    report,
    return_,
    set_deadline,
    start,
)
from lachan.plans.tasks.model import TASK_NEXT, EvidenceDraft, EvidenceKind, Task, TaskReason, TaskState, Verb
from tests.conftest import NOON
from tests.factories.plans import BANK, HAMLET, POLICE, SCHOOLS, SCIENCE, WARD, PlanWorld, build

LINK = EvidenceDraft(EvidenceKind.LINK, "https://sonha.gov.vn/tin/12", "Tin trên cổng")


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def do(world: PlanWorld, actor: Actor, act: Callable[..., Task], task: Task, *args: Any, **more: Any) -> Task:
    with world.db.unit(NOON, actor) as unit:
        return act(unit, task.id, *args, **more)


def reason_of(act: Callable[[], object]) -> Reason | None:
    try:
        act()
    except LachanError as error:
        return error.reason
    return None


def test_from_given_to_done(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.1.2", POLICE]
    lead, other = world.at(POLICE), world.at(POLICE, who="chi")
    task = do(world, lead, accept, task)
    task = do(world, lead, name, task, "Đại tá Trần Bình", "Lê An")
    task = do(world, lead, start, task)
    task = do(world, lead, report, task, "Đã rà soát 12 nhóm.", [LINK])
    assert task.state is TaskState.REPORTED
    task = do(world, other, return_, task, "Thiếu danh sách kèm theo.")
    task = do(world, lead, report, task, "Bổ sung danh sách.")
    task = do(world, other, approve, task)
    assert (task.state, task.due_on, task.head, task.person) == (
        TaskState.DONE, None, "Đại tá Trần Bình", "Lê An",
    )  # fmt: skip
    with world.db.read() as conn:
        said = [(one.verb, one.words) for one in store.steps(conn, task.id)]
        (shown,) = store.evidence(conn, task.id)
    assert [verb for verb, _ in said] == [
        Verb.GIVE, Verb.ACCEPT, Verb.NAME, Verb.START, Verb.REPORT, Verb.RETURN, Verb.REPORT, Verb.APPROVE,
    ]  # fmt: skip
    assert ("return", "Thiếu danh sách kèm theo.") in said
    assert shown.reference == LINK.reference


def test_who_reported_does_not_approve(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.1.2", POLICE]
    lead = world.at(POLICE)
    do(world, lead, accept, task)
    do(world, lead, report, task, "Xong.")
    assert reason_of(lambda: do(world, lead, approve, task)) is AccessReason.SAME_PERSON


def test_what_comes_again_goes_on_with_the_next_period(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.2.1", BANK]
    assert task.period_to == date(2026, 12, 31)
    for period_to in (date(2027, 3, 31), date(2027, 6, 30)):
        do(world, world.at(BANK), accept if task.state is TaskState.GIVEN else start, task) if task.state in {
            TaskState.GIVEN, TaskState.ACCEPTED,
        } else None  # fmt: skip
        do(world, world.at(BANK), report, task, "Quý này đã xong.")
        task = do(world, world.at(POLICE), approve, task)
        assert (task.state, task.due_on, task.period_to) == (TaskState.IN_PROGRESS, period_to, period_to)
    with world.db.read() as conn:
        told = [one.period_to for one in store.steps(conn, task.id) if one.verb is Verb.REPORT]
    assert told == [date(2026, 12, 31), date(2027, 3, 31)]


def test_delegated_work_is_still_the_leads(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.3.1", SCIENCE]
    assert reason_of(lambda: do(world, world.at(WARD), accept, task)) is TaskReason.NOT_THE_LEAD
    do(world, world.at(SCIENCE), accept, task)
    do(world, world.at(SCIENCE), delegate, task, world.agencies[WARD], "giao phường làm trước")
    assert do(world, world.at(WARD), report, task, "Đã làm.").state is TaskState.REPORTED
    assert reason_of(
        lambda: do(world, world.at(WARD), delegate, task, world.agencies[HAMLET], "")
    ) is TaskReason.NOT_THE_LEAD  # fmt: skip
    itself = reason_of(lambda: do(world, world.at(SCIENCE), delegate, task, world.agencies[SCIENCE], ""))
    assert itself is TaskReason.DELEGATE_IS_LEAD


def test_the_successor_has_the_task(world: PlanWorld) -> None:
    from lachan.foundation.access import OPERATOR, end_agency

    task = world.tasks(world.in_force())["III.5.1", HAMLET]
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.agencies[HAMLET], NOON.date() - timedelta(days=1), world.agencies[WARD])
    assert do(world, world.at(WARD), accept, task).state is TaskState.ACCEPTED
    assert reason_of(lambda: do(world, world.at(HAMLET), start, task)) is TaskReason.NOT_THE_LEAD


@pytest.mark.parametrize(
    ("verb", "where", "role", "refused"),
    [
        ("accept", SCHOOLS, Role.PLAN_OFFICER, None),
        ("accept", SCHOOLS, Role.PLAN_HEAD, None),
        ("accept", SCHOOLS, Role.LEADER, AccessReason.NOT_PERMITTED),
        ("accept", POLICE, Role.PLAN_OFFICER, TaskReason.NOT_THE_LEAD),
        ("report", BANK, Role.INSTITUTION_OFFICER, TaskReason.NOT_THE_LEAD),
        ("set_deadline", POLICE, Role.PLAN_OFFICER, None),
        ("set_deadline", SCHOOLS, Role.PLAN_HEAD, TaskReason.NOT_THE_CONSOLIDATOR),
        ("set_deadline", POLICE, Role.DUTY_OFFICER, AccessReason.NOT_PERMITTED),
        ("approve", SCHOOLS, Role.PLAN_HEAD, TaskReason.NOT_THE_CONSOLIDATOR),
        ("return", POLICE, Role.AUDITOR, AccessReason.NOT_PERMITTED),
    ],
)
def test_who_may_do_what(world: PlanWorld, verb: str, where: str, role: Role, refused: Reason | None) -> None:
    task = world.tasks(world.in_force())["III.4.1", SCHOOLS]
    acts: dict[str, Callable[[Unit], Task]] = {
        "accept": lambda unit: accept(unit, task.id),
        "report": lambda unit: report(unit, task.id, "x"),
        "set_deadline": lambda unit: set_deadline(unit, task.id, date(2027, 1, 2), "gia hạn"),
        "approve": lambda unit: approve(unit, task.id),
        "return": lambda unit: return_(unit, task.id, "x"),
    }

    def act() -> None:
        with world.db.unit(NOON, world.at(where, role)) as unit:
            acts[verb](unit)

    assert reason_of(act) is refused


def test_two_people_edit_one_task(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.4.1", SCHOOLS]
    first = do(world, world.at(SCHOOLS), accept, task, version=task.version)
    assert reason_of(
        lambda: do(world, world.at(SCHOOLS, who="hai"), name, task, "A", "B", version=task.version)
    ) is InputReason.CHANGED_MEANWHILE  # fmt: skip
    done = do(world, world.at(SCHOOLS, who="hai"), name, task, "A", "B", version=first.version)
    assert (done.state, done.person) == (TaskState.ACCEPTED, "B")


def test_a_report_says_or_shows_something(world: PlanWorld) -> None:
    task = world.tasks(world.in_force())["III.4.1", SCHOOLS]
    do(world, world.at(SCHOOLS), accept, task)
    with pytest.raises(BadInput) as refused:
        do(world, world.at(SCHOOLS), report, task, "  ")
    assert refused.value.field == "words"
    with pytest.raises(BadInput):
        do(world, world.at(SCHOOLS), add_evidence, task, [EvidenceDraft(EvidenceKind.LINK, "javascript:alert(1)")])


def test_no_work_on_a_plan_that_has_ended(world: PlanWorld) -> None:
    from lachan.plans.kept.actions import cancel_plan

    plan_id = world.in_force()
    task = world.tasks(plan_id)["III.4.1", SCHOOLS]
    with world.db.unit(NOON, world.head()) as unit:
        cancel_plan(unit, plan_id, "thôi")
    with pytest.raises(Conflict) as refused:
        do(world, world.at(SCHOOLS), accept, task)
    assert refused.value.reason is TaskReason.PLAN_NOT_IN_FORCE


def test_every_state_is_reached_and_left_as_the_table_says() -> None:
    targets = {target for _, target in TASK_NEXT.values() if target}
    assert targets | {TaskState.GIVEN, TaskState.IN_PROGRESS} == set(TaskState)
    ended = {TaskState.CARRIED_OVER, TaskState.CANCELLED}
    assert all(not sources & ended for sources, _ in TASK_NEXT.values())


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from(periods.TIMED))
def test_periods_cover_the_calendar(day: date, beat: Recurrence) -> None:
    one = periods.period_of(beat, day)
    following = periods.following([beat], one.ends)
    assert one.begins <= day <= one.ends
    assert following is not None
    assert following.begins == one.ends + timedelta(days=1)
    assert periods.period_of(beat, one.begins) == one == periods.period_of(beat, one.ends)


@pytest.mark.parametrize(
    ("recurrence", "day", "ends"),
    [
        ([Recurrence.QUARTERLY, Recurrence.YEARLY], date(2026, 11, 18), date(2026, 12, 31)),
        ([Recurrence.HALF_YEARLY], date(2026, 6, 30), date(2026, 6, 30)),
        ([Recurrence.MONTHLY], date(2028, 2, 1), date(2028, 2, 29)),
        ([Recurrence.WEEKLY], date(2026, 11, 18), date(2026, 11, 22)),
        ([Recurrence.CONTINUOUS, Recurrence.ON_REQUEST], date(2026, 11, 18), None),
    ],
)
def test_the_running_period(recurrence: Sequence[Recurrence], day: date, ends: date | None) -> None:
    found = periods.running(recurrence, day)
    assert (found.ends if found else None) == ends
