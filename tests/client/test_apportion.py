"""An institution's own arithmetic always passes the center's check."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import protocol as make

from lachan.client import Onward, apportion, refuse
from lachan.foundation.base import BadInput
from lachan.foundation.protocol import (
    Direction,
    Movement,
    Part,
    PartKind,
    Payee,
    Refusal,
    Span,
    check_answer,
    intersect,
    newest,
    total,
    whole,
)

CREDIT, DEBIT, HOLD = Direction.CREDIT, Direction.DEBIT, Direction.HOLD
MILLION = 1_000_000
NOW = make.at(600)
ONWARD = Onward(PartKind.MOVED_ON, Payee(institution="999003", account="account:999003:0009"))
# The worked example of docs/reference/protocol/README.md.
EXAMPLE = (
    make.movement(0, CREDIT, 50 * MILLION, "FT1"),
    make.movement(2, CREDIT, 10 * MILLION, "SALARY"),
    make.movement(3, DEBIT, 30 * MILLION, "FT2"),
    make.movement(4, DEBIT, 5 * MILLION, "ATM1"),
)
KNOWN: Mapping[str, Onward] = {"FT2": ONWARD, "ATM1": Onward(PartKind.CASH_OUT)}


def test_the_worked_example() -> None:
    request = make.hold_request()
    found = apportion(request, EXAMPLE, available_vnd=24 * MILLION, onward=KNOWN)
    assert found.to_hold == (Span(25 * MILLION, 24 * MILLION),)
    assert found.parts == (
        Part(kind=PartKind.REMAINS, amount_vnd=MILLION, spans=(Span(49 * MILLION, MILLION),)),
        Part(
            kind=PartKind.MOVED_ON,
            amount_vnd=20 * MILLION,
            reference="FT2",
            booked_at=make.at(3),
            payee=ONWARD.payee,
            spans=(Span(10 * MILLION, 20 * MILLION),),
        ),
        Part(
            kind=PartKind.CASH_OUT,
            amount_vnd=5 * MILLION,
            reference="ATM1",
            booked_at=make.at(4),
            spans=(Span(0, 5 * MILLION),),
        ),
    )
    hold = found.hold(make.at(11), 110)
    assert hold is not None
    answer = found.answer((*EXAMPLE, hold), revision=1, decided_by="A", placed_at=hold.booked_at)
    assert answer.held_vnd == 24 * MILLION
    assert check_answer(request, answer, institution="999001", now=NOW) == []


def test_a_top_up_keeps_what_is_held() -> None:
    request = make.hold_request()
    first = apportion(request, EXAMPLE, available_vnd=10 * MILLION, onward=KNOWN)
    hold = first.hold(make.at(11), 110)
    assert hold is not None
    movements = (*EXAMPLE, hold)
    second = apportion(request, movements, available_vnd=14 * MILLION, onward=KNOWN)
    assert (total(second.held), second.to_hold_vnd) == (10 * MILLION, 14 * MILLION)
    top_up = second.hold(make.at(15), 150, number=2)
    assert top_up is not None
    answer = second.answer((*movements, top_up), revision=2, decided_by="A", placed_at=hold.booked_at)
    assert (answer.held_vnd, answer.available_vnd) == (24 * MILLION, 24 * MILLION)
    assert check_answer(request, answer, institution="999001", now=NOW, last_revision=1) == []


def test_nothing_left_is_refused_with_the_parts() -> None:
    gone = (EXAMPLE[0], make.movement(3, DEBIT, 50 * MILLION, "FT2"))
    found = apportion(make.hold_request(), gone, available_vnd=9 * MILLION, onward=KNOWN)
    assert found.hold(make.at(11), 110) is None
    answer = found.answer(gone, revision=1, decided_by="A", placed_at=None)
    assert answer.refusal is Refusal.NO_BALANCE
    assert check_answer(make.hold_request(), answer, institution="999001", now=NOW) == []


def test_an_unknown_reference() -> None:
    with pytest.raises(BadInput):
        apportion(make.hold_request(), EXAMPLE[1:], available_vnd=MILLION, onward=KNOWN)
    answer = refuse(make.hold_request(), Refusal.WRONG_REFERENCE, revision=1, decided_by="A")
    assert check_answer(make.hold_request(), answer, institution="999001", now=NOW) == []


def test_an_unknown_debit_is_unexplained() -> None:
    found = apportion(make.hold_request(), EXAMPLE, available_vnd=25 * MILLION, onward={})
    assert found.parts == (Part(kind=PartKind.UNEXPLAINED, amount_vnd=25 * MILLION),)


@st.composite
def movements(draw: st.DrawFn) -> tuple[Movement, ...]:
    rows = [make.movement(0, CREDIT, draw(st.integers(1, 100)), "FT1")]
    for sequence in range(1, draw(st.integers(1, 8))):
        direction = draw(st.sampled_from([CREDIT, DEBIT]))
        rows.append(make.movement(sequence, direction, draw(st.integers(1, 60)), f"M{sequence}"))
    return tuple(rows)


@given(movements(), st.data())
def test_any_apportionment_passes_the_center_s_check(rows: tuple[Movement, ...], data: st.DataObject) -> None:
    amount_vnd = rows[0].amount_vnd
    start = data.draw(st.integers(0, amount_vnd - 1))
    asked = intersect((Span(start, data.draw(st.integers(1, 100))),), whole(amount_vnd))
    other = newest(asked, data.draw(st.integers(0, 20)))
    request = make.hold_request(total(asked), spans=asked, transfer=make.transfer(amount_vnd))
    known = data.draw(st.sets(st.sampled_from([row.id for row in rows])))
    onward = dict.fromkeys(known, ONWARD)

    # Another province holds some of the same coins first, if they are still there.
    earlier = apportion(
        make.hold_request(
            max(1, total(other)), id="X1", spans=other or whole(1), transfer=make.transfer(amount_vnd)
        ),
        rows,
        data.draw(st.integers(0, 50)),
        onward,
    )
    theirs = earlier.hold(make.at(500), 5000)
    before = (*rows, theirs) if theirs else rows
    found = apportion(request, before, data.draw(st.integers(0, 120)), onward)
    hold = found.hold(make.at(501), 5010)
    after = (*before, hold) if hold else before
    answer = found.answer(after, revision=1, decided_by="A", placed_at=hold.booked_at if hold else None)
    assert check_answer(request, answer, institution="999001", now=NOW) == []
