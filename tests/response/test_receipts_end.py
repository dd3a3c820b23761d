"""What others told of a silent bank's account goes when its request ends: here, and in the ledger."""

from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import COIN_VND, CoinWorld
from tests.response.life import MINUTE, MULE, NEXT, VICTIM
from tests.response.ringing import ring
from tests.response.staging import OUTBOX, SHIFT, set_desk
from tests.response.test_lawful_edges import confirm
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent
from tests.response.test_receipts_ledger import held_by_lifo, words
from tests.response.test_receipts_once import questions
from tests.response.test_receipts_review import TwoLosses, requested

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import (
    Answer,
    Confirmation,
    ConfirmationOutcome,
    HoldRelease,
    Part,
    PartKind,
    Payee,
    ReleaseReason,
    Span,
    total,
)
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.response import cancel_trace, tables, take_answer, take_confirmation
from lachan.response.model import HoldState
from lachan.response.refunds.pools import pool_of
from lachan.response.rules.receipts import known_of

FAR_BANK, FAR = "999004", "account:999004:0001"


@pytest.fixture
def silent(db: Database) -> Silent:
    """The next bank holds 30 coins on its own word that they came from the silent one."""
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    assert life.tell(NOON + 2 * MINUTE, *life.received()) is None
    life.answer(1, NOON + 3 * MINUTE)
    return life


def receipts(life: Silent, reference: str) -> list[bool]:
    """The ledger's facts of what receivers told of a transfer: whether each takes it back."""
    return [withdrawn for source, _, withdrawn in words(life, reference) if source == "receipt"]


ENDS: dict[str, tuple[Any, ReleaseReason]] = {
    "withdrawn": (
        lambda life: life.act(
            NOON + 4 * MINUTE, SHIFT, lambda u: cancel_trace(u, OUTBOX, life.hold(0).trace_id, reason="nhầm")
        ),
        ReleaseReason.TRACE_CANCELLED,
    ),
    "denied": (
        lambda life: confirm(life, ConfirmationOutcome.NOT_FOUND, None), ReleaseReason.TRANSFER_UNCONFIRMED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDS)
def test_what_others_told_ends_with_the_case(silent: Silent, name: str) -> None:
    """Names and accounts of whoever the mule paid are nobody's business when no victim looks for money there."""
    end, reason = ENDS[name]
    assert end(silent) is None
    released = [e.data for _, _, e in silent.desk.envelopes() if isinstance(e.data, HoldRelease)]
    assert [(one.release_vnd, one.reason) for one in released] == [(ONWARD * COIN_VND, reason)]
    assert [one.receipts for one in (silent.hold(0), silent.hold(1))] == [None, None]
    assert receipts(silent, silent.onward.reference) == [False, True]
    assert silent.trace().held_vnd == 0


def test_another_victim_who_waits_keeps_what_carries_his_coins_alone(db: Database) -> None:
    two = TwoLosses(db)
    two.connect(MACHINE)
    two.report()
    two.report_second()
    ring(db, NOON + MINUTE, "ask_receipts")
    two.tell_all(2)
    first, second = requested(two, MULE)
    assert (
        two.act(NOON + 3 * MINUTE, SHIFT, lambda u: cancel_trace(u, OUTBOX, first.trace_id, reason="nhầm")) is None
    )
    first, second = requested(two, MULE)
    assert first.receipts is None
    assert second.receipts
    assert receipts(two, two.onward.reference) == [False, True]
    assert receipts(two, two.beyond.reference) == [False]


def test_a_payment_that_was_never_made_hides_no_other_victims_money(db: Database) -> None:
    """Ten of the 15 coins seemed to be the second victim's. His bank denies it: they are the first one's now."""
    two = TwoLosses(db)
    two.connect(MACHINE)
    two.report()
    two.report_second()
    ring(db, NOON + MINUTE, "ask_receipts")
    two.tell_all(2)
    _, second = requested(two, MULE)
    denied = Confirmation(
        message_id=new_id(), request_id=second.loss_id, outcome=ConfirmationOutcome.NOT_FOUND,
        decided_by="Giao dịch viên",
    )  # fmt: skip
    assert two.act(NOON + 3 * MINUTE, SYSTEM, lambda u: take_confirmation(u, OUTBOX, denied, {"999001"})) is None
    first, _ = requested(two, MULE)
    assert {word["reference"] for word in first.receipts or ()} == {
        two.first.reference,
        two.onward.reference,
        two.beyond.reference,
    }
    wanted = [one for one in requested(two, NEXT) if one.state is HoldState.REQUESTED]
    assert {one.loss_id for one in wanted} == {first.loss_id}
    assert sum(total(one.asked) for one in wanted) == LOST * COIN_VND


def test_a_task_that_follows_is_in_the_file_of_whose_money_it_is(db: Database) -> None:
    """The question was asked for the first victim; what is taken back by telephone was asked for the second one."""
    two = TwoLosses(db)
    two.connect(MACHINE)
    two.report()
    two.report_second()
    ring(db, NOON + MINUTE, "ask_receipts")
    ((item, query),) = questions(two)
    assert two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item) is None
    first, second = requested(two, MULE)
    assert query.id == first.id
    place = next(
        place for place, one in enumerate(two.holds())
        if (one.account, one.loss_id, one.reference) == (NEXT, second.loss_id, two.beyond.reference)
    )  # fmt: skip
    two.world.now = NOON + 3 * MINUTE
    give(two, said(two, place, 1, moved("FT77", FAR, 10)), MACHINE)
    assert two.tell(NOON + 4 * MINUTE, item=item) is None
    (far,) = requested(two, FAR)
    assert (far.state, far.trace_id) == (HoldState.VOIDED, second.trace_id)
    with db.read() as conn:
        told = conn.execute(sa.select(tables.task).where(tables.task.c.hold_id == far.id)).all()
        rows = conn.execute(sa.select(tables.trace)).all()
    reports = {row.id: row.report_id for row in rows}
    assert [(one.trace_id, one.report_id) for one in told] == [(second.trace_id, reports[second.trace_id])]


def said(life: Silent, place: int, revision: int, *parts: Part) -> Answer:
    """The institution's own answer, as a person gives it."""
    hold, lost_vnd = life.hold(place), sum(part.amount_vnd for part in parts)
    held_vnd = sum(one.amount_vnd for one in hold.asked) - lost_vnd
    return Answer(
        message_id=new_id(), request_id=hold.id, request_revision=hold.revision, revision=revision,
        held_vnd=held_vnd, available_vnd=held_vnd, placed_at=life.world.now, decided_by="Kiểm soát viên",
        parts=parts,
    )  # fmt: skip


def moved(reference: str, account: str, coins: int) -> Part:
    payee = Payee(institution=account.split(":")[1], account=account)
    return Part(kind=PartKind.MOVED_ON, amount_vnd=coins * COIN_VND, reference=reference, payee=payee)


def cash(coins: int) -> Part:
    return Part(kind=PartKind.CASH_OUT, amount_vnd=coins * COIN_VND, reference="ATM1")


def give(life: Silent, answer: Answer, by: str) -> None:
    with life.db.unit(life.world.now, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, answer, {by}) == []
    with life.db.read() as conn:
        check_record(conn)


def test_what_the_bank_confirmed_and_takes_back_is_nobodys_word_any_more(silent: Silent) -> None:
    onward = silent.onward.reference
    silent.world.now = NOON + 4 * MINUTE
    give(silent, said(silent, 0, 1, moved(onward, NEXT, ONWARD)), "999002")
    assert receipts(silent, onward) == [False]
    assert held_by_lifo(silent) == {MULE: LOST - ONWARD, NEXT: ONWARD}
    silent.world.now = NOON + 5 * MINUTE
    give(silent, said(silent, 0, 2, cash(ONWARD)), "999002")
    assert receipts(silent, onward) == [False, True]
    assert held_by_lifo(silent) == {MULE: LOST - ONWARD}


class Chain(Silent):
    """The mule's bank tells; the next one is silent, and a bank behind it tells what it received."""

    def __post_init__(self) -> None:
        self.world = CoinWorld([VICTIM, MULE, NEXT, FAR], opening=50, now=NOON - 10 * MINUTE)
        self.desk = set_desk(self.db, NOON, ("999001", "999002", MACHINE, FAR_BANK))
        self.first = self.world.move(VICTIM, MULE, LOST)
        self.onward = self.world.move(MULE, NEXT, ONWARD)
        self.beyond = self.world.move(NEXT, FAR, 20)
        self.world.now = NOON
        self.connect(FAR_BANK)
        self.report()
        give(self, said(self, 0, 1, moved(self.onward.reference, NEXT, ONWARD)), "999002")
        ring(self.db, NOON + MINUTE, "ask_receipts")
        (item,) = [
            name for name, code, query in self.questions() if (code, query.payer_account) == (FAR_BANK, NEXT)
        ]
        received = self.world.receipts(NEXT, FAR_BANK, self.onward.booked_at)
        assert self.tell(NOON + 2 * MINUTE, *received, item=item, by=FAR_BANK) is None


def test_a_request_that_another_banks_word_ends_keeps_nothing_either(db: Database) -> None:
    life = Chain(db)
    beyond = life.beyond.reference
    assert receipts(life, beyond) == [False]
    assert life.hold(1).receipts
    life.world.now = NOON + 3 * MINUTE
    give(life, said(life, 0, 2, cash(ONWARD)), "999002")
    assert life.hold(1).receipts is None
    assert receipts(life, beyond) == [False, True]


def test_what_is_held_on_receivers_word_takes_nothing_from_the_victim_elsewhere(db: Database) -> None:
    """Of 40 coins ten are held where they came, 20 on a receiver's word: of the first pool all 40 may be his."""
    life = Chain(db)
    life.answer(2, NOON + 3 * MINUTE)
    assert life.trace().held_vnd == (LOST - ONWARD + 20) * COIN_VND

    def missed() -> int:
        with db.read() as conn:
            (one,) = pool_of(conn, "999002", MULE).entitled
        return one.claim.unrecovered_vnd // COIN_VND

    assert missed() == LOST
    # The silent bank confirms: what is held behind it is his, and so is what it holds itself.
    life.world.now = NOON + 4 * MINUTE
    give(life, said(life, 1, 1, moved(life.beyond.reference, FAR, 20)), MACHINE)
    assert life.trace().held_vnd == LOST * COIN_VND
    assert missed() == LOST - ONWARD


def test_who_was_asked_stands_in_the_trail(silent: Silent) -> None:
    """Whom an account paid is bank secrecy: each question is found again by its message."""
    with silent.db.read() as conn:
        about = conn.execute(sa.select(fact.c.data).where(fact.c.kind == "receipts.asked")).scalars().all()
        sent = conn.execute(sa.select(message.c.id).where(message.c.type == "receipts.asked")).scalars().all()
    assert sorted(one for data in about for one in data["messages"]) == sorted(sent)


def test_what_several_losses_hold_of_one_transfer_cannot_leave() -> None:
    """Ten coins and five of one transfer are held, each for another loss: none of the 15 can have gone on."""

    def request(reference: str, transfer: int, held: int = 0, minute: int = 0) -> Any:
        return SimpleNamespace(
            reference=reference, transfer_vnd=transfer, booked_at=NOON + minute * MINUTE, receipts=None,
            held=(Span(0, held),) if held else (),
        )  # fmt: skip

    query: Any = SimpleNamespace(institution=MACHINE, since=NOON)
    told: Any = SimpleNamespace(receipts=(), message_id="m")
    answered = [request("FT2", 15, 10, 1), request("FT2", 15, 5, 1), request("FT3", 20, 8, 2)]
    found = known_of([request("FT1", 40)], answered, query, told, replaces=True)
    assert {one["reference"]: one["amount_vnd"] for one in found} == {"FT1": 40, "FT3": 12}
