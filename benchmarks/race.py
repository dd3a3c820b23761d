"""What share of stolen money does each way of working hold?  The same thefts for all of them, with intervals.

Prints the rows as Markdown, the target's lines, and writes everything as JSON. Nothing is timed. With `--early`
only reports within ten minutes, `ours` with and without its optimiser, over the many provinces that it takes.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from lachan.race import RaceResult, RaceRow, Strategy, race

DELAYS_MIN = (5, 10, 30, 60, 180, 360)
COMPARED = (Strategy.OURS_NO_OPTIMISER, Strategy.OURS)


def table(rows: tuple[RaceRow, ...]) -> str:
    """Rows by strategy, delays as columns; share held, its interval."""
    delays = list(dict.fromkeys(row.delay_min for row in rows))
    heads = " | ".join(f"{delay} min" for delay in delays)
    lines = [f"| Strategy | {heads} |", "|---" * (len(delays) + 1) + "|"]
    for strategy in dict.fromkeys(row.strategy for row in rows):
        cells = [_share(row) for row in rows if row.strategy is strategy]
        lines.append(f"| `{strategy}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def early_table(rows: tuple[RaceRow, ...]) -> str:
    """Losses reported within ten minutes."""
    lines = ["| Strategy | Held | Returned | Innocent VND·hours | Requests |", "|---|---|---|---|---|"]
    lines += [
        f"| `{row.strategy}` | {_share(row)} | {_returned(row)} | {_harm(row)} | {_requests(row)} |" for row in rows
    ]
    return "\n".join(lines)


def verdict(result: RaceResult) -> str:
    """The target: 40 %, 1.5 times bounded search, a tenth of the harm of freezing, and what the order brings."""
    early = {row.strategy: row for row in result.early}
    ours, plain = early[Strategy.OURS], early[Strategy.OURS_NO_OPTIMISER]
    gain = result.early_gain
    assert gain is not None
    apart = "apart" if ours.low > plain.high else "not apart"
    interval = f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f}"
    lines = [f"reported within 10 minutes, ours holds {_share(ours)} (target 40 %)"]
    if (bounded := early.get(Strategy.BOUNDED)) and (frozen := early.get(Strategy.FREEZE_ALL)):
        times = frozen.innocent_vnd_hours / max(1, ours.innocent_vnd_hours)
        harm = f"{times:,.0f}" if ours.innocent_vnd_hours else "ours harms nobody"
        lines.append(f"ours / bounded: {ours.held_share / bounded.held_share:.2f} (target 1.5)")
        lines.append(f"innocent VND·hours, freeze_all / ours: {harm} (target 10)")
    lines.append(f"without receipts and the largest amount first {_share(plain)}: {apart}")
    lines.append(f"of the same victims: {100 * gain.share:+.1f} points ({interval})")
    return "\n".join(lines)


def _share(row: RaceRow) -> str:
    return f"{100 * row.held_share:.1f} % ({100 * row.low:.1f}–{100 * row.high:.1f})"


def _returned(row: RaceRow) -> str:
    low, high = row.spread.returned_share
    return f"{100 * row.returned_share:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def _harm(row: RaceRow) -> str:
    low, high = row.spread.innocent_vnd_hours
    return f"{row.innocent_vnd_hours / 1e9:,.1f} bn ({low / 1e9:,.1f}–{high / 1e9:,.1f})"


def _requests(row: RaceRow) -> str:
    low, high = row.spread.requests
    return f"{row.requests:,} ({low:,}–{high:,})"


def main() -> None:
    """Race, print, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=5_000)
    options.add_argument("--provinces", type=int, default=None, help="60; with --early 240")
    # Provinces 1 to 6, 101 to 109 were looked at while strategies were written; 110 to 169 were raced before.
    options.add_argument("--first-seed", type=int, default=None, help="170; with --early 230")
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--early", action="store_true", help="only what the targets compare")
    options.add_argument("--busy", action="store_true", help="beside the requests of the whole country")
    options.add_argument("--out", type=Path, default=None, help="the result as JSON")
    chosen = options.parse_args()
    first = chosen.first_seed or (230 if chosen.early else 170)
    provinces = chosen.provinces or (240 if chosen.early else 60)
    # A busy lap takes ten times as long: only reports within ten minutes.
    delays = () if chosen.early else DELAYS_MIN[:2] if chosen.busy else DELAYS_MIN
    ways = COMPARED if chosen.early else tuple(Strategy)
    result = race(
        chosen.people, delays, ways, range(first, first + provinces), early=True, busy=chosen.busy,
        processes=chosen.processes,
    )  # fmt: skip
    print(f"{provinces} provinces of {chosen.people} people, from {first}\n\nReported within 10 minutes:\n")
    tables = [early_table(result.early), *([table(result.rows)] if result.rows else [])]
    print(*tables, verdict(result), sep="\n\n")
    if chosen.out is not None:
        chosen.out.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
