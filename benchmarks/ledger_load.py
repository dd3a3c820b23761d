"""How fast do transfers come from Parquet into the engines' columns, and what do they take there?

Beside ours, in the same run on the same file: DuckDB reading the same columns into arrays and doing nothing more
with them (the floor), DuckDB's own table in memory with the index that a trace would need, and the rows one by one.
On a shared machine compare the rows of one run, and CPU rather than wall.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks.instance import taken_share
from lachan.ledger import Segments, Transfer, edges_of, load_columns, read_transfers

MADE = """
    SELECT 'FT' || lpad(i::VARCHAR, 12, '0') AS id,
        make_timestamptz(1767225600000000 + i * 1000 * (86400000 // {transfers} + 1)) AS time,
        '970436:' || lpad((hash(i * 2) % {accounts})::VARCHAR, 10, '0') AS payer,
        '970415:' || lpad((hash(i * 2 + 1) % {accounts})::VARCHAR, 10, '0') AS payee,
        (10000 + hash(i * 3) % 50000000)::BIGINT AS amount,
        CASE WHEN hash(i * 5) % 20 = 0 THEN 'cash_out' ELSE 'transfer' END AS kind
    FROM range({transfers}) made (i)
"""
ROWS_ONE_BY_ONE = 100_000
OPEN_ROWS = 333_000


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result, and wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def plain_scan(file: Path) -> Any:
    """The same columns as arrays: texts become hashes, and nothing is checked, numbered or ordered."""
    with duckdb.connect() as connection:
        return connection.execute(
            """SELECT epoch_us(time) AS booked_us, hash(id) AS id, hash(payer) AS payer, hash(payee) AS payee,
                amount, CASE kind WHEN 'transfer' THEN 0 ELSE 1 END::UTINYINT AS kind FROM read_parquet(?)""",
            [str(file)],
        ).fetchnumpy()


def table_bytes(file: Path) -> int:
    """What DuckDB holds in memory for a table of dense numbers with an index on payer: the edges of a SQL trace."""
    with duckdb.connect() as connection:
        connection.execute(
            """CREATE TABLE edge AS SELECT (hash(payer) >> 33)::INTEGER AS payer,
                (hash(payee) >> 33)::INTEGER AS payee, epoch_us(time) AS booked_us, amount, 0::UTINYINT AS kind
                FROM read_parquet(?)""",
            [str(file)],
        )
        connection.execute("CREATE INDEX edge_payer ON edge (payer)")
        found = connection.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
        return int(found[0][0])


def open_segment_ms() -> float:
    """How long the open segment takes to be put in order again after some more came."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    random = np.random.default_rng(7)
    sides = random.integers(0, 30_000, (2, OPEN_ROWS)).tolist()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Segments(Path(folder), b"benchmark")
        ledger.add([
            Transfer(f"{n}", at + timedelta(milliseconds=n), f"A{a}", f"A{b}", 1)
            for n, (a, b) in enumerate(zip(*sides, strict=True))
        ])  # fmt: skip
        ledger.open()
        took = []
        for more in range(5):
            ledger.add([Transfer(f"+{more}", at + timedelta(days=1), "A1", "A2", 1)])
            took.append(timed(ledger.open)[1])
        return min(took) * 1000


def measure(transfers: int, accounts: int, folder: Path) -> dict[str, Any]:
    """One made-up day on disk, read by both."""
    file = folder / "day.parquet"
    duckdb.execute(f"COPY ({MADE.format(transfers=transfers, accounts=accounts)}) TO '{file}' (FORMAT parquet)")
    load_columns(file)  # compiled and in the page cache for both
    since, _ = taken_share()
    _, scan_wall, scan_cpu = timed(lambda: plain_scan(file))
    loaded, load_wall, load_cpu = timed(lambda: load_columns(file))
    edges, edges_wall, edges_cpu = timed(lambda: edges_of(loaded.columns))
    few = folder / "few.parquet"
    duckdb.execute(f"COPY (SELECT * FROM '{file}' LIMIT {ROWS_ONE_BY_ONE}) TO '{few}' (FORMAT parquet)")
    _, rows_wall, _ = timed(lambda: read_transfers(few))
    wall, cpu = load_wall + edges_wall, load_cpu + edges_cpu
    return {
        "transfers": len(loaded.columns),
        "accounts": len(loaded.columns.accounts),
        "refused": len(loaded.rejected),
        "wall_s": wall,
        "cpu_s": cpu,
        "transfers_per_s": transfers / wall,
        "transfers_per_cpu_s": transfers / cpu,
        "of_which_edges_s": edges_wall,
        "plain_duckdb_scan_transfers_per_s": transfers / scan_wall,
        "plain_duckdb_scan_transfers_per_cpu_s": transfers / scan_cpu,
        "times_the_plain_scan_cpu": cpu / scan_cpu,
        "rows_one_by_one_per_s": min(ROWS_ONE_BY_ONE, transfers) / rows_wall,
        "bytes_an_edge": edges.nbytes / len(edges),
        "duckdb_indexed_table_bytes_an_edge": table_bytes(file) / transfers,
        "open_segment_ms_333k": open_segment_ms(),
        "file_bytes_a_transfer": file.stat().st_size / transfers,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "processors": os.cpu_count(),
        "taken_by_others_share": taken_share(since)[1],
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--transfers", type=int, default=10_000_000)
    options.add_argument("--accounts", type=int, default=1_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(chosen.transfers, chosen.accounts, Path(folder))
    for name, value in result.items():
        print(f"{name:42} {value:16,.6g}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
