"""A message that another transaction was in the way of is taken again, and nobody hears of it.

PostgreSQL chose it of two that waited for each other, or the other one made the same row first.
"""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import Request
from tests.factories.instance import OWN, Instance, seeded

from lachan.doors.api.identity import Caller
from lachan.doors.api.once import Done, Taken, once
from lachan.foundation.access import agency
from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.storage import Unit

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]
HERS, HIS = 1, 2


@pytest.fixture
def instance(tmp_path: Path, database_url: str) -> Instance:
    return seeded(tmp_path, database_url)


def lock(conn: sa.Connection, number: int) -> None:
    conn.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def send(instance: Instance, take: object) -> Done:
    with instance.services.db.read() as conn:
        bank = agency(conn, instance.banks[OWN])
    request = Request({"type": "http", "path": "/v1/registry/claims", "headers": [], "query_string": b""})
    return once(instance.services, Caller(SYSTEM, bank), request, new_id(), b"{}", take)  # type: ignore[arg-type]


def test_the_one_that_was_chosen_is_taken_again(instance: Instance, database_url: str) -> None:
    tried: list[Unit] = []
    has_mine, has_his, other = threading.Event(), threading.Event(), sa.create_engine(database_url)

    def him() -> None:
        with other.begin() as conn:
            # The first to wait is the first that PostgreSQL asks after a second, and finds in the circle.
            conn.execute(sa.text("SET LOCAL deadlock_timeout = '1min'"))
            lock(conn, HIS)
            has_his.set()
            has_mine.wait(20)
            lock(conn, HERS)

    def take(unit: Unit) -> Taken:
        tried.append(unit)
        if len(tried) == 1:
            lock(unit.conn, HERS)
            has_mine.set()
            has_his.wait(20)
            lock(unit.conn, HIS)
        return Taken("taken", None)

    thread = threading.Thread(target=him)
    thread.start()
    done = send(instance, take)
    thread.join()
    other.dispose()
    assert (done.outcome, done.replayed, len(tried)) == ("taken", False, 2)


def test_what_no_repetition_mends_is_tried_once(instance: Instance) -> None:
    tried: list[Unit] = []

    def take(unit: Unit) -> Taken:
        tried.append(unit)
        unit.conn.execute(sa.text("SELECT 1/0"))
        return Taken("taken", None)

    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        send(instance, take)
    assert len(tried) == 1


def make_twice(unit: Unit) -> None:
    unit.conn.execute(sa.text("CREATE TEMPORARY TABLE made (number integer PRIMARY KEY) ON COMMIT DROP"))
    unit.conn.execute(sa.text("INSERT INTO made VALUES (1), (1)"))


def test_a_row_that_another_made_first_is_met_again(instance: Instance) -> None:
    tried: list[Unit] = []

    def take(unit: Unit) -> Taken:
        tried.append(unit)
        if len(tried) == 1:
            make_twice(unit)
        return Taken("taken", None)

    assert (send(instance, take).outcome, len(tried)) == ("taken", 2)


def test_after_three_times_it_is_told(instance: Instance) -> None:
    tried: list[Unit] = []

    def take(unit: Unit) -> Taken:
        tried.append(unit)
        make_twice(unit)
        return Taken("taken", None)

    with pytest.raises(sa.exc.IntegrityError):
        send(instance, take)
    assert len(tried) == 3
