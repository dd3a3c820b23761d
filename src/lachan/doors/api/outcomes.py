"""What came of the advice: institutions report sums of a day, and read how many each text stopped."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lachan.doors.api.bodies import JSON, JsonOf
from lachan.doors.api.describe import MESSAGE_ID, needs
from lachan.doors.api.identity import CallerOf, ServicesOf, demand
from lachan.doors.api.once import Taken, key_of, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.storage import Unit
from lachan.screening import COUNT_MAX, OUTCOMES_MAX, Outcome, report_outcomes, stop_rates

router = APIRouter(tags=["screening"])

Count = Annotated[int, Field(ge=0, le=COUNT_MAX)]
# As text: a date would also be read from a number of seconds.
Day = Annotated[
    str | None, Query(description="The first, or last, day; in Vietnam.", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class SaidOutcome(BaseModel):
    """Of those who were shown one text: how many stopped, and how many paid all the same."""

    model_config = _STRICT

    code: Annotated[str, Field(min_length=1, max_length=64)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    variant: Annotated[str, Field(min_length=1, max_length=8)]
    stopped: Count
    continued: Count


class Outcomes(BaseModel):
    """The sums of one day. Nothing about any payer or payment."""

    model_config = _STRICT

    day: date
    outcomes: Annotated[tuple[SaidOutcome, ...], Field(max_length=OUTCOMES_MAX)]


class OutcomesReceipt(BaseModel):
    """Recorded; `texts` is of how many texts."""

    model_config = ConfigDict(frozen=True)

    texts: int


class TextRate(BaseModel):
    """The share of payers that a text stopped, none where nobody was shown it; 95 % interval (Wilson)."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    code: str
    version: int
    variant: str
    stopped: int
    continued: int
    share: float | None
    low: float
    high: float


class Rates(BaseModel):
    """One row a text, version and variant."""

    model_config = ConfigDict(frozen=True)

    texts: tuple[TextRate, ...]


def _described() -> dict[str, Any]:
    example = {
        "day": "2026-11-21",
        "outcomes": [{"code": "block_payer", "version": 1, "variant": "a", "stopped": 41, "continued": 9}],
    }
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key and body again count once; another body under the key is refused (409).",
        "schema": MESSAGE_ID,
    }
    schema = {"$ref": "#/components/schemas/Outcomes"}
    content = {JSON: {"schema": schema, "examples": {"a day": {"value": example}}}}
    return {
        **needs(Scope.SCREEN),
        "parameters": [key],
        "requestBody": {"required": True, "content": content},
    }


@router.post("/v1/screen/outcomes", response_model=OutcomesReceipt, status_code=201, openapi_extra=_described())
def report(request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf) -> Response:
    """Receive the sums of a day; the same key and body again returns the same receipt and counts nothing twice."""
    demand(caller, Permission.SCREEN_QUERY)
    key = key_of(request.headers)
    try:
        said = Outcomes.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None

    def take(unit: Unit) -> Taken:
        outcomes = [Outcome(**one.model_dump()) for one in said.outcomes]
        texts = report_outcomes(unit, said.day, outcomes)
        return Taken(str(texts), OutcomesReceipt(texts=texts))

    done = once(services, caller, request, key, body, take)

    def anew(_received_at: datetime) -> OutcomesReceipt:
        return OutcomesReceipt(texts=int(done.outcome))

    return done.response(201, anew)


@router.get("/v1/screen/outcomes", response_model=Rates, openapi_extra=needs(Scope.FIGURES))
def rates(services: ServicesOf, caller: CallerOf, since: Day = None, until: Day = None) -> Rates:
    """How many payers each text stopped, as the caller's institution reported it."""
    demand(caller, Permission.FIGURES_READ)
    with services.db.read() as conn:
        found = stop_rates(conn, caller.actor, _day(since, "since"), _day(until, "until"))
    return Rates(texts=tuple(TextRate.model_validate(one) for one in found))


def _day(text: str | None, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=field, expected="2026-11-21") from error
