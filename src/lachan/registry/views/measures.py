"""How rightly and how quickly: wrongful listings and the time to their release. Figures, no identifiers."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor
from lachan.registry.model import AppealOutcome, DecisionKind, EntryState, Verdict
from lachan.registry.tables import appeal, decision, entry


@dataclass(frozen=True, slots=True)
class Measures:
    """The registry's own scoreboard for a period.

    `release_seconds`: from the opening of an appeal that was upheld to its decision, median.
    `listed_wrongly_seconds`: from the listing to that decision, median. `false_listing_share`: delisted by a person
    or an appeal ÷ those and what is in force; None where there was neither.
    """

    in_force: dict[str, int]
    waiting: dict[str, int]
    appeals_opened: int
    appeals_upheld: int
    appeals_rejected: int
    appeals_late: int
    delisted_by_person: int
    release_seconds: float | None
    listed_wrongly_seconds: float | None
    false_listing_share: float | None


def measures(conn: Connection, actor: Actor, since: datetime, now: datetime) -> Measures:
    """The figures of everything decided since `since`, and of what stands now."""
    require(actor, Permission.FIGURES_READ)
    standing = _counts(conn, entry.c.verdict, sa.or_(entry.c.until.is_(None), entry.c.until > now))
    states = _counts(conn, entry.c.state, sa.true())
    rows = conn.execute(sa.select(appeal).where(appeal.c.opened_at >= since)).all()
    upheld = [row for row in rows if row.outcome == AppealOutcome.UPHELD]
    taken_off = _delisted_since(conn, since)
    listed = sum(count for verdict, count in standing.items() if verdict != Verdict.CLEAR)
    return Measures(
        in_force={v.value: standing.get(v.value, 0) for v in Verdict if v is not Verdict.CLEAR},
        waiting={
            state.value: states.get(state.value, 0)
            for state in (EntryState.PROPOSED, EntryState.CORROBORATED, EntryState.REVIEW)
        },
        appeals_opened=len(rows),
        appeals_upheld=len(upheld),
        appeals_rejected=sum(row.outcome == AppealOutcome.REJECTED for row in rows),
        appeals_late=sum((row.decided_at or now) > row.decide_by for row in rows),
        delisted_by_person=taken_off,
        release_seconds=_median([(row.decided_at - row.opened_at).total_seconds() for row in upheld]),
        listed_wrongly_seconds=_median(
            [(row.decided_at - row.listed_since).total_seconds() for row in upheld if row.listed_since]
        ),
        false_listing_share=taken_off / (taken_off + listed) if taken_off + listed else None,
    )


def _counts(conn: Connection, column: sa.ColumnElement[str], where: sa.ColumnElement[bool]) -> dict[str, int]:
    rows = conn.execute(sa.select(column, sa.func.count()).where(where).group_by(column))
    return {str(name): int(count) for name, count in rows}


def _delisted_since(conn: Connection, since: datetime) -> int:
    query = sa.select(sa.func.count(sa.distinct(decision.c.entry_id))).where(
        decision.c.kind == DecisionKind.DELIST, decision.c.made_at >= since
    )
    return int(conn.execute(query).scalar_one())


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
