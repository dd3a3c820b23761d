"""An account holder objects to a hold, with the code of the notice; and follows the appeal with its own code."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.public.forms import PublicForm, PublicFormOf
from lachan.doors.web.public.status import look_up, wrong_code
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.report_form import AREA_MAX, tidy
from lachan.doors.web.visit import Visit, VisitOf, go
from lachan.foundation.access import REPORTS_BY_ADDRESS, RateLimiter
from lachan.foundation.base import (
    PUBLIC,
    BadInput,
    InputReason,
    LachanError,
    Language,
    NotFound,
    parse_vnd,
    read_reference_code,
    translate,
)
from lachan.response import HoldReason, Objection, open_appeal
from lachan.response.shapes import AppealPage, Choice, Field, Message
from lachan.response.views.holder import appeal_page, notice_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_MISSING = Message(f"reason.{InputReason.MISSING.value}")
_LIMITS = {"story": 3_500, "name": 200, "contact": 200}
_LABELS = {
    "claimed_vnd": Message("web.appeal.claimed"), "holder_name": Message("web.appeal.name"),
    "holder_contact": Message("web.appeal.contact"), "grounds": Message("web.appeal.story"),
}  # fmt: skip


@router.get("/appeal")
def appeal(visit: VisitOf, notice: Annotated[str, Query()] = "") -> Response:
    """The notice by its code, with the form."""
    typed = notice.strip()[:60]
    if not typed:
        return _page(visit, AppealPage(Field()))
    if typed[:2].upper() == "KN":
        own = read_reference_code(typed, "KN")
        return go(f"/appeal/{own}") if own else _mistyped(visit, typed)
    code = read_reference_code(typed, "TB")
    if code is None:
        return _mistyped(visit, typed)
    try:
        return _page(visit, _notice(visit, code))
    except LachanError as error:
        return _wrong(visit, code, error)


@router.get("/appeal/{code}")
def appeal_by_code(visit: VisitOf, code: str) -> Response:
    """An appeal by its own code; the link in a notice carries the notice's code."""
    typed = code.strip()[:60]
    if notice := read_reference_code(typed, "TB") if typed[:2].upper() == "TB" else None:
        return appeal(visit, notice)
    own = read_reference_code(typed, "KN")
    if own is None:
        return _mistyped(visit, typed)
    try:
        look_up(visit, own)
        with visit.services.db.read() as conn:
            return _page(visit, appeal_page(conn, own))
    except LachanError as error:
        return _wrong(visit, own, error)


@router.post("/appeal")
def send_appeal(visit: VisitOf, sent: PublicFormOf) -> Response:
    """Open the appeal; the same notice sent twice leads to the appeal that is open already."""
    code = read_reference_code(sent.form.text("notice"), "TB")
    if code is None:
        return _mistyped(visit, sent.form.text("notice")[:60])
    try:
        page = _notice(visit, code)
    except LachanError as error:
        return _wrong(visit, code, error)
    if not page.found:
        return go(f"/appeal/{page.opened_code}") if page.opened_code else _page(visit, page, 409)
    page, objection = _checked(sent, page)
    if objection is None:
        return _page(visit, page, 403 if sent.expired else 422)
    try:
        limiter: RateLimiter = visit.request.app.state.limiter
        limiter.require(REPORTS_BY_ADDRESS, visit.source, visit.wall_now)
        with visit.services.db.unit(visit.now, PUBLIC) as unit:
            opened = open_appeal(unit, visit.services.outbox, code, objection)
    except LachanError as error:
        again = _after_refusal(visit, code, page, error)
        return go(f"/appeal/{again.opened_code}") if again.opened_code else _page(visit, again, status_of(error))
    return go(f"/appeal/{opened}")


def _notice(visit: Visit, code: str) -> AppealPage:
    # Whoever corrects the form is not guessing codes.
    look_up(visit, code if visit.request.method == "GET" else None)
    with visit.services.db.read() as conn:
        return notice_page(conn, code, visit.language)


def _checked(sent: PublicForm, page: AppealPage) -> tuple[AppealPage, Objection | None]:
    """What was typed, with what is wrong; and the objection if nothing is."""
    form = sent.form
    fields = {name: Field(tidy(form.text(name), AREA_MAX)) for name in ("story", "name", "contact", "claimed")}
    for name, limit in _LIMITS.items():
        value = fields[name].value
        if not value:
            fields[name] = Field(value, _MISSING)
        elif len(value) > limit:
            too_long = Message(f"reason.{InputReason.TOO_LONG.value}", {"limit": limit})
            fields[name] = Field(value, too_long)
    claimed = None
    if fields["claimed"].value:
        try:
            claimed = parse_vnd(fields["claimed"].value)
            if claimed > page.held_vnd:
                raise BadInput(HoldReason.RELEASE_ABOVE_HELD)
        except BadInput as error:
            fields["claimed"] = Field(fields["claimed"].value, sentence(error))
    chosen = form.text("ground")
    grounds = tuple(replace(choice, chosen=choice.value == chosen) for choice in page.grounds)
    ground = next((choice for choice in grounds if choice.chosen), None)
    wrong = {f"web.appeal.{name}": one.error for name, one in fields.items() if one.error}
    if ground is None:
        wrong["web.appeal.ground"] = _MISSING
    said = tuple(
        Message("web.report.wrong", {"field": Message(label), "what": what}) for label, what in wrong.items()
    )
    page = replace(
        page, story=fields["story"], name=fields["name"], contact=fields["contact"], claimed=fields["claimed"],
        grounds=grounds, ground_error=None if ground else _MISSING,
        errors=(sent.error,) if sent.error else said,
    )  # fmt: skip
    if wrong or sent.expired or ground is None:
        return page, None
    return page, Objection(fields["name"].value, fields["contact"].value, _grounds(ground, page), claimed)


def _grounds(ground: Choice, page: AppealPage) -> str:
    # The record is Vietnamese, whatever language the page was read in.
    return f"{translate(f'web.say.appeal_{ground.value}', Language.VI)}. {page.story.value}"


def _after_refusal(visit: Visit, code: str, page: AppealPage, error: LachanError) -> AppealPage:
    """Where another press was faster, the appeal it opened; else the form as typed, and why not."""
    with visit.services.db.read() as conn:
        now = notice_page(conn, code, visit.language)
    if not now.found:
        return now
    label = _LABELS.get(error.field or "")
    what = sentence(error)
    return replace(page, errors=(Message("web.report.wrong", {"field": label, "what": what}) if label else what,))


def _mistyped(visit: Visit, typed: str) -> Response:
    return _page(visit, AppealPage(Field(typed, Message("web.appeal.mistyped"))), 422)


def _wrong(visit: Visit, typed: str, error: LachanError) -> Response:
    if isinstance(error, NotFound):
        wrong_code(visit)
        return _page(visit, AppealPage(Field(typed, Message("web.appeal.unknown"))), 404)
    return _page(visit, AppealPage(Field(typed, sentence(error))), status_of(error))


def _page(visit: Visit, page: AppealPage, status: int = 200) -> Response:
    return visit.page("public/appeal.html", page, status=status)
