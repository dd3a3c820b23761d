"""Past a silent institution: others tell what they received, it is asked for, and the silent one's word decides."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import COIN_VND, CoinWorld
from tests.response.life import MINUTE, MULE, NEXT, SECOND, VICTIM, Life
from tests.response.ringing import ring
from tests.response.staging import OUTBOX, set_desk

from lachan.foundation.base import SYSTEM, BadInput, Language, new_id
from lachan.foundation.protocol import (
    HoldRelease,
    HoldRequest,
    ReceiptsQuery,
    ReceiptsTold,
    ToldReceipt,
    total,
)
from lachan.foundation.protocol.outbox import message, message_by_id
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import legal_basis
from lachan.foundation.trail.tables import fact
from lachan.intake import LossDraft
from lachan.response import store, take_reply
from lachan.response.model import HoldState
from lachan.response.rules.receipts import through_receipts

MACHINE = "999003"
LOST, ONWARD = 40, 30


class Silent(Life):
    """The victim's 40 coins came to the mule, whose bank is silent; 30 went on to a bank whose machine answers."""

    def __post_init__(self) -> None:
        self.world = CoinWorld([VICTIM, MULE, NEXT], opening=50, now=NOON - 10 * MINUTE)
        self.desk = set_desk(self.db, NOON, ("999001", "999002", MACHINE), policy_vnd=self.policy_vnd)
        self.first = self.world.move(VICTIM, MULE, LOST)
        self.onward = self.world.move(MULE, NEXT, ONWARD)
        self.world.now = NOON

    def questions(self) -> list[tuple[str, str, ReceiptsQuery]]:
        """Message, institution and question of each that waits."""
        with self.db.read() as conn:
            rows = conn.execute(sa.select(message.c.id).where(message.c.closed_at.is_(None))).scalars().all()
            items = [message_by_id(conn, one) for one in rows]
        found = []
        for _, institution, envelope in self.desk.envelopes():
            if isinstance(envelope.data, ReceiptsQuery) and envelope.message_id in {one.id for one in items}:
                found.append((envelope.message_id, institution, envelope.data))
        return found

    def tell(self, now: datetime, *receipts: ToldReceipt, by: str = MACHINE, item: str | None = None) -> Any:
        """The institution answers its question with these payments; a refusal's reason, or None."""
        message_id = item or next(name for name, code, _ in self.questions() if code == MACHINE)
        with self.db.unit(now, SYSTEM) as unit:
            one = message_by_id(unit.conn, message_id)
            said = ReceiptsTold(
                message_id=new_id(), request_id=one.subject.partition(":")[2], receipts=receipts, decided_by="Máy"
            )
            refused = take_reply(unit, OUTBOX, one, said, frozenset({by}))
        with self.db.read() as conn:
            check_record(conn)
        return refused.value if refused else None

    def received(self) -> tuple[ToldReceipt, ...]:
        return self.world.receipts(MULE, MACHINE, self.first.booked_at)

    def requests(self, account: str) -> list[HoldRequest]:
        return [
            e.data
            for _, _, e in self.desk.envelopes()
            if isinstance(e.data, HoldRequest) and e.data.account == account
        ]


@pytest.fixture
def silent(db: Database) -> Silent:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    return life


def test_the_others_are_asked_when_the_bank_has_been_silent(silent: Silent) -> None:
    ring(silent.db, NOON + 59 * SECOND, "ask_receipts")
    assert silent.questions() == []
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    # Every machine but the silent bank's own; the victim's bank too: money may have come back there.
    assert sorted(code for _, code, _ in silent.questions()) == ["999001", MACHINE]
    _, _, query = silent.questions()[0]
    assert (query.payer_account, query.payer_institution, query.since) == (MULE, "999002", silent.first.booked_at)
    assert query.legal_basis.title == legal_basis("nd117-2018", NOON).citation(Language.VI)
    assert query.answer_by == NOON + 4 * MINUTE


def test_three_rounds_and_no_more_and_each_takes_the_place_of_the_one_before(silent: Silent) -> None:
    for after, due in ((1, 3), (3, 6), (6, None)):
        assert ring(silent.db, NOON + after * MINUTE, "ask_receipts") == ["ask_receipts"]
        assert len(silent.questions()) == 2
        assert silent.due(f"receipts:{silent.hold().id}") == (NOON + due * MINUTE if due else None)
    assert silent.facts("receipts.asked") == 3


def test_nobody_is_asked_about_an_account_after_its_banks_answer(silent: Silent) -> None:
    silent.answer()
    ring(silent.db, NOON + 10 * MINUTE, "ask_receipts")
    # Where the money went on somebody is silent, too.
    assert {query.payer_account for _, _, query in silent.questions()} == {NEXT}


def test_nobody_is_asked_for_less_than_the_floor(db: Database) -> None:
    life = Life(db)
    life.connect(MACHINE)
    life.report()  # four coins
    ring(db, NOON + MINUTE, "ask_receipts")
    assert life.facts("receipts.asked") == 0


def test_what_they_tell_is_asked_for_and_the_banks_own_word_decides(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert silent.tell(NOON + 2 * MINUTE, *silent.received()) is None
    (asked,) = silent.requests(NEXT)
    assert asked.amount_vnd == ONWARD * COIN_VND
    assert (asked.transfer.reference, asked.transfer.payer_institution) == (silent.onward.reference, "999002")
    silent.world.now = NOON + 3 * MINUTE
    silent.answer(1)
    assert silent.trace().held_vnd == ONWARD * COIN_VND
    assert silent.trace().moving_vnd == (LOST - ONWARD) * COIN_VND
    # The silent bank speaks: the rest lay there, what others held stays.
    silent.answer(0)
    assert silent.trace().held_vnd == LOST * COIN_VND
    assert silent.hold(0).receipts is None
    assert not [e for _, _, e in silent.desk.envelopes() if isinstance(e.data, HoldRelease)]


def test_the_excess_is_let_go_when_the_banks_own_word_differs(db: Database) -> None:
    """The mule's own wages lay on top: 25 of the 30 were his, and nobody else could know."""
    life = Silent(db)
    life.connect(MACHINE)
    life.world = CoinWorld([VICTIM, MULE, NEXT, "account:999001:0002"], opening=50, now=NOON - 10 * MINUTE)
    life.first = life.world.move(VICTIM, MULE, LOST)
    life.world.move("account:999001:0002", MULE, 25)
    life.onward = life.world.move(MULE, NEXT, ONWARD)
    life.world.now = NOON
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    life.tell(NOON + 2 * MINUTE, *life.received())
    life.answer(1, NOON + 3 * MINUTE)
    assert life.trace().held_vnd == ONWARD * COIN_VND
    life.answer(0, NOON + 20 * MINUTE)
    freed = [e.data.release_vnd for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease)]
    assert freed == [25 * COIN_VND]
    assert total(life.hold(1).held) == 5 * COIN_VND
    assert life.trace().held_vnd == LOST * COIN_VND


def test_a_late_word_changes_nothing(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    (item,) = [name for name, code, _ in silent.questions() if code == MACHINE]
    silent.answer()
    assert silent.questions() == [] or silent.tell(NOON + 9 * MINUTE, *silent.received(), item=item) is None
    assert silent.hold().receipts is None
    assert len(silent.requests(NEXT)) == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an account of another bank": ({"account": "account:999001:0007"}, "receipt_not_own"),
    "older than the question": ({"booked_at": NOON - 60 * MINUTE}, "receipt_not_asked"),
    "a reference that is made up": ({"reference": "unknown-1"}, "receipt_not_asked"),
    "from the future": ({"booked_at": NOON + 60 * MINUTE}, "in_the_future"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_name(silent: Silent, name: str) -> None:
    changes, reason = REFUSED[name]
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    (good,) = silent.received()
    assert silent.tell(NOON + 2 * MINUTE, good.model_copy(update=changes)) == reason
    assert silent.requests(NEXT) == []
    assert silent.hold().receipts is None
    with silent.db.read() as conn:
        (said,) = conn.execute(sa.select(fact.c.data).where(fact.c.kind == "receipts.refused")).scalars()
    assert said["reason"] == reason
    assert silent.tell(NOON + 3 * MINUTE, good) is None  # its true word is still taken


def test_another_institution_cannot_answer_the_question(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    with pytest.raises(BadInput, match="wrong_institution"):
        silent.tell(NOON + 2 * MINUTE, *silent.received(), by="999001")


def test_no_more_than_is_disputed_whatever_they_tell(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    (good,) = silent.received()
    much = good.model_copy(update={"amount_vnd": 900 * COIN_VND})
    more = good.model_copy(update={"reference": "FT99", "amount_vnd": 70 * COIN_VND})
    assert silent.tell(NOON + 2 * MINUTE, more, much) is None
    assert sum(one.amount_vnd for one in silent.requests(NEXT)) == LOST * COIN_VND
    assert silent.trace().moving_vnd == LOST * COIN_VND
    # There is nothing more to find: nobody is asked again.
    ring(silent.db, NOON + 3 * MINUTE, "ask_receipts")
    assert not [code for _, code, query in silent.questions() if (query.payer_account, code) == (MULE, MACHINE)]


def test_who_takes_its_word_back_takes_the_request_back(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    assert silent.tell(NOON + 2 * MINUTE, *silent.received()) is None
    # It takes its word back: what was asked for is taken back with it.
    ring(silent.db, NOON + 3 * MINUTE, "ask_receipts")
    assert silent.tell(NOON + 4 * MINUTE) is None
    with silent.db.read() as conn:
        assert {one.state for one in store.holds(conn, sa.true())} == {HoldState.REQUESTED, HoldState.VOIDED}


def test_a_request_that_nobody_approved_is_no_reason_to_ask(db: Database) -> None:
    life = Silent(db, policy_vnd=None)
    life.connect(MACHINE)
    life.report()
    ring(db, NOON + 10 * MINUTE, "ask_receipts")
    assert life.questions() == []


def test_what_receipts_show_is_asked_for_under_the_same_law(silent: Silent) -> None:
    ring(silent.db, NOON + MINUTE, "ask_receipts")
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    first, onward = silent.hold(0), silent.hold(1)
    assert (onward.basis, onward.step, onward.policy_id) == (first.basis, first.step, first.policy_id)
    assert onward.policy_id is not None


receipt = st.tuples(st.integers(0, 30), st.integers(1, 900), st.sampled_from(["1", "2", "3"]))


@given(st.integers(1, 500), st.lists(receipt, max_size=8, unique_by=lambda one: one[2]), st.data())
def test_receipts_never_trace_more_than_is_asked(
    asked_vnd: int, told: list[tuple[int, int, str]], data: Any
) -> None:
    hold = _hold(asked_vnd, told)
    low = data.draw(st.integers(0, asked_vnd - 1))
    spans = ((low, asked_vnd - low),)
    result = through_receipts(store.spans_in(spans), hold, 1)
    assert result.forwarded_vnd + result.sum.moving_vnd == asked_vnd - low
    assert result.sum.moving_vnd >= 0
    for onward in result.onward:
        assert total(onward.spans) <= onward.transfer_vnd
    assert result.forwarded_vnd <= sum(one[1] for one in told)


def _hold(asked_vnd: int, told: list[tuple[int, int, str]]) -> Any:
    receipts = [
        {
            "reference": f"FT{name}", "amount_vnd": amount, "booked_at": (NOON + after * MINUTE).isoformat(),
            "institution": MACHINE, "account": NEXT, "name": None,
        }
        for after, amount, name in told
    ]  # fmt: skip
    return SimpleNamespace(reference="FT0", transfer_vnd=asked_vnd, booked_at=NOON, receipts=receipts)


def test_two_losses_at_one_silent_account_share_no_coin(silent: Silent) -> None:
    second = silent.world.move(VICTIM, MULE, 10)
    onward = silent.world.move(MULE, NEXT, 15)
    silent.world.now = NOON + 30 * SECOND
    draft = LossDraft(
        amount_vnd=second.amount_vnd, booked_at=second.booked_at, payee_account=MULE, payer_account=VICTIM,
        payee_institution="999002", payer_institution="999001", reference=second.reference,
    )  # fmt: skip
    silent.desk.report(silent.world.now, draft)
    ring(silent.db, NOON + 2 * MINUTE, "ask_receipts")
    for item, code, query in silent.questions():
        if code == MACHINE:
            silent.tell(NOON + 2 * MINUTE, *silent.world.receipts(MULE, MACHINE, query.since), item=item)
    wanted: dict[str, list[int]] = {}
    for one in silent.requests(NEXT):
        wanted.setdefault(one.transfer.reference, []).append(one.amount_vnd // COIN_VND)
        wanted[one.transfer.reference].sort()
    # Of the 15 ten are the second loss's, the newest, and five the first one's.
    assert wanted == {silent.onward.reference: [ONWARD], onward.reference: [5, 10]}
