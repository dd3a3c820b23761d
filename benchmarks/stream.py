"""How many transfers a second become durable decisions, with one replica and with three; what one core carries; and
how soon the stream goes on after a processor or a server is killed.

*One core*: the graph node alone, CPU time of this process: messages read, transfers numbered and judged by all
typologies, every alert made with its evidence, the state written down twice meanwhile; then with a forest of 200
trees of 63 leaves on every transfer as well, which is everything that a node can be asked to do.

*Durable decisions*: a publisher, real NATS servers (one; three with three replicas) and a processor, each a process
of its own, over a SQLite record that flushes every commit to the disk; likewise the stream that stands in the
record. From the first message that is published to the last transfer whose verdict, alerts and position are
committed: wall time, and beside it the CPU seconds of publisher, servers and processor. A message holds 100
transfers.

*Failing over*: two processors and three servers, transfers coming in steadily. The processor that JetStream has
pinned is killed, then the server that leads the stream; the time from the kill to the next commit. At the end the
alerts are compared with those of one node that took the whole stream at once.
"""

import argparse
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from tests.factories.nats_cluster import NatsCluster

from benchmarks.monitoring import grown, stream
from lachan.bootstrap import initialise
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.storage import Database
from lachan.ledger import Transfer
from lachan.monitoring.alerts import found_alerts
from lachan.monitoring.alerts.tables import sighting
from lachan.monitoring.models import Model
from lachan.monitoring.stream import (
    GRAPH,
    JetStream,
    LocalStream,
    Message,
    Node,
    Processor,
    Servers,
    Snapshots,
    messages_of,
    store,
)
from lachan.monitoring.stream.jetstream import STREAM
from lachan.monitoring.stream.model import Source
from lachan.monitoring.stream.processor import MESSAGES_EACH

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 4.0
KNOWN_PAYEES = 12
FORWARDED_EACH = 400


def ordinary(count: int, accounts: int, seed: int = 1) -> list[Transfer]:
    """Payments at even random times, mostly to one of a dozen known payees; some money is passed through."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.uniform(0, DAYS * 86_400, count)).tolist()
    payers = random.integers(0, accounts, count)
    known = (payers * 7919 + random.integers(0, KNOWN_PAYEES, count) * 104_729) % accounts
    strangers = random.integers(0, accounts, count)
    payees = np.where(random.random(count) < 0.9, known, strangers)
    payees = np.where(payees == payers, (payees + 1) % accounts, payees)
    amounts = (random.lognormal(12.8, 1.1, count)).astype(np.int64) + 1_000
    # Now and then a stranger is sent a large sum, and it goes on a few transfers later.
    for number in range(FORWARDED_EACH, count - 60, FORWARDED_EACH):
        onward = number + int(random.integers(1, 50))
        amounts[number], amounts[onward] = 60_000_000, 58_000_000
        payers[onward], payees[number] = strangers[number], strangers[number]
    return [
        Transfer(
            id=f"FT{number:012}", booked_at=BEGIN + timedelta(seconds=second), payer=f"account:970436:{payer:012}",
            payee=f"account:970436:{payee:012}", amount_vnd=amount, row=number + 1,
        )
        for number, (second, payer, payee, amount) in enumerate(
            zip(seconds, payers.tolist(), payees.tolist(), amounts.tolist(), strict=True)
        )
    ]  # fmt: skip


def encoded(transfers: Sequence[Transfer]) -> list[bytes]:
    """The messages that a bank's door would publish."""
    return list(messages_of(transfers, {}, "970436", BEGIN + timedelta(days=DAYS)))


def one_core(bodies: Sequence[bytes], count: int, model: Model | None = None) -> str:
    """CPU time of the graph node with everything on, or without a model."""
    node = Node(BEGIN)
    node.judge_by(BEGIN, model)
    messages = [Message(number, body) for number, body in enumerate(bodies, 1)]
    alerts = 0
    with tempfile.TemporaryDirectory() as folder:
        snapshots = Snapshots(Path(folder), "benchmark", GRAPH)
        started, wall = time.process_time(), time.perf_counter()
        for start in range(0, len(messages), MESSAGES_EACH):
            judged = node.take(messages[start : start + MESSAGES_EACH])
            alerts += len(list(found_alerts(judged.scored, judged.first, node.transfer_at)))
            if start // MESSAGES_EACH == len(messages) // MESSAGES_EACH // 2:
                snapshots.write(start, node.state())
        size = snapshots.write(len(messages), node.state()).stat().st_size
        seconds, wall = time.process_time() - started, time.perf_counter() - wall
    on = "features, rules and forest" if model else "features and rules"
    return (
        f"graph node on one core, {on}: {count / seconds:,.0f} transfers/s "
        f"({seconds / count * 1e6:.1f} µs; wall {count / wall:,.0f}/s), {alerts:,} alerts, "
        f"state {size / 2**20:.0f} MB"
    )


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def opened(url: str, urls: tuple[str, ...], replicas: int, folder: Path, owner: str) -> tuple[Database, Source]:
    """The record and the stream, in the process that asks."""
    db = Database(url)
    if urls:
        return db, JetStream(Servers(urls, replicas), owner)
    return db, LocalStream(db, WallClock(), folder, owner)


def process_until(
    url: str, urls: tuple[str, ...], replicas: int, folder: Path, last: int, told: "multiprocessing.Queue[float]"
) -> None:
    """Judge until the message `last` is committed; tells when it is ready, and then what it cost."""
    db, source = opened(url, urls, replicas, folder, GRAPH)
    processor = Processor(db, WallClock(), source, folder)
    processor.recover()
    before = time.process_time()
    told.put(0.0)
    while processor.sequence < last:
        processor.step()
    told.put(time.process_time() - before)
    source.close()


def publish_all(
    url: str, urls: tuple[str, ...], replicas: int, folder: Path, bodies: list[bytes],
    go: "multiprocessing.Queue[float]", told: "multiprocessing.Queue[float]",
) -> None:  # fmt: skip
    """Publish everything when told to; tells what it cost."""
    _, source = opened(url, urls, replicas, folder, "")
    told.put(0.0)
    go.get()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for start in range(0, len(bodies), 20):
        source.publish(bodies[start : start + 20], f"benchmark/{start}")
    after = resource.getrusage(resource.RUSAGE_SELF)
    told.put(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    source.close()


def durable(bodies: list[bytes], count: int, replicas: int) -> str:
    """Decisions a second, from the stream to the record. 0 replicas: the stream that stands in the record."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = initialise(Settings(home=folder / "home"))
        url = services.settings.effective_database_url
        with NatsCluster(folder / "nats", replicas) if replicas else nullcontext() as cluster:
            urls = cluster.urls if cluster else ()
            judging: multiprocessing.Queue[float] = context.Queue()
            publishing: multiprocessing.Queue[float] = context.Queue()
            go: multiprocessing.Queue[float] = context.Queue()
            shared = (url, urls, replicas, folder)
            judge = context.Process(target=process_until, args=(*shared, len(bodies), judging))
            publisher = context.Process(target=publish_all, args=(*shared, bodies, go, publishing))
            judge.start()
            judging.get()
            publisher.start()
            publishing.get()
            servers = sum(map(cpu_of, cluster.pids)) if cluster else 0.0
            started = time.perf_counter()
            go.put(0.0)
            judged_cpu = judging.get()
            wall = time.perf_counter() - started
            published_cpu = publishing.get()
            servers_cpu = sum(map(cpu_of, cluster.pids)) - servers if cluster else 0.0
            for process in (judge, publisher):
                process.join()
        with services.db.read() as conn:
            (done,) = store.standings(conn)
        assert (done.sequence, done.transfers) == (len(bodies), count)
    what = f"NATS, {replicas} replica{'s' if replicas > 1 else ''}" if replicas else "in the record"
    total = judged_cpu + published_cpu + servers_cpu
    return (
        f"durable decisions, stream {what}: {count / wall:,.0f} transfers/s wall ({wall:.1f} s), "
        f"CPU {total:.1f} s = {count / total:,.0f}/CPU-second "
        f"(processor {judged_cpu:.1f}, publisher {published_cpu:.1f}, servers {servers_cpu:.1f}), "
        f"{done.alerts:,} alerts"
    )


def failing_over(bodies: list[bytes], a_second: float) -> None:
    """Kill the pinned processor, then a server, while messages come in; seconds to the next commit."""
    context = multiprocessing.get_context("spawn")
    expected = alerts_at_once(bodies)
    with tempfile.TemporaryDirectory() as name, NatsCluster(Path(name) / "nats") as cluster:
        folder = Path(name)
        services = initialise(Settings(home=folder / "home"))
        url = services.settings.effective_database_url
        told: multiprocessing.Queue[float] = context.Queue()
        processors = [
            context.Process(
                target=process_until, args=(url, cluster.urls, 3, folder / which, len(bodies), told), daemon=True
            )
            for which in "ab"
        ]
        source = JetStream(Servers(cluster.urls))

        def publish() -> None:
            for number, body in enumerate(bodies[1:], 1):
                source.publish([body], f"benchmark/{number}")
                time.sleep(1 / a_second)

        def committed() -> int:
            with services.db.look() as conn:
                found = store.standing(conn, GRAPH, STREAM)
            return found.sequence if found else 0

        def next_commit(after: int) -> float:
            started = time.perf_counter()
            while committed() <= after:
                time.sleep(0.005)
            return time.perf_counter() - started

        publishing = threading.Thread(target=publish)
        processors[0].start()
        told.get()
        source.publish(bodies[:1], "benchmark/0")
        next_commit(0)  # the first one is pinned
        processors[1].start()
        told.get()
        publishing.start()
        next_commit(len(bodies) // 4)
        pid = processors[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        processors[0].join()
        print(f"the pinned processor killed: next commit after {next_commit(committed()):.1f} s", flush=True)
        next_commit(len(bodies) // 2)
        cluster.kill(int(source.leader().removeprefix("n")))
        print(f"the stream's leader killed: next commit after {next_commit(committed()):.1f} s", flush=True)
        publishing.join()
        next_commit(len(bodies) - 1)
        source.close()
        processors[1].join(30)
        with services.db.read() as conn:
            recorded = conn.execute(sa.select(sa.func.count()).select_from(sighting)).scalar_one()
            done = store.standing(conn, GRAPH, STREAM)
        assert done is not None
        same = recorded == done.alerts == expected
        print(f"alerts: {recorded:,} recorded, {expected:,} by one node at once; the same: {same}")


def alerts_at_once(bodies: Sequence[bytes]) -> int:
    """How many alerts one node finds that takes the whole stream."""
    node = Node(BEGIN)
    judged = node.take([Message(number, body) for number, body in enumerate(bodies, 1)])
    return len(list(found_alerts(judged.scored, judged.first, node.transfer_at)))


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=1_000_000, help="for one core")
    parser.add_argument("--durable", type=int, default=300_000, help="for durable decisions")
    parser.add_argument("--steady", type=int, default=400, help="messages while failing over")
    asked = parser.parse_args()
    count = asked.transfers
    judged = encoded(ordinary(count, count // 2))
    print(one_core(judged, count), flush=True)
    print(one_core(judged, count, grown(stream(min(count, 100_000), 50_000, DAYS))), flush=True)
    del judged
    bodies = encoded(ordinary(asked.durable, asked.durable // 2))
    for replicas in (0, 1, 3):
        print(durable(bodies, asked.durable, replicas), flush=True)
    steady = encoded(ordinary(100 * asked.steady, 20 * asked.steady))
    failing_over(steady, 20.0)


if __name__ == "__main__":
    main()
