"""The pages of activities: kinds, forms, lists, one record, files in and out, the map, who is named for what."""

from fastapi import APIRouter

from lachan.doors.web.activities import acts, files, forms, kinds, listing, mapped, naming, one
from lachan.doors.web.refusals import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What has a name of its own comes before what is named by a kind or a record.
for part in (mapped, naming, kinds, files, forms, listing, one, acts):
    router.include_router(part.router)
