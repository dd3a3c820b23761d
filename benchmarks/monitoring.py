"""How many transfers a second does one core judge, and does a hub slow it down?  And beside snapml, on one file.

`features` is the compiled pass without typologies, `features + rules` with all of them, `+ forest` with 200 trees
of 63 leaves on every row as well; CPU time of this process, which is one thread. Growth: the same work on graphs
in which a few accounts take part in most transfers; the exponent is that of CPU time over the number of
transfers. snapml is proprietary and no dependency of the project: `--make-snapml DIR` installs it into an
environment of its own, `--snapml DIR` uses one. It gets the same transfers, both then count vertex statistics and
circles of at most six transfers within 24 hours, ours with the mask that asks for these features and no others;
the circles' and the fans' counts are compared row by row.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
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
AS_SNAPML = (
    *(
        f"{side}_{way}_{what}_24h"
        for side in ("payer", "payee")
        for way in ("in", "out")
        for what in ("count", "sum")
    ),
    *(f"{side}_fan_{way}_24h" for side in ("payer", "payee") for way in ("in", "out")),
    "cycles_24h",
)
"""What snapml is asked for: fan, degree and sum of both sides (ratio and mean follow from them), and circles."""


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
        ("features + rules + forest", typologies(ON), grown(columns.part(0, count // 5))),
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
        seconds[size] = min(judged(columns, typologies(ON), 16_384)[0] for _ in range(2))
    small, large = min(sizes), max(sizes)
    exponent = math.log(seconds[large] / seconds[small]) / math.log(large / small)
    parts = ", ".join(f"{size:,}: {size / seconds[size]:,.0f}/s" for size in sizes)
    return [f"hub-heavy (Zipf {hubs}): {parts}; exponent {exponent:.2f}"]


WITH_SNAPML = """
import json, sys, time
import numpy as np
from snapml import GraphFeaturePreprocessor
table = np.load(sys.argv[1])
batch = int(sys.argv[2])
made = GraphFeaturePreprocessor()
day = 86400
made.set_params({
    "num_threads": 1, "time_window": day, "max_no_edges": -1,
    "vertex_stats": True, "vertex_stats_tw": day, "vertex_stats_cols": [4],
    "vertex_stats_feats": [0, 1, 2, 3, 4],
    "fan": False, "degree": False, "scatter-gather": False,
    "temp-cycle": True, "temp-cycle_tw": day, "temp-cycle_bins": [2, 3, 4, 5, 6],
    "lc-cycle": False,
})
circles = np.zeros((len(table), 2), np.int64)
started, counting = time.process_time(), 0.0
for start in range(0, len(table), batch):
    found = made.transform(np.ascontiguousarray(table[start : start + batch]))
    circles[start : start + batch, 0] = found[:, 5:10].sum(axis=1)
    circles[start : start + batch, 1] = found[:, 10]
print(json.dumps({"seconds": time.process_time() - started, "columns": found.shape[1]}))
np.save(sys.argv[3], circles)
"""


def beside_snapml(folder: Path, count: int, batch: int) -> list[str]:
    """Both on the same transfers: CPU seconds, and whether their counts of circles are the same."""
    columns = stream(count, max(100, count // 2), 4.0)
    # Whole seconds, and no two transfers in the same one: what "before" means is then the same for both.
    seconds_of = (columns.booked_us - BEGIN_US) // 1_000_000
    seconds_of = np.maximum.accumulate(seconds_of - np.arange(count)) + np.arange(count) + 1
    table = np.column_stack(
        [np.arange(count), columns.payer, columns.payee, seconds_of, columns.amount_vnd]
    ).astype(np.float64)
    ours_in = Columns.bare(BEGIN_US + seconds_of * 1_000_000, columns.payer, columns.payee, columns.amount_vnd)
    with tempfile.TemporaryDirectory() as place:
        np.save(f"{place}/transfers.npy", table)
        Path(f"{place}/program.py").write_text(WITH_SNAPML, encoding="utf-8")
        program = [str(folder / "bin" / "python"), f"{place}/program.py"]
        files = [f"{place}/transfers.npy", str(batch), f"{place}/circles.npy"]
        done = subprocess.run([*program, *files], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return [f"snapml did not run: {done.stderr.strip().splitlines()[-1:]}"]
        theirs: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        their_circles, their_fans = np.load(f"{place}/circles.npy").T
    kept = Monitor((), Constants.on(ON), Limits(search=100_000), keep=True).score(ours_in)
    our_circles, our_fans = (kept.features[:, NUMBER[name]] for name in ("cycles_24h", "payer_fan_out_24h"))
    same = min(judged(ours_in, (), batch, only=AS_SNAPML)[0] for _ in range(2))
    large = min(judged(ours_in, (), 16_384, only=AS_SNAPML)[0] for _ in range(2))
    whole = min(judged(ours_in, (), 16_384)[0] for _ in range(2))
    differing = int(np.count_nonzero(our_circles != their_circles))
    speeds = f"{count / theirs['seconds']:,.0f} transfers/s; ours in the same: {count / same:,.0f}/s, in 16,384: "
    speeds += f"{count / large:,.0f}/s (no look-ahead in either)"
    said = f"{int(their_circles.sum()):,} and {int(our_circles.sum()):,}; rows that differ: {differing:,}"
    # In batches snapml counts what comes later in the batch, and so differs; one by one it may not.
    said += f"; fans out of the payer that differ: {int(np.count_nonzero(our_fans != their_fans)):,}"
    ratios = f"{theirs['seconds'] / same:.1f}, {theirs['seconds'] / large:.1f}"
    ratios += f"; with all of our features in 16,384: {theirs['seconds'] / whole:.1f}"
    return [f"snapml, batches of {batch}: {speeds}; ratio {ratios}", f"circles: {said}"]


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
        for batch in (1, 128):
            # Row by row it is slow; otherwise as many transfers and accounts as above.
            for line in beside_snapml(folder.absolute(), min(count, 100_000) if batch == 1 else count, batch):
                print(line, flush=True)
    else:
        print("snapml: not asked for (--make-snapml DIR, or --snapml DIR)")


if __name__ == "__main__":
    main()
