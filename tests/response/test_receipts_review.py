"""What others told is a guess: it takes nothing from what is known, and ends with the request it stands for."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import COIN_VND
from tests.response.life import MINUTE, MULE, NEXT, VICTIM
from tests.response.ringing import ring
from tests.response.staging import OUTBOX, SHIFT
from tests.response.test_lawful_edges import confirm
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import ConfirmationOutcome, HoldRelease, HoldRequest, total
from lachan.foundation.storage import Database
from lachan.intake import LossDraft
from lachan.response import cancel_trace, store
from lachan.response.actions.hops import resettle_hold
from lachan.response.actions.work import working
from lachan.response.model import Hold, HoldState
from lachan.response.refunds.pools import pool_of


class TwoLosses(Silent):
    """Forty coins came to the mule, then ten of another victim, then 15 went on: ten newer, five older."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.second = self.world.move(VICTIM, MULE, 10)
        self.beyond = self.world.move(MULE, NEXT, 15)
        self.world.now = NOON

    def report_second(self) -> None:
        one = self.second
        draft = LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
            payee_institution="999002", payer_institution="999001", reference=one.reference,
        )  # fmt: skip
        self.desk.report(self.world.now, draft)

    def about(self, reference: str) -> int:
        """The place among all requests of the one for this transfer."""
        asked = [e.data.transfer.reference for _, _, e in self.desk.envelopes() if isinstance(e.data, HoldRequest)]
        return asked.index(reference)

    def holds(self) -> list[Hold]:
        with self.db.read() as conn:
            return store.holds(conn, sa.true())

    def releases(self) -> list[int]:
        return [
            e.data.release_vnd // COIN_VND for _, _, e in self.desk.envelopes() if isinstance(e.data, HoldRelease)
        ]

    def tell_all(self, after: int) -> None:
        """The machine answers every question that waits for it."""
        for item, code, query in self.questions():
            if code == MACHINE and query.payer_account == MULE:
                receipts = self.world.receipts(MULE, MACHINE, query.since)
                assert self.tell(NOON + after * MINUTE, *receipts, item=item) is None


def requested(life: Silent, account: str) -> list[Hold]:
    with life.db.read() as conn:
        return store.holds_by(conn, account=account)


@pytest.fixture
def silent(db: Database) -> Silent:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    return life


@pytest.fixture
def two(db: Database) -> TwoLosses:
    life = TwoLosses(db)
    life.connect("999001", MACHINE)
    return life


def test_what_others_tell_takes_no_coin_from_what_its_bank_has_answered(two: TwoLosses) -> None:
    """The bank has told of the newer loss and holds where it went; of the older one it is silent."""
    two.report_second()
    two.answer(two.about(two.second.reference))
    two.answer(two.about(two.beyond.reference))
    held = {one.id: one.allocations for one in two.holds() if one.reference == two.beyond.reference}
    assert [sum(one.values()) for one in held.values()] == [10 * COIN_VND]
    two.report()
    two.world.now = NOON + 2 * MINUTE
    ring(two.db, NOON + 2 * MINUTE, "ask_receipts")
    two.tell_all(2)
    after = {one.id: one.allocations for one in two.holds()}
    assert {one: after[one] for one in held} == held
    # The silent bank speaks at last: nothing that was held rightly is let go.
    two.answer(two.about(two.first.reference), NOON + 5 * MINUTE)
    assert two.releases() == []
    assert {one.id: one.allocations for one in two.holds() if one.id in held} == held


def test_an_answer_that_says_nothing_new_changes_no_request(two: TwoLosses) -> None:
    two.report_second()
    two.report()
    ring(two.db, NOON + MINUTE, "ask_receipts")
    two.tell_all(1)
    others = [name for name, code, query in two.questions() if (code, query.payer_account) == ("999001", MULE)]
    assert len(others) == 1  # asked once for both
    changed: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        changed.extend([statement] if statement.startswith(("UPDATE hold ", "UPDATE hop ")) else [])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for item in others:
            assert two.tell(NOON + 2 * MINUTE, by="999001", item=item) is None
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert changed == []


def test_what_others_told_ends_with_the_request_that_nobody_answered(silent: Silent) -> None:
    """What its own institution never confirms is not held: the last word is that nobody knows."""
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert silent.tell(NOON + 2 * MINUTE, *silent.received()) is None
    silent.answer(1, NOON + 3 * MINUTE)
    assert silent.trace().held_vnd == ONWARD * COIN_VND
    over = silent.hold(0).expires_at
    assert over is not None
    ring(silent.db, over, "expire_hold")
    with silent.db.read() as conn:
        check_record(conn)
    assert silent.hold(0).receipts is None
    assert silent.hold(1).state is HoldState.RELEASED
    assert (silent.trace().held_vnd, silent.trace().located_vnd) == (0, LOST * COIN_VND)


def test_nobody_is_asked_any_more_once_the_bank_has_spoken(silent: Silent) -> None:
    """Whom an account paid is bank secrecy: it is not told, and not fetched, when nobody needs it."""
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert {code for _, code, query in silent.questions() if query.payer_account == MULE} == {"999001", MACHINE}
    silent.answer()
    assert [query for _, _, query in silent.questions() if query.payer_account == MULE] == []


def test_nobody_is_asked_any_more_once_the_request_is_over(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    over = silent.hold(0).expires_at
    assert over is not None
    ring(silent.db, over, "expire_hold")
    assert silent.questions() == []


def test_an_older_question_answered_late_takes_nothing_back(silent: Silent) -> None:
    """The first answer was on its way for long: it was made before the money went, and says that there is none."""
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    (older,) = [name for name, code, _ in silent.questions() if code == MACHINE]
    ring(silent.db, NOON + 3 * MINUTE, "ask_receipts")
    (newer,) = [name for name, code, _ in silent.questions() if code == MACHINE]
    assert silent.tell(NOON + 3 * MINUTE, *silent.received(), item=newer) is None
    assert silent.tell(NOON + 4 * MINUTE, item=older) is None
    assert [one.state for one in requested(silent, NEXT)] == [HoldState.REQUESTED]
    # Its last answer it may take back, though that is dealt with.
    assert silent.tell(NOON + 5 * MINUTE, item=newer) is None
    assert [one.state for one in requested(silent, NEXT)] == [HoldState.VOIDED]


def test_the_sums_close_when_a_trace_ends_whose_coins_went_back_to_another_victim(silent: Silent) -> None:
    """The mule reports the transfer onward himself: its coins are his loss again when the trace ends."""
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert silent.tell(NOON + 2 * MINUTE, *silent.received()) is None
    one = silent.onward
    draft = LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=NEXT, payer_account=MULE,
        payee_institution=MACHINE, payer_institution="999002", reference=one.reference,
    )  # fmt: skip
    silent.desk.report(NOON + 3 * MINUTE, draft)
    (trace_id,) = {hold.trace_id for hold in requested(silent, MULE)}
    now = NOON + 4 * MINUTE
    assert silent.act(now, SHIFT, lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")) is None


def test_what_others_told_outlives_the_real_reference_of_the_transfer(db: Database) -> None:
    """Reported without a reference, it is named by the payer's bank: it is still one transfer, not two."""
    life = Silent(db)
    life.connect("999001", MACHINE)
    one = life.first
    draft = LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
        payee_institution="999002", payer_institution="999001",
    )  # fmt: skip
    life.desk.report(NOON, draft)
    ring(db, NOON + MINUTE, "ask_receipts")
    assert life.tell(NOON + 2 * MINUTE, *life.received()) is None
    assert confirm(life, ConfirmationOutcome.CONFIRMED, None, transfer_reference=one.reference) is None
    (hold,) = requested(life, MULE)
    assert hold.reference == one.reference
    with db.unit(NOON + 3 * MINUTE, SYSTEM) as unit, working(unit, OUTBOX, hold.trace_id) as work:
        resettle_hold(work, work.hold(hold.id))
    assert [(hold.state, total(hold.asked)) for hold in requested(life, NEXT)] == [
        (HoldState.REQUESTED, ONWARD * COIN_VND)
    ]
    assert life.trace().moving_vnd == LOST * COIN_VND


def test_what_turns_out_to_be_another_victims_is_not_let_go_meanwhile(two: TwoLosses) -> None:
    """Of the 15 coins ten seemed to be the first victim's, until the second one reports."""
    two.report()
    ring(two.db, NOON + MINUTE, "ask_receipts")
    two.tell_all(1)
    two.answer(two.about(two.beyond.reference), NOON + 2 * MINUTE)
    first, second = two.first.reference, two.second.reference
    losses = {one.reference: one.loss_id for one in requested(two, MULE)}
    (held,) = [one for one in two.holds() if one.held]
    assert held.allocations == {losses[first]: 10 * COIN_VND}
    two.report_second()
    ring(two.db, NOON + 4 * MINUTE, "ask_receipts")
    two.tell_all(4)
    losses = {one.reference: one.loss_id for one in requested(two, MULE)}
    (held,) = [one for one in two.holds() if one.held]
    assert held.allocations == {losses[second]: 10 * COIN_VND}
    assert two.releases() == []
    wanted = [total(one.asked) // COIN_VND for one in requested(two, NEXT) if one.reference == two.beyond.reference]
    assert wanted == [15]


def test_what_only_others_tell_of_is_paid_back_to_nobody(silent: Silent) -> None:
    """It may be the holder's own money: another victim's refund at the same account must not take it."""
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert silent.tell(NOON + 2 * MINUTE, *silent.received()) is None
    silent.answer(1, NOON + 3 * MINUTE)
    with silent.db.read() as conn:
        pool = pool_of(conn, MACHINE, NEXT)
    assert (pool.held_vnd, pool.entitled) == (0, ())
    silent.answer(0, NOON + 5 * MINUTE)
    with silent.db.read() as conn:
        assert pool_of(conn, MACHINE, NEXT).held_vnd == ONWARD * COIN_VND
