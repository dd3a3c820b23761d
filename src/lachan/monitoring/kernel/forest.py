"""A forest of decision trees over the features of many rows, leaf by leaf as LightGBM adds them up.

A node has a threshold and a word: the feature's place (16 bits), the children (20 bits each) and how a missing
value is taken (2 bits). Leaves follow a tree's inner nodes; a leaf's threshold is its value. `starts` says where
each tree begins, and how many inner nodes it has. A tree is walked for a block of rows before the next one is, so
that its nodes stay in the nearest cache; the order of a row's additions is the trees', so the sum is the same to
the last bit. Places are unsigned, as a signed one is looked at twice: once for whether it counts from the end.
"""

import numpy as np
from numba import types

from lachan.foundation.base.compiled import borrowing, njit

CHILD_BITS, FEATURE_BITS = 20, 16
CHILD_MASK, FEATURE_MASK = (1 << CHILD_BITS) - 1, (1 << FEATURE_BITS) - 1
LEFT_SHIFT, RIGHT_SHIFT, MISSING_SHIFT = FEATURE_BITS, FEATURE_BITS + CHILD_BITS, FEATURE_BITS + 2 * CHILD_BITS
# How a missing value is taken: as zero, or to the left, or to the right.
AS_ZERO, TO_LEFT, TO_RIGHT = range(3)

BLOCK = 32
ZERO = 1.0000000180025095e-35  # LightGBM's kZeroThreshold: nearer to zero is zero

_NONE, _LEFT, _CHILD = np.uint64(0), np.uint64(LEFT_SHIFT), np.uint64(CHILD_BITS)
_CHILDREN, _FEATURES = np.uint64(CHILD_MASK), np.uint64(FEATURE_MASK)
_MISSING, _WAYS, _RIGHTWARD = np.uint64(MISSING_SHIFT), np.uint64(3), np.uint64(TO_RIGHT)

_FLOATS = types.float64[::1]
_FLOAT_TABLE = types.float64[:, ::1]
WORDS = types.Array(types.uint64, 1, "C", readonly=True)
THRESHOLDS = types.Array(types.float64, 1, "C", readonly=True)
STARTS = types.Array(types.uint64, 2, "C", readonly=True)
PLACES = types.Array(types.int64, 1, "C", readonly=True)
FURTHER = types.Array(types.float64, 2, "C", readonly=True)


@borrowing
def _step(words, thresholds, node, values, row):  # type: ignore[no-untyped-def]
    """The child to which a row goes that misses no value; `row` is where its values begin."""
    word = words[node]
    right = np.uint64(values[row + (word & _FEATURES)] > thresholds[node])
    return (word >> (_LEFT + _CHILD * right)) & _CHILDREN


@borrowing
def _step_over_gaps(words, thresholds, node, values, row):  # type: ignore[no-untyped-def]
    word = words[node]
    value, missing = values[row + (word & _FEATURES)], (word >> _MISSING) & _WAYS
    if np.isnan(value):
        if missing != _NONE:
            return (word >> (_LEFT + _CHILD * np.uint64(missing == _RIGHTWARD))) & _CHILDREN
        value = 0.0
    return (word >> (_LEFT + _CHILD * np.uint64(value > thresholds[node]))) & _CHILDREN


@borrowing
def _gathered(features, further, places, row, values, to):  # type: ignore[no-untyped-def]
    """Put a row's values into the order of the forest; returns whether some are missing."""
    gaps = False
    known = features.shape[1]
    for number in range(places.shape[0]):
        place = places[number]
        value = np.float64(features[row, place]) if place < known else further[row, place - known]
        if -ZERO <= value <= ZERO:
            value = 0.0
        gaps |= np.isnan(value)
        values[to + number] = value
    return gaps


@njit
def grown(words, thresholds, starts, places, features, further, count, raw):  # type: ignore[no-untyped-def]
    """The raw score of the first `count` rows. `places`: where each of the forest's features stands, the kernel's
    own first, then those of `further`."""
    values = np.zeros(BLOCK * max(1, places.shape[0]), np.float64)
    gaps = np.zeros(BLOCK, np.bool_)
    sums = np.empty(BLOCK, np.float64)
    _walked(words, thresholds, starts, places, features, further, count, raw, values, gaps, sums)


@borrowing
def _walked(words, thresholds, starts, places, features, further, count, raw, values, gaps, sums):  # type: ignore[no-untyped-def]
    width = places.shape[0]
    for begin in range(0, count, BLOCK):
        size = min(BLOCK, count - begin)
        for row in range(size):
            gaps[row] = _gathered(features, further, places, begin + row, values, row * width)
        sums[:] = 0.0
        for tree in range(starts.shape[0]):
            first, inner = starts[tree, 0], starts[tree, 1]
            for row in range(size):
                at, base = np.uint64(0), np.uint64(row * width)
                if gaps[row]:
                    while at < inner:
                        at = _step_over_gaps(words, thresholds, first + at, values, base)
                else:
                    while at < inner:
                        at = _step(words, thresholds, first + at, values, base)
                sums[row] += thresholds[first + at]
        for row in range(size):
            raw[begin + row] = sums[row]


@njit(types.void(WORDS, THRESHOLDS, STARTS, PLACES, _FLOAT_TABLE, _FLOATS), cache=True, nogil=True)
def summed(words, thresholds, starts, places, table, raw):  # type: ignore[no-untyped-def]
    """The raw score of each row of a table whose columns `places` number."""
    grown(words, thresholds, starts, places, np.empty((0, 0), np.int64), table, table.shape[0], raw)


@njit(types.void(WORDS, THRESHOLDS, STARTS, THRESHOLDS, _FLOAT_TABLE, _FLOAT_TABLE), cache=True, nogil=True)
def credited(words, thresholds, starts, expected, table, shares):  # type: ignore[no-untyped-def]
    """How much each feature moved each row's raw score on its way down: the change of what was expected at a node.

    `expected`: the mean score of the training rows at each node. `table` and `shares` are in the forest's order.
    """
    values = np.zeros(max(1, table.shape[1]), np.float64)
    places = np.arange(table.shape[1])
    for row in range(table.shape[0]):
        _gathered(np.empty((0, 0), np.int64), table, places, row, values, 0)
        for tree in range(starts.shape[0]):
            first, inner, at = starts[tree, 0], starts[tree, 1], np.uint64(0)
            while at < inner:
                feature, before = np.int64(words[first + at] & _FEATURES), expected[first + at]
                at = _step_over_gaps(words, thresholds, first + at, values, np.uint64(0))
                shares[row, feature] += (expected[first + at] if at < inner else thresholds[first + at]) - before
