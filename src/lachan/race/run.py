"""The race itself: the same provinces, every way of working, every delay; shares with confidence intervals."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context

import numpy as np

from lachan.foundation.base import BadInput
from lachan.race.ceiling import ceiling
from lachan.race.figures import figure
from lachan.race.model import Gain, Lap, Load, Outcome, RaceReason, RaceResult, RaceRow, Spread, Strategy
from lachan.race.stage import country_load, set_stage
from lachan.race.strategies import STRATEGIES
from lachan.race.world import World
from lachan.sandbox.people import Plan, check_plan

DAYS = 21
START = date(2026, 1, 5)
DELAY_MAX_MIN = 10_080
_RESAMPLES = 1_000
Progress = Callable[[int, int], None]


Laps = dict[tuple[Strategy, int], list[Lap]]
# Lost and held of each that an interval draws anew, in VND.
_Drawn = list[tuple[float, float]]
# Laps of several delays, each with the weight of its delay.
_Several = Sequence[tuple[Sequence[Lap], int]]
_COMPARED = (Strategy.OURS, Strategy.OURS_NO_OPTIMISER)


def race(
    people: int,
    delays_min: Sequence[int],
    strategies: Sequence[Strategy],
    seeds: Iterable[int],
    progress: Progress = lambda _done, _all: None,
    *,
    early: bool = False,
    busy: bool = False,
    processes: int = 1,
) -> RaceResult:
    """One row for each strategy and delay, over a province for each seed. Delays in minutes after each transfer.

    `early` races the delays of reports within ten minutes too, as the figures mix them. `busy`: institutions and
    officers have the whole country's requests to take up beside the province's. With several `processes` provinces
    are raced side by side, with the same result.
    """
    if bad := [delay for delay in delays_min if not 0 <= delay <= DELAY_MAX_MIN]:
        raise BadInput(RaceReason.DELAY_OUT_OF_RANGE, field="delay", most=DELAY_MAX_MIN, given=bad[0])
    chosen = list(seeds)
    for seed in chosen:
        check_plan(Plan(people, DAYS, seed, START))
    mix: dict[int, int] = figure("early_reports_min") if early else {}
    laps: Laps = {(s, d): [] for s in strategies for d in dict.fromkeys((*delays_min, *mix))}
    total, done = len(chosen) * len(laps), 0

    def lapped(laps_done: int = 1) -> None:
        nonlocal done
        done += laps_done
        progress(done, total)

    lapped(0)
    one = partial(_province, people, list(laps), busy)
    if processes == 1:
        provinces = [one(seed, lapped) for seed in chosen]
    else:
        provinces = []
        # Afresh, not forked: whoever calls may have threads.
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            for found in pool.map(one, chosen):
                provinces.append(found)
                lapped(len(found))
    for found in provinces:
        for key, lap in zip(laps, found, strict=True):
            laps[key].append(lap)
    rows = tuple(summed_up(s, d, laps[s, d]) for s in strategies for d in delays_min)
    mixed = {s: [(laps[s, d], weight) for d, weight in mix.items()] for s in strategies} if mix else {}
    soon = tuple(mixed_row(strategy, max(mix), several) for strategy, several in mixed.items())
    if not set(_COMPARED) <= set(strategies):
        return RaceResult(rows, early=soon)
    gains = tuple(compared(d, *([(laps[s, d], 1)] for s in _COMPARED)) for d in delays_min)
    return RaceResult(rows, gains, soon, compared(max(mix), *(mixed[s] for s in _COMPARED)) if mix else None)


def _province(
    people: int,
    ways: Sequence[tuple[Strategy, int]],
    busy: bool,
    seed: int,
    lapped: Callable[[], None] | None = None,
) -> list[Lap]:
    """A lap of each way of working at each delay, in one province."""
    stage = set_stage(Plan(people, DAYS, seed, START))
    load = country_load(stage) if busy else Load()
    laps = []
    for strategy, delay in ways:
        world = World(stage, delay, seed, load)
        way = ceiling if strategy is Strategy.CEILING else STRATEGIES[strategy]
        laps.append(world.run(way(world)))
        if lapped is not None:
            lapped()
    return laps


def summed_up(strategy: Strategy, delay_min: int, laps: Sequence[Lap]) -> RaceRow:
    """The row of one strategy at one delay."""
    return mixed_row(strategy, delay_min, [(laps, 1)])


def mixed_row(strategy: Strategy, delay_min: int, several: _Several) -> RaceRow:
    """Laps with the weight that each delay has; requests and harm are means over the weights."""
    found, weights = _drawn(several), sum(weight for _, weight in several)
    lost, held = sum(one[0] for one in found), sum(one[1] for one in found)
    share = held / lost if found else 0.0
    low, high = _interval(found)
    kept = _drawn(several, returned=_returned(strategy))
    returned = sum(one[1] for one in kept) / lost if found else 0.0
    harm, requests = (_by_province(several, of) for of in (_harm_of, _requests_of))
    returned_low, returned_high = _interval(kept)
    return RaceRow(
        strategy=strategy,
        delay_min=delay_min,
        held_share=round(share, 4),
        returned_share=round(returned, 4),
        innocent_vnd_hours=sum(harm) // weights,
        requests=sum(requests) // weights,
        low=round(low, 4),
        high=round(high, 4),
        spread=Spread(
            (round(returned_low, 4), round(returned_high, 4)),
            _interval_of_sum(harm, weights),
            _interval_of_sum(requests, weights),
        ),
    )


def _harm_of(lap: Lap) -> int:
    return lap.innocent_vnd_hours


def _requests_of(lap: Lap) -> int:
    return lap.requests


def _by_province(several: _Several, of: Callable[[Lap], int]) -> list[int]:
    """A sum for each province over its laps, each as often as its delay weighs."""
    return [sum(of(laps[place]) * weight for laps, weight in several) for place in range(len(several[0][0]))]


def _returned(strategy: Strategy) -> Callable[[Outcome], float]:
    """What of a held loss comes back: by published practice, else all that is confirmed and not contested."""
    practice: dict[str, float] = figure("returned_of_held")
    uncontested = 1 - figure("contested_share")
    if strategy in practice:
        return lambda outcome: outcome.held_vnd * practice[strategy]
    if strategy is Strategy.CEILING:
        return lambda outcome: float(outcome.held_vnd)
    return lambda outcome: outcome.held_vnd * uncontested * outcome.confirmed


def compared(delay_min: int, with_it: _Several, without: _Several) -> Gain:
    """Ours against itself without its order, of the same victims."""
    both = list(zip(_drawn(with_it), _drawn(without), strict=True))
    difference = [(one[0], more[1] - one[1]) for more, one in both]
    low, high = _interval(difference)
    share = sum(one[1] for one in difference) / sum(one[0] for one in difference) if difference else 0.0
    return Gain(*_COMPARED, delay_min, round(share, 4), round(low, 4), round(high, 4))


def _interval(found: _Drawn) -> tuple[float, float]:
    """Where 95 % of the shares lie when provinces, or victims, are drawn anew."""
    if len(found) < 2:
        share = found[0][1] / found[0][0] if found else 0.0
        return share, share
    lost, held = (np.array([one[place] for one in found], dtype=np.float64) for place in (0, 1))
    drawn = np.random.default_rng(0).integers(0, len(found), (_RESAMPLES, len(found)))
    low, high = np.quantile(held[drawn].sum(axis=1) / lost[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _interval_of_sum(sums: Sequence[int], weights: int) -> tuple[int, int]:
    """Where 95 % of the sums lie when provinces are drawn anew; one province says nothing of others."""
    found = np.array(sums, dtype=np.float64) / weights
    drawn = np.random.default_rng(0).integers(0, len(found), (_RESAMPLES, len(found)))
    low, high = np.quantile(found[drawn].sum(axis=1), [0.025, 0.975])
    return round(float(low)), round(float(high))


def _drawn(several: _Several, returned: Callable[[Outcome], float] | None = None) -> _Drawn:
    """Lost and held (or returned) of each province: its victims share gangs, accounts and banks.

    Of one province alone, of each victim: losses of one victim are no independent observations either.
    """
    alone = len(several[0][0]) == 1
    found: dict[int, tuple[float, float]] = {}
    for laps, weight in several:
        for place, lap in enumerate(laps):
            for outcome in lap.outcomes:
                key = outcome.scam if alone else place
                lost, held = found.get(key, (0.0, 0.0))
                kept = returned(outcome) if returned else outcome.held_vnd
                found[key] = (lost + weight * outcome.lost_vnd, held + weight * kept)
    return [found[key] for key in sorted(found)]
