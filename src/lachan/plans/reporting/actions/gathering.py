"""Gather what the agencies handed in into the receiver's own report."""

from collections.abc import Sequence
from dataclasses import replace

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Conflict
from lachan.foundation.storage import Unit, hold_names
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.actions.writing import new_report, on_its_round
from lachan.plans.reporting.asked import Asked
from lachan.plans.reporting.model import (
    WRITABLE,
    FigureValue,
    Origin,
    Part,
    PeriodicReport,
    ReportReason,
)
from lachan.plans.reporting.recording import add_report, change_report, contents, today_is
from lachan.plans.reporting.rounds import round_of
from lachan.plans.reporting.sources import Gather, figures
from lachan.plans.reporting.work import kinds_of


def consolidate(unit: Unit, plan_id: str, key: str) -> PeriodicReport:
    """Open the receiver's gathered report, or bring the open one up to what is handed in now.

    A figure that can be added is the sum of the children's frozen figures, each part kept with it; a share or a
    median is counted anew over the same agencies. Narratives stay as they are written.

    Raises:
        Conflict: NOTHING_TO_GATHER where nobody handed in anything; NOT_IN_THIS_STATE once it is handed in itself.
    """
    asked = round_of(unit.conn, plan_id, key)
    gathers = today_is(unit, asked.receiver_id)
    require(unit.actor, Permission.PERIODIC_CHECK, gathers)
    hold_names(unit.conn, [f"periodic report {plan_id} {key} gathered"])
    handed_in = store.reports(unit.conn, plan_id=plan_id, keys=[key], consolidated=False)
    # Whose report is no part of the round is none of its sum: a body that had ended is counted by its successor.
    children = gatherable([one for one in handed_in if one.agency_id in asked.senders])
    if not children:
        raise Conflict(ReportReason.NOTHING_TO_GATHER)
    kept = store.reports(unit.conn, plan_id=plan_id, keys=[key], consolidated=True)
    if not kept:
        made = new_report(unit, asked, gathers, consolidated=True)
        return add_report(unit, replace(made, figures=_gathered(unit, made, children)), "begun")
    report = store.report(unit.conn, kept[-1].id, lock=True)
    if report.state not in WRITABLE:
        raise Conflict(ReportReason.NOT_IN_THIS_STATE, report_state=report.state.value)
    report, moved = on_its_round(unit, report)
    return change_report(
        unit, report, "gathered", said={"children": len(children)},
        figures=contents(_gathered(unit, report, children), ())["figures"], **moved,
    )  # fmt: skip


def gatherable(revisions: Sequence[PeriodicReport]) -> list[PeriodicReport]:
    """Of each agency the revision that counts."""
    by_agency: dict[str, list[PeriodicReport]] = {}
    for one in revisions:
        by_agency.setdefault(one.agency_id, []).append(one)
    return [found for own in by_agency.values() if (found := rules.in_force(own)) is not None]


def _gathered(
    unit: Unit, report: PeriodicReport, children: Sequence[PeriodicReport]
) -> tuple[FigureValue, ...]:  # fmt: skip
    start, end = rules.window(report.covers_from, report.covers_to)
    senders = tuple(sorted(one.agency_id for one in children))
    asked = Asked(report.plan_id, senders, start, end, unit.now, kinds_of(report.form))
    table = figures()
    made = []
    for field in report.form:
        if field.kind is not ReportFieldKind.FIGURE:
            continue
        parts = tuple(
            Part(one.id, one.agency_id, figure.value if (figure := one.figure(field.code)) else None)
            for one in children
        )
        source = table.get(field.figure)
        old = report.figure(field.code)
        if source is not None and source.gather is Gather.RECOUNT:
            counted = source.count(unit.conn, asked)
            new = FigureValue(
                field.code, counted.value, Origin.SOURCE, counted.link, unit.now, parts=parts
            )  # fmt: skip
        else:
            link = source.count(unit.conn, asked).link if source else ""
            summed = rules.total(part.value for part in parts)
            new = FigureValue(field.code, summed, Origin.CHILDREN, link, unit.now, parts=parts)
        if old is not None and old.origin is Origin.PERSON:
            new = replace(old, counted=new.value, parts=parts, link=new.link)
        made.append(new)
    return tuple(made)
