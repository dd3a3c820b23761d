"""The life of a processor in a process of its own, which ends by SIGKILL at a given point."""

import multiprocessing
import os
import signal
import threading
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from tests.conftest import NOON

import lachan.bootstrap
from lachan.foundation.base import SimulatedClock
from lachan.foundation.storage import Database
from lachan.monitoring.alerts.tables import sighting
from lachan.monitoring.stream import GRAPH, JetStream, LocalStream, Node, Processor, Servers, processor, store
from lachan.monitoring.stream.model import Source, Standing


def start(
    database_url: str, folder: Path, urls: tuple[str, ...] = (), point: str = "", nth: int = 1, each: int = 2
) -> BaseProcess:
    """A processor that dies at the nth time it passes `point`, else never. `each`: messages a commit."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.factories.stream_life"])
    process = context.Process(target=live, args=(database_url, folder, urls, point, nth, each), daemon=True)
    process.start()
    return process


def live(database_url: str, folder: Path, urls: tuple[str, ...], point: str, nth: int, each: int) -> None:
    """Judge until killed."""
    processor.MESSAGES_EACH = each
    db = Database(database_url, outbox_kinds=lachan.bootstrap.OUTBOX_KINDS)
    clock = SimulatedClock(NOON, 1.0, datetime.now(UTC))
    source: Source = JetStream(Servers(urls), GRAPH) if urls else LocalStream(db, clock, folder, GRAPH)
    passed = 0

    def pass_by(which: str) -> None:
        nonlocal passed
        passed += which == point
        if which == point and passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    _instead(source, "done", pass_by, "before_ack")
    _instead(store, "add_verdicts", pass_by, "before_commit")
    _instead(Path, "replace", pass_by, "before_rename")
    one = Processor(db, clock, source, folder, snapshot_each_s=0.0)
    _instead(Node, "resume", pass_by, "while_replaying")
    one.run(threading.Event())


def _instead(owner: Any, name: str, pass_by: Any, point: str) -> None:
    inner = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        pass_by(point)
        return inner(*args, **more)

    setattr(owner, name, wrapped)


def standing(db: Database, stream: str) -> Standing | None:
    with db.read() as conn:
        return store.standing(conn, GRAPH, stream)


def sightings(db: Database) -> list[tuple[str, str, str]]:
    """What was recorded: the transfer that fired, the typology, and the account."""
    with db.read() as conn:
        rows = conn.execute(sa.select(sighting.c.fired, sighting.c.typology, sighting.c.account))
        return sorted((row.fired, row.typology, row.account) for row in rows)
