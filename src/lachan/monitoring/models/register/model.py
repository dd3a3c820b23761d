"""A model as the register knows it, and its life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What may be done with a model: nothing before a second person has approved it, nothing once it is retired."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETIRED = "retired"


NEXT: Mapping[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.APPROVED, State.REJECTED}),
    State.APPROVED: frozenset({State.RETIRED}),
    State.REJECTED: frozenset(),
    State.RETIRED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One model. `digest` is its file's SHA-256, `model_id` the first 16 digits of it; `figures` what
    was measured on its tested span.

    `valid_from` and `valid_to` bound its use, the latter excluded; None: no end.
    """

    id: str
    model_id: str
    digest: str
    data_hash: str
    trained_to: datetime
    seed: int
    figures: Mapping[str, Any]
    note: str
    proposed_at: datetime
    proposed_by: str
    state: State
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_note: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    retired_at: datetime | None = None
    retired_by: str | None = None
    retired_note: str | None = None

    def serves(self, now: datetime) -> bool:
        """Whether the service may score with it at that instant."""
        return (
            self.state is State.APPROVED
            and self.valid_from is not None
            and self.valid_from <= now
            and (self.valid_to is None or now < self.valid_to)
        )
