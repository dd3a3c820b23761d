"""`lachan registry import`, killed between two chunks and in the middle of one, ends with exactly the file."""

import csv
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from lachan.bootstrap import initialise
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database
from lachan.registry.tables import batch, claim, entry
from lachan.registry.views.verification import unfaithful_entries, unfaithful_imports

CHUNKS, CHUNK = 6, 10_000
BAD, REPEATED = 25, 40
ROWS = CHUNKS * CHUNK
PIPE_BYTES = 4096


def write_list(file: Path) -> dict[str, tuple[str, int, str | None]]:
    """Accounts, phones, names, some bad and some repeated rows, in no order; what a good key should say."""
    draw = random.Random(3)
    rows: list[list[str]] = []
    for number in range(ROWS - BAD - REPEATED):
        kinds = (f"account:999001:{number:012d}", f"phone:+849{number:08d}", f"domain:xau-{number}.com")
        key = kinds[number % 3]
        rows.append([key, f"R{1 + number % 8}", str(60 + number % 40), f"HS-{number}" if number % 7 else ""])
    said = {row[0]: (row[1], int(row[2]), row[3] or None) for row in rows}
    rows += [["account:999001:1", "R1", "60", ""]] * BAD + [list(row) for row in draw.sample(rows, REPEATED)]
    draw.shuffle(rows)
    with file.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("key", "reason", "confidence", "evidence"))
        writer.writerows(rows)
    return said


@contextmanager
def importing(
    home: Path, url: str, file: Path, *, errors: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """The real command, which does not outlive the block."""
    words = ["--json", "registry", "import", str(file), "--feed", "claims"]
    command = [sys.executable, "-m", "lachan.doors.cli", *words]
    environment = {**os.environ, "LACHAN_HOME": str(home), "LACHAN_DATABASE_URL": url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def rows_done(db: Database) -> int:
    with db.read() as conn:
        return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(batch.c.rows_done), 0))).scalar_one())


def kill_at_a_border(db: Database, home: Path, url: str, file: Path) -> None:
    """It says how far it is between two chunks, and waits there, because nobody reads what it says."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.write(writer, b"." * PIPE_BYTES)
    with importing(home, url, file, errors=writer) as process:
        done, since = 0, time.monotonic()
        while process.poll() is None and time.monotonic() - since < 3:
            if (now_done := rows_done(db)) != done:
                done, since = now_done, time.monotonic()
            elif not done:
                since = time.monotonic()
            time.sleep(0.02)
        assert process.poll() is None, "it ended before it said anything"
    os.close(reader)
    os.close(writer)
    assert 0 < done < ROWS
    assert done % CHUNK == 0


def kill_in_the_middle(db: Database, home: Path, url: str, file: Path) -> None:
    """Stopped a moment after a chunk was committed, and killed if the next one was not."""
    before = rows_done(db)
    with importing(home, url, file) as process:
        while rows_done(db) == before:
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        assert before < rows_done(db) < ROWS
    assert process.returncode == -signal.SIGKILL


def test_a_killed_import_started_again_ends_with_exactly_the_file(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    file, home = tmp_path / "claims.csv", tmp_path / "home"
    said = write_list(file)
    initialise(Settings(home=home, database_url=database_url)).db.close()
    kill_at_a_border(db, home, database_url, file)
    kill_in_the_middle(db, home, database_url, file)
    with importing(home, database_url, file) as process:
        told, _ = process.communicate()
    assert process.returncode == 1, "there are bad rows"
    assert json.loads(told) == {
        "rows": ROWS, "added": len(said), "updated": 0, "unchanged": REPEATED, "delisted": 0, "conflicts": 0,
        "rejected": BAD,
    }  # fmt: skip
    rejects = (home / "imports" / "claims.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 1 + BAD, "those of the killed runs, too"
    now = WallClock().now()
    with db.read() as conn:
        rows = conn.execute(sa.select(claim.c.key, claim.c.reason, claim.c.confidence, claim.c.evidence)).all()
        entries = conn.execute(sa.select(sa.func.count()).select_from(entry)).scalar_one()
        states = list(conn.execute(sa.select(batch.c.state)).scalars())
        assert unfaithful_imports(conn) == []
        assert unfaithful_entries(conn, now) == []
    assert len(rows) == entries == len(said)
    assert {row.key: (row.reason, row.confidence, row.evidence) for row in rows} == said
    assert states == ["done"]
