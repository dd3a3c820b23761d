"""The web application: API and pages under one roof."""

from fastapi import FastAPI

from lachan import __version__
from lachan.bootstrap import Services
from lachan.doors.api import health, inbox, oauth, problems, reports
from lachan.doors.web import app as web
from lachan.foundation.access import agencies


def desk_id(services: Services) -> str | None:
    """The desk that works on what comes in from outside: the province's own."""
    with services.db.read() as conn:
        return next((desk.id for desk in agencies(conn, "province_desk")), None)


def create_app(services: Services) -> FastAPI:
    """The ASGI application of one instance."""
    app = FastAPI(
        title="lachan", version=__version__, openapi_url="/openapi.json", docs_url=None, redoc_url=None,
        separate_input_output_schemas=False,
    )  # fmt: skip
    app.state.services = services
    app.state.desk_id = desk_id(services)
    problems.install(app)
    for module in (oauth, inbox, reports, health):
        app.include_router(module.router)
    web.install(app)
    return app
