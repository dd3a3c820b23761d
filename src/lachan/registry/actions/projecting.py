"""The entry follows its claims and decisions, and every change of a verdict in force goes into the change feed.

All changes of one transaction are one fact with their Merkle root; its sealed number is their place in the feed, so
that a transaction that commits late still stands behind everything that was read before.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from lachan.foundation.storage import Unit
from lachan.foundation.trail import append, merkle_root
from lachan.registry import store
from lachan.registry.actions.alerting import wake_alerts
from lachan.registry.model import Entry, Verdict
from lachan.registry.rules import Assessment, Policy, assess, policy_on
from lachan.registry.tables import change, change_set

CHANGED = "registry.changed"
# A change's number is its fact's sealed number and its place among that fact's changes, in one integer.
PLACE_BITS = 20
CHANGES_MAX = 1 << PLACE_BITS

ChangeRow = tuple[str, str, str, str, int | None]
"""Entry id, key, verdict, reasons and until (microseconds), as a change is stored."""


def project(unit: Unit, entries: Mapping[str, Entry]) -> None:
    """Assess these locked entries anew (by key), with all that they were merged with, and write what changed."""
    twins = store.twins_of(unit.conn, entries)
    merged = set().union(*twins.values()) - entries.keys()
    if merged:
        # Merged while this transaction waited for its lock.
        entries = {**entries, **store.locked_entries(unit.conn, merged, unit.now)}
        twins = store.twins_of(unit.conn, entries)
    claims = store.joined_claims(unit.conn, twins)
    decisions = store.decisions_of(unit.conn, [one.id for one in entries.values()])
    policies: dict[str, Policy] = {}
    changed = []
    for key, kept in entries.items():
        policy = policies.setdefault(kept.kind, policy_on(kept.kind, unit.now))
        if not claims[key]:
            continue
        found = assess(claims[key], decisions[kept.id], kept.guard, policy, unit.now)
        if _same(kept, found):
            continue
        since = _listed_since(kept, found, unit.now)
        changed.append((kept, found, since))
        if _is_news(kept, found):
            row = (kept.id, key, found.verdict.value, store.reasons_text(found.reasons), store.micros(found.until))
            unit.gather("registry_changes", _write)[kept.id] = row
    store.update_entries(unit.conn, changed, unit.now)


def project_ids(unit: Unit, entry_ids: Iterable[str]) -> None:
    """As `project`, for entries by id, which it locks."""
    locked = [store.locked_entry(unit.conn, entry_id) for entry_id in sorted(set(entry_ids))]
    project(unit, {one.key: one for one in locked})


def change_leaf(row: ChangeRow) -> bytes:
    """The leaf of one change in its fact's Merkle root."""
    return hashlib.sha256(b"\x00" + orjson.dumps(row)).digest()


def record_changes(unit: Unit, rows: Sequence[ChangeRow]) -> int:
    """Append the fact of these changes; returns the number of their set, under which the caller stores them."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for row in rows:
        counts[row[2]] += 1
    wake_alerts(unit, [row[1] for row in rows if row[2] != Verdict.CLEAR])
    fact_id = append(
        unit, CHANGED, "registry:changes",
        {"changes": len(rows), "root": merkle_root([change_leaf(row) for row in rows]), "verdicts": counts},
    )  # fmt: skip
    made = unit.conn.execute(sa.insert(change_set).values(fact_id=fact_id, changes=len(rows)))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def _write(unit: Unit, changes: dict[str, Any]) -> None:
    rows: list[ChangeRow] = list(changes.values())
    number = record_changes(unit, rows)
    unit.conn.execute(
        sa.insert(change),
        [
            {
                "set_number": number, "position": position, "entry_id": entry_id, "key": key, "verdict": verdict,
                "reasons": reasons, "until": store.instant(until),
            }
            for position, (entry_id, key, verdict, reasons, until) in enumerate(rows)
        ],
    )  # fmt: skip


def _same(kept: Entry, found: Assessment) -> bool:
    return (
        kept.state, kept.verdict, kept.reasons, kept.claims, kept.claimants, kept.review_at, kept.until,
        kept.next_at,
    ) == (
        found.state, found.verdict, found.reasons, found.claims, found.claimants, found.review_at, found.until,
        found.next_at,
    )  # fmt: skip


def _is_news(kept: Entry, found: Assessment) -> bool:
    """Whether somebody who follows the feed must hear of it."""
    if kept.verdict != found.verdict:
        return True
    return found.verdict is not Verdict.CLEAR and (kept.until, kept.reasons) != (found.until, found.reasons)


def _listed_since(kept: Entry, found: Assessment, now: datetime) -> datetime | None:
    if found.verdict is Verdict.CLEAR:
        return None
    return kept.listed_since or now
