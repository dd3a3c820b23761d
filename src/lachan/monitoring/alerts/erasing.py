"""Transfers and accounts of alerts go when the time in which transfers are kept is over; what was decided stays."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.storage import Unit, among
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import Veil, append
from lachan.monitoring.alerts.tables import alert, sighting, step, suppression

BATCH_MAX = 500
_SHORTEST_MONTH = timedelta(days=28)


def forget_alerts(unit: Unit) -> int:
    """Erase a batch of what has had its time: ended alerts, suppressions, and sightings that were only counted.

    How often a typology was right is still known; labels of accounts go with the accounts. Returns how many.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    return _alerts(unit) + _suppressions(unit) + _covered(unit)


def _alerts(unit: Unit) -> int:
    query = sa.select(alert.c.id, alert.c.account, alert.c.closed_at.label("since")).where(
        alert.c.closed_at <= _surely_younger(unit.now), alert.c.digest_salt.is_not(None)
    )
    veil = Veil()
    over = {row.id: row.account for row in unit.conn.execute(query.order_by(alert.c.closed_at).limit(BATCH_MAX))
            if _is_over(row.since, unit.now)}  # fmt: skip
    if not over:
        return 0
    ids = list(over)
    unit.conn.execute(sa.delete(sighting).where(among(unit.conn, sighting.c.alert_id, ids)))
    # Empty, not gone: that it was signed is what a label rests on.
    signed = sa.case((alert.c.sentence.is_not(None), sa.literal("")), else_=None)
    unit.conn.execute(
        sa.update(alert)
        .where(alert.c.id == sa.bindparam("this"))
        .values(account=sa.bindparam("hidden"), sentence=signed, proposed=None, digest_salt=None),
        [{"this": one, "hidden": veil.hide(account)} for one, account in over.items()],
    )
    mine = among(unit.conn, step.c.alert_id, ids)
    unit.conn.execute(sa.update(step).where(mine).values(words=None, digest_salt=None))
    steps = unit.conn.execute(sa.select(step.c.id).where(mine)).scalars().all()
    append(
        unit, "retention.alerts_erased", "monitoring:alerts", {"alerts": len(ids)},
        rows=[*(("monitoring_alert", one) for one in ids), *(("monitoring_alert_step", one) for one in steps)],
    )  # fmt: skip
    return len(ids)


def _suppressions(unit: Unit) -> int:
    query = sa.select(suppression.c.id, suppression.c.account, suppression.c.ended_at.label("since")).where(
        suppression.c.ended_at <= _surely_younger(unit.now), suppression.c.digest_salt.is_not(None)
    )
    veil = Veil()
    rows = [row for row in unit.conn.execute(query.limit(BATCH_MAX)) if _is_over(row.since, unit.now)]
    if not rows:
        return 0
    unit.conn.execute(
        sa.update(suppression)
        .where(suppression.c.id == sa.bindparam("this"))
        .values(account=sa.bindparam("hidden"), reasons="", digest_salt=None),
        [{"this": row.id, "hidden": veil.hide(row.account)} for row in rows],
    )
    append(
        unit, "retention.suppressions_erased", "monitoring:alerts", {"suppressions": len(rows)},
        rows=[("monitoring_suppression", row.id) for row in rows],
    )  # fmt: skip
    return len(rows)


def _covered(unit: Unit) -> int:
    query = sa.select(sighting.c.id, sighting.c.recorded_at.label("since")).where(
        sighting.c.alert_id.is_(None), sighting.c.suppression_id.is_not(None),
        sighting.c.recorded_at <= _surely_younger(unit.now),
    )  # fmt: skip
    ids = [row.id for row in unit.conn.execute(query.limit(BATCH_MAX)) if _is_over(row.since, unit.now)]
    if ids:
        unit.conn.execute(sa.delete(sighting).where(among(unit.conn, sighting.c.id, ids)))
        append(unit, "retention.sightings_erased", "monitoring:alerts", {"sightings": len(ids)})
    return len(ids)


def _surely_younger(now: datetime) -> datetime:
    """What ended after this is still kept, however short the months were."""
    return now - retention("retention_transfer", now).value * _SHORTEST_MONTH


def _is_over(since: datetime, now: datetime) -> bool:
    return retention("retention_transfer", since).has_run_out(since, now)
