"""What is done with a report: save, count anew, hand in, return, approve, restate, issue."""

import re
from collections.abc import Callable
from decimal import Decimal

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.periodic.one import show
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, InputReason, LachanError, Language
from lachan.foundation.documents.administrative import Signature
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.outgoing import write_files
from lachan.plans.outgoing.rules import behalf_of
from lachan.plans.reporting import (
    ReportReason,
    Signing,
    approve,
    enter_figure,
    give_back,
    issue_report,
    recount,
    restate,
    save_text,
    submit,
    views,
)
from lachan.response.shapes import Field, Message, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/periodic/{report_id}/save")
def save(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Keep what was written, line by line; then hand in, if that button was pressed.

    Where another saved the same line meanwhile, both texts are shown and nothing of either is lost.
    """
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run() -> Response:
        lost = _keep(visit, report_id, form)
        if lost:
            with visit.services.db.read() as conn:
                kept = views.report(conn, actor, visit.now, report_id).report
            both = {
                code: (typed, text.text if (text := kept.text(code)) else "") for code, typed in lost.items()
            }  # fmt: skip
            notice = Notice("error", Message(f"reason.{ReportReason.TEXT_CHANGED.value}"))
            return show(visit, report_id, unsaved=both, notice=notice, status=409)
        if form.text("then") != "submit":
            return go(f"/periodic/{report_id}?done=saved")
        with visit.services.db.unit(visit.now, actor) as unit:
            submit(unit, report_id)
        return go(f"/periodic/{report_id}?done=periodic_submitted")

    return _once(visit, report_id, form, run)


@router.post("/periodic/{report_id}/figure")
def figure(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Enter a figure by hand, or go back to what is counted."""
    code = form.text("field")

    def do(unit: Unit) -> None:
        typed = form.text("value")
        enter_figure(
            unit, report_id, code, typed_number(typed, visit.language) if typed else None, form.text("note")
        )

    return _act(visit, report_id, form, Permission.PERIODIC_WRITE, do, "saved")


@router.post("/periodic/{report_id}/recount")
def count(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Count the figures as they are known now."""
    return _act(
        visit, report_id, form, Permission.PERIODIC_WRITE, lambda unit: recount(unit, report_id), "periodic_counted"
    )  # fmt: skip


@router.post("/periodic/{report_id}/return")
def send_back(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Return it with remarks."""
    return _act(
        visit, report_id, form, Permission.PERIODIC_CHECK,
        lambda unit: give_back(unit, report_id, form.needed("remarks")), "periodic_returned",
    )  # fmt: skip


@router.post("/periodic/{report_id}/approve")
def take(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Approve it."""
    return _act(
        visit, report_id, form, Permission.PERIODIC_CHECK, lambda unit: approve(unit, report_id),
        "periodic_approved",
    )  # fmt: skip


@router.post("/periodic/{report_id}/restate")
def again(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Open a further revision."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = restate(unit, report_id, form.needed("reasons"))
        return go(f"/periodic/{made.id}?done=periodic_restated")

    return _once(visit, report_id, form, run)


@router.post("/periodic/{report_id}/issue")
def number_it(visit: VisitOf, report_id: str, form: FormOf) -> Response:
    """Enter it in the register of outgoing documents, and write its files."""
    actor = visit.require(Permission.DOCUMENT_ISSUE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = issue_report(unit, report_id, signing_of(form))
        write_files(visit.services.db, visit.now, actor, made.id)
        return go(f"/periodic/{report_id}?done=document_issued")

    return _once(visit, report_id, form, run)


def signing_of(form: Form) -> Signing:
    """Letters, signature, recipients and archive as an office types them."""
    signature = Signature(form.needed("position"), form.needed("signatory"), behalf_of(form.text("behalf")))
    recipients = tuple(line.strip() for line in form.text("recipients").splitlines() if line.strip())
    return Signing(form.needed("letters"), signature, recipients, form.text("archive"))


def _keep(visit: Visit, report_id: str, form: Form) -> dict[str, str]:
    """Keep each narrative in a transaction of its own; returns those that another saved meanwhile."""
    actor, lost = visit.actor, {}
    with visit.services.db.read() as conn:
        fields = views.report(conn, actor, visit.now, report_id).report.form
    for field in fields:
        typed, version = form.fields.get(f"text_{field.code}"), form.text(f"version_{field.code}")
        if field.kind is not ReportFieldKind.NARRATIVE or not isinstance(typed, str) or not version.isdigit():
            continue
        try:
            with visit.services.db.unit(visit.now, actor) as unit:
                save_text(unit, report_id, field.code, form.text(f"text_{field.code}"), int(version))
        except LachanError as error:
            if error.reason is not ReportReason.TEXT_CHANGED:
                raise
            lost[field.code] = form.text(f"text_{field.code}")
    return lost


def _act(
    visit: Visit, report_id: str, form: Form, permission: Permission, do: Callable[[Unit], object], done: str
) -> Response:  # fmt: skip
    actor = visit.require(permission)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            do(unit)
        return go(f"/periodic/{report_id}?done={done}")

    return _once(visit, report_id, form, run)


def _once(visit: Visit, report_id: str, form: Form, run: Callable[[], Response]) -> Response:
    try:
        return visit.once(form, run)
    except LachanError as error:
        typed = {key: Field(form.text(key)) for key in form.fields}
        at_field = error.field is not None and error.field in typed
        if at_field and error.field:
            typed[error.field] = Field(form.text(error.field), sentence(error))
        notice = Notice("error", sentence(error))
        return show(visit, report_id, fields=typed, notice=notice, status=int(status_of(error)))


def typed_number(typed: str, language: Language) -> Decimal:
    """`1.250` and `12,5` as Vietnamese writes them, `1,250` and `12.5` as English does: what the page itself shows.

    What the one language means otherwise than the other is refused, not guessed.
    """
    thousands, decimals = (".", ",") if language is Language.VI else (",", ".")
    plain = typed.replace(" ", "").replace("\u00a0", "")
    whole, decimal = re.escape(thousands), re.escape(decimals)
    if re.fullmatch(rf"-?([0-9]{{1,3}}({whole}[0-9]{{3}})+|[0-9]+)({decimal}[0-9]+)?", plain) is None:
        expected = f"1{thousands}250; 12{decimals}5"
        raise BadInput(InputReason.MALFORMED, field="value", expected=expected)
    return Decimal(plain.replace(thousands, "").replace(decimals, "."))
