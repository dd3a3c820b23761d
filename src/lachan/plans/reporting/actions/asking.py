"""Set a plan's calendar of reports; ask for one report with its own form and day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from lachan.foundation.access import AccessReason, Permission, agency, agency_on, clean_text, require
from lachan.foundation.base import BadInput, InputReason, NotAllowed, new_id
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import report_form, vietnam_date
from lachan.foundation.trail import append
from lachan.plans.model import ReportDuty
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.model import FormField, ReportReason
from lachan.plans.reporting.tables import reporting_calendar, reporting_request

_TITLE_MAX = 500
_FORM = "standard"
_FIELDS_MAX = 60


def set_calendar(
    unit: Unit, plan_id: str, plan_title: str, duties: Sequence[ReportDuty], senders: Sequence[str], *,
    form: str = _FORM, valid_from: date | None = None,
) -> str:  # fmt: skip
    """Say what a plan demands of whom, from a day on (today). The actor's agency receives; returns an id.

    What was due before that day stays as it was asked for.

    Raises:
        NotAllowed: OTHER_AGENCY where the plan's reports go to another agency.
        BadInput: FORM_EMPTY for a form that there is not; MISSING where nobody is to send.
    """
    receiver = _receiver(unit, plan_id)
    day = valid_from or vietnam_date(unit.now)
    if not report_form(form, day):
        raise BadInput(ReportReason.FORM_EMPTY, field="form")
    listed = _senders(unit, senders)
    return _set(unit, plan_id, plan_title, receiver, duties, listed, form, day)


def follow_plan(
    unit: Unit, plan_id: str, plan_title: str, receiver_id: str, duties: Sequence[ReportDuty],
    senders: Sequence[str],
) -> None:  # fmt: skip
    """Bring a plan's calendar in line with the plan: its own duties, who gathers, who leads; the caller has asked
    the permission. Empty duties end it, after the last round for which somebody has begun a report.
    """
    kept = store.calendars(unit.conn, plan_id)
    now_is = kept[0] if kept else None
    said = [store.duty_to_json(one) for one in duties]
    if now_is is None and not (said and senders):
        return
    if now_is is not None and (now_is.receiver_id, set(now_is.senders), now_is.duties) == (
        receiver_id, set(senders), tuple(map(store.duty_from_json, said)),
    ):  # fmt: skip
        return
    day = vietnam_date(unit.now)
    if not said:
        begun = [
            rules.day_before(one.due_at) + timedelta(days=1) for one in store.reports(unit.conn, plan_id=plan_id)
        ]
        day = max([day, *begun])
    _set(unit, plan_id, plan_title, receiver_id, duties, list(senders), now_is.form if now_is else _FORM, day)


def _set(
    unit: Unit, plan_id: str, plan_title: str, receiver: str, duties: Sequence[ReportDuty], listed: list[str],
    form: str, day: date,
) -> str:  # fmt: skip
    row = add_row(
        unit.conn, reporting_calendar,
        {
            "id": new_id(), "plan_id": plan_id, "plan_title": clean_text(plan_title, "title", limit=_TITLE_MAX),
            "receiver_id": receiver, "duties": [store.duty_to_json(one) for one in duties], "senders": listed,
            "form": form, "valid_from": day.isoformat(), "set_by": unit.actor.reference, "set_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "periodic.calendar_set", f"plan:{plan_id}",
        {"senders": len(listed), "periods": [one.period.value for one in duties], "from": day.isoformat()},
        rows=[("reporting_calendar", row.id)],
    )  # fmt: skip
    return str(row.id)


def ask_once(
    unit: Unit, plan_id: str, plan_title: str, title: str, fields: Sequence[FormField], senders: Sequence[str],
    covers_from: date, covers_to: date, due_at: datetime,
) -> str:  # fmt: skip
    """Ask for a report outside the calendar ("đột xuất"), with its own form and day. Returns the round's key.

    Raises:
        NotAllowed: OTHER_AGENCY where the plan's reports go to another agency.
        BadInput: DUE_IN_THE_PAST, FORM_EMPTY, MISSING where nobody is to send.
    """
    receiver = _receiver(unit, plan_id)
    if due_at <= unit.now:
        raise BadInput(ReportReason.DUE_IN_THE_PAST, field="due_at")
    if covers_to < covers_from:
        raise BadInput(InputReason.TOO_OLD, field="covers_to")
    if not fields or len(fields) > _FIELDS_MAX:
        raise BadInput(ReportReason.FORM_EMPTY, field="form")
    asked = [
        replace(one, vi=clean_text(one.vi, "questions", limit=_TITLE_MAX),
                en=clean_text(one.en, "questions", limit=_TITLE_MAX))
        for one in fields
    ]  # fmt: skip
    listed = _senders(unit, senders)
    row = add_row(
        unit.conn, reporting_request,
        {
            "id": new_id(), "plan_id": plan_id, "plan_title": clean_text(plan_title, "title", limit=_TITLE_MAX),
            "title": clean_text(title, "title", limit=_TITLE_MAX), "receiver_id": receiver, "senders": listed,
            "form": [store.field_to_json(one) for one in asked], "covers_from": covers_from.isoformat(),
            "covers_to": covers_to.isoformat(),
            "due_at": due_at, "asked_by": unit.actor.reference, "asked_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "periodic.asked", f"plan:{plan_id}", {"senders": len(listed), "due_at": due_at.isoformat()},
        rows=[("reporting_request", row.id)],
    )  # fmt: skip
    return f"{rules.AD_HOC}-{row.id}"


def _receiver(unit: Unit, plan_id: str) -> str:
    """The actor's agency, where it receives the plan's reports already, or nobody does yet."""
    mine = unit.actor.agency_id
    if mine is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    require(unit.actor, Permission.PERIODIC_CHECK, mine)
    kept = store.calendars(unit.conn, plan_id)
    if kept and agency_on(unit.conn, kept[0].receiver_id, vietnam_date(unit.now)).id != mine:
        raise NotAllowed(AccessReason.OTHER_AGENCY, permission=Permission.PERIODIC_CHECK.value)
    return mine


def _senders(unit: Unit, senders: Sequence[str]) -> list[str]:
    listed = list(dict.fromkeys(senders))
    if not listed:
        raise BadInput(InputReason.MISSING, field="senders")
    return [agency(unit.conn, one).id for one in listed]
