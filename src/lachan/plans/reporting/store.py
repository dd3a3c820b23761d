"""Calendars, requests, reports and steps: rows to model and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.storage import among
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reporting.model import (
    FigureValue,
    FormField,
    Origin,
    Part,
    PeriodicReport,
    ReportState,
    TextValue,
)
from lachan.plans.reporting.tables import periodic_report, periodic_step, reporting_calendar, reporting_request


@dataclass(frozen=True, slots=True)
class Calendar:
    """One setting of a plan's reports, from `valid_from` on."""

    id: str
    plan_id: str
    plan_title: str
    receiver_id: str
    duties: tuple[ReportDuty, ...]
    senders: tuple[str, ...]
    form: str
    valid_from: date
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """A single request for a report, with its own form and day."""

    id: str
    plan_id: str
    plan_title: str
    title: str
    receiver_id: str
    senders: tuple[str, ...]
    form: tuple[FormField, ...]
    covers_from: date
    covers_to: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """A round in which somebody has begun: who, and when the first of them handed in, if anybody has."""

    agencies: tuple[str, ...]
    handed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work on a report."""

    step: str
    by: str
    at: datetime
    words: str | None
    before: Mapping[str, Any] | None


def calendars(conn: Connection, plan_id: str | None = None) -> list[Calendar]:
    """All settings, the newest first: it counts from its day on, whatever was set before it."""
    query = sa.select(reporting_calendar)
    if plan_id is not None:
        query = query.where(reporting_calendar.c.plan_id == plan_id)
    order = [reporting_calendar.c[name].desc() for name in ("set_at", "id")]
    return [
        Calendar(
            row.id, row.plan_id, row.plan_title, row.receiver_id, tuple(map(duty_from_json, row.duties)),
            tuple(row.senders), row.form, date.fromisoformat(row.valid_from), row.set_at,
        )
        for row in conn.execute(query.order_by(*order))
    ]  # fmt: skip


def requests(conn: Connection, plan_id: str | None = None, request_id: str | None = None) -> list[Request]:
    """Single requests, the newest first."""
    query = sa.select(reporting_request)
    if plan_id is not None:
        query = query.where(reporting_request.c.plan_id == plan_id)
    if request_id is not None:
        query = query.where(reporting_request.c.id == request_id)
    return [
        Request(
            row.id, row.plan_id, row.plan_title, row.title, row.receiver_id, tuple(row.senders),
            tuple(map(field_from_json, row.form)), date.fromisoformat(row.covers_from),
            date.fromisoformat(row.covers_to), row.due_at,
        )
        for row in conn.execute(query.order_by(reporting_request.c.asked_at.desc()))
    ]  # fmt: skip


def report(conn: Connection, report_id: str, *, lock: bool = False) -> PeriodicReport:
    """One revision; NotFound where there is none."""
    query = sa.select(periodic_report).where(periodic_report.c.id == report_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="report")
    return report_from_row(row)


def reports(
    conn: Connection, *, plan_id: str | None = None, keys: Sequence[str] | None = None,
    agency_id: str | None = None, consolidated: bool | None = None,
) -> list[PeriodicReport]:  # fmt: skip
    """Revisions, the oldest of each report first."""
    query = sa.select(periodic_report)
    if plan_id is not None:
        query = query.where(periodic_report.c.plan_id == plan_id)
    if keys is not None:
        query = query.where(among(conn, periodic_report.c.key, list(keys)))
    if agency_id is not None:
        query = query.where(periodic_report.c.agency_id == agency_id)
    if consolidated is not None:
        query = query.where(periodic_report.c.consolidated == consolidated)
    order = (periodic_report.c.key, periodic_report.c.agency_id, periodic_report.c.revision)
    return [report_from_row(row) for row in conn.execute(query.order_by(*order))]


def begun(
    conn: Connection, plan_ids: Sequence[str], years: tuple[int, int] = (0, 9999), *, key: str | None = None
) -> dict[str, dict[str, Begun]]:
    """By plan and key the rounds of these years in which somebody has begun; gathered reports aside."""
    if not plan_ids:
        return {}
    table = periodic_report.c
    query = sa.select(table.plan_id, table.key, table.agency_id, sa.func.min(table.first_submitted_at).label("at"))
    query = query.where(among(conn, table.plan_id, list(plan_ids)), table.consolidated.is_(False))
    if key is not None:
        query = query.where(table.key == key)
    rows = conn.execute(query.group_by(table.plan_id, table.key, table.agency_id).order_by(table.agency_id))
    found: dict[str, dict[str, Begun]] = {}
    for row in rows:
        year = row.key.partition("-")[0]
        if key is None and not (year.isdigit() and years[0] <= int(year) <= years[1]):
            continue
        rounds = found.setdefault(row.plan_id, {})
        old = rounds.get(row.key, Begun((), None))
        at = min((one for one in (old.handed_in_at, row.at) if one is not None), default=None)
        rounds[row.key] = Begun((*old.agencies, row.agency_id), at)
    return found


def steps(conn: Connection, report_ids: Sequence[str]) -> list[Step]:
    """The steps of some revisions, in their order."""
    query = sa.select(periodic_step).where(among(conn, periodic_step.c.report_id, list(report_ids)))
    rows = conn.execute(query.order_by(periodic_step.c.at, periodic_step.c.id))
    return [Step(row.step, row.by, row.at, row.words, row.before) for row in rows]


def text_at(conn: Connection, report_id: str, field: str, version: int) -> str | None:
    """What a narrative said at a version that was written over since; None where it never had that version."""
    earlier = (one.before[field] for one in steps(conn, [report_id]) if one.before and field in one.before)
    return next((said["text"] for said in earlier if said["version"] == version), "" if version == 0 else None)


def report_from_row(row: Any) -> PeriodicReport:
    """A stored revision."""
    return PeriodicReport(
        row.id, row.plan_id, row.key, row.agency_id, row.receiver_id, row.consolidated, row.revision,
        ReportState(row.state), row.version, date.fromisoformat(row.covers_from),
        date.fromisoformat(row.covers_to), row.due_at,
        tuple(map(field_from_json, row.form)), tuple(map(_figure_from_json, row.figures)),
        tuple(
            TextValue(field, said["text"], said["version"], said["by"], datetime.fromisoformat(said["at"]))
            for field, said in sorted(row.texts.items())
        ),
        row.opened_by, row.opened_at, row.submitted_by, row.submitted_at, row.first_submitted_at, row.decided_by,
        row.decided_at, row.remarks, row.restates,
    )  # fmt: skip


def duty_to_json(duty: ReportDuty) -> dict[str, Any]:
    """A duty as it is stored."""
    return {
        "period": duty.period.value, "due": duty.due, "from": duty.covers_from, "to": duty.covers_to,
        "sender": duty.sender, "receiver": duty.receiver, "line": [duty.line.number, duty.line.text],
        "receivers": list(duty.receiver_ids), "senders": list(duty.sender_ids), "onward": list(duty.onward_ids),
    }  # fmt: skip


def duty_from_json(said: Mapping[str, Any]) -> ReportDuty:
    """A stored duty."""

    def day(name: str) -> tuple[int, int] | None:
        return (said[name][0], said[name][1]) if said[name] else None

    return ReportDuty(
        ReportPeriod(said["period"]), day("due"), day("from"), day("to"), said["sender"], said["receiver"],
        SourceLine(*said["line"]), *(tuple(said.get(name, ())) for name in ("receivers", "senders", "onward")),
    )  # fmt: skip


def field_to_json(field: FormField) -> dict[str, Any]:
    """A line of a form as it is stored."""
    return {
        "code": field.code, "kind": field.kind.value, "vi": field.vi, "en": field.en, "figure": field.figure,
        "required": field.required,
    }  # fmt: skip


def field_from_json(said: Mapping[str, Any]) -> FormField:
    """A stored line of a form."""
    kind = ReportFieldKind(said["kind"])
    return FormField(said["code"], kind, said["vi"], said["en"], said["figure"], said["required"])


def figure_to_json(one: FigureValue) -> dict[str, Any]:
    """A figure as it is stored; numbers as texts, to the last digit."""
    return {
        "field": one.field, "value": _text(one.value), "origin": one.origin.value, "link": one.link,
        "known_at": one.known_at.isoformat(), "counted": _text(one.counted), "note": one.note,
        "parts": [[part.report_id, part.agency_id, _text(part.value)] for part in one.parts],
        "entered": one.entered,
    }  # fmt: skip


def text_to_json(one: TextValue) -> dict[str, Any]:
    """A narrative as it is stored, under its field."""
    return {"text": one.text, "version": one.version, "by": one.by, "at": one.at.isoformat()}


def _figure_from_json(said: Mapping[str, Any]) -> FigureValue:
    return FigureValue(
        said["field"], _number(said["value"]), Origin(said["origin"]), said["link"],
        datetime.fromisoformat(said["known_at"]), _number(said["counted"]), said["note"],
        tuple(Part(report_id, agency_id, _number(value)) for report_id, agency_id, value in said["parts"]),
        said.get("entered", 0),
    )  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
