"""One step of the work on an alert: its row, the step's own row, and the fact in the trail."""

from typing import Any

from lachan.foundation.base import new_id
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.trail import append
from lachan.monitoring.alerts import rules, store
from lachan.monitoring.alerts.model import ENDED, Alert, AlertState
from lachan.monitoring.alerts.tables import alert, step

# Back on the desk is a step of its own: given back by whoever took it, or by a suppression's end.
_FACTS = {state: f"alert.{state.value}" for state in AlertState} | {AlertState.OPEN: "alert.back_on_desk"}


def take_step(
    unit: Unit,
    one: Alert,
    state: AlertState,
    *,
    code: str | None = None,
    words: str | None = None,
    **changes: Any,
) -> Alert:
    """Bring a locked alert to `state`, with what changes beside; Conflict where the life-cycle does not lead there.

    `code` and `words` say why; the words may name somebody and stay out of the fact.
    """
    rules.check_step(one, state)
    closed_at = unit.now if state in ENDED else None
    row = change_row(
        unit.conn, alert, one.id,
        {"state": state.value, "closed_at": closed_at, "version": one.version + 1, **changes},
    )  # fmt: skip
    step_id = new_id()
    add_row(
        unit.conn, step,
        {
            "id": step_id, "alert_id": one.id, "state": state.value, "by": unit.actor.reference,
            "agency_id": unit.actor.agency_id, "at": unit.now, "code": code, "words": words,
        },
    )  # fmt: skip
    append(
        unit, _FACTS[state], f"alert:{one.id}",
        {"typology": one.typology, "institution": one.institution, "from": one.state.value, "code": code},
        rows=[("monitoring_alert", one.id), ("monitoring_alert_step", step_id)],
    )  # fmt: skip
    return store.alert_from_row(row)
