"""Looks at personal data with the names of people and reports."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies, looks, people
from lachan.foundation.base import Actor
from lachan.foundation.identifiers.text import fold
from lachan.foundation.trail.tables import fact
from lachan.intake.tables import report
from lachan.response.shapes import LookRow, LooksPage, Message

SHOWN = 200
LOOKED_AT = frozenset({"report", "appeal", "subject_request"})


def looks_page(conn: Connection, actor: Actor, query: str) -> LooksPage:
    """The newest `SHOWN` looks; `query` is part of a person's name, or a report's code."""
    names = {f"person:{one.id}": one.name for one in people(conn)}
    agency_names = {one.id: one.short_name for one in agencies(conn)}
    found = looks(conn, actor, limit=SHOWN if not query else 5_000)
    ids = {one.subject.partition(":")[2] for one in found if one.subject.startswith("report:")}
    codes = {
        f"report:{row.id}": row.code
        for row in conn.execute(sa.select(report.c.id, report.c.code).where(report.c.id.in_(ids)))
    }
    wanted = fold(query)
    kept = [
        one for one in found
        if not query or wanted in fold(names.get(one.viewer, "")) or query.upper() == codes.get(one.subject)
    ][:SHOWN]  # fmt: skip
    sealed = _sealed(conn, {one.subject for one in kept})
    return LooksPage(
        tuple(
            LookRow(
                one.granted_at, names.get(one.viewer, one.viewer), agency_names.get(one.agency_id or "", "–"),
                _what(one.subject),
                Message(f"purpose.{one.purpose.value}"), codes.get(one.subject), sealed.get(one.id),
            )
            for one in kept
        ),
        query,
    )  # fmt: skip


def _what(subject: str) -> Message:
    kind = subject.partition(":")[0]
    return Message(f"web.looked_at.{kind if kind in LOOKED_AT else 'other'}")


def _sealed(conn: Connection, subjects: set[str]) -> dict[str, int | None]:
    """The number in the trail of each look, by the look's id."""
    viewed = sa.and_(fact.c.kind == "personal.viewed", fact.c.subject.in_(subjects))
    rows = conn.execute(sa.select(fact.c.sequence, fact.c.rows).where(viewed))
    return {row_id: one.sequence for one in rows for table, row_id, _ in one.rows if table == "personal_look"}
