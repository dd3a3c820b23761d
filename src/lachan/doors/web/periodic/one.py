"""One report: its figures with their sources, its narratives, what is done with it next."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from lachan.doors.web.periodic.shapes import CHIPS, Line, PartRow, ReportPage, StepRow
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, may, person_names
from lachan.foundation.base import translate
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans import outgoing
from lachan.plans.reporting import FormField, ReportState, views
from lachan.plans.reporting.model import HANDED_IN, WRITABLE
from lachan.plans.reporting.rules import missing_fields
from lachan.plans.reporting.views import ReportView
from lachan.plans.reporting.wording import field_label, number, round_title, unit_name
from lachan.response.shapes import Fields, Notice

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Unsaved = Mapping[str, tuple[str, str | None]]


@router.get("/periodic/{report_id}")
def report(visit: VisitOf, report_id: str) -> Response:
    """The report."""
    return show(visit, report_id)


def show(
    visit: Visit, report_id: str, *, unsaved: Unsaved | None = None, fields: Fields | None = None,
    notice: Notice | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """Its page. `unsaved` are narratives that could not be kept, with what another saved meanwhile, by line."""
    actor = visit.require(Permission.PERIODIC_READ)
    with visit.services.db.read() as conn:
        found = views.report(conn, actor, visit.now, report_id)
        names = views.agency_names(conn)
        who = {step.by for step in found.steps} | {text.by for text in found.report.texts}
        people = person_names(conn, [one.partition(":")[2] for one in who])
        about = outgoing.views.documents_about(conn, actor, f"plan_report:{found.report.id}")
    one = found.report
    own = found.own
    writes = own and may(actor, Permission.PERIODIC_WRITE) and one.state in WRITABLE
    checks = found.receives and may(actor, Permission.PERIODIC_CHECK)
    page = ReportPage(
        view=found, title=round_title(found.round, visit.language), agency=names.get(one.agency_id, ""),
        receiver=", ".join(names.get(each, "") for each in _gets(found)), state=one.state.value,
        tone=CHIPS[one.state.value],
        lines=tuple(_line(visit, found, each, names, people, unsaved or {}, writes) for each in one.form),
        steps=tuple(
            StepRow(step.step, people.get(step.by.partition(":")[2], step.by), step.at, step.words or "")
            for step in found.steps
            if step.step not in {"saved", "counted", "figure_entered"}
        ),
        documents=tuple(about),
        round_href=f"/periodic/rounds/{one.plan_id}/{one.key}", writes=writes,
        decides=checks and one.state is ReportState.SUBMITTED,
        restates=own and may(actor, Permission.PERIODIC_WRITE) and one.state is ReportState.APPROVED
        and found.revisions[-1].id == one.id,
        issues=own and may(actor, Permission.DOCUMENT_ISSUE) and one.state in HANDED_IN,
        gathers=one.consolidated and checks and one.state in WRITABLE, fields=fields or {}, notice=notice,
    )  # fmt: skip
    return visit.page("periodic/report.html", page, status=status)


def _gets(found: ReportView) -> tuple[str, ...]:
    """Everybody to whom it goes."""
    return found.round.onward if found.report.consolidated else found.round.receivers


def _line(
    visit: Visit, found: ReportView, field: FormField, names: Mapping[str, str], people: Mapping[str, str],
    unsaved: Unsaved, writes: bool,
) -> Line:  # fmt: skip
    one, label = found.report, field_label(field, visit.language)
    missing = writes and field.code in missing_fields(one)
    if field.kind is ReportFieldKind.SECTION:
        return Line(field.code, field.kind.value, label, field.required)
    if field.kind is ReportFieldKind.NARRATIVE:
        text = one.text(field.code)
        typed, other = unsaved.get(field.code, (text.text if text else "", None))
        return Line(
            field.code, field.kind.value, label, field.required, text=typed, version=text.version if text else 0,
            by=people.get(text.by.partition(":")[2], "") if text else "", other=other, missing=missing,
        )  # fmt: skip
    figure = one.figure(field.code)
    if figure is None:
        return Line(field.code, field.kind.value, label, field.required, value="–", missing=missing)
    # Other lists show a viewer the own agency's records: beside another's figure they would be wrong ones.
    own = found.own and not one.consolidated
    link = figure.link if own or figure.link.startswith("/plans/") else ""
    parts = tuple(
        PartRow(names.get(part.agency_id, ""), number(part.value, visit.language), f"/periodic/{part.report_id}")
        for part in figure.parts
    )
    return Line(
        field.code, field.kind.value, label, field.required, number(figure.value, visit.language),
        unit_name(field, visit.language), translate(f"web.periodic.origin.{figure.origin.value}", visit.language),
        figure.known_at, link, "" if figure.counted is None else number(figure.counted, visit.language),
        figure.note, parts, missing=missing, quiet=one.quiet(field),
    )  # fmt: skip
