"""Transfers by account, each account's in the order of time: the one layout that every engine walks.

A transfer is known by its *row*: its number in the order (booked at, sequence, row), so that a smaller row is
earlier. Of 10 transfers an account the edges take less than 26 bytes a transfer:

* `out`, 16 bytes: by payer, then row: a *word* and the amount. The word is `row << 34 | payee`; of the 34 bits the
  upper 6 are room between two rows, for facts that are learned later, so that the upper 36 bits are a *key* that
  orders all. The payee is all ones where the branch ends: outside (cash), and by kind goods, virtual assets,
  abroad, which are credited to nobody. The amount of a transfer that was reversed, and of its reversal, is
  negative: what passes it has to be traced by the exact rules.
* `in_place`, 4 bytes: by payee, then row: where the transfer stands in `out`.
* `booked_low`, 4 bytes: by row: the lower half of its instant; the upper half changes every 72 minutes and is found
  in `slabs`: the upper halves that there are, in order, then the first row of each.
* a *block* for every 64 of an account's transfers, in and out, after its first 64: what had come in less what had
  gone out before it (its *height*), the least height within it, what had gone out, the key of its first transfer,
  how many had gone out, and about how large its largest payment is (`block_most`, see `most_code`). `hubs` are the
  accounts that have blocks, `hub_blocks` the place before the first block of each.

A transfer from an account to itself changes nothing and is left out.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit, prefetch
from lachan.ledger.columns import NOWHERE, Columns, Int32, Int64, Kinds, frozen

Places = NDArray[np.uint32]
BLOCK, BLOCK_BITS = 64, 6
PAYEE_BITS, SPARE_BITS = 28, 6
ROW_BITS = PAYEE_BITS + SPARE_BITS
NOBODY = (1 << PAYEE_BITS) - 1
"""The payee of a word where the branch ends, and one more than the largest number of an account."""
ROWS_MAX = 2**29 - 1
SUMS_END = 2**62
"""What all amounts together have to stay below: an account's sums are 64 bits."""
UNDONE = 1 << 31
"""In `block_outs`: a transfer of the block was reversed, or is a reversal."""

tuple_of: Any = types.Tuple  # has no types of its own
TABLE = types.Array(types.int64, 2, "C", readonly=True)
LONGS = types.Array(types.int64, 1, "C", readonly=True)
INTS = types.Array(types.int32, 1, "C", readonly=True)
PLACES = types.Array(types.uint32, 1, "C", readonly=True)
BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_SLAB_BITS = 32
_OUTS, _INS, _BALANCE, _PAID, _FIRST, _BLOCK = 0, 1, 2, 3, 4, 5
_AHEAD = 16  # rows between asking memory for a place and using it


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The arrays of the module's description. Nobody writes to them; they may be mapped from disk."""

    out: Int64
    out_start: Places
    in_start: Places
    in_place: Places
    heights: Int64
    lows: Int64
    paid: Int64
    block_keys: Int64
    block_outs: Places
    block_most: NDArray[np.uint8]
    hubs: Int32
    hub_blocks: Int32
    booked_low: Places
    slabs: Int32

    def __len__(self) -> int:
        return len(self.out)

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self.in_start) - 1

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def nbytes(self) -> int:
        """All that they take."""
        return sum(array.nbytes for array in self.arrays.values())

    def booked_us(self, rows: NDArray[Any]) -> Int64:
        """When the transfers of these rows were booked, microseconds since 1970."""
        uppers, firsts = np.split(self.slabs, 2)
        upper = uppers[np.searchsorted(firsts, rows, "right") - 1]
        booked: Int64 = (upper.astype(np.int64) << _SLAB_BITS) | self.booked_low[rows].astype(np.int64)
        return booked

    def first_row(self, instant_us: int) -> int:
        """The first row booked at that instant or later; the number of rows where there is none."""
        uppers, firsts = np.split(self.slabs, 2)
        slab = int(np.searchsorted(uppers, instant_us >> _SLAB_BITS))
        if slab == len(uppers):
            return len(self.booked_low)
        start = int(firsts[slab])
        if int(uppers[slab]) != instant_us >> _SLAB_BITS:
            return start
        stop = int(firsts[slab + 1]) if slab + 1 < len(firsts) else len(self.booked_low)
        low = np.uint32(instant_us & (2**_SLAB_BITS - 1))
        return start + int(np.searchsorted(self.booked_low[start:stop], low, "left"))

    def place(self, payer: int, row: int) -> int:
        """Where a transfer stands in `out`, told by its payer (-1: from outside) and row; KeyError without it."""
        account = self.accounts if payer == NOWHERE else payer
        start, stop = int(self.out_start[account]), int(self.out_start[account + 1])
        place = int(first_from(self.out, start, stop, row << ROW_BITS))
        if place == stop or int(self.out[place, 0]) >> ROW_BITS != row:
            raise KeyError(row)
        return place


@njit(types.int64(TABLE, types.int64, types.int64, types.int64), cache=True, nogil=True)
def first_from(out, start, stop, word):  # type: ignore[no-untyped-def]
    """The first of an account's places in `out` whose word is not smaller."""
    while start < stop:
        middle = (start + stop) >> 1
        if out[middle, 0] < word:
            start = middle + 1
        else:
            stop = middle
    return start


def edges_of(columns: Columns, accounts: int | None = None) -> Edges:
    """The edges of the columns.

    `accounts`: how many there are, where the columns do not name them themselves. A reversal of what is not among
    them may be told as one of itself: it is marked, and alone.
    """
    reverses, payer, payee, kind = columns.reverses, columns.payer, columns.payee, columns.kind
    if (reverses >= 0).any():
        payer, payee, kind = _as_it_moved(columns, reverses)
    return build(
        columns.booked_us, payer, payee, columns.amount_vnd, kind, reverses,
        len(columns.accounts) if accounts is None else accounts,
    )  # fmt: skip


def _as_it_moved(columns: Columns, reverses: Int64) -> tuple[Int32, Int32, Kinds]:
    """Payer, payee and kind: reversals bring money back, whichever way round their two parties are written."""
    payer, payee, kind = columns.payer.copy(), columns.payee.copy(), columns.kind.copy()
    for row in np.flatnonzero(reverses >= 0).tolist():
        undone = int(reverses[row])
        source, target = int(payer[undone]), int(payee[undone]) if kind[undone] == 0 else NOWHERE
        if undone >= row or payer[undone] == payee[undone]:
            continue
        first, second = int(columns.payer[row]), int(columns.payee[row])
        if any(
            source in {NOWHERE, one} and target in {NOWHERE, other}
            for one, other in ((first, second), (second, first))
        ):
            payer[row], payee[row], kind[row] = target, source, 0
    return payer, payee, kind


def build(
    booked_us: Int64, payer: Int32, payee: Int32, amount_vnd: Int64, kind: Kinds, reverses: Int64, accounts: int
) -> Edges:
    """The edges of columns that lie in the order (booked at, sequence, row).

    `kind` other than 0 ends a branch; `reverses` is the row that a row reverses, -1 for none here. ValueError for
    columns that no ledger gives out: unequal, out of order, with unknown accounts, or with sums beyond 62 bits.
    """
    rows = len(booked_us)
    booked_us, amount_vnd = np.ascontiguousarray(booked_us), np.ascontiguousarray(amount_vnd)
    payer, payee, kind = np.ascontiguousarray(payer), np.ascontiguousarray(payee), np.ascontiguousarray(kind)
    _check(booked_us, payer, payee, amount_vnd, kind, reverses, accounts)
    slabs = _slabs(booked_us)
    undoing = np.flatnonzero(reverses >= 0)
    touched = np.zeros(rows if len(undoing) else 0, np.uint8)
    if len(undoing):
        touched[undoing] = touched[reverses[undoing]] = 1
    out_start, in_start = _starts(payer, payee, kind, accounts)
    out, in_place = np.empty((int(out_start[-1]), 2), np.int64), np.empty(int(in_start[-1]), np.uint32)
    events = np.diff(out_start[:-1]).astype(np.int64) + np.diff(in_start)
    hubs = np.flatnonzero(events > BLOCK).astype(np.int32)
    ends = np.cumsum((events[hubs] - 1) >> BLOCK_BITS)
    hub_blocks = np.concatenate([np.zeros(1, np.int64), ends])[:-1].astype(np.int32) - np.int32(1)
    blocks = int(ends[-1]) if len(hubs) else 0
    heights, lows, paid, keys = (np.zeros(blocks, np.int64) for _ in range(4))
    outs, most = np.zeros(blocks, np.uint32), np.zeros(blocks, np.uint8)
    _fill(
        payer, payee, amount_vnd, kind, touched, out_start, in_start, hubs, hub_blocks,
        out, in_place, heights, lows, paid, keys, outs, most,
    )  # fmt: skip
    low = booked_us.view(np.uint32)[::2].copy() if rows else np.zeros(0, np.uint32)
    made = (out, out_start, in_start, in_place, heights, lows, paid, keys, outs, most, hubs, hub_blocks, low, slabs)
    return Edges(*map(frozen, made))


def _slabs(booked_us: Int64) -> Int32:
    """The upper halves of the instants, and the first row of each (only those there are: a year may be wrong)."""
    uppers, firsts, row = list[int](), list[int](), 0
    while row < len(booked_us):
        upper = int(booked_us[row]) >> _SLAB_BITS
        uppers.append(upper)
        firsts.append(row)
        row = int(np.searchsorted(booked_us, (upper + 1) << _SLAB_BITS))
    return np.array([*uppers, *firsts], np.int32)


def _check(
    booked_us: Int64, payer: Int32, payee: Int32, amount_vnd: Int64, kind: Kinds, reverses: Int64, accounts: int
) -> None:
    rows = len(booked_us)
    if any(len(column) != rows for column in (payer, payee, amount_vnd, kind, reverses)) or rows > ROWS_MAX:
        raise ValueError("the columns are not equally long, or too long")
    if not rows:
        return
    if not _is_sound(booked_us, amount_vnd):
        raise ValueError("the rows are not in the order of time, or an amount is not positive")
    if float(amount_vnd.sum(dtype=np.float64)) >= SUMS_END:
        raise ValueError("the sum of all amounts passes 62 bits")
    for column in (payer, payee):
        if not (int(column.min()) >= NOWHERE and int(column.max()) < accounts < NOBODY):
            raise ValueError("an account number is unknown")
    if int(reverses.max()) >= rows:
        raise ValueError("a reversed row is unknown")


@njit(types.boolean(LONGS, LONGS), cache=True, nogil=True)
def _is_sound(booked_us, amount_vnd):  # type: ignore[no-untyped-def]
    """Whether time does not fall and each amount is positive."""
    for row in range(booked_us.shape[0]):
        if amount_vnd[row] <= 0 or (row > 0 and booked_us[row] < booked_us[row - 1]):
            return False
    return True


@njit
def most_code(amount):  # type: ignore[no-untyped-def]
    """About how large an amount is, in a byte: quarters of its power of two, rounded up (`most_of`)."""
    return np.uint8(np.ceil(4.0 * np.log2(np.float64(amount) + 1.0)))


_MOST = 2.0 ** (np.arange(256) / 4.0) * (1.0 + 1e-9)


@njit
def most_of(code):  # type: ignore[no-untyped-def]
    """An amount that is not smaller than any with that code."""
    return _MOST[code]


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
        INTS, INTS, LONGS, BYTES, BYTES, PLACES, PLACES, INTS, INTS,
        types.int64[:, ::1], types.uint32[::1], types.int64[::1], types.int64[::1], types.int64[::1],
        types.int64[::1], types.uint32[::1], types.uint8[::1],
    ),
    cache=True, nogil=True,
)  # fmt: skip
def _fill(  # type: ignore[no-untyped-def]
    payer, payee, amount_vnd, kind, touched, out_start, in_start, hubs, hub_blocks,
    out, in_place, heights, lows, paid, keys, outs, most,
):  # fmt: skip
    """One pass over the rows: each goes to the next place of its payer and of its payee."""
    accounts = np.int64(in_start.shape[0] - 1)
    # One row for each account, so that its places and its height come from memory together.
    state = np.zeros((accounts + 1, 6), np.int64)
    for account in range(accounts + 1):
        state[account, _OUTS], state[account, _INS] = out_start[account], in_start[account]
        state[account, _FIRST] = state[account, _OUTS] + state[account, _INS]
    for number in range(hubs.shape[0]):
        state[hubs[number], _BLOCK] = hub_blocks[number]
    last = payer.shape[0] - 1
    for row in range(payer.shape[0]):
        # Where both parties stand, and where the payer's next transfer goes, is on its way before it is needed.
        prefetch(state, 6 * max(np.int64(payer[min(row + 2 * _AHEAD, last)]), np.int64(0)))
        prefetch(state, 6 * max(np.int64(payee[min(row + 2 * _AHEAD, last)]), np.int64(0)))
        coming, paid_to = np.int64(payer[min(row + _AHEAD, last)]), np.int64(payee[min(row + _AHEAD, last)])
        if coming >= 0:
            prefetch(out, 2 * state[coming, _OUTS])
        if paid_to >= 0:
            prefetch(in_place, state[paid_to, _INS])
        target = np.int64(payee[row])
        source = np.int64(payer[row] if payer[row] >= 0 else accounts)
        if payer[row] == payee[row]:
            continue
        if kind[row] != 0:
            target = np.int64(NOWHERE)
        amount = amount_vnd[row]
        marked = touched.shape[0] > 0 and touched[row] != 0
        place = state[source, _OUTS]
        out[place, 0] = (np.int64(row) << ROW_BITS) | (target & np.int64(NOBODY))
        out[place, 1] = -amount if marked else amount
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
                    block = state[party, _BLOCK] + (number >> BLOCK_BITS)
                    if number & (BLOCK - 1) == 0:
                        heights[block] = lows[block] = before
                        paid[block], keys[block] = state[party, _PAID], np.int64(row) << SPARE_BITS
                        outs[block] = np.uint32(state[party, _OUTS])
                    if leaves:
                        lows[block] = min(lows[block], height)
                        most[block] = max(most[block], most_code(amount))
                    if marked:
                        outs[block] |= np.uint32(UNDONE)
                state[party, _BALANCE] = height
                if leaves:
                    state[party, _PAID] += amount
                    state[party, _OUTS] += 1
                else:
                    state[party, _INS] += 1
