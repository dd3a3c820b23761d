"""Questions about entries: one identifier, one entry with everything said about it, queues, the whole list."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor, InputReason, NotFound
from lachan.foundation.trail.tables import fact
from lachan.registry import rules, store
from lachan.registry.guards import guard_of
from lachan.registry.model import (
    VERDICT_ORDER,
    Appeal,
    Claim,
    Decision,
    DecisionState,
    Entry,
    EntryState,
    Guard,
    Verdict,
)
from lachan.registry.tables import appeal, change, change_set, claim, decision, entry

_PAGE = 5_000
# Databases limit how many values one statement may carry.
_IDS_EACH = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry says about one identifier that somebody named: the gravest of what covers it.

    `key` is the identifier asked about, `entry` the one that speaks (its own, or that of the name above it).
    """

    key: str
    verdict: Verdict
    reasons: tuple[str, ...]
    entry: Entry | None
    guard: Guard | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of an entry's history in the change feed."""

    at: datetime
    verdict: Verdict
    reasons: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Everything about one entry: what each agency says, what was decided, appealed, changed.

    `merged`: keys that persons declared to be the same thing; claims on them are among the claims here.
    """

    entry: Entry
    in_force: Verdict
    claims: tuple[Claim, ...]
    live: tuple[Claim, ...]
    decisions: tuple[Decision, ...]
    appeals: tuple[Appeal, ...]
    history: tuple[Happening, ...]
    merged: tuple[str, ...] = ()

    @property
    def by_claimant(self) -> dict[str, list[Claim]]:
        """The living claims side by side: agencies may disagree."""
        found: dict[str, list[Claim]] = {}
        for one in self.live:
            found.setdefault(one.claimant, []).append(one)
        return found


def check(conn: Connection, key: str, now: datetime) -> Answer:
    """The verdict about one canonical key, from its own entry and those of the names above it.

    It confirms only what was asked: nothing else is listed, and a clear answer says nothing of why.
    """
    keys = rules.covering_keys(key, guard_of)
    entries = store.entries_by_key(conn, keys)
    speaking = [(entries[one].in_force(now), entries[one]) for one in keys if one in entries]
    verdict, spoken = max(speaking, key=lambda pair: VERDICT_ORDER.index(pair[0]), default=(Verdict.CLEAR, None))
    reasons = spoken.reasons if spoken is not None and verdict is not Verdict.CLEAR else ()
    return Answer(key, verdict, reasons, spoken if verdict is not Verdict.CLEAR else None, guard_of(key))


def scam_forms(conn: Connection, entry_ids: Iterable[str], now: datetime) -> dict[str, str]:
    """Of each entry the form of fraud that most of its living claims name; entries without one are left out.

    Like a verdict it confirms only what was asked: nothing is said of who claimed it.
    """
    named: dict[str, Counter[str]] = {}
    wanted = list(entry_ids)
    for start in range(0, len(wanted), _IDS_EACH):
        query = sa.select(claim.c.entry_id, claim.c.scam_form).where(
            claim.c.entry_id.in_(wanted[start : start + _IDS_EACH]), claim.c.scam_form.is_not(None),
            claim.c.ended_at.is_(None), claim.c.expires_at > now,
        )  # fmt: skip
        for row in conn.execute(query):
            named.setdefault(row.entry_id, Counter())[row.scam_form] += 1
    return {entry_id: min(forms, key=lambda one: (-forms[one], one)) for entry_id, forms in named.items()}


def entry_page(conn: Connection, actor: Actor, entry_id: str, now: datetime) -> EntryPage:
    """One entry for those who work with it."""
    require(actor, Permission.REGISTRY_READ)
    found = store.entry_by_id(conn, entry_id)
    claims = store.bearing_claims(conn, [found.key])[found.key]
    return EntryPage(
        found, found.in_force(now), tuple(claims), tuple(one for one in claims if one.live(now)),
        tuple(store.decisions_of(conn, [found.id])[found.id]), tuple(store.appeals_of(conn, found.id)),
        _history(conn, found), tuple(sorted(store.twins_of(conn, [found.key])[found.key] - {found.key})),
    )  # fmt: skip


def entry_of_key(conn: Connection, actor: Actor, key: str) -> Entry:
    """The entry of a canonical key. NotFound if there is none."""
    require(actor, Permission.REGISTRY_READ)
    found = store.entries_by_key(conn, [key]).get(key)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="key")
    return found


def queue(conn: Connection, actor: Actor, state: EntryState, *, offset: int = 0, limit: int = 50) -> list[Entry]:
    """Entries that wait for a person (proposed, corroborated, review), the soonest review first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(entry).where(entry.c.state == state).order_by(entry.c.review_at, entry.c.id)
    rows = conn.execute(query.offset(offset).limit(limit))
    return [store.entry_from_row(row) for row in rows]


def waiting_decisions(conn: Connection, actor: Actor) -> list[tuple[Decision, Entry]]:
    """Decisions that wait for a second person, the oldest first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(decision).where(decision.c.state == DecisionState.WAITING).order_by(decision.c.made_at)
    return [
        (one := store.decision_from_row(row), store.entry_by_id(conn, one.entry_id)) for row in conn.execute(query)
    ]


def open_appeals(conn: Connection, actor: Actor) -> list[tuple[Appeal, Entry]]:
    """Appeals that wait for a decision, the soonest limit first."""
    require(actor, Permission.REGISTRY_READ)
    query = sa.select(appeal).where(appeal.c.outcome.is_(None)).order_by(appeal.c.decide_by)
    return [
        (one := store.appeal_from_row(row), store.entry_by_id(conn, one.entry_id)) for row in conn.execute(query)
    ]


def in_force(conn: Connection, now: datetime) -> Iterator[Entry]:
    """Every entry whose verdict is in force, in the order of their ids; read page by page."""
    after = ""
    while True:
        rows = conn.execute(
            sa.select(entry)
            .where(
                entry.c.id > after, entry.c.verdict != Verdict.CLEAR,
                sa.or_(entry.c.until.is_(None), entry.c.until > now),
            )
            .order_by(entry.c.id)
            .limit(_PAGE)
        ).all()  # fmt: skip
        if not rows:
            return
        yield from map(store.entry_from_row, rows)
        after = rows[-1].id


def _history(conn: Connection, found: Entry) -> tuple[Happening, ...]:
    """Only for a page: changes are stored by set, so an entry's own are found through its facts' time."""
    query = (
        sa.select(fact.c.happened_at, change.c.verdict, change.c.reasons, change.c.until)
        .join(change_set, change_set.c.number == change.c.set_number)
        .join(fact, fact.c.id == change_set.c.fact_id)
        .where(change.c.entry_id == found.id)
        .order_by(change.c.set_number, change.c.position)
    )
    return tuple(
        Happening(row.happened_at, Verdict(row.verdict), store.reasons_from_text(row.reasons), row.until)
        for row in conn.execute(query)
    )
