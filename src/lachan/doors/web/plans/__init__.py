"""Plans: the list, one plan and its review, tasks and what is done with them, figures, demands, reminders."""

from fastapi import APIRouter

from lachan.doors.web.plans import (
    acts,
    calendar,
    demands,
    figures,
    importing,
    lists,
    one,
    register,
    reminders,
    review,
    task,
)
from lachan.doors.web.refusals import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What has a name of its own comes before what is named by a plan.
for part in (lists, figures, demands, reminders, importing, task, acts, review, register, calendar, one):
    router.include_router(part.router)
