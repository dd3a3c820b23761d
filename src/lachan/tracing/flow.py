"""Where the money of one disputed transfer went: amounts, by LIFO, FIFO or pro rata, to the đồng.

The same rules as the exact ones beside it, for one loss, without reversals on its way and to a limited depth:
quick enough to be asked while the victim is on the telephone. Only transfers of accounts that hold the money are
looked at (in FIFO and haircut also what made their balance), so the cost grows with the trace, not with the ledger.

**LIFO.** An account is a pile of coins; the coin at height h leaves with the first later transfer that takes the
pile down to h or below. Heights come from the ledger alone and not from who owns the coins, so the next transfer
that touches the money is found by looking ahead, and clean money that comes and goes above it costs but the
look.

**FIFO.** The coin before which so much had come (the opening first) leaves with the transfer by which more than
that has been paid. What was paid is kept with each block of transfers, so that one is found by halving.

**Haircut.** floor(x · T / B) of each outgoing x; T the money in the account, B its balance.

The opening balance is the smallest with which no balance falls below 0, or the stated one where that is more.

**Ends.** A part below the floor stops there: it is diluted, and counted with the account that paid it. In a haircut
a payment whose share is below the floor takes the clean money of the account first, and of the victim's only what
that does not suffice for: so an account that makes a thousand small payments a day keeps the money until a payment
that takes enough of it, and whole blocks of small payments are passed in one step. (The exact rule lets each take
its share and dilutes that; with a floor of at most 1 both are the same.) Other money stops where it leaves the
accounts (`OUTSIDE`), or at an account so many transfers away as was asked for (`DEPTH`; it is located there).
Everything else is located where it lies: loss = located + out of reach + diluted. The *hop* of an account is the
fewest transfers by which the money has come to it so far, the disputed one counted.

**Again.** What an account does with the money depends on what came to it and on its own transfers. So when new
facts change some accounts, only these are followed anew; and wherever what they pay on differs from before, the
payee, until nothing differs any more.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lachan.tracing import kernel
from lachan.tracing.kernel import CARRIED, END, FIRST_PIECE, HOP, KEY, PAYEE, PAYER, PIECES
from lachan.tracing.model import Rule
from lachan.tracing.overlay import payee_in
from lachan.tracing.sharing import KEPT, SCRATCH

if TYPE_CHECKING:
    from lachan.tracing.graph import Graph

I64 = NDArray[np.int64]
COMPILED = {Rule.LIFO: kernel.LIFO, Rule.FIFO: kernel.FIFO, Rule.HAIRCUT: kernel.HAIRCUT}
"""The rules that can be traced so, with their numbers in the kernel."""
ANY_HOPS = 1 << 30
DISPUTED = -2
"""Stands for the payer of the disputed transfer: what it has besides is not followed."""
_ROOM = 256
_NEW_ACCOUNTS = 1 << 16  # that facts may name before another workspace is needed


class End(IntEnum):
    """What became of the money of one transfer."""

    FOLLOWED = kernel.FOLLOWED
    OUTSIDE = kernel.OUTSIDE
    DEPTH = kernel.DEPTH


class ReversalOnTheWay(Exception):
    """A reversal touches an account that holds the money: the exact rules have to trace it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One disputed transfer (its payer, -1 for outside, and row), the rule, and where the trace ends."""

    rule: Rule
    payer: int
    row: int
    until_us: int
    max_hops: int
    floor_vnd: int


@dataclass(frozen=True, slots=True, eq=False)
class AmountTrace:
    """What each transfer carried of the loss, in their order, and what lies where at the end.

    `rows`, `payers`, `payees` (-1: outside), `carried_vnd`, `hops` (of the payee) and `ends` leave out parts below
    the floor. `located_vnd` and `diluted_by_vnd` (what it paid on in such parts) belong to `accounts`, which are in
    order. `moves` and `pieces` are the kernel's, for a trace that goes on from this one.
    """

    question: Question
    graph: "Graph"
    loss_vnd: int
    rows: I64
    moves: I64
    pieces: I64
    left: I64

    @property
    def until_key(self) -> int:
        """The key before which the trace ended."""
        return until_key(self.graph, self.question)

    @property
    def payers(self) -> I64:
        """Who paid; -2 for the disputed transfer."""
        return self.moves[:, PAYER]

    @property
    def payees(self) -> I64:
        """Who was paid."""
        return self.moves[:, PAYEE]

    @property
    def carried_vnd(self) -> I64:
        """How much of the loss was in each transfer."""
        return self.moves[:, CARRIED]

    @property
    def hops(self) -> I64:
        """How many transfers away from the loss the payee is by then."""
        return self.moves[:, HOP]

    @property
    def ends(self) -> I64:
        """`End` of each."""
        return self.moves[:, END]

    @property
    def accounts(self) -> I64:
        """Where something lies, or what was diluted."""
        return self.left[:, 0]

    @property
    def located_vnd(self) -> I64:
        """What lies there."""
        return self.left[:, 1]

    @property
    def diluted_by_vnd(self) -> I64:
        """What it paid on in parts below the floor."""
        return self.left[:, 2]

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


class Workspace:
    """Room to trace in, 4 bytes an account and what the largest trace so far took. Belongs to one thread."""

    def __init__(self, accounts: int) -> None:
        self.accounts = accounts + _NEW_ACCOUNTS
        # Two more: the places of -1 and -2. Written to now: memory comes from the system page by page, slowly.
        self.slot_of = np.full(self.accounts + 2, 0, np.int32)
        self._make_room(_ROOM)

    def run(
        self, graph: "Graph", question: Question, given: I64, given_pieces: I64, inside: NDArray[np.int64]
    ) -> tuple[I64, I64, I64]:
        """Moves, their pieces, and what is left, as `kernel.follow` finds them. ReversalOnTheWay."""
        until = until_key(graph, question)
        while True:
            moved, kept, cut = kernel.follow(
                graph.arrays, graph.stated_vnd, COMPILED[question.rule], given, given_pieces, inside, until,
                question.max_hops, question.floor_vnd, self.slot_of, self._slots, self._nodes, self._pieces,
                self._heap, self._moves, self._left, self._scratch, self._heights,
            )  # fmt: skip
            if moved >= 0:
                break
            if moved == kernel.REVERSAL:
                raise ReversalOnTheWay
            self._make_room(2 * max(len(self._slots), len(inside)))
        return self._moves[:moved].copy(), self._pieces[:cut].copy(), self._left[:kept].copy()

    def _make_room(self, room: int) -> None:
        self._slots = np.empty((room, kernel.SLOT_COLUMNS), np.int64)
        self._nodes = np.empty((4 * room, kernel.NODE_COLUMNS), np.int64)
        self._pieces, self._heap = np.empty((16 * room, 2), np.int64), np.empty(8 * room, np.int64)
        self._moves = np.empty((8 * room, kernel.MOVE_COLUMNS), np.int64)
        self._left = np.empty((room, kernel.LEFT_COLUMNS), np.int64)
        self._scratch, self._heights = np.empty(SCRATCH, np.int64), np.empty(room * KEPT, np.int64)


def until_key(graph: "Graph", question: Question) -> int:
    """The key before which a question ends; never before the disputed transfer itself."""
    return max(graph.key_from(question.until_us + 1), graph.key_of(question.row) + 1)


def first_trace(graph: "Graph", space: Workspace, question: Question) -> AmountTrace:
    """The whole trace. KeyError where there is no such transfer; ReversalOnTheWay where it would not be exact."""
    place = graph.place(question.payer, question.row)
    word, loss_vnd = (int(one) for one in graph.arrays[0][place])
    if loss_vnd < 0:
        raise ReversalOnTheWay
    payee = payee_in(word)
    end = End.OUTSIDE if payee < 0 else End.DEPTH if question.max_hops <= 1 else End.FOLLOWED
    pieces = np.array([[0, loss_vnd]], np.int64)
    given = np.array([[graph.key_of(question.row), place, DISPUTED, payee, loss_vnd, 1, int(end), 0, 1]], np.int64)
    moves, more, left = space.run(graph, question, given, pieces, np.zeros(0, np.int64))
    moves[:, FIRST_PIECE] += 1
    return _told(graph, question, loss_vnd, np.concatenate([given, moves]), np.concatenate([pieces, more]), left)


def trace_again(graph: "Graph", space: Workspace, before: AmountTrace, changed: set[int]) -> AmountTrace:
    """The trace as it is on a graph that differs in these accounts from the one on which it was made before."""
    question, moves = before.question, before.moves
    if int(graph.arrays[0][graph.place(question.payer, question.row), 1]) < 0:
        raise ReversalOnTheWay
    mark, dirty = space.slot_of, np.array(sorted(changed), np.int64)
    while True:
        mark[dirty] = 1
        by_dirty, to_dirty = mark[moves[:, PAYER]] > 0, mark[moves[:, PAYEE]] > 0
        mark[dirty] = 0
        given = moves[~by_dirty & to_dirty]
        made, more, left = space.run(graph, question, given, before.pieces, dirty)
        mark[dirty] = 1
        leaving = mark[made[:, PAYEE]] == 0
        mark[dirty] = 0
        was = _by_key(moves[by_dirty & ~to_dirty], before.pieces)
        now = _by_key(made[leaving], more)
        differing = {key: payee for key, (payee, *_) in (was | now).items() if was.get(key) != now.get(key)}
        reached = {payee for payee in differing.values() if payee >= 0}
        if not reached:
            break
        dirty = np.array(sorted({*dirty.tolist(), *reached}), np.int64)
    kept, made = moves[~by_dirty], made.copy()
    made[:, FIRST_PIECE] += len(before.pieces)
    merged = np.concatenate([kept, made])
    merged = merged[np.argsort(merged[:, KEY], kind="stable")]
    pieces = np.concatenate([before.pieces, more])
    count = merged[:, PIECES]
    ends = np.cumsum(count)
    chosen = np.repeat(merged[:, FIRST_PIECE] - (ends - count), count) + np.arange(int(ends[-1]))
    merged[:, FIRST_PIECE] = ends - count
    others = before.left[~np.isin(before.left[:, 0], dirty)]
    return _told(graph, question, before.loss_vnd, merged, pieces[chosen], np.concatenate([others, left]))


def _by_key(moves: I64, pieces: I64) -> dict[int, tuple[Any, ...]]:
    """What the payee of each move learns of it."""
    return {
        row[KEY]: (row[PAYEE], row[CARRIED], row[HOP], row[END],
                   pieces[row[FIRST_PIECE] : row[FIRST_PIECE] + row[PIECES]].tobytes())
        for row in moves.tolist()
    }  # fmt: skip


def _told(graph: "Graph", question: Question, loss_vnd: int, moves: I64, pieces: I64, left: I64) -> AmountTrace:
    left = left[np.argsort(left[:, 0])]
    for array in (moves, pieces, left):
        array.flags.writeable = False
    return AmountTrace(question, graph, loss_vnd, graph.rows_of(moves[:, KEY]), moves, pieces, left)
