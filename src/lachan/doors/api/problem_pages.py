"""`/problems/{reason}`: what a problem means, in both languages; a page for people, JSON for programs."""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from jinja2 import Environment
from pydantic import BaseModel, ConfigDict

from lachan.doors.api.describe import open_to_all
from lachan.doors.api.identity import ServicesOf
from lachan.doors.api.problems import language_of
from lachan.doors.web.render import page_context, render
from lachan.foundation.base import InputReason, Language, NotFound, translate
from lachan.foundation.base.errors import all_reasons

router = APIRouter(tags=["problems"])
# What a status asks the caller to do; the reason says why.
STATUSES = (400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 428, 429, 500, 503)


class Explanation(BaseModel):
    """What one reason means. The sentences may hold `{placeholders}` that a real problem fills in."""

    model_config = ConfigDict(frozen=True)

    type: str
    reason: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One row of the page: a status, and what to do about it."""

    status: int
    phrase: str
    vi: str
    en: str


@router.get("/problems", response_model=list[Explanation], openapi_extra=open_to_all())
def problem_types() -> list[Explanation]:
    """Every reason that a problem may name."""
    return [_explained(reason) for reason in _reasons()]


@router.get(
    "/problems/{reason}",
    response_model=Explanation,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
    openapi_extra=open_to_all(),
)
def problem_type(
    reason: Annotated[str, Path(pattern="^[a-z_]{1,64}$")], request: Request, services: ServicesOf
) -> Explanation | Response:
    """One reason, as a page where a browser asks."""
    if reason not in _reasons():
        raise NotFound(InputReason.NO_SUCH_RECORD)
    explained = _explained(reason)
    if "text/html" not in request.headers.get("accept", ""):
        return explained
    environment: Environment = request.app.state.environment
    language = language_of(request)
    context = page_context(
        language=language, viewer=None, now=services.clock.now(), clock=services.clock, csrf="",
        here=request.url.path,
    )  # fmt: skip
    html = render(environment, "public/problem.html", context, page=explained, advice=_advice())
    return Response(html, headers={"content-language": "vi, en"}, media_type="text/html")


@cache
def _reasons() -> tuple[str, ...]:
    return tuple(sorted({reason.value for reason in all_reasons()}))


def _explained(reason: str) -> Explanation:
    vi, en = (translate(f"reason.{reason}", language) for language in (Language.VI, Language.EN))
    return Explanation(type=f"/problems/{reason}", reason=reason, vi=vi, en=en)


def _advice() -> list[Advice]:
    return [
        Advice(
            status,
            HTTPStatus(status).phrase,
            translate(f"api.do.s{status}", Language.VI),
            translate(f"api.do.s{status}", Language.EN),
        )
        for status in STATUSES
    ]
