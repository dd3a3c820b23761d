"""Begin a report, write in it, count its figures again, restate what was approved."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lachan.foundation.access import Permission, clean_text, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, new_id
from lachan.foundation.storage import Unit, hold_names
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.asked import Asked
from lachan.plans.reporting.model import (
    WRITABLE,
    FigureValue,
    FormField,
    Origin,
    PeriodicReport,
    ReportReason,
    ReportState,
    Round,
    TextValue,
)
from lachan.plans.reporting.recording import add_report, change_report, contents, today_is
from lachan.plans.reporting.rounds import round_of
from lachan.plans.reporting.sources import Gather, figures
from lachan.plans.reporting.work import kinds_of

TEXT_MAX = 20_000
_NOTE_MAX = 500
_VALUE_LIMIT = Decimal(10) ** 18


def begin(unit: Unit, plan_id: str, key: str, agency_id: str) -> PeriodicReport:
    """Open an agency's draft for a round, its figures counted; the one that is open where somebody was quicker.

    Raises:
        NotAllowed: NOT_OWED where the round does not ask this agency.
    """
    require(unit.actor, Permission.PERIODIC_WRITE, today_is(unit, agency_id))
    asked = round_of(unit.conn, plan_id, key)
    if agency_id not in asked.senders:
        raise NotAllowed(ReportReason.NOT_OWED, field="agency")
    hold_names(unit.conn, [f"periodic report {plan_id} {key} {agency_id}"])
    kept = _revisions(unit, plan_id, key, agency_id, consolidated=False)
    if kept:
        return kept[-1]
    made = new_report(unit, asked, agency_id, consolidated=False)
    return add_report(unit, replace(made, figures=count_figures(unit, made, (agency_id,))), "begun")


def save_text(unit: Unit, report_id: str, field: str, text: str, version: int) -> PeriodicReport:
    """Keep a narrative. `version` is the one that was read (0: none was there).

    What stood there before is kept with the step. An unchanged text changes nothing, also where another changed it
    since it was read.

    Raises:
        Conflict: TEXT_CHANGED where another saved this line meanwhile; NOT_IN_THIS_STATE after handing in.
    """
    report = writable(unit, report_id)
    _line(report, field, ReportFieldKind.NARRATIVE)
    said = clean_text(text.replace("\r\n", "\n"), "text", at_least=0, limit=TEXT_MAX)
    old = report.text(field)
    if (old.text if old else "") == said:
        return report
    if (old.version if old else 0) != version:
        if said == store.text_at(unit.conn, report_id, field, version):
            return report
        raise Conflict(ReportReason.TEXT_CHANGED, field=field, by=old.by if old else "")
    new = TextValue(field, said, version + 1, unit.actor.reference, unit.now)
    texts = [one for one in report.texts if one.field != field] + [new]
    before = {field: store.text_to_json(old)} if old else None
    return change_report(
        unit, report, "saved", before=before, said={"field": field}, texts=contents((), texts)["texts"]
    )


def enter_figure(
    unit: Unit, report_id: str, field: str, value: Decimal | None, note: str, *, seen: int | None = None
) -> PeriodicReport:  # fmt: skip
    """Enter by hand what the system does not count, or counts otherwise; its own count stays beside it.

    `value` None goes back to what the system counts. `seen` is the version of the report that was read.

    Raises:
        Conflict: FIGURE_CHANGED where another entered this figure since; NOT_IN_THIS_STATE after handing in.
    """
    report = writable(unit, report_id)
    line = _line(report, field, ReportFieldKind.FIGURE)
    said = clean_text(note, "note", at_least=0, limit=_NOTE_MAX)
    old = report.figure(line.code)
    if old is not None and old.origin is Origin.PERSON and seen is not None and old.entered > seen:
        if (value, said) == (old.value, old.note):
            return report
        raise Conflict(ReportReason.FIGURE_CHANGED, field=field)
    if value is None:
        return _as_gathered(unit, report, line) if report.consolidated else recount(unit, report_id, only=line.code)
    if not (value.is_finite() and 0 <= value < _VALUE_LIMIT):
        raise BadInput(InputReason.MALFORMED, field=field, expected="1250")
    counted = (old.counted if old.origin is Origin.PERSON else old.value) if old else None
    new = FigureValue(
        field, value, Origin.PERSON, old.link if old else "", unit.now, counted,
        clean_text(said, "note", limit=_NOTE_MAX), old.parts if old else (),
        report.version + 1,
    )  # fmt: skip
    kept = tuple(one for one in report.figures if one.field != field)
    return change_report(
        unit, report, "figure_entered", said={"field": field, "value": str(value)},
        figures=contents((*kept, new), ())["figures"],
    )  # fmt: skip


def _as_gathered(unit: Unit, report: PeriodicReport, line: FormField) -> PeriodicReport:
    """A gathered figure is again what the agencies' reports came to."""
    old = report.figure(line.code)
    if old is None or old.origin is not Origin.PERSON:
        return report
    source = figures().get(line.figure)
    origin = Origin.SOURCE if source and source.gather is Gather.RECOUNT else Origin.CHILDREN
    new = replace(old, value=old.counted, origin=origin, counted=None, note="", known_at=unit.now, entered=0)
    kept = tuple(one for one in report.figures if one.field != line.code)
    return change_report(unit, report, "counted", figures=contents((*kept, new), ())["figures"])


def recount(unit: Unit, report_id: str, *, only: str | None = None) -> PeriodicReport:
    """Count the figures as they are known now; what a person entered stays, unless `only` names it.

    With `only` the others stay as they were counted, unless the days that are counted have changed: one report
    never mixes two of them.
    """
    report = writable(unit, report_id)
    if report.consolidated:
        raise NotAllowed(ReportReason.NOT_IN_THIS_STATE, report_state="consolidated")
    before = report
    report, moved = on_its_round(unit, before)
    counted = count_figures(unit, report, (report.agency_id,), anew=only)
    if only is not None and (report.covers_from, report.covers_to) == (before.covers_from, before.covers_to):
        counted = tuple(
            next(one for one in counted if one.field == field.code) if field.code == only else kept
            for field in report.form
            if field.kind is ReportFieldKind.FIGURE and (kept := report.figure(field.code)) is not None
        )
    return change_report(unit, report, "counted", figures=contents(counted, ())["figures"], **moved)


def on_its_round(unit: Unit, report: PeriodicReport) -> tuple[PeriodicReport, dict[str, Any]]:
    """A report that was never handed in with the days and the receiver that its round has today, and the columns
    that change with that: a calendar may have been set since it was begun. What was handed in stays as it was.
    """
    if report.first_submitted_at is not None:
        return report, {}
    asked = round_of(unit.conn, report.plan_id, report.key)
    one = asked.occurrence
    moved = replace(
        report, covers_from=one.covers_from, covers_to=one.covers_to, due_at=one.due_at,
        receiver_id=asked.receiver_id,
    )  # fmt: skip
    if moved == report:
        return report, {}
    return moved, {
        "covers_from": one.covers_from.isoformat(), "covers_to": one.covers_to.isoformat(), "due_at": one.due_at,
        "receiver_id": asked.receiver_id,
    }  # fmt: skip


def restate(unit: Unit, report_id: str, why: str) -> PeriodicReport:
    """Open a further revision of an approved report, its figures counted as they are known now.

    The approved one stays as it is, and counts until the new one is approved.

    Raises:
        Conflict: NOT_IN_THIS_STATE for a report that is not approved; ALREADY_BEGUN where a newer revision is open.
    """
    report = store.report(unit.conn, report_id, lock=True)
    require(unit.actor, Permission.PERIODIC_WRITE, today_is(unit, report.agency_id))
    if report.state is not ReportState.APPROVED:
        raise Conflict(ReportReason.NOT_IN_THIS_STATE, report_state=report.state.value)
    hold_names(unit.conn, [f"periodic report {report.plan_id} {report.key} {report.agency_id}"])
    newest = _revisions(unit, report.plan_id, report.key, report.agency_id, consolidated=report.consolidated)[-1]
    if newest.id != report.id:
        raise Conflict(ReportReason.ALREADY_BEGUN, revision=newest.revision)
    said = clean_text(why, "reasons", limit=_NOTE_MAX)
    # The versions of a revision begin anew, and with them when a figure was entered.
    carried = tuple(replace(one, entered=0) for one in report.figures)
    made = replace(
        report, id=new_id(), revision=report.revision + 1, state=ReportState.DRAFT, version=0, figures=carried,
        opened_by=unit.actor.reference, opened_at=unit.now, submitted_by=None, submitted_at=None, decided_by=None,
        decided_at=None, remarks=None, restates=said,
    )  # fmt: skip
    if not report.consolidated:
        made = replace(made, figures=count_figures(unit, made, (report.agency_id,)))
    return add_report(unit, made, "restated", said)


def new_report(unit: Unit, asked: Round, agency_id: str, *, consolidated: bool) -> PeriodicReport:
    """An empty draft for a round."""
    one = asked.occurrence
    return PeriodicReport(
        id=new_id(), plan_id=asked.plan_id, key=one.key, agency_id=agency_id, receiver_id=asked.receiver_id,
        consolidated=consolidated, revision=1, state=ReportState.DRAFT, version=0, covers_from=one.covers_from,
        covers_to=one.covers_to, due_at=one.due_at, form=asked.form, figures=(), texts=(),
        opened_by=unit.actor.reference, opened_at=unit.now, submitted_by=None, submitted_at=None,
        first_submitted_at=None, decided_by=None, decided_at=None, remarks=None, restates=None,
    )  # fmt: skip


def count_figures(
    unit: Unit, report: PeriodicReport, agency_ids: Sequence[str], *, anew: str | None = None
) -> tuple[FigureValue, ...]:
    """Every figure of the form as it is known now. What a person entered stays beside the count, unless `anew`
    names its line.
    """
    start, end = rules.window(report.covers_from, report.covers_to)
    asked = Asked(report.plan_id, tuple(agency_ids), start, end, unit.now, kinds_of(report.form))
    table = figures()
    made = []
    for field in report.form:
        if field.kind is not ReportFieldKind.FIGURE:
            continue
        source, old = table.get(field.figure), report.figure(field.code)
        counted = source.count(unit.conn, asked) if source else None
        value, link = (counted.value, counted.link) if counted else (None, "")
        if old is not None and old.origin is Origin.PERSON and field.code != anew:
            made.append(replace(old, counted=value, link=link))
        else:
            origin = Origin.SOURCE if source else Origin.PERSON
            made.append(FigureValue(field.code, value, origin, link, unit.now))
    return tuple(made)


def writable(unit: Unit, report_id: str) -> PeriodicReport:
    """A report that the actor may write in, locked."""
    report = store.report(unit.conn, report_id, lock=True)
    require(unit.actor, Permission.PERIODIC_WRITE, today_is(unit, report.agency_id))
    if report.state not in WRITABLE:
        raise Conflict(ReportReason.NOT_IN_THIS_STATE, report_state=report.state.value)
    return report


def _line(report: PeriodicReport, code: str, kind: ReportFieldKind) -> FormField:
    for field in report.form:
        if field.code == code and field.kind is kind:
            return field
    raise BadInput(InputReason.UNKNOWN_VALUE, field="field", value=code[:40])


def _revisions(
    unit: Unit, plan_id: str, key: str, agency_id: str, *, consolidated: bool
) -> list[PeriodicReport]:  # fmt: skip
    return store.reports(
        unit.conn, plan_id=plan_id, keys=[key], agency_id=agency_id, consolidated=consolidated
    )  # fmt: skip
