"""What people do with a task: accept, start, delegate, report; return or approve; name who does it, set a deadline.

Every action may be told the version that its maker has seen: who comes second is refused, and nothing is lost.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lachan.foundation.access import (
    Permission,
    agency_on,
    clean_text,
    require,
    require_other_person,
)
from lachan.foundation.base import ActorKind, BadInput, Conflict, InputReason, NotAllowed, new_id
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept import store as kept
from lachan.plans.kept.model import Plan, PlanState
from lachan.plans.tasks import rules, store
from lachan.plans.tasks.model import (
    FACTS,
    Evidence,
    EvidenceDraft,
    EvidenceKind,
    Task,
    TaskReason,
    TaskState,
    Verb,
)
from lachan.plans.tasks.showing import point

WORDS_MAX = 8_000
_LINK_MAX = 1_000


def accept(unit: Unit, task_id: str, *, version: int | None = None) -> Task:
    """The lead takes the task on."""
    return take_step(unit, _mine(unit, task_id, version), Verb.ACCEPT)


def start(unit: Unit, task_id: str, *, version: int | None = None) -> Task:
    """Work has begun."""
    return take_step(unit, _mine(unit, task_id, version), Verb.START)


def delegate(unit: Unit, task_id: str, to: str, words: str = "", *, version: int | None = None) -> Task:
    """The lead hands the work to another agency, and still answers for it.

    Raises:
        NotAllowed: NOT_THE_LEAD, also for the agency to which it was delegated before.
    """
    one = _mine(unit, task_id, version, lead_only=True)
    other = agency_on(unit.conn, to, vietnam_date(unit.now))
    if other.id == _today(unit, one.lead_id):
        raise BadInput(TaskReason.DELEGATE_IS_LEAD, field="to")
    return take_step(
        unit, one, Verb.DELEGATE, words=_words(words, needed=False), details={"to": other.id}, delegate_id=other.id
    )


def name(unit: Unit, task_id: str, head: str, person: str, *, version: int | None = None) -> Task:
    """Who answers for the task, and who does it."""
    one = _mine(unit, task_id, version)
    head, person = clean_text(head, "head", at_least=0), clean_text(person, "person", at_least=0)
    return take_step(
        unit, one, Verb.NAME, details={"head": bool(head), "person": bool(person)}, head=head, person=person
    )


def report(
    unit: Unit, task_id: str, words: str, evidence: Sequence[EvidenceDraft] = (), *, version: int | None = None
) -> Task:
    """What was done, with what shows it; the consolidating agency answers.

    Raises:
        BadInput: neither words nor evidence.
    """
    one = _mine(unit, task_id, version)
    said = _words(words, needed=not evidence)
    return take_step(unit, one, Verb.REPORT, words=said, evidence=evidence, reported_by=unit.actor.reference)


def add_evidence(
    unit: Unit, task_id: str, evidence: Sequence[EvidenceDraft], *, version: int | None = None
) -> Task:
    """What shows the work, before there is a report."""
    if not evidence:
        raise BadInput(InputReason.MISSING, field="reference")
    return take_step(unit, _mine(unit, task_id, version), Verb.ADD_EVIDENCE, evidence=evidence)


def return_(unit: Unit, task_id: str, remark: str, *, version: int | None = None) -> Task:
    """The consolidating agency sends a report back, with what is missing."""
    one = _theirs(unit, task_id, version)
    return take_step(unit, one, Verb.RETURN, words=_words(remark, field="remark"))


def approve(unit: Unit, task_id: str, remark: str = "", *, version: int | None = None) -> Task:
    """The consolidating agency takes a report; work that comes again goes on with its next period.

    Raises:
        NotAllowed: SAME_PERSON where the approver wrote the report; OWN_PROGRAM where a program approves what its
            own agency reported, because nobody knows whose hand is behind it.
    """
    one = _theirs(unit, task_id, version)
    rules.check_step(one, Verb.APPROVE)
    if one.reported_by:
        require_other_person(unit.actor, one.reported_by)
    if unit.actor.kind is ActorKind.CLIENT and _reported_at(unit, one) == unit.actor.agency_id:
        raise NotAllowed(TaskReason.OWN_PROGRAM)
    recurrence = kept.clause(unit.conn, one.clause_id).recurrence
    due = rules.due_after(one, recurrence, vietnam_date(unit.now))
    state = rules.state_after(recurrence)
    ended = unit.now if state is TaskState.DONE else None
    return take_step(
        unit, one, Verb.APPROVE, to=state, words=_words(remark, needed=False, field="remark"), ended_at=ended,
        due_on=_text(due.on), period_to=_text(due.period_to),
    )  # fmt: skip


def set_deadline(unit: Unit, task_id: str, day: date, reason: str, *, version: int | None = None) -> Task:
    """A day for a task: where guidance has come, a request was made, or a deadline was put off."""
    one = _theirs(unit, task_id, version)
    return take_step(
        unit, one, Verb.SET_DEADLINE, words=_words(reason, field="reason"),
        details={"from": _text(one.due_on), "to": day.isoformat()}, deadline=day.isoformat(),
        due_on=day.isoformat(),
    )  # fmt: skip


def end(unit: Unit, one: Task, verb: Verb, words: str, details: dict[str, Any] | None = None) -> Task:
    """Carry over or cancel, because the plan or the clause ended; the caller has asked the permission."""
    return take_step(unit, one, verb, words=words, details=details, ended_at=unit.now)


def leads(unit: Unit, one: Task) -> bool:
    """Whether the actor's agency does this task today: named, as successor, or by delegation."""
    mine = unit.actor.agency_id
    return mine is not None and mine in {
        _today(unit, agency_id) for agency_id in (one.lead_id, one.delegate_id) if agency_id
    }


def _reported_at(unit: Unit, one: Task) -> str | None:
    """The agency whose report waits."""
    told = [step.agency_id for step in store.steps(unit.conn, one.id) if step.verb is Verb.REPORT]
    return told[-1] if told else None


def _mine(unit: Unit, task_id: str, version: int | None, *, lead_only: bool = False) -> Task:
    require(unit.actor, Permission.PLAN_WORK)
    one = _locked(unit, task_id)
    mine = _today(unit, one.lead_id) == unit.actor.agency_id if lead_only else leads(unit, one)
    if not mine:
        raise NotAllowed(TaskReason.NOT_THE_LEAD)
    return _in_force(unit, one, version)


def _theirs(unit: Unit, task_id: str, version: int | None) -> Task:
    require(unit.actor, Permission.PLAN_CHECK)
    one = _locked(unit, task_id)
    if _today(unit, kept.find(unit.conn, one.plan_id).consolidator_id) != unit.actor.agency_id:
        raise NotAllowed(TaskReason.NOT_THE_CONSOLIDATOR)
    return _in_force(unit, one, version)


def _locked(unit: Unit, task_id: str) -> Task:
    return store.find(unit.conn, task_id, lock=True)


def _in_force(unit: Unit, one: Task, version: int | None) -> Task:
    rules.check_version(one, version)
    plan: Plan = kept.find(unit.conn, one.plan_id)
    if plan.state is not PlanState.IN_FORCE:
        raise Conflict(TaskReason.PLAN_NOT_IN_FORCE, plan_state=plan.state.value)
    return one


def _today(unit: Unit, agency_id: str) -> str:
    return agency_on(unit.conn, agency_id, vietnam_date(unit.now)).id


def take_step(
    unit: Unit, one: Task, verb: Verb, *, to: TaskState | None = None, words: str = "",
    details: dict[str, Any] | None = None, evidence: Sequence[EvidenceDraft] = (), **changes: Any,
) -> Task:  # fmt: skip
    """One step: the task's row, the step's own, the evidence, and one fact."""
    state = to or rules.check_step(one, verb)
    row = change_row(
        unit.conn, tables.task, one.id, {"state": state.value, "version": one.version + 1, **changes}
    )  # fmt: skip
    step_id = new_id()
    said = details or {}
    add_row(
        unit.conn, tables.step,
        {
            "id": step_id, "task_id": one.id, "verb": verb.value, "from_state": one.state.value,
            "state": state.value, "by": unit.actor.reference, "by_name": unit.actor.name[:200],
            "agency_id": unit.actor.agency_id, "at": unit.now, "words": words, "period_to": _text(one.period_to),
            "details": said,
        },
    )  # fmt: skip
    shown = [_add(unit, one.id, step_id, draft) for draft in evidence]
    append(
        unit, FACTS[verb], f"plan_task:{one.id}",
        {
            "plan": one.plan_id, "lead": one.lead_id, "from": one.state.value, "to": state.value,
            "due_on": row.due_on, "period_to": _text(one.period_to), "evidence": len(shown),
            # Apart: whom it went to, or which day was put off to which, is no state.
            **({"details": said} if said else {}),
        },
        rows=[("plan_task", one.id), ("plan_task_step", step_id), *(("plan_evidence", e.id) for e in shown)],
    )  # fmt: skip
    return store.task_from_row(row)


def _add(unit: Unit, task_id: str, step_id: str, draft: EvidenceDraft) -> Evidence:
    typed = clean_text(draft.reference, "reference", limit=_LINK_MAX)
    found = point(unit.conn, unit.actor, draft.kind, typed, vietnam_date(unit.now))
    row = add_row(
        unit.conn, tables.evidence,
        {
            "id": new_id(), "task_id": task_id, "step_id": step_id, "kind": draft.kind.value,
            "reference": found.reference,
            # What it is called in its own record stays there: not everybody who sees the task may know that.
            "title": clean_text(draft.title, "title", at_least=0, limit=400),
            "added_by": unit.actor.reference, "added_at": unit.now,
        },
    )  # fmt: skip
    return Evidence(
        row.id, task_id, EvidenceKind(row.kind), row.reference, row.title, row.added_by, row.added_at
    )  # fmt: skip


def _words(text: str, *, needed: bool = True, field: str = "words") -> str:
    return clean_text(text, field, at_least=1 if needed else 0, limit=WORDS_MAX)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
