"""Who asked how much and met what: gathered in memory, written together every few seconds.

In privacy mode only the counts are kept: then nobody can tell which listed account a bank's customer paid.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from lachan.foundation.base import new_id
from lachan.foundation.storage import Unit
from lachan.registry import Verdict
from lachan.screening.model import Screened
from lachan.screening.tables import screening_count, screening_hit

# Beyond this, hits between two writes are only counted: a flood must not fill the memory.
_HITS_MAX = 10_000


@dataclass(slots=True)
class _Gathered:
    asked: Counter[str] = field(default_factory=Counter)
    met: Counter[tuple[str, Verdict]] = field(default_factory=Counter)
    hits: list[tuple[str, str, Verdict]] = field(default_factory=list)


class Hits:
    """What this process has answered since the last write."""

    def __init__(self, *, counts_only: bool) -> None:
        self._counts_only = counts_only
        self._lock = threading.Lock()
        self._gathered = _Gathered()

    def note(self, client_id: str, asked: int, hits: Iterable[tuple[int, Screened]]) -> None:
        """Remember one call; `hits` are its lines that were not clear."""
        with self._lock:
            gathered = self._gathered
            gathered.asked[client_id] += asked
            for _, answer in hits:
                gathered.met[client_id, answer.verdict] += 1
                if not self._counts_only and answer.entry and len(gathered.hits) < _HITS_MAX:
                    gathered.hits.append((client_id, answer.entry, answer.verdict))

    def write(self, unit: Unit) -> int:
        """Write what was gathered, and forget it; returns how many keys were asked for."""
        with self._lock:
            gathered, self._gathered = self._gathered, _Gathered()
        if not gathered.asked:
            return 0
        counts = [
            {
                "id": new_id(), "at": unit.now, "client_id": client_id, "asked": asked,
                "warned": gathered.met[client_id, Verdict.WARN],
                "stepped_up": gathered.met[client_id, Verdict.STEP_UP],
                "blocked": gathered.met[client_id, Verdict.BLOCK],
            }
            for client_id, asked in gathered.asked.items()
        ]  # fmt: skip
        unit.conn.execute(sa.insert(screening_count), counts)
        if gathered.hits:
            rows = [
                {
                    "id": new_id(),
                    "at": unit.now,
                    "client_id": client_id,
                    "entry_id": entry,
                    "verdict": verdict.value,
                }
                for client_id, entry, verdict in gathered.hits
            ]
            unit.conn.execute(sa.insert(screening_hit), rows)
        return gathered.asked.total()
