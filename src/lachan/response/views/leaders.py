"""The leaders' figures: counted from the record, by scam form, place and receiving institution."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import VIETNAM, Language
from lachan.foundation.taxonomy import scam_form, situation
from lachan.intake.tables import report
from lachan.response import tables
from lachan.response.shapes import LeaderFigures, LeaderRow, Message, Stat, Tab
from lachan.response.store import PARTS, effective_at
from lachan.response.views.bars import bar_of_row
from lachan.response.views.figures import first_hold_speed, speed_of
from lachan.response.views.names import Names, names_of, words
from lachan.response.views.queue import Sight, start_of_day

PERIODS: Mapping[str, int] = {"day": 1, "week": 7, "month": 30, "year": 365}
ROWS_MAX = 12
Records = Callable[..., str]
_T, _H, _HOP = tables.trace, tables.hold, tables.hop
_SUMS = tuple(sa.func.sum(_T.c[part]).label(part) for part in (*PARTS, "overlap_vnd"))


def leader_figures(
    conn: Connection, sight: Sight, language: Language, now: datetime, *, period: str
) -> LeaderFigures:
    """Everything on the page; a period ends now and begins at midnight of its first day."""
    since = start_of_day(now) - timedelta(days=PERIODS[period] - 1)
    within = sa.and_(sight.covers(), _T.c.opened_at >= since)
    totals = conn.execute(sa.select(sa.func.count().label("reports"), *_SUMS).where(within)).one()
    speed = first_hold_speed(conn, sight, since)
    note = None
    if speed.p95_s is not None:
        note = Message("web.say.stat_first_hold_note", {"time": f"{speed.p95_s // 60:02}:{speed.p95_s % 60:02}"})
    holding = conn.execute(
        sa.select(sa.func.count(sa.distinct(_H.c.institution)))
        .join(_T, _T.c.id == _H.c.trace_id)
        .where(within, _H.c.held_vnd > 0)
    ).scalar_one()
    bar = bar_of_row(totals)
    records = partial(_records, since=since.astimezone(VIETNAM).date().isoformat())
    return LeaderFigures(
        since=since,
        until=now,
        totals=bar,
        reports=int(totals.reports),
        stats=(
            Stat(
                Message("web.say.stat_first_hold"), note, seconds=speed.median_s, href=records(having="first_hold")
            ),
            Stat(Message("web.say.stat_held"), amount_vnd=bar.held_vnd, href=records(having="held")),
            Stat(Message("web.say.stat_returned"), amount_vnd=bar.returned_vnd, href=records(having="returned")),
            Stat(Message("web.say.stat_open_holds"), Message("web.say.stat_institutions"), count=holding),
        ),
        periods=tuple(
            Tab(Message(f"web.figures.period_{name}"), f"/figures?period={name}", 0, chosen=name == period)
            for name in PERIODS
        ),
        by_form=_by_form(conn, within, language, now, records),
        by_place=_by_place(conn, within, records),
        by_institution=_by_institution(conn, within, names_of(conn), records),
        records_href=records(),
    )


def _by_form(
    conn: Connection, within: sa.ColumnElement[bool], language: Language, now: datetime, records: Records
) -> tuple[LeaderRow, ...]:
    rows = _grouped(conn, within, report.c.scam_form, report.c.situation)
    speeds = _speeds(conn, within, report.c.scam_form, report.c.situation)
    return tuple(
        LeaderRow(
            _form_name(row, language, now),
            int(row.reports), bar_of_row(row), speeds.get((row.scam_form, row.situation)),
            records(form=row.scam_form or "", situation="" if row.scam_form else row.situation),
        )
        for row in rows
    )  # fmt: skip


def _by_place(conn: Connection, within: sa.ColumnElement[bool], records: Records) -> tuple[LeaderRow, ...]:
    speeds = _speeds(conn, within, report.c.place)
    return tuple(
        LeaderRow(row.place, int(row.reports), bar_of_row(row), speeds.get((row.place,)), records(place=row.place))
        for row in _grouped(conn, sa.and_(within, report.c.place.is_not(None)), report.c.place)
    )


def _by_institution(
    conn: Connection, within: sa.ColumnElement[bool], names: Names, records: Records
) -> tuple[LeaderRow, ...]:
    """Where the money arrived at any hop; what went on to another institution counts there."""
    sums = tuple(sa.func.sum(_HOP.c[part]).label(part) for part in PARTS)
    rows = conn.execute(
        sa.select(_HOP.c.institution, sa.func.count(sa.distinct(_HOP.c.trace_id)).label("reports"), *sums)
        .join(_T, _T.c.id == _HOP.c.trace_id)
        .where(within)
        .group_by(_HOP.c.institution)
    ).all()
    taken: dict[str | None, list[float]] = {}
    for row in conn.execute(
        sa.select(_H.c.institution, _H.c.requested_at, effective_at().label("effective_at"))
        .join(_T, _T.c.id == _H.c.trace_id)
        .where(within, _H.c.placed_at.is_not(None), _H.c.requested_at.is_not(None))
    ):
        taken.setdefault(row.institution, []).append((row.effective_at - row.requested_at).total_seconds())
    found = [
        LeaderRow(
            names.institution(row.institution), int(row.reports), bar_of_row(row),
            speed_of(taken.get(row.institution, ())).median_s, records(institution=row.institution or ""),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: -one.bar.reported_vnd)[:ROWS_MAX])


def _grouped(conn: Connection, within: sa.ColumnElement[bool], *by: Any) -> list[Any]:
    rows = conn.execute(
        sa.select(*by, sa.func.count().label("reports"), *_SUMS)
        .join(report, report.c.id == _T.c.report_id)
        .where(within)
        .group_by(*by)
    ).all()
    return sorted(rows, key=lambda row: -bar_of_row(row).reported_vnd)[:ROWS_MAX]


def _speeds(conn: Connection, within: sa.ColumnElement[bool], *by: Any) -> dict[tuple[Any, ...], int | None]:
    rows = conn.execute(
        sa.select(*by, _T.c.opened_at, _T.c.first_hold_at)
        .join(report, report.c.id == _T.c.report_id)
        .where(within, _T.c.first_hold_at.is_not(None))
    )
    taken: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        taken.setdefault(tuple(row[: len(by)]), []).append((row.first_hold_at - row.opened_at).total_seconds())
    return {key: speed_of(seconds).median_s for key, seconds in taken.items()}


def _form_name(row: Any, language: Language, now: datetime) -> Message:
    word = scam_form(row.scam_form, now) if row.scam_form else situation(row.situation, now)
    return words(word.label(language))


def _records(**only: str) -> str:
    """The list of the records behind a figure of this period."""
    return "/desk?" + urlencode({"tab": "all", **{name: value for name, value in only.items() if value}})
