"""`lachan registry import`, killed between two chunks and in the middle of one, ends with exactly the file."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from lachan.bootstrap import initialise
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database
from lachan.registry.tables import batch, claim, entry
from lachan.registry.views.verification import unfaithful_entries, unfaithful_imports

ROWS, BAD, REPEATED, CHUNK = 3_000, 25, 40, 400
COMMAND = [sys.executable, "-m", "lachan.doors.cli"]
# The same command with small chunks, which says when it is there and waits to be killed.
WAITING = f"""
import sys, time
import lachan.registry.importing.chunk as chunk
import lachan.registry.importing.run as run

def wait_in(module, name, done_first, count):
    original = getattr(module, name)
    def waiting(*given, **named):
        nonlocal count
        made = original(*given, **named) if done_first else None
        count -= name == "_chunk" or given[1].name == "registry_claim"
        if count == 0:
            print("here", file=sys.stderr, flush=True)
            time.sleep(600)
        return made if done_first else original(*given, **named)
    setattr(module, name, waiting)

run.CHUNK_ROWS = {CHUNK}
if sys.argv.pop(1) == "border":
    wait_in(run, "_chunk", True, int(sys.argv.pop(1)))
else:
    wait_in(chunk, "insert_rows", False, int(sys.argv.pop(1)))
from lachan.doors.cli.main import main
main()
"""


def write_list(file: Path) -> dict[str, tuple[str, int, str | None]]:
    """Accounts, phones, names, some bad and some repeated rows, in no order; what a good key should say."""
    draw = random.Random(3)
    rows: list[list[str]] = []
    for number in range(ROWS - BAD - REPEATED):
        kinds = (f"account:999001:{number:012d}", f"phone:+849{number:08d}", f"domain:xau-{number}.com")
        evidence = f"HS-{number}" if number % 7 else ""
        rows.append([kinds[number % 3], f"R{1 + number % 8}", str(60 + number % 40), evidence])
    said = {row[0]: (row[1], int(row[2]), row[3] or None) for row in rows}
    rows += [["account:999001:1", "R1", "60", ""]] * BAD + [list(row) for row in draw.sample(rows, REPEATED)]
    draw.shuffle(rows)
    with file.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("key", "reason", "confidence", "evidence"))
        writer.writerows(rows)
    return said


def test_a_killed_import_started_again_ends_with_exactly_the_file(
    database_url: str, db: Database, tmp_path: Path
) -> None:
    file, home = tmp_path / "claims.csv", tmp_path / "home"
    said = write_list(file)
    initialise(Settings(home=home, database_url=database_url)).db.close()
    environment = {**os.environ, "LACHAN_HOME": str(home), "LACHAN_DATABASE_URL": database_url}
    words = ["--json", "registry", "import", str(file), "--feed", "claims"]
    for where, chunks, done in (("border", 2, 2), ("middle", 3, 4)):
        command = [sys.executable, "-c", WAITING, where, str(chunks), *words]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            assert b"here\n" in iter(process.stderr.readline, b"")
            process.kill()
        assert process.returncode == -signal.SIGKILL
        with db.read() as conn:
            assert conn.execute(sa.select(batch.c.rows_done)).scalar_one() == done * CHUNK, (where, chunks)
            assert unfaithful_imports(conn) == []
    finished = subprocess.run([*COMMAND, *words], env=environment, stdout=subprocess.PIPE)
    assert finished.returncode == 1, "there are bad rows"
    assert json.loads(finished.stdout) == {
        "rows": ROWS, "added": len(said), "updated": 0, "unchanged": REPEATED, "delisted": 0, "conflicts": 0,
        "rejected": BAD,
    }  # fmt: skip
    rejects = (home / "imports" / "claims.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 1 + BAD, "those of the killed runs, too"
    with db.read() as conn:
        rows = conn.execute(sa.select(claim.c.key, claim.c.reason, claim.c.confidence, claim.c.evidence)).all()
        entries = conn.execute(sa.select(sa.func.count()).select_from(entry)).scalar_one()
        states = list(conn.execute(sa.select(batch.c.state)).scalars())
        assert unfaithful_imports(conn) == []
        assert unfaithful_entries(conn, WallClock().now()) == []
    assert len(rows) == entries == len(said)
    assert {row.key: (row.reason, row.confidence, row.evidence) for row in rows} == said
    assert states == ["done"]
