"""A plan's calendar of reports as a setting: which reports, until when, counted up to which day."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web.plans.words import look, version_in
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission
from lachan.foundation.base import BadInput, InputReason, LachanError, translate
from lachan.plans.kept.duties import DUTIES_MOST, calendar_of, set_duties
from lachan.plans.model import ReportDuty, ReportPeriod, SourceLine
from lachan.plans.reporting.rules import due_day
from lachan.plans.reporting.wording import period_name
from lachan.plans.views.sight import seen_plan
from lachan.response.shapes import Message, Notice, Unkept

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_LEAP_YEAR = 2024
_MORE = 2
"""Empty rows to write in, without script."""


@router.get("/plans/{plan_id}/calendar")
def calendar(visit: VisitOf, plan_id: str) -> Response:
    """The calendar, with what it comes to in the year ahead."""
    visit.require(Permission.PLAN_READ)
    return _show(visit, plan_id)


@router.post("/plans/{plan_id}/calendar")
def change(visit: VisitOf, plan_id: str, form: FormOf) -> Response:
    """Set it; what is wrong is said at its place, and what was typed stays."""
    actor = visit.require(Permission.PLAN_KEEP)

    def run() -> Response:
        with visit.services.db.read() as conn:
            sight = look(visit, conn)
            before = calendar_of(conn, seen_plan(conn, sight, plan_id), sight.today).duties
        with visit.services.db.unit(visit.now, actor) as unit:
            set_duties(unit, plan_id, _duties(form, before), form.needed("reason"), version=version_in(form))
        return go(f"/plans/{plan_id}/calendar?done=plan_calendar")

    try:
        return visit.once(form, run, as_typed=True)
    except LachanError as error:
        typed = {name: form.text(name) for name in form.fields}
        changed = error.reason is InputReason.CHANGED_MEANWHILE
        return _show(visit, plan_id, typed, sentence(error), error.field or "", status_of(error), changed=changed)


def _show(
    visit: Visit, plan_id: str, typed: Mapping[str, str] | None = None, wrong: Message | None = None,
    field: str = "", status: int = 200, *, changed: bool = False,
) -> Response:  # fmt: skip
    """The page. Where another has `changed` it meanwhile its rows are others: what was typed stands above them."""
    with visit.services.db.read() as conn:
        sight = look(visit, conn)
        plan = seen_plan(conn, sight, plan_id)
        found = calendar_of(conn, plan, sight.today)
    keeps = sight.keeps(plan)
    lost = typed is not None and (changed or not keeps)
    rows = _rows(found.duties, None if lost else typed)
    return visit.page(
        "plans/calendar.html", found, status=status, keeps=keeps, rows=rows,
        reason="" if lost else (typed or {}).get("reason", ""),
        ahead=[(period_name(one, visit.language), one, due_day(one)) for one in found.ahead],
        periods=tuple(ReportPeriod), wrong_at=field,
        refused=Notice("error", wrong) if wrong else None,
        unkept=_unkept(visit, typed) if typed is not None and lost else (),
        # Who has not been told what another changed has still read the version that the form was made from.
        version=plan.version if typed is None or lost else typed.get("version") or plan.version,
    )  # fmt: skip


def _unkept(visit: Visit, typed: Mapping[str, str]) -> tuple[Unkept, ...]:
    """A line for each row that was typed."""
    lines = []
    for at in range(DUTIES_MOST):
        period = typed.get(f"period-{at}", "")
        days = (
            f"{translate(f'web.plans.{label}', visit.language)} {day}"
            for name, label in (("due", "due_before"), ("from", "counts_from"), ("to", "counts_to"))
            if (day := typed.get(f"{name}-{at}"))
        )
        named = translate(f"plans.period_{period}", visit.language) if period in set(ReportPeriod) else period
        lines.append(" · ".join(filter(None, (named, *days))))
    said = "\n".join(filter(None, lines))
    return tuple(
        Unkept(translate(f"web.plans.{label}", visit.language), text)
        for label, text in (("duties", said), ("field_reason", typed.get("reason", "")))
        if text
    )


def _rows(duties: tuple[ReportDuty, ...], typed: Mapping[str, str] | None) -> list[dict[str, str]]:
    if typed is not None:
        return [
            {name: typed.get(f"{name}-{at}", "") for name in ("period", "due", "from", "to")} | {"at": str(at)}
            for at in range(DUTIES_MOST)
            if at < len(duties) + _MORE or f"period-{at}" in typed
        ]
    made = [
        {
            "period": one.period.value,
            "due": _said(one.due),
            "from": _said(one.covers_from),
            "to": _said(one.covers_to),
        }
        for one in duties
    ]
    empty = {"period": "", "due": "", "from": "", "to": ""}
    return [row | {"at": str(at)} for at, row in enumerate([*made, *(empty for _ in range(_MORE))][:DUTIES_MOST])]


def _duties(form: Form, before: tuple[ReportDuty, ...]) -> list[ReportDuty]:
    """The rows that name a report. A row that was there keeps whose report it is and where the document says it."""
    made = []
    for at in range(DUTIES_MOST):
        period = form.text(f"period-{at}")
        due, first, last = (_day(form, f"{name}-{at}") for name in ("due", "from", "to"))
        if not period:
            if due or first or last:
                raise BadInput(InputReason.MISSING, field=f"period-{at}")
            continue
        if period not in set(ReportPeriod):
            raise BadInput(InputReason.UNKNOWN_VALUE, field=f"period-{at}", value=period[:20])
        new = ReportDuty(ReportPeriod(period), due, first, last, None, None, SourceLine(0, ""))
        if at < len(before):
            new = replace(new, sender=before[at].sender, receiver=before[at].receiver, line=before[at].line)
        made.append(new)
    return made


def _day(form: Form, name: str) -> tuple[int, int] | None:
    """Month and day of `05/6`; None where empty."""
    typed = form.text(name)
    if not typed:
        return None
    written = _DAY.fullmatch(typed)
    try:
        if written is None:
            raise ValueError(typed)
        day = date(_LEAP_YEAR, int(written[2]), int(written[1]))
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="05/6") from error
    return day.month, day.day


def _said(day: tuple[int, int] | None) -> str:
    return f"{day[1]:02}/{day[0]:02}" if day else ""
