"""Alerts are recorded once, joined to what is open, covered by what is suppressed; on both stores."""

import threading
from datetime import timedelta

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.alerts import MULE, OTHER_MULE, found

from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import tables as trail
from lachan.monitoring import Level
from lachan.monitoring.alerts import Alert, FoundAlert, Recorded, record_alerts, sighting_id, store
from lachan.monitoring.alerts.tables import alert, sighting


def record(db: Database, *alerts: FoundAlert, after: timedelta = timedelta()) -> Recorded:
    with db.unit(NOON + after, SYSTEM) as unit:
        return record_alerts(unit.conn, alerts, NOON + after, "file:test")


def living(db: Database) -> list[Alert]:
    with db.read() as conn:
        return [store.alert_from_row(row) for row in conn.execute(sa.select(alert).order_by(alert.c.id))]


def test_the_same_alert_is_recorded_once(db: Database) -> None:
    assert record(db, found(1), found(1)) == Recorded(found=2, opened=1, repeated=1)
    assert record(db, found(1)) == Recorded(found=1, repeated=1)
    (one,) = living(db)
    assert (one.sightings, one.amount_vnd, one.level) == (1, 49_000_000, Level.ALERT)
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(sighting)).scalar_one() == 1
        (fact,) = conn.execute(sa.select(trail.fact).where(trail.fact.c.kind == "alerts.recorded")).all()
    assert fact.data["opened"] == [one.id]


def test_more_of_the_same_kind_joins_the_living_alert(db: Database) -> None:
    record(db, found(1))
    later = timedelta(hours=1)
    grave = found(2, level=Level.INTERDICT, amount_vnd=9_000_000, score=0.8, at=NOON + later)
    made = record(db, grave, found(3, account=OTHER_MULE), found(4, typology="many_in_fast_out"), after=later)
    assert made == Recorded(found=3, opened=2, joined=1)
    one = living(db)[0]
    assert (one.sightings, one.amount_vnd, one.score, one.level) == (2, 58_000_000, 0.8, Level.INTERDICT)
    assert (one.first_at, one.last_at, one.opened_at) == (NOON, NOON + later, NOON)
    # A graver sign is looked at sooner: the clock is the sooner of the two.
    assert one.due_at == clock("alert_look_interdict", NOON).deadline(NOON + later)
    assert one.institution == "970436"


def test_two_who_record_the_same_at_once_record_it_once(db: Database) -> None:
    batch = [found(number, account=f"account:970436:{number % 7:016d}") for number in range(40)]
    made: list[Recorded] = []

    def go(alerts: list[FoundAlert]) -> None:
        made.append(record(db, *alerts))

    threads = [threading.Thread(target=go, args=(part,)) for part in (batch, batch[::-1], batch[10:30], batch[5:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = living(db)
    assert len(kept) == 7
    assert sum(one.sightings for one in kept) == 40
    assert sum(one.amount_vnd for one in kept) == 40 * 49_000_000
    assert sum(one.opened for one in made) == 7
    assert sum(one.opened + one.joined for one in made) == 40
    assert all(one.found == one.opened + one.joined + one.suppressed + one.repeated for one in made)


def test_what_a_lost_race_counted_twice_is_counted_again(db: Database) -> None:
    """The look before finds nothing, as if the other had committed right after it."""
    record(db, found(1), found(2))
    with db.unit(NOON, SYSTEM) as unit:
        rows = [store.sighting_values(sighting_id(found(1)), found(1), None, "file:test", NOON)]
        (one,) = living_in(unit.conn)
        unit.conn.execute(sa.update(alert).values(sightings=7, amount_vnd=1))
        assert store.insert_sightings(unit.conn, rows) == set()
        store.count_again(unit.conn, [one.id])
    (one,) = living(db)
    assert (one.sightings, one.amount_vnd) == (2, 98_000_000)


def living_in(conn: sa.Connection) -> list[Alert]:
    return [store.alert_from_row(row) for row in conn.execute(sa.select(alert))]


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 10))
def test_an_alert_is_named_by_its_transfers_alone(numbers: list[int], level: int) -> None:
    names = {sighting_id(found(number, score=level / 10)) for number in numbers}
    assert len(names) == len(set(numbers))
    assert sighting_id(found(1)) != sighting_id(found(1, account=OTHER_MULE))
    assert sighting_id(found(1)) == sighting_id(found(1, level=Level.INTERDICT, account=MULE))
