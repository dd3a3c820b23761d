"""The stream as columns: each transfer once, days on disk, nothing longer than the stream keeps its messages."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import NOON
from tests.factories.streaming import busy

from lachan.foundation.base import NotReady, SimulatedClock
from lachan.foundation.storage import Database
from lachan.ledger import Transfer
from lachan.monitoring.stream import LocalStream, Message, StreamColumns, forget_columns, messages_of

SECRET = b"k" * 32
CLOCK = SimulatedClock(NOON, 0.0, NOON)
DAY = timedelta(days=1)


def transfer(name: str, hours: float = 0, amount_vnd: int = 5, **more: str) -> Transfer:
    return Transfer(name, NOON + timedelta(hours=hours), "a:1", "b:2", amount_vnd, **more)  # type: ignore[arg-type]


def publish(stream: LocalStream, *transfers: Transfer, key: str, source: str = "970436") -> None:
    stream.publish(list(messages_of(transfers, {}, source, NOON + DAY)), key)


@pytest.fixture
def stream(db: Database, tmp_path: Path) -> LocalStream:
    return LocalStream(db, CLOCK, tmp_path / "stream")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "columns"


def taken(stream: LocalStream, folder: Path) -> StreamColumns:
    made = StreamColumns(stream, folder, SECRET)
    made.take()
    return made


def test_what_was_sent_is_there_and_days_that_are_over_are_read_from_disk(
    stream: LocalStream, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [*busy(150), *busy(150, seed=2, start=NOON + DAY)]
    publish(stream, *sent, key="all")
    first = taken(stream, folder)
    told = [(one.id, one.booked_at, one.payer, one.payee, one.amount_vnd, one.kind) for one in sent]
    for _ in range(2):  # open, and then closed
        found = first.ledger.transfers()
        assert [(one.id, one.booked_at, one.payer, one.payee, one.amount_vnd, one.kind) for one in found] == told
        assert {one.learned_at for one in found} == {NOON + DAY}
        first.close(NOON + DAY + timedelta(hours=12))
    assert [len(one.columns) for one in first.ledger.closed] == [150]
    columns, numbers = first.columns()
    assert list(columns.accounts) == sorted(columns.accounts)
    assert first.places(["FT2-0", "nobody"], numbers) == {"FT2-0": 150}
    asked: list[int] = []

    def read(after: int, limit: int) -> list[Message]:
        asked.append(after)
        return LocalStream.read(stream, after, limit)

    monkeypatch.setattr(stream, "read", read)
    again = taken(stream, folder)
    assert asked[0] == 1  # the message that the second day begins in
    assert again.ledger.transfers() == first.ledger.transfers()
    assert again.take() == []


def test_both_banks_tell_of_a_transfer_and_a_known_id_may_be_another_payment(
    stream: LocalStream, folder: Path
) -> None:
    publish(stream, transfer("1"), transfer("2", 1), key="payer")
    publish(stream, transfer("1"), transfer("2", 2, 7), key="payee", source="970407")
    kept = taken(stream, folder)
    assert [one.id for one in kept.ledger.transfers()] == ["1", "2", "2#2"]
    kept.close(NOON + DAY)
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["1", "2", "2#2"]
    publish(stream, transfer("1"), transfer("2", 2, 7), key="late")
    assert taken(stream, folder).take() == []
    assert len(taken(stream, folder).ledger.transfers()) == 3


def test_what_refers_to_nothing_is_a_row_of_its_own(stream: LocalStream, folder: Path) -> None:
    publish(stream, transfer("1"), key="a")
    publish(stream, transfer("2", 1, reverses="1"), transfer("3", 2, corrects="nobody"), key="b")
    publish(stream, transfer("4", 3, corrects="5"), transfer("5", 4, corrects="4"), key="c")
    found = {one.id: (one.reverses, one.corrects) for one in taken(stream, folder).ledger.transfers()}
    assert found == {"1": (None, None), "2": ("1", None), "3": (None, None), "4": (None, None), "5": (None, None)}


def test_nothing_is_kept_longer_than_the_stream_keeps_it(stream: LocalStream, folder: Path) -> None:
    publish(stream, transfer("1"), transfer("2", 48), key="a")
    kept = taken(stream, folder)
    kept.close(NOON + 4 * DAY)
    assert len(kept.ledger.closed) == 2
    kept.close(NOON + 8 * DAY)
    assert [one.id for one in kept.ledger.transfers()] == ["2"]
    kept.close(NOON + 20 * DAY)
    assert kept.ledger.transfers() == []
    assert not list(folder.glob("**/segment-*"))


def test_days_go_in_time_though_nobody_asks_and_torn_ones_at_once(stream: LocalStream, folder: Path) -> None:
    assert forget_columns(folder, SECRET, NOON) == 0
    publish(stream, transfer("1"), transfer("2", 48), key="a")
    taken(stream, folder).close(NOON + 4 * DAY)
    assert forget_columns(folder, SECRET, NOON + 6 * DAY) == 0
    assert forget_columns(folder, SECRET, NOON + 7 * DAY) == 1
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["2"]
    next(folder.glob("*/manifest-*")).write_bytes(b"{}")
    assert forget_columns(folder, SECRET, NOON + 7 * DAY) == 0
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["1", "2"]  # as the stream has it


def test_another_stream_is_refused(db: Database, stream: LocalStream, folder: Path, tmp_path: Path) -> None:
    publish(stream, transfer("1"), key="a")
    taken(stream, folder).close(NOON + DAY)
    monkey = LocalStream(db, CLOCK, tmp_path / "stream")
    monkey.last = lambda: 0  # type: ignore[method-assign]
    with pytest.raises(NotReady, match="stream_shorter_than_record"):
        StreamColumns(monkey, folder, SECRET)
