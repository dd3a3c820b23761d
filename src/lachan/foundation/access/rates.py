"""How often one caller may ask. Kept in the process: a limit protects, it is not a record.

Each limit is a bucket that empties steadily (GCRA): a burst up to the whole count, then one every `per / count`.
Several people share an address (an office, a mobile carrier's gateway), so addresses get much and codes little.
"""

import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from lachan.foundation.base import InputReason, NotAllowed

_KEYS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `count` at once, refilled evenly in `per`."""

    name: str
    count: int
    per: timedelta

    @property
    def each_s(self) -> float:
        """Seconds until one more is free."""
        return self.per.total_seconds() / self.count


# One code is somebody's own: a few looks a minute. One address may be a whole commune's.
STATUS_BY_CODE = RateLimit("status_by_code", 10, timedelta(minutes=1))
STATUS_BY_ADDRESS = RateLimit("status_by_address", 600, timedelta(minutes=1))
# A code that does not exist costs as much as this many that do: guessing ends soon, reading does not.
WRONG_CODE_COST = 20
REPORTS_BY_ADDRESS = RateLimit("reports_by_address", 60, timedelta(minutes=10))
# Reading a picture costs a second of a processor.
PICTURES_BY_ADDRESS = RateLimit("pictures_by_address", 60, timedelta(minutes=10))
# Each identifier of a check counts. A class of forty behind one address is served at once; one browser asks no more
# than a person does. Whoever walks through numbers meets both.
CHECKS_BY_ADDRESS = RateLimit("checks_by_address", 1_200, timedelta(minutes=10))
CHECKS_BY_BROWSER = RateLimit("checks_by_browser", 60, timedelta(minutes=10))
SIGN_INS_BY_ADDRESS = RateLimit("sign_ins_by_address", 60, timedelta(minutes=5))
TOKENS_BY_CLIENT = RateLimit("tokens_by_client", 30, timedelta(minutes=1))
CALLS_BY_CLIENT = RateLimit("calls_by_client", 6_000, timedelta(minutes=1))
# Keys, and a few more for each call: a large bank's payments at their busiest, and no list of all accounts.
SCREENED_BY_CLIENT = RateLimit("screened_by_client", 1_200_000, timedelta(minutes=1))

# What changed since a moment ago is asked for every second or so; a whole list costs as much as sixty of these.
COPIES_BY_CLIENT = RateLimit("copies_by_client", 1_200, timedelta(minutes=1))
WHOLE_COPY_COST = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left, for the `RateLimit` headers: `remaining` now, all again in `reset_s`; or wait `retry_s`."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int
    retry_s: int


class RateLimiter:
    """Counts by limit and key. Safe to share between threads; forgets keys whose buckets are full again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._empty_at: dict[tuple[str, str], float] = {}

    def take(self, limit: RateLimit, key: str, wall_now: datetime, *, cost: int = 1) -> Allowance:
        """Take `cost` from the key's bucket if that much is there; a refused call takes nothing."""
        now_s, span_s = wall_now.timestamp(), limit.per.total_seconds()
        with self._lock:
            if len(self._empty_at) >= _KEYS_MAX:
                self._forget(now_s)
            before = max(self._empty_at.get((limit.name, key), now_s), now_s)
            after = before + min(cost, limit.count) * limit.each_s
            # A hair's breadth for the rounding of seconds as floats.
            allowed = after - now_s <= span_s + 1e-6
            if allowed:
                self._empty_at[limit.name, key] = after
        used_s = (after if allowed else before) - now_s
        return Allowance(
            allowed,
            limit.count,
            max(0, math.floor((span_s - used_s) / limit.each_s + 1e-6)),
            math.ceil(used_s),
            0 if allowed else max(1, math.ceil(after - now_s - span_s)),
        )

    def require(self, limit: RateLimit, key: str, wall_now: datetime, *, cost: int = 1) -> Allowance:
        """`take`, or refuse TOO_MANY_REQUESTS with the seconds to wait."""
        allowance = self.take(limit, key, wall_now, cost=cost)
        if not allowance.allowed:
            raise NotAllowed(InputReason.TOO_MANY_REQUESTS, seconds=allowance.retry_s)
        return allowance

    def _forget(self, now_s: float) -> None:
        self._empty_at = {key: at for key, at in self._empty_at.items() if at > now_s}
        if len(self._empty_at) >= _KEYS_MAX:
            # A flood from everywhere: those who are nearly free again go first.
            kept = sorted(self._empty_at.items(), key=lambda item: item[1])[_KEYS_MAX // 2 :]
            self._empty_at = dict(kept)
