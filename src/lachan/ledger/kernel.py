"""The compiled part of loading. Signatures are fixed; nothing is compiled in a request."""

from typing import Any

import numpy as np
from numba import types

from lachan.foundation.base.compiled import njit, prefetch

MARKS = types.Array(types.uint64, 1, "C", readonly=True)
INSTANTS = types.Array(types.int64, 1, "C", readonly=True)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_AHEAD = 16
_both: Any = types.UniTuple  # has no types of its own


@njit
def _looked_up(marks, known, table, shift):  # type: ignore[no-untyped-def]
    """The number that a table has for each mark, -1 for an unknown one."""
    found, mask = np.empty(marks.shape[0], np.int32), np.int64(table.shape[0] - 1)
    for position in range(marks.shape[0]):
        coming = marks[min(position + _AHEAD, marks.shape[0] - 1)]
        prefetch(table, np.int64((coming * _GOLDEN) >> shift))
        mark = marks[position]
        slot = np.int64((mark * _GOLDEN) >> shift)
        while table[slot] >= 0 and known[table[slot]] != mark:
            slot = (slot + 1) & mask
        found[position] = table[slot]
    return found


@njit(_both(types.int32[::1], 2)(MARKS, MARKS, MARKS), cache=True, nogil=True)
def numbered(payers, payees, known):  # type: ignore[no-untyped-def]
    """The place of each mark among the known ones, which are all different; -1 where it is not among them."""
    bits = np.uint64(4)
    while (np.uint64(1) << bits) < np.uint64(2 * known.shape[0]):
        bits += np.uint64(1)
    shift, mask = np.uint64(64) - bits, (np.int64(1) << np.int64(bits)) - np.int64(1)
    table = np.full(mask + 1, -1, np.int32)
    for place in range(known.shape[0]):
        slot = np.int64((known[place] * _GOLDEN) >> shift)
        while table[slot] >= 0:
            slot = (slot + 1) & mask
        table[slot] = np.int32(place)
    return _looked_up(payers, known, table, shift), _looked_up(payees, known, table, shift)


@njit(types.boolean(INSTANTS, INSTANTS), cache=True, nogil=True)
def is_ordered(booked_us, sequence):  # type: ignore[no-untyped-def]
    """Whether rows that stand in the order of their file are in the order of transfers."""
    for place in range(1, booked_us.shape[0]):
        before, now = booked_us[place - 1], booked_us[place]
        if now < before or (now == before and sequence[place] < sequence[place - 1]):
            return False
    return True


@njit(types.boolean[::1](MARKS, types.uint64), cache=True, nogil=True)
def perhaps_repeated(marks, bits):  # type: ignore[no-untyped-def]
    """Which marks agree in their upper bits with another one: all that are repeated, and few others."""
    shift, low = np.uint64(64) - bits, np.uint64(63)
    once = np.zeros(np.int64(1) << np.int64(bits - np.uint64(6)), np.uint64)
    twice = np.zeros(once.shape[0], np.uint64)
    for position in range(marks.shape[0]):
        slot = (marks[position] * _GOLDEN) >> shift
        word, bit = np.int64(slot >> np.uint64(6)), np.uint64(1) << (slot & low)
        twice[word] |= once[word] & bit
        once[word] |= bit
    found = np.empty(marks.shape[0], np.bool_)
    for position in range(marks.shape[0]):
        slot = (marks[position] * _GOLDEN) >> shift
        found[position] = twice[np.int64(slot >> np.uint64(6))] >> (slot & low) & np.uint64(1) != 0
    return found
