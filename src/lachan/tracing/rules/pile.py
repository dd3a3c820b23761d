"""Coins in order of age: what LIFO and FIFO share.

Every coin that an account ever gets has a place: coin n is younger than all coins with smaller numbers, and the
number is never given again. A coin that comes back through a reversal therefore lies where it lay before.
"""

from bisect import bisect_left
from collections.abc import Sequence

from lachan.tracing.rules.pool import CLEAN, Leg, Run

_SPENT_MAX = 64


class Pile:
    """An account's coins, oldest first, as runs of one owner; neighbours of one owner are one run."""

    __slots__ = ("_runs", "_spent", "_top")

    def __init__(self, opening_vnd: int) -> None:
        self._runs: list[Run] = [Run(-opening_vnd, opening_vnd, CLEAN)] if opening_vnd else []
        self._spent = 0  # the runs before this one are used up: a list is cheap to shorten at its end only
        self._top = 0  # the place of the next coin to arrive

    def receive(self, runs: Sequence[Run]) -> int:
        """The arriving coins become the newest and keep their own order."""
        first = place = self._top
        mine = self._runs
        for _, amount_vnd, owner in runs:
            if len(mine) > self._spent:
                before = mine[-1]
                if before.owner == owner and before.place + before.amount_vnd == place:
                    mine[-1] = Run(before.place, before.amount_vnd + amount_vnd, owner)
                    place += amount_vnd
                    continue
            mine.append(Run(place, amount_vnd, owner))
            place += amount_vnd
        self._top = place
        return first

    def pull(self, place: int, amount_vnd: int, owner: int) -> list[Run]:
        """Take out those of the coins at these places that are still here."""
        runs, end = self._runs, place + amount_vnd
        start = self._find(place)
        if start > self._spent and runs[start - 1].place + runs[start - 1].amount_vnd > place:
            start -= 1
        stop = start
        found: list[Run] = []
        kept: list[Run] = []
        while stop < len(runs) and runs[stop].place < end:
            run = runs[stop]
            run_end = run.place + run.amount_vnd
            low, high = max(run.place, place), min(run_end, end)
            found.append(Run(low, high - low, run.owner))
            if run.place < low:
                kept.append(Run(run.place, low - run.place, run.owner))
            if high < run_end:
                kept.append(Run(high, run_end - high, run.owner))
            stop += 1
        runs[start:stop] = kept
        return found

    def put(self, run: Run) -> None:
        """Coins that were here before lie where they lay."""
        runs = self._runs
        at = self._find(run.place)
        after = at
        place, end, owner = run.place, run.place + run.amount_vnd, run.owner
        if at > self._spent:
            before = runs[at - 1]
            if before.owner == owner and before.place + before.amount_vnd == place:
                place, at = before.place, at - 1
        if after < len(runs) and runs[after].owner == owner and runs[after].place == end:
            end += runs[after].amount_vnd
            after += 1
        runs[at:after] = [Run(place, end - place, owner)]

    def taint(self) -> dict[int, int]:
        """How much belongs to each loss."""
        found: dict[int, int] = {}
        for _, amount_vnd, owner in self._runs[self._spent :]:
            if owner != CLEAN:
                found[owner] = found.get(owner, 0) + amount_vnd
        return found

    def _find(self, place: int) -> int:
        return bisect_left(self._runs, place, lo=self._spent, key=lambda run: run.place)

    def _give_newest(self, amount_vnd: int) -> list[Run]:
        runs = self._runs
        given: list[Run] = []
        while amount_vnd:
            run = runs[-1]
            if run.amount_vnd <= amount_vnd:
                runs.pop()
                given.append(run)
                amount_vnd -= run.amount_vnd
            else:
                left_vnd = run.amount_vnd - amount_vnd
                runs[-1] = Run(run.place, left_vnd, run.owner)
                given.append(Run(run.place + left_vnd, amount_vnd, run.owner))
                break
        given.reverse()
        return given

    def _give_oldest(self, amount_vnd: int) -> list[Run]:
        runs = self._runs
        given: list[Run] = []
        while amount_vnd:
            run = runs[self._spent]
            if run.amount_vnd <= amount_vnd:
                self._spent += 1
                given.append(run)
                amount_vnd -= run.amount_vnd
            else:
                runs[self._spent] = Run(run.place + amount_vnd, run.amount_vnd - amount_vnd, run.owner)
                given.append(Run(run.place, amount_vnd, run.owner))
                break
        if self._spent > _SPENT_MAX and self._spent * 2 > len(runs):
            del runs[: self._spent]
            self._spent = 0
        return given


def from_start(legs: Sequence[Leg], amount_vnd: int) -> tuple[list[Leg], list[Leg]]:
    """The oldest coins of a payment, and its others."""
    first: list[Leg] = []
    rest: list[Leg] = []
    for leg in legs:
        taken_vnd = min(leg.amount_vnd, amount_vnd)
        amount_vnd -= taken_vnd
        if taken_vnd:
            first.append(Leg(leg.source_place, leg.target_place, taken_vnd, leg.owner, leg.restored))
        if taken_vnd < leg.amount_vnd:
            places = leg.source_place + taken_vnd, leg.target_place + taken_vnd
            rest.append(Leg(*places, leg.amount_vnd - taken_vnd, leg.owner, leg.restored))
    return first, rest
