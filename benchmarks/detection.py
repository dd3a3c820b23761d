"""Does a model on our features find more crime than one on snapml's, in the same file?  And AMLSim's accounts.

A province is simulated with a seed that nothing was tuned on, split by time (earlier 60 % to train, the next 15 %
to choose thresholds, the rest to test). Both sides train the same LightGBM with the same parameters and are given
the same columns of the file; ours adds the compiled pass's features, the other one snapml's
GraphFeaturePreprocessor, fed row by row, so that neither sees a later transfer. snapml is proprietary and no
dependency of the project: it lives in an environment of its own (`--make-snapml DIR` makes one, `--snapml DIR`
uses one).

AMLSim (`LACHAN_TEST_DATA`): its accounts' labels, and how well an account's mean score orders the accounts, on both
sides. A step is taken as a day; no account with the label is trained on and tested on.
"""

import argparse
import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from benchmarks.monitoring import make_snapml
from lachan.ledger import Transfer, read_transfers
from lachan.monitoring import FURTHER
from lachan.monitoring.features import NUMBER
from lachan.monitoring.models import Examples, labels_of, make_examples
from lachan.monitoring.models import train as trained
from lachan.monitoring.models.backtest import by_account
from lachan.monitoring.models.examples import spans
from lachan.monitoring.models.forest import Forest, from_lightgbm
from lachan.monitoring.models.measures import auc, average_precision, best_threshold, daily_top, f1
from lachan.monitoring.models.training import PARAMETERS, TREES
from lachan.sandbox.people import Plan, simulate

PER_DAY = 50
GRAPHS = ("amlsim_20K_cycle200", "amlsim_20K_fanin200")
PLAIN = (
    "amount_vnd", "kind", "hour", "ip_foreign", "biometrics_changed", "payer_company", "payee_company",
    "payer_suspect", "payee_suspect",
)  # fmt: skip
"""What stands in the row itself: both sides have it."""
WITH_SNAPML = """
import sys, time
import numpy as np
from snapml import GraphFeaturePreprocessor
table = np.load(sys.argv[1])
day = 86400
made = GraphFeaturePreprocessor()
made.set_params({
    "num_threads": 1, "time_window": day, "max_no_edges": -1,
    "vertex_stats": True, "vertex_stats_tw": day, "vertex_stats_cols": [3, 4],
    "vertex_stats_feats": [0, 1, 2, 3, 4, 8, 9, 10],
    "fan": True, "fan_tw": day, "fan_bins": [2, 3, 5, 10, 20],
    "degree": True, "degree_tw": day, "degree_bins": [2, 3, 5, 10, 20],
    "scatter-gather": True, "scatter-gather_tw": day // 4, "scatter-gather_bins": [2, 3, 5, 10],
    "temp-cycle": True, "temp-cycle_tw": day, "temp-cycle_bins": [2, 3, 4, 5, 6],
    "lc-cycle": False,
})
started, found = time.process_time(), []
for row in range(len(table)):
    found.append(made.transform(np.ascontiguousarray(table[row : row + 1]))[0, 5:])
print(time.process_time() - started)
np.save(sys.argv[2], np.array(found))
"""


def province(folder: Path, people: int, days: int, seed: int) -> tuple[Examples, list[Transfer]]:
    """The simulated province as examples, in the order of time."""
    simulate(folder, Plan(people, days, seed, date(2026, 1, 5)))
    file = folder / "monitored.parquet"
    with duckdb.connect() as db:
        db.execute(
            f"COPY (FROM '{folder}/transfers.parquet' JOIN '{folder}/signals.parquet' USING (id) ORDER BY id) "
            f"TO '{file}'"
        )
        marked = db.execute(f"SELECT id, label FROM '{folder}/truth/transfers.parquet'").fetchall()
        further = ", ".join(name for name in FURTHER if name.split("_")[-1] != "suspect")
        rows = db.execute(f"SELECT {further} FROM '{file}'").fetchall()
        names = [column[0] for column in db.description or ()]
    cells: dict[int, Mapping[str, Any]] = {
        number: dict(zip(names, row, strict=True)) for number, row in enumerate(rows, 1)
    }
    transfers = sorted(read_transfers(file).transfers, key=lambda one: one.order)
    labels = labels_of({"id": key, "label": label} for key, label in marked)
    return make_examples(transfers, cells, labels, datetime.now(UTC)), transfers


def figures(found: Examples, raw: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """F1 with the threshold chosen before the test, precision at so many alerts a day, AUC, average precision."""
    _, middle, late = spans(found)
    threshold = best_threshold(raw["middle"], found.label[middle])
    label, score = found.label[late], raw["late"]
    top = daily_top(score, found.booked_us[late], PER_DAY)
    return {
        "f1": f1(score >= threshold, label),
        "precision_at_50": float((top & label).sum() / top.sum()),
        "recall_at_50": float((top & label).sum() / label.sum()),
        "auc": auc(score, label),
        "average_precision": average_precision(score, label),
    }


def grown_on(found: Examples, table: NDArray[np.float64], rows: NDArray[np.bool_], seed: int) -> Forest:
    """The same LightGBM on these rows of a table."""
    import lightgbm

    data = lightgbm.Dataset(table[rows], found.label[rows].astype(np.float64))
    made = lightgbm.train(dict(PARAMETERS) | {"seed": seed}, data, num_boost_round=TREES)
    return from_lightgbm(made.model_to_string(), table.shape[1])


def of_table(found: Examples, table: NDArray[np.float64], seed: int) -> dict[str, float]:
    """The same forest, trained and measured on another table of features."""
    early, middle, late = spans(found)
    forest = grown_on(found, table, early, seed)
    return figures(found, {"middle": forest.raw(table[middle]), "late": forest.raw(table[late])})


def ours(found: Examples, seed: int) -> dict[str, float]:
    """Our model as `lachan monitor train` makes it."""
    model = trained(found, "id", "", PER_DAY, seed, datetime.now(UTC))
    table = model.gathered(found.features, found.further)
    _, middle, late = spans(found)
    return figures(found, {"middle": model.forest.raw(table[middle]), "late": model.forest.raw(table[late])})


def with_snapml(folder: Path, found: Examples) -> tuple[NDArray[np.float64], float]:
    """snapml's features of every row, fed one by one, and the CPU seconds that took."""
    count = len(found)
    outside = int(found.parties.max()) + 1
    # Money from or to outside has a party too, one for all.
    parties = np.where(found.parties < 0, outside, found.parties)
    seconds = (found.booked_us - found.booked_us[0]) // 1_000_000 + 1
    amount = found.features[:, NUMBER["amount_vnd"]]
    table = np.column_stack([np.arange(count), parties, seconds, amount]).astype(np.float64)
    with tempfile.TemporaryDirectory() as place:
        np.save(f"{place}/transfers.npy", table)
        Path(f"{place}/program.py").write_text(WITH_SNAPML, encoding="utf-8")
        program = [str(folder / "bin" / "python"), f"{place}/program.py"]
        done = subprocess.run(
            [*program, f"{place}/transfers.npy", f"{place}/found.npy"], capture_output=True, text=True, check=True
        )
        return np.load(f"{place}/found.npy"), float(done.stdout.strip().splitlines()[-1])


def amlsim(folder: Path) -> Examples:
    """One AMLSim graph as examples."""
    with (folder / "nodes.csv").open(encoding="utf-8") as file:
        labels = labels_of({"account": row["nodeid"], "label": row["isFraud"]} for row in csv.DictReader(file))
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    transfers = []
    with (folder / "transactions.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            at = begin + timedelta(days=int(row["time"]), microseconds=number)
            amount = round(float(row["value"]) * 1000)
            transfers.append(
                Transfer(str(number), at, row["sourceNodeId"], row["targetNodeId"], amount, row=number)
            )
    return make_examples(sorted(transfers, key=lambda one: one.order), {}, labels, datetime.now(UTC))


def accounts_by_ours(found: Examples, seed: int) -> Mapping[str, Any]:
    """AUC and average precision of accounts by their mean score, as `lachan monitor train` reports them."""
    made = trained(found, "account", "", PER_DAY, seed, datetime.now(UTC))
    accounts: Mapping[str, Any] = made.card.metrics["accounts"]
    return accounts


def accounts_by(found: Examples, table: NDArray[np.float64], seed: int) -> Mapping[str, Any]:
    """The same of the same forest on another table of features."""
    early, _, late = spans(found)
    return by_account(found, late, grown_on(found, table, early, seed).raw(table[late]))


def said(name: str, values: Mapping[str, float]) -> str:
    """One line."""
    return f"{name:<16} " + ", ".join(f"{key} {value:.3f}" for key, value in values.items())


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=4_711, help="of the province; nothing was tuned on it")
    parser.add_argument("--snapml", type=Path, help="an environment that has snapml")
    parser.add_argument("--make-snapml", type=Path, help="make such an environment first")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found, _ = province(Path(place) / "province", asked.people, asked.days, asked.seed)
    _, _, late = spans(found)
    print(
        f"{len(found):,} transfers, {int(found.label.sum()):,} of gangs; tested on {int(late.sum()):,}", flush=True
    )
    # On quiet days there are fewer than that many to find: what an order without a fault would reach.
    top = daily_top(found.label[late].astype(np.float64), found.booked_us[late], PER_DAY)
    print(said("no fault", {"precision_at_50": float(found.label[late][top].sum() / top.sum())}), flush=True)
    result = {"ours": ours(found, 1)}
    print(said("ours", result["ours"]), flush=True)
    plain = found.features[:, [NUMBER[name] for name in PLAIN]].astype(np.float64)
    result["row alone"] = of_table(found, plain, 1)
    print(said("row alone", result["row alone"]), flush=True)
    if asked.make_snapml:
        make_snapml(asked.make_snapml)
    if folder := asked.snapml or asked.make_snapml:
        theirs, seconds = with_snapml(folder.absolute(), found)
        result["snapml"] = of_table(found, np.hstack([plain, theirs]), 1)
        print(said("snapml", result["snapml"]) + f"; {theirs.shape[1]} features, {seconds:.0f} CPU s", flush=True)
    else:
        print("snapml: not asked for (--make-snapml DIR, or --snapml DIR)")
    data = os.environ.get("LACHAN_TEST_DATA")
    for name in GRAPHS if data else ():
        graph = amlsim(Path(data or "") / "data" / "transactions" / name)
        print(said(f"{name}, ours", accounts_by_ours(graph, 1)), flush=True)
        plain = graph.features[:, [NUMBER[one] for one in PLAIN]].astype(np.float64)
        print(said(f"{name}, row alone", accounts_by(graph, plain, 1)), flush=True)
        if folder:
            theirs, _ = with_snapml(folder.absolute(), graph)
            print(said(f"{name}, snapml", accounts_by(graph, np.hstack([plain, theirs]), 1)), flush=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
