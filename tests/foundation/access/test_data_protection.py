"""The breach register and data subjects' requests, with both sides of every deadline."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import NOON

from lachan.foundation.access import (
    Breach,
    BreachState,
    Role,
    SubjectRequestKind,
    SubjectRequestState,
    breaches,
    close_breach,
    confirm_identity,
    correct_breach,
    grant_subject_request,
    note_breach_notice,
    receive_subject_request,
    record_breach,
    refuse_subject_request,
    subject_request_status,
    subject_requests,
    withdraw_subject_request,
)
from lachan.foundation.access.breaches import model as breach_model
from lachan.foundation.access.subjects import model as subject_model
from lachan.foundation.base import PUBLIC, VIETNAM, Actor, BadInput, Conflict, NotAllowed, NotFound
from lachan.foundation.base.ids import is_reference_code
from lachan.foundation.storage import Database

Hire = Callable[..., Actor]
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
WORDS = "thư gửi nhầm người nhận"
State = SubjectRequestState


@pytest.fixture
def admin(hire: Hire) -> Actor:
    return hire("admin", Role.ADMINISTRATOR)


@pytest.fixture
def found(world: Database, admin: Actor) -> Breach:
    with world.unit(NOON, admin) as unit:
        return record_breach(unit, WORDS, 12, NOON - HOUR)


def test_a_breach_is_notified_within_72_hours_of_its_finding(found: Breach) -> None:
    assert found.notify_by == NOON + 71 * HOUR
    assert not found.is_overdue(found.notify_by - MICROSECOND)
    assert found.is_overdue(found.notify_by)


def test_a_late_notice_stays_late(world: Database, admin: Actor, found: Breach) -> None:
    for at, late in ((found.notify_by - MICROSECOND, False), (found.notify_by, True)):
        with world.unit(at + HOUR, admin) as unit:
            other = record_breach(unit, WORDS, 1, found.found_at)
            made = note_breach_notice(unit, other.id, "Cục A05", at)
            assert made.is_overdue(at + HOUR) is late
            assert breaches(unit.conn, admin)[-1].state in BreachState


def test_the_life_of_a_breach(world: Database, admin: Actor, found: Breach) -> None:
    with world.unit(NOON, admin) as unit:
        assert correct_breach(unit, found.id, WORDS + " (hai thư)", 24).notify_by == found.notify_by
        for at in (NOON + HOUR, NOON - 2 * HOUR):
            with pytest.raises(BadInput):
                note_breach_notice(unit, found.id, "Cục A05", at)
        note_breach_notice(unit, found.id, "Cục A05", NOON)
        with pytest.raises(Conflict):
            note_breach_notice(unit, found.id, "Cục A05", NOON)
        close_breach(unit, found.id, "đã thu hồi thư")
        with pytest.raises(Conflict):
            correct_breach(unit, found.id, WORDS, 1)
        with pytest.raises(Conflict):
            close_breach(unit, found.id, WORDS)
        with pytest.raises(Conflict):
            note_breach_notice(unit, found.id, "Cục A05", NOON)
        (kept,) = breaches(unit.conn, admin)
        with pytest.raises(NotFound):
            close_breach(unit, "nobody", WORDS)
    assert (kept.state, kept.people_count, kept.notified_to) == (BreachState.CLOSED, 24, "Cục A05")
    assert not kept.is_overdue(NOON + 1000 * HOUR)


def test_a_breach_without_notice_closes_with_a_reason(world: Database, admin: Actor, found: Breach) -> None:
    with world.unit(NOON, admin) as unit:
        with pytest.raises(BadInput):
            close_breach(unit, found.id, "")
        assert not close_breach(unit, found.id, "không có dữ liệu cá nhân").is_overdue(NOON + 1000 * HOUR)


@pytest.mark.parametrize(
    ("what", "count", "at"),
    [("", 1, NOON), (WORDS, -1, NOON), (WORDS, 10**9, NOON), (WORDS, 1, NOON + MICROSECOND)],
)
def test_bad_breaches(world: Database, admin: Actor, what: str, count: int, at: datetime) -> None:
    with world.unit(NOON, admin) as unit, pytest.raises(BadInput):
        record_breach(unit, what, count, at)


def test_only_administrators_keep_the_register(world: Database, hire: Hire, found: Breach) -> None:
    officer = hire("officer", Role.DESK_HEAD)
    with world.unit(NOON, officer) as unit:
        with pytest.raises(NotAllowed):
            record_breach(unit, WORDS, 1, NOON)
        with pytest.raises(NotAllowed):
            close_breach(unit, found.id, WORDS)
        with pytest.raises(NotAllowed):
            breaches(unit.conn, officer)


def ask(db: Database, now: datetime = NOON) -> subject_model.SubjectRequest:
    with db.unit(now, PUBLIC) as unit:
        return receive_subject_request(unit, SubjectRequestKind.ACCESS, "Mai", "0912345678", "cho tôi xem dữ liệu")


# Two working days, counted from the day after. 24 November is Vietnam Culture Day; Tết 2027 begins on 4 February.
DEADLINES = [
    ("2026-11-18 12:00", "2026-11-21 00:00"),  # Wednesday → end of Friday
    ("2026-11-19 23:59", "2026-11-24 00:00"),  # Thursday → end of Monday
    ("2026-11-20 00:00", "2026-11-26 00:00"),  # Friday → end of Wednesday
    ("2026-11-21 00:00", "2026-11-26 00:00"),  # Saturday → end of Wednesday
    ("2027-02-03 23:59", "2027-02-13 00:00"),  # the last day before Tết → end of the second day after it
]


@pytest.mark.parametrize(("asked", "due"), DEADLINES)
def test_an_answer_is_due_in_two_working_days(world: Database, asked: str, due: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=VIETNAM).astimezone(UTC)
    made = ask(world, at)
    assert made.answer_by.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M") == due
    assert not made.is_overdue(made.answer_by - MICROSECOND)
    assert made.is_overdue(made.answer_by)


def test_the_code_shows_the_state_and_nothing_else(world: Database) -> None:
    made = ask(world)
    assert is_reference_code(made.code)
    with world.read() as conn:
        assert subject_request_status(conn, made.code.lower()) == (State.RECEIVED, made.answer_by.isoformat())
        with pytest.raises(NotFound):
            subject_request_status(conn, "YC-0000-00000")


def test_nothing_is_granted_before_it_is_known_who_asks(world: Database, admin: Actor) -> None:
    made = ask(world)
    with world.unit(NOON, admin) as unit:
        with pytest.raises(Conflict):
            grant_subject_request(unit, made.id, "đã gửi")
        confirm_identity(unit, made.id)
        with pytest.raises(BadInput):
            grant_subject_request(unit, made.id, "")
        done = grant_subject_request(unit, made.id, "đã gửi")
        assert (done.state, done.answered_at) == (State.GRANTED, NOON)
        for action in (refuse_subject_request, grant_subject_request):
            with pytest.raises(Conflict):
                action(unit, made.id, "đã gửi")
        with pytest.raises(Conflict):
            withdraw_subject_request(unit, made.id)
    assert not done.is_overdue(NOON + 1000 * HOUR)


def test_a_late_answer_stays_late(world: Database, admin: Actor) -> None:
    made = ask(world)
    with world.unit(made.answer_by, admin) as unit:
        assert refuse_subject_request(unit, made.id, "không đúng người").is_overdue(made.answer_by)


def test_a_withdrawn_request_is_not_overdue(world: Database, admin: Actor) -> None:
    made, other = ask(world), ask(world)
    with world.unit(NOON, admin) as unit:
        assert not withdraw_subject_request(unit, made.id).is_overdue(NOON + 1000 * HOUR)
        assert {r.id for r in subject_requests(unit.conn, admin)} == {made.id, other.id}


def test_who_works_on_requests(world: Database, hire: Hire) -> None:
    officer = hire("officer", Role.DUTY_OFFICER)
    head = hire("head", Role.DESK_HEAD)
    made = ask(world)
    with world.unit(NOON, officer) as unit:
        with pytest.raises(NotAllowed):
            confirm_identity(unit, made.id)
        with pytest.raises(NotAllowed):
            subject_requests(unit.conn, officer)
        with pytest.raises(NotAllowed):
            receive_subject_request(unit, SubjectRequestKind.ERASURE, "Mai", "x", "y")
    with world.unit(NOON, head) as unit:
        confirm_identity(unit, made.id)
        with pytest.raises(NotFound):
            confirm_identity(unit, "nobody")


def test_every_state_has_its_row() -> None:
    assert set(breach_model.NEXT) == set(BreachState)
    assert set(subject_model.NEXT) == set(State)
