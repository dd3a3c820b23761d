"""An authority freezes a transfer that nobody knows by its reference, and another victim's money was in it."""

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.deciding import (
    VICTIMS,
    coins,
    deny,
    lift,
    mules_bank_says,
    names,
    set_unnamed,
    tasks,
)
from tests.response.life import DAY, HOUR, NEXT
from tests.response.ringing import ring
from tests.response.staging import OUTBOX
from tests.response.test_receipts import MACHINE, ONWARD, Silent
from tests.response.test_receipts_end import cash, give, moved, said

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import (
    Confirmation,
    ConfirmationOutcome,
    Part,
    PartKind,
    RequestCancellation,
    total,
)
from lachan.foundation.storage import Database
from lachan.response import tables, take_confirmation
from lachan.response.model import HoldState


@pytest.fixture
def unnamed(db: Database) -> Silent:
    return set_unnamed(db)


def held_by_trace(life: Silent) -> list[int]:
    with life.db.read() as conn:
        return list(conn.execute(sa.select(tables.trace.c.held_vnd)).scalars())


def test_an_authoritys_freeze_serves_every_victim_whose_coins_it_covers(unnamed: Silent) -> None:
    assert tasks(unnamed, "lift_excess") == []
    names(unnamed)
    frozen, theirs = unnamed.hold(0), unnamed.hold(2)
    assert (frozen.state, frozen.reference) == (HoldState.PLACED, unnamed.onward.reference)
    assert sorted(coins(unnamed, 0).values()) == [ONWARD - VICTIMS, VICTIMS]
    assert tasks(unnamed, "lift_excess") == []
    # The victim's own request to that bank is for nothing now, and the bank hears it.
    assert theirs.state is HoldState.VOIDED
    assert [
        e.data.request_id for _, _, e in unnamed.desk.envelopes() if isinstance(e.data, RequestCancellation)
    ] == [theirs.id]
    # What turns out to be nobody's is lifted by its issuer alone.
    mules_bank_says(unnamed, 2, moved(unnamed.onward.reference, NEXT, 5), cash(15), place=1)
    assert sorted(coins(unnamed, 0).values()) == [5, 25]
    assert tasks(unnamed, "lift_excess") == []


def test_what_a_victims_own_request_holds_stays_there_until_it_ends(unnamed: Silent) -> None:
    """The bank names a sum beside the victim's 20: it means the other ten."""
    give(unnamed, said(unnamed, 2, 1), MACHINE)
    names(unnamed, Part(kind=PartKind.REMAINS, amount_vnd=VICTIMS * COIN_VND))
    assert [list(coins(unnamed, place).values()) for place in (0, 2)] == [[ONWARD - VICTIMS], [VICTIMS]]
    assert tasks(unnamed, "lift_excess") == []


@pytest.mark.parametrize("first", ["theirs", "decision"])
def test_what_is_held_twice_is_not_lifted_and_is_a_victims_when_one_hold_ends(unnamed: Silent, first: str) -> None:
    """The bank says of the victim's 20 coins that it holds them under his request and under the decision, too."""
    give(unnamed, said(unnamed, 2, 1), MACHINE)
    names(unnamed)
    assert [sum(coins(unnamed, place).values()) for place in (0, 2)] == [ONWARD - VICTIMS, VICTIMS]
    assert total(unnamed.hold(0).held) == ONWARD * COIN_VND
    assert tasks(unnamed, "lift_excess") == []
    if first == "theirs":
        ring(unnamed.db, NOON + 4 * DAY, "expire_hold")
        assert unnamed.hold(2).state is HoldState.EXPIRED
        assert sorted(coins(unnamed, 0).values()) == [ONWARD - VICTIMS, VICTIMS]
        # What the mule's bank held on our word alone has ended, too.
        assert sorted(held_by_trace(unnamed)) == [(ONWARD - VICTIMS) * COIN_VND, VICTIMS * COIN_VND]
    else:
        assert lift(unnamed, 0, None) is None
        assert (unnamed.hold(0).state, sum(coins(unnamed, 2).values())) == (HoldState.RELEASED, VICTIMS)
    assert tasks(unnamed, "lift_excess") == []


def test_another_bank_names_it_and_nobody_is_asked_to_lift_a_victims_money(unnamed: Silent) -> None:
    """Before anything is placed nobody knows which request will hold it: both are, and neither is beyond."""
    loss_id = unnamed.hold(0).loss_id
    confirmed = Confirmation(
        message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.CONFIRMED, decided_by="Giao dịch viên",
        transfer_reference=unnamed.onward.reference,
    )  # fmt: skip
    take = lambda unit: take_confirmation(unit, OUTBOX, confirmed, {"999002"})  # noqa: E731
    assert unnamed.act(NOON + HOUR, SYSTEM, take) is None
    frozen = unnamed.hold(0)
    assert (frozen.state, frozen.reference) == (HoldState.REQUESTED, unnamed.onward.reference)
    assert tasks(unnamed, "lift_excess") == []
    unnamed.world.now = NOON + 2 * HOUR
    give(unnamed, said(unnamed, 0, 2), MACHINE)
    assert sorted(coins(unnamed, 0).values()) == [ONWARD - VICTIMS, VICTIMS]
    deny(unnamed, loss_id, "999002")
    assert tasks(unnamed, "lift_excess") == []
