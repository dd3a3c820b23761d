"""Which lines are surely canonical keys, in one compiled call: whoever asks under another spelling must not hear
"clear".

A line passes when `normalise` would return it unchanged or refuse it; a property test holds the two together. Kinds
whose canonical form needs more than a look (links, wallets, apps, …) never pass: the caller asks `parse_key`.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.base.compiled import njit
from lachan.foundation.exchange.fingerprints import BYTES, LINE_END, load_word
from lachan.foundation.identifiers import Kind, parse_key
from lachan.screening.model import ScreenReason

_DIGIT, _UPPER, _LOWER, _HOST, _SENDER, _LOCAL = (np.uint8(1 << bit) for bit in range(6))


def _classes() -> NDArray[np.uint8]:
    classes = np.zeros(256, np.uint8)
    digits, upper, lower = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
    for bits, letters in (
        (_DIGIT, digits), (_UPPER, upper), (_LOWER, lower), (_HOST, digits + lower + "_.-"),
        (_SENDER, digits + upper + "._-"), (_LOCAL, digits + lower + "._%+-"),
    ):  # fmt: skip
        for letter in letters:
            classes[ord(letter)] |= bits
    return classes


_CLASSES = _classes()
_KIND_BYTES_MAX = 7


def _word(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(text.encode(), "little"))


_ACCOUNT, _PHONE, _DOMAIN, _EMAIL, _IP = (
    _word(k.value) for k in (Kind.ACCOUNT, Kind.PHONE, Kind.DOMAIN, Kind.EMAIL, Kind.IP)
)
_SENDER_ID, _IMEI, _CITIZEN, _COMPANY = (
    _word(k.value) for k in (Kind.SENDER, Kind.IMEI, Kind.CITIZEN, Kind.COMPANY)
)
_PUNYCODE = np.uint32(int.from_bytes(b"xn--", "little"))
_COLON, _NEWLINE, _DOT, _DASH, _PLUS, _AT = (np.uint8(ord(c)) for c in ":\n.-+@")
_ZERO, _NINE = np.uint8(ord("0")), np.uint8(ord("9"))
_MOBILE_BYTES = 12
_HOST_BYTES_MAX = 253


@njit
def _all(text, start, stop, bits):  # type: ignore[no-untyped-def]
    for at in range(start, stop):  # noqa: SIM110 (compiled: no generator)
        if _CLASSES[text[at]] & bits == 0:
            return False
    return True


@njit
def _host(text, start, stop):  # type: ignore[no-untyped-def]
    if stop - start < 3 or stop - start > _HOST_BYTES_MAX or text[stop - 1] == _DOT:
        return False
    if not _all(text, start, stop, _HOST):
        return False
    for at in range(start, stop):  # noqa: SIM110
        if np.uint32(load_word(text, at)) == _PUNYCODE:
            return False
    return True


@njit
def _account(text, start, stop):  # type: ignore[no-untyped-def]
    if stop - start > 6 and text[start + 6] == _COLON:
        if not _all(text, start, start + 6, _DIGIT):
            return False
        start += 7
    return 4 <= stop - start <= 19 and _all(text, start, stop, _DIGIT | _UPPER)


@njit
def _mobile(text, start, stop):  # type: ignore[no-untyped-def]
    if stop - start != _MOBILE_BYTES or text[start] != _PLUS or not _all(text, start + 1, stop, _DIGIT):
        return False
    if text[start + 1] != _ZERO + 8 or text[start + 2] != _ZERO + 4:
        return False
    first, second = np.int64(text[start + 3]) - 48, np.int64(text[start + 4]) - 48
    # The mobile prefixes since 2018; every other number may still have moved.
    if first == 3:
        return second >= 2
    if first == 5:
        return second == 2 or second == 5 or second == 6 or second == 8 or second == 9
    if first == 7:
        return second == 0 or second >= 6
    if first == 8:
        return second >= 1
    return first == 9 and second != 5


@njit
def _passes(kind, text, start, stop):  # type: ignore[no-untyped-def]
    size = stop - start
    if kind == _ACCOUNT:
        return _account(text, start, stop)
    if kind == _PHONE:
        return _mobile(text, start, stop)
    if kind == _DOMAIN:
        return _host(text, start, stop)
    if kind == _EMAIL:
        at = start
        while at < stop and text[at] != _AT:
            at += 1
        return at > start and _all(text, start, at, _LOCAL) and at < stop and _host(text, at + 1, stop)
    if kind == _SENDER_ID:
        return 0 < size <= 11 and _all(text, start, stop, _SENDER)
    if kind == _IMEI:
        return size == 15 and _all(text, start, stop, _DIGIT)
    if kind == _CITIZEN:
        return (size == 12 or size == 9) and _all(text, start, stop, _DIGIT)
    if kind == _COMPANY:
        if size == 14:
            return (
                text[start + 10] == _DASH
                and _all(text, start, start + 10, _DIGIT)
                and _all(text, start + 11, stop, _DIGIT)
            )
        return size == 10 and _all(text, start, stop, _DIGIT)
    if kind == _IP:
        for at in range(start, stop):
            if text[at] != _DOT and (text[at] < _ZERO or text[at] > _NINE):
                return False
        return size >= 7
    return False


@njit(types.int64(BYTES, types.int64, types.int64[::1]), cache=True)
def _doubtful(text, count, lines):  # type: ignore[no-untyped-def]
    found = np.int64(0)
    start = np.int64(0)
    for line in range(count):
        at = start
        kind = np.uint64(0)
        while text[at] != _COLON and text[at] != _NEWLINE and at - start <= _KIND_BYTES_MAX:
            kind |= np.uint64(text[at]) << np.uint64(8 * (at - start) & 63)
            at += 1
        stop = at
        while text[stop] != _NEWLINE:
            stop += 1
        if text[at] != _COLON or not _passes(kind, text, at + 1, stop):
            lines[found] = line
            found += 1
        start = stop + 1
    return found


def doubtful(text: bytes, count: int) -> list[int]:
    """The lines that may not be canonical; `text` has `count` lines, the last one open."""
    lines = np.empty(count, np.int64)
    found = _doubtful(np.frombuffer(text + LINE_END, np.uint8), count, lines)
    return lines[:found].tolist() if found else []


def require_canonical(text: bytes, count: int) -> None:
    """Pass, or refuse the first line that is no canonical key: BadInput NOT_CANONICAL, or the kind's."""
    suspects = doubtful(text, count)
    if not suspects:
        return
    lines = text.split(b"\n")
    for line in suspects:
        try:
            parse_key(lines[line].decode())
        except BadInput as error:
            reason = ScreenReason.NOT_CANONICAL if error.reason is InputReason.MALFORMED else error.reason
            raise BadInput(reason, field=f"line {line + 1}", **error.params) from error
