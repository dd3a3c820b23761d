"""`POST /v1/public/check`: the public check for programs, a school's bot or a newspaper's page. The same words."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lachan.doors.api.bodies import JSON, JsonOf
from lachan.doors.api.describe import open_to_all
from lachan.doors.api.identity import ServicesOf, address_of, limit
from lachan.doors.api.problems import language_of
from lachan.doors.web.checking import Incoming, answer_page, question_of
from lachan.doors.web.render import in_words
from lachan.foundation.access import CHECKS_BY_ADDRESS
from lachan.foundation.base import BadInput, InputReason, WallClock
from lachan.registry import Verdict
from lachan.response.views.banks import banks_of
from lachan.screening import Asker
from lachan.screening.lookup import LETTERS_A_LOOK_UP, TEXT_MAX, advise_on, look_up

router = APIRouter(tags=["public"])
_EXAMPLE = {"text": "Nộp vào STK 0123456789 Vietcombank, hoặc gọi 0912 345 678"}


class Pasted(BaseModel):
    """What somebody pasted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=TEXT_MAX)]


class Checked(BaseModel):
    """One identifier of the text. `shown` is masked; `lines` are the reasons in words."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    title: str
    shown: str
    lines: tuple[str, ...]


class PublicAdvice(BaseModel):
    """What to tell the person, about the gravest."""

    model_config = ConfigDict(frozen=True)

    title: str
    text: str
    steps: tuple[str, ...]


class PublicAnswer(BaseModel):
    """The answer. `needs_bank`: numbers that are looked up only together with their bank; write it beside them.

    `notes` say what was not looked up and why. Clear never means safe.
    """

    model_config = ConfigDict(frozen=True)

    results: tuple[Checked, ...]
    needs_bank: tuple[str, ...]
    notes: tuple[str, ...]
    advice: PublicAdvice
    as_of: datetime


def _described() -> dict[str, Any]:
    schema = Pasted.model_json_schema()
    content = {JSON: {"schema": schema, "examples": {"message": {"value": _EXAMPLE}}}}
    return {**open_to_all(), "requestBody": {"required": True, "content": content}}


@router.post("/v1/public/check", response_model=PublicAnswer, openapi_extra=_described())
def public_check(request: Request, response: Response, services: ServicesOf, body: JsonOf) -> PublicAnswer:
    """A verdict in plain words about what is in a text. Each identifier counts against the address's limit."""
    language, now = language_of(request), services.clock.now()
    incoming = Incoming.of({"q": _text(body)})
    with services.db.read() as conn:
        banks = banks_of(conn)
    address = address_of(request)
    if cost := len(incoming.text) // LETTERS_A_LOOK_UP:
        limit(request, CHECKS_BY_ADDRESS, address, cost=cost)
    question = question_of(incoming, banks)
    limit(request, CHECKS_BY_ADDRESS, address, cost=max(1, len(question.asked)))
    for one in question.asked:
        services.screening.watch.require(Asker.PUBLIC, address, one.key, WallClock().now())
    looked = look_up(services.screening.engine, services.db.read, question.asked, now)
    page = answer_page(incoming, question, looked, banks, now)
    advice = advise_on(looked if page.rows else (), language, now)
    response.headers["content-language"] = language.value
    return PublicAnswer(
        results=tuple(
            Checked(
                verdict=Verdict(row.verdict), title=in_words(row.title, language), shown=row.shown,
                lines=tuple(in_words(line, language) for line in row.lines),
            )
            for row in page.rows
        ),
        needs_bank=tuple(one.shown for one in page.questions if not one.optional),
        notes=tuple(in_words(note, language) for note in page.notes),
        advice=PublicAdvice(title=advice.title, text=advice.text, steps=advice.steps),
        as_of=now,
    )  # fmt: skip


def _text(body: bytes) -> str:
    try:
        return Pasted.model_validate_json(body).text
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "missing":
            raise BadInput(InputReason.MISSING, field="text") from None
        if first["type"] == "string_too_long":
            raise BadInput(InputReason.TOO_LONG, field="text", limit=TEXT_MAX) from None
        field = ".".join(map(str, first["loc"])) or "body"
        raise BadInput(InputReason.MALFORMED, field=field, expected='{"text": "0912 345 678"}') from None
