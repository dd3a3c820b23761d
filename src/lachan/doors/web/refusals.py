"""What a person sees when something is refused: a page in their language, never JSON and never a traceback."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from lachan.doors.api.problems import status_of
from lachan.doors.web.visit import Visit, go, visit_of
from lachan.foundation.access import AccessReason
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError, Language, NotFound, catalogue
from lachan.registry import AppealOutcome, DecisionState, EntryState, Guard, Verdict
from lachan.response.shapes import ErrorPage, Message

_LISTING: Mapping[type, str] = {
    EntryState: "registry.state", Verdict: "registry.verdict", Guard: "registry.guard",
    AppealOutcome: "registry.appeal", DecisionState: "web.registry.decision",
}  # fmt: skip
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Handler:
        """The route's own handler, with refusals drawn."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await original(request)
            except LachanError as error:
                return await run_in_threadpool(refusal_page, request, error)
            except RequestValidationError:
                return await run_in_threadpool(refusal_page, request, BadInput(InputReason.UNREADABLE_REQUEST))

        return handle


def refusal_page(request: Request, error: LachanError) -> Response:
    """A refusal as a page: who is not signed in signs in, everybody else reads why and what to do."""
    visit: Visit = getattr(request.state, "visit", None) or visit_of(request)
    if error.reason is AccessReason.NOT_SIGNED_IN:
        return go(f"/sign-in?next={quote(visit.request.url.path if request.method == 'GET' else '/desk')}")
    if error.reason is AccessReason.SECOND_FACTOR_NEEDED:
        return go("/sign-in/step")
    return error_page(visit, sentence(error), status_of(error), kind=type(error).__name__)


def sentence(error: LachanError) -> Message:
    """What a refusal says."""
    return Message(
        f"reason.{error.reason.value}", {name: _said(name, value) for name, value in error.params.items()}
    )


def _said(name: str, value: object) -> object:
    """A state of a report or a hold in words; rules name it by its code."""
    of_listing = next((f"{start}_{value}" for kind, start in _LISTING.items() if isinstance(value, kind)), None)
    named = {"status": f"web.course.status_{value}", "state": f"web.hold_state.{value}",
             "plan_state": f"plans.plan_{value}", "task_state": f"plans.task_{value}",
             "report_state": f"periodic.state.{value}"}  # fmt: skip
    key = of_listing or named.get(name)
    return Message(key) if key is not None and key in catalogue(Language.VI) else _readable(value)


def _readable(value: object) -> object:
    """Rules name instants in ISO 8601; people read them as on a clock and a calendar."""
    if isinstance(value, str) and len(value) >= 16 and value[:4].isdigit() and value[10] == "T":
        with suppress(ValueError):
            return datetime.fromisoformat(value).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
    return value


def error_page(visit: Visit, what: Message, status: int, *, kind: str) -> Response:
    """The error page, inside the staff frame for people who are signed in."""
    back = visit.request.headers.get("referer", "")
    base = visit.services.settings.base_url
    href = back.removeprefix(base) if back.startswith(f"{base}/") else "/"
    if href == visit.request.url.path:
        href = "/"
    page = ErrorPage(Message("web.error.title"), what, Message(f"web.error.do_{kind.lower()}"), href)
    template = "staff/error.html" if visit.viewer else "public/error.html"
    return visit.page(template, page, status=status)


def wants_page(request: Request) -> bool:
    """Whether a browser asks, not a program."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")


def install(app: FastAPI) -> None:
    """Draw also what no page route refuses: unknown addresses, and our own mistakes."""
    as_problem, as_our_mistake = app.exception_handlers[HTTPException], app.exception_handlers[Exception]

    async def on_http(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and wants_page(request):
            wrong = NotFound(InputReason.NO_SUCH_RECORD)
            if error.status_code != HTTPStatus.NOT_FOUND:
                return await run_in_threadpool(refusal_page, request, BadInput(InputReason.UNREADABLE_REQUEST))
            return await run_in_threadpool(refusal_page, request, wrong)
        answer: Response = await as_problem(request, error)  # type: ignore[misc] # ours, and it is a coroutine
        return answer

    async def on_mistake(request: Request, error: Exception) -> Response:
        if not wants_page(request):
            said: Response = await as_our_mistake(request, error)  # type: ignore[misc] # likewise
            return said
        visit = await run_in_threadpool(visit_of, request)
        return await run_in_threadpool(
            lambda: error_page(visit, Message("web.error.ours"), HTTPStatus.INTERNAL_SERVER_ERROR, kind="ours")
        )

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_mistake)
