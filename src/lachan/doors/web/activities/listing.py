"""Records of one kind: its figures over the days chosen, the list behind them, and the same as a file."""

import tempfile
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.activities import Activity, Total, saying, sheets, views
from lachan.activities.views import Narrow
from lachan.doors.web.activities.common import (
    BASE,
    Names,
    day_or_none,
    dmy,
    kind_of,
    names_of,
    personal,
    sees_whole,
    subject_of_kind,
)
from lachan.doors.web.activities.purposes import purpose_page, state_purpose
from lachan.doors.web.activities.shapes import FigureView, ListPage, RecordRow
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import FormOf, Visit, VisitOf
from lachan.foundation.access import Permission, may_see_personal
from lachan.foundation.access import agency as agency_of
from lachan.foundation.taxonomy import ActivityFigure, ActivityKind, communes, communes_of, vietnam_date
from lachan.response.shapes import Choice, Message, Tab

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/activities/{kind}/purpose")
def ask_purpose(visit: VisitOf, kind: str) -> Response:
    """What for are all of the kind's records shown whole?"""
    found = kind_of(visit, kind)
    visit.require(Permission.ACTIVITY_READ)
    return purpose_page(visit, found.label(visit.language), f"{BASE}/{kind}", f"{BASE}/{kind}")


@router.post("/activities/{kind}/purpose")
def say_purpose(visit: VisitOf, kind: str, form: FormOf) -> Response:
    """Record it; what is personal is shown for 15 minutes."""
    found = kind_of(visit, kind)
    with visit.services.db.read() as conn:
        views.listing(conn, visit.actor, found, Narrow(), visit.now, limit=1)
    return state_purpose(
        visit, form, subject_of_kind(found), visit.actor.agency_id, found.label(visit.language), f"{BASE}/{kind}"
    )  # fmt: skip


@router.get("/activities/{kind}/export.xlsx")
def export(
    visit: VisitOf, kind: str, state: str = "", since: str = "", until: str = "", commune: str = "", late: str = "",
    agency: str = "",
) -> Response:  # fmt: skip
    """The list as a spreadsheet, which an import reads again; personal values are masked without a purpose."""
    found, narrow = kind_of(visit, kind), _narrow(state, since, until, commune, late, agency)
    with visit.services.db.read() as conn, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.xlsx"
        whole = not personal(found) or may_see_personal(
            conn, visit.actor, subject_of_kind(found), visit.wall_now
        )  # fmt: skip
        sheets.export(
            path, found, views.everything(conn, visit.actor, found, narrow, visit.now), visit.language,
            names_of(conn, visit).agency, full=lambda _one: whole,
        )  # fmt: skip
        content = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{kind}.xlsx"'}
    return Response(content, media_type=_XLSX, headers=headers)


@router.get("/activities/{kind}")
def records(
    visit: VisitOf, kind: str, state: str = "", since: str = "", until: str = "", commune: str = "", late: str = "",
    agency: str = "", after: str = "",
) -> Response:  # fmt: skip
    """The list."""
    actor, found = visit.require(Permission.ACTIVITY_READ), kind_of(visit, kind)
    narrow = _narrow(state, since, until, commune, late, agency)
    with visit.services.db.read() as conn:
        page = views.listing(conn, actor, found, narrow, visit.now, after=after[:60])
        counted = views.counted_for(conn, actor, found, vietnam_date(visit.now), narrow.agency_id)
        totals = views.figures(conn, found, counted, narrow.since, narrow.until)
        names = names_of(conn, visit)
        mine = views.kinds_for(conn, actor, visit.now)
        whole = {one.id: sees_whole(conn, visit, found, one) for one in page.records}
        province = agency_of(conn, actor.agency_id).province_code if actor.agency_id else None
        parts = _parts(conn, found, counted, narrow, visit)
    asked = {
        "since": since, "until": until, "commune": narrow.commune, "late": "1" if narrow.late else "",
        "agency": narrow.agency_id,
    }  # fmt: skip
    # A figure leads to what it counts: what others share with the agency is listed beside it, and counted by them.
    whose = narrow.agency_id or ("" if counted is None else actor.agency_id or "")
    behind = {"since": since, "until": until, "agency": whose}
    address = f"{BASE}/{kind}?"
    view = ListPage(
        kind, found.label(visit.language), found.hint(visit.language), found.demands,
        _tabs(found, visit, address, asked, narrow),
        tuple(_figure(found, one, totals[one.code], parts.get(one.code, ()), visit, address, behind)
              for one in found.figures if counted is None or counted),
        tuple(_row(found, one, names, visit, whole[one.id]) for one in page.records),
        address + _query({**asked, "state": narrow.state, "after": page.after}) if page.after else None,
        since, until, narrow.late, narrow.state,
        _communes(province, narrow) if found.place else (),
        any(one.kind.code == kind and one.may_record for one in mine),
        f"{BASE}/{kind}/export.xlsx?" + _query({**asked, "state": narrow.state}),
        f"{BASE}/map?kind={kind}" if found.place else None,
        f"{BASE}/{kind}/purpose" if personal(found) and not all(whole.values()) else None,
        found.restricted, found.place not in (None, found.title), narrow.agency_id,
        names.agencies.get(narrow.agency_id, ""),
        address + _query({**asked, "agency": "", "state": narrow.state}),
    )  # fmt: skip
    return visit.page("activities/list.html", view)


def _narrow(state: str, since: str, until: str, commune: str, late: str, agency: str) -> Narrow:
    return Narrow(
        state[:40], day_or_none(since, "since"), day_or_none(until, "until"),
        commune if commune in communes() else "", agency_id=agency[:36], late=bool(late),
    )  # fmt: skip


def _query(values: dict[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def _tabs(
    kind: ActivityKind, visit: Visit, address: str, asked: dict[str, str], narrow: Narrow
) -> tuple[Tab, ...]:  # fmt: skip
    if not kind.states:
        return ()
    every = Tab(Message("web.activities.all"), address + _query(asked), 0, chosen=not narrow.state)
    return every, *(
        Tab(
            Message("web.activities.as_it_is", {"text": one.label(visit.language)}),
            address + _query({**asked, "state": one.code}), 0, chosen=one.code == narrow.state,
        )
        for one in kind.states
    )  # fmt: skip


def _figure(
    kind: ActivityKind, one: ActivityFigure, total: Total, parts: tuple[tuple[str, str], ...], visit: Visit,
    address: str, asked: dict[str, str],
) -> FigureView:  # fmt: skip
    text = saying.figure_text(kind, one, total.amount, total.base, visit.language)
    state = one.states[0] if len(one.states) == 1 else ""
    return FigureView(one.label(visit.language), text, address + _query({**asked, "state": state}) + "#list", parts)


def _parts(
    conn: Connection, kind: ActivityKind, agency_ids: frozenset[str] | None, narrow: Narrow, visit: Visit
) -> dict[str, tuple[tuple[str, str], ...]]:  # fmt: skip
    found = {}
    for one in kind.figures:
        if one.by is None:
            continue
        rows = views.figure_by(conn, kind.code, one.code, "part", agency_ids, narrow.since, narrow.until)
        found[one.code] = tuple(
            (
                saying.part_name(kind, one, part, visit.language),
                saying.figure_text(kind, one, total.amount, total.base, visit.language),
            )
            for part, total in sorted(rows.items(), key=lambda item: -item[1].amount)
            if total.amount
        )
    return found


def _row(kind: ActivityKind, one: Activity, names: Names, visit: Visit, whole: bool) -> RecordRow:
    title = kind.field(kind.title)
    place = names.shown(kind.field(kind.place), one, full=True) if kind.place and title.code != kind.place else ""
    return RecordRow(
        f"{BASE}/{kind.code}/{one.id}", dmy(one.day), names.shown(title, one, full=whole) or "–", place,
        names.agency(one.agency_id) if one.agency_id != visit.actor.agency_id else "",
        kind.state(one.state).label(visit.language) if one.state else "", dmy(one.due_on) if one.due_on else "",
        is_late(one, vietnam_date(visit.now)),
    )  # fmt: skip


def is_late(one: Activity, today: date) -> bool:
    """Whether the day by which its stage ends has gone."""
    return one.due_on is not None and one.due_on < today.isoformat() and one.withdrawn_at is None


def _communes(province: str | None, narrow: Narrow) -> tuple[Choice, ...]:
    return tuple(
        Choice(one.code, text=one.name, chosen=one.code == narrow.commune) for one in communes_of(province or "")
    )  # fmt: skip
