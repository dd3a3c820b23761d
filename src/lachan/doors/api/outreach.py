"""Warnings for programs: what banks show in their apps, CAP 1.2, and the public figures. Open to all."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict

from lachan.doors.api.describe import open_to_all
from lachan.doors.api.identity import ServicesOf, address_of, limit
from lachan.doors.api.problems import language_of
from lachan.foundation.access import STATUS_BY_ADDRESS, agency
from lachan.foundation.base import InputReason, Language, NotFound, read_reference_code
from lachan.foundation.exchange.cap import MEDIA_TYPE
from lachan.foundation.taxonomy import threshold
from lachan.outreach import Item, ItemState, Severity, public, statistics, telling

router = APIRouter(tags=["public"])
_PLAIN = ConfigDict(frozen=True)
_A_MINUTE = {"cache-control": "public, max-age=60", "vary": "accept-language"}
Code = Annotated[
    str,
    Path(
        description="The warning's code.",
        json_schema_extra={"pattern": "^CB-[0-9A-Z]{4}-[0-9A-Z]{5}$"},
        openapi_examples={"code": {"value": "CB-7K4Q-92MXA"}},
    ),
]


class PublicWarning(BaseModel):
    """A warning. `state`: `published`, `retracted` or `expired`; of one that was taken back only that and why."""

    model_config = _PLAIN

    code: str
    state: ItemState
    severity: Severity | None
    scam_form: str | None
    audience: str
    title: str
    text: str
    signs: tuple[str, ...]
    steps: tuple[str, ...]
    published_at: datetime
    expires_at: datetime | None
    updated_at: datetime
    address: str
    cap: str


class PublicNotice(BaseModel):
    """A short text for a bank's own app, within the length that such notices have."""

    model_config = _PLAIN

    code: str
    scam_form: str | None
    audience: str
    title: str
    text: str
    published_at: datetime
    expires_at: datetime | None


class PublicWarnings(BaseModel):
    """Warnings, the one changed last first, and the notices in force. Whoever shows one removes it at its end."""

    model_config = _PLAIN

    warnings: tuple[PublicWarning, ...]
    notices: tuple[PublicNotice, ...]
    now: datetime


class PublicMonth(BaseModel):
    """A month's figures; null where fewer reports than `least` stand behind them."""

    model_config = _PLAIN

    month: date
    reports: int | None
    reported_vnd: int | None
    held_vnd: int | None
    returned_vnd: int | None


class PublicStatistics(BaseModel):
    """The last 12 whole months, the newest first; money in the month of its report, as it stood at the last close.

    Figures change once a month, and a sum only where at least `least` reports changed it.
    """

    model_config = _PLAIN

    months: tuple[PublicMonth, ...]
    least: int
    now: datetime


@router.get("/v1/public/warnings", response_model=PublicWarnings, openapi_extra=open_to_all())
def public_warnings(request: Request, response: Response, services: ServicesOf) -> PublicWarnings:
    """Current warnings and notices for apps; what was taken back or has ended is named as such."""
    limit(request, STATUS_BY_ADDRESS, address_of(request))
    now, language, base = services.clock.now(), language_of(request), services.settings.base_url
    response.headers.update({**_A_MINUTE, "content-language": language.value})
    with services.db.read() as conn:
        found, notices = public.feed(conn), public.notices(conn, now)
    return PublicWarnings(
        warnings=tuple(_warning(one, language, base, now) for one in found),
        notices=tuple(
            PublicNotice(
                code=one.code, scam_form=one.scam_form, audience=one.audience, title=one.words(language).title,
                text=one.words(language).text, published_at=one.published_at or one.changed_at,
                expires_at=one.expires_at,
            )
            for one in notices
        ),
        now=now,
    )  # fmt: skip


@router.get(
    "/v1/public/warnings/{code}.cap.xml", response_class=Response,
    openapi_extra={
        **open_to_all(),
        "responses": {
            "200": {"description": "The CAP message", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
        },
    },
)  # fmt: skip
def warning_as_cap(code: Code, request: Request, services: ServicesOf) -> Response:
    """A warning as a CAP 1.2 Alert; of one that was taken back the Cancel that names it."""
    limit(request, STATUS_BY_ADDRESS, address_of(request))
    clean = read_reference_code(code[:60], "CB")
    if clean is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    settings = services.settings
    with services.db.read() as conn:
        found = public.warning(conn, clean)
        sender = agency(conn, found.agency_id)
    made = telling.cap(
        found, instance=settings.instance, sender_name=sender.name, area=sender.place or sender.name,
        base_url=settings.base_url, exercise=settings.demo_sign_in,
    )  # fmt: skip
    return Response(made, media_type=MEDIA_TYPE, headers={"cache-control": _A_MINUTE["cache-control"]})


@router.get("/v1/public/statistics", response_model=PublicStatistics, openapi_extra=open_to_all())
def public_statistics(request: Request, services: ServicesOf) -> PublicStatistics:
    """What was reported, held and given back, month by month."""
    limit(request, STATUS_BY_ADDRESS, address_of(request))
    now = services.clock.now()
    with services.db.read() as conn:
        found = statistics.months(conn)
    return PublicStatistics(
        months=tuple(
            PublicMonth(
                month=one.first, reports=one.reports, reported_vnd=one.reported_vnd, held_vnd=one.held_vnd,
                returned_vnd=one.returned_vnd,
            )
            for one in found
        ),
        least=threshold("public_cell", now).value, now=now,
    )  # fmt: skip


def _warning(one: Item, language: Language, base_url: str, now: datetime) -> PublicWarning:
    words, told = one.words(language), one.state is not ItemState.RETRACTED
    over = one.state is ItemState.PUBLISHED and not one.in_force(now)
    return PublicWarning(
        code=one.code, state=ItemState.EXPIRED if over else one.state, severity=one.severity,
        scam_form=one.scam_form, audience=one.audience, title=telling.headline(one, language),
        text=words.text if told else telling.why_ended(one, language), signs=words.signs if told else (),
        steps=words.steps if told else (), published_at=one.published_at or one.changed_at,
        expires_at=one.expires_at, updated_at=one.changed_at, address=f"{base_url}/warnings/{one.code}",
        cap=f"{base_url}/v1/public/warnings/{one.code}.cap.xml",
    )  # fmt: skip
