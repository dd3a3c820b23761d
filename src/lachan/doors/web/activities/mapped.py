"""A figure on the map: a dot for each province, or for each commune of one, where it lies; the same as a table.

Each place is one point (no borders are drawn, because none may be shipped), at its own longitude and latitude.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from lachan.activities import Total, saying, views
from lachan.doors.web.activities.common import BASE, day_or_none
from lachan.doors.web.activities.shapes import MapPage
from lachan.doors.web.dots import HEIGHT, WIDTH, PlaceDot, frame, radius
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, agency
from lachan.foundation.base import alphabetical
from lachan.foundation.taxonomy import (
    ActivityFigure,
    ActivityKind,
    Commune,
    FigureOf,
    Province,
    communes,
    communes_of,
    provinces,
    vietnam_date,
)
from lachan.response.shapes import Choice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_TABLE_MOST = 60
WHOLE = "all"


@router.get("/activities/map")
def show_map(
    visit: VisitOf, kind: str = "", figure: str = "", province: str = "", since: str = "", until: str = ""
) -> Response:  # fmt: skip
    """One figure of one kind by place."""
    actor = visit.require(Permission.ACTIVITY_READ)
    with visit.services.db.read() as conn:
        seen = (one.kind for one in views.kinds_for(conn, actor, visit.now) if one.kind.place)
        kinds = sorted(seen, key=lambda one: alphabetical(one.label(visit.language)))
        mine = agency(conn, actor.agency_id).province_code if actor.agency_id else None
        chosen = next((one for one in kinds if one.code == kind), kinds[0] if kinds else None)
        shown = province if province in provinces() or province == WHOLE else mine or WHOLE
        totals: Mapping[str, Total] = {}
        picked, whose = None, ""
        if chosen is not None:
            picked = next((one for one in chosen.figures if one.code == figure), chosen.figures[0])
            counted = views.counted_for(conn, actor, chosen, vietnam_date(visit.now))
            totals = views.figure_by(
                conn, chosen.code, picked.code, "commune", counted, day_or_none(since, "since"),
                day_or_none(until, "until"),
            )  # fmt: skip
            # A dot leads to what it counts, and not to what others share with the agency beside it.
            whose = "" if counted is None else actor.agency_id or ""
    dots, ground, elsewhere, height = (
        _dots(visit, chosen, picked, totals, shown, since, until, whose)
        if chosen and picked
        else ((), (), "", HEIGHT)
    )
    page = MapPage(
        tuple(Choice(one.code, text=one.label(visit.language), chosen=one is chosen) for one in kinds),
        tuple(Choice(one.code, text=one.label(visit.language), chosen=one is picked) for one in chosen.figures)
        if chosen else (),
        tuple(
            Choice(one.code, text=one.name, chosen=one.code == shown)
            for one in sorted(provinces().values(), key=lambda one: alphabetical(one.short))
        ),
        picked.label(visit.language) if picked else "", dots, ground, WIDTH, height,
        tuple(sorted(dots, key=lambda one: (-one.amount, alphabetical(one.name))))[:_TABLE_MOST], since, until,
        elsewhere,
    )  # fmt: skip
    return visit.page("activities/map.html", page)


def _dots(
    visit: Visit, kind: ActivityKind, figure: ActivityFigure, totals: Mapping[str, Total], shown: str, since: str,
    until: str, whose: str,
) -> tuple[tuple[PlaceDot, ...], tuple[tuple[float, float], ...], str, int]:  # fmt: skip
    whole = shown == WHOLE
    places: list[Province] | list[Commune] = list(provinces().values()) if whole else list(communes_of(shown))
    sums = _by_province(totals) if whole else totals
    ground = [(one.lon, one.lat) for one in (communes().values() if whole else places)]
    picture = frame(ground)
    found = [
        (one, sums[one.code])
        for one in places
        if one.code in sums and (sums[one.code].amount or figure.of is FigureOf.SHARE)
    ]
    most = max((_weight(figure, total) for _, total in found), default=1) or 1
    dots = []
    for place, total in found:
        x, y = picture.at(place.lon, place.lat)
        weight = _weight(figure, total)
        href = f"{BASE}/map?kind={kind.code}&figure={figure.code}&province={place.code}&since={since}&until={until}"
        if not whole:
            href = f"{BASE}/{kind.code}?commune={place.code}&since={since}&until={until}&agency={whose}"
        text = saying.figure_text(kind, figure, total.amount, total.base, visit.language)
        dots.append(PlaceDot(place.name, text, weight, x, y, radius(weight, most), href))
    # The largest are drawn first, so that a small one upon them can still be pointed at.
    dots.sort(key=lambda one: -one.radius)
    known = {one.code for one in places}
    out = [total for code, total in sums.items() if code not in known]
    elsewhere = ""
    if out:
        elsewhere = saying.figure_text(
            kind, figure, sum(one.amount for one in out), sum(one.base for one in out), visit.language
        )  # fmt: skip
    return tuple(dots), tuple(picture.at(lon, lat) for lon, lat in ground), elsewhere, picture.height


def _by_province(totals: Mapping[str, Total]) -> dict[str, Total]:
    made: dict[str, Total] = {}
    for code, total in totals.items():
        place = communes().get(code)
        key = place.province_code if place else ""
        before = made.get(key, Total(0))
        made[key] = Total(before.amount + total.amount, before.base + total.base)
    return made


def _weight(figure: ActivityFigure, total: Total) -> int:
    return (total.permille or 0) if figure.of is FigureOf.SHARE else total.amount
