"""How long does it take to say where the money went, to the đồng?  10 hops, among 10 and 20 million transfers.

The other side reads the ledger from the theft on and books every transfer, compiled too, by the cheapest rule there
is (taint first: no balances, no order of coins). It grows with the ledger; ours with the trace. Wall time, with the
CPU time of this thread beside it: what was interrupted is slow by the wall only. Then institutions answer, and the
traces go on with what they say.
"""

import argparse
import json
import time
from typing import Any

import numpy as np
from numba import njit, types

from benchmarks.instance import percentile
from benchmarks.invented import DAY_US, Invented, invented
from lachan.ledger.edges import INTS, LONGS
from lachan.tracing import COMPILED, AmountTrace, Graph, Rule

FLOOR_VND, HOPS, RETRACES = 100_000, 10, 300


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
    transfers: Invented, graph: Graph, rule: Rule, disputed: list[int], until: list[int]
) -> tuple[dict[str, Any], list[AmountTrace]]:
    """Microseconds and size of each trace, and some of the traces."""
    walls, cpus, moves, closed = [], [], [], []
    kept: list[AmountTrace] = []
    for round_number in range(2):
        for row, until_us in zip(disputed, until, strict=True):
            wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
            found = graph.trace(
                rule, int(transfers.payer[row]), row, until_us=until_us, max_hops=HOPS, floor_vnd=FLOOR_VND
            )
            if round_number:
                cpus.append((time.thread_time_ns() - cpu) / 1000)
                walls.append((time.perf_counter_ns() - wall) / 1000)
                moves.append(len(found.rows))
                closed.append(found.closes)
                if len(kept) < RETRACES:
                    kept.append(found)
    return {
        "traces": len(walls), "sums_close": all(closed),
        "moves_p50": int(np.median(moves)), "moves_max": max(moves), **spread("", walls, cpus),
    }, kept  # fmt: skip


def spread(name: str, walls: list[float], cpus: list[float]) -> dict[str, float]:
    """The middle, the slowest in a hundred, and the slowest."""
    return {
        f"{name}{clock}_p{share}_us": percentile(times, share / 100)
        for clock, times in (("wall", walls), ("cpu", cpus))
        for share in (50, 99, 100)
    }


def answered(graph: Graph, traces: list[AmountTrace], transfers: Invented) -> dict[str, Any]:
    """An institution answers: an account that the money came to has paid on, twice. Told, and traced again.

    The time is that from the answer to the new trace: the graph with the facts, and what lies behind them.
    """
    random = np.random.default_rng(9)
    walls, cpus, anew, equal = list[float](), list[float](), list[float](), list[bool]()
    for number, before in enumerate(traces):
        payees = before.payees[before.payees >= 0]
        if not len(payees):
            continue
        account = int(random.choice(payees))
        others = random.integers(0, transfers.accounts, 2).tolist()
        amounts = random.integers(100_000, 5_000_000, 2).tolist()
        if number % 50 == 0:  # as a ledger does that closes its segments
            graph = Graph(graph.edges)
            graph.make_room()
        booked = int(transfers.booked_us[before.rows[-1]]) + 1
        times, same = one_answer(graph, before, account, booked, others, amounts)
        for measured, value in zip((walls, cpus, anew), times, strict=True):
            measured.append(value)
        equal.append(same)
    return {
        "retraces": len(walls), "retraces_equal": all(equal), **spread("retrace_", walls, cpus),
        "whole_trace_cpu_p99_us": percentile(anew, 0.99),
    }  # fmt: skip


def one_answer(
    graph: Graph, before: AmountTrace, account: int, booked_us: int, others: list[int], amounts: list[int]
) -> tuple[tuple[float, float, float], bool]:
    """Microseconds by the wall and of CPU, and those of a whole new trace; and whether both say the same."""
    asked = before.question
    wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
    later = graph.with_facts([booked_us, booked_us + 1], [account] * 2, others, amounts)
    found = later.retrace(before)
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    begun = time.thread_time_ns()
    whole = later.trace(
        asked.rule, asked.payer, asked.row, until_us=asked.until_us, max_hops=HOPS, floor_vnd=FLOOR_VND
    )
    anew = time.thread_time_ns() - begun
    same = np.array_equal(whole.moves[:, :7], found.moves[:, :7]) and np.array_equal(whole.left, found.left)
    return (wall / 1000, cpu / 1000, anew / 1000), same


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
            for rule in COMPILED:
                result: dict[str, Any] = {"edges": len(transfers), "rule": rule.value, "until": span}
                result |= {"bytes_an_edge": graph.edges.nbytes / len(transfers)}
                measured, traces = measure(transfers, graph, rule, disputed, until)
                result |= measured | answered(graph, traces, transfers)
                result["booking_all_ms"] = booked_ms(transfers, disputed, until)
                result["times_booking_all"] = result["booking_all_ms"] * 1000 / result["wall_p50_us"]
                print("  ".join(f"{k} {v:,.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in result.items()))
                results.append(result)
    print(json.dumps(results))
    if not all(one["sums_close"] and one["retraces_equal"] for one in results):
        raise SystemExit("a sum does not close, or a trace that went on differs from a new one")


if __name__ == "__main__":
    main()
