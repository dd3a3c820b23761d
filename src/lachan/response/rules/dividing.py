"""How a pooled balance is divided among the losses whose money lies in it. Pure; integers only.

Tracing says whose coins are whose; dividing is another question. The default is pari passu: each loss weighs what
entered the pool, at most what it still misses. A loss never gets more than it misses, and never less than it was
paid already: a loss that arrives later changes only what is unpaid. What is left is the account holder's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How a pool is divided. All but the first need a decision with reasons."""

    PARI_PASSU = "pari_passu"
    # Clayton's case: who came first is served first.
    FIRST_IN_TIME = "first_in_time"
    # Each debit is borne by all whose money was there, in proportion (the "rolling charge").
    ROLLING_CHARGE = "rolling_charge"
    # Nobody's money is more than the lowest balance after it came (James Roscoe v Winder).
    LOWEST_BALANCE = "lowest_balance"


# Methods that ask how the balance went: the institution must have told the account's movements.
BY_MOVEMENTS = frozenset({Method.ROLLING_CHARGE, Method.LOWEST_BALANCE})


@dataclass(frozen=True, slots=True)
class Claim:
    """One loss at one pool, in VND. Losses stand in order of (`booked_at`, `loss`), which breaks all ties.

    `entered_vnd`: what of it entered the pool under the recorded rule; `unrecovered_vnd`: the most that this pool
    may give it, with `paid_vnd`, which it was given already.
    """

    loss: str
    booked_at: datetime
    entered_vnd: int
    unrecovered_vnd: int
    paid_vnd: int = 0

    @property
    def place(self) -> tuple[datetime, str]:
        """Its place in the order of losses."""
        return (self.booked_at, self.loss)


@dataclass(frozen=True, slots=True)
class PoolMovement:
    """One booking of the pool's account, in order: what came in of which losses, or what went out (negative)."""

    amount_vnd: int
    of_losses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Division:
    """A pool divided: what each loss weighs and gets over all times, and what is the holder's; it sums up."""

    weights: Mapping[str, int]
    shares: Mapping[str, int]
    remainder_vnd: int


def divide(
    pool_vnd: int,
    claims: Iterable[Claim],
    method: Method = Method.PARI_PASSU,
    movements: Sequence[PoolMovement] = (),
) -> Division:
    """Divide `pool_vnd`: what is in the pool now, and what it has paid already.

    The order in which claims are given changes nothing. `movements` are needed for `BY_MOVEMENTS`.
    """
    ordered = sorted(claims, key=lambda one: one.place)
    weights = _weights(ordered, method, movements)
    if method is Method.FIRST_IN_TIME:
        shares = _in_turn(pool_vnd, ordered, weights)
    else:
        shares = _in_proportion(pool_vnd, ordered, weights)
    return Division(weights, shares, pool_vnd - sum(shares.values()))


def _weights(claims: Sequence[Claim], method: Method, movements: Sequence[PoolMovement]) -> dict[str, int]:
    entered = {one.loss: one.entered_vnd for one in claims}
    if method is Method.ROLLING_CHARGE:
        entered = _rolled(entered, movements)
    elif method is Method.LOWEST_BALANCE:
        entered = _lowest(entered, movements)
    return {one.loss: max(0, min(entered[one.loss], one.unrecovered_vnd)) for one in claims}


def _in_turn(pool_vnd: int, claims: Sequence[Claim], weights: Mapping[str, int]) -> dict[str, int]:
    """First what entered, loss by loss; then a surplus, in the same order, up to what each still misses."""
    shares = {one.loss: one.paid_vnd for one in claims}
    left_vnd = pool_vnd - sum(shares.values())
    for limits in (weights, {one.loss: one.unrecovered_vnd for one in claims if weights[one.loss]}):
        for one in claims:
            given = min(left_vnd, max(0, limits.get(one.loss, 0) - shares[one.loss]))
            shares[one.loss] += given
            left_vnd -= given
    return shares


def _in_proportion(pool_vnd: int, claims: Sequence[Claim], weights: Mapping[str, int]) -> dict[str, int]:
    """In proportion to the weights, each between what it was paid and what it misses.

    Whoever would get too much or too little is set at the bound, and the rest is divided again among the others:
    the bounds that bind harder first, as each of them only narrows what is left.
    """
    shares: dict[str, int] = {}
    free = list(claims)
    while free:
        left_vnd = pool_vnd - sum(shares.values())
        weight = sum(weights[one.loss] for one in free)
        if weight == 0:
            return shares | {one.loss: one.paid_vnd for one in free}
        low = [one for one in free if left_vnd * weights[one.loss] < one.paid_vnd * weight]
        high = [one for one in free if left_vnd * weights[one.loss] > _most(one) * weight]
        if not low and not high:
            return shares | _rounded(left_vnd, free, weights, weight)
        short = sum(one.paid_vnd * weight - left_vnd * weights[one.loss] for one in low)
        over = sum(left_vnd * weights[one.loss] - _most(one) * weight for one in high)
        if short >= over:
            shares |= {one.loss: one.paid_vnd for one in low}
        if over >= short:
            shares |= {one.loss: _most(one) for one in high}
        free = [one for one in free if one.loss not in shares]
    return shares


def _most(one: Claim) -> int:
    # Paid is paid, even where a later word says that less was missing.
    return max(one.unrecovered_vnd, one.paid_vnd)


def _rounded(left_vnd: int, free: Sequence[Claim], weights: Mapping[str, int], weight: int) -> dict[str, int]:
    """Floor, then the largest remainders, ties by the order of losses."""
    shares = {one.loss: left_vnd * weights[one.loss] // weight for one in free}
    rest = left_vnd - sum(shares.values())
    by_remainder = sorted(free, key=lambda one: (-(left_vnd * weights[one.loss] % weight), one.place))
    for one in by_remainder[:rest]:
        shares[one.loss] += 1
    return shares


def _opening(movements: Sequence[PoolMovement]) -> int:
    """The smallest opening balance that keeps the balance from going below zero; it is the holder's own."""
    balance = lowest = 0
    for one in movements:
        balance += one.amount_vnd
        lowest = min(lowest, balance)
    return -lowest


def _lowest(entered: Mapping[str, int], movements: Sequence[PoolMovement]) -> dict[str, int]:
    left = dict.fromkeys(entered, 0)
    balance = _opening(movements)
    for one in movements:
        balance += one.amount_vnd
        for loss, amount_vnd in one.of_losses.items():
            if loss in left:
                left[loss] += amount_vnd
        left = {loss: min(amount_vnd, balance) for loss, amount_vnd in left.items()}
    return {loss: min(left[loss], entered[loss]) for loss in entered}


def _rolled(entered: Mapping[str, int], movements: Sequence[PoolMovement]) -> dict[str, int]:
    """The holder's own money goes first (Re Hallett); what a debit takes beyond it, all bear in proportion."""
    left = dict.fromkeys(entered, 0)
    balance = _opening(movements)
    for one in movements:
        balance += one.amount_vnd
        for loss, amount_vnd in one.of_losses.items():
            if loss in left:
                left[loss] += amount_vnd
        there = sum(left.values())
        if there > balance:
            left = _scaled(left, there, balance)
    return {loss: min(left[loss], entered[loss]) for loss in entered}


def _scaled(left: Mapping[str, int], there: int, balance: int) -> dict[str, int]:
    scaled = {loss: amount_vnd * balance // there for loss, amount_vnd in left.items()}
    rest = balance - sum(scaled.values())
    names = list(left)
    by_remainder = sorted(names, key=lambda loss: (-(left[loss] * balance % there), names.index(loss)))
    for loss in by_remainder[:rest]:
        scaled[loss] += 1
    return scaled
