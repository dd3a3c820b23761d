"""The tasks that follow from a plan in force: one for each clause and lead, carried over from the old plan's."""

from collections.abc import Sequence
from typing import Any

from lachan.foundation.access import agencies, agency_on
from lachan.foundation.base import Language, new_id, translate
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept import store
from lachan.plans.kept.addressing import Register, addressed
from lachan.plans.kept.model import Clause, Plan
from lachan.plans.kept.rules import best_pairs, word_pairs
from lachan.plans.model import ReportDuty
from lachan.plans.register.store import contacts
from lachan.plans.reporting.actions.asking import follow_plan
from lachan.plans.tasks import rules
from lachan.plans.tasks import store as task_store
from lachan.plans.tasks.actions import end, take_step
from lachan.plans.tasks.model import FACTS, OPEN, Step, Task, TaskState, Verb

# A clause of the plan that takes another's place is its old one's heir from so much likeness on.
LIKE_ITS_HEIR = 0.5
_GOES_ON = {TaskState.ACCEPTED, TaskState.IN_PROGRESS}


def give_tasks(
    unit: Unit, plan: Plan, carried: Sequence[tuple[str, Task]] = (), *, only: str | None = None
) -> int:  # fmt: skip
    """Bring the tasks of a plan in force in line with its clauses; returns how many were newly given.

    `carried` are (clause of this plan, old task) of the plan that it supersedes; `only` one clause is looked at.
    """
    clauses = [one for one in store.clauses(unit.conn, plan.id) if only in {None, one.id}]
    tasks = [one for one in task_store.of_plan(unit.conn, plan.id) if only in {None, one.clause_id}]
    # What was cancelled may be given again.
    there = {(one.clause_id, one.lead_id): one for one in tasks if one.state is not TaskState.CANCELLED}
    heads = contacts(unit.conn)
    old = {(clause_id, _today(unit, one.lead_id)): one for clause_id, one in carried}
    wanted = {(one.id, lead) for one in clauses if one.living for lead in one.leads}
    given: list[str] = []
    for one in clauses:
        if not one.living:
            continue
        for lead in one.leads:
            if (one.id, lead) not in there:
                head = heads[lead].head if lead in heads else ""
                given.append(_give(unit, one, lead, head, old.get((one.id, _today(unit, lead)))))
    for key, task in there.items():
        if key not in wanted and task.state in OPEN:
            clause = next(each for each in clauses if each.id == task.clause_id)
            end(unit, task, Verb.CANCEL, clause.dropped or "")
    if given:
        append(
            unit, "plan.tasks_given", f"plan:{plan.id}", {"tasks": len(given)},
            rows=[("plan_task", task_id) for task_id in given],
        )  # fmt: skip
    return len(given)


def carry_over(unit: Unit, old: Plan, new: Plan) -> None:
    """The old plan's tasks go on in the new one's clauses with their history; what has no heir is cancelled."""
    theirs = {one.id: word_pairs(one.text) for one in store.clauses(unit.conn, old.id, living=True)}
    ours = store.clauses(unit.conn, new.id, living=True)
    pairs = best_pairs(theirs, [word_pairs(one.text) for one in ours], LIKE_ITS_HEIR, taken={})
    heir = {clause_id: ours[at] for at, clause_id in pairs}
    tasks = task_store.of_plan(unit.conn, old.id)
    carried: list[tuple[str, Task]] = []
    for task in tasks:
        into = heir.get(task.clause_id)
        if into is not None and _today(unit, task.lead_id) in {_today(unit, lead) for lead in into.leads}:
            carried.append((into.id, task))
    give_tasks(unit, new, carried)
    moved = {one.carried_from: one.id for one in task_store.of_plan(unit.conn, new.id) if one.carried_from}
    for task in tasks:
        if task.id in moved:
            end(unit, task, Verb.CARRY_OVER, "", {"to": moved[task.id]})
        elif task.state in OPEN:
            end(unit, task, Verb.CANCEL, new.number)


def redate(unit: Unit, clause: Clause) -> None:
    """A corrected deadline or rhythm of a clause counts for its open tasks, too."""
    for task in task_store.of_plan(unit.conn, clause.plan_id):
        if task.clause_id != clause.id or task.state not in OPEN:
            continue
        due = rules.redated(task, clause.deadline, clause.recurrence, vietnam_date(unit.now))
        _change_due(unit, task, due, clause)


def redate_all(unit: Unit, plan: Plan) -> None:
    """What a new reading says of deadlines and rhythms counts for the open tasks once it is approved.

    The step says what was due before: old days are kept as they were. A day that the consolidating agency set for a
    task stays: it is a decision about that task.
    """
    clauses = {one.id: one for one in store.clauses(unit.conn, plan.id, living=True)}
    for task in task_store.of_plan(unit.conn, plan.id):
        clause = clauses.get(task.clause_id)
        said = clause and (clause.deadline, clause.recurrence)
        if clause is None or task.state not in OPEN or said == (task.deadline, task.recurrence):
            continue
        if not any(step.verb is Verb.SET_DEADLINE and "from" in step.details for step in _own_steps(unit, task)):
            due = rules.redated(task, clause.deadline, clause.recurrence, vietnam_date(unit.now))
            _change_due(unit, task, due, clause)


def owe_reports(unit: Unit, plan: Plan, *, ended: bool = False) -> None:
    """The calendar of reports that the plan demands: every lead owes each; none once it has ended.

    The gathering agency, too, where it leads: what it did itself is one part of what it gathers. A report goes to
    everybody whom the plan names for it.
    """
    today = vietnam_date(unit.now)
    gathers = agency_on(unit.conn, plan.consolidator_id, today).id
    leads = [lead for one in store.clauses(unit.conn, plan.id, living=True) for lead in one.leads]
    senders = list(dict.fromkeys(_today(unit, lead) for lead in leads))
    duties: Sequence[ReportDuty] = ()
    if not ended:
        known = unit.once(("agencies", "known"), lambda: agencies(unit.conn))
        duties = addressed(store.report_duties(unit.conn, plan.id), senders, gathers, Register(known, unit))
    title = translate("periodic.plan_title", Language.VI, number=plan.number)
    follow_plan(unit, plan.id, title, gathers, duties, senders)


def _own_steps(unit: Unit, task: Task) -> list[Step]:
    return [step for step in task_store.steps(unit.conn, task.id) if step.task_id == task.id]


def _change_due(unit: Unit, task: Task, due: rules.Due, clause: Clause) -> None:
    take_step(
        unit, task, Verb.SET_DEADLINE, words="", details={"was": _text(task.due_on), "to": _text(due.on)},
        due_on=_text(due.on), deadline=_text(clause.deadline), period_to=_text(due.period_to),
        recurrence=[one.value for one in clause.recurrence],
    )  # fmt: skip


def _give(unit: Unit, clause: Clause, lead: str, head: str, old: Task | None) -> str:
    today = vietnam_date(unit.now)
    due = rules.first_due(clause.deadline, clause.recurrence, today)
    if old is not None and old.overdue(today):
        # The plan that takes another's place forgives nobody what was not reported.
        due = rules.redated(old, clause.deadline, clause.recurrence, today)
    state = old.state if old is not None and old.state in _GOES_ON else TaskState.GIVEN
    made = new_id()
    add_row(
        unit.conn, tables.task,
        {
            "id": made, "plan_id": clause.plan_id, "clause_id": clause.id, "lead_id": lead,
            "delegate_id": old.delegate_id if old else None, "head": (old.head if old else "") or head,
            "person": old.person if old else "", "state": state.value, "due_on": _text(due.on),
            "deadline": _text(clause.deadline), "period_to": _text(due.period_to),
            "recurrence": [one.value for one in clause.recurrence],
            "carried_from": old.id if old else None, "given_at": unit.now, "reported_by": None, "ended_at": None,
            "version": 1,
        },
    )  # fmt: skip
    details: dict[str, Any] = {"carried_from": old.id} if old else {}
    add_row(
        unit.conn, tables.step,
        {
            "id": new_id(), "task_id": made, "verb": Verb.GIVE.value, "from_state": state.value,
            "state": state.value, "by": unit.actor.reference, "by_name": unit.actor.name[:200],
            "agency_id": unit.actor.agency_id, "at": unit.now, "words": "", "period_to": None, "details": details,
        },
    )  # fmt: skip
    append(
        unit, FACTS[Verb.GIVE], f"plan_task:{made}",
        {"plan": clause.plan_id, "ref": clause.ref, "lead": lead, "due_on": _text(due.on), **details},
        rows=[("plan_task", made)],
    )  # fmt: skip
    return made


def _today(unit: Unit, agency_id: str) -> str:
    asked = ("agency_today", agency_id)
    return unit.once(asked, lambda: agency_on(unit.conn, agency_id, vietnam_date(unit.now)).id)


def _text(day: Any) -> str | None:
    return day.isoformat() if day else None
