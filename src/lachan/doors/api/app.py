"""The web application: API and pages under one roof."""

from fastapi import FastAPI

from lachan import __version__
from lachan.bootstrap import Services
from lachan.doors.api import health, inbox, oauth, problems, reports


def create_app(services: Services) -> FastAPI:
    """The ASGI application of one instance."""
    app = FastAPI(
        title="lachan", version=__version__, openapi_url="/openapi.json", docs_url=None, redoc_url=None,
        separate_input_output_schemas=False,
    )  # fmt: skip
    app.state.services = services
    problems.install(app)
    for module in (oauth, inbox, reports, health):
        app.include_router(module.router)
    return app
