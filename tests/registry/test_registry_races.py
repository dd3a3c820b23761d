"""Two at once: what the second does must see what the first is just doing, also before there is a row to lock."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from tests.conftest import NOON
from tests.registry.world import World

from lachan.foundation.base import SYSTEM, Actor, Conflict
from lachan.foundation.protocol import ReceivedPayment
from lachan.foundation.storage import Unit
from lachan.registry import ClaimDraft, RegistryReason, accept_merge, claim, record_received

NAMELESS, ONE, ANOTHER = "account:0381004417", "account:970436:0381004417", "account:970415:0381004417"
PAID = ReceivedPayment(
    payer_institution="999002", payer_account="account:999002:4455667788", reference="FT88", amount_vnd=7_000_000,
    booked_at=NOON - timedelta(hours=1),
)  # fmt: skip


def beside(world: World, actor: Actor, first: Callable[[Unit], Any], second: Callable[[Unit], Any]) -> Future[Any]:
    """Start the second while the first has not committed yet; what came of the second."""
    began, may_end = threading.Event(), threading.Event()

    def one() -> None:
        with world.db.unit(NOON, actor) as unit:
            first(unit)
            began.set()
            may_end.wait(30)

    def other() -> Any:
        with world.db.unit(NOON, actor) as unit:
            return second(unit)

    with ThreadPoolExecutor(2) as pool:
        earlier = pool.submit(one)
        assert began.wait(30)
        later = pool.submit(other)
        with pytest.raises(TimeoutError):
            later.result(0.5)
        may_end.set()
        earlier.result(30)
        later.exception(30)
    return later


def test_two_merges_at_once_do_not_join_two_peoples_accounts(world: World) -> None:
    for key in (NAMELESS, ONE, ANOTHER):
        with world.db.unit(NOON, world.at(world.bank)) as unit:
            claim(unit, [ClaimDraft(key, reason="R3")])
    done = beside(
        world, world.head(), lambda unit: accept_merge(unit, ONE, NAMELESS, "x"),
        lambda unit: accept_merge(unit, ANOTHER, NAMELESS, "x"),
    )  # fmt: skip
    refused = done.exception()
    assert isinstance(refused, Conflict)
    assert refused.reason is RegistryReason.DIFFERENT_ACCOUNTS


def test_one_payment_that_two_tell_of_at_once_is_kept_once(world: World) -> None:
    account = "account:999001:38100464417"
    done = beside(
        world, SYSTEM, lambda unit: record_received(unit, account, [PAID], "999001", "hold:h1"),
        lambda unit: record_received(unit, account, [PAID], None, "loss:l1"),
    )  # fmt: skip
    assert done.result() == 0
