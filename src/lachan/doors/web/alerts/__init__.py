"""The desk of alerts: what waits, one alert, what is done with it, suppressions, how right each typology was."""

from fastapi import APIRouter

from lachan.doors.web.alerts import acts, listing, one, suppressions, typologies
from lachan.doors.web.refusals import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What has a name of its own comes before what is named by an alert.
for part in (listing, typologies, suppressions, one, acts):
    router.include_router(part.router)
