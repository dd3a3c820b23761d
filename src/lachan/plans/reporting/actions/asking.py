"""Set a plan's calendar of reports; ask for one report with its own form and day."""

from collections.abc import Sequence
from datetime import date, datetime

from lachan.foundation.access import AccessReason, Permission, agency, clean_text, require
from lachan.foundation.base import BadInput, InputReason, NotAllowed, new_id
from lachan.foundation.storage import Unit, add_row
from lachan.foundation.taxonomy import report_form, vietnam_date
from lachan.foundation.trail import append
from lachan.plans.model import ReportDuty
from lachan.plans.reporting import rules, store
from lachan.plans.reporting.model import FormField, ReportReason
from lachan.plans.reporting.tables import reporting_calendar, reporting_request

_TITLE_MAX = 500
_FIELDS_MAX = 60


def set_calendar(
    unit: Unit, plan_id: str, plan_title: str, duties: Sequence[ReportDuty], senders: Sequence[str], *,
    form: str = "standard", valid_from: date | None = None, receiver_id: str | None = None,
) -> str:  # fmt: skip
    """Say what a plan demands of whom, from a day on (today). Returns an id.

    The actor's agency receives, or who consolidates the plan (`receiver_id`). What was due before that day stays as
    it was asked for.

    Raises:
        BadInput: FORM_EMPTY for a form that there is not; MISSING where nobody is to send.
    """
    receiver = receiver_id or _receiver(unit)
    day = valid_from or vietnam_date(unit.now)
    if not report_form(form, day):
        raise BadInput(ReportReason.FORM_EMPTY, field="form")
    listed = _senders(unit, senders)
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
        BadInput: DUE_IN_THE_PAST, FORM_EMPTY, MISSING where nobody is to send.
    """
    receiver = _receiver(unit)
    if due_at <= unit.now:
        raise BadInput(ReportReason.DUE_IN_THE_PAST, field="due_at")
    if covers_to < covers_from:
        raise BadInput(InputReason.TOO_OLD, field="covers_to")
    if not fields or len(fields) > _FIELDS_MAX:
        raise BadInput(ReportReason.FORM_EMPTY, field="form")
    listed = _senders(unit, senders)
    row = add_row(
        unit.conn, reporting_request,
        {
            "id": new_id(), "plan_id": plan_id, "plan_title": clean_text(plan_title, "title", limit=_TITLE_MAX),
            "title": clean_text(title, "title", limit=_TITLE_MAX), "receiver_id": receiver, "senders": listed,
            "form": [store.field_to_json(one) for one in fields], "covers_from": covers_from.isoformat(),
            "covers_to": covers_to.isoformat(),
            "due_at": due_at, "asked_by": unit.actor.reference, "asked_at": unit.now,
        },
    )  # fmt: skip
    append(
        unit, "periodic.asked", f"plan:{plan_id}", {"senders": len(listed), "due_at": due_at.isoformat()},
        rows=[("reporting_request", row.id)],
    )  # fmt: skip
    return f"{rules.AD_HOC}-{row.id}"


def _receiver(unit: Unit) -> str:
    if unit.actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    require(unit.actor, Permission.PERIODIC_CHECK, unit.actor.agency_id)
    return unit.actor.agency_id


def _senders(unit: Unit, senders: Sequence[str]) -> list[str]:
    listed = list(dict.fromkeys(senders))
    if not listed:
        raise BadInput(InputReason.MISSING, field="senders")
    return [agency(unit.conn, one).id for one in listed]
