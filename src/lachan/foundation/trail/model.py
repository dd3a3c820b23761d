"""Facts, checkpoints and what a verification says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.base.errors import Reason


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened: who did what to which subject, why, on what basis, and when we learned it.

    `data` holds figures and references, never personal data; personal values appear as salted commitments.
    `rows` names the state rows this fact leaves behind, each with the digest of its content.
    """

    id: str
    sequence: int | None
    kind: str
    subject: str
    actor: str
    agency_id: str | None
    purpose: str | None
    legal_basis: str | None
    happened_at: datetime
    learned_at: datetime
    data: Mapping[str, Any]
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A sealed run of facts: the Merkle root over them, chained to the run before, signed with ed25519.

    `leaves` repeats the facts' leaf hashes (32 bytes each), so that a broken root names the broken fact.
    """

    number: int
    first_sequence: int
    last_sequence: int
    root: str
    previous_head: str
    head: str
    sealed_at: datetime
    key_id: str
    signature: str
    leaves: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What travels in every message: whoever kept one can prove a later rewriting."""

    sequence: int
    hash: str


SUCCESSION = "trail.key_succeeded"
"""The kind of the fact by which one seal key hands over to the next."""


class TrailReason(Reason):
    """What a verification can find, and why a trail cannot be used."""

    FACT_CHANGED = "trail_fact_changed"
    FACT_MISSING = "trail_fact_missing"
    FACT_INSERTED = "trail_fact_inserted"
    CHECKPOINT_CHANGED = "trail_checkpoint_changed"
    CHECKPOINT_MISSING = "trail_checkpoint_missing"
    SIGNATURE_WRONG = "trail_signature_wrong"
    HEAD_NOT_FOUND = "trail_head_not_found"
    ROW_CHANGED = "trail_row_changed"
    EXPORT_CHANGED = "trail_export_changed"
    KEY_MISSING = "trail_key_missing"
    SUCCESSION_WRONG = "trail_succession_wrong"
    KEY_NOT_IN_TURN = "trail_key_not_in_turn"
    KEY_NOT_LOST = "trail_key_not_lost"
    KEY_UNKNOWN = "trail_key_unknown"


class FindingPlace(StrEnum):
    """What kind of place a finding names."""

    FACT = "fact"
    CHECKPOINT = "checkpoint"
    ROW = "row"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken place: what is wrong and exactly where."""

    reason: TrailReason
    place: FindingPlace
    where: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification: the figures and every finding."""

    facts: int
    checkpoints: int
    unsealed: int
    rows_checked: int
    head: Head | None
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        """Nothing was found."""
        return not self.findings
