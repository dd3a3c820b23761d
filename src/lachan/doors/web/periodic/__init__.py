"""Periodic reports and outgoing documents: who owes what, one report, a round gathered, the register of numbers."""

from fastapi import APIRouter

from lachan.doors.web.periodic import acts, calendar, drafting, files, one, register
from lachan.doors.web.refusals import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What has a name of its own comes before what is named by a report.
for part in (calendar, drafting, register, files, one, acts):
    router.include_router(part.router)
