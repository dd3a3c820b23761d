"""Hits and addresses go when their time is over; counts and what was found stay. The interval is Wilson's."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, Scope, add_agency, register_client
from lachan.foundation.base import SYSTEM, Actor, ActorKind, NotAllowed
from lachan.foundation.storage import Database
from lachan.registry import Verdict
from lachan.screening import (
    Asker,
    Found,
    Hits,
    Screened,
    Sign,
    erase_due_addresses,
    erase_due_hits,
    hits_of_entry,
    lookup_alarms,
    record_found,
    wilson,
)
from lachan.screening.tables import lookup_alarm, screening_count, screening_hit

ADMIN = Actor(ActorKind.PERSON, "admin", "desk", frozenset({Role.ADMINISTRATOR.value}))
AUDITOR = Actor(ActorKind.PERSON, "auditor", "desk", frozenset({Role.AUDITOR.value}))


def bank_client(db: Database) -> str:
    with db.unit(NOON, OPERATOR) as unit:
        bank = add_agency(
            unit, AgencyDraft("credit_institution", "Ngân hàng", "B", date(2025, 7, 1), codes=("999001",))
        )
        return register_client(unit, bank.id, "c", (Scope.SCREEN,), wall_now=NOON)[0].id


def test_hits_are_seen_by_the_auditor_and_go_after_six_months(db: Database) -> None:
    client, hits = bank_client(db), Hits(counts_only=False)
    hits.note(client, 100, [(3, Screened(Verdict.BLOCK, (), "entry-1"))])
    with db.unit(NOON, SYSTEM) as unit:
        hits.write(unit)
    with db.read() as conn:
        (hit,) = hits_of_entry(conn, AUDITOR, "entry-1")
        assert (hit.client_id, hit.verdict, hit.at) == (client, Verdict.BLOCK, NOON)
        with pytest.raises(NotAllowed):
            hits_of_entry(conn, ADMIN, "entry-1")
    end = NOON + timedelta(days=181)  # 18 May, and the period ends with the day
    for now, gone in ((end - timedelta(hours=1), 0), (end + timedelta(days=1), 1), (end + timedelta(days=2), 0)):
        with db.unit(now, SYSTEM) as unit:
            assert erase_due_hits(unit) == gone
    with db.read() as conn:
        assert conn.execute(sa.select(screening_hit)).all() == []
        assert len(conn.execute(sa.select(screening_count)).all()) == 1


def test_a_strangers_address_goes_and_what_was_found_stays(db: Database) -> None:
    found = [
        Found(Asker.PUBLIC, "203.0.113.9", Sign.NEAR, NOON, 40, 38, 40),
        Found(Asker.INSTITUTION, "client-1", Sign.MANY, NOON, 9_000_000, 0, 8_999_000),
    ]
    for later in (timedelta(), timedelta(hours=1)):
        with db.unit(NOON + later, SYSTEM) as unit:
            record_found(unit, found)
    with db.read() as conn:
        assert sorted((one.caller, one.times) for one in lookup_alarms(conn, ADMIN)) == [
            ("203.0.113.9", 2), ("client-1", 2),
        ]  # fmt: skip
    for days, gone in ((29, 0), (32, 1), (33, 0)):
        with db.unit(NOON + timedelta(days=days), SYSTEM) as unit:
            assert erase_due_addresses(unit) == gone
    with db.read() as conn:
        callers = conn.execute(sa.select(lookup_alarm.c.caller)).scalars().all()
    assert sorted(callers) == ["", "client-1"]
    with pytest.raises(NotAllowed), db.unit(NOON, ADMIN) as unit:
        erase_due_addresses(unit)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_interval_holds_the_share_and_narrows(stopped: int, continued: int) -> None:
    shown = stopped + continued
    low, high = wilson(stopped, shown)
    assert 0 <= low <= high <= 1
    if shown:
        assert low - 1e-12 <= stopped / shown <= high + 1e-12
        more_low, more_high = wilson(stopped * 4, shown * 4)
        assert more_high - more_low < high - low


def test_the_interval_of_known_cases() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert tuple(round(edge, 4) for edge in wilson(81, 263)) == (0.2553, 0.3662)
    with pytest.raises(ValueError, match="between"):
        wilson(2, 1)
