"""`check_answer`: every reason once, in order, and nothing wrong with an honest answer."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import protocol as make

from lachan.foundation.base import LANGUAGES, translate
from lachan.foundation.protocol import (
    Answer,
    AnswerReason,
    CoinReason,
    Direction,
    HoldRequest,
    Part,
    PartKind,
    Payee,
    Refusal,
    SignatureReason,
    Span,
    check_answer,
    flow,
    total,
)

CREDIT, DEBIT, HOLD = Direction.CREDIT, Direction.DEBIT, Direction.HOLD
MILLION = 1_000_000
NOW = make.at(12)
PAYEE = Payee(institution="999003", account="account:999003:0009")

# 50 m arrive, 30 m go on, what is left is held.
MOVEMENTS = (
    make.movement(0, CREDIT, 50 * MILLION, "FT1"),
    make.movement(3, DEBIT, 30 * MILLION, "FT2"),
    make.movement(11, HOLD, 20 * MILLION, "HR1.1", reference="FT1"),
)
MOVED_ON = Part(
    kind=PartKind.MOVED_ON,
    amount_vnd=30 * MILLION,
    reference="FT2",
    booked_at=make.at(3),
    payee=PAYEE,
    spans=(Span(0, 30 * MILLION),),
)
HONEST: dict[str, Any] = {
    "held_vnd": 20 * MILLION,
    "held_spans": (Span(30 * MILLION, 20 * MILLION),),
    "available_vnd": 20 * MILLION,
    "parts": (MOVED_ON,),
    "movements": MOVEMENTS,
}


def reasons(request: HoldRequest | None = None, **changes: Any) -> list[AnswerReason]:
    answer = make.answer(**HONEST | changes)
    return check_answer(request or make.hold_request(), answer, institution="999001", now=NOW)


def test_an_honest_answer() -> None:
    assert reasons() == []
    assert reasons(movements=()) == [], "a person at a telephone has no movements at hand"


def remains(amount_vnd: int) -> Part:
    return Part(kind=PartKind.REMAINS, amount_vnd=amount_vnd)


CASES: dict[AnswerReason, dict[str, Any]] = {
    AnswerReason.WRONG_REQUEST: {"request_id": "HR2"},
    AnswerReason.SUPERSEDED: {"request_revision": 2},
    AnswerReason.IN_THE_FUTURE: {"placed_at": NOW + timedelta(minutes=6)},
    AnswerReason.PLACED_BEFORE_TRANSFER: {"placed_at": make.at(-1)},
    AnswerReason.PLACED_AT_MISSING: {"placed_at": None},
    AnswerReason.REFUSED_BUT_HELD: {"refusal": Refusal.OTHER},
    AnswerReason.HELD_ABOVE_REQUEST: {
        "held_vnd": 60 * MILLION,
        "available_vnd": 60 * MILLION,
        "held_spans": (),
        "parts": (),
        "movements": (),
    },
    AnswerReason.HELD_ABOVE_AVAILABLE: {"available_vnd": 19 * MILLION},
    AnswerReason.HELD_SPANS_DIFFER: {"held_spans": (Span(30 * MILLION, 19 * MILLION),)},
    AnswerReason.TRANSFER_REFERENCE_DIFFERS: {"transfer_reference": "FT9"},
    AnswerReason.REFERENCE_MISSING: {
        "parts": (Part(kind=PartKind.CASH_OUT, amount_vnd=30 * MILLION),),
        "movements": (),
    },
    AnswerReason.PAYEE_MISSING: {"parts": (MOVED_ON.model_copy(update={"payee": None}),)},
    AnswerReason.SUM_DIFFERS: {"parts": ()},
    AnswerReason.MOVEMENTS_START_ELSEWHERE: {"movements": MOVEMENTS[1:]},
    AnswerReason.MOVEMENTS_UNUSABLE: {"movements": (*MOVEMENTS, MOVEMENTS[1])},
    AnswerReason.HELD_NOT_IN_MOVEMENTS: {"movements": MOVEMENTS[:2]},
    AnswerReason.PARTS_DISAGREE_WITH_MOVEMENTS: {"parts": (remains(30 * MILLION),)},
}


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_alone(reason: AnswerReason) -> None:
    found = reasons(**CASES[reason])
    assert found[0] is reason, found


def test_wrong_institution_comes_first() -> None:
    answer = make.answer(request_id="HR2", parts=(remains(1),))
    found = check_answer(make.hold_request(), answer, institution="999009", now=NOW)
    assert found[:2] == [AnswerReason.WRONG_INSTITUTION, AnswerReason.WRONG_REQUEST]
    of_other_replies = {
        AnswerReason.CONFIRMED_AMOUNT_MISSING, AnswerReason.PAY_OUT_DIFFERS, AnswerReason.RECEIPT_NOT_OWN,
        AnswerReason.RECEIPT_NOT_ASKED,
    }  # fmt: skip
    assert {*CASES, AnswerReason.WRONG_INSTITUTION} == set(AnswerReason) - of_other_replies, "each has a case here"


def test_a_lower_answer_revision_is_superseded() -> None:
    answer = make.answer(**HONEST)
    request = make.hold_request()
    assert check_answer(request, answer, institution="999001", now=NOW, last_revision=1) == [
        AnswerReason.SUPERSEDED
    ]


@pytest.mark.parametrize(
    "parts",
    [
        (MOVED_ON.model_copy(update={"reference": "FT9"}),),
        (MOVED_ON.model_copy(update={"spans": (Span(1, 30 * MILLION),)}),),
        (MOVED_ON.model_copy(update={"spans": (Span(0, 29 * MILLION),)}),),
    ],
)
def test_parts_that_the_movements_do_not_carry(parts: tuple[Part, ...]) -> None:
    assert reasons(parts=parts) == [AnswerReason.PARTS_DISAGREE_WITH_MOVEMENTS]


def test_what_is_not_claimed_is_unexplained() -> None:
    gap = Part(kind=PartKind.UNEXPLAINED, amount_vnd=10 * MILLION)
    partly = MOVED_ON.model_copy(update={"amount_vnd": 20 * MILLION, "spans": ()})
    assert reasons(parts=(partly, gap)) == []


def test_a_hold_for_somebody_else_remains_here() -> None:
    movements = (
        *MOVEMENTS[:2],
        make.movement(5, HOLD, 5 * MILLION, "X1", reference="FT1"),
        make.movement(11, HOLD, 15 * MILLION, "HR1.1", reference="FT1"),
    )
    change: dict[str, Any] = {
        "movements": movements,
        "held_vnd": 15 * MILLION,
        "held_spans": (Span(35 * MILLION, 15 * MILLION),),
        "parts": (MOVED_ON, remains(5 * MILLION)),
    }
    assert reasons(**change) == []


@given(st.data())
def test_an_answer_read_off_the_movements_has_no_reasons(data: st.DataObject) -> None:
    """Whatever spans are asked for, the flow's own figures are accepted."""
    start = data.draw(st.integers(0, 49 * MILLION))
    asked = (Span(start, data.draw(st.integers(1, 50 * MILLION - start))),)
    request = make.hold_request(total(asked), spans=asked, transfer=make.transfer(50 * MILLION))
    found = flow("FT1", asked, MOVEMENTS)
    parts = tuple(
        Part(kind=PartKind.CASH_OUT, amount_vnd=total(spans), reference=name, spans=spans)
        for name, spans in found.out.items()
    )
    answer = Answer(
        message_id="01940000-0000-7000-8000-000000000001",
        request_id="HR1",
        request_revision=1,
        revision=1,
        held_vnd=total(found.frozen),
        held_spans=found.frozen,
        available_vnd=20 * MILLION,
        parts=parts,
        movements=MOVEMENTS,
        placed_at=make.at(11),
        decided_by="A",
    )
    assert check_answer(request, answer, institution="999001", now=NOW) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_sentence(language: Any) -> None:
    for reason in (*AnswerReason, *CoinReason, *SignatureReason):
        assert translate(f"reason.{reason.value}", language) != f"reason.{reason.value}"


def test_an_institution_tells_the_reference_that_nobody_knew() -> None:
    known = make.hold_request()
    transfer = known.transfer.model_copy(update={"reference": "unknown-1"})
    unknown = known.model_copy(update={"transfer": transfer})
    assert reasons(unknown) == [AnswerReason.MOVEMENTS_START_ELSEWHERE], "told nothing, found nothing"
    assert reasons(unknown, transfer_reference="FT1") == []
    assert reasons(unknown, transfer_reference="FT2") == [AnswerReason.MOVEMENTS_START_ELSEWHERE]
    assert AnswerReason.TRANSFER_REFERENCE_DIFFERS in reasons(unknown, transfer_reference="unknown-2")
    assert reasons(transfer_reference="FT1") == [], "the known one may be said again"
