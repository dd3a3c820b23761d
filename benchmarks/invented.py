"""Transfers for measuring: invented, seeded, in the ledger's columns and order.

A month. Most people pay neighbours, shops and platforms; a fifth of a percent of the accounts (shops, platforms,
agents) take part in half of all payments, the largest of them in very many. One transfer in fifty is a gang's: a
theft, split and passed on within minutes from mule to mule until it is cashed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.edges import build
from lachan.tracing import Graph

I64 = NDArray[np.int64]
DAY_US = 86_400_000_000
DAYS = 30
EDGES_EACH = 10  # transfers an account
HUB_SHARE, TO_HUBS, FROM_HUBS = 0.002, 0.4, 0.15
GANG_SHARE = 0.02
MINUTE_US = 60_000_000


@dataclass(frozen=True)
class Invented:
    """The columns, and the rows of the thefts."""

    booked_us: I64
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    amount_vnd: I64
    thefts: I64
    accounts: int

    def __len__(self) -> int:
        return len(self.booked_us)

    def graph(self) -> Graph:
        """Their graph."""
        return Graph(
            build(
                self.booked_us, self.payer, self.payee, self.amount_vnd,
                np.zeros(len(self), np.uint8), np.full(len(self), -1, np.int64), self.accounts,
            )
        )  # fmt: skip


def invented(edges: int, seed: int = 1) -> Invented:
    """So many transfers, the same for the same seed."""
    random = np.random.default_rng(seed)
    accounts = edges // EDGES_EACH
    hubs = max(1, int(accounts * HUB_SHARE))
    gangs = _gangs(random, int(edges * GANG_SHARE), accounts, hubs)
    daily = _daily(random, edges - len(gangs), accounts, hubs)
    table = np.concatenate([daily, gangs])
    order = np.argsort(table[:, 0], kind="stable")
    thefts = np.flatnonzero(table[order, 4])
    table = table[order]
    return Invented(
        table[:, 0].copy(), table[:, 1].astype(np.int32), table[:, 2].astype(np.int32), table[:, 3].copy(),
        thefts, accounts,
    )  # fmt: skip


def _hub(random: np.random.Generator, count: int, hubs: int) -> I64:
    """Hubs by size: the largest far above the others."""
    weights = np.arange(1, hubs + 1) ** -0.8
    return np.searchsorted(np.cumsum(weights) / weights.sum(), random.random(count)).clip(0, hubs - 1)


def _daily(random: np.random.Generator, count: int, accounts: int, hubs: int) -> I64:
    people = accounts - hubs

    def person() -> I64:
        found: I64 = hubs + (people * random.random(count) ** 1.5).astype(np.int64)
        return found

    def amounts() -> I64:
        found: I64 = np.exp(random.normal(np.log(800_000), 1.5, count)).astype(np.int64) // 1000 * 1000 + 1000
        return found

    payer, payee, draw = person(), person(), random.random(count)
    near = hubs + (payer - hubs + random.integers(1, 50, count)) % people
    payee = np.where(draw < TO_HUBS, _hub(random, count, hubs), np.where(draw < 0.8, near, payee))
    payer = np.where(random.random(count) < FROM_HUBS, _hub(random, count, hubs), payer)
    payee = np.where(random.random(count) < 0.03, -1, payee)
    booked = random.integers(0, DAYS * DAY_US, count)
    return np.stack([booked, payer, payee, amounts(), np.zeros(count, np.int64)], axis=1)


def _gangs(random: np.random.Generator, count: int, accounts: int, hubs: int) -> I64:
    """Thefts, each split over mules, level by level."""
    mules = max(2, accounts // 100)
    number = max(1, count // 12)
    booked = random.integers(0, (DAYS - 1) * DAY_US, number)
    payer = random.integers(hubs, accounts, number)
    amount = np.exp(random.normal(np.log(30_000_000), 1.0, number)).astype(np.int64) + 1_000_000
    stolen = np.ones(number, np.int64)
    levels = []
    for _ in range(8):
        payee = hubs + random.integers(0, mules, len(payer)) * 97 % (accounts - hubs)
        payee = np.where((random.random(len(payer)) < 0.25) & (stolen == 0), -1, payee)
        levels.append(np.stack([booked, payer, payee, amount, stolen], axis=1))
        on = np.flatnonzero((payee >= 0) & (amount > 2_000_000))
        parts = np.repeat(on, random.integers(1, 4, len(on)))
        share = random.random(len(parts))
        share /= np.bincount(parts, share, len(payer))[parts]
        booked = booked[parts] + (random.exponential(8 * MINUTE_US, len(parts))).astype(np.int64) + MINUTE_US
        payer, amount = payee[parts], np.maximum((amount[parts] * share).astype(np.int64), 1)
        stolen = np.zeros(len(parts), np.int64)
    return np.concatenate(levels)[: max(count, number)]
