"""Several requests wait at one silent account: who received is asked once, and the answer serves them all."""

from datetime import datetime

import pytest
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND, Carried, CoinWorld
from tests.response.life import MINUTE, MULE, NEXT, SECOND, VICTIM
from tests.response.ringing import ring
from tests.response.staging import OUTBOX, SHIFT, set_desk
from tests.response.test_receipts import MACHINE, Silent
from tests.response.test_receipts_review import TwoLosses, requested

from lachan.foundation.protocol import HoldRequest, ReceiptsQuery, total
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.intake import LossDraft
from lachan.response import cancel_trace
from lachan.response.model import HoldState


class Several(Silent):
    """Victims paid the mule one after another, twelve coins each; nothing has gone on."""

    def __post_init__(self) -> None:
        self.world = CoinWorld([VICTIM, MULE, NEXT], opening=50, now=NOON - 10 * MINUTE)
        self.desk = set_desk(self.db, NOON, ("999001", "999002", MACHINE))
        self.paid = [self.world.move(VICTIM, MULE, 12) for _ in range(3)]
        self.connect("999001", MACHINE)

    def report_at(self, now: datetime, one: Carried) -> None:
        draft = LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
            payee_institution="999002", payer_institution="999001", reference=one.reference,
        )  # fmt: skip
        self.desk.report(now, draft)

    def asked(self, institution: str) -> list[tuple[datetime, datetime]]:
        """When an institution was asked about the mule's account, and since when it was to tell."""
        return [
            (envelope.issued_at, envelope.data.since)
            for _, code, envelope in self.desk.envelopes()
            if isinstance(envelope.data, ReceiptsQuery) and code == institution
        ]


# Seconds after noon at which each victim reports, and when the machines are asked then (minutes:seconds).
TOGETHER: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "one": ((0,), ("1:00", "3:00", "6:00")),
    "two at once": ((0, 0), ("1:00", "3:00", "6:00")),
    "within the minute": ((0, 59), ("1:00", "3:00", "6:00")),
    "three within the minute": ((0, 20, 40), ("1:00", "3:00", "6:00")),
    "a minute apart": ((0, 60), ("1:00", "2:00", "3:00", "4:00", "6:00", "7:00")),
    # The second round of the first one falls on what was just asked for the second one.
    "crossed": ((0, 90), ("1:00", "2:30", "4:30", "6:00", "7:30")),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_who_received_is_asked_once_for_all_that_wait(db: Database, name: str) -> None:
    after, expected = TOGETHER[name]
    life = Several(db)
    for second in range(9 * 60 + 1):
        for place, at in enumerate(after):
            if at == second:
                life.report_at(NOON + second * SECOND, life.paid[place])
        if second % 60 in {at % 60 for at in after} and second:
            ring(db, NOON + second * SECOND, "ask_receipts")
    for institution in ("999001", MACHINE):
        said = [at - NOON for at, _ in life.asked(institution)]
        assert [f"{one.seconds // 60}:{one.seconds % 60:02}" for one in said] == list(expected)
    # Every request had its rounds, and at each somebody had just been asked about all of its money.
    assert life.facts("receipts.asked") == 3 * len(after)
    for place, at in enumerate(after):
        for round_ in (1, 3, 6):
            rang = NOON + at * SECOND + round_ * MINUTE
            covers = [
                since <= life.paid[place].booked_at
                for asked_at, since in life.asked(MACHINE)
                if max(rang - MINUTE, NOON + at * SECOND) <= asked_at <= rang
            ]
            assert any(covers), (place, round_)


def test_a_question_goes_back_to_the_oldest_money_that_waits(db: Database) -> None:
    life = Several(db)
    older, newer, _ = life.paid
    life.report_at(NOON, newer)
    life.report_at(NOON + 10 * SECOND, older)
    ring(db, NOON + MINUTE, "ask_receipts")
    ring(db, NOON + MINUTE + 10 * SECOND, "ask_receipts")
    # Both waited when it was asked: it was asked about both.
    assert life.asked(MACHINE) == [(NOON + MINUTE, older.booked_at)]


def test_a_question_from_before_a_request_does_not_count_for_it(db: Database) -> None:
    """It may have been answered before anything waited, and goes back less far: the older loss asks for itself."""
    life = Several(db)
    older, newer, _ = life.paid
    life.report_at(NOON, newer)
    ring(db, NOON + MINUTE, "ask_receipts")
    life.report_at(NOON + MINUTE + SECOND, older)
    ring(db, NOON + 2 * MINUTE + SECOND, "ask_receipts")
    assert life.asked(MACHINE) == [(NOON + MINUTE, newer.booked_at), (NOON + 2 * MINUTE + SECOND, older.booked_at)]


@pytest.fixture
def two(db: Database) -> TwoLosses:
    life = TwoLosses(db)
    life.connect("999001", MACHINE)
    life.report()
    life.world.now = NOON + 30 * SECOND
    life.report_second()
    return life


def wanted(life: TwoLosses) -> dict[str, list[int]]:
    """What is asked for at the next bank, in coins, by transfer."""
    found: dict[str, list[int]] = {}
    for one in requested(life, NEXT):
        if one.state is not HoldState.VOIDED:
            found.setdefault(one.reference, []).append(total(one.asked) // COIN_VND)
    return {reference: sorted(coins) for reference, coins in found.items()}


def questions(life: TwoLosses, institution: str = MACHINE) -> list[tuple[str, ReceiptsQuery]]:
    return [
        (name, query)
        for name, code, query in life.questions()
        if (code, query.payer_account) == (institution, MULE)
    ]


def test_one_answer_serves_both_losses_and_shares_no_coin(two: TwoLosses) -> None:
    ring(two.db, NOON + 90 * SECOND, "ask_receipts")
    ((item, query),) = questions(two)
    assert query.since == two.first.booked_at
    assert two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item) is None
    # Of the 15 ten are the second loss's, the newest, and five the first one's: as if each had asked for itself.
    assert wanted(two) == {two.onward.reference: [30], two.beyond.reference: [5, 10]}
    first, second = requested(two, MULE)
    assert first.receipts == second.receipts != None  # noqa: E711
    with two.db.read() as conn:
        told = conn.execute(fact.select().where(fact.c.kind == "receipts.told")).all()
    assert {(row.subject, row.data["trace"]) for row in told} == {
        (f"hold:{one.id}", one.trace_id) for one in (first, second)
    }


def test_a_question_outlives_the_request_it_was_asked_for(two: TwoLosses) -> None:
    """The bank has spoken of the first loss alone: who was asked for it still tells, for the second."""
    ring(two.db, NOON + MINUTE, "ask_receipts")
    ((item, query),) = questions(two)
    ring(two.db, NOON + 90 * SECOND, "ask_receipts")
    assert len(questions(two)) == 1
    two.answer(two.about(two.first.reference), NOON + 100 * SECOND)
    assert len(questions(two)) == 1
    assert two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item) is None
    first, second = requested(two, MULE)
    assert first.receipts is None
    assert second.receipts is not None
    assert sum(sum(coins) for reference, coins in wanted(two).items()) == 45
    # And when it has spoken of the second, too, nobody need tell any more.
    assert questions(two, "999001")
    two.answer(two.about(two.second.reference), NOON + 3 * MINUTE)
    assert questions(two, "999001") == []
    assert wanted(two) == {two.onward.reference: [30], two.beyond.reference: [5, 10]}
    assert two.releases() == []


def test_a_question_outlives_a_trace_that_was_cancelled(two: TwoLosses) -> None:
    ring(two.db, NOON + MINUTE, "ask_receipts")
    ((item, query),) = questions(two)
    first = requested(two, MULE)[0]
    assert query.id == first.id
    assert (
        two.act(NOON + 70 * SECOND, SHIFT, lambda u: cancel_trace(u, OUTBOX, first.trace_id, reason="nhầm")) is None
    )
    assert two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item) is None
    assert wanted(two) == {two.beyond.reference: [10]}


def test_the_newest_word_counts_whichever_request_it_was_asked_for(two: TwoLosses) -> None:
    ring(two.db, NOON + MINUTE, "ask_receipts")
    ((older, _),) = questions(two)
    # The second loss's second round, a minute and a half after the first one's.
    ring(two.db, NOON + 3 * MINUTE + 31 * SECOND, "ask_receipts")
    ((newer, query),) = questions(two)
    assert newer != older
    now = NOON + 4 * MINUTE
    assert two.tell(now, *two.world.receipts(MULE, MACHINE, query.since), item=newer) is None
    before = wanted(two)
    assert two.tell(now + SECOND, item=older) is None
    assert wanted(two) == before == {two.onward.reference: [30], two.beyond.reference: [5, 10]}
    assert two.tell(now + 2 * SECOND, item=newer) is None
    assert wanted(two) == {}


def test_what_its_bank_has_answered_loses_no_coin_to_an_answer_asked_for_it(two: TwoLosses) -> None:
    """The question was for the newer loss; its bank has spoken of it, and what went on from it is held."""
    two.world.now = NOON + 40 * SECOND
    ring(two.db, NOON + 90 * SECOND, "ask_receipts")
    ((item, query),) = questions(two)
    two.answer(two.about(two.second.reference), NOON + 95 * SECOND)
    two.answer(two.about(two.beyond.reference), NOON + 100 * SECOND)
    held = {one.id: one.allocations for one in two.holds() if one.held}
    assert [sum(one.values()) for one in held.values()] == [10 * COIN_VND]
    assert two.tell(NOON + 2 * MINUTE, *two.world.receipts(MULE, MACHINE, query.since), item=item) is None
    assert {one.id: one.allocations for one in two.holds() if one.held} == held
    assert two.releases() == []
    assert len([e for _, _, e in two.desk.envelopes() if isinstance(e.data, HoldRequest)]) == 5
