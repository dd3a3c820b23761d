"""Clocks and thresholds as they stand and stood, each with its basis and source; changed by a new row only."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin.common import demand, section_page
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.base import format_vnd
from lachan.foundation.taxonomy import ClockRow as Clock
from lachan.foundation.taxonomy import Threshold, all_clocks, all_thresholds, legal_basis
from lachan.response.shapes import ClockRow, ClocksPage, Message
from lachan.response.views.names import words

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/admin/clocks")
def page(visit: VisitOf) -> Response:
    """The whole list, what holds now first."""
    demand(visit, "clocks")
    rows = [_row(visit, one) for one in all_clocks()]
    rows += [_row(visit, one) for one in all_thresholds()]
    rows.sort(key=lambda row: not row.current)
    return section_page(visit, "clocks", ClocksPage(tuple(rows)))


def _row(visit: Visit, one: Clock | Threshold) -> ClockRow:
    language = visit.language
    bases = [legal_basis(code, one.valid_from).citation(language) for code in one.legal_basis]
    if isinstance(one, Clock):
        value = Message(f"web.unit.{one.unit.value}", {"count": one.value})
    elif one.unit == "vnd":
        value = words(format_vnd(one.value))
    else:
        value = Message(f"web.unit.{one.unit}", {"count": one.value})
    return ClockRow(
        words(one.label(language)), value, "; ".join(bases) or "–", one.source, one.valid_from, one.valid_to,
        one.in_force(visit.now),
    )  # fmt: skip
