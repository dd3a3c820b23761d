"""What a plan says of itself as a whole: which plan it is, whose place it takes, what it carries out.

What people put right of that, no later reading undoes.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency_on, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, new_id
from lachan.foundation.storage import Unit, add_row, hold_names
from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail import append
from lachan.plans import tables
from lachan.plans.kept import rules, store
from lachan.plans.kept.model import Plan, PlanField, PlanReason, PlanState
from lachan.plans.model import PlanDraft

KEEPING = ("plans are kept",)
"""Held by who enters a plan, or a directive that one carries out: two who do it at once wait for each other."""
REASON_MAX, TITLE_MAX, NAME_MAX, LINES_MAX = 1_000, 1_000, 200, 60
_LISTS = {PlanField.IMPLEMENTS, PlanField.RECIPIENTS}


def same_plan(unit: Unit, draft: PlanDraft) -> Plan | None:
    """The kept plan of which this is a new reading: of its number, issuer and year. Numbers begin anew each year.

    Where one of the two does not say its day, number and issuer have to do.
    """
    found = store.find_by_number(
        unit.conn, rules.number_key(draft.number or ""), rules.name_key(draft.issuer or "")
    )  # fmt: skip
    year = rules.year_of(draft.issued_on)
    alike = [one for one in found if rules.year_of(one.issued_on) == year]
    # The document goes on saying the year that a person has put right.
    alike += [one for one in found if year in _years_read(unit.conn, one.id)]
    alike += [one for one in found if not (year and one.issued_on)]
    return store.find(unit.conn, alike[0].id, lock=True) if alike else None


def _years_read(conn: Connection, plan_id: str) -> set[int]:
    """The years that stood in a plan before they were corrected."""
    dated = [one for one in store.corrections(conn, plan_id) if one.field is PlanField.ISSUED_ON]
    return {rules.year_of(rules.day_of(one.before)) for one in dated if one.before}


def said(draft: PlanDraft, before: Plan | None = None) -> dict[str, Any]:
    """The columns of a reading; what it does not say stays as it was `before`."""
    issued_on = draft.issued_on or (before.issued_on if before else None)
    return {
        "issued_on": issued_on.isoformat() if issued_on else None, "year": rules.year_of(issued_on),
        "title": draft.title or (before.title if before else None) or draft.number,
        "recipients": list(draft.recipients or (before.recipients if before else ())),
        # What was read wrongly may be a whole paragraph; who reviews it sees the beginning.
        "signed_by": (draft.signed_by or "")[:NAME_MAX] or (before.signed_by if before else None),
        "supersedes": (draft.supersedes or "")[:NAME_MAX] or (before.supersedes if before else None),
    }  # fmt: skip


def superseded(unit: Unit, told: str | None, keeper: str, issuer: str, own: Plan | None = None) -> str | None:
    """The plan whose place another takes: only one of the same keeper, who alone may end it. Several issuers, and
    several years, may have given that number: the own issuer's and the day that is named come first."""
    if not told:
        return None
    today, key, day = vietnam_date(unit.now), rules.name_key(issuer), rules.day_named(told)
    found = [
        one
        for one in store.find_by_number(unit.conn, rules.number_key(told))
        if (own is None or one.id != own.id)
        and agency_on(unit.conn, one.keeper_id, today).id == keeper
        and (day is None or one.issued_on is None or one.issued_on.year == day.year)
    ]
    found.sort(key=lambda one: (rules.name_key(one.issuer) != key, one.issued_on != day))
    return found[0].id if found else None


def carry_out(unit: Unit, plan_id: str, names: Sequence[str]) -> None:
    """Each directive once in the register, however many plans carry it out."""
    _d, _i = tables.directive, tables.implements
    unit.conn.execute(sa.delete(_i).where(_i.c.plan_id == plan_id))
    named = {(rules.number_key(name), rules.dated_as(name)): name for name in reversed(names)}
    done: set[str] = set()
    for (key, dated), text in reversed(named.items()):
        there = {row.dated: row.id for row in unit.conn.execute(sa.select(_d).where(_d.c.number_key == key))}
        found = there.get(dated)
        if found is None and not dated and len(there) == 1 and not rules.is_plan(key):
            (found,) = there.values()  # named without its day, and only one is known
        if found is None:
            found = new_id()
            add_row(
                unit.conn, _d,
                {"id": found, "number_key": key, "dated": dated, "text": text, "first_at": unit.now},
            )  # fmt: skip
        if found not in done:
            add_row(unit.conn, _i, {"id": new_id(), "plan_id": plan_id, "directive_id": found})
        done.add(found)


def carried_out(conn: Connection, plan_id: str) -> list[str]:
    """The directives that a plan carries out, in their order."""
    _d, _i = tables.directive, tables.implements
    query = sa.select(_d.c.text).join(_i, _i.c.directive_id == _d.c.id).where(_i.c.plan_id == plan_id)
    return list(conn.execute(query.order_by(_i.c.id)).scalars())


def put_right(unit: Unit, plan: Plan) -> Plan:
    """The plan as people have put it right, after a new reading of its document."""
    newest = {one.field: one.after for one in store.corrections(unit.conn, plan.id) if one.clause_id is None}
    for field, value in newest.items():
        _write(unit, plan, PlanField(field), value)
    return store.find(unit.conn, plan.id)


def correct_plan(
    unit: Unit, plan_id: str, field: PlanField, value: Any, reason: str, *, version: int | None = None
) -> Plan:
    """Change one thing that a plan says of itself; it survives every later reading of the document.

    `value`: words for TITLE, SIGNED_BY and SUPERSEDES (empty: nothing), a day or None for ISSUED_ON, a list of
    words for IMPLEMENTS and RECIPIENTS.

    Raises:
        Conflict: NUMBER_TAKEN where the issuer's number of that year is another plan; NOT_IN_THIS_STATE for whose
            place it takes, once it has taken it.
    """
    hold_names(unit.conn, KEEPING)
    plan = store.find(unit.conn, plan_id, lock=True)
    require(unit.actor, Permission.PLAN_KEEP, agency_on(unit.conn, plan.keeper_id, vietnam_date(unit.now)).id)
    rules.check_open(plan)
    if version is not None and version != plan.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE, field="version")
    if field is PlanField.SUPERSEDES and plan.state is not PlanState.DRAFT:
        raise Conflict(PlanReason.NOT_IN_THIS_STATE, plan_state=plan.state.value)
    before = carried_out(unit.conn, plan.id) if field is PlanField.IMPLEMENTS else getattr(plan, field.value)
    after = _checked(field, value)
    _write(unit, plan, field, after)
    made = new_id()
    add_row(
        unit.conn, tables.correction,
        {
            "id": made, "plan_id": plan.id, "clause_id": None, "field": field.value, "before": _plain(before),
            "after": after, "reason": clean_text(reason, "reason", limit=REASON_MAX),
            "made_by": unit.actor.reference, "made_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "plan.corrected", f"plan:{plan.id}", {"field": field.value},
        rows=[("plan", plan.id), ("plan_correction", made)],
    )  # fmt: skip
    return store.find(unit.conn, plan.id)


def _write(unit: Unit, plan: Plan, field: PlanField, value: Any) -> None:
    if field is PlanField.IMPLEMENTS:
        carry_out(unit, plan.id, value)
        store.update_plan(unit.conn, plan.id)
        return
    more: dict[str, Any] = {}
    if field is PlanField.ISSUED_ON:
        more["year"] = rules.year_of(rules.day_of(value))
        others = store.find_by_number(unit.conn, rules.number_key(plan.number), rules.name_key(plan.issuer))
        if any(one.id != plan.id and rules.year_of(one.issued_on) == more["year"] for one in others):
            raise Conflict(PlanReason.NUMBER_TAKEN, field=field.value, number=plan.number)
    if field is PlanField.SUPERSEDES and plan.state is PlanState.DRAFT:
        keeper = agency_on(unit.conn, plan.keeper_id, vietnam_date(unit.now)).id
        more["supersedes_id"] = superseded(unit, value, keeper, plan.issuer, plan)
    store.update_plan(unit.conn, plan.id, **{field.value: value}, **more)


def _checked(field: PlanField, value: Any) -> Any:
    """As the row keeps it; BadInput names the field."""
    name = field.value
    if field is PlanField.ISSUED_ON:
        return value.isoformat() if value else None
    if field in _LISTS:
        lines = [one for one in (clean_text(each, name, at_least=0, limit=400) for each in value) if one]
        if len(lines) > LINES_MAX:
            raise BadInput(InputReason.TOO_LONG, field=name, limit=LINES_MAX)
        return list(dict.fromkeys(lines))
    if field is PlanField.TITLE:
        return clean_text(value, name, limit=TITLE_MAX)
    return clean_text(value, name, at_least=0, limit=NAME_MAX) or None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
