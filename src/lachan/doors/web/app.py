"""The web door: all pages under one roof with the API."""

from fastapi import FastAPI

from lachan.bootstrap import Services
from lachan.doors.web import (
    activities,
    admin,
    agency_search,
    alerts,
    approvals,
    calls,
    decisions,
    desk,
    golden_hour,
    inbox,
    leaders,
    letters,
    money,
    officer,
    outreach,
    periodic,
    plans,
    public,
    purpose,
    refunds,
    refusals,
    registry,
    reports,
    session,
    take,
)
from lachan.doors.web.headers import SecurityHeaders, static_files
from lachan.doors.web.live import Watchers
from lachan.doors.web.once import Once
from lachan.doors.web.render import make_environment
from lachan.foundation.access import RateLimiter
from lachan.registry import Finder

PAGES = (
    session, take, reports, calls, desk, golden_hour, money, letters, officer, decisions, approvals, refunds,
    purpose, leaders, inbox, admin, registry, alerts, activities, plans, periodic, outreach,
    agency_search,
    *public.PAGES,
)  # fmt: skip


def install(app: FastAPI) -> None:
    """Add the pages to the application; call it after the API's own error table."""
    services: Services = app.state.services
    app.state.environment = make_environment()
    app.state.watchers = Watchers()
    app.state.limiter = RateLimiter()
    app.state.once = Once()
    app.state.finder = Finder()
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", static_files(), name="static")
    refusals.install(app)
    app.add_middleware(SecurityHeaders, https=services.settings.base_url.startswith("https:"))
