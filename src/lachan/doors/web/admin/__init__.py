"""Administration: one file for each section; everybody sees the sections that their role may open."""

from fastapi import APIRouter, Response

from lachan.doors.web.admin import (
    agencies,
    breaches,
    clients,
    clocks,
    connections,
    copies,
    dead_letters,
    looks,
    lookups,
    models,
    people,
    policies,
    roster,
    subject_requests,
    trail,
)
from lachan.doors.web.admin.common import sections
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import VisitOf, go
from lachan.foundation.access import AccessReason
from lachan.foundation.base import NotAllowed

router = APIRouter(route_class=PageRoute, include_in_schema=False)
for section in (
    agencies, people, clients, connections, policies, roster, clocks, dead_letters, trail, breaches,
    subject_requests, looks, lookups, copies, models,
):  # fmt: skip
    router.include_router(section.router)


@router.get("/admin")
def first(visit: VisitOf) -> Response:
    """The first section that this person may open."""
    open_to = sections(visit)
    if not open_to:
        raise NotAllowed(AccessReason.NOT_PERMITTED)
    return go(f"/admin/{open_to[0].replace('_', '-')}")
