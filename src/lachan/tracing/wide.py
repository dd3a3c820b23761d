"""Products of 128 bits in compiled code, exact as Python's integers."""

import numpy as np
from numba import types

from lachan.foundation.base.compiled import njit

_HALF, _LOW, _ONE, _TOP = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(1), np.uint64(63)


@njit
def product(left, right):  # type: ignore[no-untyped-def]
    """The upper and the lower 64 bits of a product of two unsigned 64-bit numbers."""
    a, b, c, d = left >> _HALF, left & _LOW, right >> _HALF, right & _LOW
    low = b * d
    middle = a * d + (low >> _HALF)
    other = b * c + (middle & _LOW)
    return a * c + (middle >> _HALF) + (other >> _HALF), (other << _HALF) | (low & _LOW)


@njit(types.int64(types.int64, types.int64, types.int64), cache=True, nogil=True)
def share(amount, part, whole):  # type: ignore[no-untyped-def]
    """floor(amount × part / whole) for 0 ≤ amount, 0 ≤ part ≤ whole and 0 < whole."""
    high, low = product(np.uint64(amount), np.uint64(part))
    divisor = np.uint64(whole)
    if high == np.uint64(0):
        return np.int64(low // divisor)
    # Long division, bit by bit. The quotient is at most `amount`, and so the remainder never passes 64 bits.
    quotient, rest = np.uint64(0), high
    for bit in range(64):
        rest = (rest << _ONE) | ((low >> (_TOP - np.uint64(bit))) & _ONE)
        quotient <<= _ONE
        if rest >= divisor:
            rest -= divisor
            quotient |= _ONE
    return np.int64(quotient)
