"""Kept plans: rows to model and back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound, new_id
from lachan.foundation.storage import among
from lachan.plans import tables
from lachan.plans.kept.model import (
    Clause,
    ClauseField,
    Correction,
    Document,
    PartyRole,
    Plan,
    PlanField,
    PlanState,
    Reading,
)
from lachan.plans.kept.rules import day_of, recurrence_of
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine

_P, _C = tables.plan, tables.clause


def plan_from_row(row: Any) -> Plan:
    """A row as the model has it."""
    return Plan(
        row.id, row.number, row.issuer, day_of(row.issued_on), row.title, tuple(row.recipients), row.signed_by,
        PlanState(row.state), row.keeper_id, row.consolidator_id, row.supersedes, row.supersedes_id,
        day_of(row.sub_plans_due), row.in_force_at, row.ended_at, row.made_by, row.made_at, row.approved_by,
        row.version,
    )  # fmt: skip


def find(conn: Connection, plan_id: str, *, lock: bool = False) -> Plan:
    """One plan; NotFound where there is none."""
    query = sa.select(_P).where(_P.c.id == plan_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="plan")
    return plan_from_row(row)


def find_by_number(conn: Connection, number_key: str, issuer_key: str | None = None) -> list[Plan]:
    """The plans with a number, the newest year's first; several issuers may give the same one."""
    query = sa.select(_P).where(_P.c.number_key == number_key)
    if issuer_key is not None:
        query = query.where(_P.c.issuer_key == issuer_key)
    return [plan_from_row(row) for row in conn.execute(query.order_by(_P.c.year.desc(), _P.c.made_at.desc()))]


def update_plan(conn: Connection, plan_id: str, **values: Any) -> None:
    """Change columns of one plan; its version rises."""
    conn.execute(sa.update(_P).where(_P.c.id == plan_id).values(version=_P.c.version + 1, **values))


def clauses(conn: Connection, plan_id: str, *, living: bool = False) -> list[Clause]:
    """The clauses of a plan in the document's order, each with the agencies of the register."""
    query = sa.select(_C).where(_C.c.plan_id == plan_id).order_by(_C.c.position, _C.c.id)
    rows = conn.execute(query.where(_C.c.dropped.is_(None)) if living else query).all()
    of = parties(conn, tables.party.c.plan_id == plan_id)
    return [_clause(row, of) for row in rows]


def clause(conn: Connection, clause_id: str) -> Clause:
    """One clause; NotFound where there is none."""
    row = conn.execute(sa.select(_C).where(_C.c.id == clause_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="clause")
    return _clause(row, parties(conn, tables.party.c.clause_id == clause_id))


def parties(conn: Connection, where: sa.ColumnElement[bool]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(clause, role) → agencies, in the order in which they were written down."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    query = sa.select(tables.party).where(where).order_by(tables.party.c.id)
    for row in conn.execute(query):
        found[row.clause_id, row.role].append(row.agency_id)
    return {key: tuple(ids) for key, ids in found.items()}


def set_parties(conn: Connection, one: str, plan_id: str, role: PartyRole, agency_ids: Iterable[str]) -> None:
    """Give a clause exactly these agencies in a role."""
    _party = tables.party
    conn.execute(sa.delete(_party).where(_party.c.clause_id == one, _party.c.role == role.value))
    rows = [
        {"id": new_id(), "clause_id": one, "plan_id": plan_id, "role": role.value, "agency_id": agency_id}
        for agency_id in dict.fromkeys(agency_ids)
    ]
    if rows:
        conn.execute(sa.insert(_party), rows)


def update_clause(conn: Connection, clause_id: str, **values: Any) -> None:
    """Change columns of one clause."""
    conn.execute(sa.update(_C).where(_C.c.id == clause_id).values(**values))


def corrections(conn: Connection, plan_id: str) -> list[Correction]:
    """All corrections of a plan, oldest first."""
    query = sa.select(tables.correction).where(tables.correction.c.plan_id == plan_id)
    rows = conn.execute(query.order_by(tables.correction.c.made_at, tables.correction.c.id))
    return [
        Correction(
            row.id, row.clause_id, ClauseField(row.field) if row.clause_id else PlanField(row.field), row.before,
            row.after, row.reason, row.made_by, row.made_at,
        )
        for row in rows
    ]  # fmt: skip


def readings(conn: Connection, plan_id: str) -> list[Reading]:
    """Every time the document was read, newest first."""
    query = sa.select(tables.reading).where(tables.reading.c.plan_id == plan_id)
    return [
        Reading(row.number, row.document_id, tuple(row.lines), tuple(row.warnings), row.read_at)
        for row in conn.execute(query.order_by(tables.reading.c.number.desc()))
    ]


def report_duties(conn: Connection, plan_id: str) -> tuple[ReportDuty, ...]:
    """The reports that the newest reading demands, in the document's order; those that a person added come last."""
    _d = tables.report_duty
    order = (_d.c.line.is_(None), _d.c.line, _d.c.period, _d.c.due.is_(None), _d.c.due, _d.c.id)
    rows = conn.execute(sa.select(_d).where(_d.c.plan_id == plan_id).order_by(*order))
    return tuple(
        ReportDuty(
            ReportPeriod(row.period), _month_day(row.due), _month_day(row.covers_from), _month_day(row.covers_to),
            row.sender, row.receiver, SourceLine(row.line or 0, ""),
        )
        for row in rows
    )  # fmt: skip


def document(conn: Connection, document_id: str) -> Document:
    """The file as it came, without its lines."""
    row = conn.execute(sa.select(tables.document).where(tables.document.c.id == document_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="document")
    return Document(row.name, row.media_type, bytes(row.content))


def plans_by_id(conn: Connection, ids: Sequence[str]) -> dict[str, Plan]:
    """Some plans by id."""
    rows = conn.execute(sa.select(_P).where(among(conn, _P.c.id, ids)))
    return {row.id: plan_from_row(row) for row in rows}


def _month_day(text: str | None) -> tuple[int, int] | None:
    return (int(text[:2]), int(text[3:])) if text else None


def _clause(row: Any, of: dict[tuple[str, str], tuple[str, ...]]) -> Clause:
    return Clause(
        row.id, row.plan_id, row.position, row.ref, row.section, row.text, row.lead, tuple(row.coordinating),
        day_of(row.deadline), recurrence_of(row.recurrence), tuple(row.demands), row.line, row.read, row.gone,
        row.dropped, row.kept, of.get((row.id, PartyRole.LEAD), ()), of.get((row.id, PartyRole.COORDINATOR), ()),
    )  # fmt: skip
