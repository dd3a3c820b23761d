"""Data-protection deadlines ring before they are late, at their end, and for who can do something about it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.conftest import NOON
from tests.response.ringing import ring

from lachan.foundation.access import (
    AlarmKind,
    Role,
    SubjectRequestKind,
    alarms,
    close_breach,
    confirm_identity,
    count_alarms,
    grant_subject_request,
    note_breach_notice,
    receive_subject_request,
    record_breach,
    refuse_subject_request,
    withdraw_subject_request,
)
from lachan.foundation.base import Actor
from lachan.foundation.storage import Database, Unit

Hire = Callable[..., Actor]
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
WORDS = "thư gửi nhầm người nhận"
KIND = "data_protection_alarm"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def breach(unit: Unit) -> str:
    return record_breach(unit, WORDS, 12, unit.now).id


def request(unit: Unit) -> str:
    return receive_subject_request(unit, SubjectRequestKind.ACCESS, "Lê Thị Mai", "0912345678", WORDS).id


CLOCKS = [
    # what     begins                    rings before              is late
    (breach,   NOON,                     NOON + 60 * HOUR,         NOON + 72 * HOUR),
    (breach,   at("2027-02-04T08:00"),   at("2027-02-06T20:00"),   at("2027-02-07T08:00")),  # Tết changes nothing
    (request,  NOON,                     at("2026-11-20T12:00"),   at("2026-11-21T00:00")),
    # Two working days after Wednesday 3 February: Tết is from the 4th to the 10th.
    (request,  at("2027-02-03T09:00"),   at("2027-02-12T12:00"),   at("2027-02-13T00:00")),
]  # fmt: skip


@pytest.mark.parametrize(("make", "begins", "before", "late"), CLOCKS)
def test_it_rings_before_its_end_and_at_it(
    world: Database, hire: Hire, make: Callable[[Unit], str], begins: datetime, before: datetime, late: datetime
) -> None:
    admin = hire("admin", Role.ADMINISTRATOR)
    with world.unit(begins, admin) as unit:
        key = make(unit)
    assert ring(world, before - TICK, KIND) == []
    with world.read() as conn:
        assert count_alarms(conn, admin) == 0
    assert ring(world, before, KIND) == [KIND]
    with world.read() as conn:
        (alarm,) = alarms(conn, admin)
    assert (alarm.subject_id, alarm.due_at, alarm.rung_at) == (key, late, before)
    assert not alarm.is_late(late - TICK)
    assert alarm.is_late(late)
    assert ring(world, late - TICK, KIND) == []
    assert ring(world, late, KIND) == [KIND]
    with world.read() as conn:
        assert alarms(conn, admin) == [alarm], "one record, one alarm"


def notify(unit: Unit, key: str) -> None:
    note_breach_notice(unit, key, "Bộ Công an", unit.now)


def close(unit: Unit, key: str) -> None:
    close_breach(unit, key, "Không phải thông báo vì không lộ dữ liệu")


def refuse(unit: Unit, key: str) -> None:
    refuse_subject_request(unit, key, "Dữ liệu phải lưu theo luật")


def grant(unit: Unit, key: str) -> None:
    confirm_identity(unit, key)
    grant_subject_request(unit, key, "Đã gửi bản sao")


ENDS: list[tuple[Callable[[Unit], str], Callable[[Unit, str], object], int]] = [
    # what     is ended by               alarms left
    (breach,   notify,                   0),
    (breach,   close,                    0),
    (request,  refuse,                   0),
    (request,  grant,                    0),
    (request,  withdraw_subject_request, 0),
    (request,  confirm_identity,         1),
]  # fmt: skip


@pytest.mark.parametrize(("make", "end", "left"), ENDS)
@pytest.mark.parametrize("rung", [False, True])
def test_what_is_done_rings_no_more(
    world: Database,
    hire: Hire,
    make: Callable[[Unit], str],
    end: Callable[[Unit, str], object],
    left: int,
    rung: bool,
) -> None:
    admin = hire("admin", Role.ADMINISTRATOR)
    with world.unit(NOON, admin) as unit:
        key = make(unit)
    if rung:
        ring(world, NOON + 60 * HOUR, KIND)
    with world.unit(NOON + 61 * HOUR, admin) as unit:
        end(unit, key)
    ring(world, NOON + 100 * HOUR, KIND)
    with world.read() as conn:
        assert count_alarms(conn, admin) == left


HEARS = [
    # role                    hears of
    (Role.ADMINISTRATOR,      {AlarmKind.BREACH, AlarmKind.SUBJECT_REQUEST}),
    (Role.DESK_HEAD,          {AlarmKind.SUBJECT_REQUEST}),
    (Role.DUTY_OFFICER,       set()),
    (Role.AUDITOR,            set()),
]  # fmt: skip


@pytest.mark.parametrize(("role", "kinds"), HEARS)
def test_who_hears_it(world: Database, hire: Hire, role: Role, kinds: set[AlarmKind]) -> None:
    with world.unit(NOON, hire("admin", Role.ADMINISTRATOR)) as unit:
        breach(unit)
        request(unit)
    ring(world, NOON + 100 * HOUR, KIND)
    somebody = hire("somebody", role)
    with world.read() as conn:
        assert {one.kind for one in alarms(conn, somebody)} == kinds
        assert count_alarms(conn, somebody) == len(kinds)
