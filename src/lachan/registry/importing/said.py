"""A row of a list becomes what somebody says about a key, checked; or it is refused by name.

What rows have in common (who claims, on what terms, between which dates) is checked once for all of a chunk's rows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lachan.foundation.access import AccessReason, Permission, may
from lachan.foundation.base import BadInput, LachanError, NotAllowed, Reason
from lachan.foundation.storage import Unit
from lachan.registry import rules, store
from lachan.registry.feeds import Row
from lachan.registry.feeds.model import REASON_MAX, Words
from lachan.registry.guards import guard_of
from lachan.registry.importing.batch import Batch, Claimant, named_claimant
from lachan.registry.importing.bulk import Values
from lachan.registry.importing.model import Rejected
from lachan.registry.model import Guard, RegistryReason
from lachan.registry.rules import Terms

Identity = tuple[str, str, str]
"""Key, claimant and reason: by this a row of a list is recognised again."""


class Alone(NamedTuple):
    """What an entry comes to whose only claim is this one: its row behind id and key, its change if in force."""

    entry: Values
    change: Values | None


@dataclass(slots=True)
class Voice:
    """Who claims about one kind of identifier, and on what terms; what many rows of a chunk share.

    `columns` are the claim's from `claimant` to `legal_basis`. `alone` is filled by expiry and guard.
    """

    claimant: Claimant
    terms: Terms
    columns: Values
    alone: dict[tuple[int, Guard | None], Alone] = field(default_factory=dict)


class Dates(NamedTuple):
    """When the key was seen and when the claim ends, in microseconds as stored."""

    first_seen: int | None
    last_seen: int | None
    expires: int
    expires_at: datetime


class Heard(NamedTuple):
    """What rows of the same words about the same kind have in common. `content` tells it from other words."""

    voice: Voice
    dates: Dates
    content: int


class Said(NamedTuple):
    """One good row, ready to be compared. `listed` False: the list says that it no longer names the key."""

    key: str
    voice: Voice
    evidence: str | None
    dates: Dates
    guard: Guard | None
    listed: bool

    @property
    def identity(self) -> Identity:
        """By what the row is recognised again."""
        return self.key, self.voice.claimant.reference, self.voice.terms.reason


@dataclass(slots=True)
class Reading:
    """Checks the rows of one chunk; `seen` and `claimants` live as long as the import.

    `counts` and `rejected` say what became of the rows that are not handed on.
    """

    unit: Unit
    batch: Batch
    seen: dict[int, int]
    claimants: dict[str, Claimant | LachanError]
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _voices: dict[tuple[object, ...], Voice | LachanError] = field(default_factory=dict)
    _heard: dict[tuple[str, Words], Heard] = field(default_factory=dict)
    _spans: dict[tuple[datetime | None, ...], Dates] = field(default_factory=dict)
    _new_names: list[int] = field(default_factory=list)

    def good(self, rows: Sequence[Row]) -> list[Said]:
        """The rows that are claims and stand for the first time in this file."""
        return [said for said in map(self._checked, rows) if said is not None]

    def remember(self, rows: Sequence[Row]) -> None:
        """Rows that an earlier run has done: they were named or refused, and nothing more."""
        for row in rows:
            self._checked(row)
        self.counts.clear()
        self._new_names.clear()

    def forget(self) -> None:
        """The transaction was rolled back: what it saw first has not been seen."""
        for name in self._new_names:
            self.seen.pop(name, None)

    def _checked(self, row: Row) -> Said | None:
        key = row.key
        if row.refusal is not None:
            self._reject(row, *row.refusal)
            return None
        asked = key.partition(":")[0], row.words
        try:
            heard = self._heard.get(asked) or self._hear(*asked)
            if len(key) > 400:
                rules.check_key(key)
            evidence = rules.clean_evidence(row.evidence) if row.evidence else None
        except LachanError as error:
            self._reject(row, error.reason, error.field or "row")
            return None
        said = Said(key, heard.voice, evidence, heard.dates, guard_of(key), row.listed)
        if not self._first_time(said, heard.content, row):
            return None
        if said.guard is not None:
            self.counts["conflicts"] += 1
        return said

    def _first_time(self, said: Said, words: int, row: Row) -> bool:
        """A row that stands in a file twice is the same claim; where it says something else, which one holds?"""
        name = identity_hash(*said.identity)
        content = hash((words, said.evidence, said.listed))
        earlier = self.seen.get(name)
        if earlier is None:
            self.seen[name] = content
            self._new_names.append(name)
            return True
        if earlier == content:
            self.counts["unchanged"] += 1
        else:
            self._reject(row, RegistryReason.ROW_REPEATED, "row")
        return False

    def _hear(self, kind: str, words: Words) -> Heard:
        reason, form, confidence, basis, first_seen, last_seen, expires_at, agency = words
        asked = kind, reason, form, confidence, basis, agency
        voice = self._voices.get(asked) or self._voice(asked)
        if isinstance(voice, LachanError):
            raise voice
        terms = voice.terms
        dates = self._span(first_seen, last_seen, expires_at, terms.life)
        content = hash((terms.scam_form, terms.confidence, terms.legal_basis, dates[:3]))
        made = self._heard[kind, words] = Heard(voice, dates, content)
        return made

    def _voice(self, asked: tuple[str, str | None, str | None, int | None, str | None, str | None]) -> Voice:
        kind, reason, form, confidence, basis, agency = asked
        try:
            claimant = self._claimant(agency)
            terms = rules.terms(kind, self.batch.source, self.unit.now, reason, form, confidence, basis)
        except LachanError as error:
            self._voices[asked] = error
            raise
        made = self._voices[asked] = Voice(
            claimant, terms,
            (claimant.reference, claimant.standing.value, self.batch.source.code, self.batch.list_name,
             terms.reason, terms.scam_form, terms.confidence, terms.legal_basis),
        )  # fmt: skip
        return made

    def _span(
        self, first: datetime | None, last: datetime | None, expires_at: datetime | None, life: datetime
    ) -> Dates:
        asked = first, last, expires_at, life
        found = self._spans.get(asked)
        if found is None:
            ends = rules.check_dates(first, last, expires_at, life, self.unit.now)
            found = Dates(store.micros(first), store.micros(last), store.micros(ends) or 0, ends)
            self._spans[asked] = found
        return found

    def _claimant(self, agency: str | None) -> Claimant:
        if agency is None or self.batch.source.standing is not None:
            return self.batch.claimant
        found = self.claimants.get(agency)
        if found is None:
            try:
                found = named_claimant(self.unit.conn, agency, self.unit)
            except BadInput as error:
                found = error
            self.claimants[agency] = found
        if isinstance(found, LachanError):
            raise found
        if self.batch.list_name is not None and found != self.batch.claimant:
            # An edition is complete for one agency: another's row would be delisted by the next edition.
            raise BadInput(RegistryReason.UNKNOWN_AGENCY, field="agency", value=agency)
        if found != self.batch.claimant and not may(self.unit.actor, Permission.REGISTRY_IMPORT):
            raise NotAllowed(AccessReason.NOT_PERMITTED, field="agency")
        return found

    def _reject(self, row: Row, reason: Reason, field_name: str) -> None:
        self.counts["rejected"] += 1
        self.rejected.append(Rejected(row.number, field_name, reason, row.raw[:REASON_MAX]))


def identity_hash(key: str, claimant: str, reason: str) -> int:
    """How `Reading.seen` remembers a row."""
    return hash((key, claimant, reason))
