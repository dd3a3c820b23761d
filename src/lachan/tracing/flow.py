"""Where the money of one disputed transfer went: amounts, by LIFO or pro rata, to the đồng.

The same rules as the exact ones beside it, for one loss, without reversals on its way and to a limited depth:
quick enough to be asked while the victim is on the telephone. Only transfers of accounts that hold the money are
looked at (in a haircut also what made their balance), so the cost grows with the trace and not with the ledger.

**LIFO.** An account is a pile of coins; the coin at height h leaves with the first later transfer that takes the
pile down to h or below. Heights come from the ledger alone and not from who owns the coins, so the next transfer
that touches the money is found by looking ahead, and clean money that comes and goes above it costs but the
look.

**Haircut.** floor(x · T / B) of each outgoing x; T the money in the account, B its balance. The opening balance
is the smallest with which no balance falls below 0, or the stated one where that is more.

**Ends.** A part below the floor stops there: it is diluted, and counted with the account that paid it. Other
money stops where it leaves the accounts (`OUTSIDE`), or at an account so many transfers away as was asked for
(`DEPTH`; it is located there). Everything else is located where it lies: loss = located + out of reach +
diluted. The *hop* of an account is the fewest transfers by which the money has come to it so far, the disputed
one counted.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from lachan.tracing import kernel
from lachan.tracing.csr import Graph

I64 = NDArray[np.int64]


class FlowRule(StrEnum):
    """Which part of a payment is the victim's money."""

    LIFO = "lifo"
    HAIRCUT = "haircut"


class End(IntEnum):
    """What became of the money of one transfer."""

    FOLLOWED = kernel.FOLLOWED
    OUTSIDE = kernel.OUTSIDE
    DEPTH = kernel.DEPTH


class ReversalOnTheWay(Exception):
    """A reversal touches an account that holds the money: the exact rules have to trace it."""


@dataclass(frozen=True, slots=True)
class AmountTrace:
    """What each transfer carried of the loss, in their order, and what lies where at the end.

    `rows`, `carried_vnd`, `hops` (of the payee) and `ends` leave out parts below the floor. `located_vnd` and
    `diluted_by_vnd` (what it paid on in such parts) belong to `accounts`.
    """

    loss_vnd: int
    rows: I64
    carried_vnd: I64
    hops: I64
    ends: I64
    accounts: I64
    located_vnd: I64
    diluted_by_vnd: I64

    @property
    def out_of_reach_vnd(self) -> int:
        """What left the accounts: cash, goods, virtual assets, abroad."""
        return int(self.carried_vnd[self.ends == End.OUTSIDE].sum())

    @property
    def diluted_vnd(self) -> int:
        """What was paid on in parts below the floor."""
        return int(self.diluted_by_vnd.sum())

    @property
    def closes(self) -> bool:
        """Whether every đồng has a place."""
        return self.loss_vnd == int(self.located_vnd.sum()) + self.out_of_reach_vnd + self.diluted_vnd


_ROOM = 256


class Flow:
    """Traces on one graph. Keeps 4 bytes an account to work in, and so belongs to one thread."""

    def __init__(self, graph: Graph, stated_vnd: I64 | None = None) -> None:
        """`stated_vnd`: the stated opening balance of each account, -1 where none is; None: nowhere."""
        self._graph = graph
        self._stated = np.zeros(0, np.int64) if stated_vnd is None else stated_vnd
        self._slot_of = np.zeros(graph.accounts, np.int32)
        self._make_room(_ROOM)

    def trace(
        self, rule: FlowRule, payer: int, row: int, *, until_us: int, max_hops: int, floor_vnd: int
    ) -> AmountTrace:
        """Follow the disputed transfer, told by its payer (-1: outside) and row, over what is booked to `until_us`.

        KeyError where there is no such transfer; ReversalOnTheWay where this trace would not be exact.
        """
        graph, place = self._graph, self._graph.place(payer, row)
        loss_vnd = int(graph.edges[place, 1])
        if loss_vnd < 0:
            raise ReversalOnTheWay
        until = max(graph.first_row(until_us + 1), row + 1)
        while True:
            if rule is FlowRule.LIFO:
                moved, kept = kernel.lifo(
                    graph.arrays, place, until, max_hops, floor_vnd, self._slot_of, self._slots, self._nodes,
                    self._pieces, self._heap, self._moves, self._left,
                )  # fmt: skip
            else:
                moved, kept = kernel.haircut(
                    graph.arrays, self._stated, place, until, max_hops, floor_vnd, self._slot_of, self._slots,
                    self._heap, self._moves, self._left,
                )  # fmt: skip
            if moved >= 0:
                break
            if moved == kernel.REVERSAL:
                raise ReversalOnTheWay
            self._make_room(2 * len(self._slots))
        moves, left = self._moves[:moved].copy(), self._left[:kept].copy()
        return AmountTrace(loss_vnd, *moves.T, *left.T)

    def _make_room(self, room: int) -> None:
        self._slots = np.zeros((room, kernel.SLOT_COLUMNS), np.int64)
        self._nodes, self._pieces = np.zeros((4 * room, 3), np.int64), np.zeros((4 * room, 2), np.int64)
        self._heap = np.zeros(8 * room, np.int64)
        self._moves, self._left = np.zeros((8 * room, 4), np.int64), np.zeros((room, 3), np.int64)
