"""The web application: API and pages under one roof."""

from fastapi import FastAPI

from lachan import __version__
from lachan.bootstrap import Services
from lachan.doors.api import (
    activities,
    alerts,
    checking,
    copies,
    health,
    inbox,
    oauth,
    openapi,
    outcomes,
    outreach,
    problem_pages,
    problems,
    public,
    registry,
    reports,
    screening,
    tasks,
    transfers,
)
from lachan.doors.api.gate import Counts, Gate
from lachan.doors.web import app as web


def create_app(services: Services) -> FastAPI:
    """The ASGI application of one instance."""
    # No redirects to "the same with a slash": they would be built from a Host header that anybody can write.
    app = FastAPI(
        title="lachan", version=__version__, openapi_url="/openapi.json", docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    app.state.services = services
    app.state.counts = Counts()
    problems.install(app)
    for module in (
        oauth,
        inbox,
        reports,
        registry,
        activities,
        alerts,
        tasks,
        copies,
        outcomes,
        transfers,
        public,
        outreach,
        checking,
        problem_pages,
        health,
    ):
        app.include_router(module.router)
    web.install(app)
    app.router.routes.insert(0, screening.route(services, app.state.limiter))
    openapi.install(app)
    # Added last, so that it stands first.
    app.add_middleware(Gate, counts=app.state.counts)
    return app
