"""How many transfers a second does one core judge, and does a hub slow it down?  And beside snapml, on one file.

`features` is the compiled pass without typologies, `features + rules` with all of them, `+ forest` with 200 trees
of 63 leaves on every row as well; CPU time of this process, which is one thread. Growth: the same work on graphs
in which a few accounts take part in most transfers; the exponent is that of CPU time over the number of
transfers. snapml is proprietary and no dependency of the project: `--make-snapml DIR` installs it into an
environment of its own, `--snapml DIR` uses one. It gets the same transfers, and both count vertex statistics and
circles of at most six transfers within 24 hours, ours with the mask that asks for these features and no others.
What both count is compared row by row, on transfers of which both mean the same (`alike`, `settled`). For
scatter-gather snapml asks for no order of time: it is compared on transfers where that changes nothing (`layers`).
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from lachan.monitoring import Columns, Constants, Limits, Monitor, Typology, typologies
from lachan.monitoring.features import NUMBER
from lachan.monitoring.kernel import layout
from lachan.monitoring.models import Card, Model, Span, from_lightgbm
from lachan.monitoring.models.training import LEAVES, PARAMETERS, TREES

ON = date(2026, 3, 2)
BEGIN_US = 1_770_000_000_000_000
DAY_US = 86_400_000_000
SNAPML = "snapml"
AS_SNAPML = {
    f"{side}_{name}_24h": 6 + 10 * (side == "payee") + 5 * (way == "in") + place
    for side in ("payer", "payee")
    for way in ("out", "in")
    for name, place in ((f"fan_{way}", 0), (f"{way}_count", 1), (f"{way}_sum", 4))
}
"""What snapml is asked for, and in which of its columns it says so; ratio and mean follow from these."""
TICK_US = 10_000
"""Both are given times in steps of this size."""


def stream(count: int, accounts: int, days: float, hubs: float = 0.0, seed: int = 1) -> Columns:
    """Transfers at even random times; with `hubs` the accounts are drawn by Zipf's law with that exponent."""
    random = np.random.default_rng(seed)
    booked = BEGIN_US + np.sort(random.integers(0, int(days * DAY_US), count))

    def drawn() -> NDArray[np.int32]:
        if not hubs:
            return random.integers(0, accounts, count).astype(np.int32)
        weights = 1.0 / np.arange(1, accounts + 1) ** hubs
        return random.choice(accounts, count, p=weights / weights.sum()).astype(np.int32)

    payer, payee = drawn(), drawn()
    # Nobody pays himself.
    payee[payer == payee] = (payee[payer == payee] + 1) % accounts
    amount = (random.lognormal(15.0, 1.5, count)).astype(np.int64) + 1000
    return Columns.bare(booked, payer, payee, amount)


def judged(
    columns: Columns,
    rules: Sequence[Typology],
    batch: int,
    model: Model | None = None,
    only: Sequence[str] | None = None,
) -> tuple[float, int, Monitor]:
    """CPU seconds for the stream in batches, and how many alerts there were."""
    monitor = Monitor(rules, Constants.on(ON), model=model, only=only)
    alerts = 0
    started = time.process_time()
    for start in range(0, len(columns), batch):
        alerts += len(monitor.score(columns.part(start, min(len(columns), start + batch))).proof_lines)
    return time.process_time() - started, alerts, monitor


def speed(count: int, accounts: int, days: float, batch: int) -> list[str]:
    """Transfers a second, with and without typologies."""
    columns = stream(count, accounts, days)
    lines = []
    ways: tuple[tuple[str, Sequence[Typology], Model | None], ...] = (
        ("features", (), None),
        ("features + rules", typologies(ON), None),
        ("features + rules + forest", typologies(ON), grown(columns.part(0, min(count, max(count // 5, 100_000))))),
    )
    for name, rules, model in ways:
        runs = [judged(columns, rules, batch, model) for _ in range(2)]
        seconds, alerts, monitor = min(runs, key=lambda one: one[0])
        state = monitor.state_bytes
        lines.append(
            f"{name}: {count / seconds:,.0f} transfers/s ({seconds / count * 1e9:,.0f} ns), "
            f"{len(rules)} typologies, {alerts:,} alerts, {sum(state.values()) / 2**20:.0f} MB of state"
        )
    words = layout.ACCOUNT_WORDS, layout.EDGE_WORDS, layout.PAIR_WORDS
    lines.append("state: {} B an account, {} B an edge of seven days, {} B a pair".format(*(8 * n for n in words)))
    return lines


def grown(columns: Columns) -> Model:
    """200 trees of 63 leaves on the features of these transfers, with labels that need many of them."""
    features = Monitor((), Constants.on(ON), keep=True).score(columns).features
    wanted = np.log1p(np.maximum(features, 0)).astype(np.float64)
    label = (wanted * np.random.default_rng(2).normal(size=wanted.shape[1])).sum(axis=1)
    data = lightgbm.Dataset(features.astype(np.float64), (label > np.median(label)).astype(np.float64))
    made = lightgbm.train({**PARAMETERS, "num_leaves": LEAVES, "seed": 1}, data, num_boost_round=TREES)
    forest = from_lightgbm(made.model_to_string(), features.shape[1])
    assert {len(tree.leaf) for tree in forest.trees} == {LEAVES}
    day = datetime(2026, 3, 2, tzinfo=UTC)
    span = Span(first=day, last=day, rows=len(label), positives=int(label.sum()))
    card = Card(
        made_at=day, data_hash="", labels="id", typologies="", seed=1, trainer="lightgbm", parameters={},
        trained=span, calibrated=span, tested=span, metrics={},
    )  # fmt: skip
    return Model(
        id="", features=tuple(NUMBER), forest=forest, slope=1.0, intercept=0.0, alert=0.0, baseline=(), card=card
    )


def growth(sizes: Sequence[int], hubs: float) -> list[str]:
    """The exponent on a hub-heavy graph: more transfers among as many more accounts, in the same days."""
    seconds = {}
    for size in sizes:
        columns = stream(size, max(100, size // 5), 3.0, hubs)
        seconds[size] = min(judged(columns, typologies(ON), 16_384)[0] for _ in range(3))
    small, large = min(sizes), max(sizes)
    exponent = math.log(seconds[large] / seconds[small]) / math.log(large / small)
    parts = ", ".join(f"{size:,}: {size / seconds[size]:,.0f}/s" for size in sizes)
    return [f"hub-heavy (Zipf {hubs}): {parts}; exponent {exponent:.2f}"]


WITH_SNAPML = """
import json, sys, time
import numpy as np
from snapml import GraphFeaturePreprocessor
table, batch = np.load(sys.argv[1]), int(sys.argv[2])
made = GraphFeaturePreprocessor()
made.set_params(json.loads(sys.argv[4]))
kept, started, counting = [], time.process_time(), 0.0
for start in range(0, len(table), batch):
    kept.append(made.transform(np.ascontiguousarray(table[start : start + batch]))[:, 5:])
print(time.process_time() - started)
np.save(sys.argv[3], np.vstack(kept))
"""
NOTHING = {
    "num_threads": 1, "max_no_edges": -1, "vertex_stats": False, "fan": False, "degree": False,
    "scatter-gather": False, "temp-cycle": False, "lc-cycle": False,
}  # fmt: skip


def by_snapml(
    folder: Path, columns: Columns, batch: int, wanted: Mapping[str, Any]
) -> tuple[float, NDArray[np.float64]]:
    """CPU seconds, and the features of every row."""
    ticks = (columns.booked_us - BEGIN_US) // TICK_US
    table = np.column_stack([np.arange(len(columns)), columns.payer, columns.payee, ticks, columns.amount_vnd])
    with tempfile.TemporaryDirectory() as place:
        np.save(f"{place}/transfers.npy", table.astype(np.float64))
        Path(f"{place}/program.py").write_text(WITH_SNAPML, encoding="utf-8")
        program = [str(folder / "bin" / "python"), f"{place}/program.py", f"{place}/transfers.npy", str(batch)]
        # All times are even: nothing lies exactly a day back, which both would have to count alike.
        window = dict.fromkeys(("time_window", *(f"{one}_tw" for one in wanted)), DAY_US // TICK_US - 1)
        further = {key: value for one in wanted.values() for key, value in one.items()}
        asked = NOTHING | window | dict.fromkeys(wanted, True) | further
        done = subprocess.run(
            [*program, f"{place}/found.npy", json.dumps(asked)], capture_output=True, text=True, check=True
        )
        return float(done.stdout.strip().splitlines()[-1]), np.load(f"{place}/found.npy")


def alike(columns: Columns) -> Columns:
    """The same transfers as both understand them alike, who count parallel payments and equal instants differently.

    No two in one instant, none exactly a day apart, and nobody pays the same payee twice within a day.
    """
    ticks = (columns.booked_us - BEGIN_US) // TICK_US // 2
    rows = np.arange(len(columns))
    booked = BEGIN_US + 2 * TICK_US * (np.maximum.accumulate(ticks - rows) + rows + 1)
    pair = columns.payer.astype(np.int64) << 32 | columns.payee
    order = np.lexsort((booked, pair))
    again = np.zeros(len(columns), np.bool_)
    again[order[1:]] = (np.diff(pair[order]) == 0) & (np.diff(booked[order]) <= DAY_US)
    kept = ~again
    return Columns.bare(booked[kept], columns.payer[kept], columns.payee[kept], columns.amount_vnd[kept])


def settled(columns: Columns) -> NDArray[np.bool_]:
    """Rows for which both mean the same day: snapml's day ends at the row, but begins a day before the last row."""
    starts = np.searchsorted(columns.booked_us, columns.booked_us - DAY_US, side="right")
    found = np.ones(len(columns), np.bool_)
    for row in np.flatnonzero(np.diff(starts)) + 1:
        left = slice(starts[row - 1], starts[row])
        leaving = np.concatenate([columns.payer[left], columns.payee[left]])
        found[row] = not np.isin(leaving, (columns.payer[row], columns.payee[row])).any()
    return found


def beside_snapml(folder: Path, name: str, columns: Columns, batch: int) -> list[str]:
    """Statistics of accounts and circles, both on the same transfers: CPU seconds, and rows that differ."""
    count = len(columns)
    theirs, found = by_snapml(
        folder, columns, batch,
        {
            "vertex_stats": {"vertex_stats_cols": [4], "vertex_stats_feats": [0, 1, 2, 3, 4]},
            # The last bin is open to more than six; ours ends there.
            "temp-cycle": {"temp-cycle_bins": [2, 3, 4, 5, 6, 7]},
        },
    )  # fmt: skip
    kept = Monitor((), Constants.on(ON), Limits(walk=64, search=100_000), keep=True).score(columns).features
    wanted = (*AS_SNAPML, "cycles_24h")
    same = min(judged(columns, (), batch, only=wanted)[0] for _ in range(2))
    large = min(judged(columns, (), 16_384, only=wanted)[0] for _ in range(2))
    whole = min(judged(columns, (), 16_384)[0] for _ in range(2))
    circles, ours = found[:, :5].sum(axis=1), kept[:, NUMBER["cycles_24h"]]
    rows = settled(columns)
    differing = sum(
        int(np.count_nonzero(kept[rows, NUMBER[one]] != found[rows, place])) for one, place in AS_SNAPML.items()
    )
    speeds = f"{count / theirs:,.0f} transfers/s; ours in the same: {count / same:,.0f}/s, in 16,384: "
    speeds += f"{count / large:,.0f}/s (no look-ahead in either); ratio {theirs / same:.1f}, {theirs / large:.1f}"
    speeds += f"; with all of our features in 16,384: {theirs / whole:.1f}"
    # In batches snapml counts what comes later in the batch, and so differs; one by one it may not.
    said = (
        f"{int(circles.sum()):,} and {int(ours.sum()):,}, rows that differ: {np.count_nonzero(circles != ours):,}; "
    )
    said += f"{len(AS_SNAPML)} statistics of {np.count_nonzero(rows):,} rows of {count:,}: {differing:,} differ"
    return [f"snapml, {name}, batches of {batch}: {speeds}", f"circles: {said}"]


def layers(count: int, seed: int = 5) -> Columns:
    """Four sources pay twelve accounts between them in the morning, and these four payees until the night.

    Every second day, and many such groups side by side: who is between is always paid before paying, and so it
    does not matter that snapml does not ask which of the two was first, while ours does.
    """
    random = np.random.default_rng(seed)
    rows = np.arange(count)
    days, gathering = rows * 4 // count, rows * 8 // count % 2
    group = random.integers(0, max(1, count // 300), count) * 20
    outer, inner = random.integers(0, 4, count), random.integers(4, 16, count)
    payer = (group + np.where(gathering, inner, outer)).astype(np.int32)
    payee = (group + np.where(gathering, outer + 16, inner)).astype(np.int32)
    hours = random.uniform(0, 10, count) + 12 * gathering + 48 * days
    order = np.argsort(hours)
    booked = BEGIN_US + (hours[order] * 3_600_000_000 / TICK_US).astype(np.int64) * TICK_US
    amount = (random.lognormal(15.0, 1.5, count)).astype(np.int64) + 1000
    return Columns.bare(booked, payer[order], payee[order], amount)


def scatter_beside_snapml(folder: Path, count: int, batch: int) -> list[str]:
    """Scatter-gather, on transfers for which both mean the same by it: through how many the best source paid."""
    columns = alike(layers(count))
    theirs, found = by_snapml(
        folder, columns, batch, {"scatter-gather": {"scatter-gather_bins": list(range(2, 14))}}
    )
    kept = Monitor((), Constants.on(ON), Limits(walk=64, search=100_000), keep=True).score(columns).features
    ours = min(judged(columns, (), 16_384)[0] for _ in range(2))
    best = np.where(found.any(axis=1), found.shape[1] + 1 - found[:, ::-1].astype(bool).argmax(axis=1), 0)
    mine = kept[:, NUMBER["scatter_gather_24h"]]
    mine = np.where(mine > 1, mine, 0)
    both = len(columns) / theirs, len(columns) / ours
    said = f"found on {np.count_nonzero(best):,} and {np.count_nonzero(mine):,} rows of {len(columns):,}, "
    said += f"rows that differ: {np.count_nonzero(best != mine):,}"
    speeds = f"{both[0]:,.0f} transfers/s; all of our features: {both[1]:,.0f}/s; ratio {theirs / ours:.1f}"
    return [f"snapml, scatter-gather alone, batches of {batch}: {speeds}; {said}"]


def make_snapml(folder: Path) -> None:
    """An environment with snapml and nothing of ours."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", SNAPML], check=True)


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=16_384)
    parser.add_argument("--hubs", type=float, default=1.1, help="Zipf exponent of the hub-heavy graph")
    parser.add_argument("--snapml", type=Path, help="an environment that has snapml")
    parser.add_argument("--make-snapml", type=Path, help="make such an environment first")
    asked = parser.parse_args()
    count = asked.transfers
    for line in speed(count, count // 2, 4.0, asked.batch):
        print(line, flush=True)
    for line in growth((count // 16, count // 4, count), asked.hubs):
        print(line, flush=True)
    if asked.make_snapml:
        make_snapml(asked.make_snapml)
    if folder := asked.snapml or asked.make_snapml:
        folder = folder.absolute()
        for batch in (1, 128):
            # Row by row it is slow; otherwise as many transfers and accounts as above.
            rows = min(count, 100_000) if batch == 1 else count
            sparse, dense = alike(stream(rows, max(100, rows // 2), 4.0)), alike(stream(rows, rows // 20, 4.0))
            for line in (
                *beside_snapml(folder, "half a payment a day an account", sparse, batch),
                *beside_snapml(folder, "five", dense, batch),
                *scatter_beside_snapml(folder, rows, batch),
            ):
                print(line, flush=True)
    else:
        print("snapml: not asked for (--make-snapml DIR, or --snapml DIR)")


if __name__ == "__main__":
    main()
