"""Claims, decisions, entries, changes: rows to model and back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import InputReason, NotFound, new_id
from lachan.foundation.storage import among as among
from lachan.foundation.storage import insert_into
from lachan.registry.guards import guard_of
from lachan.registry.model import (
    Appeal,
    AppealOutcome,
    Claim,
    ClaimEnd,
    Decision,
    DecisionKind,
    DecisionState,
    Entry,
    EntryState,
    Guard,
    Merge,
    MergeState,
    MergeWhy,
    Standing,
    Verdict,
)
from lachan.registry.rules import Assessment
from lachan.registry.tables import appeal, claim, decision, entry, merge

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=8_192)
def micros(instant: datetime | None) -> int | None:
    """An instant as both stores keep it, for statements that bypass column types."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def instant(value: int | None) -> datetime | None:
    """The reverse of `micros`."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def claim_from_row(row: Any) -> Claim:
    """A stored claim."""
    return Claim(
        row.id, row.entry_id, row.key, row.claimant, Standing(row.standing), row.source, row.list_name,
        row.reason, row.scam_form, row.confidence, row.legal_basis, row.evidence, row.first_seen, row.last_seen,
        row.claimed_at, row.expires_at, row.batch_id, row.made_by, row.origin, row.ended_at,
        ClaimEnd(row.end_kind) if row.end_kind else None, row.ended_by, row.end_note,
    )  # fmt: skip


def decision_from_row(row: Any) -> Decision:
    """A stored decision."""
    return Decision(
        row.id, row.entry_id, DecisionKind(row.kind), Verdict(row.verdict) if row.verdict else None, row.reasons,
        row.review_at, DecisionState(row.state), row.made_by, row.made_at, row.checked_by, row.checked_at,
        row.appeal_id,
    )  # fmt: skip


def entry_from_row(row: Any) -> Entry:
    """A stored entry."""
    return Entry(
        row.id, row.key, EntryState(row.state), Verdict(row.verdict), reasons_from_text(row.reasons),
        Guard(row.guard) if row.guard else None, row.claims, row.claimants, row.opened_at, row.listed_since,
        row.review_at, row.until, row.next_at, row.changed_at, row.notice_code,
    )  # fmt: skip


def appeal_from_row(row: Any) -> Appeal:
    """A stored appeal."""
    return Appeal(
        row.id, row.code, row.entry_id, row.level, row.opened_at, row.target_at, row.decide_by, row.grounds,
        row.decided_at, row.decided_by, AppealOutcome(row.outcome) if row.outcome else None, row.reasons,
    )  # fmt: skip


def reasons_text(reasons: Iterable[str]) -> str:
    """Reason codes as one column holds them."""
    return ",".join(reasons)


def reasons_from_text(text: str) -> tuple[str, ...]:
    """The reverse of `reasons_text`."""
    return tuple(text.split(",")) if text else ()


def locked_entries(conn: Connection, keys: Iterable[str], now: datetime) -> dict[str, Entry]:
    """The entries of these keys, made where missing and locked: nobody else changes them before the commit.

    Those that they were merged with come along: one claim changes all of them. In the order of their keys, so that
    two who lock several never wait for each other in a circle.
    """
    wanted = sorted(with_twins(conn, keys))
    rows = [
        {
            "id": new_id(), "key": key, "state": EntryState.PROPOSED, "verdict": Verdict.CLEAR, "reasons": "",
            "guard": guard_of(key), "claims": 0, "claimants": 0, "opened_at": now, "changed_at": now,
        }
        for key in _missing(conn, wanted)
    ]  # fmt: skip
    if rows:
        conn.execute(insert_into(conn.dialect.name, entry).on_conflict_do_nothing(), rows)
    query = sa.select(entry).where(among(conn, entry.c.key, wanted)).order_by(entry.c.key).with_for_update()
    return {row.key: entry_from_row(row) for row in conn.execute(query)}


def _missing(conn: Connection, keys: list[str]) -> list[str]:
    known = set(conn.execute(sa.select(entry.c.key).where(among(conn, entry.c.key, keys))).scalars())
    return [key for key in keys if key not in known]


def locked_entry(conn: Connection, entry_id: str) -> Entry:
    """One entry, locked. NotFound if there is none."""
    row = conn.execute(sa.select(entry).where(entry.c.id == entry_id).with_for_update()).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="entry")
    return entry_from_row(row)


def entry_by_id(conn: Connection, entry_id: str) -> Entry:
    """One entry. NotFound if there is none."""
    row = conn.execute(sa.select(entry).where(entry.c.id == entry_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="entry")
    return entry_from_row(row)


def entries_by_key(conn: Connection, keys: Sequence[str]) -> dict[str, Entry]:
    """The entries of these keys, those that there are."""
    return {
        row.key: entry_from_row(row) for row in conn.execute(sa.select(entry).where(among(conn, entry.c.key, keys)))
    }


def claims_of(conn: Connection, keys: Sequence[str]) -> dict[str, list[Claim]]:
    """All claims on these keys, in the order in which they were made."""
    found: dict[str, list[Claim]] = {key: [] for key in keys}
    query = sa.select(claim).join(entry, entry.c.id == claim.c.entry_id).where(among(conn, entry.c.key, keys))
    for row in conn.execute(query.order_by(claim.c.claimed_at, claim.c.id)):
        found[row.key].append(claim_from_row(row))
    return found


def with_twins(conn: Connection, keys: Iterable[str]) -> set[str]:
    """These keys and all that they were merged with, directly or by a third."""
    return set().union(*twins_of(conn, set(keys)).values())


def twins_of(conn: Connection, keys: Collection[str]) -> dict[str, set[str]]:
    """Each key -> itself and all that it was merged with."""
    joined = {key: {key} for key in keys}
    new = set(keys)
    while new:
        listed = list(new)
        query = sa.select(merge.c.key, merge.c.other).where(
            merge.c.state == MergeState.ACCEPTED,
            sa.or_(among(conn, merge.c.key, listed), among(conn, merge.c.other, listed)),
        )
        new = set()
        for row in conn.execute(query):
            new |= {one for one in (row.key, row.other) if one not in joined}
            both = joined.get(row.key, {row.key}) | joined.get(row.other, {row.other})
            joined.update(dict.fromkeys(both, both))
    return {key: joined[key] for key in keys}


def bearing_claims(conn: Connection, keys: Sequence[str]) -> dict[str, list[Claim]]:
    """All claims that bear on these keys: on each itself, and on what it was merged with."""
    return joined_claims(conn, twins_of(conn, keys))


def joined_claims(conn: Connection, twins: Mapping[str, set[str]]) -> dict[str, list[Claim]]:
    """The same where it is known what each was merged with."""
    claims = claims_of(conn, list(set().union(*twins.values())))
    return {
        key: claims[key] if len(twins[key]) == 1 else sorted(
            (claim for one in twins[key] for claim in claims[one]), key=lambda c: (c.claimed_at, c.id)
        )
        for key in twins
    }  # fmt: skip


def merge_of(conn: Connection, key: str, other: str) -> Merge | None:
    """The last word on two keys, the lesser one first."""
    row = conn.execute(sa.select(merge).where(merge.c.key == key, merge.c.other == other)).first()
    return merge_from_row(row) if row else None


def decided_pairs(conn: Connection, keys: Collection[str]) -> set[tuple[str, str]]:
    """The pairs with one of these as the lesser key on which somebody has said a word."""
    query = sa.select(merge.c.key, merge.c.other).where(among(conn, merge.c.key, list(keys)))
    return {(row.key, row.other) for row in conn.execute(query)}


def merge_from_row(row: Any) -> Merge:
    """A stored word on two keys."""
    return Merge(
        row.id, row.key, row.other, MergeWhy(row.why), MergeState(row.state), row.reasons, row.decided_by,
        row.decided_at,
    )  # fmt: skip


def decisions_of(conn: Connection, entry_ids: Sequence[str]) -> dict[str, list[Decision]]:
    """All decisions about these entries, in the order in which they took effect."""
    found: dict[str, list[Decision]] = {entry_id: [] for entry_id in entry_ids}
    query = sa.select(decision).where(among(conn, decision.c.entry_id, entry_ids))
    for row in conn.execute(query):
        found[row.entry_id].append(decision_from_row(row))
    for made in found.values():
        made.sort(key=lambda one: (one.effective_at, one.id))
    return found


def appeals_of(conn: Connection, entry_id: str) -> list[Appeal]:
    """The appeals against one listing, first level first."""
    query = sa.select(appeal).where(appeal.c.entry_id == entry_id).order_by(appeal.c.level)
    return [appeal_from_row(row) for row in conn.execute(query)]


def insert_claims(conn: Connection, claims: Sequence[Claim]) -> None:
    """Record claims."""
    if claims:
        names = [column.name for column in claim.columns if column.name != "digest_salt"]
        conn.execute(sa.insert(claim), [{name: getattr(one, name) for name in names} for one in claims])


def end_claims(
    conn: Connection, claim_ids: Sequence[str], kind: ClaimEnd, by: str, note: str, now: datetime
) -> None:
    """Mark claims as ended, once."""
    if claim_ids:
        conn.execute(
            sa.update(claim)
            .where(among(conn, claim.c.id, claim_ids), claim.c.ended_at.is_(None))
            .values(ended_at=now, end_kind=kind, ended_by=by, end_note=note or None)
        )


def insert_decision(conn: Connection, made: Decision) -> None:
    """Record a decision."""
    values = {column.name: getattr(made, column.name) for column in decision.columns}
    conn.execute(sa.insert(decision).values(**values))


def decision_by_id(conn: Connection, decision_id: str) -> Decision:
    """One decision. NotFound if there is none."""
    row = conn.execute(sa.select(decision).where(decision.c.id == decision_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="decision")
    return decision_from_row(row)


def update_entries(
    conn: Connection, changed: Sequence[tuple[Entry, Assessment, datetime | None]], now: datetime
) -> None:
    """Write what entries have come to; the third value is since when the verdict is in force."""
    if not changed:
        return
    statement = (
        sa.update(entry)
        .where(entry.c.id == sa.bindparam("b_id"))
        .values({name: sa.bindparam(f"b_{name}") for name in (
            "state", "verdict", "reasons", "claims", "claimants", "review_at", "until", "next_at", "listed_since",
        )} | {"changed_at": now})
    )  # fmt: skip
    conn.execute(
        statement,
        [
            {
                "b_id": kept.id, "b_state": found.state, "b_verdict": found.verdict,
                "b_reasons": reasons_text(found.reasons), "b_claims": found.claims, "b_claimants": found.claimants,
                "b_review_at": found.review_at, "b_until": found.until, "b_next_at": found.next_at,
                "b_listed_since": since,
            }
            for kept, found, since in changed
        ],
    )  # fmt: skip
