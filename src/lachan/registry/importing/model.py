"""What an import tells: counts, what it refused and why, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass

from lachan.foundation.base import Reason
from lachan.registry.model import Counts

Progress = Callable[[int], None]
"""Called with the number of rows done so far."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its line, the column to blame, why, and the row as it stood."""

    line: int
    field: str
    reason: Reason
    row: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `rejected` are all refused rows, also from before a kill; `resumed`: it went on."""

    batch_id: str
    counts: Counts
    rejected: tuple[Rejected, ...]
    resumed: bool
