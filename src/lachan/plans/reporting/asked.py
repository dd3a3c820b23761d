"""The question that a figure's source answers, and its answer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, from when (inclusive) to when (exclusive), as it was known at `known_at`."""

    plan_id: str
    agency_ids: tuple[str, ...]
    begin: datetime
    end: datetime
    known_at: datetime

    @property
    def until(self) -> datetime:
        """Nothing later is counted: the period's end, or what is known so far."""
        return min(self.end, self.known_at)


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure, None where nothing can be said, and the page that shows its records (empty: none)."""

    value: Decimal | None
    link: str
