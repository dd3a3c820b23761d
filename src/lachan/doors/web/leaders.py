"""What leaders see: reported, held, returned, how fast, who was listed wrongly, and which advice stops payers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Response

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.base import Language
from lachan.foundation.taxonomy import all_advice_texts, vietnam_date
from lachan.registry import views
from lachan.response.views.leaders import PERIODS, leader_figures
from lachan.screening import StopRate, stop_rates

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One text that payers were shown: its title, and of 1,000 how many stopped, with the 95 % interval."""

    title: str
    variant: str
    shown: int
    share: int
    low: int
    high: int


@router.get("/figures")
def figures(visit: VisitOf, period: str = "day") -> Response:
    """The figures of a period."""
    sight = visit.sight(Permission.FIGURES_READ)
    with visit.services.db.read() as conn:
        page = leader_figures(conn, sight, visit.language, visit.now, period=period if period in PERIODS else "day")
        listing = views.measures(conn, visit.actor, page.since, visit.now)
        rates = stop_rates(conn, visit.actor, vietnam_date(page.since), vietnam_date(visit.now))
    return visit.page(
        "staff/leaders.html",
        page,
        listing=listing,
        reads_registry=may(visit.actor, Permission.REGISTRY_READ),
        advice=tuple(_advice(rates, visit.language)),
    )


def _advice(rates: Sequence[StopRate], language: Language) -> Iterator[AdviceRow]:
    titles = {(text.family, text.version, text.variant): text.label(language) for text in all_advice_texts()}
    for one in rates:
        if one.share is not None:
            thousandths = (round(1000 * part) for part in (one.share, one.low, one.high))
            title = titles.get((one.code, one.version, one.variant), one.code)
            yield AdviceRow(
                title, f"{one.code}.{one.variant}, {one.version}", one.stopped + one.continued, *thousandths
            )
