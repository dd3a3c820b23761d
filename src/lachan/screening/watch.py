"""Who walks through numbers: one beside the other, a series in no order, or very many of which nothing is known.

A bank's payments and a school's questions go to numbers far apart; whoever tries out a list asks for neighbours.
Only a sample of each call is looked at, so a call of a thousand keys costs as much as one of sixteen. Kept in the
process: what is found is written down, the rest is forgotten with its window.
"""

import math
import random
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lachan.foundation.access import RateLimit
from lachan.foundation.base import InputReason, NotAllowed
from lachan.foundation.taxonomy import Threshold, clock, threshold
from lachan.screening.series import SeriesLimits, Sketch

SAMPLED = 16
_RUNS = 4
_MINUTE = timedelta(minutes=1)
# Keys that differ in their last two digits only are neighbours.
_TAIL = 2
_DIGITS = 6
_BITS = {b"%02d" % number: 1 << number for number in range(10**_TAIL)}
# So many hundreds of numbers are remembered of a caller: few enough that payments rarely meet in one by chance.
_BLOCKS_MAX = 512
_CALLERS_MAX = 20_000
# Of strangers, and as many of institutions, whom strangers thus cannot wash out; some 75 kB each when full.
_SKETCHES_MAX = 2_000
_FOUND_MAX = 1_000


class Asker(StrEnum):
    """Whose look-ups; each has thresholds of its own."""

    INSTITUTION = "institution"
    PUBLIC = "public"


class Sign(StrEnum):
    """What was found."""

    NEAR = "near"
    SERIES = "series"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Found:
    """A sign, with what the caller (a client's id, or an address) asked in the window: keys, about how many.

    `near`: neighbours of others; with the sign SERIES, different numbers of that series.
    """

    asker: Asker
    caller: str
    sign: Sign
    at: datetime
    asked: int
    near: int
    missed: int


@dataclass(frozen=True, slots=True)
class _Limits:
    near: Threshold
    near_share: Threshold
    many: Threshold
    missed_share: Threshold
    window_s: float
    slowed_s: float

    @classmethod
    def on(cls, asker: Asker, now: datetime) -> "_Limits":
        return cls(
            threshold(f"near_keys_{asker}", now), threshold(f"near_share_{asker}", now),
            threshold(f"many_keys_{asker}", now), threshold("missed_share", now),
            clock("lookup_window", now).duration.total_seconds(),
            clock("lookup_slowed", now).duration.total_seconds(),
        )  # fmt: skip


@dataclass(slots=True)
class _Window:
    """What one caller asked since `began_s`; sums are estimated from the sample."""

    limits: _Limits
    began_s: float
    asked: float = 0.0
    near: float = 0.0
    missed: float = 0.0
    told: set[Sign] = field(default_factory=set)


@dataclass(slots=True)
class _Caller:
    window: _Window
    slowed_until_s: float = 0.0
    blocks: OrderedDict[bytes, int] = field(default_factory=OrderedDict)


class Watch:
    """Of this process. Times are the wall's: limits do not follow a simulated clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callers: OrderedDict[tuple[Asker, str], _Caller] = OrderedDict()
        self._sketches: dict[Asker, OrderedDict[str, Sketch]] = {asker: OrderedDict() for asker in Asker}
        self._found: list[Found] = []
        self._random = random.Random()  # noqa: S311 (which lines are looked at; guessing them gains little)

    def note(self, asker: Asker, caller: str, text: bytes, count: int, hits: int, wall_now: datetime) -> None:
        """Remember one call of `count` keys, one a line, of which `hits` were not clear."""
        lines = self._sample(text, count)
        if not lines:
            return
        with self._lock:
            known = self._known(asker, caller, wall_now)
            near = sum([_is_near(known.blocks, line) for line in lines])
            self._add(asker, caller, known, count, near * count / len(lines), count - hits, wall_now)
            # Runs may overlap: what was looked at twice was not asked twice.
            once = lines if count <= SAMPLED else set(lines)
            self._add_series(asker, caller, once, count, count - hits, wall_now)

    def require(self, asker: Asker, caller: str, key: str, wall_now: datetime) -> None:
        """Remember one key about to be looked up, or refuse it: TOO_MANY_REQUESTS with the seconds to wait.

        Only neighbours of what a slowed caller asked are refused: others behind the same address look up on.
        """
        with self._lock:
            known = self._known(asker, caller, wall_now)
            line = key.encode()
            near = _is_near(known.blocks, line)
            left_s = known.slowed_until_s - wall_now.timestamp()
            if near and left_s > 0:
                # What was refused was not answered: asked once more, it is a neighbour still.
                known.blocks[line[:-_TAIL]] &= ~(1 << int(line[-_TAIL:]))
                self._add(asker, caller, known, 1, 1.0, 0, wall_now)
                raise NotAllowed(InputReason.TOO_MANY_REQUESTS, seconds=math.ceil(left_s))
            self._add(asker, caller, known, 1, float(near), 1, wall_now)
            self._add_series(asker, caller, [line], 1, 1, wall_now)

    def slowed(self, asker: Asker, caller: str, wall_now: datetime) -> RateLimit | None:
        """The limit of keys under which a caller stands who walked through numbers; None for all others."""
        known = self._callers.get((asker, caller))
        if known is None or known.slowed_until_s <= wall_now.timestamp():
            return None
        return RateLimit("slowed_keys", threshold("slowed_keys_minute", wall_now).value, _MINUTE)

    def found(self) -> list[Found]:
        """What was found since the last time."""
        with self._lock:
            found, self._found = self._found, []
        return found

    def _known(self, asker: Asker, caller: str, wall_now: datetime) -> _Caller:
        now_s, name = wall_now.timestamp(), (asker, caller)
        known = self._callers.get(name)
        if known is None:
            while len(self._callers) >= _CALLERS_MAX:
                self._callers.popitem(last=False)
            known = self._callers[name] = _Caller(_Window(_Limits.on(asker, wall_now), now_s))
        elif now_s - known.window.began_s >= known.window.limits.window_s:
            known.window = _Window(_Limits.on(asker, wall_now), now_s)
            self._callers.move_to_end(name)
        return known

    def _add(
        self, asker: Asker, caller: str, known: _Caller, count: int, near: float, missed: int, wall_now: datetime
    ) -> None:  # fmt: skip
        window, limits = known.window, known.window.limits
        window.asked += count
        window.near += near
        window.missed += missed
        if limits.near.reached(int(window.near)) and _share(limits.near_share, window.near, window.asked):
            known.slowed_until_s = wall_now.timestamp() + limits.slowed_s
            self._tell(asker, caller, Sign.NEAR, window, wall_now)
        if limits.many.reached(int(window.asked)) and _share(limits.missed_share, window.missed, window.asked):
            self._tell(asker, caller, Sign.MANY, window, wall_now)

    def _add_series(
        self, asker: Asker, caller: str, lines: Collection[bytes], count: int, missed: int, wall_now: datetime
    ) -> None:  # fmt: skip
        now_s, sketches = wall_now.timestamp(), self._sketches[asker]
        sketch = sketches.get(caller)
        if sketch is None or now_s - sketch.began_s >= sketch.limits.span_s:
            while len(sketches) >= _SKETCHES_MAX:
                sketches.popitem(last=False)
            sketch = sketches[caller] = Sketch(SeriesLimits.on(asker, wall_now), now_s)
        sketches.move_to_end(caller)
        if sketch.add(lines, count, missed) and (tried := sketch.weigh()) and len(self._found) < _FOUND_MAX:
            sketch.told = True
            sums = (int(sketch.asked), tried, int(sketch.missed))
            self._found.append(Found(asker, caller, Sign.SERIES, wall_now, *sums))

    def _tell(self, asker: Asker, caller: str, sign: Sign, window: _Window, wall_now: datetime) -> None:
        if sign in window.told or len(self._found) >= _FOUND_MAX:
            return
        window.told.add(sign)
        sums = map(int, (window.asked, window.near, window.missed))
        self._found.append(Found(asker, caller, sign, wall_now, *sums))

    def _sample(self, text: bytes, count: int) -> list[bytes]:
        if count <= SAMPLED:
            return text.split(b"\n") if count else []
        size, lines = len(text), []
        for _ in range(_RUNS):
            # Some lines together, from anywhere: neighbours stand together, or else they come again elsewhere.
            start = text.rfind(b"\n", 0, int(self._random.random() * size)) + 1
            for _ in range(SAMPLED // _RUNS):
                stop = text.find(b"\n", start)
                lines.append(text[start : stop if stop >= 0 else size])
                if stop < 0:
                    break
                start = stop + 1
        return lines


def _is_near(blocks: OrderedDict[bytes, int], key: bytes) -> bool:
    """Whether another number of the same hundred was asked for; the same number again is no neighbour."""
    bit = _BITS.get(key[-_TAIL:])
    if bit is None:
        return False
    block = key[:-_TAIL]
    seen = blocks.get(block)
    if seen is None:
        if len(blocks) >= _BLOCKS_MAX:
            blocks.popitem(last=False)
        blocks[block] = bit
        return False
    if seen & bit or not key[-_DIGITS:].isdigit():
        return False
    blocks[block] = seen | bit
    blocks.move_to_end(block)
    return True


def _share(limit: Threshold, part: float, whole: float) -> bool:
    return limit.reached(int(100 * part / whole))
