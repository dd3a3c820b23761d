"""What everybody may read: warnings, their feed, how each form of fraud goes, and what became of the money."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response

from lachan.doors.web.outreach.library import method_page, methods_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.base import InputReason, Language, NotFound, read_reference_code
from lachan.foundation.exchange.atom import MEDIA_TYPE
from lachan.foundation.taxonomy import threshold
from lachan.outreach import Item, public, statistics, telling

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# A feed is asked for by many programs at once; a minute old is new enough.
_A_MINUTE = {"cache-control": "public, max-age=60", "vary": "cookie, accept-language"}


@dataclass(frozen=True, slots=True)
class WarningsPage:
    """The warnings in force."""

    warnings: tuple[Item, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class WarningPage:
    """One warning; of one that was taken back only that and why."""

    warning: Item
    headline: str
    in_force: bool
    why_ended: str
    language: Language


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """Monthly figures, and from how many reports on a month is shown."""

    months: tuple[statistics.Month, ...]
    least: int
    now: datetime


@router.get("/warnings")
def warnings(visit: VisitOf) -> Response:
    """Every warning in force, the newest first."""
    with visit.services.db.read() as conn:
        found = public.warnings(conn, visit.now)
    return visit.page("public/warnings.html", WarningsPage(tuple(found), visit.language))


@router.get("/warnings/{code}")
def warning(visit: VisitOf, code: str) -> Response:
    """One warning."""
    clean = read_reference_code(code[:60], "CB")
    if clean is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    with visit.services.db.read() as conn:
        found = public.warning(conn, clean)
    in_force = found.in_force(visit.now)
    why = telling.why_ended(found, visit.language) if found.end_reason else ""
    page = WarningPage(found, telling.headline(found, visit.language), in_force, why, visit.language)
    return visit.page("public/warning.html", page)


@router.get("/feed.xml")
def feed(visit: VisitOf) -> Response:
    """The warnings as an Atom feed."""
    settings = visit.services.settings
    with visit.services.db.read() as conn:
        found = public.feed(conn)
    made = telling.atom(
        found, name=settings.instance_name, base_url=settings.base_url, language=visit.language, now=visit.now
    )
    return Response(made, media_type=MEDIA_TYPE, headers=_A_MINUTE)


@router.get("/methods")
def methods(visit: VisitOf, victim_groups: str = "") -> Response:
    """How each form of fraud goes."""
    return visit.page("public/methods.html", methods_page(visit, {"victim_groups": victim_groups}, staff=False))


@router.get("/methods/{form}")
def method(visit: VisitOf, form: str) -> Response:
    """One form."""
    with visit.services.db.read() as conn:
        page = method_page(visit, conn, form, staff=False)
    return visit.page("public/method.html", page)


@router.get("/statistics")
def show_statistics(visit: VisitOf) -> Response:
    """What was reported, held and given back, month by month."""
    with visit.services.db.read() as conn:
        found = statistics.months(conn)
    page = StatisticsPage(tuple(found), threshold("public_cell", visit.now).value, visit.now)
    return visit.page("public/statistics.html", page)
