"""Found alerts go onto the record, in bulk: once each, joined to what is open, covered by what is suppressed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.engine import Connection

from lachan.foundation.base import SYSTEM, new_ids
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append, merkle_root
from lachan.monitoring.alerts import store
from lachan.monitoring.alerts.finding import institution_of, sighting_id
from lachan.monitoring.alerts.lapsing import lapse
from lachan.monitoring.alerts.model import AlertState, FoundAlert, Recorded
from lachan.monitoring.alerts.rules import look_by
from lachan.monitoring.model import Level


def record_alerts(conn: Connection, found: Sequence[FoundAlert], now: datetime, source: str) -> Recorded:
    """Put alerts onto the record, in the caller's transaction; nothing is done with them but that.

    The same alert (typology, account, transfers) is recorded once, however often and from wherever it comes, so
    a stream may give it again after a failure. One about an account that shows the same typology in a living alert
    is a further sighting of that one; one that a suppression covers is kept and counted, and not shown. `now` is
    the domain's instant, from which the clock for a look runs; `source` says whence (`file:…`, `stream:…`, ≤ 80
    characters) and stands in the one fact that each call with anything new leaves in the trail.

    For streams: six statements whether there are one or a thousand of them, so give what several messages held; an
    empty list costs nothing. Only alerts' own rows are locked, in the order of typology and account.
    """
    once = {sighting_id(one): one for one in found}
    if not once:
        return Recorded()
    known = store.known_sightings(conn, list(once))
    fresh = {name: one for name, one in once.items() if name not in known}
    if not fresh:
        return Recorded(found=len(found), repeated=len(found))
    unit = Unit(conn, now, SYSTEM)
    lapse(unit)
    covers = store.suppressions_for(conn, sorted({one.account for one in fresh.values()}), now)
    rows = []
    for name, one in fresh.items():
        institution = institution_of(one.account)
        by = next((it.id for it in covers if it.covers(one.typology, one.account, institution)), None)
        rows.append(store.sighting_values(name, one, by, source, now))
    shown = [row for row in rows if row["suppression_id"] is None]
    opening = _opening(shown, now)
    alerts = store.upsert_alerts(conn, opening) if opening else {}
    for row in shown:
        row["alert_id"] = alerts[row["typology"], row["account"]]
    written = store.insert_sightings(conn, rows)
    if len(written) < len(rows):
        # Another recorded some of these between our look and now: what they count has counted twice.
        store.count_again(conn, set(alerts.values()))
    done = [row for row in rows if row["id"] in written]
    opened = {row["id"] for row in opening} & {row["alert_id"] for row in done}
    recorded = Recorded(
        found=len(found), opened=len(opened),
        joined=sum(row["alert_id"] is not None for row in done) - len(opened),
        suppressed=sum(row["suppression_id"] is not None for row in done), repeated=len(found) - len(done),
    )  # fmt: skip
    if done:
        _append(unit, done, sorted(opened), recorded, source)
    for write in unit.before_commit:
        write()
    return recorded


def _opening(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """For each typology and account what the living alert gets, or what a new one begins with; in their order."""
    due = {level.value: look_by(level, now) for level in Level}
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        one = made.setdefault(
            (row["typology"], row["account"]),
            {
                "typology": row["typology"], "account": row["account"],
                "institution": institution_of(row["account"]), "level": row["level"],
                "score_ppm": row["score_ppm"], "state": AlertState.OPEN.value, "sightings": 0, "amount_vnd": 0,
                "first_at": row["fired_at"], "last_at": row["fired_at"], "opened_at": now,
                "due_at": due[row["level"]], "version": 0,
            },
        )  # fmt: skip
        one["sightings"] += 1
        one["amount_vnd"] += row["amount_vnd"]
        one["level"] = max(one["level"], row["level"])
        one["score_ppm"] = max(one["score_ppm"], row["score_ppm"])
        one["first_at"] = min(one["first_at"], row["fired_at"])
        one["last_at"] = max(one["last_at"], row["fired_at"])
        one["due_at"] = min(one["due_at"], due[row["level"]])
    listed = [made[key] for key in sorted(made)]
    for one, alert_id in zip(listed, new_ids(len(listed)), strict=True):
        one["id"] = alert_id
    return listed


def _append(
    unit: Unit, done: Sequence[Mapping[str, Any]], opened: list[str], recorded: Recorded, source: str
) -> None:  # fmt: skip
    """One fact for all, with the root over what was seen: the sighting's name already stands for its transfers."""
    leaves = [
        hashlib.sha256(
            b"\x00" + orjson.dumps([row["id"], row["level"], row["score_ppm"], row["amount_vnd"]])
        ).digest()
        for row in sorted(done, key=lambda row: row["id"])
    ]
    append(
        unit, "alerts.recorded", f"monitoring:{source}",
        {
            "opened": opened, "joined": recorded.joined, "suppressed": recorded.suppressed,
            "sightings": len(leaves), "root": merkle_root(leaves),
        },
    )  # fmt: skip
