"""The question that a figure's source answers, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose work, from when (inclusive) to when (exclusive), as it was known at `known_at`.

    `kinds`: of which kinds of activity figures will be asked, so that one look finds all of them.
    """

    plan_id: str
    agency_ids: tuple[str, ...]
    begin: datetime
    end: datetime
    known_at: datetime
    kinds: tuple[str, ...] = ()
    _found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def until(self) -> datetime:
        """Nothing later is counted: the period's end, or what is known so far."""
        return min(self.end, self.known_at)

    def once(self, name: str, look: Callable[[], Any]) -> Any:
        """What several figures of one report need is looked up once."""
        if name not in self._found:
            self._found[name] = look()
        return self._found[name]


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure, None where nothing can be said, and the page that shows its records (empty: none)."""

    value: Decimal | None
    link: str
