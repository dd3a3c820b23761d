"""Activities of an institution, from its own system: what it did for a plan, once, and the figures of it."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lachan.activities import Activity, Source, importable, record, saying, views
from lachan.activities.views import Narrow
from lachan.doors.api.bodies import JSON, JsonOf
from lachan.doors.api.describe import MESSAGE_ID, needs
from lachan.doors.api.identity import CallerOf, ServicesOf, demand
from lachan.doors.api.once import Taken, key_of, once
from lachan.foundation.access import Permission, Scope
from lachan.foundation.base import BadInput, InputReason, Language, NotFound
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import ActivityKind, FileSort, activity_kind, vietnam_date

router = APIRouter(tags=["activities"])
_PLAIN = ConfigDict(frozen=True)
Kind = Annotated[str, Query(max_length=40, description="A code of `GET /v1/activities/kinds`.")]


class KindField(BaseModel):
    """A field of a kind; `choices` are codes.

    `files`: which sorts of file it takes, `photo`, `document`, `sound`; a program cannot send them, the page does.
    """

    model_config = _PLAIN

    code: str
    type: str
    name: str
    required: bool
    choices: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class KindItem(BaseModel):
    """A kind that the institution may record, with its fields and figures.

    `needs_photo`: it is recorded with a photo only; `needs_files`: with some file only. Then the page is its door.
    """

    model_config = _PLAIN

    code: str
    name: str
    demands: tuple[int, ...]
    fields: tuple[KindField, ...]
    figures: tuple[str, ...]
    needs_photo: bool
    needs_files: bool


class KindList(BaseModel):
    """The kinds."""

    model_config = _PLAIN

    items: tuple[KindItem, ...]


class ActivityItem(BaseModel):
    """A record. What is personal in `values` is masked. Decimals are in thousandths, money in đồng."""

    model_config = _PLAIN

    id: str
    kind: str
    day: date
    commune: str
    state: str
    due_on: date | None
    version: int
    values: dict[str, Any]


class ActivityPage(BaseModel):
    """Records, the newest work first. `next` is the `after` of the next page, absent on the last."""

    model_config = _PLAIN

    items: tuple[ActivityItem, ...]
    next: str | None = None


class FigureValue(BaseModel):
    """A figure over a period; `base` is what a share is of. Decimals are in thousandths, money in đồng."""

    model_config = _PLAIN

    kind: str
    figure: str
    amount: int
    base: int


class ActivityDraft(BaseModel):
    """A piece of work. `values` by the kind's fields, as text or numbers; photos are sent on the web page."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Annotated[str, Field(min_length=1, max_length=40)]
    values: dict[str, Any]


class ActivityReceipt(BaseModel):
    """The record's id."""

    model_config = _PLAIN

    id: str


@router.get("/v1/activities/kinds", response_model=KindList, openapi_extra=needs(Scope.ACTIVITY))
def kinds(services: ServicesOf, caller: CallerOf) -> KindList:
    """The kinds that the institution may record."""
    demand(caller, Permission.ACTIVITY_READ)
    with services.db.read() as conn:
        found = views.kinds_for(conn, caller.actor, services.clock.now())
    return KindList(items=tuple(_kind(one.kind) for one in found if one.may_record))


@router.get("/v1/activities/figures", response_model=FigureValue, openapi_extra=needs(Scope.ACTIVITY))
def figure(
    services: ServicesOf,
    caller: CallerOf,
    kind: Kind,
    figure: Annotated[str, Query(max_length=40)],
    since: Annotated[date | None, Query(description="The first day.")] = None,
    until: Annotated[date | None, Query(description="The last day, inclusive.")] = None,
) -> FigureValue:
    """One figure of the institution's own records."""
    demand(caller, Permission.ACTIVITY_READ)
    with services.db.read() as conn:
        now = services.clock.now()
        if figure not in {one.code for one in activity_kind(kind, now).figures}:
            raise NotFound(InputReason.NO_SUCH_RECORD, field="figure")
        total = views.own_figure(conn, caller.actor, kind, figure, vietnam_date(now), since, until)
    return FigureValue(kind=kind, figure=figure, amount=total.amount, base=total.base)


@router.get(
    "/v1/activities", response_model=ActivityPage, response_model_exclude_none=True,
    openapi_extra=needs(Scope.ACTIVITY),
)  # fmt: skip
def activities(
    services: ServicesOf,
    caller: CallerOf,
    kind: Kind,
    state: Annotated[str, Query(max_length=40)] = "",
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
    after: Annotated[str, Query(max_length=60, description="The `next` of the page before.")] = "",
) -> ActivityPage:
    """The institution's own records of a kind, and those shared with it."""
    demand(caller, Permission.ACTIVITY_READ)
    now = services.clock.now()
    found = activity_kind(kind, now)
    narrow = Narrow(state, since, until)
    with services.db.read() as conn:
        page = views.listing(conn, caller.actor, found, narrow, now, after=after)
    return ActivityPage(items=tuple(_item(found, one) for one in page.records), next=page.after or None)


def _described() -> dict[str, Any]:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key and body again have one effect; another body under the key is refused (409).",
        "schema": MESSAGE_ID,
    }
    values = {"day": "2026-11-18", "title": "Cảnh báo giả danh công an", "channel": "app", "reached": 120_000,
              "text": "Không chuyển tiền theo yêu cầu qua điện thoại."}  # fmt: skip
    schema = {"$ref": "#/components/schemas/ActivityDraft"}
    example = {"warning": {"value": {"kind": "customer_warning", "values": values}}}
    content = {JSON: {"schema": schema, "examples": example}}
    return {
        **needs(Scope.ACTIVITY),
        "parameters": [key],
        "requestBody": {"required": True, "content": content},
    }


@router.post("/v1/activities", response_model=ActivityReceipt, status_code=201, openapi_extra=_described())
def send(request: Request, services: ServicesOf, caller: CallerOf, body: JsonOf) -> Response:
    """Record one piece of work; the same key and body again change nothing."""
    demand(caller, Permission.ACTIVITY_RECORD)
    key = key_of(request.headers)
    try:
        draft = ActivityDraft.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from None

    def do(unit: Unit) -> Taken:
        kind = activity_kind(draft.kind, unit.now)
        # A file is kept by the page that takes it: a program that names one would claim evidence it never sent.
        unknown = draft.values.keys() - {one.code for one in importable(kind)}
        if unknown:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="values", value=min(unknown)[:40])
        made = record(unit, draft.kind, draft.values, key=key, source=Source.API)
        return Taken(made.id, ActivityReceipt(id=made.id))

    done = once(services, caller, request, key, body, do)
    return done.response(201, lambda _at: ActivityReceipt(id=done.outcome))


def _kind(kind: ActivityKind) -> KindItem:
    fields = tuple(
        KindField(
            code=one.code, type=one.type.value, name=one.label(Language.VI), required=one.required,
            choices=tuple(each.code for each in one.choices), files=tuple(each.value for each in one.accepts),
        )
        for one in kind.first_fields
    )  # fmt: skip
    needed = [one for one in kind.first_fields if one.required and one.accepts]
    return KindItem(
        code=kind.code, name=kind.label(Language.VI), demands=kind.demands, fields=fields,
        figures=tuple(one.code for one in kind.figures),
        needs_photo=any(set(one.accepts) == {FileSort.PHOTO} for one in needed),
        needs_files=bool(needed),
    )  # fmt: skip


def _item(kind: ActivityKind, one: Activity) -> ActivityItem:
    personal = any(each.is_personal for each in kind.fields)
    values = {
        each.code: saying.masked(each, one.values[each.code])
        if each.is_personal or (personal and saying.hides(each))
        else one.values[each.code]
        for each in kind.fields
        if each.code in one.values
    }
    return ActivityItem(
        id=one.id, kind=one.kind, day=date.fromisoformat(one.day), commune=one.commune, state=one.state,
        due_on=date.fromisoformat(one.due_on) if one.due_on else None, version=one.version, values=values,
    )  # fmt: skip
