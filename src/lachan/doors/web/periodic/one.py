"""One report: its figures with their sources, its narratives, what is done with it next."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response

from lachan.doors.web.periodic.shapes import CHIPS, Line, PartRow, ReportPage, StepRow
from lachan.doors.web.refusals import PageRoute
from lachan.doors.web.visit import Visit, VisitOf
from lachan.foundation.access import Permission, may, person_names
from lachan.foundation.base import translate
from lachan.foundation.taxonomy import ReportFieldKind, vietnam_date
from lachan.plans import outgoing
from lachan.plans.reporting import FormField, ReportState, views
from lachan.plans.reporting.model import HANDED_IN, WRITABLE
from lachan.plans.reporting.rules import missing_fields
from lachan.plans.reporting.views import ReportView
from lachan.plans.reporting.wording import field_label, number, round_title, unit_name
from lachan.response.shapes import Field, Fields, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SIGNING = ("letters", "behalf", "position", "signatory", "archive", "recipients")
"""What an office types to issue a document; the fields are called `web.periodic.…`."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A narrative that could not be kept, with the version that its writer has seen.

    `other`: what another saved meanwhile, where that is shown beside it.
    """

    text: str
    version: int
    other: str | None = None


@router.get("/periodic/{report_id}")
def report(visit: VisitOf, report_id: str) -> Response:
    """The report."""
    return show(visit, report_id)


def show(
    visit: Visit, report_id: str, *, unsaved: Mapping[str, Unsaved] | None = None, fields: Fields | None = None,
    notice: Notice | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """Its page. `unsaved` are narratives that could not be kept, by line; `fields` what else was typed."""
    actor = visit.require(Permission.PERIODIC_READ)
    with visit.services.db.read() as conn:
        found = views.report(conn, actor, visit.now, report_id)
        names = views.agency_names(conn)
        who = {step.by for step in found.steps} | {text.by for text in found.report.texts}
        people = person_names(conn, [one.partition(":")[2] for one in who])
        about = outgoing.views.documents_about(
            conn, actor, vietnam_date(visit.now), f"plan_report:{found.report.id}"
        )
    one = found.report
    own = found.own
    writes = own and may(actor, Permission.PERIODIC_WRITE) and one.state in WRITABLE
    checks = found.receives and may(actor, Permission.PERIODIC_CHECK)
    page = ReportPage(
        view=found, title=round_title(found.round, visit.language), agency=names.get(one.agency_id, ""),
        receiver=", ".join(names.get(each, "") for each in _gets(found)), state=one.state.value,
        tone=CHIPS[one.state.value],
        lines=tuple(
            _line(visit, found, each, names, people, unsaved or {}, fields or {}, writes) for each in one.form
        ),
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
    unkept = _unkept(visit, page, unsaved or {})
    return visit.page("periodic/report.html", page, status=status, unkept=unkept)


def _unkept(visit: Visit, page: ReportPage, unsaved: Mapping[str, Unsaved]) -> tuple[Unkept, ...]:
    """What was typed into fields that the page has no more, because somebody else took the report further."""
    made, steps = [], page.view.steps
    for field in page.view.report.form if not page.writes else ():
        typed, there = unsaved.get(field.code), page.view.report.text(field.code)
        # What stood there at some time is kept with the report's steps.
        known = {one.before[field.code]["text"] for one in steps if one.before and field.code in one.before}
        known |= {there.text if there else "", ""}
        if typed is not None and typed.text.replace("\r\n", "\n") not in known:
            made.append(Unkept(field_label(field, visit.language), typed.text))
        figure = [page.fields.get(f"{name}_{field.code}", Field()).value for name in ("value", "note")]
        if any(figure):
            made.append(Unkept(field_label(field, visit.language), "\n".join(filter(None, figure))))
    asked = (
        (page.decides, {"remarks": "remarks"}), (page.restates, {"reasons": "why"}),
        (page.issues and not page.in_force, {name: name for name in SIGNING}),
    )  # fmt: skip
    for there_is, fields in asked:
        for name, label in fields.items() if not there_is else ():
            if value := page.fields.get(name, Field()).value:
                made.append(Unkept(translate(f"web.periodic.{label}", visit.language), value))
    return tuple(made)


def _gets(found: ReportView) -> tuple[str, ...]:
    """Everybody to whom it goes."""
    return found.round.onward if found.report.consolidated else found.round.receivers


def _line(
    visit: Visit, found: ReportView, field: FormField, names: Mapping[str, str], people: Mapping[str, str],
    unsaved: Mapping[str, Unsaved], fields: Fields, writes: bool,
) -> Line:  # fmt: skip
    one, label = found.report, field_label(field, visit.language)
    missing = writes and field.code in missing_fields(one)
    if field.kind is ReportFieldKind.SECTION:
        return Line(field.code, field.kind.value, label, field.required)
    if field.kind is ReportFieldKind.NARRATIVE:
        text = one.text(field.code)
        saved = Unsaved(text.text, text.version) if text else Unsaved("", 0)
        typed = unsaved.get(field.code, saved) if writes else saved
        return Line(
            field.code, field.kind.value, label, field.required, text=typed.text, version=typed.version,
            by=people.get(text.by.partition(":")[2], "") if text else "", other=typed.other, missing=missing,
        )  # fmt: skip
    figure = one.figure(field.code)
    typed_there = (fields.get(f"{name}_{field.code}", Field()) for name in ("value", "note"))
    open_ = any(each.value or each.error for each in typed_there)
    if figure is None:
        return Line(
            field.code, field.kind.value, label, field.required, value="–", missing=missing, open=open_
        )  # fmt: skip
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
        figure.note, parts, missing=missing, quiet=one.quiet(field), open=open_,
    )  # fmt: skip
