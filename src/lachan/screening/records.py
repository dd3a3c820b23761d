"""Changes as the bytes of records, and back. The layout stands in `kernel.py`."""

import os
import struct
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lachan.registry import Change, Verdict
from lachan.screening.kernel import HEAD_BYTES, NEVER_US, VERDICT_SHIFT
from lachan.screening.model import Screened

_HEAD = struct.Struct("<qqHHHBB")
assert _HEAD.size == HEAD_BYTES  # noqa: S101 (the two descriptions of one layout agree)
_VERDICTS = tuple(Verdict)
_CODES = {verdict.value: code for code, verdict in enumerate(_VERDICTS)}
TEXT_BYTES_MAX = 65_535
Read = Callable[[int, int], bytes]
"""So many bytes of records from a place, fewer where they end."""
# A record has about 110 bytes.
_USUAL_BYTES = 256


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970."""
    # Seconds as a float round to the right microsecond until the year 2106.
    return round(instant.timestamp() * 1_000_000)


def encode(changes: Sequence[Change], base: int) -> tuple[bytes, NDArray[np.uint64]]:
    """The records of changes, one behind the other, and their references when the first stands at `base`.

    ValueError for a key with a newline, a text over 65,535 bytes, or a verdict that there is not.
    """
    parts: list[bytes] = []
    references = np.empty(len(changes), np.uint64)
    at = base
    for number, change in enumerate(changes):
        key, entry, reasons = change.key.encode(), change.entry_id.encode(), "\n".join(change.reasons).encode()
        if b"\n" in key or max(len(key), len(entry), len(reasons)) > TEXT_BYTES_MAX:
            raise ValueError("a key holds a newline, or a text is too long")
        code = _CODES[change.verdict]
        until = NEVER_US if change.until is None else microseconds(change.until)
        parts += (
            _HEAD.pack(until, change.sequence, len(key), len(entry), len(reasons), code, 0), key, entry, reasons
        )  # fmt: skip
        references[number] = code << VERDICT_SHIFT | at
        at += HEAD_BYTES + len(key) + len(entry) + len(reasons)
    return b"".join(parts), references


def reader(path: Path) -> Read:
    """Reads records one by one. Not through a map: what was read once would stay in this process's memory."""
    handle = os.open(path, os.O_RDONLY)

    def read(size: int, offset: int) -> bytes:
        return os.pread(handle, size, offset)

    # Not at the end of the process: a thread may still be looking up, and the system closes it anyway.
    weakref.finalize(read, os.close, handle).atexit = False
    return read


def decode(read: Read, offset: int, key: bytes, now_us: int) -> Screened | None:
    """The answer that a record holds; none when it is of another key or past its end."""
    record = read(_USUAL_BYTES, offset)
    until, _, key_bytes, entry_bytes, reasons_bytes, code, _ = _HEAD.unpack_from(record)
    entry_at = HEAD_BYTES + key_bytes
    reasons_at = entry_at + entry_bytes
    end = reasons_at + reasons_bytes
    if end > len(record):
        record = read(end, offset)
    if until <= now_us or key_bytes != len(key) or not record.startswith(key, HEAD_BYTES):
        return None
    return Screened(
        _VERDICTS[code], _reasons(record[reasons_at:end]), record[entry_at:reasons_at].decode() or None
    )  # fmt: skip


@lru_cache(1024)
def _reasons(text: bytes) -> tuple[str, ...]:
    return tuple(text.decode().split("\n")) if text else ()


def latest(changes: Iterable[Change], after: int) -> tuple[list[Change], int]:
    """Of each key its last change after a sequence; and the highest sequence.

    ValueError unless the sequences rise. Changes of one sequence come in one call.
    """
    kept: dict[str, Change] = {}
    highest = after
    for change in changes:
        if change.sequence <= after:
            continue
        if change.sequence < highest:
            raise ValueError("changes must come in the order of their sequence")
        highest = change.sequence
        kept[change.key] = change
    return list(kept.values()), highest
