"""Reports' files: what has a deadline at the desk, and what may be done with one report on its way to its end."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from lachan.doors.api.problems import status_of
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.storage import Unit
from lachan.intake import Outcome, Report, report_by_code
from lachan.response import (
    close_report,
    formalise_report,
    grant_extension,
    name_scam_form,
    note_complex,
    note_report_notice,
    pass_on_report,
    refer_report,
    request_extension,
    withdraw_report,
)
from lachan.response.shapes import DecisionPage, Message, Notice
from lachan.response.views.reports import ACTIONS, report_decision_page, report_page, reports_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Do = Callable[[Visit, Unit, str, Form], None]


def _formalise(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    formalise_report(unit, visit.services.outbox, report_id, number=form.needed("number"))


def _name_form(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    name_scam_form(unit, visit.services.outbox, report_id, form=form.needed("form"))


def _complex(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    note_complex(unit, visit.services.outbox, report_id, why=form.needed("why"))


def _request(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    request_extension(unit, visit.services.outbox, report_id, why=form.needed("why"))


def _extend(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    grant_extension(unit, visit.services.outbox, report_id, decision=form.needed("decision"))


def _pass_on(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    pass_on_report(unit, visit.services.outbox, report_id, to=form.needed("to"))


def _refer(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    refer_report(unit, visit.services.outbox, report_id, to=form.needed("to"), why=form.needed("why"))


def _withdraw(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    withdraw_report(unit, visit.services.outbox, report_id, why=form.needed("why"))


def _close(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    stated = form.needed("outcome")
    if stated not in set(Outcome):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="outcome", value=stated[:40])
    close_report(unit, visit.services.outbox, report_id, outcome=Outcome(stated), why=form.needed("why"))


def _notice(visit: Visit, unit: Unit, report_id: str, form: Form) -> None:
    note_report_notice(unit, visit.services.outbox, report_id, why=form.needed("why"))


# Name in the address -> what is done, and what the page says afterwards (`web.done`).
ACTS: Mapping[str, tuple[Do, str]] = {
    "form": (_name_form, "form_named"),
    "formalise": (_formalise, "formalised"),
    "complex": (_complex, "complex"),
    "request": (_request, "extension_requested"),
    "extend": (_extend, "extended_report"),
    "pass-on": (_pass_on, "passed_on"),
    "refer": (_refer, "referred_on"),
    "withdraw": (_withdraw, "withdrawn"),
    "close": (_close, "closed"),
    "notice": (_notice, "notified"),
}


@router.get("/desk/reports")
def reports(
    visit: VisitOf, page: Annotated[int, Query(ge=1, le=1_000)] = 1,
    tasks: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> Response:  # fmt: skip
    """Open tasks, and reports by their nearest deadline."""
    sight = visit.sight()
    with visit.services.db.read() as conn:
        made = reports_page(conn, sight, visit.language, visit.now, page, tasks)
    return visit.page("desk/reports.html", made)


@router.get("/desk/reports/{code}")
def one(visit: VisitOf, code: str) -> Response:
    """One report's file."""
    with visit.services.db.read() as conn:
        report = _report(visit, code)
        made = report_page(conn, report, visit.actor, visit.language, visit.now)
    return visit.page("desk/report.html", made)


@router.get("/desk/reports/{code}/{name}")
def decision(visit: VisitOf, code: str, name: str) -> Response:
    """The form of one thing to do."""
    report = _allowed(visit, code, name)
    return visit.page("staff/decision.html", _form(visit, report, name, {}))


@router.post("/desk/reports/{code}/{name}")
def decide(visit: VisitOf, code: str, name: str, form: FormOf) -> Response:
    """Carry it out; what is missing or refused is said at its field."""
    report = _allowed(visit, code, name)
    act, done = ACTS[name]

    def do() -> RedirectResponse:
        with visit.services.db.unit(visit.now, visit.require(ACTIONS[name])) as unit:
            act(visit, unit, report.id, form)
        # Passed on, it is no longer this desk's to look at.
        return go(f"/desk/reports{'' if name == 'pass-on' else f'/{report.code}'}?done={done}")

    try:
        return visit.once(form, do)
    except LachanError as error:
        typed = {key: form.text(key) for key in form.fields}
        page = _form(visit, report, name, typed, {error.field or "": sentence(error)})
        if not any(field.name == error.field for field in page.fields):
            page = _form(visit, report, name, typed, notice=Notice("error", sentence(error)))
        return visit.page("staff/decision.html", page, status=status_of(error))


def _form(
    visit: Visit,
    report: Report,
    name: str,
    typed: Mapping[str, str],
    wrong: Mapping[str, Message] | None = None,
    notice: Notice | None = None,
) -> DecisionPage:
    with visit.services.db.read() as conn:
        return report_decision_page(
            conn, report, name, visit.now, language=visit.language, typed=typed, wrong=wrong, notice=notice
        )


def _report(visit: Visit, code: str) -> Report:
    actor = visit.require(Permission.REPORT_READ)
    with visit.services.db.read() as conn:
        found = report_by_code(conn, code)
    require(actor, Permission.REPORT_READ, found.agency_id)
    return found


def _allowed(visit: Visit, code: str, name: str) -> Report:
    if name not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    found = _report(visit, code)
    require(visit.actor, ACTIONS[name], found.agency_id)
    return found
