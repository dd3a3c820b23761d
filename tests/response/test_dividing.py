"""Dividing a pool: nothing is created or lost, nobody gets too much, and the order of arrival does not matter."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.protocol import Span, total
from lachan.response.rules.dividing import Claim, Division, Method, PoolMovement, divide
from lachan.response.rules.paying import Coins, Due, Waits, by_hold, pick_coins

VND = st.integers(0, 200)
SIMPLE = st.sampled_from([Method.PARI_PASSU, Method.FIRST_IN_TIME])


@st.composite
def pools(draw: st.DrawFn) -> tuple[int, list[Claim]]:
    """A pool and the losses in it, some paid already; never more was paid than there was."""
    claims = []
    for number in range(draw(st.integers(0, 6))):
        unrecovered = draw(VND)
        paid = draw(st.integers(0, unrecovered))
        claims.append(
            Claim(f"loss-{number}", NOON + timedelta(minutes=draw(st.integers(0, 3))), draw(VND), unrecovered, paid)
        )
    return sum(one.paid_vnd for one in claims) + draw(VND), claims


@given(pools(), SIMPLE)
def test_nothing_is_created_or_lost_and_nobody_gets_too_much(pool: tuple[int, list[Claim]], method: Method) -> None:
    pool_vnd, claims = pool
    found = divide(pool_vnd, claims, method)
    assert sum(found.shares.values()) + found.remainder_vnd == pool_vnd
    assert found.remainder_vnd >= 0
    for one in claims:
        assert one.paid_vnd <= found.shares[one.loss] <= one.unrecovered_vnd
        assert found.weights[one.loss] == min(one.entered_vnd, one.unrecovered_vnd)
    if found.remainder_vnd:
        # Something is left for the holder only where every loss whose money came here misses nothing more.
        assert all(
            found.shares[one.loss] == one.unrecovered_vnd for one in claims if found.weights[one.loss]
        )  # fmt: skip


@given(pools(), SIMPLE, st.randoms())
def test_the_order_of_arrival_changes_nothing(
    pool: tuple[int, list[Claim]], method: Method, random: Random
) -> None:
    pool_vnd, claims = pool
    shuffled = list(claims)
    random.shuffle(shuffled)
    assert divide(pool_vnd, shuffled, method) == divide(pool_vnd, claims, method)


@given(pools())
def test_where_no_bound_binds_shares_are_in_proportion_to_a_dong(pool: tuple[int, list[Claim]]) -> None:
    _, claims = pool
    claims = [replace(one, paid_vnd=0) for one in claims]
    weight = sum(min(one.entered_vnd, one.unrecovered_vnd) for one in claims)
    pool_vnd = weight * 2 // 3
    found = divide(pool_vnd, claims)
    for one in claims:
        exact = Fraction(pool_vnd * found.weights[one.loss], weight or 1)
        assert abs(found.shares[one.loss] - exact) < 1


@given(pools(), SIMPLE)
def test_paying_what_is_due_and_dividing_again_owes_nothing(pool: tuple[int, list[Claim]], method: Method) -> None:
    pool_vnd, claims = pool
    found = divide(pool_vnd, claims, method)
    paid = [replace(one, paid_vnd=found.shares[one.loss]) for one in claims]
    assert divide(pool_vnd, paid, method).shares == found.shares


@given(pools(), st.integers(1, 200), st.integers(1, 200), SIMPLE)
def test_a_new_loss_changes_only_what_is_unpaid(
    pool: tuple[int, list[Claim]], entered: int, missing: int, method: Method
) -> None:
    pool_vnd, claims = pool
    before = divide(pool_vnd, claims, method)
    paid = [replace(one, paid_vnd=before.shares[one.loss]) for one in claims]
    after = divide(pool_vnd, [*paid, Claim("late", NOON, entered, missing)], method)
    assert {one.loss: after.shares[one.loss] for one in claims} == before.shares
    assert after.shares["late"] == min(before.remainder_vnd, missing)


def claim(loss: str, entered: int, unrecovered: int | None = None, paid: int = 0, minute: int = 0) -> Claim:
    missing = entered if unrecovered is None else unrecovered
    return Claim(loss, NOON + timedelta(minutes=minute), entered, missing, paid)


def test_the_cases_of_the_books() -> None:
    rows = [
        # pool, claims, method -> shares, the holder's
        (30, [claim("a", 50), claim("b", 100)], Method.PARI_PASSU, {"a": 10, "b": 20}, 0),
        (40, [claim("a", 50, 10), claim("b", 50)], Method.PARI_PASSU, {"a": 7, "b": 33}, 0),
        (90, [claim("a", 50, 10), claim("b", 50)], Method.PARI_PASSU, {"a": 10, "b": 50}, 30),
        # A surplus is divided again: b's money came by another road too, and is still missing.
        (90, [claim("a", 50, 10), claim("b", 50, 100)], Method.PARI_PASSU, {"a": 10, "b": 80}, 0),
        # One đồng: the first in the order of losses.
        (1, [claim("b", 5, minute=1), claim("a", 5, minute=2)], Method.PARI_PASSU, {"a": 0, "b": 1}, 0),
        (60, [claim("a", 50, minute=2), claim("b", 50, minute=1)], Method.FIRST_IN_TIME, {"a": 10, "b": 50}, 0),
        # What was paid is paid; the others share the rest.
        (40, [claim("a", 50, paid=30), claim("b", 50)], Method.PARI_PASSU, {"a": 30, "b": 10}, 0),
        (7, [], Method.PARI_PASSU, {}, 7),
        (7, [claim("a", 0, 50)], Method.PARI_PASSU, {"a": 0}, 7),
    ]
    for pool, claims, method, shares, rest in rows:
        found = divide(pool, claims, method)
        assert (found.shares, found.remainder_vnd) == (shares, rest), (pool, claims)


def test_the_methods_that_ask_how_the_balance_went() -> None:
    """50 of a come, 40 go, 50 of b come, 10 go: 50 are there."""
    movements = [
        PoolMovement(50, {"a": 50}), PoolMovement(-40, {}), PoolMovement(50, {"b": 50}), PoolMovement(-10, {})
    ]  # fmt: skip
    claims = [claim("a", 50, minute=0), claim("b", 50, minute=1)]

    def by(method: Method) -> Division:
        return divide(50, claims, method, movements)

    # Rolling: a keeps 10 of 50; the last 10 are borne 10 to 50.
    assert by(Method.ROLLING_CHARGE).weights == {"a": 8, "b": 42}
    assert by(Method.ROLLING_CHARGE).shares == {"a": 8, "b": 42}
    # Lowest balance: a at most 10, b at most 50; then in proportion.
    assert by(Method.LOWEST_BALANCE).weights == {"a": 10, "b": 50}
    assert by(Method.LOWEST_BALANCE).shares == {"a": 8, "b": 42}
    assert by(Method.PARI_PASSU).shares == {"a": 25, "b": 25}
    assert by(Method.FIRST_IN_TIME).shares == {"a": 50, "b": 0}


@given(st.lists(st.tuples(st.integers(-50, 50), st.sampled_from(["a", "b", ""])), max_size=8))
def test_the_holders_own_money_goes_first_and_no_weight_is_invented(rows: list[tuple[int, str]]) -> None:
    movements, entered, balance = [], {"a": 0, "b": 0}, 0
    for amount, loss in rows:
        if amount < 0 and balance + amount < 0:
            continue
        balance += amount
        of = {loss: amount} if loss and amount > 0 else {}
        movements.append(PoolMovement(amount, of))
        for name, vnd in of.items():
            entered[name] += vnd
    claims = [claim(name, vnd, 1_000) for name, vnd in entered.items()]
    for method in (Method.ROLLING_CHARGE, Method.LOWEST_BALANCE):
        found = divide(balance, claims, method, movements)
        assert all(0 <= found.weights[name] <= entered[name] for name in entered)
    rolled = divide(balance, claims, Method.ROLLING_CHARGE, movements)
    assert sum(rolled.weights.values()) <= balance
    lowest = divide(balance, claims, Method.LOWEST_BALANCE, movements)
    assert all(rolled.weights[name] <= lowest.weights[name] for name in entered)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans()), max_size=5))
def test_coins_pay_each_due_once_and_the_own_first(rows: list[tuple[int, int, bool]]) -> None:
    held = [Coins(f"h{n % 2}", f"l{n}", (Span(100 * n, own),)) for n, (own, _, _) in enumerate(rows) if own]
    room = sum(own for own, _, _ in rows)
    dues = []
    for number, (_, wanted, waits) in enumerate(rows):
        amount = min(wanted, room)
        room -= amount
        dues.append(Due(f"l{number}", amount, Waits.NOT_ANALYSED if waits else None))
    picked = pick_coins(held, dues)
    for due in dues:
        if due.waits is None:
            coins = picked[due.loss]
            assert sum(total(one.spans) for one in coins) == due.amount_vnd
            own = next((total(one.spans) for one in held if one.owner == due.loss), 0)
            used = sum(total(one.spans) for one in coins if one.owner == due.loss)
            assert used == min(own, due.amount_vnd)
        else:
            assert due.loss not in picked
    every = [one for coins in picked.values() for one in coins]
    assert sum(total(spans) for spans in by_hold(every).values()) == sum(total(one.spans) for one in every)


@pytest.mark.parametrize("method", list(Method))
def test_amounts_beyond_64_bits_are_exact(method: Method) -> None:
    huge = 10**15
    claims = [claim("a", huge), claim("b", huge + 1, minute=1), claim("c", huge - 1, minute=2)]
    movements = [PoolMovement(one.entered_vnd, {one.loss: one.entered_vnd}) for one in claims]
    found = divide(huge + 7, claims, method, movements)
    assert sum(found.shares.values()) == huge + 7
