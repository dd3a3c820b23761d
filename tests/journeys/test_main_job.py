"""The main job on real input: the demo's own processes, its JSON, and every held amount against the oracle."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.journeys.story_files import (
    alerted,
    check_amounts,
    check_depth,
    check_sums,
    oracle,
    read_record,
    steps_of,
)

from lachan.sandbox.ledger import bundled_ledger_folder, read_ledger
from lachan.sandbox.story import tell_story

KEYS = (
    "reported_vnd", "held_vnd", "returned_vnd", "located_vnd", "moving_vnd", "out_of_reach_vnd", "diluted_vnd",
    "overlap_vnd", "losses", "first_hold_seconds", "max_depth", "institutions", "requests", "trail_verified",
)  # fmt: skip
PARTS = KEYS[1:7]
# In these steps some money is certain to lie three hops deep when it is reported.
SLICE = (21, 30)


@pytest.mark.journey
@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_slice_of_the_ledger(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = fresh_url(store, request, tmp_path)
    told = play(tmp_path, url, seed=1, steps=SLICE, factor=30)
    check(told, tmp_path, url, bundled_ledger_folder(), SLICE, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("graph", ["amlsim_20K_cycle200", "amlsim_20K_fanin200"])
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_whole_published_graph(
    store: str, graph: str, seed: int, request: pytest.FixtureRequest, tmp_path: Path, test_data: Path
) -> None:
    ledger = test_data / "data" / "transactions" / graph
    url = fresh_url(store, request, tmp_path)
    told = play(tmp_path, url, seed=seed, ledger=ledger)
    check(told, tmp_path, url, ledger, steps_of(ledger), seed=seed)


def play(
    folder: Path,
    url: str,
    *,
    seed: int,
    steps: tuple[int, int] | None = None,
    factor: float | None = None,
    ledger: Path | None = None,
) -> dict[str, object]:
    """Run the headless demo; returns its JSON. State and logs are kept in `folder`/kept."""
    command = [sys.executable, "-m", "lachan.doors.cli", "--json", "demo", "--headless", "--seed", str(seed)]
    command += [] if steps is None else ["--first-step", str(steps[0]), "--steps", str(steps[1])]
    command += [] if factor is None else ["--factor", str(factor)]
    command += [] if ledger is None else ["--ledger", str(ledger)]
    environment = {**os.environ, "LACHAN_DEMO_KEEP": str(folder / "kept"), "LACHAN_DATABASE_URL": url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("\n") == 1, "one JSON document and nothing else"
    told: dict[str, object] = json.loads(done.stdout)
    print(done.stdout)
    return told


def check(
    told: dict[str, object], folder: Path, url: str, ledger: Path, steps: tuple[int, int], *, seed: int
) -> None:
    """The contract of the JSON, and the record behind it against the oracle."""
    assert tuple(told) == KEYS
    assert told["reported_vnd"] == sum(int(str(told[part])) for part in PARTS)
    assert told["trail_verified"] is True
    assert int(str(told["losses"])) >= 30
    assert float(str(told["first_hold_seconds"])) > 0
    assert int(str(told["institutions"])) >= 3
    rows = read_record(url or f"sqlite:///{folder}/kept/home/lachan.db")
    outcome = oracle(ledger, *steps, folder / "kept" / "province", rows)
    check_sums(rows, outcome)
    assert check_amounts(rows, outcome) >= 20
    deep = tell_story(read_ledger(ledger, first_step=steps[0], steps=steps[1]), seed=seed).deep
    check_depth(rows, deep, int(str(told["max_depth"])))
    # Banks tell who pays a suspected account still, and other banks hear of it: some, not a flood.
    told_to = alerted(url or f"sqlite:///{folder}/kept/home/lachan.db")
    print(f"{len(told_to)} payments were told to {len(set(told_to))} institutions")
    assert len(set(told_to)) >= 3
    assert len(told_to) <= 2 * len(rows.holds)


def fresh_url(store: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of an empty PostgreSQL database, or nothing: SQLite in the home folder."""
    if store == "sqlite":
        return ""
    server = str(request.getfixturevalue("postgres_server"))
    address = sa.make_url(server.replace("postgresql://", "postgresql+psycopg://"))
    name = f"story_{folder.name.replace('-', '_')}".lower()[:60]
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        conn.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return address.set(database=name).render_as_string(hide_password=False)
