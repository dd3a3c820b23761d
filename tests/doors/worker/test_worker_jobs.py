"""A job and the end of its job are one transaction, also where the work stops or restarts its own clock."""

import contextlib
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from lachan import reactions
from lachan.bootstrap import Services
from lachan.doors.worker import run_due_jobs
from lachan.foundation.base import SYSTEM, Conflict, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol import Issuer
from lachan.foundation.protocol.outbox import Outbox
from lachan.foundation.storage import Database, JobReason, Unit, cancel, enqueue
from lachan.foundation.storage.jobs import job
from lachan.foundation.trail import append

KIND, KEY = "expire_hold", "expire:1"


def services_on(db: Database) -> Services:
    return Services(Settings(), db, WallClock(), Outbox(Issuer(instance="test", name="test")))


def waiting(db: Database) -> list[Mapping[str, Any]]:
    with db.read() as conn:
        return [dict(row) for row in conn.execute(sa.select(job)).mappings()]


def ring(db: Database, monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    monkeypatch.setitem(reactions.CLOCKS, KIND, lambda _services, unit, _payload: work(unit))
    services = services_on(db)
    with db.unit(services.clock.now(), SYSTEM) as unit:
        enqueue(unit, KIND, {}, key=KEY)
    assert run_due_jobs(services) == 1


def test_what_stops_its_own_clock_is_done(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ring(db, monkeypatch, lambda unit: cancel(unit, KEY))
    assert waiting(db) == []


def test_what_restarts_its_own_clock_waits_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(unit: Unit) -> None:
        enqueue(unit, KIND, {"again": True}, key=KEY, due_at=unit.now + timedelta(hours=1))

    ring(db, monkeypatch, again)
    (left,) = waiting(db)
    assert left["payload"] == {"again": True}
    assert left["attempts"] == 0


def test_what_fails_is_tried_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_unit: Unit) -> None:
        raise Conflict(JobReason.LEASE_LOST)

    ring(db, monkeypatch, refuse)
    (left,) = waiting(db)
    assert left["attempts"] == 1
    assert left["retry_at"] is not None


def test_reactions_run_together_and_one_that_fails_takes_no_other_with_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions: list[int] = []

    def do(_services: Any, unit: Unit, fact: Mapping[str, Any]) -> None:
        transactions.append(id(unit))
        if fact["n"] == broken:
            raise Conflict(JobReason.LEASE_LOST)
        enqueue(unit, KIND, {}, key=f"{KEY}:{fact['n']}", due_at=unit.now + timedelta(hours=1))

    monkeypatch.setitem(reactions.REACTIONS, "loss.woken", do)
    services = services_on(db)
    for broken, done in ((0, {1, 2, 3}), (2, {1, 3})):
        transactions.clear()
        with db.unit(services.clock.now(), SYSTEM) as unit:
            for number in (1, 2, 3):
                cancel(unit, f"{KEY}:{number}")
                append(unit, "loss.woken", "report:1", {"n": number})
        assert run_due_jobs(services) == 3
        left = waiting(db)
        assert {row["key"] for row in left if row["kind"] == KIND} == {f"{KEY}:{number}" for number in done}
        assert [row["attempts"] for row in left if row["kind"] == reactions.REACT] == [1] * (3 - len(done))
        if not broken:
            assert len(set(transactions)) == 1


def test_the_registrys_reactions_never_run_beside_each_other(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a claim back must see the one that another worker is just making."""
    began, may_end, order = threading.Event(), threading.Event(), list[int]()

    def do(_services: Any, _unit: Unit, fact: Mapping[str, Any]) -> None:
        if fact["n"] == 1:
            began.set()
            may_end.wait(30)
        order.append(fact["n"])

    monkeypatch.setitem(reactions.REACTIONS, "loss.denied", do)
    services = services_on(db)
    with ThreadPoolExecutor(2) as pool:
        running = []
        for number in (1, 2):
            with db.unit(services.clock.now(), SYSTEM) as unit:
                append(unit, "loss.denied", "loss:1", {"n": number})
            running.append(pool.submit(run_due_jobs, services, (reactions.REGISTER,)))
            if number == 1:
                assert began.wait(30)
                # SQLite's one writer would keep the second fact waiting as well.
                if db.is_sqlite:
                    may_end.set()
        with contextlib.suppress(TimeoutError):
            running[1].result(0.5)
        may_end.set()
    assert order == [1, 2]
