"""Who is on duty, and who is asked next when nobody approves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.foundation.access.conftest import BANK, DESK

from lachan.foundation.access import (
    OPERATOR,
    AccessReason,
    Position,
    Role,
    Shift,
    appointments,
    cancel_shift,
    next_approver,
    on_duty,
    plan_shift,
    revoke_role,
    set_person_active,
    shifts,
)
from lachan.foundation.access.roster import rules
from lachan.foundation.base import Actor, BadInput, Conflict, LachanError, NotAllowed, NotFound
from lachan.foundation.storage import Database

Hire = Callable[..., Actor]
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def plan(
    db: Database,
    who: Actor,
    position: Position,
    *,
    rank: int = 0,
    start: timedelta = -HOUR,
    end: timedelta = 7 * HOUR,
) -> Shift:
    with db.unit(NOON, OPERATOR) as unit:
        return plan_shift(unit, DESK, who.id, position, NOON + start, NOON + end, rank=rank)


def asked(db: Database, requester: str | None = None, after: timedelta = timedelta()) -> list[str]:
    """Everybody who is asked, one after the other."""
    found: list[str] = []
    with db.read() as conn:
        while one := next_approver(conn, DESK, NOON + after, after=len(found), requester=requester):
            found.append(one.person_id)
    return found


def test_the_shift_head_is_asked_first_then_the_deputies(world: Database, hire: Hire) -> None:
    second, first, head = (hire(name, Role.SHIFT_HEAD) for name in ("second", "first", "head"))
    officer = hire("officer", Role.DUTY_OFFICER)
    plan(world, officer, Position.OFFICER)
    plan(world, second, Position.DEPUTY, rank=2)
    plan(world, first, Position.DEPUTY, rank=1)
    plan(world, head, Position.SHIFT_HEAD)
    assert asked(world) == [head.id, first.id, second.id]
    assert asked(world, requester=head.id) == [first.id, second.id], "nobody approves what they asked for"
    with world.read() as conn:
        assert [s.person_id for s in on_duty(conn, DESK, NOON)] == [head.id, first.id, second.id, officer.id]
        assert on_duty(conn, BANK, NOON) == []


def test_shifts_change_to_the_second(world: Database, hire: Hire) -> None:
    early, late = hire("early", Role.SHIFT_HEAD), hire("late", Role.DESK_HEAD)
    plan(world, early, Position.SHIFT_HEAD, end=HOUR)
    plan(world, late, Position.SHIFT_HEAD, start=HOUR)
    assert asked(world, after=HOUR - SECOND) == [early.id]
    assert asked(world, after=HOUR) == [late.id]
    assert asked(world, after=7 * HOUR) == []
    with world.read() as conn:
        assert len(shifts(conn, DESK, NOON, NOON + HOUR)) == 1
        assert len(shifts(conn, DESK, NOON, NOON + HOUR + SECOND)) == 2


def test_those_who_may_no_longer_approve_are_passed_over(world: Database, hire: Hire) -> None:
    demoted, closed, left = (hire(name, Role.SHIFT_HEAD) for name in ("demoted", "closed", "left"))
    for rank, who in enumerate((demoted, closed, left)):
        plan(world, who, Position.DEPUTY, rank=rank)
    with world.unit(NOON, OPERATOR) as unit:
        set_person_active(unit, closed.id, False)
        (held,) = appointments(unit.conn, NOON, person_id=demoted.id)
        revoke_role(unit, held.id)
    assert asked(world) == [left.id]


def test_only_people_who_may_approve_stand_in_for_it(world: Database, hire: Hire) -> None:
    officer = hire("officer", Role.DUTY_OFFICER)
    stranger = hire("stranger", Role.SHIFT_HEAD, agency_id=BANK)
    for who, position in (
        (officer, Position.SHIFT_HEAD),
        (officer, Position.DEPUTY),
        (stranger, Position.DEPUTY),
        (stranger, Position.OFFICER),
    ):
        with pytest.raises(Conflict) as refused:
            plan(world, who, position)
        assert refused.value.reason is AccessReason.CANNOT_APPROVE


@pytest.mark.parametrize(
    ("start", "end", "rank", "error"),
    [
        (HOUR, HOUR, 0, BadInput),
        (HOUR, timedelta(0), 0, BadInput),
        (HOUR, timedelta(hours=26), 0, BadInput),
        (HOUR, 2 * HOUR, -1, BadInput),
        (HOUR, 2 * HOUR, 101, BadInput),
        (4 * HOUR, 8 * HOUR, 0, Conflict),
        (7 * HOUR, 8 * HOUR, 0, None),
    ],
)
def test_what_a_shift_may_be(
    world: Database, hire: Hire, start: timedelta, end: timedelta, rank: int, error: type[LachanError] | None
) -> None:
    head = hire("head", Role.SHIFT_HEAD)
    plan(world, head, Position.SHIFT_HEAD, start=3 * HOUR)
    if error is None:
        plan(world, head, Position.SHIFT_HEAD, start=start, end=end, rank=rank)
        return
    with pytest.raises(error):
        plan(world, head, Position.SHIFT_HEAD, start=start, end=end, rank=rank)


def test_cancelling(world: Database, hire: Hire) -> None:
    head = hire("head", Role.SHIFT_HEAD)
    officer = hire("officer", Role.DUTY_OFFICER)
    running = plan(world, head, Position.SHIFT_HEAD, end=HOUR)
    coming = plan(world, head, Position.SHIFT_HEAD, start=HOUR)
    with world.unit(NOON, officer) as unit, pytest.raises(NotAllowed):
        cancel_shift(unit, running.id)
    with world.unit(NOON, head) as unit:
        cancel_shift(unit, running.id)
        cancel_shift(unit, coming.id)
        with pytest.raises(Conflict):
            cancel_shift(unit, running.id)
        with pytest.raises(NotFound):
            cancel_shift(unit, coming.id)
        assert len(shifts(unit.conn, DESK, NOON - HOUR, NOON + 9 * HOUR)) == 1, "what was worked stays"
    assert asked(world) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(Position), st.integers(0, 5), st.integers(-5, 5), st.integers(1, 8)), max_size=8
    )
)
def test_order_depends_on_position_and_rank_only(rows: list[tuple[Position, int, int, int]]) -> None:
    made = [
        Shift(str(i), DESK, str(i), position, rank, NOON + start * HOUR, NOON + (start + length) * HOUR)
        for i, (position, rank, start, length) in enumerate(rows)
    ]
    ordered = rules.in_order(made, NOON)
    assert ordered == rules.in_order(made[::-1], NOON)
    assert {s.id for s in ordered} == {s.id for s in made if s.starts_at <= NOON < s.ends_at}
    order = list(Position)
    assert [(order.index(s.position), s.rank) for s in ordered] == sorted(
        (order.index(s.position), s.rank) for s in ordered
    )
