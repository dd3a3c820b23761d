"""D1 to D103: where each demand is done, by whom, what shows it, today's value. What has no home stands in red."""

from collections import Counter
from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Response

from lachan.activities import Total
from lachan.activities.saying import figure_text
from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.base import Language
from lachan.foundation.taxonomy import ActivityKind, activity_kinds, vietnam_date
from lachan.plans.measures.views import year_begins
from lachan.plans.views.coverage import coverage

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/demands")
def demands(visit: VisitOf) -> Response:
    """All of them."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        rows = coverage(conn, sight, visit.now)
        names = names_of(conn, {lead for row in rows for lead in row.leads})
    kinds = {one.code: one for one in activity_kinds(visit.now)}
    return visit.page(
        "plans/demands.html", rows, names=names, records=may(visit.actor, Permission.ACTIVITY_READ),
        kinds={code: one.label(visit.language) for code, one in kinds.items()},
        since=vietnam_date(year_begins(visit.now)).isoformat(),
        worked={row.demand.number: _worked(row.worked, kinds, visit.language) for row in rows},
        counts=Counter(row.standing.value for row in rows),
    )  # fmt: skip


def _worked(
    worked: Iterable[tuple[str, Total]], kinds: Mapping[str, ActivityKind], language: Language
) -> list[tuple[str, str, str]]:  # fmt: skip
    """Each kind's code, what its first figure is called, and what it comes to."""
    made = []
    for code, total in worked:
        kind = kinds[code]
        first = kind.figures[0]
        text = figure_text(kind, first, total.amount, total.base, language)
        made.append((code, first.label(language), text))
    return made
