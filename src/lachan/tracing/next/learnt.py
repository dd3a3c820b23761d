"""What was learnt from answers: how fast each institution answers, how fast accounts empty. Counts, and a prior.

Everything is counted on one scale of minutes, so that an answer costs a few additions and history is never read
again. Few observations are weighed against many: an institution's against all institutions', all institutions'
against the prior.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from math import log
from statistics import NormalDist
from typing import Any, NamedTuple

import yaml

from lachan.foundation.base import VIETNAM
from lachan.tracing.next.model import Road

# Upper edges of the scale in minutes; MIDS are where a step's observations are taken to lie.
EDGES = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 90.0, 240.0)
MIDS = (0.25, 0.75, 1.5, 2.5, 4.0, 6.5, 10.0, 16.0, 30.0, 65.0, 165.0, 480.0)
STEPS = len(MIDS)
# From here on a bank asks for a face check (Decision 2345/QĐ-NHNN): gangs treat such money differently.
_BIG_VND = 10_000_000
_OFFICE_HOURS = range(8, 17)
_PERMILLE = 1_000
_P90 = NormalDist().inv_cdf(0.9)


class Increment(NamedTuple):
    """One observation: `seen` more at this step of the subject's scale, `permille` more in its sum."""

    subject: str
    step: int
    seen: int
    permille: int


def step_of(minutes: float) -> int:
    """The step of the scale."""
    return bisect_right(EDGES, minutes)


def answer_subjects(institution: str, asked_at: datetime) -> tuple[str, str, str]:
    """What an answer tells about: institutions, this one, and this one at such hours."""
    hours = "office" if asked_at.astimezone(VIETNAM).hour in _OFFICE_HOURS else "other"
    return ("answer", f"answer:{institution}", f"answer:{institution}:{hours}")


def answer_seen(institution: str, asked_at: datetime, minutes: float, seen: int = 1) -> tuple[Increment, ...]:
    """An institution has answered after so many minutes."""
    return tuple(Increment(one, step_of(minutes), seen, 0) for one in answer_subjects(institution, asked_at))


def left_seen(road: Road, amount_vnd: int, minutes: float, left_vnd: int) -> tuple[Increment, ...]:
    """So many minutes after `amount_vnd` came to an account, `left_vnd` of it lay there."""
    if amount_vnd <= 0 or minutes < 0:
        return ()
    permille = _PERMILLE * min(left_vnd, amount_vnd) // amount_vnd
    return (Increment(_left_subject(road, amount_vnd), step_of(minutes), 1, permille),)


class Counts:
    """What was learnt, as counts by subject and step: (observations, sum of permilles)."""

    def __init__(self, rows: Iterable[Increment] = ()) -> None:
        self._cells: dict[str, list[tuple[int, int]]] = {}
        self._curves: dict[str, tuple[float, ...]] = {}
        self.add(rows)

    def add(self, increments: Iterable[Increment]) -> None:
        """Learn one thing more."""
        for subject, step, seen, permille in increments:
            row = self._cells.setdefault(subject, [(0, 0)] * STEPS)
            row[step] = (row[step][0] + seen, row[step][1] + permille)
            if subject.startswith("answer"):
                self._curves.clear()
            else:
                self._curves.pop(subject, None)

    def seen(self, subject: str) -> int:
        """How many observations there are."""
        return sum(max(0, seen) for seen, _ in self._cells.get(subject, ()))

    def answers(self, institution: str | None, asked_at: datetime) -> tuple[float, ...]:
        """The chance of an answer in each step of the scale, for a request made at that hour; sums to 1."""
        prior = _prior("answer_minutes")
        chances = tuple(prior["weight"] / STEPS for _ in range(STEPS))
        if institution is None:
            return self._mixed("answer", chances)
        name = f"{institution} {answer_subjects(institution, asked_at)[2]}"
        if name not in self._curves:
            weight = float(_prior("institution_weight")["value"])
            whole, own, hours = answer_subjects(institution, asked_at)
            chances = self._mixed(whole, chances)
            chances = self._mixed(own, tuple(weight * one for one in chances))
            self._curves[name] = self._mixed(hours, tuple(weight * one for one in chances))
        return self._curves[name]

    def left(self, road: Road, amount_vnd: int, minutes: float) -> float:
        """The share of money that still lies in its account after so many minutes; never more than before."""
        subject = _left_subject(road, amount_vnd)
        if subject not in self._curves:
            weight = _prior("empty_minutes")["weight"]
            cells = self._cells.get(subject, [(0, 0)] * STEPS)
            self._curves[subject] = _falling(
                ((weight * believed + permille / _PERMILLE) / (weight + seen), weight + seen)
                for believed, (seen, permille) in zip(_believed_left(road), cells, strict=True)
            )
        return _between(self._curves[subject], max(0.0, minutes))

    def _mixed(self, subject: str, before: tuple[float, ...]) -> tuple[float, ...]:
        cells = self._cells.get(subject, [(0, 0)] * STEPS)
        summed = [one + max(0, seen) for one, (seen, _) in zip(before, cells, strict=True)]
        total = sum(summed)
        return tuple(one / total for one in summed)


def _left_subject(road: Road, amount_vnd: int) -> str:
    return f"left:{road}:{'big' if amount_vnd >= _BIG_VND else 'small'}"


def _falling(shares: Iterable[tuple[float, float]]) -> tuple[float, ...]:
    """The nearest curve that never rises: neighbours that would are averaged (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for share, weight in shares:
        steps = 1
        while pools and pools[-1][0] < share:
            before, heavy, more = pools.pop()
            share = (before * heavy + share * weight) / (heavy + weight)
            weight, steps = heavy + weight, more + steps
        pools.append((share, weight, steps))
    return tuple(share for share, _, steps in pools for _ in range(steps))


def _between(curve: tuple[float, ...], minutes: float) -> float:
    """The curve at that minute: 1 at the beginning, straight between the middles of the steps."""
    place = bisect_right(MIDS, minutes)
    if place == STEPS:
        return curve[-1]
    low, before = (MIDS[place - 1], curve[place - 1]) if place else (0.0, 1.0)
    return before + (curve[place] - before) * (minutes - low) / (MIDS[place] - low)


@cache
def _believed_left(road: Road) -> tuple[float, ...]:
    low, high = (log(minutes) for minutes in _prior("empty_minutes")["value"][road])
    emptied = NormalDist((low + high) / 2, (high - low) / 2 / _P90)
    share = float(_prior("emptied_share")["value"])
    return tuple(1 - share * emptied.cdf(log(minutes)) for minutes in MIDS)


def _prior(name: str) -> Mapping[str, Any]:
    return all_priors()[name]


@cache
def all_priors() -> dict[str, dict[str, Any]]:
    """What is believed before anything is learnt, each with its source or its excuse."""
    text = resources.files("lachan.tracing.next").joinpath("data", "priors.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found
