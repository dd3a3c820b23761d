"""What the holder of a listed identifier sees by the notice's code: what and why, and what became of the appeal."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.public.forms import PublicFormOf
from lachan.doors.web.public.status import look_up, wrong_code
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.report_form import AREA_MAX, tidy
from lachan.doors.web.visit import Visit, VisitOf, go
from lachan.foundation.access import REPORTS_BY_ADDRESS, RateLimiter
from lachan.foundation.base import (
    PUBLIC,
    Conflict,
    InputReason,
    LachanError,
    NotFound,
    read_reference_code,
)
from lachan.foundation.taxonomy import suspicion_reason
from lachan.registry import Appeal, AppealOutcome, ListingObjection, RegistryReason, Verdict, open_appeal, views
from lachan.registry.actions.appeals import APPEAL_PREFIX, LAST_LEVEL
from lachan.registry.actions.decisions import NOTICE_PREFIX
from lachan.response.shapes import Deadline, Field, Message

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_MISSING = Message(f"reason.{InputReason.MISSING.value}")
_LIMITS = {"grounds": 1_800, "holder_name": 200, "holder_contact": 200}
_URGENT_S = 1_800


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A notice with its form, or an appeal with its clock or decision; without a code, only the question."""

    code: Field
    masked: str = ""
    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()
    listed_since: datetime | None = None
    review_at: datetime | None = None
    may_appeal: bool = False
    last_rejected: bool = False
    fields: tuple[tuple[str, Field], ...] = ()
    errors: tuple[Message, ...] = ()
    appeal: Appeal | None = None
    decide_by: Deadline | None = None
    late: bool = False
    outcome: Message | None = None
    again_href: str | None = None
    court: bool = False

    @property
    def typed(self) -> dict[str, Field]:
        """The form's fields by name."""
        return {name: Field() for name in _LIMITS} | dict(self.fields)


@router.get("/listing")
def listing(visit: VisitOf, notice: Annotated[str, Query()] = "") -> Response:
    """The listing that a notice speaks of, with the form."""
    typed = notice.strip()[:60]
    if not typed:
        return _page(visit, ListingPage(Field()))
    if typed[:2].upper() == APPEAL_PREFIX:
        own = read_reference_code(typed, APPEAL_PREFIX)
        return go(f"/listing/{own}") if own else _mistyped(visit, typed)
    code = read_reference_code(typed, NOTICE_PREFIX)
    if code is None:
        return _mistyped(visit, typed)
    try:
        return _page(visit, _notice(visit, code))
    except LachanError as error:
        return _wrong(visit, code, error)


@router.get("/listing/{code}")
def listing_by_code(visit: VisitOf, code: str) -> Response:
    """An appeal by its own code; the link in a notice carries the notice's code."""
    typed = code.strip()[:60]
    if typed[:2].upper() == NOTICE_PREFIX:
        return listing(visit, typed)
    own = read_reference_code(typed, APPEAL_PREFIX)
    if own is None:
        return _mistyped(visit, typed)
    try:
        look_up(visit, own)
        with visit.services.db.read() as conn:
            appeal, notice_code = views.appeal_by_code(conn, own)
            found = views.notice_by_code(conn, notice_code, visit.now)
    except LachanError as error:
        return _wrong(visit, own, error)
    return _page(visit, _appealed(visit, appeal, found))


@router.post("/listing")
def send_appeal(visit: VisitOf, sent: PublicFormOf) -> Response:
    """Open the appeal; the same form sent twice leads to the appeal that is open already."""
    code = read_reference_code(sent.form.text("notice"), NOTICE_PREFIX)
    if code is None:
        return _mistyped(visit, sent.form.text("notice")[:60])
    try:
        page = _notice(visit, code)
    except LachanError as error:
        return _wrong(visit, code, error)
    if page.appeal is not None and page.appeal.outcome is None:
        return go(f"/listing/{page.appeal.code}")
    if not page.may_appeal:
        return _page(visit, page, 409)
    page = _checked(page, {name: tidy(sent.form.text(name), AREA_MAX) for name in _LIMITS}, sent.error)
    if page.errors:
        return _page(visit, page, 403 if sent.expired else 422)
    said = page.typed
    objection = ListingObjection(said["holder_name"].value, said["holder_contact"].value, said["grounds"].value)
    try:
        limiter: RateLimiter = visit.request.app.state.limiter
        limiter.require(REPORTS_BY_ADDRESS, visit.source, visit.wall_now)
        with visit.services.db.unit(visit.now, PUBLIC) as unit:
            opened = open_appeal(unit, code, objection)
    except Conflict as error:
        if error.reason is RegistryReason.APPEAL_OPEN and (other := _open_code(visit, code)):
            return go(f"/listing/{other}")
        return _page(visit, replace(page, errors=(sentence(error),)), int(status_of(error)))
    except LachanError as error:
        return _page(visit, replace(page, errors=(sentence(error),)), int(status_of(error)))
    return go(f"/listing/{opened}")


def _notice(visit: Visit, code: str) -> ListingPage:
    # Whoever corrects the form is not guessing codes.
    look_up(visit, code if visit.request.method == "GET" else None)
    with visit.services.db.read() as conn:
        found = views.notice_by_code(conn, code, visit.now)
    if found.appeal is not None and found.appeal.outcome is None:
        return _appealed(visit, found.appeal, found)
    last = found.appeal
    used = last is not None and last.outcome is not AppealOutcome.UPHELD and last.level >= LAST_LEVEL
    return replace(
        _listed(visit, found), code=Field(code), may_appeal=found.may_appeal and not used, court=used,
        last_rejected=last is not None and last.outcome is not AppealOutcome.UPHELD,
    )  # fmt: skip


def _listed(visit: Visit, found: views.Notice) -> ListingPage:
    """What is listed: masked, with the reasons in words and nothing of who claimed."""
    return ListingPage(
        Field(found.code), found.masked, found.verdict,
        tuple(suspicion_reason(code, visit.now).label(visit.language) for code in found.reasons),
        found.listed_since, found.review_at,
    )  # fmt: skip


def _appealed(visit: Visit, appeal: Appeal, found: views.Notice) -> ListingPage:
    still = found.verdict is not Verdict.CLEAR
    disagrees = appeal.outcome in {AppealOutcome.REJECTED, AppealOutcome.PARTLY} and still
    newest = found.appeal is not None and found.appeal.id == appeal.id
    return replace(
        _listed(visit, found),
        appeal=appeal,
        decide_by=Deadline(appeal.decide_by, appeal.opened_at, _URGENT_S) if appeal.outcome is None else None,
        late=appeal.outcome is None and visit.now > appeal.decide_by,
        outcome=Message(f"web.listing.decided_{appeal.outcome.value}") if appeal.outcome else None,
        again_href=f"/listing?notice={found.code}" if disagrees and newest and appeal.level < LAST_LEVEL else None,
        court=disagrees and appeal.level >= LAST_LEVEL,
    )


def _checked(page: ListingPage, typed: dict[str, str], expired: Message | None) -> ListingPage:
    """What was typed, with what is wrong at each field and above the form."""
    fields = []
    for name, limit in _LIMITS.items():
        value, error = typed[name], None
        if not value:
            error = _MISSING
        elif len(value) > limit:
            error = Message(f"reason.{InputReason.TOO_LONG.value}", {"limit": limit})
        fields.append((name, Field(value, error)))
    said = tuple(
        Message("web.report.wrong", {"field": Message(f"web.listing.{name}"), "what": one.error})
        for name, one in fields if one.error
    )  # fmt: skip
    return replace(page, fields=tuple(fields), errors=(expired,) if expired else said)


def _open_code(visit: Visit, notice_code: str) -> str | None:
    """The appeal that another press of the button was faster to open."""
    with visit.services.db.read() as conn:
        last = views.notice_by_code(conn, notice_code, visit.now).appeal
    return last.code if last is not None and last.outcome is None else None


def _mistyped(visit: Visit, typed: str) -> Response:
    return _page(visit, ListingPage(Field(typed, Message("web.listing.mistyped"))), 422)


def _wrong(visit: Visit, typed: str, error: LachanError) -> Response:
    if isinstance(error, NotFound):
        wrong_code(visit)
        return _page(visit, ListingPage(Field(typed, Message("web.listing.unknown"))), 404)
    return _page(visit, ListingPage(Field(typed, sentence(error))), int(status_of(error)))


def _page(visit: Visit, page: ListingPage, status: int = 200) -> Response:
    return visit.page("public/listing.html", page, status=status)
