"""An answer as it is typed: whatever the statement and the figures, the sum closes or something is named."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.base import BadInput
from lachan.foundation.protocol import HoldRequest, LegalBasis, Payee, Person, Span, Transfer, check_answer
from lachan.response.rules.compose import OUTFLOWS, Kept, Typed, Verdict, compose
from lachan.response.rules.statement import StatementReason, read_statement

AMOUNT = 60_000_000
CREDIT = Transfer(reference="FT1", booked_at=NOON - timedelta(minutes=30), amount_vnd=AMOUNT)


def request(amount_vnd: int = AMOUNT) -> HoldRequest:
    asked = Person(id="a", name="A", agency="Bàn trực")
    return HoldRequest(
        id="018f7c21-0000-7000-8000-000000000001", revision=1, trace_code="LC-1", loss="l", institution="999001",
        account="account:999001:0123456789", transfer=CREDIT, amount_vnd=amount_vnd,
        spans=(Span(AMOUNT - amount_vnd, amount_vnd),), step=2, legal_basis=LegalBasis(code="x", title="X"),
        requester=asked, approver=asked.model_copy(update={"id": "b"}), ack_by=NOON, answer_by=NOON,
        expires_at=NOON + timedelta(hours=72),
    )  # fmt: skip


def payee(bank: str, number: str) -> Payee:
    return Payee(institution=bank, account=f"account:{bank}:{number}")


@settings(max_examples=150, deadline=None)
@given(
    amounts=st.lists(st.integers(-80_000_000, 80_000_000).filter(bool), max_size=8),
    kinds=st.lists(st.sampled_from(["", *(kind.value for kind in OUTFLOWS)]), min_size=8, max_size=8),
    asked=st.integers(1, AMOUNT),
    held=st.one_of(st.none(), st.integers(0, 70_000_000)),
    verdict=st.sampled_from(["", *Verdict.ALL]),
)
def test_the_sum_closes_or_a_field_is_named(
    amounts: list[int], kinds: list[str], asked: int, held: int | None, verdict: str
) -> None:
    start = CREDIT.booked_at
    text = "\n".join(
        f"{(start + timedelta(minutes=i + 1)).isoformat(sep=' ', timespec='seconds')[:19]};x;{amount};R{i}"
        for i, amount in enumerate(amounts)
    )
    lines = {f"l{i + 1}": kind for i, kind in enumerate(kinds)}
    typed = Typed(
        statement=text, kinds=lines, banks=dict.fromkeys(lines, "999002"), accounts=dict.fromkeys(lines, "0123456"),
        held=None if held is None else str(held), verdict=verdict, refusal="other",
    )  # fmt: skip
    made = compose(
        request(asked), typed, kept=Kept(), revision=1, decided_by="x", payee_of=payee, now=NOON
    )  # fmt: skip
    if made.answer is None:
        assert made.errors
        return
    answer = made.answer
    assert answer.held_vnd + sum(part.amount_vnd for part in answer.parts) == asked
    assert answer.held_vnd <= made.there_vnd
    assert check_answer(request(asked), answer, institution="999001", now=NOON) == []


def test_what_is_already_held_stays_held_and_more_is_added() -> None:
    kept = Kept((Span(0, 12_000_000),), NOON - timedelta(minutes=20))
    typed = Typed(held="40.000.000", remains="0", verdict="part")
    made = compose(
        request(), typed, kept=kept, revision=2, decided_by="x", payee_of=payee, now=NOON
    )  # fmt: skip
    assert made.answer is not None
    assert made.answer.held_spans == (Span(0, 40_000_000),)
    assert made.answer.placed_at == kept.placed_at


@pytest.mark.parametrize(
    "text",
    [
        "19:05:00; A; -1.000; R1",
        "18/11/2026 19:05; A; -1.000",
        "2026-11-18 19:05:00\tA\t-1,000\tR1",
        '19:05:00,A,"-1,000",R1',
        "19:05:00 | A | −1.000 đ | R1",
        "Thời gian;Diễn giải;Ghi nợ;Ghi có;Mã giao dịch\n18/11/2026 19:05:00;A;1.000;;R1",
    ],
)
def test_statements_as_banks_write_them(text: str) -> None:
    credit = CREDIT.model_copy(update={"booked_at": NOON.replace(hour=12)})
    (line,) = read_statement(text, credit)
    assert line.amount_vnd == -1_000
    assert line.text == "A"


def test_the_credits_own_line_and_earlier_ones_are_left_out_and_the_order_is_repaired() -> None:
    text = "11:50:00; sau; -2; R2\n11:40:00; trước; -1; R1\n11:30:00; nhận; 60.000.000; FT1\n11:00:00; cũ; -9; R0"
    assert [line.text for line in read_statement(text, CREDIT)] == ["trước", "sau"]


@pytest.mark.parametrize("text", ["x", ";;", "25:00; a; -1", "09:00; a; 0", "09:00; a; 1e9", "a\x00b; c; d", '"'])
def test_an_unreadable_line_is_named(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_statement(text, CREDIT)
    assert refused.value.reason is StatementReason.LINE_UNREADABLE
