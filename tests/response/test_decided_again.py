"""An authority's freeze beside other words: coins paid elsewhere, let go, named late, kept past its term."""

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.deciding import (
    REMAINS,
    VICTIMS,
    approve,
    coins,
    deny,
    lift,
    mules_bank_says,
    names,
    raise_to_decision,
    set_frozen,
    set_unnamed,
    tasks,
    two_requests,
)
from tests.response.life import HOUR, MINUTE, MULE, NEXT
from tests.response.refund_world import PAPER
from tests.response.ringing import ring
from tests.response.staging import OFFICER, OUTBOX, SHIFT
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent
from tests.response.test_receipts_end import FAR, FAR_BANK, cash, give, moved, said

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import (
    Answer,
    Confirmation,
    ConfirmationOutcome,
    Direction,
    HoldRelease,
    Movement,
    PaidOut,
    PayOutcome,
    RefundBasis,
    RefundDone,
    RefundRequest,
    RequestCancellation,
    Span,
    total,
)
from lachan.foundation.storage import Database
from lachan.response import (
    Verdict,
    analyse_trace,
    approve_refund,
    propose_refund,
    release_hold,
    store,
    tables,
    take_confirmation,
    take_refund_done,
)
from lachan.response.model import HoldState, TraceState
from lachan.response.refunds.pools import pool_of
from lachan.response.refunds.store import refunds


@pytest.fixture
def unnamed(db: Database) -> Silent:
    return set_unnamed(db)


def confirmed(life: Silent, loss_id: str, bank: str = "999001", reference: str | None = None) -> None:
    word = Confirmation(
        message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.CONFIRMED, decided_by="Giao dịch viên",
        transfer_reference=reference,
    )  # fmt: skip
    take = lambda unit: take_confirmation(unit, OUTBOX, word, {bank})  # noqa: E731
    assert life.act(life.world.now, SYSTEM, take) is None


def analysed(life: Silent, place: int, disagreed: str | None = None) -> None:
    """The loss of this hold is confirmed and analysed; what is at one account is found to be somebody else's."""
    hold, now = life.hold(place), life.world.now
    confirmed(life, hold.loss_id)
    with life.db.read() as conn:
        verdicts = {
            hop.id: Verdict.DISAGREED if hop.account == disagreed else Verdict.AGREED
            for hop in store.hops(conn, trace_id=hold.trace_id)
            if hop.spans
        }
    analyse = lambda unit: analyse_trace(unit, OUTBOX, hold.trace_id, verdicts=verdicts, conclusion="Rõ")  # noqa: E731
    assert life.act(now, OFFICER, analyse) is None


def asked_to_pay(life: Silent, place: int) -> None:
    """Two people ask the bank of this hold to pay it out."""
    hold, now = life.hold(place), life.world.now
    propose = lambda unit: propose_refund(unit, OUTBOX, hold.id, basis=RefundBasis.HOLDER_AGREES, document=PAPER)  # noqa: E731
    assert life.act(now, OFFICER, propose) is None
    with life.db.read() as conn:
        one = refunds(conn)[-1]
    allow = lambda unit: approve_refund(unit, OUTBOX, one.id, content_hash=one.content_hash)  # noqa: E731
    assert life.act(now, SHIFT, allow) is None


def pays(life: Silent) -> None:
    request = [e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, RefundRequest)][-1]
    lines = tuple(
        PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=life.world.now, reference="P1")
        for line in request.lines
    )
    done = RefundDone(
        message_id=new_id(), request_id=request.id, request_revision=request.revision, lines=lines,
        decided_by="Tổ trực",
    )  # fmt: skip
    take = lambda unit: take_refund_done(unit, OUTBOX, done, {request.institution})  # noqa: E731
    assert life.act(life.world.now, SYSTEM, take) is None


def returned(life: Silent) -> list[int]:
    with life.db.read() as conn:
        return [vnd // COIN_VND for vnd in conn.execute(sa.select(tables.trace.c.returned_vnd)).scalars()]


def released(life: Silent, hold_id: str) -> list[int]:
    said = [e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease)]
    return [one.release_vnd // COIN_VND for one in said if one.request_id == hold_id]


def test_what_is_paid_back_is_not_held_again_by_the_decision(unnamed: Silent) -> None:
    """Held twice, says the bank: the victim's 20 are paid out of his own hold; the decision's are nobody's then."""
    give(unnamed, said(unnamed, 2, 1), MACHINE)
    names(unnamed)
    analysed(unnamed, 2)
    asked_to_pay(unnamed, 2)
    pays(unnamed)
    assert unnamed.hold(2).state is HoldState.APPLIED
    assert sorted(returned(unnamed)) == [0, VICTIMS]
    assert list(coins(unnamed, 0).values()) == [ONWARD - VICTIMS]
    assert tasks(unnamed, "lift_excess") == [(VICTIMS, "open")]


def test_what_a_victims_own_request_lets_go_in_part_the_freeze_still_holds(unnamed: Silent) -> None:
    give(unnamed, said(unnamed, 2, 1), MACHINE)
    names(unnamed)
    hold_id = unnamed.hold(2).id
    free = lambda unit: release_hold(unit, OUTBOX, hold_id, amount_vnd=5 * COIN_VND)  # noqa: E731
    assert unnamed.act(NOON + HOUR, SHIFT, free) is None
    assert [sum(coins(unnamed, place).values()) for place in (0, 2)] == [ONWARD - 15, 15]
    assert tasks(unnamed, "lift_excess") == []


@pytest.mark.parametrize("first", ["refused", "let go"])
def test_what_was_frozen_under_a_made_up_name_for_nobody_is_let_go(db: Database, first: str) -> None:
    """The bank, which had not held or had let go, froze after all: others pursue this very transfer."""
    life = two_requests(db)
    if first == "let go":
        give(life, said(life, 0, 1), MACHINE)
        life.world.now += MINUTE
        give(life, said(life, 0, 2, REMAINS), MACHINE)
        assert life.hold(0).state is HoldState.RELEASED
    else:
        give(life, said(life, 0, 2, REMAINS), MACHINE)
        assert life.hold(0).state is HoldState.REFUSED
    life.world.now += MINUTE
    names(life, revision=3)
    hold = life.hold(0)
    cancelled = [e.data.request_id for _, _, e in life.desk.envelopes() if isinstance(e.data, RequestCancellation)]
    assert sum(released(life, hold.id)) == ONWARD or cancelled == [hold.id]
    assert not hold.held


def test_what_is_frozen_again_under_its_real_name_is_held(db: Database) -> None:
    life = two_requests(db, known=False)
    give(life, said(life, 0, 1), MACHINE)
    life.world.now += MINUTE
    give(life, said(life, 0, 2, REMAINS), MACHINE)
    assert life.hold(0).state is HoldState.RELEASED
    life.world.now += MINUTE
    names(life, revision=3)
    assert (life.hold(0).state, list(coins(life, 0).values())) == (HoldState.PLACED, [ONWARD])


def test_naming_a_transfer_lets_nothing_go_that_went_on_from_a_freeze(unnamed: Silent) -> None:
    """Ten of the 30 went on, and are held where they came: the oldest 20 of that transfer are another victim's."""
    mules_bank_says(unnamed, 2, moved(unnamed.onward.reference, NEXT, ONWARD), place=1)
    oldest = (Span((ONWARD - VICTIMS) * COIN_VND, VICTIMS * COIN_VND),)
    mules_bank_says(
        unnamed, 3, moved(unnamed.onward.reference, NEXT, VICTIMS).model_copy(update={"spans": oldest}), place=1
    )
    onward = moved("FT9", FAR, 10)
    give(unnamed, said(unnamed, 0, 2, onward), MACHINE)
    place = next(place for place in range(4) if unnamed.hold(place).account == FAR)
    give(unnamed, said(unnamed, place, 1), FAR_BANK)
    far = unnamed.hold(place)
    assert list(coins(unnamed, place).values()) == [10]
    confirmed(unnamed, unnamed.hold(0).loss_id, "999002", unnamed.onward.reference)
    assert released(unnamed, far.id) == []
    assert sum(coins(unnamed, place).values()) == 10


def credited(life: Silent, place: int, revision: int, credit: int) -> Answer:
    """The receiving bank's whole answer: what came by its own book, all that is asked held."""
    hold, now = life.hold(place), life.world.now
    came = Movement(
        id=hold.reference, booked_at=hold.booked_at, sequence=1, direction=Direction.CREDIT,
        amount_vnd=credit * COIN_VND,
    )  # fmt: skip
    frozen = Movement(
        id=f"{hold.id}.1", booked_at=now, sequence=2, direction=Direction.HOLD, amount_vnd=total(hold.asked),
        reference=hold.reference, spans=hold.asked,
    )  # fmt: skip
    return said(life, place, revision).model_copy(update={"movements": (came, frozen), "held_spans": hold.asked})


@pytest.mark.parametrize("credit", [25, 30])
def test_a_transfer_is_as_large_as_the_bank_says_to_which_it_came(db: Database, credit: int) -> None:
    """The mule's bank said 30, then 25: of the transfer, or of what is the victim's in it."""
    life = Silent(db)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    mules_bank_says(life, 2, moved(life.onward.reference, NEXT, 25))
    assert (life.hold(1).transfer_vnd, total(life.hold(1).asked)) == (25 * COIN_VND, 25 * COIN_VND)
    life.world.now += MINUTE
    give(life, credited(life, 1, 1, credit), MACHINE)
    assert sum(coins(life, 1).values()) == 25
    # What is placed is spoken of as it was asked for.
    mules_bank_says(life, 3, moved(life.onward.reference, NEXT, 20))
    assert (life.hold(1).transfer_vnd, sum(coins(life, 1).values())) == (25 * COIN_VND, 20)


def test_a_part_that_names_older_coins_of_a_transfer_is_of_a_larger_one(db: Database) -> None:
    life = Silent(db)
    life.report()
    oldest = moved(life.onward.reference, NEXT, VICTIMS).model_copy(
        update={"spans": (Span(10 * COIN_VND, VICTIMS * COIN_VND),)}
    )
    mules_bank_says(life, 1, oldest)
    assert (life.hold(1).transfer_vnd, total(life.hold(1).asked)) == (ONWARD * COIN_VND, VICTIMS * COIN_VND)


def test_what_is_nobodys_keeps_no_trace_open(db: Database) -> None:
    life = set_frozen(db)
    mules_bank_says(life, 2, moved(life.onward.reference, NEXT, 20), cash(10))
    life.world.now = NOON + 2 * HOUR
    analysed(life, 1)
    for place in (0, 1):
        asked_to_pay(life, place)
        pays(life)
    assert (returned(life), tasks(life, "lift_excess")) == ([LOST - 10], [(10, "open")])
    assert life.trace().state == TraceState.COMPLETED
    assert lift(life, 1, None) is None


def test_what_is_nobodys_is_freed_at_the_decisions_term_also_beside_a_pay_out(db: Database) -> None:
    life = Silent(db)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    give(life, said(life, 1, 1, REMAINS), MACHINE)
    assert raise_to_decision(life, 1) is None
    approve(life, 1)
    life.world.now += MINUTE
    give(life, said(life, 1, 2), MACHINE)
    mules_bank_says(life, 2, moved(life.onward.reference, NEXT, 20), cash(10))
    term = life.hold(1).expires_at
    assert term is not None
    life.world.now = term - HOUR
    analysed(life, 1)
    asked_to_pay(life, 1)
    life.world.now = term
    ring(life.db, term, "expire_hold")
    assert (life.hold(1).state, total(life.hold(1).held)) == (HoldState.PLACED, 20 * COIN_VND)
    assert (released(life, life.hold(1).id), tasks(life, "lift_excess")) == ([10], [(10, "done")])
    pays(life)
    assert (life.hold(1).state, returned(life)) == (HoldState.APPLIED, [20])


def test_what_its_bank_let_go_and_froze_again_on_a_decision_waits_for_the_authority(db: Database) -> None:
    """The only loss was denied meanwhile: the bank is not told to free it, its issuer is asked to lift it."""
    life = set_frozen(db)
    asked = {"request_revision": life.hold(1).asked_revision}
    life.world.now += MINUTE
    give(life, said(life, 1, 2, REMAINS).model_copy(update=asked), MACHINE)
    assert life.hold(1).state is HoldState.RELEASED
    deny(life, life.hold(1).loss_id)
    assert tasks(life, "lift_request") == []
    life.world.now += MINUTE
    give(life, said(life, 1, 3).model_copy(update=asked), MACHINE)
    assert (life.hold(1).state, total(life.hold(1).held)) == (HoldState.PLACED, ONWARD * COIN_VND)
    assert released(life, life.hold(1).id) == []
    assert tasks(life, "lift_request") == [(ONWARD, "open")]


@pytest.mark.parametrize("whose", ["own", "other"])
def test_what_is_frozen_again_serves_the_victim_who_is_left(unnamed: Silent, whose: str) -> None:
    names(unnamed)
    unnamed.world.now += MINUTE
    give(unnamed, said(unnamed, 0, 3, REMAINS), MACHINE)
    own = whose == "own"
    deny(unnamed, unnamed.hold(0 if own else 1).loss_id, "999002" if own else "999001")
    unnamed.world.now += MINUTE
    give(unnamed, said(unnamed, 0, 4), MACHINE)
    assert sum(coins(unnamed, 0).values()) == ONWARD
    # Whoever forwarded the money disputes all of it: the victim's coins are his, once no victim claims them.
    assert tasks(unnamed, "lift_request") == ([(ONWARD - VICTIMS, "open")] if own else [])


def test_what_the_analysis_finds_to_be_somebody_elses_is_divided_among_nobody(db: Database) -> None:
    """Its issuer is asked to lift it; meanwhile it is paid to no victim, and keeps no trace open."""
    life = set_frozen(db)
    life.world.now = NOON + 2 * HOUR
    analysed(life, 0, disagreed=NEXT)
    assert tasks(life, "lift_request") == [(ONWARD, "open")]
    with db.read() as conn:
        assert [pool_of(conn, code, key).held_vnd for code, key in (("999002", MULE), (MACHINE, NEXT))] == [
            10 * COIN_VND, 0
        ]  # fmt: skip
    asked_to_pay(life, 0)
    pays(life)
    assert (life.trace().state, returned(life)) == (TraceState.COMPLETED, [10])


def test_a_bank_that_let_go_may_correct_where_the_money_went(db: Database) -> None:
    life = set_frozen(db)
    asked = {"request_revision": life.hold(1).asked_revision, "placed_at": None}
    for revision, part in enumerate((REMAINS, cash(ONWARD)), 2):
        life.world.now += MINUTE
        give(life, said(life, 1, revision, part).model_copy(update=asked), MACHINE)
        assert life.hold(1).state is HoldState.RELEASED
    assert life.trace().out_of_reach_vnd == ONWARD * COIN_VND
