"""The desk's queue: open reports by money still movable, whom each waits for, and the tabs above."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import person_names
from lachan.foundation.base import VIETNAM, Language, NotFound
from lachan.foundation.base.ids import is_reference_code
from lachan.foundation.taxonomy import scam_form, situation
from lachan.intake import LossConfirmation
from lachan.intake.tables import loss, report
from lachan.response import tables
from lachan.response.model import HoldState, TraceState
from lachan.response.shapes import Deadline, Message, QueueRow, Tab
from lachan.response.store import PARTS
from lachan.response.views.bars import bar_of_row
from lachan.response.views.names import Names, words

PAGE_ROWS = 40
_T = tables.trace
_H = tables.hold
_ASKING = frozenset({TraceState.CREATED, TraceState.TRACKED})
TABS: Mapping[str, frozenset[TraceState]] = {
    # While somebody is asked, or money can still be stopped.
    "stopping": _ASKING | {TraceState.AWAITING_ANALYSIS},
    "confirming": _ASKING | {TraceState.AWAITING_ANALYSIS},
    "analysing": frozenset({TraceState.AWAITING_ANALYSIS, TraceState.ANALYSED, TraceState.REFUNDING}),
    "closed": frozenset({TraceState.COMPLETED, TraceState.CANCELLED}),
    "all": frozenset(TraceState),
}
OPEN_STATES = frozenset(TraceState) - TABS["closed"]


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose traces may be seen: one desk's, or with None all of the instance's."""

    desk_id: str | None

    def covers(self) -> sa.ColumnElement[bool]:
        """The traces in sight."""
        return sa.true() if self.desk_id is None else _T.c.desk_id == self.desk_id


# What a figure counts: the traces of which this is true.
HAVING: Mapping[str, sa.ColumnElement[bool]] = {
    "held": _T.c.held_vnd > 0,
    "returned": _T.c.returned_vnd > 0,
    "first_hold": _T.c.first_hold_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class Only:
    """What a list is narrowed to: the records behind a figure. Empty texts narrow nothing.

    `since` is the day of the first report, `2026-11-18`; `having` a key of `HAVING`.
    """

    form: str = ""
    situation: str = ""
    place: str = ""
    institution: str = ""
    since: str = ""
    having: str = ""

    @property
    def about_report(self) -> bool:
        """Whether `covers` asks something of the report."""
        return bool(self.form or self.situation or self.place)

    def covers(self) -> sa.ColumnElement[bool]:
        """The traces (joined with their reports where it is `about_report`) that remain."""
        where = [
            column == value
            for column, value in (
                (report.c.scam_form, self.form), (report.c.situation, self.situation), (report.c.place, self.place),
            )
            if value
        ]  # fmt: skip
        if self.situation:
            where.append(report.c.scam_form.is_(None))
        if self.institution:
            hop = tables.hop
            where.append(_T.c.id.in_(sa.select(hop.c.trace_id).where(hop.c.institution == self.institution)))
        if (day := _day(self.since)) is not None:
            where.append(_T.c.opened_at >= datetime.combine(day, time(), VIETNAM))
        if self.having in HAVING:
            where.append(HAVING[self.having])
        return sa.and_(sa.true(), *where)

    def told(self, names: Names, language: Language, now: datetime) -> tuple[Message, ...]:
        """What the list is narrowed to, in words."""
        told = []
        if self.form or self.situation:
            told.append(words(_form(self.form or None, self.situation, language, now)))
        if self.place:
            told.append(words(self.place))
        if self.institution:
            told.append(words(names.institution(self.institution)))
        if (day := _day(self.since)) is not None:
            told.append(Message("web.queue.only_since", {"day": day}))
        if self.having in HAVING:
            told.append(Message(f"web.queue.only_{self.having}"))
        return tuple(told)


def open_sums(conn: Connection, sight: Sight) -> Sequence[sa.Row[Any]]:
    """Number and parts of the open traces, by state and by whether something is still movable: one pass."""
    movable = sa.case((_T.c.movable_vnd > 0, 1), else_=0).label("movable")
    parts = (sa.func.sum(_T.c[part]).label(part) for part in (*PARTS, "overlap_vnd"))
    return conn.execute(
        sa.select(_T.c.state, movable, sa.func.count().label("number"), *parts)
        .where(sight.covers(), _T.c.state.in_(list(OPEN_STATES)))
        .group_by(_T.c.state, movable)
    ).all()


def tab_counts(conn: Connection, sight: Sight, now: datetime, sums: Iterable[sa.Row[Any]]) -> dict[str, int]:
    """How many traces each tab holds, from `open_sums`."""
    counted = list(sums)
    stopping = sum(int(row.number) for row in counted if row.state in _ASKING or _still_movable(row))
    found = {"stopping": stopping, "analysing": sum(int(row.number) for row in counted) - stopping}
    for tab in ("confirming", "closed"):
        query = sa.select(sa.func.count()).select_from(_T).where(_in_tab(tab, sight, now))
        found[tab] = conn.execute(query).scalar_one()
    return found


def tabs(counts: Mapping[str, int], chosen: str) -> tuple[Tab, ...]:
    """The four tabs."""
    return tuple(
        Tab(
            Message(f"web.say.tab_{tab}"), "/desk" if tab == "stopping" else f"/desk?tab={tab}", counts[tab],
            chosen=tab == chosen,
        )
        for tab in ("stopping", "confirming", "analysing", "closed")
    )  # fmt: skip


def queue_rows(
    conn: Connection,
    sight: Sight,
    names: Names,
    language: Language,
    now: datetime,
    *,
    tab: str = "stopping",
    query: str = "",
    page: int = 1,
    only: Only = Only(),
) -> tuple[tuple[QueueRow, ...], bool]:
    """One page of the queue and whether there is another; with `query`, what it finds in all states."""
    where = _matches(query, sight) if query else _in_tab(tab, sight, now)
    order = (_T.c.closed_at.desc(),) if tab == "closed" and not query else (
        _T.c.movable_vnd.desc(), _T.c.first_transfer_at.desc(),
    )  # fmt: skip
    # First which rows, from the index alone; then only those are read and joined.
    chosen = sa.select(_T.c.id)
    if only.about_report:
        chosen = chosen.join(report, report.c.id == _T.c.report_id)
    ids = (
        conn.execute(
            chosen.where(where, only.covers()).order_by(*order).offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
        )
        .scalars()
        .all()
    )
    found = {
        row.id: row
        for row in conn.execute(
            sa.select(_T, report.c.scam_form, report.c.situation, report.c.place)
            .join(report, report.c.id == _T.c.report_id)
            .where(_T.c.id.in_(ids[:PAGE_ROWS]))
        )
    }
    rows = [found[trace_id] for trace_id in ids[:PAGE_ROWS]]
    waits = _waits(conn, rows, names, now)
    officers = person_names(conn, (row.officer_id for row in rows if row.officer_id))
    return (
        tuple(
            QueueRow(
                row.code, f"/trace/{row.code}", _what(row, language, now), row.first_transfer_at, bar_of_row(row),
                *waits[row.id], officers.get(row.officer_id or ""),
            )
            for row in rows
        ),
        len(ids) > PAGE_ROWS,
    )  # fmt: skip


def _in_tab(tab: str, sight: Sight, now: datetime) -> sa.ColumnElement[bool]:
    where = sa.and_(sight.covers(), _T.c.state.in_(list(TABS[tab])))
    if tab == "stopping":
        return sa.and_(where, sa.or_(_T.c.state.in_(list(_ASKING)), _T.c.movable_vnd > 0))
    if tab == "analysing":
        return sa.and_(where, sa.or_(_T.c.state != TraceState.AWAITING_ANALYSIS, _T.c.movable_vnd == 0))
    if tab == "confirming":
        # Not EXISTS (SELECT *): that would read whole rows, the index knows enough.
        pending = sa.select(sa.literal_column("1")).where(
            loss.c.report_id == _T.c.report_id, loss.c.confirmation == LossConfirmation.PENDING,
            loss.c.duplicate_of.is_(None),
        ).exists()  # fmt: skip
        return sa.and_(where, pending)
    if tab == "closed":
        return sa.and_(where, _T.c.closed_at >= start_of_day(now))
    return where


def _still_movable(row: Any) -> bool:
    return bool(row.state == TraceState.AWAITING_ANALYSIS and row.movable)


def _matches(query: str, sight: Sight) -> sa.ColumnElement[bool]:
    """A code, or the last digits of an account that the trace asked about."""
    text = query.strip().upper()
    if is_reference_code(text):
        return sa.and_(sight.covers(), _T.c.code == text)
    digits = "".join(character for character in text if character.isalnum())
    held = sa.select(_H.c.trace_id).where(_H.c.account.like(f"%{digits}", escape="\\"))
    return sa.and_(sight.covers(), sa.or_(_T.c.code.startswith(text, autoescape=True), _T.c.id.in_(held)))


def start_of_day(now: datetime) -> datetime:
    """Midnight in Việt Nam."""
    return now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _form(form: str | None, what: str, language: Language, now: datetime) -> str:
    """A scam form, or the situation where the form is not known; what nobody defined is said as it is."""
    try:
        return (scam_form(form, now) if form else situation(what, now)).label(language)
    except NotFound:
        return form or what


def _what(row: sa.Row[Any], language: Language, now: datetime) -> Message:
    form = _form(row.scam_form, row.situation, language, now)
    return Message("web.say.queue_what", {"form": form, "place": row.place}) if row.place else words(form)


_Wait = tuple[Message, Message | None, Deadline | None]


def _waits(conn: Connection, rows: Sequence[sa.Row[Any]], names: Names, now: datetime) -> dict[str, _Wait]:
    """Whom each trace of this page waits for: the most pressing request decides."""
    ids = [row.id for row in rows]
    open_holds = conn.execute(
        sa.select(
            _H.c.id, _H.c.trace_id, _H.c.state, _H.c.institution, _H.c.step, _H.c.drafted_at, _H.c.requested_at,
            _H.c.acknowledged_at, _H.c.ack_by, _H.c.answer_by, _H.c.asked_vnd,
        )
        .where(
            _H.c.trace_id.in_(ids),
            _H.c.state.in_([HoldState.DRAFTED, HoldState.APPROVED, HoldState.REQUESTED, HoldState.ACKNOWLEDGED]),
        )
        .order_by(_H.c.asked_vnd.desc())
    ).all()  # fmt: skip
    depth = {
        row.hold_id: row.depth
        for row in conn.execute(
            sa.select(tables.hop.c.hold_id, sa.func.min(tables.hop.c.depth).label("depth"))
            .where(tables.hop.c.hold_id.in_([hold.id for hold in open_holds]))
            .group_by(tables.hop.c.hold_id)
        )
    }
    pending = {
        row.report_id: row
        for row in conn.execute(
            sa.select(
                loss.c.report_id, loss.c.payer_institution, sa.func.min(loss.c.confirm_by).label("confirm_by")
            )
            .where(
                loss.c.report_id.in_([row.report_id for row in rows]), loss.c.duplicate_of.is_(None),
                loss.c.confirmation == LossConfirmation.PENDING,
            )
            .group_by(loss.c.report_id, loss.c.payer_institution)
        )
    }  # fmt: skip
    by_trace: dict[str, list[Any]] = {}
    for hold in open_holds:
        by_trace.setdefault(hold.trace_id, []).append(hold)
    found: dict[str, _Wait] = {}
    for row in rows:
        mine = by_trace.get(row.id, [])
        if mine:
            found[row.id] = _wait_for(min(mine, key=lambda hold: _pressing(hold, now)), names, depth, now)
        elif row.report_id in pending and row.state in OPEN_STATES:
            one = pending[row.report_id]
            due = Deadline(one.confirm_by, row.opened_at, 600)
            bank = names.institution(one.payer_institution)
            found[row.id] = (Message("web.say.wait_confirm", {"bank": bank}), None, due)
        else:
            found[row.id] = (Message(f"web.say.wait_{row.state}"), Message("web.say.wait_nobody"), None)
    return found


def _pressing(hold: sa.Row[Any], now: datetime) -> tuple[bool, datetime]:
    return hold.state == HoldState.DRAFTED, hold.answer_by or hold.drafted_at


def _wait_for(hold: sa.Row[Any], names: Names, depth: Mapping[str, int], now: datetime) -> _Wait:
    who = names.institution(hold.institution)
    if hold.state in {HoldState.DRAFTED, HoldState.APPROVED}:
        said = {"institution": who, "step": hold.step}
        return Message("web.say.wait_request", said), Message("web.say.wait_approval"), None
    asked_at = hold.requested_at or hold.drafted_at
    if hold.state == HoldState.REQUESTED and hold.ack_by is not None:
        if hold.ack_by < now:
            return Message("web.say.wait_call", {"institution": who}), None, Deadline(hold.ack_by, asked_at)
        return Message("web.say.wait_ack", {"institution": who}), None, Deadline(hold.ack_by, asked_at, 30)
    said = {"institution": who, "number": depth.get(hold.id, 1)}
    due_at = hold.answer_by or asked_at + timedelta(minutes=3)
    return Message("web.say.wait_hop", said), None, Deadline(due_at, asked_at, 60)
