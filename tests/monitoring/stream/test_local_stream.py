"""The stream of one machine: no message without its number, no alert twice, whenever the worker is killed."""

import signal
import threading
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from tests.conftest import NOON
from tests.factories import stream_life
from tests.factories.streaming import bodies, busy, offline, parts

from lachan.foundation.base import NotReady, SimulatedClock
from lachan.foundation.storage import Database
from lachan.monitoring.stream import GRAPH, LocalStream, Message, Processor, StreamReason, store

CLOCK = SimulatedClock(NOON, 0.0, NOON)
BODIES = bodies(busy(1_200))
WHOLE = sorted((one.fired.id, one.typology, one.account) for one in offline(BODIES))


@pytest.fixture
def stream(db: Database, tmp_path: Path) -> LocalStream:
    return LocalStream(db, CLOCK, tmp_path / "stream", GRAPH)


def processor(db: Database, stream: LocalStream, folder: Path) -> Processor:
    made = Processor(db, CLOCK, stream, folder)
    made.recover()
    return made


def until(done: object, process: BaseProcess | None = None, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        assert process is None or process.is_alive()
        time.sleep(0.05)


def test_messages_are_numbered_without_a_gap_and_a_key_adds_once(stream: LocalStream) -> None:
    assert stream.last() == 0
    assert stream.publish([b"a", b"b"], "k1") == [1, 2]
    assert stream.publish([b"a", b"b"], "k1") == [1, 2]
    assert stream.publish([b"c"], "k2") == [3]
    assert stream.last() == 3
    assert stream.read(1, 10) == [Message(2, b"b"), Message(3, b"c")]


def test_publishers_beside_each_other_leave_no_gap(db: Database, stream: LocalStream) -> None:
    """A reader that follows meanwhile sees every message: a lower number is never committed after a higher one."""
    seen: list[int] = []

    def publish(name: str) -> None:
        for number in range(15):
            stream.publish([f"{name}{number}".encode()], f"{name}{number}")

    threads = [threading.Thread(target=publish, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or stream.last() > len(seen):
        seen += [one.sequence for one in stream.read(seen[-1] if seen else 0, 4)]
    assert seen == list(range(1, 46))


def test_one_worker_owns_the_stream(db: Database, stream: LocalStream, tmp_path: Path) -> None:
    other = LocalStream(db, CLOCK, tmp_path / "stream", GRAPH)
    stream.publish([b"a"], "k")
    assert stream.owned(0, 10, 0) == [Message(1, b"a")]
    assert other.owned(0, 10, 0) is None
    assert stream.owned(1, 10, 0) == []
    stream.close()
    assert other.owned(0, 10, 0) == [Message(1, b"a")]


def test_a_worker_that_another_one_overtook_commits_nothing(
    db: Database, stream: LocalStream, tmp_path: Path
) -> None:  # fmt: skip
    """A process that was stopped for a minute and goes on: whatever it believes, the record decides."""
    from lachan.foundation.base import Conflict

    stream.publish(BODIES[:4], "k")
    first, second = processor(db, stream, tmp_path / "a"), processor(db, stream, tmp_path / "b")
    second.take(stream.read(0, 2))
    before = stream_life.sightings(db)
    with pytest.raises(Conflict) as refused:
        first.take(stream.read(0, 3))
    assert refused.value.reason is StreamReason.OWNED_BY_ANOTHER
    assert stream_life.sightings(db) == before
    first.recover()
    assert first.sequence == 2
    first.take(stream.read(2, 2))
    assert stream_life.sightings(db) == sorted(
        (one.fired.id, one.typology, one.account) for one in offline(BODIES[:4])
    )


def test_messages_that_come_again_or_in_disorder_change_nothing(
    db: Database, stream: LocalStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    stream.publish(BODIES, "k")
    every = stream.read(0, 100)
    given = [every[2:4], every[0:2], every[1:6], every[7:8], every[3:5], every[6:12]]
    one = processor(db, stream, tmp_path)
    for messages in given:
        monkeypatch.setattr(stream, "owned", lambda *_, now=messages: now)
        one.step()
    assert stream_life.sightings(db) == WHOLE
    done = stream_life.standing(db, stream.name)
    assert done is not None
    assert (done.sequence, done.transfers, done.alerts, done.dead_letters) == (12, 1_200, len(WHOLE), 0)


def test_what_cannot_be_used_stands_in_the_record_with_its_reason(
    db: Database, stream: LocalStream, tmp_path: Path
) -> None:  # fmt: skip
    stream.publish([BODIES[0], b"{", BODIES[1]], "k")
    one = processor(db, stream, tmp_path)
    assert one.step() == 3
    with db.read() as conn:
        (letter,) = store.dead_letters(conn, 10)
    assert (letter["sequence"], letter["row"], letter["reason"], letter["raw"]) == (
        2, 0, "stream_message_unreadable", "{",
    )  # fmt: skip
    done = stream_life.standing(db, stream.name)
    assert done is not None
    assert (done.transfers, done.dead_letters) == (200, 1)


def test_a_stream_that_ends_before_the_record_is_not_judged(
    db: Database, stream: LocalStream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    stream.publish(BODIES[:1], "k")
    processor(db, stream, tmp_path).step()
    monkeypatch.setattr(stream, "last", lambda: 0)
    with pytest.raises(NotReady):
        processor(db, stream, tmp_path)


def test_a_killed_worker_loses_nothing_and_records_nothing_twice(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    """Killed inside a transaction, between commit and acknowledgement, between a snapshot and its name."""
    stream = LocalStream(db, CLOCK, tmp_path)
    stream.publish(BODIES, "k")
    for point, nth in (("before_commit", 2), ("before_ack", 2), ("before_rename", 2), ("while_replaying", 1)):
        process = stream_life.start(database_url, tmp_path, point=point, nth=nth, each=1)
        process.join(120)
        assert process.exitcode == -signal.SIGKILL, point
        done = stream_life.standing(db, "local")
        assert done is not None
        assert done.sequence < len(BODIES)
        assert done.transfers == 100 * done.sequence
        if point == "before_rename":
            assert parts(tmp_path)
    process = stream_life.start(database_url, tmp_path)
    until(lambda: (now := stream_life.standing(db, "local")) and now.sequence == len(BODIES), process)
    process.kill()
    process.join()
    assert stream_life.sightings(db) == WHOLE
    done = stream_life.standing(db, "local")
    # Not only were doubles recognised: each was found and committed once.
    assert done is not None
    assert (done.transfers, done.alerts) == (1_200, len(WHOLE))
