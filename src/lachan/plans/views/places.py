"""Where the work is: tasks by the commune of who has them today, or by province where several are at work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Agency, agency_on
from lachan.foundation.base import alphabetical
from lachan.foundation.taxonomy import communes, provinces
from lachan.plans import tables
from lachan.plans.views.counts import Counts, Tally

WIDE, NOWHERE = "wide", "nowhere"
"""Instead of a place's code: bodies of no single commune; bodies of no province."""


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The tasks of one commune's or province's bodies; `lat`, `lon` in degrees."""

    code: str
    name: str
    lat: float
    lon: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class Places:
    """What lies where. `province`: whose communes these are, None for provinces; `beyond`: without such a place."""

    rows: tuple[PlaceCount, ...]
    province: str | None
    beyond: Counts
    beyond_code: str


def by_place(lines: Iterable[Tally], has: Mapping[str, Agency]) -> Places:
    """The tallies by place; `has`: who does the work of each lead today."""
    lines = list(lines)
    found = {_province(has[line.lead_id]) for line in lines} - {None}
    only = next(iter(found)) if len(found) == 1 else None
    named = communes() if only else provinces()
    gathered: dict[str, Counts] = defaultdict(Counts)
    beyond = Counts()
    for line in lines:
        one = has[line.lead_id]
        code = (one.commune_code if only else _province(one)) or ""
        counts = gathered[code] if code in named else beyond
        counts.add(line.state, line.number, line.overdue, line.ahead, line.oldest)
    rows = (
        PlaceCount(code, named[code].name, named[code].lat, named[code].lon, gathered[code]) for code in gathered
    )
    return Places(
        tuple(sorted(rows, key=lambda row: (-row.counts.overdue, -row.counts.total, alphabetical(row.name)))),
        only, beyond, WIDE if only else NOWHERE,
    )  # fmt: skip


def of_place(conn: Connection, code: str, today: date) -> list[str]:
    """The leads whose work bodies of a place do today: of a commune, a province, WIDE or NOWHERE."""
    leads = conn.execute(sa.select(tables.task.c.lead_id).distinct()).scalars()
    return [lead for lead in leads if _lies(agency_on(conn, lead, today), code)]


def _lies(one: Agency, code: str) -> bool:
    if code == WIDE:
        return one.commune_code not in communes()
    if code == NOWHERE:
        return _province(one) is None
    return code in {one.commune_code, _province(one)}


def _province(one: Agency) -> str | None:
    place = communes().get(one.commune_code or "")
    code = place.province_code if place else one.province_code
    return code if code in provinces() else None
