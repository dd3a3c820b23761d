"""What receivers tell of a silent bank's account is learned by the ledger, and corrected by new facts."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import MINUTE, MULE, NEXT, SECOND
from tests.response.ringing import ring
from tests.response.staging import OUTBOX
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent
from tests.response.test_receipts_once import questions
from tests.response.test_receipts_review import TwoLosses, requested

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import Answer, Part, PartKind, Payee
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.ledger import KnownTransfer, Source, around
from lachan.ledger.tables import transfer
from lachan.response import take_answer
from lachan.tracing import Rule, compare


@pytest.fixture
def silent(db: Database) -> Silent:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    return life


def known(life: Silent, at: datetime | None = None) -> dict[str, KnownTransfer]:
    """What the page of the money knows, by reference, as it was learned up to `at`."""
    with life.db.read() as conn:
        losses = conn.execute(sa.text("SELECT id FROM loss ORDER BY id")).scalars().all()
        return {one.transfer.id: one for one in around(conn, losses).at(known_at=at).transfers}


def words(life: Silent, reference: str) -> list[tuple[str, str, bool]]:
    """Every fact about a transfer: source, who told it, whether it was taken back."""
    with life.db.read() as conn:
        rows = conn.execute(sa.select(transfer).where(transfer.c.reference == reference).order_by(transfer.c.id))
        return [(row.source, row.told_by, row.withdrawn) for row in rows]


def held_by_lifo(life: Silent) -> dict[str, int]:
    """Where the money lies by the rule that the requests follow, in coins."""
    with life.db.read() as conn:
        losses = conn.execute(sa.text("SELECT id FROM loss ORDER BY id")).scalars().all()
        found = around(conn, losses).at()
    traces = compare(
        [one.transfer for one in found.transfers], list(found.disputed), openings=found.openings
    ).traces
    return {one.account: one.taint_vnd // COIN_VND for one in traces[Rule.LIFO].accounts if one.taint_vnd}


def test_what_was_received_is_known_from_then_on_and_from_whom(silent: Silent) -> None:
    now, onward = NOON + 2 * MINUTE, silent.onward.reference
    assert set(known(silent)) == {silent.first.reference}
    assert silent.tell(now, *silent.received()) is None
    one = known(silent)[onward]
    assert (one.transfer.payer, one.transfer.payee, one.transfer.amount_vnd) == (MULE, NEXT, ONWARD * COIN_VND)
    (word,) = one.facts
    assert (word.source, word.told_by, word.about, word.origin) == (
        Source.RECEIPT, MACHINE, NEXT, f"hold:{silent.hold(0).id}"
    )  # fmt: skip
    assert word.message_id
    assert onward not in known(silent, now - SECOND)
    assert held_by_lifo(silent) == {MULE: LOST - ONWARD, NEXT: ONWARD}
    with silent.db.read() as conn:
        said = conn.execute(sa.select(fact.c.data).where(fact.c.id == word.fact_id)).scalar_one()
    assert (said["institution"], said["transfers"], said["withdrawn"]) == (MACHINE, 1, 0)


def test_the_same_again_is_nothing_new_and_another_amount_corrects(silent: Silent) -> None:
    onward = silent.onward.reference
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    ring(silent.db, NOON + 3 * MINUTE, "ask_receipts")
    silent.tell(NOON + 3 * MINUTE, *silent.received())
    assert words(silent, onward) == [("receipt", MACHINE, False)]
    ring(silent.db, NOON + 6 * MINUTE, "ask_receipts")
    (good,) = silent.received()
    silent.tell(NOON + 6 * MINUTE, good.model_copy(update={"amount_vnd": 20 * COIN_VND}))
    assert words(silent, onward) == [("receipt", MACHINE, False)] * 2
    assert known(silent)[onward].transfer.amount_vnd == 20 * COIN_VND
    assert known(silent, NOON + 5 * MINUTE)[onward].transfer.amount_vnd == ONWARD * COIN_VND


def test_who_takes_its_word_back_takes_it_out_of_the_ledger(silent: Silent) -> None:
    onward = silent.onward.reference
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    ring(silent.db, NOON + 3 * MINUTE, "ask_receipts")
    silent.tell(NOON + 4 * MINUTE)
    assert words(silent, onward) == [("receipt", MACHINE, False), ("receipt", MACHINE, True)]
    assert onward not in known(silent)
    assert onward in known(silent, NOON + 3 * MINUTE)


def test_what_carries_no_disputed_coin_is_not_kept(silent: Silent) -> None:
    """The mule paid on from other money afterwards: that is nobody's business here."""
    (good,) = silent.received()
    last = good.model_copy(update={"reference": "FT98", "amount_vnd": 20 * COIN_VND, "booked_at": NOON})
    beyond = good.model_copy(update={"reference": "FT99", "booked_at": NOON + SECOND})
    silent.tell(NOON + 2 * MINUTE, good, last, beyond)
    assert set(known(silent)) == {silent.first.reference, silent.onward.reference, "FT98"}
    assert words(silent, "FT99") == []


def test_the_banks_own_word_confirms_some_and_takes_out_the_rest(silent: Silent) -> None:
    (good,) = silent.received()
    invented = good.model_copy(update={"reference": "FT99", "amount_vnd": 10 * COIN_VND, "booked_at": NOON})
    silent.tell(NOON + 2 * MINUTE, good, invented)
    assert held_by_lifo(silent) == {NEXT: LOST}
    silent.world.now = NOON + 3 * MINUTE
    silent.answer(0)
    assert words(silent, "FT99") == [("receipt", MACHINE, False), ("receipt", MACHINE, True)]
    assert words(silent, good.reference) == [("receipt", MACHINE, False), ("answer", "999002", False)]
    assert held_by_lifo(silent) == {MULE: LOST - ONWARD, NEXT: ONWARD}
    one = known(silent)[good.reference]
    assert {word.source for word in one.facts} == {Source.ANSWER, Source.RECEIPT}


def test_an_answer_without_movements_takes_out_what_it_does_not_name(silent: Silent) -> None:
    """A person answered in the inbox: the parts close the sum, and what they do not name carries nothing."""
    (good,) = silent.received()
    invented = good.model_copy(update={"reference": "FT99", "amount_vnd": 10 * COIN_VND, "booked_at": NOON})
    silent.tell(NOON + 2 * MINUTE, good, invented)
    hold, now = silent.hold(0), NOON + 3 * MINUTE
    said = Answer(
        message_id=new_id(), request_id=hold.id, request_revision=hold.revision, revision=1,
        held_vnd=10 * COIN_VND, available_vnd=10 * COIN_VND, placed_at=now, decided_by="Kiểm soát viên",
        parts=(
            Part(
                kind=PartKind.MOVED_ON, amount_vnd=ONWARD * COIN_VND, reference=good.reference,
                payee=Payee(institution=MACHINE, account=NEXT),
            ),
        ),
    )  # fmt: skip
    with silent.db.unit(now, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, said, {"999002"}) == []
    assert set(known(silent)) == {silent.first.reference, good.reference}


def test_what_nobody_confirmed_in_time_is_known_no_more(silent: Silent) -> None:
    silent.tell(NOON + 2 * MINUTE, *silent.received())
    over = silent.hold(0).expires_at
    assert over is not None
    ring(silent.db, over, "expire_hold")
    assert set(known(silent)) == {silent.first.reference}
    assert silent.onward.reference in known(silent, NOON + 3 * MINUTE)


def test_one_word_serves_both_losses_and_stays_while_one_of_them_waits(db: Database) -> None:
    two = TwoLosses(db)
    two.connect(MACHINE)
    two.report()
    two.report_second()
    ring(db, NOON + MINUTE, "ask_receipts")
    ((item, query),) = questions(two)
    two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item)
    onward, beyond = two.onward.reference, two.beyond.reference
    assert words(two, onward) == words(two, beyond) == [("receipt", MACHINE, False)]
    assert held_by_lifo(two) == {MULE: 5, NEXT: 45}
    # The bank tells of the newer loss: its debit carried both losses' coins, and stays known by both words.
    two.answer(two.about(two.second.reference), NOON + 3 * MINUTE)
    assert words(two, onward) == [("receipt", MACHINE, False)]
    assert words(two, beyond) == [("receipt", MACHINE, False), ("answer", "999002", False)]
    two.answer(two.about(two.first.reference), NOON + 4 * MINUTE)
    assert {source for source, _, _ in words(two, onward)} == {"receipt", "answer"}
    assert held_by_lifo(two) == {MULE: 5, NEXT: 45}
    assert len(requested(two, NEXT)) == 3
