"""Transfers as a graph in arrays: each account's transfers beside each other, in the order of time.

A transfer is known by its *row*: its number in the order (booked at, sequence, row), so that a smaller row is
earlier and nothing else is compared. Of 10 transfers an account the graph takes less than 26 bytes a transfer:

* `edges`, 16 bytes: by payer, then row: `row << 32 | payee`, and the amount. The payee is -1 where the branch ends:
  outside (cash), and by kind goods, virtual assets, abroad, which are credited to nobody. The amount of a transfer
  that was reversed, and of its reversal, is negative: what passes it has to be traced by the exact rules.
* `in_place`, 4 bytes: by payee, then row: where the transfer stands in `edges`.
* `booked_low`, 4 bytes: by row: the lower half of its instant; the upper half changes every 72 minutes and is found
  in `slabs`.
* a *block* for every 64 of an account's transfers, in and out, after its first 64: what had come in less what had
  gone out before it (its *height*), the least height within it, its first row, and how many had gone out.

A transfer from an account to itself changes nothing and is left out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
U32 = NDArray[np.uint32]
BLOCK = 64
OUTSIDE = -1
ROWS_MAX = 2**31 - 1
LOWEST, HIGHEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
NOT_FOUND, NEEDS_EXACT = -1, -2

tuple_of: Any = types.Tuple  # has no types of its own
EDGES = types.Array(types.int64, 2, "C", readonly=True)
LONGS = types.Array(types.int64, 1, "C", readonly=True)
INTS = types.Array(types.int32, 1, "C", readonly=True)
PLACES = types.Array(types.uint32, 1, "C", readonly=True)
BYTES = types.Array(types.uint8, 1, "C", readonly=True)
# What kernels take of a graph: edges, out_start, in_start, in_place, heights, lows, block_rows, block_outs.
GRAPH = tuple_of((EDGES, PLACES, PLACES, PLACES, LONGS, LONGS, PLACES, PLACES))
_REVERSED = 1 << 31  # in `block_outs`: a transfer of the block was reversed, or is a reversal
_SLAB_BITS = 32
_SHIFT = 6  # of BLOCK
_OUTS, _INS, _BALANCE, _FIRST = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Graph:
    """The arrays of the module's description. Nobody writes to them."""

    accounts: int
    edges: I64
    out_start: U32
    in_start: U32
    in_place: U32
    heights: I64
    lows: I64
    block_rows: U32
    block_outs: U32
    booked_low: U32
    slabs: I64
    first_slab: int

    def __post_init__(self) -> None:
        for array in (*self.arrays, self.booked_low, self.slabs):
            array.setflags(write=False)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The graph as kernels take it."""
        return (
            self.edges, self.out_start, self.in_start, self.in_place,
            self.heights, self.lows, self.block_rows, self.block_outs,
        )  # fmt: skip

    @property
    def bytes(self) -> int:
        """What the graph takes in memory."""
        return sum(array.nbytes for array in (*self.arrays, self.booked_low, self.slabs))

    def booked_us(self, rows: NDArray[Any]) -> I64:
        """When the transfers of these rows were booked, microseconds since 1970."""
        upper = np.searchsorted(self.slabs, rows, "right") - 1 + self.first_slab
        booked: I64 = (upper.astype(np.int64) << _SLAB_BITS) | self.booked_low[rows].astype(np.int64)
        return booked

    def first_row(self, instant_us: int) -> int:
        """The first row booked at that instant or later; the number of rows where there is none."""
        slab = (instant_us >> _SLAB_BITS) - self.first_slab
        if slab < 0:
            return 0
        if slab >= len(self.slabs) - 1:
            return len(self.booked_low)
        start, stop = int(self.slabs[slab]), int(self.slabs[slab + 1])
        low = np.uint32(instant_us & (2**_SLAB_BITS - 1))
        return start + int(np.searchsorted(self.booked_low[start:stop], low, "left"))

    def place(self, payer: int, row: int) -> int:
        """Where a transfer stands in `edges`, told by its payer (-1: from outside) and row; KeyError without it."""
        account = self.accounts if payer == OUTSIDE else payer
        start, stop = int(self.out_start[account]), int(self.out_start[account + 1])
        place = start + int(np.searchsorted(self.edges[start:stop, 0] >> 32, row, "left"))
        if place == stop or int(self.edges[place, 0]) >> 32 != row:
            raise KeyError(row)
        return place


def build(
    booked_us: I64, payer: I32, payee: I32, amount_vnd: I64, kind: NDArray[np.uint8], reverses: I64, accounts: int
) -> Graph:
    """The graph of the ledger's columns, which lie in the order (booked at, sequence, row).

    `kind` other than 0 ends a branch; `reverses` is the row that a row reverses, -1 for none. ValueError for
    columns that no ledger gives out: unequal, out of order, with unknown accounts, or with sums beyond 63 bits.
    """
    rows = len(booked_us)
    columns = (booked_us, payer, payee, amount_vnd, kind, reverses)
    if any(len(column) != rows for column in columns) or rows > ROWS_MAX:
        raise ValueError("the columns are not equally long, or too long")
    if rows and (np.any(np.diff(booked_us) < 0) or int(amount_vnd.min()) <= 0):
        raise ValueError("the rows are not in the order of time, or an amount is not positive")
    if rows and float(amount_vnd.sum(dtype=np.float64)) >= 2.0**62:
        raise ValueError("the sum of all amounts passes 63 bits")
    for column in (payer, payee):
        if rows and not (int(column.min()) >= OUTSIDE and int(column.max()) < accounts):
            raise ValueError("an account number is unknown")
    reversed_rows = reverses[reverses >= 0]
    if len(reversed_rows) and int(reversed_rows.max()) >= rows:
        raise ValueError("a reversed row is unknown")
    upper = (booked_us >> _SLAB_BITS) if rows else np.zeros(1, np.int64)
    first_slab = int(upper[0])
    slabs = np.searchsorted(upper[:rows], np.arange(first_slab, int(upper[-1]) + 2)).astype(np.int64)
    out_start, in_start = _starts(payer, payee, kind, accounts)
    edges = np.empty((int(out_start[-1]), 2), np.int64)
    in_place = np.empty(int(in_start[-1]), np.uint32)
    blocks = (len(edges) + len(in_place)) // BLOCK + 2
    heights, lows = np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)
    block_rows, block_outs = np.zeros(blocks, np.uint32), np.zeros(blocks, np.uint32)
    touched = np.zeros(rows if len(reversed_rows) else 0, np.uint8)
    if len(reversed_rows):
        touched[reversed_rows] = 1
        touched[reverses >= 0] = 1
    _fill(
        payer, payee, amount_vnd, kind, touched, out_start, in_start,
        edges, in_place, heights, lows, block_rows, block_outs,
    )  # fmt: skip
    low = (booked_us & (2**_SLAB_BITS - 1)).astype(np.uint32)
    return Graph(
        accounts,
        edges,
        out_start,
        in_start,
        in_place,
        heights,
        lows,
        block_rows,
        block_outs,
        low,
        slabs,
        first_slab,
    )


@njit(tuple_of((types.uint32[::1], types.uint32[::1]))(INTS, INTS, BYTES, types.int64), cache=True, nogil=True)
def _starts(payer, payee, kind, accounts):  # type: ignore[no-untyped-def]
    """Where each account's transfers start: going out (those from outside come last), and coming in."""
    out_start = np.zeros(accounts + 2, np.uint32)
    in_start = np.zeros(accounts + 1, np.uint32)
    for row in range(payer.shape[0]):
        source, target = payer[row], payee[row]
        if source != target:
            out_start[(source if source >= 0 else accounts) + 1] += np.uint32(1)
            if target >= 0 and kind[row] == 0:
                in_start[target + 1] += np.uint32(1)
    for account in range(accounts + 1):
        out_start[account + 1] += out_start[account]
    for account in range(accounts):
        in_start[account + 1] += in_start[account]
    return out_start, in_start


@njit(
    types.void(
        INTS, INTS, LONGS, BYTES, BYTES, PLACES, PLACES,
        types.int64[:, ::1], types.uint32[::1], types.int64[::1], types.int64[::1], types.uint32[::1],
        types.uint32[::1],
    ),
    cache=True, nogil=True,
)  # fmt: skip
def _fill(  # type: ignore[no-untyped-def]
    payer, payee, amount_vnd, kind, touched, out_start, in_start,
    edges, in_place, heights, lows, block_rows, block_outs,
):  # fmt: skip
    """One pass over the rows: each goes to the next place of its payer and of its payee."""
    accounts = np.int64(in_start.shape[0] - 1)
    # One row for each account, so that its places and its height come from memory together.
    state = np.zeros((accounts + 1, 4), np.int64)
    for account in range(accounts + 1):
        state[account, _OUTS], state[account, _INS] = out_start[account], in_start[account]
        state[account, _FIRST] = state[account, _OUTS] + state[account, _INS]
    for row in range(payer.shape[0]):
        target = np.int64(payee[row])
        source = np.int64(payer[row] if payer[row] >= 0 else accounts)
        if payer[row] == payee[row]:
            continue
        if kind[row] != 0:
            target = np.int64(OUTSIDE)
        amount = amount_vnd[row]
        marked = touched.shape[0] > 0 and touched[row] != 0
        place = state[source, _OUTS]
        edges[place, 0] = (np.int64(row) << 32) | (target & np.int64(0xFFFFFFFF))
        edges[place, 1] = -amount if marked else amount
        if target >= 0:
            in_place[state[target, _INS]] = np.uint32(place)
        # Twice the same, in here: a function called with arrays would cost ten times what it does.
        for leaves in (True, False):
            party = source if leaves else target
            if party >= 0:
                first, before = state[party, _FIRST], state[party, _BALANCE]
                number = state[party, _OUTS] + state[party, _INS] - first
                height = before - amount if leaves else before + amount
                if number >= BLOCK and party < accounts:
                    block = (first >> _SHIFT) + (number >> _SHIFT)
                    if number & (BLOCK - 1) == 0:
                        heights[block] = lows[block] = before
                        block_rows[block], block_outs[block] = np.uint32(row), np.uint32(state[party, _OUTS])
                    if leaves and height < lows[block]:
                        lows[block] = height
                    if marked:
                        block_outs[block] |= np.uint32(_REVERSED)
                state[party, _BALANCE] = height
                state[party, _OUTS if leaves else _INS] += 1


@njit
def payee_of(word):  # type: ignore[no-untyped-def]
    """The payee in the first word of an edge, -1 where the branch ends."""
    return np.int64(np.int32(word & np.int64(0xFFFFFFFF)))


@njit
def first_out_after(edges, start, stop, row):  # type: ignore[no-untyped-def]
    """The first of an account's outgoing transfers behind a row: near ones are found in few steps."""
    step = np.int64(1)
    low, high = start, start
    while high < stop and edges[high, 0] >> 32 <= row:
        low = high + 1
        high += step
        step *= 2
    high = min(high, stop)
    while low < high:
        middle = (low + high) >> 1
        if edges[middle, 0] >> 32 <= row:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def first_in_after(edges, in_place, start, stop, row):  # type: ignore[no-untyped-def]
    """The first of an account's incoming transfers behind a row."""
    low, high = start, stop
    while low < high:
        middle = (low + high) >> 1
        if edges[np.int64(in_place[middle]), 0] >> 32 <= row:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def walk(graph, account, out, into, height, until, below):  # type: ignore[no-untyped-def]
    """Follow an account's transfers, in and out, to the first outgoing one that takes its height under `below`.

    Begins at the places `out` of `edges` and `into` of `in_place`; passes rows smaller than `until` only. Returns
    both places, the height before the transfer that it stops at, and that transfer's place, `NOT_FOUND`, or
    `NEEDS_EXACT` where a reversal lies in between. `LOWEST` passes all, reversals too.
    """
    edges, out_start, in_start, in_place, heights, lows, block_rows, block_outs = graph
    out_stop, in_stop = np.int64(out_start[account + 1]), np.int64(in_start[account + 1])
    first = np.int64(out_start[account]) + np.int64(in_start[account])
    last = out_stop + in_stop
    far = np.int64(ROWS_MAX) + 1
    out_row = edges[out, 0] >> 32 if out < out_stop else far
    in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far
    while True:
        number = out + into - first
        if number & (BLOCK - 1) == 0 and number >= BLOCK:
            block, begun = (first >> _SHIFT) + (number >> _SHIFT), number
            while first + number + BLOCK < last and np.int64(block_rows[block + 1]) <= until:
                if below != LOWEST and (
                    block_outs[block] & np.uint32(_REVERSED) or lows[block] - heights[block] + height < below
                ):
                    break
                height += heights[block + 1] - heights[block]
                block += 1
                number += BLOCK
            if number != begun:
                out = np.int64(block_outs[block] & np.uint32(_REVERSED - 1))
                into = first + number - out
                out_row = edges[out, 0] >> 32 if out < out_stop else far
                in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far
        if min(out_row, in_row) >= until:
            return out, into, height, np.int64(NOT_FOUND)
        amount = edges[out, 1] if out_row < in_row else edges[np.int64(in_place[into]), 1]
        if amount < 0:
            if below != LOWEST:
                return out, into, height, np.int64(NEEDS_EXACT)
            amount = -amount
        if out_row < in_row:
            if height - amount < below:
                return out, into, height, out
            height -= amount
            out += 1
            out_row = edges[out, 0] >> 32 if out < out_stop else far
        else:
            height += amount
            into += 1
            in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far


@njit
def history(graph, account, row, until):  # type: ignore[no-untyped-def]
    """Where an account stands just before a row: both places and the height; and its least height before `until`.

    `row` is smaller than `until`. The least height is at most 0, which is the height before everything.
    """
    edges, out_start, in_start, in_place, heights, lows, block_rows, block_outs = graph
    out, into = np.int64(out_start[account]), np.int64(in_start[account])
    out_stop, in_stop = np.int64(out_start[account + 1]), np.int64(in_start[account + 1])
    first, far = out + into, np.int64(ROWS_MAX) + 1
    events, number = out_stop + in_stop - first, np.int64(0)
    height, lowest, passed = np.int64(0), np.int64(0), False
    row_out, row_into, row_height = out, into, height
    while True:
        if number & (BLOCK - 1) == 0 and BLOCK <= number < events:
            block = (first >> _SHIFT) + (number >> _SHIFT)
            stop = until if passed else row
            while number + BLOCK < events and np.int64(block_rows[block + 1]) <= stop:
                lowest = min(lowest, lows[block])
                block += 1
                number += BLOCK
            height = heights[block]
            out = np.int64(block_outs[block] & np.uint32(_REVERSED - 1))
            into = first + number - out
        out_row = edges[out, 0] >> 32 if out < out_stop else far
        in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far
        if not passed and min(out_row, in_row) >= row:
            passed, row_out, row_into, row_height = True, out, into, height
        if min(out_row, in_row) >= until:
            return row_out, row_into, row_height, lowest
        if out_row < in_row:
            height -= abs(edges[out, 1])
            lowest = min(lowest, height)
            out += 1
        else:
            height += abs(edges[np.int64(in_place[into]), 1])
            into += 1
        number += 1
