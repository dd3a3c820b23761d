"""Who hangs together with whom, in 50 million transfers?  Our union-find and scipy's, on the same columns.

scipy is no part of the project: it is installed into an environment of this measurement's own, and runs there. Both
begin with two columns of account numbers and end with a label for each account; ours also says which transfers tie
them. CPU time of one process each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lachan.tracing.rings import find_rings

THEIRS = """
import sys, time
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
payer, payee, accounts = np.load(sys.argv[1]), np.load(sys.argv[2]), int(sys.argv[3])
connected_components(coo_matrix((np.ones(1, np.int8), (payer[:1], payee[:1])), (accounts, accounts)), False)
started = time.process_time()
graph = coo_matrix((np.ones(len(payer), np.int8), (payer, payee)), (accounts, accounts)).tocsr()
built = time.process_time()
count, label = connected_components(graph, False)
done = time.process_time()
np.save(sys.argv[4], label)
print(built - started, done - built)
"""


def scipy_environment(folder: Path) -> Path:
    """A Python that has scipy."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "numpy", "scipy"], check=True)
    return python


def main() -> None:
    """Measure, compare the components, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edges", type=int, default=50_000_000)
    options.add_argument(
        "--edges-each", type=float, default=10, help="transfers an account; 2.5: hardly hang together"
    )
    chosen = options.parse_args()
    accounts = int(chosen.edges / chosen.edges_each)
    random = np.random.default_rng(3)
    payer, payee = (random.integers(0, accounts, chosen.edges, dtype=np.int32) for _ in range(2))
    find_rings(payer[:1], payee[:1], accounts)
    started = time.process_time()
    rings = find_rings(payer, payee, accounts)
    ours_s = time.process_time() - started
    with tempfile.TemporaryDirectory(prefix="lachan-bench-") as name:
        folder = Path(name)
        python = scipy_environment(folder / "environment")
        np.save(folder / "payer.npy", payer)
        np.save(folder / "payee.npy", payee)
        arguments = [str(folder / "payer.npy"), str(folder / "payee.npy"), str(accounts), str(folder / "label.npy")]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [python, "-c", THEIRS, *arguments], check=True, capture_output=True, text=True, env=environment
        )
        build_s, search_s = map(float, done.stdout.split())
        label = np.load(folder / "label.npy")
    # The same components: each of theirs has one of our labels, and there are as many.
    pairs = len(np.unique(rings.label.astype(np.int64) << 32 | label))
    same = pairs == len(np.unique(rings.label)) == len(np.unique(label))
    result = {
        "edges": chosen.edges, "accounts": accounts, "components": len(np.unique(label)), "same": same,
        "ours_s": ours_s, "scipy_build_s": build_s, "scipy_search_s": search_s,
        "times_scipy": (build_s + search_s) / ours_s, "times_scipy_search_alone": search_s / ours_s,
    }  # fmt: skip
    for name, value in result.items():
        print(f"{name:28} {value:12.3f}" if isinstance(value, float) else f"{name:28} {value}")
    print(json.dumps(result))
    if not same:
        raise SystemExit("the components differ")


if __name__ == "__main__":
    main()
