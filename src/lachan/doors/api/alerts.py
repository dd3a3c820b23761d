"""Alerts about an institution's own accounts, for its case system; and what its people found them to be."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lachan.doors.api.bodies import JSON, JsonOf
from lachan.doors.api.describe import MESSAGE_ID, needs
from lachan.doors.api.identity import Caller, CallerOf, ServicesOf
from lachan.doors.api.once import Taken, key_of, once
from lachan.foundation.access import Permission, Scope, require
from lachan.foundation.base import BadInput, InputReason, Language
from lachan.foundation.storage import Unit
from lachan.monitoring import Level
from lachan.monitoring.alerts import Alert, AlertState, Sighting, confirm, dismiss, saying, take, views
from lachan.monitoring.alerts.views import Narrow

router = APIRouter(tags=["alerts"])
_PLAIN = ConfigDict(frozen=True)
LIMIT_MOST = 200
AlertId = Annotated[str, Path(pattern=MESSAGE_ID["pattern"])]


class AlertItem(BaseModel):
    """One alert: an account that shows a typology, and where the work on it stands."""

    model_config = _PLAIN

    id: str
    typology: str
    level: Level
    state: AlertState
    account: str
    score: float
    sightings: int
    amount_vnd: int
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    due_at: datetime


class AlertPage(BaseModel):
    """Alerts, the gravest and soonest due first. `next` is the `after` of the next page, absent on the last."""

    model_config = _PLAIN

    items: tuple[AlertItem, ...]
    next: str | None = None


class SeenTransfer(BaseModel):
    """A transfer that shows it."""

    model_config = _PLAIN

    id: str
    time: datetime
    payer: str
    payee: str
    amount_vnd: int
    kind: str


class AlertDetails(AlertItem):
    """The newest sighting too: the sentence that is signed, its transfers, and the figures behind it.

    Transfers between accounts that others keep have no account numbers. Once an ended alert's transfers are erased,
    nothing of this is left.
    """

    sentence: str
    suspects: tuple[str, ...]
    transfers: tuple[SeenTransfer, ...]
    features: dict[str, int]


class AlertFeedback(BaseModel):
    """What a person at the institution found. `code` is needed to dismiss; `officer` is the institution's own name.

    Nobody is listed by it: for that, people propose and approve, or the institution submits a suspicion.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    outcome: Literal["confirmed", "dismissed"]
    code: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    words: Annotated[str, Field(min_length=1, max_length=1_000)]
    officer: Annotated[str, Field(min_length=1, max_length=200)]


class FeedbackReceipt(BaseModel):
    """The state that the alert is in now."""

    model_config = _PLAIN

    state: AlertState


@router.get(
    "/v1/alerts", response_model=AlertPage, response_model_exclude_none=True, openapi_extra=needs(Scope.ALERT)
)  # fmt: skip
def alerts(
    services: ServicesOf,
    caller: CallerOf,
    state: Annotated[AlertState | None, Query(description="By default all that people still work on.")] = None,
    level: Annotated[Level | None, Query()] = None,
    typology: Annotated[str | None, Query(max_length=40)] = None,
    after: Annotated[str, Query(max_length=500, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST)] = 50,
) -> AlertPage:
    """Alerts about the institution's own accounts."""
    _may(caller, Permission.ALERT_READ)
    narrow = Narrow(state, level, typology)
    with services.db.read() as conn:
        found = views.queue(conn, caller.actor, narrow, after=after, limit=limit)
    return AlertPage(items=tuple(AlertItem(**_item(one)) for one in found.alerts), next=found.after or None)


@router.get("/v1/alerts/{alert_id}", response_model=AlertDetails, openapi_extra=needs(Scope.ALERT))
def alert(services: ServicesOf, caller: CallerOf, alert_id: AlertId) -> AlertDetails:
    """One alert with the transfers that show it."""
    _may(caller, Permission.ALERT_READ)
    with services.db.read() as conn:
        page = views.page(conn, caller.actor, alert_id)
    newest = page.sightings[0] if page.sightings else None
    said = _sentence(newest, services.clock.now()) if newest else ""
    return AlertDetails(
        **_item(page.alert), sentence=page.alert.sentence or said,
        suspects=page.suspects,
        transfers=tuple(
            SeenTransfer(
                id=one.id, time=one.booked_at, payer=one.payer, payee=one.payee, amount_vnd=one.amount_vnd,
                kind=one.kind.value,
            )
            for one in (newest.shown if newest else ())
        ),
        features=dict(newest.features) if newest else {},
    )  # fmt: skip


def _described() -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key and body again have one effect; another body under the key is refused (409).",
        "schema": MESSAGE_ID,
    }
    example = {"outcome": "dismissed", "code": "family", "words": "Đã gọi chủ tài khoản.", "officer": "NV-0142"}
    schema = {"$ref": "#/components/schemas/AlertFeedback"}
    content = {JSON: {"schema": schema, "examples": {"dismissed": {"value": example}}}}
    return {
        **needs(Scope.ALERT),
        "parameters": [key],
        "requestBody": {"required": True, "content": content},
    }


@router.post(
    "/v1/alerts/{alert_id}/feedback", response_model=FeedbackReceipt, status_code=201, openapi_extra=_described()
)
def feedback(request: Request, services: ServicesOf, caller: CallerOf, alert_id: AlertId, body: JsonOf) -> Response:
    """Record what a person at the institution found; the same key and body again change nothing."""
    _may(caller, Permission.ALERT_WORK)
    key = key_of(request.headers)
    try:
        said = AlertFeedback.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None

    def record(unit: Unit) -> Taken:
        take(unit, alert_id)
        words = f"{said.words} ({said.officer})"
        if said.outcome == "confirmed":
            newest = views.page(unit.conn, unit.actor, alert_id).sightings[0]
            done = confirm(unit, alert_id, f"{_sentence(newest, unit.now)} {words}".strip())
        elif said.code is None:
            raise BadInput(InputReason.MISSING, field="code")
        else:
            done = dismiss(unit, alert_id, said.code, words)
        return Taken(done.state.value, FeedbackReceipt(state=done.state))

    done = once(services, caller, request, key, body, record)
    return done.response(201, lambda _at: FeedbackReceipt(state=AlertState(done.outcome)))


def _may(caller: Caller, permission: Permission) -> None:
    require(caller.actor, permission, agency_id=caller.institution.id)


def _sentence(one: Sighting, now: datetime) -> str:
    """As people sign it: in Vietnamese, with the accounts whole."""
    return saying.sentence_of(one, now, Language.VI, lambda account: account)


def _item(one: Alert) -> dict[str, Any]:
    return {
        "id": one.id, "typology": one.typology, "level": one.level, "state": one.state, "account": one.account,
        "score": one.score, "sightings": one.sightings, "amount_vnd": one.amount_vnd, "first_at": one.first_at,
        "last_at": one.last_at, "opened_at": one.opened_at, "due_at": one.due_at,
    }  # fmt: skip
