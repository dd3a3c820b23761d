"""The filter never forgets a key; fingerprints are SipHash-1-3; files are read back as they were written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.exchange import build, contains, fingerprints

MASK = (1 << 64) - 1
KEY = bytes(range(16))


def rotated(word: int, by: int) -> int:
    return ((word << by) | (word >> (64 - by))) & MASK


def siphash13(key: bytes, message: bytes) -> int:
    """The published algorithm, slowly."""
    k0, k1 = (int.from_bytes(part, "little") for part in (key[:8], key[8:]))
    v0, v1 = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D
    v2, v3 = k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573

    def turn() -> None:
        nonlocal v0, v1, v2, v3
        v0, v2 = (v0 + v1) & MASK, (v2 + v3) & MASK
        v1, v3 = rotated(v1, 13) ^ v0, rotated(v3, 16) ^ v2
        v0, v2 = (rotated(v0, 32) + v3) & MASK, (v2 + v1) & MASK
        v3, v1 = rotated(v3, 21) ^ v0, rotated(v1, 17) ^ v2
        v2 = rotated(v2, 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v3 ^= word
        turn()
        v0 ^= word
    v2 ^= 0xFF
    for _ in range(3):
        turn()
    return v0 ^ v1 ^ v2 ^ v3


lines = st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"\x0b"))


@given(st.binary(min_size=16, max_size=16), st.lists(lines, min_size=1, max_size=20))
def test_fingerprints_are_siphash_of_each_line(key: bytes, texts: list[bytes]) -> None:
    made = fingerprints(b"\n".join(texts), len(texts), key)
    assert made.tolist() == [siphash13(key, text) for text in texts]


def test_long_lines_too() -> None:
    texts = [bytes([65 + size % 26]) * size for size in (0, 255, 256, 257, 1000, 5000)]
    assert fingerprints(b"\n".join(texts), len(texts), KEY).tolist() == [siphash13(KEY, text) for text in texts]


def test_a_newline_in_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="newline"):
        fingerprints(b"a\nb", 1, KEY)


@given(st.sets(st.integers(0, MASK), max_size=400))
def test_a_filter_forgets_nothing(members: set[int]) -> None:
    marks = np.array(sorted(members), np.uint64)
    shape, cells = build(marks)
    assert contains(shape, cells, marks).all()


@pytest.mark.parametrize(("count", "most"), [(1_000, 1.45), (30_000, 1.25), (300_000, 1.2)])
def test_a_filter_is_small_and_seldom_wrong(count: int, most: float) -> None:
    random = np.random.default_rng(count)
    marks = np.unique(random.integers(0, MASK, count, np.uint64, endpoint=True))
    shape, cells = build(marks)
    assert contains(shape, cells, marks).all()
    strangers = random.integers(0, MASK, 2_000_000, np.uint64, endpoint=True)
    assert contains(shape, cells, strangers).mean() < 4e-5
    assert cells.nbytes * 8 <= most * 16 * count


def test_marks_that_repeat_cannot_be_laid_out() -> None:
    with pytest.raises(ValueError, match="distinct"):
        build(np.array([7, 7, 8], np.uint64))
