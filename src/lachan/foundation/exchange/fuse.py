"""The 16-bit binary fuse filter: 18 bits a key, no false negative, 1 in 65,536 false positives.

Source: Graf, Lemire: Binary Fuse Filters (2022), the variant with three places in neighbouring segments.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit
from lachan.foundation.exchange.fingerprints import WORDS

CELLS = types.Array(types.uint16, 1, "C", readonly=True)
_SEGMENT_MAX = 1 << 18
_TRIES_MAX = 100
_M1, _M2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_S33, _S32, _S18 = map(np.uint64, (33, 32, 18))


@dataclass(frozen=True, slots=True)
class Shape:
    """How a filter is laid out: segments of a power of two, of which a key uses three neighbours."""

    seed: int
    segment_length: int
    segments: int

    @property
    def cells(self) -> int:
        """How many 16-bit cells there are."""
        return (self.segments + 2) * self.segment_length


@njit
def _mixed(mark, seed):  # type: ignore[no-untyped-def]
    mark ^= seed
    mark = (mark ^ (mark >> _S33)) * _M1
    mark = (mark ^ (mark >> _S33)) * _M2
    return mark ^ (mark >> _S33)


@njit
def _places(mixed, length, segments):  # type: ignore[no-untyped-def]
    first = ((mixed >> _S32) * (length * segments)) >> _S32
    low = length - np.uint64(1)
    second = (first + length) ^ ((mixed >> _S18) & low)
    third = (first + length + length) ^ (mixed & low)
    return np.int64(first), np.int64(second), np.int64(third)


@njit
def _cell(mixed):  # type: ignore[no-untyped-def]
    return np.uint16((mixed ^ (mixed >> _S32)) & np.uint64(0xFFFF))


@njit(types.boolean(WORDS, types.uint64, types.uint64, types.uint64, types.uint16[::1]), cache=True, nogil=True)
def _fill(marks, seed, length, segments, cells):  # type: ignore[no-untyped-def]
    """Peel keys that have a place to themselves until none is left; False when the seed does not allow it."""
    size = cells.shape[0]
    count = marks.shape[0]
    holders = np.zeros(size, np.uint8)
    folded = np.zeros(size, np.uint64)
    for number in range(count):
        mixed = _mixed(marks[number], seed)
        for place in _places(mixed, length, segments):
            holders[place] += np.uint8(1)
            folded[place] ^= mixed
    waiting = np.empty(size, np.int64)
    ready = 0
    for place in range(size):
        if holders[place] == 1:
            waiting[ready] = place
            ready += 1
    order = np.empty(count, np.uint64)
    own = np.empty(count, np.int64)
    peeled = 0
    while ready > 0:
        ready -= 1
        place = waiting[ready]
        if holders[place] != 1:
            continue
        mixed = folded[place]
        order[peeled] = mixed
        own[peeled] = place
        peeled += 1
        for other in _places(mixed, length, segments):
            holders[other] -= np.uint8(1)
            folded[other] ^= mixed
            if holders[other] == 1:
                waiting[ready] = other
                ready += 1
    if peeled != count:
        return False
    for number in range(count - 1, -1, -1):
        mixed = order[number]
        first, second, third = _places(mixed, length, segments)
        place = own[number]
        cells[place] = 0
        cells[place] = _cell(mixed) ^ cells[first] ^ cells[second] ^ cells[third]
    return True


@njit(types.boolean[::1](CELLS, WORDS, types.uint64, types.uint64, types.uint64), cache=True)
def _contains(cells, marks, seed, length, segments):  # type: ignore[no-untyped-def]
    found = np.empty(marks.shape[0], np.bool_)
    for number in range(marks.shape[0]):
        mixed = _mixed(marks[number], seed)
        first, second, third = _places(mixed, length, segments)
        found[number] = _cell(mixed) == cells[first] ^ cells[second] ^ cells[third]
    return found


def build(marks: NDArray[np.uint64]) -> tuple[Shape, NDArray[np.uint16]]:
    """The filter of distinct fingerprints."""
    count = max(len(marks), 2)
    marks = np.ascontiguousarray(marks)
    marks.setflags(write=False)
    length = min(1 << int(math.log(count) / math.log(3.33) + 2.25), _SEGMENT_MAX)
    # The paper's sizes: 12.5 % more cells than keys for a million and more, and more for few keys.
    wanted = count * max(1.125, 0.875 + 0.25 * math.log(1_000_000) / math.log(count))
    segments = max(1, math.ceil(wanted / length) - 2)
    for seed in range(_TRIES_MAX):
        shape = Shape(seed, length, segments)
        cells = np.zeros(shape.cells, np.uint16)
        if _fill(marks, seed, length, segments, cells):
            cells.setflags(write=False)
            return shape, cells
    raise ValueError("the fingerprints are not distinct")


def contains(shape: Shape, cells: NDArray[np.uint16], marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which fingerprints may be in the filter; those that are in it are always found."""
    marks.setflags(write=False)
    found: NDArray[np.bool_] = _contains(cells, marks, shape.seed, shape.segment_length, shape.segments)
    return found
