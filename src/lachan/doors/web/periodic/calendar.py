"""Who owes which report by when; one round agency by agency; asking for a single report."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Response
from sqlalchemy.engine import Connection

from lachan.doors.api.problems import status_of
from lachan.doors.web.periodic.keeping import carry_out, keep_typed
from lachan.doors.web.periodic.shapes import CHIPS, CalendarPage, OwedRow, RoundPage, RoundRow
from lachan.doors.web.reading import needed_day, needed_moment
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, may
from lachan.foundation.base import BadInput, InputReason, LachanError, translate
from lachan.foundation.taxonomy import ReportFieldKind, vietnam_date
from lachan.plans.reporting import FormField, Standing, ask_once, begin, consolidate, views
from lachan.plans.reporting.rules import day_before
from lachan.plans.reporting.views import Owed, RoundView
from lachan.plans.reporting.wording import round_title
from lachan.response.shapes import Field, Fields, Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_YEARS = range(2020, 2200)
_ASKED = ("title", "covers_from", "covers_to", "due_at", "questions")


@router.get("/periodic")
def calendar(visit: VisitOf, year: str = "") -> Response:
    """A year's rounds."""
    return show(visit, year)


@router.post("/periodic/ask")
def ask(visit: VisitOf, form: FormOf) -> Response:
    """Ask everybody under a plan for a single report."""
    actor = visit.require(Permission.PERIODIC_CHECK)

    def run() -> Response:
        with visit.services.db.read() as conn:
            listed = views.askable(conn, actor, visit.now)
        chosen = listed.get(plan_id := form.needed("plan"))
        if chosen is None:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="plan", value=form.text("plan")[:40])
        with visit.services.db.unit(visit.now, actor) as unit:
            ask_once(
                unit, plan_id, chosen[0], form.needed("title"), _questions(form), chosen[1],
                needed_day(form, "covers_from"), needed_day(form, "covers_to"), needed_moment(form, "due_at"),
            )  # fmt: skip
        return go("/periodic?done=periodic_asked")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        typed = {key: Field(form.text(key)) for key in form.fields}
        # The form that would say it at its field may be gone with the plan.
        ended = error.field == "plan" and bool(form.text("plan"))
        said = Message("web.periodic.ask_ended") if ended else sentence(error)
        if error.field in typed:
            typed[error.field] = Field(form.text(error.field), said)
        notice = Notice("error", said) if ended or error.field not in typed else None
        return show(visit, "", typed, notice, int(status_of(error)))


@router.get("/periodic/rounds/{plan_id}/{key}")
def one_round(visit: VisitOf, plan_id: str, key: str) -> Response:
    """One round, agency by agency."""
    return _round_page(visit, plan_id, key)


@router.post("/periodic/rounds/{plan_id}/{key}/begin")
def start(visit: VisitOf, plan_id: str, key: str, form: FormOf) -> Response:
    """Open the own agency's report."""
    actor = visit.require(Permission.PERIODIC_WRITE)

    def run() -> Response:
        with visit.services.db.unit(visit.now, actor) as unit:
            made = begin(unit, plan_id, key, form.text("agency") or actor.agency_id or "")
        return go(f"/periodic/{made.id}")

    return visit.once(form, run)


@router.post("/periodic/rounds/{plan_id}/{key}/gather")
def gather(visit: VisitOf, plan_id: str, key: str, form: FormOf) -> Response:
    """Gather what was handed in; what was typed on the open report's page is kept first."""
    actor = visit.require(Permission.PERIODIC_CHECK)

    report_id = form.text("report")

    def run(kept: set[str]) -> Response:
        if report_id:
            keep_typed(visit, report_id, form, kept)
        with visit.services.db.unit(visit.now, actor) as unit:
            made = consolidate(unit, plan_id, key)
        return go(f"/periodic/{made.id}?done=periodic_gathered")

    if report_id:
        return carry_out(visit, report_id, form, run)
    try:
        return visit.once(form, lambda: run(set()))
    except LachanError as error:
        notice = Notice("error", sentence(error))
        return _round_page(visit, plan_id, key, notice, int(status_of(error)))


def show(
    visit: Visit, year: str, fields: Fields | None = None, notice: Notice | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    """The calendar's page."""
    actor = visit.require(Permission.PERIODIC_READ)
    today = vietnam_date(visit.now)
    shown = int(year) if year.isascii() and year.isdigit() and int(year) in _YEARS else today.year
    with visit.services.db.read() as conn:
        found = _rounds(visit, conn, shown)
        names = views.agency_names(conn)
        listed = views.askable(conn, actor, visit.now)
    page = CalendarPage(
        shown, tuple(row_of(visit, one, names) for one in found),
        {plan_id: title for plan_id, (title, _) in listed.items()},
        may(actor, Permission.PERIODIC_CHECK), fields or {}, notice,
    )  # fmt: skip
    asks = page.may_ask and bool(page.plans)
    unkept = tuple(
        Unkept(translate(f"web.periodic.{name}", visit.language), page.fields[name].value)
        for name in _ASKED
        if not asks and name in page.fields and page.fields[name].value
    )
    return visit.page("periodic/calendar.html", page, status=status, unkept=unkept)


def _rounds(visit: Visit, conn: Connection, year: int) -> list[RoundView]:
    """The rounds due in a year, as the viewer sees them."""
    return views.calendar(conn, visit.actor, visit.now, date(year, 1, 1), date(year, 12, 31))


def row_of(visit: Visit, found: RoundView, names: Mapping[str, str]) -> RoundRow:
    """A round as the pages show it."""
    asked = found.round
    one, address = asked.occurrence, f"/periodic/rounds/{asked.plan_id}/{asked.occurrence.key}"
    owed = tuple(_owed(visit, each, names, found.own) for each in found.owed)
    own = next((each for each in owed if each.may_begin), None)
    return RoundRow(
        round_title(asked, visit.language), asked.plan_title,
        ", ".join(names.get(each, each) for each in asked.receivers), one.covers_from, one.covers_to,
        day_before(one.due_at), visit.now >= one.due_at,
        sum(each.report is not None and each.report.first_submitted_at is not None for each in found.owed),
        found.count(Standing.APPROVED), sum(each.late for each in found.owed), found.count(Standing.MISSING), owed,
        address, f"{address}/begin" if own else "",
        f"/periodic/{found.gathered.id}" if found.gathered else "",
        found.gathered.state.value if found.gathered else "",
        found.may_gather and may(visit.actor, Permission.PERIODIC_CHECK), asked.plan_id, one.key,
        asked.dropped,
    )  # fmt: skip


def _owed(visit: Visit, one: Owed, names: Mapping[str, str], own: frozenset[str]) -> OwedRow:
    report, state = one.report, one.standing.value
    mine = one.agency_id in own and may(visit.actor, Permission.PERIODIC_WRITE)
    return OwedRow(
        names.get(one.agency_id, one.agency_id), state, CHIPS[state], one.late,
        report.submitted_at if report else None, report.revision if report else 1,
        f"/periodic/{report.id}" if report else "", report is None and mine, one.agency_id,
    )  # fmt: skip


def _round_page(
    visit: Visit, plan_id: str, key: str, notice: Notice | None = None, status: int = 200
) -> Response:  # fmt: skip
    actor = visit.require(Permission.PERIODIC_READ)
    with visit.services.db.read() as conn:
        found = views.one_round(conn, actor, visit.now, plan_id, key)
        names = views.agency_names(conn)
    return visit.page("periodic/round.html", RoundPage(row_of(visit, found, names), notice), status=status)


def _questions(form: Form) -> list[FormField]:
    """A line of the form each: something to write, or with a `#` before it a number, which gathering adds up."""
    lines = [line.strip() for line in form.needed("questions").splitlines() if line.strip("# ")]
    return [
        FormField(f"q{number}", _kind(line), line.lstrip("# "), line.lstrip("# "), required=True)
        for number, line in enumerate(lines, 1)
    ]


def _kind(line: str) -> ReportFieldKind:
    return ReportFieldKind.FIGURE if line.startswith("#") else ReportFieldKind.NARRATIVE
