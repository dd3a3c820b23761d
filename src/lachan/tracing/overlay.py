"""Facts learned since edges were made: of each account that they touch, its transfers once more, with them.

The copies lie behind the edges, in room that was left there; nothing that a graph has seen is ever written to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit, prefetch
from lachan.ledger import Edges
from lachan.ledger.edges import (
    BLOCK,
    BLOCK_BITS,
    LONGS,
    NOBODY,
    PAYEE_BITS,
    PLACES,
    SPARE_BITS,
    TABLE,
    UNDONE,
    first_from,
    most_code,
)

I64 = NDArray[np.int64]
NO_ROWS = np.zeros(0, np.int64)
KEYS_END = (1 << (63 - PAYEE_BITS)) - 1
_ROOM_ROWS = 1 << 20  # at least
_STEP = 1 << SPARE_BITS
_AHEAD = 16  # incoming transfers between asking memory for one and using it
_BLOCKS = ("heights", "lows", "paid", "block_keys", "block_outs", "block_most")


class NoRoom(Exception):
    """So many facts came since the edges were made, or so many between two of them: make new edges of all."""


class Fact(NamedTuple):
    """A new transfer; -1: outside, or no transfer that it takes back."""

    booked_us: int
    payer: int
    payee: int
    amount_vnd: int
    reverses: int


class Room:
    """The edges' arrays once more, with room behind them. Who writes holds the lock."""

    def __init__(self, edges: Edges) -> None:
        self.lock = Lock()
        self.arrays: dict[str, NDArray[Any]] = {}
        self._used: dict[str, int] = {}
        for name in ("out", "in_place", *_BLOCKS):
            array = edges.arrays[name]
            room = max(_ROOM_ROWS, len(array) // 4)
            roomy = np.empty((len(array) + room, *array.shape[1:]), array.dtype)
            roomy[: len(array)] = array
            if name not in _BLOCKS:  # or the system would give much memory, slowly, to whoever waits for an answer
                roomy[len(array) :] = 0
            self.arrays[name], self._used[name] = roomy, len(array)

    def take(self, name: str, count: int) -> int:
        """Where so many more may be written. NoRoom."""
        start = self._used[name]
        if start + count > len(self.arrays[name]):
            raise NoRoom
        self._used[name] = start + count
        return start


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """What is not as the edges say: where each changed account's transfers lie, and the new facts by their rows.

    `keys`, `booked_us` and `places` (-1: a transfer to itself) are those of the rows that follow the edges' rows;
    `removed` the keys of what no longer counts; `history` the accounts that each step changed.
    """

    changed: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    spans: I64 = field(default_factory=lambda: np.zeros((0, 5), np.int64))
    keys: I64 = field(default_factory=lambda: NO_ROWS)
    booked_us: I64 = field(default_factory=lambda: NO_ROWS)
    places: I64 = field(default_factory=lambda: NO_ROWS)
    removed: frozenset[int] = frozenset()
    history: tuple[frozenset[int], ...] = ()

    def span(self, account: int) -> tuple[int, int, int, int, int] | None:
        """Where a changed account's transfers and blocks lie; None for one that the edges still tell."""
        at = int(np.searchsorted(self.changed, account))
        if at == len(self.changed) or self.changed[at] != account:
            return None
        first_out, out_stop, first_in, in_stop, block = (int(one) for one in self.spans[at])
        return first_out, out_stop, first_in, in_stop, block


def payee_in(word: int) -> int:
    """The payee in the first word of an edge, -1 where the branch ends."""
    return -1 if word & NOBODY == NOBODY else word & NOBODY


def extended(
    edges: Edges,
    before: Overlay,
    room: Room,
    added: Sequence[Fact],
    gone: Mapping[int, tuple[int, int]],
    key_of: Mapping[int, int],
) -> Overlay:
    """The overlay with more facts, and without those of the keys `gone` (with their payer and place).

    `key_of`: the keys of the rows that the new facts reverse. NoRoom.
    """
    keys = _new_keys(edges, before, [one.booked_us for one in added])
    moving = [n for n, one in enumerate(added) if one.payer != one.payee]
    out, in_place = room.arrays["out"], room.arrays["in_place"]
    touched = {party for n in moving for party in (added[n].payer, added[n].payee)}
    touched |= {party for payer, place in gone.values() for party in (payer, payee_in(int(out[place, 0])))}
    accounts = sorted(touched - {-1})
    undone = {keys[n] for n in moving if added[n].reverses >= 0}
    undone |= {key_of[one.reverses] for one in added if one.reverses >= 0}
    words = [keys[n] << PAYEE_BITS | (one.payee & NOBODY) for n, one in enumerate(added)]
    places = np.full(len(added), -1, np.int64)
    spans: dict[int, list[int]] = {}
    first_new = min([*keys, *gone, *undone], default=0)
    marked = sorted(undone - gone.keys())
    for account in [-1, *accounts]:
        first, stop, *_ = (0, 0) if account < 0 else _span(edges, before, account)
        edits: list[Edit] = []
        for key in (*gone, *marked):
            place = first_from(out, first, stop, key << PAYEE_BITS)
            if place < stop and int(out[place, 0]) >> PAYEE_BITS == key:
                word, amount = (int(one) for one in out[place])
                edits.append((place, 1, word, None if key in gone else (word, -abs(amount))))
        new = [n for n in moving if added[n].payer == account]
        for n in new:
            amount = -added[n].amount_vnd if keys[n] in undone else added[n].amount_vnd
            edits.append((first_from(out, first, stop, words[n]), 0, words[n], (words[n], amount)))
        start = room.take("out", stop - first + len(new))
        spans[account] = [start, _copied(out, first, stop, start, edits)]
        for n in new:
            places[n] = first_from(out, start, spans[account][1], words[n])
    for account in accounts:
        _, _, first, stop, _ = _span(edges, before, account)
        edits = []
        for key in (*gone, *marked):
            at = _first_in(out, in_place, first, stop, key << PAYEE_BITS)
            if at < stop and int(out[in_place[at], 0]) >> PAYEE_BITS == key:
                edits.append((at, 1, key, None if key in gone else _copy_of(out, spans, key, int(in_place[at]))))
        new = [n for n in moving if added[n].payee == account]
        edits += [(_first_in(out, in_place, first, stop, words[n]), 0, words[n], int(places[n])) for n in new]
        start = room.take("in_place", stop - first + len(new))
        end = _copied(in_place, first, stop, start, edits)
        events = spans[account][1] - spans[account][0] + end - start
        taken = [room.take(name, (events >> BLOCK_BITS) + 1) for name in _BLOCKS]  # the same place in each
        spans[account] += [start, end, taken[0]]
        _blocks(room, _span(edges, before, account), spans[account], first_new)
    del spans[-1]
    merged = dict(zip(before.changed.tolist(), before.spans.tolist(), strict=True)) | spans
    ordered = sorted(merged)
    return Overlay(
        np.array(ordered, np.int32),
        np.array([merged[one] for one in ordered], np.int64).reshape(-1, 5),
        np.concatenate([before.keys, np.array(keys, np.int64)]),
        np.concatenate([before.booked_us, np.array([one.booked_us for one in added], np.int64)]),
        np.concatenate([before.places, places]),
        before.removed | gone.keys(),
        (*before.history, frozenset(accounts)),
    )


Edit = tuple[int, int, int, Any]
"""At a place of an array: how many elements are left out (0 or 1), its rank among others, and what comes in."""


def _copied(array: NDArray[Any], first: int, stop: int, start: int, edits: list[Edit]) -> int:
    """Copy a part of an array to another place of it, edited; returns where the copy ends."""
    for place, left_out, _, comes in [*sorted(edits, key=itemgetter(0, 1, 2)), (stop, 0, 0, None)]:
        array[start : start + place - first] = array[first:place]
        start += place - first
        first = place + left_out
        if comes is not None:
            array[start] = comes
            start += 1
    return start


def _copy_of(out: I64, spans: Mapping[int, Sequence[int]], key: int, place: int) -> int:
    """Where the copy of a transfer stands, the place itself where it has none."""
    for first, stop, *_ in spans.values():
        at = first_from(out, first, stop, key << PAYEE_BITS)
        if at < stop and int(out[at, 0]) >> PAYEE_BITS == key:
            return int(at)
    return place


@njit(types.int64(TABLE, PLACES, types.int64, types.int64, types.int64), cache=True, nogil=True)
def _first_in(out, in_place, start, stop, word):  # type: ignore[no-untyped-def]
    """The first of an account's incoming transfers whose word is not smaller."""
    while start < stop:
        middle = (start + stop) >> 1
        if out[np.int64(in_place[middle]), 0] < word:
            start = middle + 1
        else:
            stop = middle
    return start


def _blocks(room: Room, was: Sequence[int], now: Sequence[int], first_key: int) -> None:
    """The blocks of a copy: those before the first change are as they were."""
    out, into = room.arrays["out"], room.arrays["in_place"]
    word = first_key << PAYEE_BITS
    passed = first_from(out, was[0], was[1], word) - was[0] + _first_in(out, into, was[2], was[3], word) - was[2]
    same = (passed - 1) >> BLOCK_BITS if passed else 0
    for name in _BLOCKS:
        array = room.arrays[name]
        array[now[4] + 1 : now[4] + same + 1] = array[was[4] + 1 : was[4] + same + 1]
    places = room.arrays["block_outs"][now[4] + 1 : now[4] + same + 1]
    moved = (places & np.uint32(UNDONE - 1)).astype(np.int64) - was[0] + now[0]
    places[:] = moved.astype(np.uint32) | (places & np.uint32(UNDONE))
    _fill_blocks(out, into, np.array(now), same, *(room.arrays[name] for name in _BLOCKS))


def _span(edges: Edges, before: Overlay, account: int) -> tuple[int, int, int, int, int]:
    """Where an account's transfers and blocks lie by now; nowhere for a new one."""
    if (span := before.span(account)) is not None:
        return span
    if account >= edges.accounts:
        return 0, 0, 0, 0, 0
    out, into, at = edges.out_start, edges.in_start, int(np.searchsorted(edges.hubs, account))
    block = int(edges.hub_blocks[at]) if at < len(edges.hubs) and edges.hubs[at] == account else 0
    return int(out[account]), int(out[account + 1]), int(into[account]), int(into[account + 1]), block


def _new_keys(edges: Edges, before: Overlay, booked_us: list[int]) -> list[int]:
    """A key for each new fact, behind all of its instant."""
    known = list(zip(before.booked_us.tolist(), before.keys.tolist(), strict=True))
    keys = [0] * len(booked_us)
    for n in sorted(range(len(booked_us)), key=booked_us.__getitem__):
        row = edges.first_row(booked_us[n] + 1)
        if row == 0 and len(edges.booked_low):
            raise NoRoom
        lower = max([max(row - 1, 0) << SPARE_BITS, *(key for us, key in known if us <= booked_us[n])])
        last = lower + _STEP * _STEP if row == len(edges.booked_low) else row << SPARE_BITS
        upper = min([last, *(key for us, key in known if us > booked_us[n])])
        keys[n] = lower + max(1, min(_STEP, (upper - lower) // 8))
        if not lower < keys[n] < upper or keys[n] >= KEYS_END:
            raise NoRoom
        known.append((booked_us[n], keys[n]))
    return keys


@njit(
    types.void(
        TABLE, PLACES, LONGS, types.int64, types.int64[::1], types.int64[::1], types.int64[::1], types.int64[::1],
        types.uint32[::1], types.uint8[::1],
    ),
    cache=True, nogil=True,
)  # fmt: skip
def _fill_blocks(out, in_place, span, same, heights, lows, paid, keys, outs, most):  # type: ignore[no-untyped-def]
    """The blocks of one account from this one on, as `ledger.edges` makes those of all; its beginning is known."""
    place, out_stop, into, in_stop = span[0], span[1], span[2], span[3]
    far, height, spent, number = np.int64(KEYS_END) << PAYEE_BITS, np.int64(0), np.int64(0), np.int64(0)
    block, largest = span[4] + same, np.int64(0)
    if same > 0:
        height, spent, number = heights[block], paid[block], np.int64(same) << BLOCK_BITS
        place = np.int64(outs[block] & np.uint32(UNDONE - 1))
        into += number - (place - span[0])
    while place < out_stop or into < in_stop:
        if into + _AHEAD < in_stop:
            prefetch(out, 2 * np.int64(in_place[into + _AHEAD]))
        out_word = out[place, 0] if place < out_stop else far
        in_word = out[np.int64(in_place[into]), 0] if into < in_stop else far
        if number & (BLOCK - 1) == 0:
            block = span[4] + (number >> BLOCK_BITS)
            heights[block] = lows[block] = height
            paid[block], keys[block] = spent, min(out_word, in_word) >> PAYEE_BITS
            outs[block], most[block], largest = np.uint32(place), np.uint8(0), np.int64(0)
        amount = out[place, 1] if out_word < in_word else out[np.int64(in_place[into]), 1]
        if amount < 0:
            outs[block] |= np.uint32(UNDONE)
            amount = -amount
        if out_word < in_word:
            height -= amount
            spent += amount
            lows[block] = min(lows[block], height)
            if amount > largest:  # the code is a logarithm
                largest, most[block] = amount, most_code(amount)
            place += 1
        else:
            height += amount
            into += 1
        number += 1
