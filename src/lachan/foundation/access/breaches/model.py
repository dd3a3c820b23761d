"""Breaches of personal data: found, notified in time, closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BreachState(StrEnum):
    """Where the handling of a breach stands."""

    OPEN = "open"
    NOTIFIED = "notified"
    CLOSED = "closed"


# A breach may close without a notice where none is owed; the conclusion then says why.
NEXT = {
    BreachState.OPEN: frozenset({BreachState.NOTIFIED, BreachState.CLOSED}),
    BreachState.NOTIFIED: frozenset({BreachState.CLOSED}),
    BreachState.CLOSED: frozenset[BreachState](),
}


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach. `notify_by`: the authority must know by then (Law 91/2025/QH15 art. 23; the clock is data)."""

    id: str
    state: BreachState
    found_at: datetime
    what: str
    people_count: int
    notify_by: datetime
    notified_at: datetime | None
    notified_to: str | None
    conclusion: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the notice is late: still owed, or sent after its time."""
        if self.notified_at is not None:
            return self.notified_at >= self.notify_by
        return self.state is BreachState.OPEN and now >= self.notify_by
