"""How long does it take to say where the money went, to the đồng?  10 hops, among 10 and 20 million transfers.

The other side reads the ledger from the theft on and books every transfer, compiled too, by the cheapest rule there
is (taint first: no balances, no order of coins). It grows with the ledger; ours with the trace. Wall time, with the
CPU time of this thread beside it: what was interrupted is slow by the wall only.
"""

import argparse
import json
import time
from typing import Any

import numpy as np
from numba import njit, types

from benchmarks.instance import percentile
from benchmarks.invented import DAY_US, Invented, invented
from lachan.tracing.csr import INTS, LONGS, Graph
from lachan.tracing.flow import Flow, FlowRule

FLOOR_VND, HOPS = 100_000, 10


@njit(types.int64(INTS, INTS, LONGS, types.int64, types.int64, types.int64[::1]))
def book_all(payer, payee, amount_vnd, disputed, until, taint):  # type: ignore[no-untyped-def]
    """Taint first over every transfer from the disputed one on; how many of them carried taint."""
    carried, taint[payee[disputed]] = np.int64(1), amount_vnd[disputed]
    for row in range(disputed + 1, until):
        source, target = payer[row], payee[row]
        if source >= 0 and taint[source] > 0:
            part = min(amount_vnd[row], taint[source])
            taint[source] -= part
            carried += 1
            if target >= 0:
                taint[target] += part
    return carried


def measure(
    transfers: Invented, graph: Graph, rule: FlowRule, disputed: list[int], until: list[int]
) -> dict[str, Any]:
    """Microseconds and size of each trace."""
    flow = Flow(graph)
    walls, cpus, moves, closed = [], [], [], []
    for round_number in range(2):
        for row, until_us in zip(disputed, until, strict=True):
            wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
            found = flow.trace(
                rule, int(transfers.payer[row]), row, until_us=until_us, max_hops=HOPS, floor_vnd=FLOOR_VND
            )
            if round_number:
                cpus.append((time.thread_time_ns() - cpu) / 1000)
                walls.append((time.perf_counter_ns() - wall) / 1000)
                moves.append(len(found.rows))
                closed.append(found.closes)
    return {
        "traces": len(walls), "sums_close": all(closed),
        "moves_p50": int(np.median(moves)), "moves_max": max(moves),
        **{f"wall_p{share}_us": percentile(walls, share / 100) for share in (50, 99, 100)},
        **{f"cpu_p{share}_us": percentile(cpus, share / 100) for share in (50, 99, 100)},
    }  # fmt: skip


def booked_ms(transfers: Invented, disputed: list[int], until: list[int]) -> float:
    """Milliseconds of the other side, in the middle of a few."""
    times = []
    for row, until_us in list(zip(disputed, until, strict=True))[:9]:
        taint = np.zeros(transfers.accounts, np.int64)
        stop = int(np.searchsorted(transfers.booked_us, until_us, "right"))
        started = time.perf_counter()
        book_all(transfers.payer, transfers.payee, transfers.amount_vnd, row, stop, taint)
        times.append((time.perf_counter() - started) * 1000)
    return float(np.median(times))


def main() -> None:
    """Measure each size and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edges", type=int, nargs="+", default=[10_000_000, 20_000_000])
    options.add_argument("--traces", type=int, default=2000)
    chosen = options.parse_args()
    results = []
    for edges in chosen.edges:
        transfers = invented(edges)
        graph = transfers.graph()
        random = np.random.default_rng(5)
        thefts = transfers.thefts[transfers.payee[transfers.thefts] >= 0]
        disputed = random.choice(thefts, min(chosen.traces, len(thefts)), replace=False).tolist()
        whole = [int(transfers.booked_us[-1])] * len(disputed)
        two_days = [int(transfers.booked_us[row]) + 2 * DAY_US for row in disputed]
        for span, until in (("two days", two_days), ("all", whole)):
            for rule in FlowRule:
                result: dict[str, Any] = {"edges": len(transfers), "rule": rule.value, "until": span}
                result |= {"bytes_an_edge": graph.bytes / len(transfers)}
                result |= measure(transfers, graph, rule, disputed, until)
                result["booking_all_ms"] = booked_ms(transfers, disputed, until)
                result["times_booking_all"] = result["booking_all_ms"] * 1000 / result["wall_p50_us"]
                print("  ".join(f"{k} {v:,.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in result.items()))
                results.append(result)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
