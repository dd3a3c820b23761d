"""Keyed 64-bit fingerprints of keys: SipHash-1-3 of the UTF-8 bytes, compiled.

Source: Aumasson, Bernstein: SipHash, a fast short-input PRF (2012); one compression and three final rounds, as the
hash tables of Rust and of Python 3.11 use it. Who lists identifiers does not know the key and cannot make them
collide. The functions without a signature are compiled into their callers.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit

KEY_BYTES = 16
LINE_END = b"\n" + bytes(7)
"""What must stand behind the last of the lines: the compiled functions read eight bytes at a time."""

BYTES = types.Array(types.uint8, 1, "C", readonly=True)
"""A buffer that nobody writes to: what `np.frombuffer(bytes)` and mapped files are."""
WORDS = types.Array(types.uint64, 1, "C", readonly=True)

_V0, _V1, _V2, _V3 = map(
    np.uint64, (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
)
_FF, _ONE, _THREE, _SEVEN = map(np.uint64, (0xFF, 1, 3, 7))
_S13, _S16, _S17, _S21, _S32 = map(np.uint64, (13, 16, 17, 21, 32))
_S51, _S48, _S47, _S43, _S56 = map(np.uint64, (51, 48, 47, 43, 56))
_NEWLINES, _ONES, _TOPS = map(np.uint64, (0x0A0A0A0A0A0A0A0A, 0x0101010101010101, 0x8080808080808080))


@intrinsic
def _load_word(_context: Any, data: Any, at: Any) -> Any:
    """Eight bytes from any place as one word: numba itself only reads byte by byte here, five times slower."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(data, at), generate


load_word: Any = _load_word


@intrinsic
def _count_trailing_zeros(_context: Any, word: Any) -> Any:
    def generate(_compiler: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(word), generate


trailing_zeros: Any = _count_trailing_zeros


@njit
def _round(v0, v1, v2, v3):  # type: ignore[no-untyped-def]
    v0 += v1
    v1 = ((v1 << _S13) | (v1 >> _S51)) ^ v0
    v0 = (v0 << _S32) | (v0 >> _S32)
    v2 += v3
    v3 = ((v3 << _S16) | (v3 >> _S48)) ^ v2
    v0 += v3
    v3 = ((v3 << _S21) | (v3 >> _S43)) ^ v0
    v2 += v1
    v1 = ((v1 << _S17) | (v1 >> _S47)) ^ v2
    v2 = (v2 << _S32) | (v2 >> _S32)
    return v0, v1, v2, v3


@njit
def _finish(v0, v1, v2, v3, word):  # type: ignore[no-untyped-def]
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    v2 ^= _FF
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@njit
def fingerprint_line(data, start, k0, k1):  # type: ignore[no-untyped-def]
    """The fingerprint of the line that begins at `start`, and where it ends; `LINE_END` stands behind the data."""
    v0, v1, v2, v3 = _V0 ^ k0, _V1 ^ k1, _V2 ^ k0, _V3 ^ k1
    at = start
    while True:
        word = load_word(data, at)
        odd = word ^ _NEWLINES
        # A byte that is zero here is a newline there; the first one is always found right.
        zero = (odd - _ONES) & ~odd & _TOPS
        if zero != np.uint64(0):
            break
        v3 ^= word
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0 ^= word
        at += 8
    bits = trailing_zeros(zero) & ~_SEVEN
    stop = at + np.int64(bits >> _THREE)
    word = (word & ((_ONE << bits) - _ONE)) | (np.uint64(stop - start) << _S56)
    return _finish(v0, v1, v2, v3, word), stop


@njit
def fingerprint(data, start, size, k0, k1):  # type: ignore[no-untyped-def]
    """The fingerprint of `size` bytes from `start`."""
    v0, v1, v2, v3 = _V0 ^ k0, _V1 ^ k1, _V2 ^ k0, _V3 ^ k1
    at = start
    for _ in range(size >> 3):
        word = load_word(data, at)
        v3 ^= word
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0 ^= word
        at += 8
    word = np.uint64(size) << _S56
    for place in range(size & 7):
        word |= np.uint64(data[at + place]) << np.uint64(8 * place)
    return _finish(v0, v1, v2, v3, word)


@njit(types.uint64[::1](BYTES, types.int64, types.uint64, types.uint64), cache=True, nogil=True)
def _of_lines(text, count, k0, k1):  # type: ignore[no-untyped-def]
    made = np.empty(count, np.uint64)
    start = np.int64(0)
    for line in range(count):
        made[line], stop = fingerprint_line(text, start, k0, k1)
        start = stop + 1
    return made


def key_words(key: bytes) -> tuple[np.uint64, np.uint64]:
    """A key of 16 bytes as the two words that the compiled functions take."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a fingerprint key has {KEY_BYTES} bytes")
    low, high = np.frombuffer(key, "<u8")
    return low, high


def fingerprints(lines: bytes, count: int, key: bytes) -> NDArray[np.uint64]:
    """The fingerprints of `count` keys, divided by newlines, in their order."""
    if lines.count(b"\n") + 1 != count:
        raise ValueError("a key holds a newline")
    made: NDArray[np.uint64] = _of_lines(np.frombuffer(lines + LINE_END, np.uint8), count, *key_words(key))
    return made
