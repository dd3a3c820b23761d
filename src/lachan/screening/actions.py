"""What institutions tell of the advice they showed; and the end of the hits' time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import all_advice_texts, retention, vietnam_date
from lachan.foundation.trail import append
from lachan.screening.tables import advice_outcome, screening_hit

OUTCOMES_MAX = 200
COUNT_MAX = 10**9
_SHORTEST_MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of those who were shown one text on one day: how many stopped, and how many paid all the same."""

    code: str
    version: int
    variant: str
    stopped: int
    continued: int


def report_outcomes(unit: Unit, day: date, outcomes: Sequence[Outcome]) -> int:
    """Record an institution's sums of one day, all or nothing; returns how many texts they are of.

    Raises:
        BadInput: IN_THE_FUTURE, TOO_LARGE, or UNKNOWN_VALUE for a text that never was, each with its field.
    """
    require(unit.actor, Permission.SCREEN_QUERY, unit.actor.agency_id)
    if day > vietnam_date(unit.now):
        raise BadInput(InputReason.IN_THE_FUTURE, field="day")
    if len(outcomes) > OUTCOMES_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="outcomes", limit=OUTCOMES_MAX)
    known = {(text.family, text.version, text.variant) for text in all_advice_texts()}
    rows = []
    for position, one in enumerate(outcomes):
        if (one.code, one.version, one.variant) not in known:
            value = f"{one.code} {one.version} {one.variant}"[:80]
            raise BadInput(InputReason.UNKNOWN_VALUE, field=f"outcomes.{position}.code", value=value)
        for name, count in (("stopped", one.stopped), ("continued", one.continued)):
            if not 0 <= count <= COUNT_MAX:
                raise BadInput(InputReason.TOO_LARGE, field=f"outcomes.{position}.{name}", limit=COUNT_MAX)
        rows.append(
            {
                "id": new_id(), "received_at": unit.now, "client_id": unit.actor.id,
                "agency_id": unit.actor.agency_id, "day": day.isoformat(), "code": one.code, "version": one.version,
                "variant": one.variant, "stopped": one.stopped, "continued": one.continued,
            }
        )  # fmt: skip
    if rows:
        unit.conn.execute(sa.insert(advice_outcome), rows)
        append(
            unit, "advice.outcomes_reported", f"agency:{unit.actor.agency_id}",
            {"day": day.isoformat(), "texts": len(rows)}, rows=[("advice_outcome", str(row["id"])) for row in rows],
        )  # fmt: skip
    return len(rows)


def erase_due_hits(unit: Unit, *, limit: int = 5_000) -> int:
    """Erase single hits that have had their time; the counts stay, they are nobody's. Returns how many."""
    require(unit.actor, Permission.CLOCK_RUN)
    row = retention("retention_screening_hit", unit.now)
    found = unit.conn.execute(
        sa.select(screening_hit.c.id, screening_hit.c.at)
        # Early enough for every row that can be due; the exact instant depends on the calendar.
        .where(screening_hit.c.at <= unit.now - row.value * _SHORTEST_MONTH)
        .order_by(screening_hit.c.at)
        .limit(limit)
    )
    due = [hit.id for hit in found if row.has_run_out(hit.at, unit.now)]
    for start in range(0, len(due), 500):
        unit.conn.execute(sa.delete(screening_hit).where(screening_hit.c.id.in_(due[start : start + 500])))
    if due:
        append(unit, "retention.hits_erased", "screening", {"count": len(due)})
    return len(due)
