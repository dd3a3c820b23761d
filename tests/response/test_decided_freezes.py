"""What an authority froze stays frozen when a later word lowers what is traced: its issuer is asked to lift it."""

import random

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.deciding import lift, mules_bank_says, set_frozen, tasks
from tests.response.life import HOUR, MINUTE, NEXT
from tests.response.staging import OFFICER, OUTBOX, SHIFT
from tests.response.test_receipts import LOST, ONWARD, Silent
from tests.response.test_receipts_end import cash, give, moved, said

from lachan.foundation.base import Language, format_vnd
from lachan.foundation.protocol import HoldRelease, total
from lachan.foundation.storage import Database
from lachan.response import release_hold, store, tables
from lachan.response.model import Hold, HoldState
from lachan.response.shapes import Message
from lachan.response.views.decision_forms import task_page
from lachan.response.views.golden_hour import golden_hour_page, load
from lachan.response.views.names import words


@pytest.fixture
def frozen(db: Database) -> Silent:
    return set_frozen(db)


def asked_to_lift(life: Silent) -> list[tuple[int, str]]:
    return tasks(life, "lift_excess")


def stands(hold: Hold) -> tuple[HoldState, int, int]:
    """Its state, the coins held, and how many of them are a victim's."""
    return hold.state, total(hold.held) // COIN_VND, sum(hold.allocations.values()) // COIN_VND


def released(life: Silent) -> list[int]:
    return [e.data.release_vnd // COIN_VND for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRelease)]


def test_a_later_word_lowers_no_freeze_that_an_authority_decided(frozen: Silent) -> None:
    mules_bank_says(frozen, 2, cash(ONWARD))
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, ONWARD, 0)
    assert released(frozen) == []
    assert asked_to_lift(frozen) == [(ONWARD, "open")]
    trace = frozen.trace()
    assert (trace.held_vnd, trace.out_of_reach_vnd) == ((LOST - ONWARD) * COIN_VND, ONWARD * COIN_VND)
    with frozen.db.read() as conn:
        record = load(conn, store.trace(conn, trace.id), OFFICER, Language.VI, frozen.world.now, full=True)
        told = [one.what for one in golden_hour_page(record).stream]
        (task,) = [one for one in record.tasks if one.reason == "lift_excess"]
        page = task_page(record, task.id, wrong={}, typed={})
    assert [one.params["excess_vnd"] for one in told if one.key == "web.fact.hold_excess"] == [ONWARD * COIN_VND]
    assert page is not None
    assert page.facts[0] == (Message("web.act.lift_vnd"), words(format_vnd(ONWARD * COIN_VND)))
    assert lift(frozen, 1, None) is None
    assert stands(frozen.hold(1)) == (HoldState.RELEASED, 0, 0)
    assert released(frozen) == [ONWARD]
    assert asked_to_lift(frozen) == [(ONWARD, "done")]


def test_what_becomes_a_victims_again_is_held_already(frozen: Silent) -> None:
    """The bank takes its word back: nothing is asked for anew, and nobody is asked to lift anything."""
    mules_bank_says(frozen, 2, cash(ONWARD))
    mules_bank_says(frozen, 3, moved(frozen.onward.reference, NEXT, 20), cash(10))
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, ONWARD, 20)
    assert asked_to_lift(frozen) == [(ONWARD, "done"), (10, "open")]
    mules_bank_says(frozen, 4, moved(frozen.onward.reference, NEXT, ONWARD))
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, ONWARD, ONWARD)
    assert asked_to_lift(frozen) == [(ONWARD, "done"), (10, "done")]
    with frozen.db.read() as conn:
        assert len(conn.execute(sa.select(tables.hold.c.id)).all()) == 2
    assert frozen.trace().held_vnd == LOST * COIN_VND
    # The same again is said again.
    mules_bank_says(frozen, 5, cash(ONWARD))
    assert asked_to_lift(frozen)[-1] == (ONWARD, "open")


def test_what_the_authority_lifts_is_first_what_is_nobodys(frozen: Silent) -> None:
    mules_bank_says(frozen, 2, moved(frozen.onward.reference, NEXT, 20), cash(10))
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, ONWARD, 20)
    assert lift(frozen, 1, 4) is None
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, ONWARD - 4, 20)
    assert asked_to_lift(frozen) == [(10, "done"), (6, "open")]
    assert lift(frozen, 1, 8) is None
    assert stands(frozen.hold(1)) == (HoldState.CONVERTED, 18, 18)
    assert asked_to_lift(frozen) == [(10, "done"), (6, "done")]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_bank_says_nothing_but_the_authority_lowers_it(frozen: Silent, seed: int) -> None:
    """After each word and lift what is held is the victim's, and what its issuer is asked to lift."""
    chance, revision, lifted = random.Random(seed), 1, 0
    for _ in range(12):
        if chance.random() < 0.2 and lifted < ONWARD - 6:
            coins = chance.randrange(1, 5)
            assert lift(frozen, 1, coins) is None
            lifted += coins
        else:
            revision += 1
            went = chance.randrange(ONWARD + 1)
            parts = [moved(frozen.onward.reference, NEXT, went)] if went else []
            mules_bank_says(frozen, revision, *parts, cash(chance.randrange(1, ONWARD - went + 2)))
        state, held, victims = stands(frozen.hold(1))
        assert (state, held) == (HoldState.CONVERTED, ONWARD - lifted)
        assert sum(coins for coins, task in asked_to_lift(frozen) if task == "open") == held - victims
    assert sum(released(frozen)) == lifted


def test_a_transfer_is_as_large_as_any_bank_has_told_of_it(db: Database) -> None:
    """A telephone answer tells only the part that was asked about; what was freed is asked for by a new request."""
    life = Silent(db)
    life.report()
    for revision, went in enumerate((10, 25), 1):
        mules_bank_says(life, revision, moved(life.onward.reference, NEXT, went), cash(1))
    life.world.now += MINUTE
    give(life, said(life, 1, 1), "999003")
    free = lambda unit: release_hold(unit, OUTBOX, life.hold(1).id, amount_vnd=20 * COIN_VND)  # noqa: E731
    assert life.act(NOON + HOUR, SHIFT, free) is None
    for revision, went in enumerate((2, 20), 3):
        mules_bank_says(life, revision, moved(life.onward.reference, NEXT, went), cash(1))
    with db.read() as conn:
        known = store.holds_by(conn, reference=life.onward.reference, account=NEXT)
    assert [one.transfer_vnd // COIN_VND for one in known] == [25, 25]
