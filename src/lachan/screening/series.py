"""Who tries out a series of numbers in no order: very many different ones, of one bank or of one small range.

Payments go back to the same shops and to many banks; a list that is tried out never repeats itself and stays where
it is. Of each caller the 256 keys with the smallest secret hash are kept: an even sample of all *different*
keys that were looked at, however often each was asked, so memory does not grow with the window.
"""

import heapq
import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from lachan.foundation.taxonomy import Threshold, clock, threshold

KEPT = 256
# Ranges of ten thousand to a hundred million numbers: smaller is a firm's payroll, larger nobody can cover.
_RANGES = range(4, 9)
# Where a bank is not named, numbers alike up to here are one series: an operator's prefix, a model of telephone.
_SERIES_TAIL = 7
_NUMBERS = (b"account:", b"phone:", b"wallet:", b"imei:", b"citizen:")
_ACCOUNT = b"account:"
_DIGITS = 6
# Weighed again when so much more was looked at: a hundred times in a day of a million.
_GROWTH = 1.1
_FIRST = 64
_LOWEST, _HIGHEST, _HASHES = -(1 << 63), (1 << 63) - 1, float(1 << 64)


@dataclass(frozen=True, slots=True)
class SeriesLimits:
    """From when on it is no longer payments or questions; `span_s` is the window's length."""

    keys: Threshold
    share: Threshold
    fresh: Threshold
    covered: Threshold
    missed_share: Threshold
    span_s: float

    @classmethod
    def on(cls, asker: str, now: datetime) -> "SeriesLimits":
        """In force on that day, for an institution or for the public."""
        return cls(
            threshold(f"series_keys_{asker}", now), threshold(f"series_share_{asker}", now),
            threshold("series_fresh_share", now), threshold("series_covered_share", now),
            threshold("missed_share", now), clock("lookup_series_window", now).duration.total_seconds(),
        )  # fmt: skip


@dataclass(slots=True)
class Sketch:
    """What one caller asked since `began_s`: sums, and the even sample of different keys."""

    limits: SeriesLimits
    began_s: float
    asked: float = 0.0
    missed: float = 0.0
    looked_at: int = 0
    told: bool = False
    _next: int = _FIRST
    _worst: int = _HIGHEST
    _heap: list[int] = field(default_factory=list)
    _kept: dict[int, bytes] = field(default_factory=dict)
    # How often each kept key was met. Whatever is kept was kept from its first time on, so this is exact.
    _met: dict[int, int] = field(default_factory=dict)

    def add(self, lines: Collection[bytes], count: int, missed: int) -> bool:
        """Remember a call of `count` keys of which `lines` were looked at; whether it is time to `weigh`."""
        for line in lines:
            # Python's own hash of bytes: secret to the process, so nobody can choose keys that are not kept.
            mark = hash(line)
            if mark <= self._worst:
                self._keep(mark, line)
        self.asked += count
        self.missed += missed
        self.looked_at += len(lines)
        if self.looked_at < self._next:
            return False
        self._next = int(self.looked_at * _GROWTH) + 1
        return not self.told

    def weigh(self) -> int:
        """How many different numbers of one series were tried out, about; 0 where these look like payments."""
        limits = self.limits
        fresh = self._different() / self.looked_at
        different = self.asked * fresh
        if not limits.keys.reached(int(different)) or not _reached(limits.missed_share, self.missed / self.asked):
            return 0
        size, found = len(self._kept), 0.0
        keys = [key for key in self._kept.values() if key.startswith(_NUMBERS) and key[-_DIGITS:].isdigit()]
        if not keys:
            return 0
        # Few shops that everybody pays are hardly among the kept, but make the different ones few; that is an
        # estimate, so three standard deviations more.
        if _reached(limits.fresh, min(size / sum(self._met.values()), fresh + 3 / math.sqrt(KEPT))):
            _, most = Counter(map(_series, keys)).most_common(1)[0]
            if _reached(limits.share, most / size):
                found = different * most / size
        for tail in _RANGES:
            _, most = Counter([key[:-tail] for key in keys]).most_common(1)[0]
            # The fullest of many looks fuller than it is; so three standard deviations less.
            share = max(0.0, most - 3 * math.sqrt(most)) / size if most < size else 1.0
            if _reached(limits.covered, different * share / 10**tail):
                found = max(found, different * share)
        return int(found) if limits.keys.reached(int(found)) else 0

    def _keep(self, mark: int, line: bytes) -> None:
        if mark in self._met:
            self._met[mark] += 1
            return
        self._kept[mark], self._met[mark] = line, 1
        heapq.heappush(self._heap, -mark)
        if len(self._heap) > KEPT:
            last = -heapq.heappop(self._heap)
            del self._kept[last], self._met[last]
        if len(self._heap) == KEPT:
            self._worst = -self._heap[0]

    def _different(self) -> float:
        """How many different keys were looked at: exact while all are kept, then by how low the hashes are."""
        if len(self._heap) < KEPT:
            return len(self._heap)
        return min(self.looked_at, (KEPT - 1) * _HASHES / (self._worst - _LOWEST))


def _series(key: bytes) -> bytes:
    bank, _, _ = key.rpartition(b":")
    return bank if bank.startswith(_ACCOUNT) else key[:-_SERIES_TAIL]


def _reached(limit: Threshold, share: float) -> bool:
    return limit.reached(int(100 * share))
