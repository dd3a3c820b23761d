"""Where a report's money is by every rule, as it was known at any instant; and the exhibit of it."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from lachan.doors.api.problems import status_of
from lachan.doors.web.golden_hour import record_of
from lachan.doors.web.letters import sender_of, signed_pdf
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import VIETNAM, BadInput, InputReason, LachanError
from lachan.foundation.protocol import is_instant
from lachan.response import issue_exhibit
from lachan.response.shapes import Field, Notice
from lachan.response.views.golden_hour import Record
from lachan.response.views.money import At, exhibit_pdf, issued_exhibit, traced_page, typed_instant

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_TEXT_MAX = 40


@router.get("/trace/{code}/money")
def money(visit: VisitOf, code: str, as_of: str = "", known_at: str = "") -> Response:
    """The page, at the instants that are asked for."""
    record = _record(visit, code)
    return _show(visit, record, as_of, known_at)


@router.post("/trace/{code}/money/exhibits")
def issue(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Issue the exhibit by the chosen rule at the page's instants; it then stands in the list, to be fetched."""
    record = _record(visit, code)
    require(visit.actor, Permission.TRACE_ANALYSE, record.trace.desk_id)
    if not record.full:
        return _purpose(record)

    def do() -> RedirectResponse:
        at = At(_instant(form.text("as_of"), "as_of"), _instant(form.text("known_at"), "known_at"))
        issue_exhibit(
            visit.services.db, visit.actor, record.trace.id, form.text("rule"), at, sender_of(visit), now=visit.now,
            wall_now=visit.wall_now,
        )  # fmt: skip
        return go(f"/trace/{record.trace.code}/money?done=exhibit_issued#exhibits")

    try:
        return visit.once(form, do)
    except LachanError as error:
        notice = Notice("error", sentence(error))
        return _show(visit, record, form.text("as_of"), form.text("known_at"), notice, status_of(error))


@router.get("/trace/{code}/money/exhibits/{exhibit}/exhibit.pdf")
def exhibit(visit: VisitOf, code: str, exhibit: str) -> Response:
    """An issued exhibit, made again from its facts, with its signature beside it."""
    record = _record(visit, code)
    if not record.full:
        return _purpose(record)
    with visit.services.db.read() as conn:
        issued = issued_exhibit(conn, record.trace, exhibit)
        pdf = exhibit_pdf(conn, record.trace, issued, sender_of(visit))
    answer = signed_pdf(visit, pdf, "exhibit.pdf")
    answer.headers["lachan-exhibit-issued-sha256"] = issued.sha256
    return answer


def _purpose(record: Record) -> Response:
    """An exhibit names accounts in full: what for is asked first."""
    said = {"trace": record.trace.code, "back": f"/trace/{record.trace.code}/money"}
    return go(f"/purpose?{urlencode(said)}")


def _record(visit: Visit, code: str) -> Record:
    """Officers of the trace's desk only: the accounts here are not only the victim's."""
    visit.require(Permission.REPORT_READ_PERSONAL)
    record = record_of(visit, code)
    require(visit.actor, Permission.REPORT_READ_PERSONAL, record.trace.desk_id)
    return record


def _show(
    visit: Visit, record: Record, as_of: str, known_at: str, notice: Notice | None = None, status: int = 200
) -> Response:
    """The page; an instant that cannot be read is said at its field, and the present shown."""
    typed: list[Field] = []
    read: list[datetime | None] = []
    for name, text in (("as_of", as_of), ("known_at", known_at)):
        try:
            read.append(_instant(text, name))
            typed.append(Field(typed_instant(read[-1])))
        except BadInput as error:
            read.append(None)
            typed.append(Field(text[:_TEXT_MAX], sentence(error)))
            status = 422
    with visit.services.db.read() as conn:
        page = traced_page(conn, record, At(*read), typed=(typed[0], typed[1]), notice=notice)
    extra: dict[str, object] = {"notice": notice} if notice else {}
    return visit.page("golden_hour/money.html", page, status=status, **extra)


def _instant(text: str, field: str) -> datetime | None:
    """An instant in Vietnamese time as a browser's input or one of our links has it; None where empty."""
    if not text.strip():
        return None
    try:
        typed = datetime.fromisoformat(text.strip())
        at = (typed if typed.tzinfo else typed.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(InputReason.MALFORMED, field=field, expected="2026-11-22 09:41") from error
    if not is_instant(at):
        raise BadInput(InputReason.MALFORMED, field=field, expected="2026-11-22 09:41")
    return at
