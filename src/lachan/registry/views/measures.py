"""How rightly and how quickly: wrongful listings and the time to their release. Figures, no identifiers."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor
from lachan.foundation.trail.tables import fact
from lachan.registry.model import AppealOutcome, DecisionKind, Verdict
from lachan.registry.tables import appeal, change, change_set, decision, entry
from lachan.registry.views.listing import WAITING, count_waiting


@dataclass(frozen=True, slots=True)
class Measures:
    """The registry's own scoreboard for a period.

    `release_seconds`: from the opening of an appeal that was upheld to its decision, with which the listing ends,
    median; `release_seconds_longest`: the slowest of them. `listed_wrongly_seconds`: from the listing to that
    decision, median. `delisted_by_person`: entries in force that a person or an appeal took off;
    `false_listing_share`: those ÷ those and what is in force, None where there was neither.
    """

    in_force: dict[str, int]
    waiting: dict[str, int]
    appeals_opened: int
    appeals_upheld: int
    appeals_partly: int
    appeals_rejected: int
    appeals_waiting: int
    appeals_late: int
    delisted_by_person: int
    release_seconds: float | None
    release_seconds_longest: float | None
    listed_wrongly_seconds: float | None
    false_listing_share: float | None


def measures(conn: Connection, actor: Actor, since: datetime, now: datetime) -> Measures:
    """The figures of everything decided since `since`, and of what stands now."""
    require(actor, Permission.FIGURES_READ)
    standing = {str(row[0]): int(row[1]) for row in conn.execute(in_force(now))}
    waiting = count_waiting(conn)
    touched = sa.or_(appeal.c.opened_at >= since, appeal.c.decided_at >= since, appeal.c.outcome.is_(None))
    rows = conn.execute(sa.select(appeal).where(touched)).all()
    decided = [row for row in rows if row.decided_at is not None and row.decided_at >= since]
    upheld = [row for row in decided if row.outcome == AppealOutcome.UPHELD]
    release = [(row.decided_at - row.opened_at).total_seconds() for row in upheld]
    taken_off = _delisted_since(conn, since)
    listed = sum(standing.values())
    return Measures(
        in_force={v.value: standing.get(v.value, 0) for v in Verdict if v is not Verdict.CLEAR},
        waiting={state.value: waiting[state] for state in reversed(WAITING)},
        appeals_opened=sum(row.opened_at >= since for row in rows),
        appeals_upheld=len(upheld),
        appeals_partly=sum(row.outcome == AppealOutcome.PARTLY for row in decided),
        appeals_rejected=sum(row.outcome == AppealOutcome.REJECTED for row in decided),
        appeals_waiting=sum(row.outcome is None for row in rows),
        appeals_late=sum((row.decided_at or now) > row.decide_by for row in rows),
        delisted_by_person=taken_off,
        release_seconds=_median(release),
        release_seconds_longest=max(release, default=None),
        listed_wrongly_seconds=_median(
            [(row.decided_at - row.listed_since).total_seconds() for row in upheld if row.listed_since]
        ),
        false_listing_share=taken_off / (taken_off + listed) if taken_off + listed else None,
    )


def in_force(now: datetime) -> sa.Select[Any]:
    """How many entries of each verdict warn now; answered from the index of what is in force."""
    # In the very words of the index: SQLite uses it for no others.
    clear: sa.BindParameter[str] = sa.bindparam("clear", Verdict.CLEAR.value, literal_execute=True)
    lasts = sa.or_(entry.c.until.is_(None), entry.c.until > now)
    return (
        sa.select(entry.c.verdict, sa.func.count())
        .where(entry.c.verdict != clear, lasts)
        .group_by(entry.c.verdict)
    )  # fmt: skip


def _delisted_since(conn: Connection, since: datetime) -> int:
    """Only what was in force: the delisting stands in the change feed, in the same transaction."""
    query = (
        sa.select(sa.func.count(sa.distinct(decision.c.entry_id)))
        .join(change, change.c.entry_id == decision.c.entry_id)
        .join(change_set, change_set.c.number == change.c.set_number)
        .join(fact, fact.c.id == change_set.c.fact_id)
        .where(
            decision.c.kind == DecisionKind.DELIST, decision.c.made_at >= since, change.c.verdict == Verdict.CLEAR,
            fact.c.happened_at == decision.c.made_at,
        )
    )  # fmt: skip
    return int(conn.execute(query).scalar_one())


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
