"""Whom could the money have reached?  Our graph, PostgreSQL and DuckDB: the same questions, the same answers.

A question: from an account at the instant in which a transfer came to it, at most 10 transfers in 48 hours, each of
1 to 100 million VND and later than the one before. PostgreSQL (a real server, covering index, vacuumed) and DuckDB
answer with a recursive query over the same numbers; DuckDB also with its keyed recursion, which keeps one row an
account. Both are given the first and last row of the window, as our graph finds them itself. Wall time until each
side's answer is there: arrays of ours and of DuckDB, rows of PostgreSQL; to compare them is nobody's time. Each is
asked three questions before. Ours uses one thread, PostgreSQL one process, and DuckDB as many threads as there are
processors (`duckdb_threads`), which is its default.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg

from benchmarks.instance import percentile, postgres
from benchmarks.invented import DAY_US, DAYS, Invented, invented
from lachan.tracing import Graph, Reach

HOPS, HOURS_48_US, MIN_VND, MAX_VND = 10, 2 * DAY_US, 1_000_000, 100_000_000
Answer = set[tuple[int, int, int]]
Question = tuple[int, int]

STEP = f"t.row_number <= $last AND t.payee >= 0 AND t.amount_vnd BETWEEN {MIN_VND} AND {MAX_VND}"
RECURSIVE = f"""
WITH RECURSIVE reached(account, arrived, hop) AS (
  SELECT t.payee, t.row_number, 1 FROM transfers t
  WHERE t.payer = $account AND t.row_number >= $first AND {STEP}
  UNION
  SELECT t.payee, t.row_number, r.hop + 1 FROM reached r JOIN transfers t
  ON t.payer = r.account AND t.row_number > r.arrived AND {STEP} WHERE r.hop < {HOPS}
)
SELECT account, min(hop), min(arrived) FROM reached WHERE account <> $account GROUP BY account
"""
KEYED = f"""
WITH RECURSIVE reached(account, arrived, hop, level) USING KEY (account) AS (
  SELECT t.payee, min(t.row_number), 1, 1 FROM transfers t
  WHERE t.payer = $account AND t.row_number >= $first AND {STEP} GROUP BY t.payee
  UNION
  SELECT t.payee, min(t.row_number), coalesce(min(k.hop), min(r.level) + 1), min(r.level) + 1
  FROM reached r JOIN transfers t ON t.payer = r.account AND t.row_number > r.arrived AND {STEP}
  LEFT JOIN recurring.reached k ON k.account = t.payee
  WHERE r.level < {HOPS} AND (k.arrived IS NULL OR t.row_number < k.arrived) GROUP BY t.payee
)
SELECT account, hop, arrived FROM reached WHERE account <> $account
"""


def questions(transfers: Invented, graph: Graph, count: int) -> list[Question]:
    """Half from thefts, half from any transfer: (account, instant)."""
    random = np.random.default_rng(11)
    able = np.flatnonzero((transfers.payee >= 0) & (transfers.booked_us < (DAYS - 2) * DAY_US))
    thefts = np.intersect1d(transfers.thefts, able)
    rows = np.concatenate([random.choice(thefts, count // 2), random.choice(able, count - count // 2)])
    return [(int(transfers.payee[row]), int(transfers.booked_us[row])) for row in rows]


def timed(
    ask: Callable[[dict[str, int]], Iterable[Any]], graph: Graph, asked: list[Question]
) -> tuple[list[float], list[Answer]]:
    """Seconds and answer of each question, after a few to warm up."""
    seconds, answers = [], []
    for question in (*asked[:3], *asked):
        inside = window(graph, *question)
        started = time.perf_counter()
        found = ask(inside)
        seconds.append(time.perf_counter() - started)
        answers.append(set(found))
    return seconds[3:], answers[3:]


def ours(graph: Graph, asked: list[Question]) -> tuple[list[float], list[Answer], list[int]]:
    """As the others, and how many transfers each question looked at."""
    reach = Reach(graph)
    band = {"min_vnd": MIN_VND, "max_vnd": MAX_VND, "max_hops": HOPS}
    seconds, answers, searched = [], [], []
    for account, instant in (*asked[:3], *asked):
        started = time.perf_counter()
        found = reach.ask(account, instant, instant + HOURS_48_US, **band)
        seconds.append(time.perf_counter() - started)
        answers.append(set(zip(found.accounts.tolist(), found.hops.tolist(), found.rows.tolist(), strict=True)))
        searched.append(found.searched)
    return seconds[3:], answers[3:], searched[3:]


def window(graph: Graph, account: int, instant: int) -> dict[str, int]:
    """The question as the databases are asked it."""
    last = graph.edges.first_row(instant + HOURS_48_US + 1) - 1
    return {"account": account, "first": graph.edges.first_row(instant), "last": last}


def in_duckdb(transfers: Invented) -> duckdb.DuckDBPyConnection:
    """The transfers in the order of time, so that DuckDB reads only the window's part of them."""
    connection = duckdb.connect()
    columns = {
        "row_number": np.arange(len(transfers), dtype=np.int32),
        "payer": transfers.payer, "payee": transfers.payee, "amount_vnd": transfers.amount_vnd,
    }  # fmt: skip
    connection.register("columns", columns)
    connection.execute("CREATE TABLE transfers AS SELECT * FROM columns")
    return connection


def by_postgres(
    connection: duckdb.DuckDBPyConnection, graph: Graph, asked: list[Question]
) -> tuple[list[float], list[Answer]]:
    """Load a real server, and ask it."""
    query = RECURSIVE
    for name in ("account", "first", "last"):
        query = query.replace(f"${name}", f"%({name})s")
    with tempfile.TemporaryDirectory(prefix="lachan-bench-") as name:
        file = Path(name) / "transfers.csv"
        connection.execute(f"COPY transfers TO '{file}' (HEADER false)")
        root = Path(tempfile.mkdtemp(prefix="lachan-pg-"))
        with postgres(root) as address, psycopg.connect(address, autocommit=True) as server:
            server.execute(
                "CREATE UNLOGGED TABLE transfers (row_number int, payer int, payee int, amount_vnd bigint)"
            )
            with server.cursor().copy("COPY transfers FROM STDIN (FORMAT csv)") as copy, file.open("rb") as source:
                while chunk := source.read(1 << 20):
                    copy.write(chunk)
            server.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '1GB'")
            server.execute("CREATE INDEX ON transfers (payer, row_number) INCLUDE (payee, amount_vnd)")
            server.execute("VACUUM ANALYZE transfers")

            server.execute("SET jit = off")  # to compile a query would cost it more than to answer

            def ask(inside: dict[str, int]) -> Iterable[Any]:
                return server.execute(query, inside).fetchall()

            return timed(ask, graph, asked)


def main() -> None:
    """Measure, compare the answers, and print each side with its ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--edges", type=int, default=10_000_000)
    options.add_argument("--questions", type=int, default=200)
    options.add_argument("--without", nargs="*", default=[], choices=["postgres", "duckdb", "duckdb_keyed"])
    chosen = options.parse_args()
    transfers = invented(chosen.edges)
    started = time.perf_counter()
    graph = transfers.graph()
    result: dict[str, Any] = {
        "edges": len(transfers), "accounts": transfers.accounts,
        "build_ns_an_edge": (time.perf_counter() - started) / len(transfers) * 1e9,
        "bytes_an_edge": graph.edges.nbytes / len(transfers),
    }  # fmt: skip
    started = time.perf_counter()
    timeline = graph.timeline()
    result["timeline_ns_an_edge"] = (time.perf_counter() - started) / len(transfers) * 1e9
    result["timeline_bytes_an_edge"] = sum(array.nbytes for array in timeline) / len(transfers)
    asked = questions(transfers, graph, chosen.questions)
    seconds, answers, searched = ours(graph, asked)
    result["reached_p50"], result["reached_max"] = np.median([len(a) for a in answers]), max(map(len, answers))
    result["searched_max"] = max(searched)
    sides = {"ours": seconds}
    connection = in_duckdb(transfers)
    result["duckdb_threads"] = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    for name, query in (("duckdb", RECURSIVE), ("duckdb_keyed", KEYED)):
        if name not in chosen.without:

            def ask(inside: dict[str, int], query: str = query) -> Iterable[Any]:
                return zip(*connection.execute(query, inside).fetchnumpy().values(), strict=True)

            sides[name], theirs = timed(ask, graph, asked)
            result[f"{name}_same_answers"] = theirs == answers
    if "postgres" not in chosen.without:
        sides["postgres"], theirs = by_postgres(connection, graph, asked)
        result["postgres_same_answers"] = theirs == answers
    for name, times in sides.items():
        result[f"{name}_p50_us"] = percentile(times, 0.5) * 1e6
        result[f"{name}_p99_ms"] = percentile(times, 0.99) * 1e3
        result[f"{name}_total_s"] = sum(times)
        if name != "ours":
            result[f"{name}_total_times"] = sum(times) / sum(sides["ours"])
            result[f"{name}_p99_times"] = percentile(times, 0.99) / percentile(sides["ours"], 0.99)
    for name, value in result.items():
        print(f"{name:28} {value:14,.3f}" if isinstance(value, float) else f"{name:28} {value}")
    print(json.dumps(result, default=float))
    if not all(value for name, value in result.items() if name.endswith("same_answers")):
        raise SystemExit("the answers differ")


if __name__ == "__main__":
    main()
