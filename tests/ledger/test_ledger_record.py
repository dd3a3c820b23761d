"""What the record knows of transfers, from answers, reports and their corrections, at any instant."""

import pytest
from tests.response.coin_world import COIN_VND
from tests.response.test_hops import STORIES, play, traces  # noqa: F401 (the fixture)
from tests.response.traces import Traces

from lachan.ledger import around
from lachan.tracing import Rule, compare

ONE_LOSS = [name for name, story in STORIES.items() if sum(isinstance(each, int) for each in story) == 1]


@pytest.mark.parametrize("name", ONE_LOSS)
def test_the_last_coins_in_first_out_lie_where_the_banks_books_say(traces: Traces, name: str) -> None:  # noqa: F811
    """From answers alone the ledger makes the very flow that the naive world of single coins has had."""
    play(traces, STORIES[name])
    traces.everything_is_answered()
    world = traces.world
    (loss_id,) = traces.disputed
    lost = set(world.carried[traces.disputed[loss_id]].coins)
    with traces.db.read() as conn:
        known = around(conn, [loss_id]).at()
    found = compare([one.transfer for one in known.transfers], list(known.disputed), openings=known.openings)
    lifo = found.traces[Rule.LIFO]
    assert lifo.conserved
    told = {one.account: one.taint_vnd for one in lifo.accounts if one.taint_vnd}
    assert told == {
        account: count * COIN_VND for account, pile in world.piles.items() if (count := len(lost & set(pile)))
    }
    assert lifo.out_of_reach_vnd == len(lost & world.cashed) * COIN_VND
