"""What may follow what, by when, and what a person's decision says about the account. Pure."""

from datetime import datetime

from lachan.foundation.base import BadInput, Conflict
from lachan.foundation.taxonomy import clock
from lachan.monitoring.alerts.model import ALERT_NEXT, Alert, AlertReason, AlertState
from lachan.monitoring.model import Level


def look_by(level: Level, now: datetime) -> datetime:
    """By when somebody has to have looked at an alert that is recorded at that instant."""
    row = clock("alert_look_interdict", now) if level is Level.INTERDICT else clock("alert_look", now)
    return row.deadline(now)


def decide_by(now: datetime) -> datetime:
    """By when a second person has to have decided about what is proposed at that instant."""
    return clock("alert_approval", now).deadline(now)


def check_step(one: Alert, state: AlertState) -> None:
    """Conflict NOT_IN_THIS_STATE where the life-cycle does not lead there."""
    if state not in ALERT_NEXT[one.state]:
        raise Conflict(AlertReason.NOT_IN_THIS_STATE, state=one.state.value)


def check_until(until: datetime, now: datetime) -> None:
    """BadInput SUPPRESSED_TOO_LONG: a suppression ends, later than now and within the clock's limit."""
    latest = clock("alert_suppression_longest", now).deadline(now)
    if not now < until <= latest:
        raise BadInput(AlertReason.SUPPRESSED_TOO_LONG, field="until", limit=latest.date().isoformat())
