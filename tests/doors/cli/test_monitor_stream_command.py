"""`lachan monitor stream` and the worker: a file goes onto the stream and is judged once."""

import threading
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
import typer
from tests.factories import stream_life
from tests.factories.streaming import bodies, busy, offline

from lachan.bootstrap import Services, build, initialise
from lachan.doors.cli import monitor_stream as command
from lachan.doors.cli import system
from lachan.doors.cli.output import out
from lachan.doors.worker import run_worker
from lachan.doors.worker.loop import Part
from lachan.foundation.base import SYSTEM, BadInput, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import row_writer
from lachan.ledger import row_of
from lachan.monitoring.stream import erase_judged
from lachan.monitoring.stream.model import KEPT, LETTERS_KEPT

TRANSFERS = busy(300)
WHOLE = sorted((one.fired.id, one.typology, one.account) for one in offline(bodies(TRANSFERS)))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(out, "json", True)
    initialise(Settings())
    return build(Settings())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "transfers.ndjson"
    with row_writer(path) as write:
        for one in TRANSFERS:
            write(row_of(one))
    return path


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def test_a_file_is_published_judged_and_looked_at(
    services: Services, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):  # the same file again adds nothing
        command.publish(file)
        assert said(capsys) == {"transfers": 300, "messages": 3, "sequence": 3, "rejected": 0}
    command.follow(until_caught_up=True)
    (owner,) = said(capsys)["owners"]
    assert (owner["sequence"], owner["waiting"], owner["transfers"]) == (3, 0, 300)
    assert stream_life.sightings(services.db) == WHOLE
    assert list((services.stream_folder / "graph").glob("*.state"))
    command.state()
    assert said(capsys)["owners"] == [owner]
    command.dead_letters()
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there_is_bad_input(services: Services, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="unreadable_file"):
        command.publish(tmp_path / "missing.csv")
    assert services.stream.last() == 0


def test_rows_that_cannot_be_used_are_told(
    services: Services, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("ab") as lines:
        lines.write(b'{"id": "bad", "time": "2026-11-18", "payer": "a", "payee": "b", "amount": 1}\n')
    with pytest.raises(typer.Exit) as ended:
        command.publish(file, "mine")
    assert ended.value.exit_code == 1
    told = capsys.readouterr()
    assert orjson.loads(told.out)["rejected"] == 1
    assert "time_without_offset" in told.err


def test_the_worker_judges_and_check_says_how_far_it_is(
    services: Services, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()
    working = threading.Thread(target=run_worker, args=(services, Part.STREAM, stop))
    working.start()
    try:
        command.publish(file)
        end = time.monotonic() + 120
        while (now := stream_life.standing(services.db, "local")) is None or now.sequence < 3:
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        stop.set()
        working.join()
    capsys.readouterr()
    system.check()
    checked = said(capsys)
    assert (checked["stream"], checked["stream_waiting"], checked["stream_dead_letters"]) == ("ready", 0, 0)
    assert stream_life.sightings(services.db) == WHOLE


def test_what_is_judged_is_dropped_after_its_time_and_nothing_else_is(
    services: Services, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.publish(file)
    later = WallClock().now() + KEPT * 2
    with services.db.unit(later, SYSTEM) as unit:
        assert erase_judged(unit) == 0
    command.follow(until_caught_up=True)
    services.stream.publish([b"{"], "k")
    command.follow(until_caught_up=True)
    with services.db.unit(later, SYSTEM) as unit:
        assert erase_judged(unit) == 4 + 3  # messages; verdicts
    with services.db.unit(later + LETTERS_KEPT, SYSTEM) as unit:
        assert erase_judged(unit) == 1
    # Numbers go on, and a new owner starts from the snapshot.
    assert services.stream.publish([b"{"], "k2") == [5]
    command.follow(until_caught_up=True)
    capsys.readouterr()
    command.state()
    (owner,) = said(capsys)["owners"]
    assert owner["sequence"] == 5
