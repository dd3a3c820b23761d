"""A plan is kept with its document, corrected, read again, set in force; another takes its place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.access import AccessReason, Role
from lachan.foundation.base import BadInput, Conflict, InputReason, LachanError, WallClock
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal, verify
from lachan.plans import tables
from lachan.plans.kept import rules, store
from lachan.plans.kept.actions import add_clause, approve_plan, cancel_plan, correct, drop_clause, set_consolidator
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import Clause, ClauseField, Document, PlanReason, PlanState
from lachan.plans.model import PlanDraft
from lachan.plans.reporting.rounds import rounds_of
from lachan.plans.reporting.rules import day_before
from lachan.plans.tasks import store as task_store
from lachan.plans.tasks.actions import accept, set_deadline
from lachan.plans.tasks.model import TaskState, Verb
from tests.conftest import NOON
from tests.factories.plans import (
    BANK,
    CLAUSES,
    DISTRICT,
    HAMLET,
    POLICE,
    SCHOOLS,
    SCIENCE,
    WARD,
    PlanWorld,
    build,
    plan_draft,
)


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def clauses(world: PlanWorld, plan_id: str) -> dict[str, Clause]:
    with world.db.read() as conn:
        return {one.ref: one for one in store.clauses(conn, plan_id)}


def change(world: PlanWorld, plan_id: str, ref: str, field: ClauseField, value: object) -> None:
    one = clauses(world, plan_id)[ref]
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        correct(unit, one.id, field, value, "đối chiếu với bản giấy")


def test_a_plan_is_kept_with_its_document_and_its_agencies(world: PlanWorld) -> None:
    kept = world.keep()
    found = clauses(world, kept.plan_id)
    assert list(found) == [one[0] for one in CLAUSES]
    ids = world.agencies
    assert found["III.1.1"].leads == (ids[POLICE],)
    assert found["III.1.1"].coordinators == (ids[BANK], ids[SCIENCE])
    assert found["III.5.1"].leads == (ids[WARD], ids[HAMLET])
    # The district has ended: its work is the ward's.
    assert found["III.6.1"].leads == (ids[WARD],)
    assert found["II.1"].leads == ()
    assert found["III.1.1"].demands == (53,)
    with world.db.read() as conn:
        plan = store.find(conn, kept.plan_id)
        (reading,) = store.readings(conn, kept.plan_id)
        assert store.document(conn, reading.document_id).content == b"the plan's bytes"
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.report_duty)).scalar() == 2
    assert plan.state is PlanState.DRAFT
    assert plan.consolidator_id == ids[POLICE]
    assert plan.sub_plans_due == date(2026, 11, 10)
    assert reading.warnings[0]["details"] == {"number": "7/CT-TTg", "one": "02/3", "other": "03/2"}
    assert reading.lines[11] == found["III.1.1"].text


def test_before_a_day_leaves_the_day_before_as_the_last(world: PlanWorld) -> None:
    draft = plan_draft()
    tasks = tuple(replace(one, before=one.ref in {"III.1.2", "V.1"}) for one in draft.tasks)
    plan_id = world.in_force(replace(draft, tasks=tasks))
    assert clauses(world, plan_id)["III.1.2"].deadline == date(2026, 11, 24)
    task = world.tasks(plan_id)["III.1.2", POLICE]
    assert (task.due_on, task.overdue(date(2026, 11, 24)), task.overdue(date(2026, 11, 25))) == (
        date(2026, 11, 24), False, True,
    )  # fmt: skip
    with world.db.read() as conn:
        assert store.find(conn, plan_id).sub_plans_due == date(2026, 11, 9)


def test_a_plan_in_force_is_a_calendar_of_reports(world: PlanWorld) -> None:
    def rounds() -> list[tuple[str, date, str, set[str]]]:
        with world.db.read() as conn:
            found = rounds_of(conn, date(2026, 1, 1), date(2027, 12, 31))
        names = {agency_id: name for name, agency_id in world.agencies.items()}
        return [
            (one.occurrence.key, day_before(one.occurrence.due_at), names[one.receiver_id],
             {names[sender] for sender in one.senders})
            for one in found
        ]  # fmt: skip

    plan_id = world.keep().plan_id
    assert rounds() == []
    with world.db.unit(NOON, world.head()) as unit:
        approve_plan(unit, plan_id, rest_to_consolidator=True)
    # Who gathers leads, too: its own work is one part of what it gathers.
    owe = {POLICE, BANK, SCIENCE, SCHOOLS, WARD, HAMLET}
    assert rounds()[0] == ("2026-Y", date(2026, 12, 4), POLICE, owe)
    assert [one[0] for one in rounds()] == ["2026-Y", "2027-H1", "2027-Y"]
    change(world, plan_id, "III.4.1", ClauseField.LEAD_AGENCIES, [world.agencies[POLICE]])
    assert rounds()[0][3] == owe - {SCHOOLS}
    with world.db.unit(NOON, world.head()) as unit:
        set_consolidator(unit, plan_id, world.agencies[BANK], None)
    assert rounds()[0][2:] == (BANK, owe - {SCHOOLS})
    with world.db.unit(NOON, world.head()) as unit:
        cancel_plan(unit, plan_id, "thay bằng chỉ thị mới")
    assert rounds() == []


def test_a_new_readings_deadline_counts_once_it_is_approved(world: PlanWorld) -> None:
    plan_id = world.in_force()
    put_off = world.tasks(plan_id)["V.1", POLICE]
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        set_deadline(unit, put_off.id, date(2026, 11, 20), "chờ hướng dẫn")
    draft = plan_draft()
    later = {"III.1.2": date(2026, 12, 30), "V.1": date(2026, 11, 12)}
    tasks = tuple(replace(one, deadline=later.get(one.ref, one.deadline)) for one in draft.tasks)
    world.keep(replace(draft, tasks=tasks))
    assert world.tasks(plan_id)["III.1.2", POLICE].due_on == date(2026, 11, 25)
    with world.db.unit(NOON, world.head()) as unit:
        approve_plan(unit, plan_id, rest_to_consolidator=True)
    assert world.tasks(plan_id)["III.1.2", POLICE].due_on == date(2026, 12, 30)
    assert world.tasks(plan_id)["V.1", POLICE].due_on == date(2026, 11, 20)


def test_a_plan_of_another_keeper_is_not_superseded(world: PlanWorld) -> None:
    old = world.in_force()
    with world.db.unit(NOON, world.at(BANK)) as unit:
        draft = plan_draft("7/KH-NHNN", supersedes="Kế hoạch số 91/KH-UBND")
        kept = keep_plan(unit, draft, Document("khac.txt", "text/plain", b"of the bank"))
    with world.db.unit(NOON, world.head(BANK)) as unit:
        approve_plan(unit, kept.plan_id, rest_to_consolidator=True)
    with world.db.read() as conn:
        assert store.find(conn, old).state is PlanState.IN_FORCE
        assert store.find(conn, kept.plan_id).supersedes_id is None


def test_the_same_reading_changes_nothing(world: PlanWorld) -> None:
    world.keep()
    again = world.keep()
    assert (again.reading, again.added, again.changed, again.gone) == (2, (), (), ())
    assert again.unchanged == len(CLAUSES)


def test_corrections_survive_a_new_reading(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    change(world, plan_id, "II.1", ClauseField.LEAD_AGENCIES, [world.agencies[SCHOOLS]])
    change(world, plan_id, "III.1.2", ClauseField.DEADLINE, date(2026, 12, 1))
    change(world, plan_id, "III.2.1", ClauseField.TEXT, "Kiểm tra an toàn máy ATM, có ảnh kèm theo.")
    change(world, plan_id, "III.4.1", ClauseField.DEMANDS, [99, 100])
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        drop_clause(unit, clauses(world, plan_id)["III.3.1"].id, "việc này của tỉnh khác")
        police = [world.agencies[POLICE]]
        add_clause(unit, plan_id, "V.9", "Lập đường dây nóng của tỉnh.", "họp ngày 18/11", leads=police)
    words = {"III.1.1": CLAUSES[1][5] + " Có hiệu lực ngay."}
    again = world.keep(plan_draft(words=words, leave=["III.6.1"]), b"a better copy")
    found = clauses(world, plan_id)
    assert again.changed == ("III.1.1",)
    assert again.gone == ("III.6.1",)
    assert set(again.corrected) == {"II.1", "III.1.2", "III.2.1", "III.4.1", "III.3.1", "V.9"}
    assert found["II.1"].leads == (world.agencies[SCHOOLS],)
    assert found["III.1.2"].deadline == date(2026, 12, 1)
    assert found["III.2.1"].text == "Kiểm tra an toàn máy ATM, có ảnh kèm theo."
    assert found["III.4.1"].demands == (99, 100)
    assert found["III.3.1"].dropped == "việc này của tỉnh khác"
    assert not found["V.9"].gone
    assert found["III.6.1"].gone
    assert found["III.1.1"].text.endswith("Có hiệu lực ngay.")


def test_a_clause_that_moved_keeps_its_corrections(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    change(world, plan_id, "III.4.1", ClauseField.DEADLINE, date(2027, 1, 5))
    before = clauses(world, plan_id)["III.4.1"].id
    draft = plan_draft()
    moved = tuple(replace(one, ref="III.7.1") if one.ref == "III.4.1" else one for one in draft.tasks)
    world.keep(replace(draft, tasks=moved))
    found = clauses(world, plan_id)
    assert found["III.7.1"].id == before
    assert found["III.7.1"].deadline == date(2027, 1, 5)


def test_in_force_every_lead_has_its_task(world: PlanWorld) -> None:
    plan_id = world.in_force()
    tasks = world.tasks(plan_id)
    assert len(tasks) == len(CLAUSES) + 1
    assert {lead for ref, lead in tasks if ref == "III.5.1"} == {WARD, HAMLET}
    assert tasks["II.1", POLICE].due_on is None
    assert tasks["III.1.2", POLICE].due_on == date(2026, 11, 25)
    assert tasks["III.2.1", BANK].due_on == date(2026, 12, 31)
    assert tasks["III.3.1", SCIENCE].due_on == date(2026, 11, 30)
    assert ("III.6.1", DISTRICT) not in tasks
    assert tasks["V.1", POLICE].overdue(date(2026, 11, 18))
    assert not tasks["V.1", POLICE].overdue(date(2026, 11, 10))


def test_nobody_leads_a_clause_by_guess(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    with world.db.unit(NOON, world.head()) as unit, pytest.raises(Conflict) as refused:
        approve_plan(unit, plan_id)
    assert refused.value.reason is PlanReason.LEADS_MISSING
    assert refused.value.params["refs"] == "II.1, V.1"


def test_a_dropped_clause_takes_its_tasks_along_and_back(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        drop_clause(unit, clauses(world, plan_id)["III.5.1"].id, "đã có kế hoạch riêng")
    assert {t.state for (ref, _), t in world.tasks(plan_id).items() if ref == "III.5.1"} == {TaskState.CANCELLED}
    change(world, plan_id, "III.5.1", ClauseField.DROPPED, None)
    with world.db.read() as conn:
        states = [t.state for t in task_store.of_plan(conn, plan_id) if t.state is TaskState.CANCELLED]
        again = [
            t for t in task_store.of_plan(conn, plan_id)
            if t.clause_id == clauses(world, plan_id)["III.5.1"].id and t.state is TaskState.GIVEN
        ]  # fmt: skip
    assert (len(states), len(again)) == (2, 2)


def test_what_a_new_reading_brings_waits_for_the_head(world: PlanWorld) -> None:
    plan_id = world.in_force(plan_draft(leave=["III.4.1"]))
    again = world.keep()
    assert again.added == ("III.4.1",)
    change(world, plan_id, "III.1.2", ClauseField.DEADLINE, date(2026, 12, 24))
    assert ("III.4.1", SCHOOLS) not in world.tasks(plan_id)
    assert world.tasks(plan_id)["III.1.2", POLICE].due_on == date(2026, 12, 24)
    with world.db.unit(NOON, world.head()) as unit:
        approve_plan(unit, plan_id)
    assert ("III.4.1", SCHOOLS) in world.tasks(plan_id)
    assert len(world.tasks(plan_id)) == len(CLAUSES) + 1


def test_the_next_plan_takes_tasks_and_their_history_over(world: PlanWorld) -> None:
    old = world.in_force()
    before = world.tasks(old)
    with world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        accept(unit, before["III.4.1", SCHOOLS].id)
    words = {"III.4.1": CLAUSES[5][5] + " và sinh hoạt lớp"}
    next_one = plan_draft("12/KH-UBND", supersedes="Kế hoạch số 91/KH-UBND", words=words, leave=["III.1.2"])
    new = world.in_force(next_one)
    after = world.tasks(new)
    heir = after["III.4.1", SCHOOLS]
    assert heir.state is TaskState.ACCEPTED
    assert heir.carried_from == before["III.4.1", SCHOOLS].id
    with world.db.read() as conn:
        assert store.find(conn, old).state is PlanState.SUPERSEDED
        verbs = [one.verb for one in task_store.steps(conn, heir.id)]
    assert verbs == [Verb.GIVE, Verb.ACCEPT, Verb.CARRY_OVER, Verb.GIVE]
    ended = {ref: task.state for (ref, _), task in world.tasks(old).items()}
    assert ended["III.1.2"] is TaskState.CANCELLED
    assert {state for ref, state in ended.items() if ref != "III.1.2"} == {TaskState.CARRIED_OVER}


def test_a_cancelled_plan_ends_its_tasks(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, world.head()) as unit:
        cancel_plan(unit, plan_id, "trùng với kế hoạch của Bộ")
    assert {task.state for task in world.tasks(plan_id).values()} == {TaskState.CANCELLED}
    with pytest.raises(Conflict) as refused:
        world.keep()
    assert refused.value.reason is PlanReason.NOT_IN_THIS_STATE


def _without(**none: object) -> PlanDraft:
    return replace(plan_draft(), **none)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (_without(number=None), PlanReason.NO_NUMBER),
        (_without(issuer=None), PlanReason.NO_NUMBER),
        (_without(tasks=()), PlanReason.NO_CLAUSES),
    ],
)
def test_a_draft_that_is_no_plan(world: PlanWorld, draft: PlanDraft, reason: PlanReason) -> None:
    with pytest.raises(BadInput) as refused:
        world.keep(draft)
    assert refused.value.reason is reason


# Who may do what with a plan that the police keep.
_DO: dict[str, Callable[[Unit, str, str], object]] = {
    "keep": lambda unit, _plan, _clause: keep_plan(unit, plan_draft(), Document("a.txt", "text/plain", b"x")),
    "correct": lambda unit, _plan, clause: correct(unit, clause, ClauseField.TEXT, "Khác.", "nhầm"),
    "approve": lambda unit, plan, _clause: approve_plan(unit, plan, rest_to_consolidator=True),
    "cancel": lambda unit, plan, _clause: cancel_plan(unit, plan, "thôi"),
}


@pytest.mark.parametrize(
    ("verb", "where", "role", "refused"),
    [
        ("keep", POLICE, Role.PLAN_OFFICER, None),
        ("keep", SCHOOLS, Role.PLAN_OFFICER, PlanReason.OTHER_KEEPER),
        ("keep", POLICE, Role.DUTY_OFFICER, AccessReason.NOT_PERMITTED),
        ("correct", POLICE, Role.PLAN_OFFICER, None),
        ("correct", SCHOOLS, Role.PLAN_HEAD, AccessReason.OTHER_AGENCY),
        ("correct", POLICE, Role.AUDITOR, AccessReason.NOT_PERMITTED),
        ("approve", POLICE, Role.PLAN_HEAD, None),
        ("approve", POLICE, Role.PLAN_OFFICER, AccessReason.NOT_PERMITTED),
        ("approve", SCHOOLS, Role.PLAN_HEAD, AccessReason.OTHER_AGENCY),
        ("cancel", POLICE, Role.DESK_HEAD, None),
        ("cancel", POLICE, Role.LEADER, AccessReason.NOT_PERMITTED),
    ],
)
def test_who_may(world: PlanWorld, verb: str, where: str, role: Role, refused: AccessReason | None) -> None:
    plan_id = world.keep().plan_id
    clause_id = clauses(world, plan_id)["III.1.1"].id
    said: object = None
    try:
        with world.db.unit(NOON, world.at(where, role)) as unit:
            _DO[verb](unit, plan_id, clause_id)
    except LachanError as error:
        said = error.reason
    assert said is refused


def test_two_people_correct_one_plan(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    one = clauses(world, plan_id)["III.1.1"].id
    with world.db.read() as conn:
        version = store.find(conn, plan_id).version
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        correct(unit, one, ClauseField.TEXT, "Người thứ nhất.", "nhầm", version=version)
    with world.db.unit(NOON, world.at(POLICE, who="hoa")) as unit, pytest.raises(Conflict) as refused:
        correct(unit, one, ClauseField.TEXT, "Người thứ hai.", "nhầm", version=version)
    assert refused.value.reason is InputReason.CHANGED_MEANWHILE
    assert clauses(world, plan_id)["III.1.1"].text == "Người thứ nhất."


def test_the_trail_of_a_plan_verifies(world: PlanWorld, tmp_path: Path) -> None:
    plan_id = world.in_force()
    change(world, plan_id, "III.1.2", ClauseField.DEADLINE, date(2026, 12, 24))
    world.in_force(plan_draft("12/KH-UBND", supersedes="91/KH-UBND"))
    create_private_key(tmp_path / "seal.pem")
    key = SealKey(read_private_key(tmp_path / "seal.pem"))
    while seal(world.db, key, now=NOON, wall_now=WallClock().now()):
        pass
    with world.db.read() as conn:
        found = verify(conn, [key.public_text])
    assert found.findings == ()
    assert found.rows_checked > 40


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("50 /KH-UBND", "50/KH-UBND"),
        ("Kế hoạch số 050/kh-ubnd ngày 09/01/2025", "50/KH-UBND"),
        ("Công điện số 139/CĐ-TTg", "139/CD-TTG"),
        ("Công điện số 139/CD-TTg ngày 23/12/2024", "139/CD-TTG"),
        ("Luật số 99/2025/QH15", "99/2025/QH15"),
        ("Đề án 06", "de an 06"),
    ],
)
def test_one_number_however_it_is_written(said: str, key: str) -> None:
    assert rules.number_key(said) == key


_WORDS = st.lists(st.sampled_from(["phòng", "ngừa", "lừa", "đảo", "tiền", "ảo", "sim", "rác"]), min_size=1)


@given(_WORDS, _WORDS)
def test_likeness_is_a_share(one: list[str], other: list[str]) -> None:
    a, b = rules.word_pairs(" ".join(one)), rules.word_pairs(" ".join(other))
    assert 0 <= rules.likeness(a, b) <= 1
    assert rules.likeness(a, b) == rules.likeness(b, a)
    assert rules.likeness(a, a) == 1
