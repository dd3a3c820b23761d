"""The registry for those who work with it: search, entries and acts on them, claims by hand and file, export."""

from fastapi import APIRouter

from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.registry import acts, claims, entry, export, listing, merges

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What has a name of its own comes before what is named by an entry.
for part in (listing, claims, export, merges, entry, acts):
    router.include_router(part.router)
