"""What people do with a kept plan: correct its clauses, add or drop one, set it in force, cancel it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lachan.foundation.access import Permission, agency, agency_on, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.demands import DEMANDS, suggest
from lachan.plans.kept import giving, rules, store
from lachan.plans.kept.model import Clause, ClauseField, PartyRole, Plan, PlanReason, PlanState
from lachan.plans.tasks import store as task_store
from lachan.plans.tasks.actions import end
from lachan.plans.tasks.model import OPEN, Verb

REASON_MAX, TEXT_MAX = 1_000, 20_000
_F = ClauseField
# What is kept of a corrected clause in a column of its own name.
_COLUMNS = {_F.LEAD, _F.TEXT, _F.DEADLINE, _F.RECURRENCE, _F.DEMANDS, _F.COORDINATING, _F.DROPPED, _F.KEPT}


def correct(
    unit: Unit, clause_id: str, field: ClauseField, value: Any, reason: str, *, version: int | None = None
) -> Clause:
    """Change one thing of a clause; it survives every later reading of the document.

    `value`: words for TEXT, LEAD and DROPPED (None takes the drop back), a day or None for DEADLINE, codes for
    RECURRENCE, numbers for DEMANDS, ids of agencies for LEAD_AGENCIES and COORDINATING.
    """
    before = store.clause(unit.conn, clause_id)
    plan = _keep(unit, before.plan_id, version)
    if not before.living and field is not _F.DROPPED:
        raise Conflict(PlanReason.CLAUSE_DROPPED, ref=before.ref)
    if field is _F.KEPT and not before.gone:
        raise Conflict(PlanReason.CLAUSE_NOT_GONE, ref=before.ref)
    after = _checked(unit, field, value)
    if field in {_F.LEAD_AGENCIES, _F.COORDINATING}:
        role = PartyRole.LEAD if field is _F.LEAD_AGENCIES else PartyRole.COORDINATOR
        store.set_parties(unit.conn, clause_id, plan.id, role, after)
        if field is _F.COORDINATING:
            store.update_clause(unit.conn, clause_id, coordinating=[agency(unit.conn, i).name for i in after])
    elif field in _COLUMNS:
        store.update_clause(unit.conn, clause_id, **{field.value: after})
    _note(unit, before, field, _value_of(before, field), after, reason)
    store.update_plan(unit.conn, plan.id)
    done = store.clause(unit.conn, clause_id)
    if plan.state is PlanState.IN_FORCE:
        giving.give_tasks(unit, plan, only=clause_id)
        giving.owe_reports(unit, plan)
        if field in {_F.DEADLINE, _F.RECURRENCE}:
            giving.redate(unit, done)
    return done


def drop_clause(unit: Unit, clause_id: str, reason: str, *, version: int | None = None) -> Clause:
    """Take a clause out, with a reason; its open tasks are cancelled."""
    said = clean_text(reason, "reason", limit=REASON_MAX)
    return correct(unit, clause_id, _F.DROPPED, said, said, version=version)


def keep_clause(unit: Unit, clause_id: str, reason: str, *, version: int | None = None) -> Clause:
    """Go on with a clause that the newest reading lacks, with a reason: its tasks stay as they are.

    Raises:
        Conflict: CLAUSE_NOT_GONE where the newest reading has it.
    """
    said = clean_text(reason, "reason", limit=REASON_MAX)
    return correct(unit, clause_id, _F.KEPT, said, said, version=version)


def add_clause(
    unit: Unit, plan_id: str, ref: str, text: str, reason: str, *, section: str = "", leads: Sequence[str] = (),
    deadline: date | None = None, recurrence: Sequence[str] = (), version: int | None = None,
) -> Clause:  # fmt: skip
    """Add a clause that the reader has missed, or that was agreed on later."""
    plan = _keep(unit, plan_id, version)
    named = clean_text(ref, "ref", limit=40)
    there = store.clauses(unit.conn, plan.id)
    if any(one.ref == named for one in there):
        raise Conflict(PlanReason.REF_TAKEN, field="ref", ref=named)
    made = new_id()
    words = clean_text(text, "text", limit=TEXT_MAX)

    add_row(
        unit.conn, tables.clause,
        {
            "id": made, "plan_id": plan.id, "position": len(there), "ref": named,
            "section": section or (there[-1].section if there else ""), "text": words, "lead": None,
            "coordinating": [], "deadline": _checked(unit, _F.DEADLINE, deadline),
            "recurrence": _checked(unit, _F.RECURRENCE, recurrence), "demands": list(suggest(words)), "line": None,
            "read": None, "gone": False, "dropped": None, "kept": None,
        },
    )  # fmt: skip
    store.set_parties(unit.conn, made, plan.id, PartyRole.LEAD, _checked(unit, _F.LEAD_AGENCIES, leads))
    done = store.clause(unit.conn, made)
    _note(unit, done, _F.ADDED, None, named, reason)
    store.update_plan(unit.conn, plan.id)
    if plan.state is PlanState.IN_FORCE:
        giving.give_tasks(unit, plan, only=made)
        giving.owe_reports(unit, plan)
    return done


def set_consolidator(
    unit: Unit, plan_id: str, agency_id: str, sub_plans_due: date | None, *, version: int | None = None
) -> Plan:
    """Who gathers what is reported, and by when everybody sends a plan of their own."""
    plan = _keep(unit, plan_id, version)
    who = agency_on(unit.conn, agency_id, vietnam_date(unit.now))
    due = sub_plans_due.isoformat() if sub_plans_due else None
    store.update_plan(unit.conn, plan.id, consolidator_id=who.id, sub_plans_due=due)
    _fact(unit, "plan.consolidator_set", plan.id, {"consolidator": who.id, "sub_plans_due": due})
    done = store.find(unit.conn, plan.id)
    if done.state is PlanState.IN_FORCE:
        giving.owe_reports(unit, done)
    return done


def approve_plan(
    unit: Unit, plan_id: str, *, rest_to_consolidator: bool = False, version: int | None = None
) -> Plan:
    """The keeper's head sets the plan in force: every lead has its task; the plan it supersedes hands its own over.

    Of a plan in force it approves what a new reading brought.

    Raises:
        Conflict: LEADS_MISSING where a clause has nobody of the register, unless the rest goes to who consolidates.
    """
    plan = store.find(unit.conn, plan_id, lock=True)
    require(unit.actor, Permission.PLAN_APPROVE, _keeper(unit, plan))
    again = plan.state is PlanState.IN_FORCE
    if not again:
        rules.check_next(plan, PlanState.IN_FORCE)
    _same(plan, version)
    nobody = [one for one in store.clauses(unit.conn, plan.id, living=True) if not one.leads]
    if nobody and not rest_to_consolidator:
        raise Conflict(PlanReason.LEADS_MISSING, count=len(nobody), refs=", ".join(one.ref for one in nobody[:8]))
    for one in nobody:
        store.set_parties(unit.conn, one.id, plan.id, PartyRole.LEAD, [plan.consolidator_id])
        # A decision about the clause: a later reading that finds nobody either does not undo it.
        _note(unit, one, _F.LEAD_AGENCIES, [], [plan.consolidator_id], plan.number)
    store.update_plan(
        unit.conn, plan.id, state=PlanState.IN_FORCE.value, in_force_at=plan.in_force_at or unit.now,
        approved_by=unit.actor.reference,
    )  # fmt: skip
    now_is = store.find(unit.conn, plan.id)
    old = store.find(unit.conn, plan.supersedes_id, lock=True) if plan.supersedes_id else None
    if old is not None and old.state is PlanState.IN_FORCE and not again:
        giving.carry_over(unit, old, now_is)
        store.update_plan(unit.conn, old.id, state=PlanState.SUPERSEDED.value, ended_at=unit.now)
        giving.owe_reports(unit, old, ended=True)
        _fact(unit, "plan.superseded", old.id, {"by": plan.id})
    else:
        giving.give_tasks(unit, now_is)
        giving.redate_all(unit, now_is)
    giving.owe_reports(unit, now_is)
    _fact(
        unit, "plan.in_force", plan.id, {"again": again, "number": plan.number, "rest_to_consolidator": len(nobody)}
    )
    return now_is


def cancel_plan(unit: Unit, plan_id: str, reason: str, *, version: int | None = None) -> Plan:
    """End a plan without another in its place; its open tasks end with it."""
    plan = store.find(unit.conn, plan_id, lock=True)
    require(unit.actor, Permission.PLAN_APPROVE, _keeper(unit, plan))
    rules.check_next(plan, PlanState.CANCELLED)
    _same(plan, version)
    said = clean_text(reason, "reason", limit=REASON_MAX)
    for task in task_store.of_plan(unit.conn, plan.id):
        if task.state in OPEN:
            end(unit, task, Verb.CANCEL, said)
    store.update_plan(unit.conn, plan.id, state=PlanState.CANCELLED.value, ended_at=unit.now)
    giving.owe_reports(unit, plan, ended=True)
    _fact(unit, "plan.cancelled", plan.id, {"number": plan.number})
    return store.find(unit.conn, plan.id)


def _keep(unit: Unit, plan_id: str, version: int | None) -> Plan:
    plan = store.find(unit.conn, plan_id, lock=True)
    require(unit.actor, Permission.PLAN_KEEP, _keeper(unit, plan))
    rules.check_open(plan)
    _same(plan, version)
    return plan


def _keeper(unit: Unit, plan: Plan) -> str:
    """Whose plan it is today: an ended keeper's is its successor's."""
    return agency_on(unit.conn, plan.keeper_id, vietnam_date(unit.now)).id


def _same(plan: Plan, version: int | None) -> None:
    if version is not None and version != plan.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="version")


def _checked(unit: Unit, field: ClauseField, value: Any) -> Any:
    """As the row keeps it; BadInput names the field."""
    name = field.value
    if field in {_F.LEAD_AGENCIES, _F.COORDINATING}:
        today = vietnam_date(unit.now)
        return list(dict.fromkeys(agency_on(unit.conn, one, today).id for one in value))
    if field is _F.DEADLINE:
        return value.isoformat() if value else None
    if field is _F.RECURRENCE:
        try:
            return [one.value for one in rules.recurrence_of(value)]
        except ValueError as error:
            raise BadInput(InputReason.UNKNOWN_VALUE, field=name, value=str(value)[:60]) from error
    if field is _F.DEMANDS:
        if unknown := set(value) - {one.number for one in DEMANDS}:
            raise BadInput(InputReason.UNKNOWN_VALUE, field=name, value=min(unknown))
        return sorted(set(value))
    if field in {_F.TEXT, _F.LEAD}:
        return clean_text(value, name, limit=TEXT_MAX)
    return value


def _value_of(clause: Clause, field: ClauseField) -> Any:
    if field is _F.DEADLINE:
        return clause.deadline.isoformat() if clause.deadline else None
    if field is _F.RECURRENCE:
        return [one.value for one in clause.recurrence]
    if field is _F.LEAD_AGENCIES:
        return list(clause.leads)
    if field is _F.COORDINATING:
        return list(clause.coordinators)
    found = getattr(clause, field.value)
    return list(found) if isinstance(found, tuple) else found


def _note(unit: Unit, clause: Clause, field: ClauseField, before: Any, after: Any, reason: str) -> None:
    """The correction's row and its fact: what was changed, never lost by a later reading."""
    made = new_id()
    add_row(
        unit.conn, tables.correction,
        {
            "id": made, "plan_id": clause.plan_id, "clause_id": clause.id, "field": field.value, "before": before,
            "after": after, "reason": clean_text(reason, "reason", limit=REASON_MAX),
            "made_by": unit.actor.reference, "made_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "plan.clause_corrected", f"plan:{clause.plan_id}", {"ref": clause.ref, "field": field.value},
        rows=[("plan_clause", clause.id), ("plan_correction", made)],
    )  # fmt: skip


def _fact(unit: Unit, kind: str, plan_id: str, data: dict[str, Any]) -> None:
    append(unit, kind, f"plan:{plan_id}", data, rows=[("plan", plan_id)])
