"""The page of kinds: what may be recorded, what there is of it, what is overdue."""

from fastapi import APIRouter, Response

from lachan.activities import views
from lachan.doors.web.activities.common import BASE
from lachan.doors.web.activities.shapes import KindRow, KindsPage
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf
from lachan.foundation.access import Permission, may
from lachan.foundation.base import alphabetical
from lachan.foundation.taxonomy import ActivityGroup
from lachan.response.shapes import Message

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/activities")
def kinds(visit: VisitOf) -> Response:
    """All kinds that concern the viewer."""
    actor = visit.require(Permission.ACTIVITY_READ)
    with visit.services.db.read() as conn:
        found = views.kinds_for(conn, actor, visit.now)
    groups = []
    for group in ActivityGroup:
        rows = tuple(
            KindRow(
                f"{BASE}/{one.kind.code}", one.kind.label(visit.language), one.kind.hint(visit.language),
                one.records, one.late, f"{BASE}/{one.kind.code}/new" if one.may_record else None,
                one.kind.restricted,
            )
            for one in sorted(found, key=lambda one: alphabetical(one.kind.label(visit.language)))
            if one.kind.group is group
        )  # fmt: skip
        if rows:
            groups.append((Message(f"activities.group.{group.value}"), rows))
    naming = f"{BASE}/named" if may(actor, Permission.ACTIVITY_NAME) else None
    return visit.page("activities/kinds.html", KindsPage(tuple(groups), naming))
