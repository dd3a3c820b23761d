"""An authority's decision meets other words: whose coins its lift frees, what is asked for twice, what is told."""

import pytest
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.deciding import (
    REMAINS,
    approve,
    coins,
    decide,
    deny,
    draft,
    lift,
    mules_bank_says,
    raise_to_decision,
    set_frozen,
    tasks,
)
from tests.response.life import HOUR, MINUTE, MULE, NEXT, VICTIM
from tests.response.ringing import ring
from tests.response.staging import DESK, OFFICER, OUTBOX
from tests.response.test_lawful_edges import confirm
from tests.response.test_receipts import LOST, MACHINE, ONWARD, Silent
from tests.response.test_receipts_end import cash, give, moved, said
from tests.response.test_receipts_review import TwoLosses

from lachan.foundation.base import Language
from lachan.foundation.protocol import (
    ConfirmationOutcome,
    Part,
    PartKind,
    Payee,
    RequestCancellation,
    Span,
    total,
)
from lachan.foundation.storage import Database
from lachan.intake import report_by_id
from lachan.response import (
    Verdict,
    analyse_trace,
    store,
)
from lachan.response.model import HoldState
from lachan.response.refunds.pools import pool_of
from lachan.response.refunds.views import refunds_page
from lachan.response.shapes import Message
from lachan.response.views.golden_hour import golden_hour_page, load
from lachan.response.views.queue import Sight
from lachan.response.views.victim import live_page


@pytest.fixture
def frozen(db: Database) -> Silent:
    return set_frozen(db)


@pytest.fixture
def refused(db: Database) -> Silent:
    """The next bank has the 30 coins, and does not hold them by its own power."""
    life = Silent(db)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    give(life, said(life, 1, 1, REMAINS), MACHINE)
    assert life.hold(1).state is HoldState.REFUSED
    return life


@pytest.fixture
def shared(db: Database) -> TwoLosses:
    """An authority froze 30 coins, of which the ten oldest turn out to be the second loss's."""
    life = TwoLosses(db)
    life.desk.report(NOON, draft(life.first, VICTIM, MULE), draft(life.second, VICTIM, MULE))
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    life.world.now += MINUTE
    give(life, said(life, 2, 1), MACHINE)
    decide(life, 2)
    mules_bank_says(life, 2, moved(life.onward.reference, NEXT, 20), cash(10))
    second = Part(
        kind=PartKind.MOVED_ON, amount_vnd=10 * COIN_VND, reference=life.onward.reference,
        payee=Payee(institution=MACHINE, account=NEXT), spans=(Span(20 * COIN_VND, 10 * COIN_VND),),
    )  # fmt: skip
    mules_bank_says(life, 1, second, place=1)
    return life


def test_an_authoritys_lift_frees_first_what_no_living_victim_claims(shared: TwoLosses) -> None:
    first, second = shared.hold(0).loss_id, shared.hold(1).loss_id
    assert coins(shared, 2) == {first: 20, second: 10}
    deny(shared, second)
    assert (coins(shared, 2), tasks(shared, "lift_request")) == ({first: 20, second: 10}, [(10, "open")])
    assert lift(shared, 2, 10) is None
    assert coins(shared, 2) == {first: 20}


def test_each_loss_that_is_denied_is_asked_to_be_lifted(shared: TwoLosses) -> None:
    deny(shared, shared.hold(1).loss_id)
    deny(shared, shared.hold(0).loss_id)
    assert [amount for amount, _ in tasks(shared, "lift_request")] == [10, 20]


def test_what_a_denied_loss_has_frozen_is_divided_among_nobody(shared: TwoLosses) -> None:
    deny(shared, shared.hold(1).loss_id)
    with shared.db.read() as conn:
        assert pool_of(conn, MACHINE, NEXT).held_vnd == 20 * COIN_VND


def test_a_smaller_transfer_leaves_the_decided_request_as_its_bank_has_it(db: Database) -> None:
    """35 of 40 coins were paid, says the victim's bank: the payee's answers about the 40 it was asked for."""
    life = Silent(db)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    decide(life, 0)
    assert confirm(life, ConfirmationOutcome.AMOUNT_DIFFERS, 35 * COIN_VND) is None
    hold = life.hold(0)
    assert (total(hold.held), sum(coins(life, 0).values())) == (10 * COIN_VND, 5)
    assert tasks(life, "lift_excess") == [(5, "open")]
    again = said(life, 0, 2, moved(life.onward.reference, NEXT, ONWARD))
    life.world.now += MINUTE
    give(life, again.model_copy(update={"request_revision": hold.asked_revision}), "999002")
    assert (life.hold(0).state, total(life.hold(0).held)) == (HoldState.CONVERTED, 10 * COIN_VND)


def test_what_a_sent_decision_covers_is_not_asked_for_twice(refused: Silent) -> None:
    assert raise_to_decision(refused, 1) is None
    approve(refused, 1)
    mules_bank_says(refused, 2, moved(refused.onward.reference, NEXT, 20), cash(10))
    assert (total(refused.hold(1).asked), tasks(refused, "lift_excess")) == (ONWARD * COIN_VND, [(10, "open")])
    mules_bank_says(refused, 3, moved(refused.onward.reference, NEXT, ONWARD))
    assert tasks(refused, "lift_excess") == [(10, "done")]
    with refused.db.read() as conn:
        assert len(store.holds_by(conn, account=NEXT)) == 1
    refused.world.now += MINUTE
    give(refused, said(refused, 1, 2), MACHINE)
    assert sum(coins(refused, 1).values()) == ONWARD
    assert refused.trace().held_vnd == LOST * COIN_VND


def test_an_authority_lifts_what_its_bank_has_not_placed_yet(refused: Silent) -> None:
    assert raise_to_decision(refused, 1) is None
    approve(refused, 1)
    assert lift(refused, 1, 5) == "release_above_held"
    mules_bank_says(refused, 2, moved(refused.onward.reference, NEXT, 20), cash(10))
    assert lift(refused, 1, 10) is None
    assert (total(refused.hold(1).asked), tasks(refused, "lift_excess")) == (20 * COIN_VND, [(10, "done")])
    assert lift(refused, 1, None) is None
    assert refused.hold(1).state is HoldState.VOIDED
    assert [
        e.data.request_id for _, _, e in refused.desk.envelopes() if isinstance(e.data, RequestCancellation)
    ] == [refused.hold(1).id]


def test_what_is_asked_for_again_is_what_is_a_victims_now(refused: Silent) -> None:
    mules_bank_says(refused, 2, moved(refused.onward.reference, NEXT, 20), cash(10))
    assert raise_to_decision(refused, 1) is None
    assert total(refused.hold(1).asked) == 20 * COIN_VND
    mules_bank_says(refused, 3, cash(ONWARD))
    assert refused.hold(1).state is HoldState.VOIDED


def test_nothing_is_asked_for_again_where_nothing_is_a_victims(refused: Silent) -> None:
    mules_bank_says(refused, 2, cash(ONWARD))
    assert raise_to_decision(refused, 1) == "nothing_to_hold"


@pytest.mark.parametrize("sent", [False, True])
def test_a_denied_loss_leaves_a_shared_draft_and_its_issuer_hears_of_what_was_sent(
    db: Database, sent: bool
) -> None:
    """Of 30 disputed coins 20 are another victim's: both losses share one request."""
    life = Silent(db)
    life.desk.report(NOON, draft(life.onward, MULE, NEXT))
    give(life, said(life, 0, 1, REMAINS), MACHINE)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, 20), cash(10), place=1)
    assert raise_to_decision(life, 0) is None
    if sent:
        approve(life, 0)
    deny(life, life.hold(0).loss_id, "999002")
    assert total(life.hold(0).asked) == (ONWARD if sent else 20) * COIN_VND
    assert tasks(life, "lift_request") == ([(10, "open")] if sent else [])
    if sent:
        assert lift(life, 0, 10) is None
        assert total(life.hold(0).asked) == 20 * COIN_VND


def test_the_victim_reads_what_is_held_of_his_own_money(frozen: Silent) -> None:
    mules_bank_says(frozen, 2, moved(frozen.onward.reference, NEXT, 20), cash(10))
    trace = frozen.trace()
    with frozen.db.read() as conn:
        rows = live_page(conn, report_by_id(conn, trace.report_id), "/live/x").rows
    said_vnd = [row.what.params["held_vnd"] for row in rows if "held_vnd" in row.what.params]
    assert sum(said_vnd) == trace.held_vnd == 30 * COIN_VND  # type: ignore[arg-type]
    mules_bank_says(frozen, 3, cash(ONWARD))
    with frozen.db.read() as conn:
        rows = live_page(conn, report_by_id(conn, trace.report_id), "/live/x").rows
    assert [row.what.params["held_vnd"] for row in rows if "held_vnd" in row.what.params] == [10 * COIN_VND]


def test_what_waits_to_be_given_back_is_victims_money_alone(frozen: Silent) -> None:
    mules_bank_says(frozen, 2, cash(ONWARD))
    trace = frozen.trace()
    with frozen.db.read() as conn:
        verdicts = {hop.id: Verdict.AGREED for hop in store.hops(conn, trace_id=trace.id) if hop.spans}
    analyse = lambda unit: analyse_trace(unit, OUTBOX, trace.id, verdicts=verdicts, conclusion="Rõ")  # noqa: E731
    assert frozen.act(NOON + HOUR, OFFICER, analyse) is None
    with frozen.db.read() as conn:
        page = refunds_page(conn, Sight(DESK), NOON + HOUR)
    assert (page.held_vnd, [row.held_vnd for row in page.pools]) == (10 * COIN_VND, [10 * COIN_VND])


def test_nobody_is_told_that_a_machine_frees_what_an_authority_froze(db: Database) -> None:
    life = Silent(db)
    life.connect("999001", MACHINE)
    life.report()
    ring(db, NOON + MINUTE, "ask_receipts")
    life.tell(NOON + 2 * MINUTE, *life.received())
    life.answer(1, NOON + 3 * MINUTE)
    decide(life, 1)
    word = {"by": "Ngân hàng 999003", "silent": "Ngân hàng 999002", "amount_vnd": ONWARD * COIN_VND}
    with db.read() as conn:
        trace = store.trace(conn, life.hold(1).trace_id)
        page = golden_hour_page(load(conn, trace, OFFICER, Language.VI, NOON + HOUR, full=True))
    assert page.holds[1].rests == Message("web.say.rests_decided", word)
