"""The race itself: the same provinces, every way of working, every delay; shares with confidence intervals."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np

from lachan.foundation.base import BadInput
from lachan.race.ceiling import ceiling
from lachan.race.model import Lap, Outcome, RaceReason, RaceRow, Strategy
from lachan.race.stage import set_stage
from lachan.race.strategies import STRATEGIES
from lachan.race.world import World
from lachan.sandbox.people import Plan

DAYS = 21
START = date(2026, 1, 5)
DELAY_MAX_MIN = 10_080
_RESAMPLES = 1_000
Progress = Callable[[int, int], None]


def race(
    people: int,
    delays_min: Sequence[int],
    strategies: Sequence[Strategy],
    seeds: Iterable[int],
    progress: Progress = lambda _done, _all: None,
) -> list[RaceRow]:
    """One row for each strategy and delay, over a province for each seed. Delays in minutes after each transfer."""
    if bad := [delay for delay in delays_min if not 0 <= delay <= DELAY_MAX_MIN]:
        raise BadInput(RaceReason.DELAY_OUT_OF_RANGE, field="delay", most=DELAY_MAX_MIN, given=bad[0])
    laps: dict[tuple[Strategy, int], list[Lap]] = {(s, d): [] for s in strategies for d in delays_min}
    chosen = list(seeds)
    total, done = len(chosen) * len(laps), 0
    for seed in chosen:
        stage = set_stage(Plan(people, DAYS, seed, START))
        for strategy, delay in laps:
            progress(done, total)
            world = World(stage, delay, seed)
            way = ceiling if strategy is Strategy.CEILING else STRATEGIES[strategy]
            laps[strategy, delay].append(world.run(way(world)))
            done += 1
    return [summed_up(strategy, delay, found) for (strategy, delay), found in laps.items()]


def summed_up(strategy: Strategy, delay_min: int, laps: Sequence[Lap]) -> RaceRow:
    """The row of one strategy at one delay. Nothing held is released here: what is held at the end is returned."""
    scams = _by_scam(laps)
    lost, held = (np.array([scam[place] for scam in scams], dtype=np.float64) for place in (0, 1))
    share = float(held.sum() / lost.sum()) if len(scams) else 0.0
    low = high = share
    if len(scams) > 1:
        drawn = np.random.default_rng(0).integers(0, len(scams), (_RESAMPLES, len(scams)))
        shares = held[drawn].sum(axis=1) / lost[drawn].sum(axis=1)
        low, high = (float(edge) for edge in np.quantile(shares, [0.025, 0.975]))
    return RaceRow(
        strategy=strategy,
        delay_min=delay_min,
        held_share=round(share, 4),
        returned_share=round(share, 4),
        innocent_vnd_hours=sum(lap.innocent_vnd_hours for lap in laps),
        requests=sum(lap.requests for lap in laps),
        low=round(low, 4),
        high=round(high, 4),
    )


def _by_scam(laps: Sequence[Lap]) -> list[tuple[int, int]]:
    """Lost and held of each victim: losses of one victim are no independent observations."""
    found = []
    for lap in laps:
        by_scam: dict[int, list[Outcome]] = {}
        for outcome in lap.outcomes:
            by_scam.setdefault(outcome.scam, []).append(outcome)
        found += [
            (sum(one.lost_vnd for one in those), sum(one.held_vnd for one in those)) for those in by_scam.values()
        ]
    return [pair for pair in found if pair[0]]
