"""What leaders look at: agencies × states, heads, plan against plan, what is due, the map; one plan's matrix."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from lachan.doors.web.dots import WIDTH, PlaceDot, frame, radius
from lachan.doors.web.plans.words import look, names_of
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission
from lachan.foundation.base import Language, translate
from lachan.foundation.taxonomy import communes, communes_of
from lachan.plans.demands import DEMANDS
from lachan.plans.kept.model import PlanState
from lachan.plans.tasks.model import TaskState
from lachan.plans.views import board, lists
from lachan.plans.views.compare import SIDE_BY_SIDE_MOST, compare
from lachan.plans.views.places import Places
from lachan.response.shapes import Choice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
STATES = (TaskState.GIVEN, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.REPORTED, TaskState.RETURNED,
          TaskState.DONE)  # fmt: skip
ON_PAPER = {"agencies": 28, "heads": 22, "plans": 12, "ahead": 12}
"""Rows of each table that fit on a sheet of A3; the screen has them all, the sheet says how many more there are."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The map of the dashboard: a dot for each place whose bodies have tasks, on the points of all places."""

    dots: tuple[PlaceDot, ...]
    ground: tuple[tuple[float, float], ...]
    width: int
    height: int


@router.get("/plans/dashboard")
def dashboard(visit: VisitOf) -> Response:
    """One page, one sheet of A3: every figure leads to its records."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = board.dashboard(conn, sight)
        ids = [agency_id for agency_id, _ in found.agencies] + [row.task.lead_id for row in found.ahead]
        names = names_of(conn, ids)
    return visit.page(
        "plans/dashboard.html", found, names=names, states=STATES, today=sight.today, on_paper=ON_PAPER,
        map=drawn(visit.language, found.places),
    )  # fmt: skip


@router.get("/plans/compare")
def side_by_side(visit: VisitOf, plan: Annotated[list[str] | None, Query()] = None) -> Response:
    """Plan against plan, demand by demand; without a choice the newest two in force."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        known = [row.plan for row in lists.plans(conn, sight) if row.plan.state is not PlanState.DRAFT]
        in_force = [one.id for one in known if one.state is PlanState.IN_FORCE]
        asked = [one[:40] for one in plan or () if one] or in_force[:2]
        found = compare(conn, sight, asked)
    chosen = [one.id for one in found.plans]
    choices = [Choice(one.id, text=one.number, chosen=one.id in chosen) for one in known]
    said = {one.number: one.label(visit.language) for one in DEMANDS}
    return visit.page("plans/compare.html", found, choices=choices, said=said, most=SIDE_BY_SIDE_MOST)


@router.get("/plans/{plan_id}/matrix")
def matrix(visit: VisitOf, plan_id: str) -> Response:
    """Agencies × tasks of one plan."""
    visit.require(Permission.PLAN_READ)
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        found = board.matrix(conn, sight, plan_id)
        names = names_of(conn, [agency_id for agency_id, _, _ in found.rows])
    return visit.page("plans/matrix.html", found, names=names, states=STATES)


def drawn(language: Language, places: Places) -> Sheet:
    """The map; what has no place of its own is said beside it."""
    ground = communes_of(places.province) if places.province else tuple(communes().values())
    points = [(one.lon, one.lat) for one in ground]
    picture = frame(points)
    most = max((row.counts.total for row in places.rows), default=1)
    dots = []
    for row in places.rows:
        x, y = picture.at(row.lon, row.lat)
        value = translate("web.plans.bar", language, total=row.counts.total, overdue=row.counts.overdue)
        dots.append(
            PlaceDot(
                row.name, value, row.counts.total, x, y, radius(row.counts.total, most),
                f"/plans/tasks?place={row.code}", row.counts.overdue > 0,
            )
        )  # fmt: skip
    # The largest are drawn first, so that a small one upon them can still be pointed at.
    dots.sort(key=lambda one: -one.radius)
    return Sheet(tuple(dots), tuple(picture.at(lon, lat) for lon, lat in points), WIDTH, picture.height)
