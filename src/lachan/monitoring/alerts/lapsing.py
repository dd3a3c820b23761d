"""A suppression ends: its alert comes back to the desk if there is new evidence, and is closed if there is none."""

import sqlalchemy as sa

from lachan.foundation.storage import Unit, change_row
from lachan.foundation.trail import append
from lachan.monitoring.alerts import rules, store
from lachan.monitoring.alerts.model import AlertState, Suppression
from lachan.monitoring.alerts.stepping import take_step
from lachan.monitoring.alerts.tables import sighting, suppression

NO_NEW_EVIDENCE, NEW_EVIDENCE = "no_new_evidence", "new_evidence"


def lapse(unit: Unit) -> int:
    """End every suppression whose time has come; how many there were."""
    query = sa.select(suppression).where(suppression.c.ended_at.is_(None), suppression.c.until <= unit.now)
    due = unit.conn.execute(query.order_by(suppression.c.id).with_for_update()).all()
    for row in due:
        end(unit, store.suppression_from_row(row))
    return len(due)


def end(unit: Unit, one: Suppression) -> None:
    """End a locked suppression now, and see to the alert from which it was made."""
    change_row(
        unit.conn, suppression, one.id, {"ended_at": unit.now, "ended_by": unit.actor.reference}
    )  # fmt: skip
    append(
        unit, "alerts.suppression_ended", f"suppression:{one.id}", {"until": one.until.isoformat()},
        rows=[("monitoring_suppression", one.id)],
    )  # fmt: skip
    if one.alert_id is None:
        return
    kept = store.locked_alert(unit.conn, one.alert_id)
    if kept.state is not AlertState.SUPPRESSED or kept.suppression_id != one.id:
        return
    unit.conn.execute(
        sa.update(sighting)
        .where(
            sighting.c.suppression_id == one.id, sighting.c.typology == kept.typology,
            sighting.c.account == kept.account,
        )
        .values(alert_id=kept.id)
    )  # fmt: skip
    # Also what another was recording at the very moment in which the alert was suppressed.
    since = sa.select(sa.func.count()).where(
        sighting.c.alert_id == kept.id, sighting.c.recorded_at >= one.made_at
    )  # fmt: skip
    if not unit.conn.execute(since).scalar_one():
        take_step(unit, kept, AlertState.CLOSED, code=NO_NEW_EVIDENCE)
        return
    take_step(
        unit, kept, AlertState.OPEN, code=NEW_EVIDENCE, taken_by=None, taken_agency=None, suppression_id=None,
        due_at=rules.look_by(kept.level, unit.now),
    )  # fmt: skip
    store.count_again(unit.conn, [kept.id])
