"""Keep what was read in a document: a new plan, or a new reading of one that is kept, over people's corrections."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from lachan.foundation.access import AccessReason, Permission, agencies, agency, agency_on, clean_text, require
from lachan.foundation.base import BadInput, Conflict, NotAllowed, new_id
from lachan.foundation.storage import Unit, add_row, hold_names
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.demands import suggest
from lachan.plans.kept import heading, rules, store
from lachan.plans.kept.addressing import Register
from lachan.plans.kept.duties import by_hand, keep_duties
from lachan.plans.kept.model import (
    Clause,
    ClauseField,
    Correction,
    Document,
    Kept,
    PartyRole,
    Plan,
    PlanReason,
    PlanState,
)
from lachan.plans.model import PlanDraft, TaskDraft, Warned
from lachan.plans.reading import receivers_of

NUMBER_MAX, _TYPE_MAX = 80, 100


def keep_plan(unit: Unit, draft: PlanDraft, document: Document, *, keeper_id: str | None = None) -> Kept:
    """Keep a plan under its number and issuer; who kept it before gets a new reading of it.

    Raises:
        BadInput: NO_NUMBER, NO_CLAUSES.
        Conflict: OTHER_KEEPER where neither the keeper nor its successor reads it, or the plan has ended.
    """
    keeper = keeper_id or unit.actor.agency_id
    require(unit.actor, Permission.PLAN_KEEP, keeper)
    if keeper is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    if not draft.number or not draft.issuer:
        raise BadInput(PlanReason.NO_NUMBER, field="number")
    if not draft.tasks:
        raise BadInput(PlanReason.NO_CLAUSES, field="file")
    agency(unit.conn, keeper)
    draft = replace(
        draft, number=clean_text(draft.number, "number", limit=NUMBER_MAX),
        issuer=clean_text(draft.issuer, "issuer", limit=heading.NAME_MAX),
    )  # fmt: skip
    hold_names(unit.conn, heading.KEEPING)
    register = Register(agencies(unit.conn), unit)
    document_id = _keep_document(unit, document)
    there = heading.same_plan(unit, draft)
    if there is not None:
        plan = _taken_over(unit, there, keeper)
        rules.check_open(plan)
        _update(unit, plan, draft)
    else:
        plan = _insert(unit, draft, keeper, register)
    warnings = [*draft.warnings, *register.doubts(draft.tasks)]
    number = _read(unit, plan.id, draft, document, document_id, warnings)
    kept = _merge(unit, plan.id, draft.tasks, number, register)
    _duties(unit, plan.id, draft)
    heading.carry_out(unit, plan.id, draft.implements)
    heading.put_right(unit, store.find(unit.conn, plan.id))
    append(
        unit, "plan.kept", f"plan:{plan.id}",
        {
            "number": draft.number, "document": document_id, "reading": number, "clauses": len(draft.tasks),
            "added": len(kept.added), "changed": len(kept.changed), "gone": len(kept.gone),
            "warnings": len(warnings),
        },
        rows=[("plan", plan.id), ("plan_document", document_id)],
    )  # fmt: skip
    return kept


def _taken_over(unit: Unit, plan: Plan, keeper: str) -> Plan:
    """The plan, kept by who reads it anew: its keeper, or the body that does an ended keeper's work today."""
    if plan.keeper_id == keeper:
        return plan
    if agency_on(unit.conn, plan.keeper_id, vietnam_date(unit.now)).id != keeper:
        raise Conflict(PlanReason.OTHER_KEEPER, number=plan.number)
    store.update_plan(unit.conn, plan.id, keeper_id=keeper)
    append(
        unit, "plan.keeper_succeeded", f"plan:{plan.id}", {"from": plan.keeper_id, "to": keeper},
        rows=[("plan", plan.id)],
    )  # fmt: skip
    return store.find(unit.conn, plan.id)


def _keep_document(unit: Unit, document: Document) -> str:
    sha256 = hashlib.sha256(document.content).hexdigest()
    _d = tables.document
    if unit.conn.execute(sa.select(_d.c.id).where(_d.c.id == sha256)).first() is None:
        add_row(
            unit.conn, _d,
            {
                "id": sha256, "name": document.name[-200:], "media_type": document.media_type[:_TYPE_MAX],
                "size_bytes": len(document.content), "content": document.content, "kept_at": unit.now,
            },
        )  # fmt: skip
    return sha256


def _insert(unit: Unit, draft: PlanDraft, keeper: str, register: Register) -> Plan:
    number, issuer = draft.number or "", draft.issuer or ""
    gathers = register.ids([name for one in draft.reports for name in receivers_of(one.receiver)])
    row = add_row(
        unit.conn, tables.plan,
        {
            "id": new_id(), "number": number, "number_key": rules.number_key(number), "issuer": issuer,
            "issuer_key": rules.name_key(issuer), "state": PlanState.DRAFT.value, "keeper_id": keeper,
            "consolidator_id": gathers[0] if gathers else keeper,
            "supersedes_id": heading.superseded(unit, draft.supersedes, keeper, issuer),
            "sub_plans_due": _sub_plans_due(draft), "made_by": unit.actor.reference, "made_at": unit.now,
            "version": 1, **heading.said(draft),
        },
    )  # fmt: skip
    return store.plan_from_row(row)


def _update(unit: Unit, plan: Plan, draft: PlanDraft) -> None:
    superseded = plan.supersedes_id or heading.superseded(
        unit, draft.supersedes, plan.keeper_id, plan.issuer, plan
    )  # fmt: skip
    store.update_plan(unit.conn, plan.id, supersedes_id=superseded, **heading.said(draft, plan))


def _sub_plans_due(draft: PlanDraft) -> str | None:
    """The day by which everybody sends a plan of their own, where a clause with a day demands one."""
    found = (one.last_day for one in draft.tasks if one.last_day is not None and 2 in suggest(one.text))
    return next((day.isoformat() for day in found), None)


def _read(
    unit: Unit, plan_id: str, draft: PlanDraft, document: Document, document_id: str, warnings: Sequence[Warned]
) -> int:
    before = store.readings(unit.conn, plan_id)
    number = before[0].number + 1 if before else 1
    add_row(
        unit.conn, tables.reading,
        {
            "id": new_id(), "plan_id": plan_id, "number": number, "document_id": document_id,
            "lines": list(document.lines or _lines_of(draft)), "read_by": unit.actor.reference,
            "read_at": unit.now,
            "warnings": [
                {"key": one.key, "line": one.line.number if one.line else None, "details": dict(one.details)}
                for one in warnings
            ],
        },
    )  # fmt: skip
    return number


def _lines_of(draft: PlanDraft) -> list[str]:
    """The lines of which the reader spoke, each at its place, where the whole text was not handed over."""
    spoken = [one.line for one in draft.tasks] + [one.line for one in draft.reports]
    spoken += [one.line for one in draft.warnings if one.line is not None]
    lines = [""] * max((line.number for line in spoken), default=0)
    for line in spoken:
        lines[line.number - 1] = line.text
    return lines


def _merge(
    unit: Unit, plan_id: str, drafts: Sequence[TaskDraft], reading: int, register: Register
) -> Kept:  # fmt: skip
    old = store.clauses(unit.conn, plan_id)
    by_id = {one.id: one for one in old}
    said: dict[str, list[Correction]] = {}
    for each in store.corrections(unit.conn, plan_id):
        if each.clause_id is not None:
            said.setdefault(each.clause_id, []).append(each)
    matched = rules.match_clauses(old, drafts)
    place = {id(draft): at for at, draft in enumerate(drafts)}
    changed: list[str] = []
    for clause_id, draft in matched.pairs:
        before = by_id[clause_id]
        if before.read != rules.as_read(draft):
            changed.append(draft.ref)
        _write(unit, before, draft, place[id(draft)], said.get(clause_id, ()), register)
    for draft in matched.new:
        _add(unit, plan_id, draft, place[id(draft)], register)
    for clause_id in matched.gone:
        store.update_clause(unit.conn, clause_id, gone=True)
    return Kept(
        plan_id, reading, tuple(one.ref for one in matched.new) if old else (), tuple(changed),
        len(matched.pairs) - len(changed), tuple(by_id[one].ref for one in matched.gone),
        tuple(by_id[one].ref for one in said if one in by_id),
    )  # fmt: skip


def _write(
    unit: Unit, before: Clause, draft: TaskDraft, position: int, said: Sequence[Correction], register: Register
) -> None:
    """A clause that the new reading has, too: what it says now, under what people said."""
    now_is = rules.corrected(rules.as_read(draft), said)
    fields = rules.corrected_fields(said)
    if ClauseField.COORDINATING in fields:
        now_is["coordinating"] = list(before.coordinating)
    store.update_clause(
        unit.conn, before.id, position=position, read=rules.as_read(draft), gone=False, ref=draft.ref,
        section=draft.section, line=draft.line.number, text=now_is["text"], lead=now_is["lead"],
        coordinating=now_is["coordinating"], deadline=now_is["deadline"], recurrence=now_is["recurrence"],
        dropped=now_is["dropped"], kept=None,
    )  # fmt: skip
    if not fields & {ClauseField.LEAD_AGENCIES, ClauseField.LEAD}:
        store.set_parties(unit.conn, before.id, before.plan_id, PartyRole.LEAD, register.ids([draft.lead]))
    if ClauseField.COORDINATING not in fields:
        helpers = register.ids(draft.coordinating)
        store.set_parties(unit.conn, before.id, before.plan_id, PartyRole.COORDINATOR, helpers)
    if ClauseField.DEMANDS not in fields:
        store.update_clause(unit.conn, before.id, demands=list(suggest(now_is["text"])))


def _add(unit: Unit, plan_id: str, draft: TaskDraft, position: int, register: Register) -> None:
    read = rules.as_read(draft)
    made = new_id()
    add_row(
        unit.conn, tables.clause,
        {
            "id": made, "plan_id": plan_id, "position": position, **read, "read": read, "gone": False,
            "dropped": None, "kept": None, "demands": list(suggest(draft.text)),
        },
    )  # fmt: skip
    store.set_parties(unit.conn, made, plan_id, PartyRole.LEAD, register.ids([draft.lead]))
    store.set_parties(unit.conn, made, plan_id, PartyRole.COORDINATOR, register.ids(draft.coordinating))


def _duties(unit: Unit, plan_id: str, draft: PlanDraft) -> None:
    """The newest reading says what is reported when, unless a person has said it."""
    if by_hand(unit.conn, plan_id) is None:
        keep_duties(unit.conn, plan_id, draft.reports)
