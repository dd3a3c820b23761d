"""Does an order earn?  People at banks and officers take requests as they come, or the largest amount first.

Prints a Markdown table; the gain of each row over the order of arrival is of the same victims.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from lachan.race.figures import figure
from lachan.race.model import Lap, Load, Strategy
from lachan.race.run import DAYS, START, compared, mixed_row
from lachan.race.stage import country_load, set_stage
from lachan.race.strategies import Desk, Hears
from lachan.race.strategies.hops import ours, ours_largest_first
from lachan.race.world import World
from lachan.sandbox.people import Plan

WAYS: dict[str, Callable[[Desk], Hears]] = {
    "as it comes: `ours`": ours,
    "the largest amount first": ours_largest_first,
}


def main() -> None:
    """Race, print, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=5_000)
    options.add_argument("--provinces", type=int, default=10)
    options.add_argument("--first-seed", type=int, default=104)
    options.add_argument("--busy", action="store_true", help="beside the requests of the whole country")
    options.add_argument("--out", type=Path, default=None, help="the result as JSON")
    chosen = options.parse_args()
    mix: dict[int, int] = figure("early_reports_min")
    laps: dict[str, dict[int, list[Lap]]] = {name: {delay: [] for delay in mix} for name in WAYS}
    for seed in range(chosen.first_seed, chosen.first_seed + chosen.provinces):
        stage = set_stage(Plan(chosen.people, DAYS, seed, START))
        load = country_load(stage) if chosen.busy else Load()
        for name, way in WAYS.items():
            for delay in mix:
                world = World(stage, delay, seed, load)
                laps[name][delay].append(world.run(way(world)))
    weighed = {name: [(found[delay], weight) for delay, weight in mix.items()] for name, found in laps.items()}
    print(f"{chosen.provinces} provinces of {chosen.people} people, losses reported within 10 minutes\n")
    print("| Taken first | Held | More than as it comes | Innocent VND·hours | Requests |\n|---|---|---|---|---|")
    plain, result = next(iter(weighed.values())), {}
    for name, several in weighed.items():
        row, gain = mixed_row(Strategy.OURS, max(mix), several), compared(max(mix), several, plain)
        result[name] = {"row": asdict(row), "gain": asdict(gain)}
        share, low, high = (f"{100 * one:+.1f}" for one in (gain.share, gain.low, gain.high))
        print(
            f"| {name} | {100 * row.held_share:.1f} % ({100 * row.low:.1f}–{100 * row.high:.1f}) "
            f"| {share} ({low} to {high}) | {row.innocent_vnd_hours / 1e9:,.1f} bn | {row.requests:,} |"
        )
    if chosen.out is not None:
        chosen.out.write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
