"""`lachan trace stream`, `rings stream`, `reach stream`: what institutions sent, as if it were a file."""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.factories.streaming import busy

from lachan.bootstrap import Services, build, initialise
from lachan.doors.cli import trace as command
from lachan.doors.cli import trace_follow
from lachan.doors.cli.columns import STREAM, stream_opener
from lachan.doors.cli.output import out
from lachan.doors.cli.reach import run as reach
from lachan.doors.cli.rings import run as rings
from lachan.foundation.base import BadInput, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import row_writer
from lachan.ledger import Transfer, row_of
from lachan.monitoring.stream import StreamColumns, messages_of
from lachan.tracing import trace

SENT = busy(400, accounts=25)
LOSS = SENT[40].id
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    initialise(Settings())
    return build(Settings())


def send(services: Services, transfers: list[Transfer], key: str, received: datetime | None = None) -> None:
    services.stream.publish(list(messages_of(transfers, {}, "970436", received or services.clock.now())), key)


def file_of(folder: Path) -> Path:
    file = folder / "sent.ndjson"
    with row_writer(file) as write:
        for one in SENT:
            write(row_of(one))
    return file


def said(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def traced(source: Path, rule: str, disputed: str, capsys: Captured) -> dict[str, Any]:
    assert command.run(source, disputed, rule, None, None, None, None) == 0
    return said(capsys)


def test_the_stream_answers_as_the_same_file_does(services: Services, tmp_path: Path, capsys: Captured) -> None:
    send(services, SENT, "all")
    file = file_of(tmp_path)
    for rule, disputed in (("lifo", LOSS), ("haircut", LOSS), ("taint_first", f"{LOSS},{SENT[50].id}")):
        assert traced(STREAM, rule, disputed, capsys) == traced(file, rule, disputed, capsys)
    told = []
    for source in (STREAM, file):
        target = tmp_path / "rings.ndjson"
        assert rings(source, target, "1000000", 50, 3, False) == 0
        found = said(capsys)
        assert found["members"] > 3
        assert reach(source, LOSS, 48, 10, "1", None) == 0
        reached = said(capsys)
        assert reached["reached"] > 3
        told.append((target.read_text(encoding="utf-8"), found, reached))
    assert told[0] == told[1]
    assert list((services.settings.home / "columns").rglob("segment-*"))  # the days are over
    assert traced(STREAM, "lifo", LOSS, capsys) == traced(file, "lifo", LOSS, capsys)


def test_a_trace_that_is_followed_is_said_again_when_it_changes(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_follow, "_EACH_S", 0.01)
    send(services, SENT[:100], "1")
    asked = command.Asked(LOSS, "lifo", None, None, None)
    stop = threading.Event()
    answers = trace_follow.follow(*stream_opener(), asked, {}, stop)
    for known in (100, 300, 400):
        if known > 100:
            send(services, SENT[:known], str(known))  # the payee's bank tells the same again
        assert next(answers) == trace(SENT[:known], [LOSS])
    stop.set()
    assert list(answers) == []


class Turning:
    """A clock that is moved on by hand, from noon in Việt Nam: near midnight a day is not over yet."""

    def __init__(self) -> None:
        self.at = WallClock().now().replace(hour=5)

    def now(self) -> datetime:
        return self.at

    def wall_delay_s(self, domain_seconds: float) -> float:
        return domain_seconds


def test_who_follows_for_days_keeps_what_is_over_on_disk_and_nothing_for_ever(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_follow, "_EACH_S", 0.01)
    clock = Turning()
    monkeypatch.setattr(Settings, "effective_clock", clock)
    opened: list[StreamColumns] = []
    opener, _ = stream_opener()

    def noted() -> StreamColumns:
        opened.append(opener())
        return opened[-1]

    def today(number: int) -> Transfer:
        return Transfer(f"D{number}", clock.at, "a:1", "b:2", 100 + number)

    send(services, [today(0)], "0", clock.at)
    answers = trace_follow.follow(
        noted, clock, command.Asked("D0", "lifo", None, None, None), {}, threading.Event()
    )
    for day in range(7):
        found = next(answers)
        assert found.edges == 1
        assert len(opened[-1].ledger.closed) == day
        assert opened[-1].ledger.open() is not None
        clock.at += timedelta(days=1)
        send(services, [today(day + 1)], str(day + 1), clock.at)
    assert len(opened) == 7
    # A week later the stream has dropped the message, and so has he who follows.
    clock.at += timedelta(days=1)
    with pytest.raises(BadInput, match="unknown_disputed"):
        list(answers)
    assert "D0" not in {one.id for one in opened[-1].ledger.transfers()}


@pytest.mark.parametrize(
    ("disputed", "rule", "as_of", "field"),
    [
        (LOSS, "poison", None, "--rule"),
        (f"{LOSS},x", "lifo", None, "--follow"),
        (LOSS, "lifo", "2026-11-22T09:41:00+07:00", "--follow"),
    ],
)
def test_what_cannot_be_followed_is_named(disputed: str, rule: str, as_of: str | None, field: str) -> None:
    with pytest.raises(BadInput) as raised:
        command.run(STREAM, disputed, rule, None, as_of, None, None, follow=True)
    assert raised.value.field == field
    with pytest.raises(BadInput) as raised:
        command.run(Path("a.csv"), LOSS, "lifo", None, None, None, None, follow=True)
    assert raised.value.field == "TRANSFERS"
