"""The sandbox's bank pays each line once, out of coins that it holds, whatever it is sent and in what order."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.factories import protocol as make
from tests.sandbox.test_sandbox_conforms import FIXTURE, PAYEE, write_book

from lachan.foundation.base import SimulatedClock, WallClock
from lachan.foundation.protocol import (
    HoldRelease,
    HoldRequest,
    PaidFrom,
    PayOut,
    PayOutcome,
    PayRefusal,
    RefundDone,
    RefundRequest,
    ReleaseReason,
    Transfer,
    total,
)
from lachan.sandbox.institution import Counter
from lachan.sandbox.institution.clerk import Clerk
from lachan.sandbox.institution.directory import Directory
from lachan.sandbox.institution.teller import Teller
from lachan.sandbox.story_clock import StoryClock


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[tuple[Counter, Clerk, Teller, HoldRequest]]:
    clock = StoryClock(SimulatedClock(FIXTURE.opened_at, 60, WallClock().now() - timedelta(seconds=10)))
    write_book(tmp_path / "book.db", clock)
    counter = Counter(tmp_path / "book.db", {}, clock)
    clerk = Clerk(counter, Directory({PAYEE: ("999998", "TRAN VAN B")}), "Tổ trực")
    credit = FIXTURE.movements[0]
    asked = make.hold_request(
        total(FIXTURE.spans), account=FIXTURE.account, spans=FIXTURE.spans,
        transfer=Transfer(reference=credit.id, booked_at=credit.booked_at, amount_vnd=credit.amount_vnd),
    )  # fmt: skip
    with counter.store.transaction():
        assert clerk.answer(asked, revision=1).held_vnd == FIXTURE.expected_held_vnd
    yield counter, clerk, Teller(counter, clerk, "Tổ trực"), asked
    counter.close()


def a_list(clerk: Clerk, hold: HoldRequest, name: str = "R1", **changes: object) -> RefundRequest:
    """A list of all that is held."""
    spans = clerk.held(hold)
    return make.refund_request(
        id=name, account=FIXTURE.account, amount_vnd=total(spans),
        lines=(
            PayOut(number=f"{name}-1", institution="999002", account="account:999002:1", amount_vnd=total(spans)),
        ),
        paid_from=(PaidFrom(request_id=hold.id, amount_vnd=total(spans), spans=spans),), **changes,
    )  # fmt: skip


def test_each_line_is_paid_once(bank: tuple[Counter, Clerk, Teller, HoldRequest]) -> None:
    counter, clerk, teller, hold = bank
    request = a_list(clerk, hold)

    def pay(one: RefundRequest, holds: dict[str, HoldRequest]) -> RefundDone:
        with counter.store.transaction():
            return teller.pay(one, holds)

    (unknown,) = pay(a_list(clerk, hold, "R0"), {}).lines
    assert (unknown.outcome, unknown.refusal) == (PayOutcome.REFUSED, PayRefusal.NOT_HELD)
    first = pay(request, {hold.id: hold})
    assert [line.outcome for line in first.lines] == [PayOutcome.PAID]
    again = pay(request.model_copy(update={"revision": 2}), {hold.id: hold})
    assert again.lines == first.lines, "the same time, the same reference"
    (other,) = pay(a_list(clerk, hold, "R2"), {hold.id: hold}).lines
    assert other.refusal is PayRefusal.NOT_HELD, "another list does not pay the same coins"
    with counter.store.transaction():
        assert teller.withdraw(request, 3).lines == first.lines, "paid is paid"


def test_what_is_free_or_withdrawn_is_not_paid(bank: tuple[Counter, Clerk, Teller, HoldRequest]) -> None:
    counter, clerk, teller, hold = bank
    request, gone = a_list(clerk, hold), a_list(clerk, hold, "R3")
    with counter.store.transaction():
        (line,) = teller.withdraw(gone, 2).lines
        assert line.refusal is PayRefusal.WITHDRAWN
        assert teller.pay(gone, {hold.id: hold}).lines == (line,), "nor if the first message comes late"
        freed = HoldRelease(request_id=hold.id, revision=2, release_vnd=1, reason=ReleaseReason.MISTAKE)
        assert clerk.release(freed, hold) is not None
        (late,) = teller.pay(request, {hold.id: hold}).lines
    assert late.refusal is PayRefusal.NOT_HELD
