"""One chunk of a list in one transaction: compare with what stands, write what is new, say it in one fact.

Most rows of a first import name keys that nobody has named before: their claim, entry and change are made straight
from one assessment shared by all rows of the same terms. All others go the general way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import new_ids
from lachan.foundation.storage import Unit
from lachan.foundation.trail import merkle_root
from lachan.registry import rules, store
from lachan.registry.actions.projecting import ChangeRow, project, record_changes
from lachan.registry.feeds import Row
from lachan.registry.importing.batch import COUNTED, Batch
from lachan.registry.importing.bulk import Values, insert_rows
from lachan.registry.importing.said import Alone, Identity, Reading, Said
from lachan.registry.model import Claim, ClaimEnd, Counts, Verdict
from lachan.registry.tables import change, claim, entry
from lachan.registry.views.verification import SIGNED, claim_leaf

CLAIM_COLUMNS = tuple(column.name for column in claim.columns if column.name != "digest_salt")
ENTRY_COLUMNS = tuple(column.name for column in entry.columns)
CHANGE_COLUMNS = ("set_number", "position", "entry_id", "key", "verdict", "reasons", "until")
_KEY = itemgetter(0)


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


@dataclass(frozen=True, slots=True)
class Chunk:
    """Writes what the rows of one chunk say."""

    unit: Unit
    batch: Batch
    reading: Reading

    def run(self, rows: Sequence[Row]) -> tuple[Counts, dict[str, object]]:
        """Do the chunk, whose rows come in the order of their keys; returns its counts and what its fact says."""
        good = self.reading.good(rows)
        conn, now = self.unit.conn, self.unit.now
        keys = list(dict.fromkeys(map(_KEY, good)))
        entries = _existing(conn, keys)
        known = _known(conn, keys, self.batch.source.code) if entries else {}
        new, replaced, ended = self._compared(good, known)
        entry_ids = self._open_entries(_named_first(new, entries))
        others = [key for key in dict.fromkeys(map(_KEY, new)) if key not in entry_ids] + list(ended)
        locked = store.locked_entries(conn, others, now) if others else {}
        entry_ids |= {key: one.id for key, one in locked.items()}
        ids = new_ids(len(new))
        claims = self._claims(new, ids, entry_ids)
        insert_rows(conn, claim, CLAIM_COLUMNS, claims)
        store.end_claims(conn, replaced, ClaimEnd.SUPERSEDED, self.unit.actor.reference, "", now)
        store.end_claims(conn, list(ended.values()), ClaimEnd.DELISTED, self.unit.actor.reference, "", now)
        if locked:
            project(self.unit, locked)
        signed = len(SIGNED)
        root = merkle_root([claim_leaf(values[:signed]) for values in claims])
        counts = Counts(rows=len(rows), **{name: self.reading.counts[name] for name in COUNTED})
        return counts, {
            "claims": len(claims), "root": root, "first_claim": ids[0] if ids else None,
            "last_claim": ids[-1] if ids else None, "replaced": len(replaced), "ended": len(ended),
        }  # fmt: skip

    def _compared(
        self, good: list[Said], known: dict[Identity, Known]
    ) -> tuple[list[Said], list[str], dict[str, str]]:
        """What is new, which claims it replaces, and which claims (by key) the list itself has ended."""
        counts = self.reading.counts
        if not known:
            counts["added"] += len(good)
            return good, [], {}
        new: list[Said] = []
        replaced: list[str] = []
        ended: dict[str, str] = {}
        for said in good:
            kept = known.get(said.identity)
            if not said.listed:
                if kept is None:
                    new.append(said)
                    counts["added"] += 1
                elif kept.ended:
                    counts["unchanged"] += 1
                else:
                    ended[said.key] = kept.id
                    counts["updated"] += 1
                    counts["delisted"] += 1
            elif kept is None or kept.ended:
                new.append(said)
                counts["added"] += 1
            elif self._says_more(said, kept):
                new.append(said)
                replaced.append(kept.id)
                counts["updated"] += 1
            else:
                counts["unchanged"] += 1
        return new, replaced, ended

    def _says_more(self, said: Said, kept: Known) -> bool:
        terms, seen = said.voice.terms, said.dates.last_seen
        if (kept.scam_form, kept.confidence, kept.legal_basis, kept.evidence) != (
            terms.scam_form, terms.confidence, terms.legal_basis, said.evidence,
        ):  # fmt: skip
            return True
        if seen is not None and (kept.last_seen is None or seen > kept.last_seen):
            return True
        now = store.micros(self.unit.now) or 0
        return now >= kept.claimed_at + (kept.expires_at - kept.claimed_at) // 4

    def _claims(self, new: list[Said], ids: list[str], entry_ids: dict[str, str]) -> list[Values]:
        """The claims as their rows hold them."""
        now, by = store.micros(self.unit.now), self.unit.actor.reference
        living: Values = (self.batch.id, by, None, None, None, None, None)
        over: Values = (self.batch.id, by, None, now, ClaimEnd.DELISTED.value, by, None)
        return [
            (claim_id, entry_ids[key], key, *voice.columns, evidence, dates[0], dates[1], now, dates[2],
             *(living if listed else over))
            for claim_id, (key, voice, evidence, dates, _, listed) in zip(ids, new, strict=True)
        ]  # fmt: skip

    def _open_entries(self, first: list[Said]) -> dict[str, str]:
        """Entries of keys that nobody has named before; their ids."""
        ids = new_ids(len(first))
        entries: list[Values] = []
        changes: list[ChangeRow] = []
        for entry_id, said in zip(ids, first, strict=True):
            key, voice, _, dates, guard, _ = said
            alone = voice.alone.get((dates.expires, guard)) or self._assess_alone(said)
            entries.append((entry_id, key, *alone.entry))
            if alone.change is not None:
                changes.append((entry_id, key, *alone.change))
        insert_rows(self.unit.conn, entry, ENTRY_COLUMNS, entries)
        if changes:
            number = record_changes(self.unit, changes)
            rows: list[Values] = [(number, position, *row) for position, row in enumerate(changes)]
            insert_rows(self.unit.conn, change, CHANGE_COLUMNS, rows)
        return dict(zip(map(_KEY, first), ids, strict=True))

    def _assess_alone(self, said: Said) -> Alone:
        now, voice = self.unit.now, said.voice
        terms, claimant = voice.terms, voice.claimant
        only = Claim(
            "", "", said.key, claimant.reference, claimant.standing, self.batch.source.code, None,
            terms.reason, terms.scam_form, terms.confidence, terms.legal_basis, None, None, None, now,
            said.dates.expires_at, None, "", None,
        )  # fmt: skip
        policy = rules.policy_on(said.key.partition(":")[0], now)
        found = rules.assess([only], [], said.guard, policy, now)
        in_force = found.verdict is not Verdict.CLEAR
        opened, verdict = store.micros(now), found.verdict.value
        reasons, until = store.reasons_text(found.reasons), store.micros(found.until)
        values = (
            found.state.value, verdict, reasons, said.guard.value if said.guard else None, 1, 1, opened,
            opened if in_force else None, store.micros(found.review_at), until, store.micros(found.next_at), opened,
            None,
        )  # fmt: skip
        made = Alone(values, (verdict, reasons, until) if in_force else None)
        voice.alone[said.dates.expires, said.guard] = made
        return made


def _named_first(new: list[Said], entries: set[str]) -> list[Said]:
    """Those whose key has no entry yet and that are the only ones to name it; they come in the order of keys."""
    times = Counter(map(_KEY, new))
    return [said for said in new if said.listed and said.key not in entries and times[said.key] == 1]


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
