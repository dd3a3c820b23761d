"""One chunk of a list in one transaction: compare with what stands, write what is new, say it in one fact.

Most rows of a first import name keys that nobody has named before: their claim, entry and change are made straight
from one assessment shared by all rows of the same terms. All others go the general way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import AccessReason, Permission, may
from lachan.foundation.base import BadInput, LachanError, NotAllowed, Reason, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import merkle_root
from lachan.registry import rules, store
from lachan.registry.actions.projecting import ChangeRow, project, record_changes
from lachan.registry.feeds import Row
from lachan.registry.feeds.model import REASON_MAX
from lachan.registry.guards import guard_of
from lachan.registry.importing.batch import Batch, Claimant, named_claimant
from lachan.registry.importing.bulk import Values, insert_rows
from lachan.registry.importing.model import Rejected
from lachan.registry.model import Claim, ClaimEnd, Counts, Guard, RegistryReason, Verdict
from lachan.registry.rules import Terms
from lachan.registry.tables import change, claim, entry
from lachan.registry.views.verification import SIGNED, claim_leaf

CLAIM_COLUMNS = tuple(column.name for column in claim.columns if column.name != "digest_salt")
ENTRY_COLUMNS = tuple(column.name for column in entry.columns)
CHANGE_COLUMNS = ("set_number", "position", "entry_id", "key", "verdict", "reasons", "until")


class Known(NamedTuple):
    """What is compared of a claim that stands already."""

    id: str
    scam_form: str | None
    confidence: int
    legal_basis: str
    evidence: str | None
    last_seen: int | None
    claimed_at: int
    expires_at: int
    ended: bool


Identity = tuple[str, str, str]
"""Key, claimant and reason: by this a row of a list is recognised again."""


@dataclass(slots=True)
class Said:
    """One good row, ready to be compared."""

    row: Row
    claimant: Claimant
    terms: Terms
    evidence: str | None
    expires_at: datetime
    guard: Guard | None

    @property
    def identity(self) -> Identity:
        """By what the row is recognised again."""
        return self.row.key, self.claimant.reference, self.terms.reason


@dataclass(slots=True)
class Chunk:
    """The working state of one chunk; `seen` and `claimants` live as long as the import."""

    unit: Unit
    batch: Batch
    seen: dict[int, int]
    claimants: dict[str, Claimant | LachanError]
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    terms: dict[tuple[object, ...], Terms | LachanError] = field(default_factory=dict)
    fresh_names: list[int] = field(default_factory=list)

    def remember(self, rows: Sequence[Row]) -> None:
        """Rows that an earlier run has done: they were named, and nothing more."""
        for row in rows:
            self._checked(row)
        self.counts.clear()
        self.rejected.clear()
        self.fresh_names.clear()

    def forget(self) -> None:
        """The transaction was rolled back: what it saw first has not been seen."""
        for name in self.fresh_names:
            self.seen.pop(name, None)

    def run(self, rows: Sequence[Row]) -> tuple[Counts, dict[str, object]]:
        """Do the chunk; returns its counts and what its fact says."""
        # In the order of their keys: neighbours in an index are then written one after the other.
        good = sorted(
            (said for said in map(self._checked, rows) if said is not None), key=lambda said: said.row.key
        )
        conn, now = self.unit.conn, self.unit.now
        keys = list(dict.fromkeys(said.row.key for said in good))
        entries = _existing(conn, keys)
        known = _known(conn, keys, self.batch.source.code) if entries else {}
        new, replaced, ended = self._compared(good, known)
        per_key = Counter(said.row.key for said in new)
        fresh = [
            said for said in new if said.row.listed and per_key[said.row.key] == 1 and said.row.key not in entries
        ]
        entry_ids = self._open_entries(fresh)
        others = [key for key in per_key if key not in entry_ids] + list(ended)
        locked = store.locked_entries(conn, others, now) if others else {}
        entry_ids |= {key: one.id for key, one in locked.items()}
        ids = sorted(new_id() for _ in new)
        claims = [
            _claim_values(said, claim_id, entry_ids[said.row.key], self.batch, self.unit)
            for said, claim_id in zip(new, ids, strict=True)
        ]
        insert_rows(conn, claim, CLAIM_COLUMNS, claims)
        store.end_claims(conn, replaced, ClaimEnd.SUPERSEDED, self.unit.actor.reference, "", now)
        store.end_claims(conn, list(ended.values()), ClaimEnd.DELISTED, self.unit.actor.reference, "", now)
        if locked:
            project(self.unit, locked)
        leaves = [claim_leaf(values[: len(SIGNED)]) for values in claims]
        counts = Counts(rows=len(rows), **{name: self.counts[name] for name in _COUNTED})
        return counts, {
            "claims": len(claims), "root": merkle_root(leaves), "first_claim": ids[0] if ids else None,
            "last_claim": ids[-1] if ids else None, "replaced": len(replaced), "ended": len(ended),
        }  # fmt: skip

    def _checked(self, row: Row) -> Said | None:
        if row.refusal is not None:
            self._reject(row, *row.refusal)
            return None
        try:
            claimant = self._claimant(row)
            said = self._terms(row)
            if row.first_seen or row.last_seen or row.expires_at:
                expires_at = rules.check_dates(
                    row.first_seen, row.last_seen, row.expires_at, said.life, self.unit.now
                )
            else:
                expires_at = said.life
            if len(row.key) > 400:
                rules.check_key(row.key)
            evidence = rules.clean_evidence(row.evidence) if row.evidence else None
        except LachanError as error:
            self._reject(row, error.reason, error.field or "row")
            return None
        made = Said(row, claimant, said, evidence, expires_at, guard_of(row.key))
        if not self._first_time(made):
            return None
        if made.guard is not None:
            self.counts["conflicts"] += 1
        return made

    def _first_time(self, made: Said) -> bool:
        """A row that stands in a file twice is the same claim; where it says something else, which one holds?"""
        row, name = made.row, hash(made.identity)
        content = hash(
            (made.terms.scam_form, made.terms.confidence, made.terms.legal_basis, made.evidence, row.listed,
             row.first_seen, row.last_seen, row.expires_at)
        )  # fmt: skip
        earlier = self.seen.get(name)
        if earlier is None:
            self.seen[name] = content
            self.fresh_names.append(name)
            return True
        if earlier == content:
            self.counts["unchanged"] += 1
        else:
            self._reject(row, RegistryReason.ROW_REPEATED, "row")
        return False

    def _compared(
        self, good: list[Said], known: dict[Identity, Known]
    ) -> tuple[list[Said], list[str], dict[str, str]]:
        """What is new, which claims it replaces, and which claims (by key) the list itself has ended."""
        new: list[Said] = []
        replaced: list[str] = []
        ended: dict[str, str] = {}
        for said in good:
            kept = known.get(said.identity)
            if not said.row.listed:
                if kept is None:
                    new.append(said)
                    self.counts["added"] += 1
                elif kept.ended:
                    self.counts["unchanged"] += 1
                else:
                    ended[said.row.key] = kept.id
                    self.counts["updated"] += 1
                    self.counts["delisted"] += 1
            elif kept is None or kept.ended:
                new.append(said)
                self.counts["added"] += 1
            elif self._says_more(said, kept):
                new.append(said)
                replaced.append(kept.id)
                self.counts["updated"] += 1
            else:
                self.counts["unchanged"] += 1
        return new, replaced, ended

    def _says_more(self, said: Said, kept: Known) -> bool:
        terms, seen = said.terms, store.micros(said.row.last_seen)
        if (kept.scam_form, kept.confidence, kept.legal_basis, kept.evidence) != (
            terms.scam_form, terms.confidence, terms.legal_basis, said.evidence,
        ):  # fmt: skip
            return True
        if seen is not None and (kept.last_seen is None or seen > kept.last_seen):
            return True
        now = store.micros(self.unit.now) or 0
        return now >= kept.claimed_at + (kept.expires_at - kept.claimed_at) // 4

    def _open_entries(self, fresh: list[Said]) -> dict[str, str]:
        """Entries of keys that nobody has named before; their ids."""
        made: dict[tuple[object, ...], tuple[Values, bool]] = {}
        now = store.micros(self.unit.now)
        entries: list[Values] = []
        changes: list[ChangeRow] = []
        for said, entry_id in zip(fresh, sorted(new_id() for _ in fresh), strict=True):
            key = said.row.key
            kind = key.partition(":")[0]
            alike = (kind, said.claimant, id(said.terms), said.expires_at, said.guard)
            found = made.get(alike)
            if found is None:
                found = made[alike] = self._assess_alone(kind, said)
            values, in_force = found
            state, verdict, reasons, guard, listed_since, review_at, until, next_at = values
            entries.append(
                (entry_id, key, state, verdict, reasons, guard, 1, 1, now, listed_since, review_at, until, next_at,
                 now, None)
            )  # fmt: skip
            if in_force:
                changes.append((entry_id, key, verdict, reasons, until))
        insert_rows(self.unit.conn, entry, ENTRY_COLUMNS, entries)
        if changes:
            number = record_changes(self.unit, changes)
            insert_rows(
                self.unit.conn, change, CHANGE_COLUMNS,
                [(number, position, *row) for position, row in enumerate(changes)],
            )  # fmt: skip
        return {str(values[1]): str(values[0]) for values in entries}

    def _assess_alone(self, kind: str, said: Said) -> tuple[Values, bool]:
        """What an entry comes to whose only claim this is, as its row holds it; and whether it is in force."""
        now, terms = self.unit.now, said.terms
        alone = Claim(
            "", "", said.row.key, said.claimant.reference, said.claimant.standing, self.batch.source.code, None,
            terms.reason, terms.scam_form, terms.confidence, terms.legal_basis, None, None, None, now,
            said.expires_at, None, "", None,
        )  # fmt: skip
        found = rules.assess([alone], [], said.guard, rules.policy_on(kind, now), now)
        in_force = found.verdict is not Verdict.CLEAR
        values = (
            found.state.value, found.verdict.value, store.reasons_text(found.reasons),
            said.guard.value if said.guard else None, store.micros(now) if in_force else None,
            store.micros(found.review_at), store.micros(found.until), store.micros(found.next_at),
        )  # fmt: skip
        return values, in_force

    def _claimant(self, row: Row) -> Claimant:
        if row.agency is None or self.batch.source.standing is not None:
            return self.batch.claimant
        found = self.claimants.get(row.agency)
        if found is None:
            try:
                found = named_claimant(self.unit.conn, row.agency, self.unit)
            except BadInput as error:
                found = error
            self.claimants[row.agency] = found
        if isinstance(found, LachanError):
            raise found
        if self.batch.list_name is not None and found != self.batch.claimant:
            # An edition is complete for one agency: another's row would be delisted by the next edition.
            raise BadInput(RegistryReason.UNKNOWN_AGENCY, field="agency", value=row.agency)
        if found != self.batch.claimant and not may(self.unit.actor, Permission.REGISTRY_IMPORT):
            raise NotAllowed(AccessReason.NOT_PERMITTED, field="agency")
        return found

    def _terms(self, row: Row) -> Terms:
        kind = row.key.partition(":")[0]
        asked = (kind, row.reason, row.scam_form, row.confidence, row.legal_basis)
        found = self.terms.get(asked)
        if found is None:
            try:
                found = rules.terms(
                    kind,
                    self.batch.source,
                    self.unit.now,
                    row.reason,
                    row.scam_form,
                    row.confidence,
                    row.legal_basis,
                )
            except LachanError as error:
                found = error
            self.terms[asked] = found
        if isinstance(found, LachanError):
            raise found
        return found

    def _reject(self, row: Row, reason: Reason, field_name: str) -> None:
        self.counts["rejected"] += 1
        self.rejected.append(Rejected(row.number, field_name, reason, row.raw[:REASON_MAX]))


_COUNTED = ("added", "updated", "unchanged", "delisted", "conflicts", "rejected")


def identity_hash(key: str, claimant: str, reason: str) -> int:
    """How `Chunk.seen` remembers a row."""
    return hash((key, claimant, reason))


def _claim_values(said: Said, claim_id: str, entry_id: str, batch: Batch, unit: Unit) -> Values:
    row, terms, now = said.row, said.terms, store.micros(unit.now)
    ended = None if row.listed else now
    return (
        claim_id, entry_id, row.key, said.claimant.reference, said.claimant.standing.value, batch.source.code,
        batch.list_name,
        terms.reason, terms.scam_form, terms.confidence, terms.legal_basis, said.evidence,
        store.micros(row.first_seen), store.micros(row.last_seen), now, store.micros(said.expires_at), batch.id,
        unit.actor.reference, None, ended, None if row.listed else ClaimEnd.DELISTED.value,
        None if row.listed else unit.actor.reference, None,
    )  # fmt: skip


def _existing(conn: Connection, keys: Sequence[str]) -> set[str]:
    return set(conn.execute(sa.select(entry.c.key).where(store.among(conn, entry.c.key, keys))).scalars())


def _known(conn: Connection, keys: Sequence[str], source: str) -> dict[Identity, Known]:
    """The newest claim of each identity: the living one, or one that its list itself ended."""
    columns = [claim.c[name] for name in ("key", "claimant", "reason", *Known._fields[:-1])]
    raw = [sa.type_coerce(column, sa.BigInteger) if column.name in _INSTANTS else column for column in columns]
    query = (
        sa.select(*raw, claim.c.ended_at.is_not(None))
        .join(entry, entry.c.id == claim.c.entry_id)
        .where(
            store.among(conn, entry.c.key, keys),
            claim.c.source == source,
            sa.or_(claim.c.ended_at.is_(None), claim.c.end_kind == ClaimEnd.DELISTED),
        )
        .order_by(claim.c.claimed_at, claim.c.ended_at.is_(None))
    )
    return {(row[0], row[1], row[2]): Known._make(row[3:]) for row in conn.execute(query)}


_INSTANTS = {"last_seen", "claimed_at", "expires_at"}
