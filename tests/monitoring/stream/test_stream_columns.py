"""The stream as columns: each transfer once, days on disk, nothing longer than the stream keeps its messages."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.streaming import busy

from lachan.foundation.base import VND_MAX, Conflict, NotReady, SimulatedClock
from lachan.foundation.storage import Database
from lachan.ledger import Transfer, TransferKind
from lachan.ledger.segments.files import only_writer
from lachan.monitoring.stream import LocalStream, Message, StreamColumns, forget_columns, messages_of
from lachan.monitoring.stream.message import opened

SECRET = b"k" * 32
CLOCK = SimulatedClock(NOON, 0.0, NOON)
DAY = timedelta(days=1)


def transfer(name: str, hours: float = 0, amount_vnd: int = 5, **more: str) -> Transfer:
    return Transfer(name, NOON + timedelta(hours=hours), "a:1", "b:2", amount_vnd, **more)  # type: ignore[arg-type]


def publish(
    stream: LocalStream,
    *transfers: Transfer,
    key: str,
    source: str = "970436",
    received: datetime = NOON + DAY,
) -> None:
    stream.publish(list(messages_of(transfers, {}, source, received)), key)


class Held(LocalStream):
    """A stream in memory: it is published to, and read."""

    name = "held"

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def last(self) -> int:
        return len(self.messages)

    def publish(self, bodies: list[bytes], _key: str) -> list[int]:
        self.messages += [Message(len(self.messages) + number, body) for number, body in enumerate(bodies, 1)]
        return []

    def read(self, after: int, limit: int) -> list[Message]:
        return self.messages[after : after + limit]


def told(kept: StreamColumns) -> dict[str, tuple[object, ...]]:
    return {
        one.id: (
            one.payer, one.payee, one.amount_vnd, one.booked_at, one.kind, one.reverses, one.corrects,
        )
        for one in kept.ledger.transfers()
    }  # fmt: skip


def test_another_stream_is_refused(db: Database, stream: LocalStream, folder: Path, tmp_path: Path) -> None:
    publish(stream, transfer("1"), key="a")
    taken(stream, folder).close(NOON + DAY)
    monkey = LocalStream(db, CLOCK, tmp_path / "stream")
    monkey.last = lambda: 0  # type: ignore[method-assign]
    with pytest.raises(NotReady, match="stream_shorter_than_record"):
        StreamColumns(monkey, folder, SECRET)


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
    publish(stream, transfer("4", 3, corrects="5"), key="c")
    publish(stream, transfer("5", 4, corrects="4"), key="d")
    for _ in range(2):  # open, and then closed
        kept = taken(stream, folder)
        found = {one.id: (one.reverses, one.corrects) for one in kept.ledger.transfers()}
        assert found == dict.fromkeys("1345", (None, None)) | {"2": ("1", None)}
        kept.close(NOON + 2 * DAY)
    publish(stream, transfer("nobody"), key="e")
    assert {one.id: one.corrects for one in taken(stream, folder).ledger.transfers()}["3"] == "nobody"


def test_nothing_is_kept_longer_than_the_stream_keeps_it(stream: LocalStream, folder: Path) -> None:
    publish(stream, transfer("1"), key="a", received=NOON)
    # Of a day long ago, and sent just now: it is there as long as its message.
    publish(stream, transfer("2", 48), transfer("0", -30 * 24), key="b", received=NOON + 2 * DAY)
    kept = taken(stream, folder)
    kept.close(NOON + 4 * DAY)
    assert len(kept.ledger.closed) == 3
    kept.close(NOON + 8 * DAY)
    assert [one.id for one in kept.ledger.transfers()] == ["0", "2"]
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["0", "2"]
    kept.close(NOON + 20 * DAY)
    assert kept.ledger.transfers() == []
    assert not list(folder.glob("**/segment-*"))


def test_days_go_in_time_though_nobody_asks_and_torn_ones_at_once(stream: LocalStream, folder: Path) -> None:
    assert forget_columns(folder, SECRET, NOON) == 0
    publish(stream, transfer("1"), key="a", received=NOON)
    publish(stream, transfer("2", 48), key="b", received=NOON + 2 * DAY)
    taken(stream, folder).close(NOON + 4 * DAY)
    assert forget_columns(folder, SECRET, NOON + 6 * DAY) == 0
    assert forget_columns(folder, SECRET, NOON + 7 * DAY) == 1
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["2"]
    next(folder.glob("*/manifest-*")).write_bytes(b"{}")
    assert forget_columns(folder, SECRET, NOON + 7 * DAY) == 0
    assert [one.id for one in taken(stream, folder).ledger.transfers()] == ["1", "2"]  # as the stream has it


@pytest.mark.parametrize("pattern", ["segment-*/payer", "accounts-*", "manifest-*", "CURRENT"])
def test_what_is_torn_is_made_of_the_stream_again_by_whoever_asks(pattern: str, folder: Path) -> None:
    stream = Held()
    publish(stream, transfer("1"), transfer("2", 48), key="a")
    taken(stream, folder).close(NOON + 4 * DAY)
    file = next((folder / stream.name).glob(pattern))
    file.write_bytes(file.read_bytes()[:-2])
    again = taken(stream, folder)
    assert [one.id for one in again.ledger.transfers()] == ["1", "2"]
    again.close(NOON + 4 * DAY)
    assert len(taken(stream, folder).ledger.closed) == 2
    # Not while another one writes: what is torn may be half of it.
    file = next((folder / stream.name).glob("CURRENT"))
    file.write_text("nothing")
    with only_writer(folder / stream.name), pytest.raises(NotReady, match="ledger_segment_refused"):
        taken(stream, folder)


def test_an_id_that_every_payment_has_is_told_as_often_and_soon(folder: Path) -> None:
    stream, asked = Held(), 0
    for part in range(10):
        sent = [transfer("0", amount_vnd=1 + number + 20 * part) for number in range(20)]
        publish(stream, *sent, key=str(part))
    kept = StreamColumns(stream, folder, SECRET)
    said = kept.ledger.said

    def counted(identity: str, *, closed: bool = True) -> tuple[str, str, int] | None:
        nonlocal asked
        asked += 1
        return said(identity, closed=closed)

    kept.ledger.said = counted  # type: ignore[method-assign]
    assert len(kept.take()) == 200
    assert asked < 500
    assert {one.id for one in kept.ledger.transfers()} == {"0", *(f"0#{number}" for number in range(2, 201))}
    kept.close(NOON + DAY)
    publish(stream, transfer("0", amount_vnd=77), transfer("0", amount_vnd=201), transfer("0#7"), key="more")
    assert [one.id for one in taken(stream, folder).ledger.transfers()][200:] == ["0#201", "0#7#2"]


ACCOUNTS = ("a:1", "b:2", "outside")


@st.composite
def lines(draw: st.DrawFn) -> list[Transfer]:
    """A message: some of it told before, some under an id that something else has, some about what may be there."""
    names = st.sampled_from(("1", "2", "3", "1#2"))
    made = []
    for number in range(draw(st.integers(1, 4))):
        payer, payee = draw(
            st.sampled_from([(a, b) for a in ACCOUNTS for b in ACCOUNTS if a != "outside" or b != a])
        )
        about = draw(st.sampled_from([None, None, *"123"]))
        back = draw(st.booleans())
        made.append(
            Transfer(
                draw(names), NOON + timedelta(hours=draw(st.integers(0, 72))), payer, payee,
                draw(st.sampled_from((1, 2, VND_MAX))), draw(st.sampled_from(TransferKind)), row=number + 1,
                reverses=about if back else None, corrects=None if back else about,
            )
        )  # fmt: skip
    return made


def by_the_book(messages: Sequence[Message]) -> dict[str, tuple[object, ...]]:
    """What a stream tells, by id: what each transfer is and what it refers to, told before or later."""
    known: dict[str, tuple[object, ...]] = {}
    about: dict[str, str] = {}
    for message in messages:
        parcel, _ = opened(message)
        assert parcel is not None
        for line in parcel.lines:
            said, number, name = (line.payer, line.payee, line.amount), 1, line.id
            while name in known and known[name][:3] != said:
                number += 1
                name = f"{line.id}#{number}"
            if name not in known:
                known[name] = (*said, line.time, line.kind, line.reverses, line.corrects)
                if named := line.reverses or line.corrects:
                    about[name] = named
    alone = set()  # what refers to nothing, or in a circle, is a row of its own
    for name, named in about.items():
        met = [named]
        while met[-1] in about and met[-1] != name and len(met) <= len(about):
            met.append(about[met[-1]])
        if named not in known or met[-1] == name:
            alone.add(name)
    return {name: (*one[:5], None, None) if name in alone else one for name, one in known.items()}


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_whoever_asks_when_hears_what_the_messages_say(data: st.DataObject) -> None:
    source = Held()
    with TemporaryDirectory() as name:
        folder = Path(name)
        mine, other = StreamColumns(source, folder, SECRET), StreamColumns(source, folder, SECRET)
        for _ in range(data.draw(st.integers(1, 6))):
            sent = data.draw(lines())
            publish(source, *sent, key="", received=NOON + 2 * DAY)
            if data.draw(st.booleans()):
                mine, other = other, mine
            mine.take()
            assert told(mine) == by_the_book(source.messages)
            with contextlib.suppress(Conflict):
                mine.close(NOON + timedelta(hours=data.draw(st.integers(0, 96))))
            assert told(mine) == by_the_book(source.messages)
            columns, numbers = mine.columns()
            assert (np.diff(columns.booked_us) >= 0).all()
            assert sorted(mine.ledger.ids(numbers.tolist())) == sorted(by_the_book(source.messages))
            if data.draw(st.booleans()):
                mine = StreamColumns(source, folder, SECRET)
