"""Alerts, sightings, steps, suppressions: rows to model and back, and the bulk statements."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound
from lachan.foundation.storage import among, insert_into, rows_by
from lachan.ledger import TransferKind
from lachan.monitoring.alerts.model import (
    Alert,
    AlertState,
    FoundAlert,
    ShownTransfer,
    Sighting,
    Step,
    Suppression,
)
from lachan.monitoring.alerts.tables import alert, sighting, step, suppression
from lachan.monitoring.model import Level

_PPM = 1_000_000
_SUSPECTS_MOST = 50


def alert_from_row(row: Any) -> Alert:
    """A stored alert."""
    return Alert(
        row.id, row.typology, row.account, row.institution, Level(row.level), row.score_ppm / _PPM,
        AlertState(row.state), row.sightings, row.amount_vnd, row.first_at, row.last_at, row.opened_at, row.due_at,
        row.taken_by, row.taken_agency, row.sentence, row.proposed, row.suppression_id, row.claim_id, row.closed_at,
        row.version,
    )  # fmt: skip


def sighting_from_row(row: Any) -> Sighting:
    """A stored sighting."""
    shown = tuple(
        ShownTransfer(
            one["id"], datetime.fromisoformat(one["at"]), one["payer"], one["payee"], one["vnd"],
            TransferKind(one["kind"]),
        )
        for one in row.shown
    )  # fmt: skip
    return Sighting(
        row.id, row.alert_id, row.typology, Level(row.level), row.score_ppm / _PPM, row.account, row.suspect,
        row.fired, row.fired_at, row.amount_vnd, shown, row.features, row.source, row.recorded_at,
    )  # fmt: skip


def step_from_row(row: Any) -> Step:
    """A stored step."""
    return Step(row.id, row.alert_id, AlertState(row.state), row.by, row.agency_id, row.at, row.code, row.words)


def suppression_from_row(row: Any) -> Suppression:
    """A stored suppression."""
    return Suppression(
        row.id, row.typology, row.account, row.institution, row.alert_id, row.reasons, row.made_by, row.made_at,
        row.until, row.ended_at, row.ended_by,
    )  # fmt: skip


def sighting_values(
    sighting_id: str, found: FoundAlert, suppression_id: str | None, source: str, now: datetime
) -> dict[str, Any]:
    """A sighting as its row, of no alert yet."""
    return {
        "id": sighting_id, "alert_id": None, "suppression_id": suppression_id, "typology": found.typology,
        "level": found.level.value, "score_ppm": round(found.score * _PPM), "account": found.account,
        "suspect": found.suspect, "fired": found.fired.id, "fired_at": found.fired.booked_at,
        "amount_vnd": found.fired.amount_vnd,
        "shown": [
            {
                "id": one.id, "at": one.booked_at.isoformat(), "payer": one.payer, "payee": one.payee,
                "vnd": one.amount_vnd, "kind": one.kind.value,
            }
            for one in found.shown
        ],
        "features": dict(found.features), "source": source, "recorded_at": now,
    }  # fmt: skip


def known_sightings(conn: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these are recorded."""
    return set(conn.execute(sa.select(sighting.c.id).where(among(conn, sighting.c.id, ids))).scalars())


def insert_sightings(conn: Connection, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Write these; the ids of those that nobody wrote meanwhile."""
    return set(conn.execute(_insert_sightings(conn.dialect.name), list(rows)).scalars())


def upsert_alerts(conn: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Open these, or add what they count to the living alert of the same typology and account.

    Returns the alert's id by typology and account. Rows must differ in these, and stand in their order, so that two
    who record at once never wait for each other in a circle.
    """
    made = conn.execute(_upsert_alerts(conn.dialect.name), list(rows))
    return {(row.typology, row.account): row.id for row in made}


def count_again(conn: Connection, alert_ids: Collection[str]) -> None:
    """Count alerts from their sightings anew; one that has none was opened in vain and goes."""
    listed = list(alert_ids)
    conn.execute(
        sa.delete(alert).where(
            among(conn, alert.c.id, listed), ~sa.exists().where(sighting.c.alert_id == alert.c.id),
            alert.c.version == 0,
        )
    )  # fmt: skip
    mine = sighting.c.alert_id == alert.c.id

    def of(expression: sa.ColumnElement[Any]) -> Any:
        return sa.select(expression).where(mine).scalar_subquery()

    conn.execute(
        sa.update(alert)
        .where(among(conn, alert.c.id, listed), sa.exists().where(mine))
        .values(
            sightings=of(sa.func.count()), amount_vnd=of(sa.func.sum(sighting.c.amount_vnd)),
            first_at=of(sa.func.min(sighting.c.fired_at)), last_at=of(sa.func.max(sighting.c.fired_at)),
            score_ppm=of(sa.func.max(sighting.c.score_ppm)), level=of(sa.func.max(sighting.c.level)),
        )
    )  # fmt: skip


def suppressions_for(conn: Connection, accounts: Sequence[str], now: datetime) -> list[Suppression]:
    """Those in force that may speak of these accounts."""
    query = sa.select(suppression).where(
        suppression.c.ended_at.is_(None), suppression.c.until > now,
        sa.or_(suppression.c.account.is_(None), among(conn, suppression.c.account, accounts)),
    )  # fmt: skip
    return [suppression_from_row(row) for row in conn.execute(query.order_by(suppression.c.id))]


def alert_by_id(conn: Connection, alert_id: str) -> Alert:
    """One alert; NotFound where there is none."""
    row = conn.execute(rows_by(alert, "id"), {"id": alert_id}).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="alert")
    return alert_from_row(row)


def locked_alert(conn: Connection, alert_id: str) -> Alert:
    """One alert, locked: nobody else takes a step before the commit. NotFound where there is none."""
    row = conn.execute(sa.select(alert).where(alert.c.id == alert_id).with_for_update()).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="alert")
    return alert_from_row(row)


def locked_suppression(conn: Connection, suppression_id: str) -> Suppression:
    """One suppression, locked. NotFound where there is none."""
    row = conn.execute(
        sa.select(suppression).where(suppression.c.id == suppression_id).with_for_update()
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="suppression")
    return suppression_from_row(row)


def suspects_of(conn: Connection, alert_id: str) -> list[str]:
    """The accounts that an alert speaks against, those seen last first."""
    query = sa.select(sighting.c.suspect).where(sighting.c.alert_id == alert_id, sighting.c.suspect.is_not(None))
    newest = sa.func.max(sighting.c.fired_at)
    query = query.group_by(sighting.c.suspect).order_by(newest.desc(), sighting.c.suspect).limit(_SUSPECTS_MOST)
    return list(conn.execute(query).scalars())


def sightings_of(conn: Connection, alert_id: str, limit: int) -> list[Sighting]:
    """An alert's sightings, the newest first."""
    query = sa.select(sighting).where(sighting.c.alert_id == alert_id)
    rows = conn.execute(query.order_by(sighting.c.fired_at.desc(), sighting.c.id).limit(limit))
    return [sighting_from_row(row) for row in rows]


def steps_of(conn: Connection, alert_id: str) -> list[Step]:
    """The steps of the work on an alert, in their order."""
    rows = conn.execute(sa.select(step).where(step.c.alert_id == alert_id).order_by(step.c.id))
    return [step_from_row(row) for row in rows]


@cache
def _insert_sightings(dialect: str) -> Any:
    return insert_into(dialect, sighting).on_conflict_do_nothing().returning(sighting.c.id)


@cache
def _upsert_alerts(dialect: str) -> Any:
    made = insert_into(dialect, alert)
    new = made.excluded

    def graver(name: str) -> sa.Case[Any]:
        # In the order of letters too, an interdict comes after an alert.
        return sa.case((new[name] > alert.c[name], new[name]), else_=alert.c[name])

    def sooner(name: str) -> sa.Case[Any]:
        return sa.case((new[name] < alert.c[name], new[name]), else_=alert.c[name])

    waits = sa.or_(*(alert.c.state == one.value for one in (AlertState.OPEN, AlertState.TAKEN)))
    return made.on_conflict_do_update(
        index_elements=["typology", "account"], index_where=alert.c.closed_at.is_(None),
        set_={
            "sightings": alert.c.sightings + new.sightings, "amount_vnd": alert.c.amount_vnd + new.amount_vnd,
            "level": graver("level"), "score_ppm": graver("score_ppm"), "last_at": graver("last_at"),
            "first_at": sooner("first_at"),
            # The clock for a look. Once somebody has decided, the second person's is another one.
            "due_at": sa.case((waits, sooner("due_at")), else_=alert.c.due_at),
        },
    ).returning(alert.c.id, alert.c.typology, alert.c.account)  # fmt: skip
