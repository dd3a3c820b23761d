"""Every key of the registry in one text in memory, newest first: any fragment is found by reading through it.

A million keys are some 30 MB, read in hundredths of a second; no table and no extension of either store is needed,
and nothing has to be kept up to date but the end. A key never changes and its entry is never taken away, and the
ids of entries rise with time: what is older than `_SETTLED` is read from the record once, the rest at every search.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import BadInput, WallClock
from lachan.foundation.identifiers import caption, parse_key
from lachan.foundation.identifiers.text import fold
from lachan.registry.search.reading import Fragments
from lachan.registry.tables import entry

# An id is given before its transaction commits, on a machine whose clock may run a little late.
_SETTLED = timedelta(minutes=2)
# So many young keys are read again at each search; then they are put with the rest.
_YOUNG_MOST = 5_000
_ROWS = 20_000
_END = b"\n"
_FOLDED = b"\t"


@dataclass(frozen=True, slots=True)
class Hit:
    """A key that fits. `after` is the place from which a next page goes on."""

    key: str
    after: str


class Finder:
    """The text of all keys. One for a process; safe to share between threads. Empty until it is first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._old = _END
        self._read_to = ""

    def find(
        self, conn: Connection, either: Sequence[Fragments], *, kind: str = "", after: str = ""
    ) -> Iterator[Hit]:
        """The keys that hold any of these fragments, the first alternative's first, newest first in each."""
        text = self._text(conn)
        number, _, key = after.partition("~")
        begin = int(number) if number.isdigit() else 0
        for alternative in range(begin, len(either)):
            known = key if alternative == begin else ""
            for line in _lines(text, either[alternative], kind, known):
                if not any(_holds(line, earlier) for earlier in either[:alternative]):
                    found = line.partition(_FOLDED)[0].decode()
                    yield Hit(found, f"{alternative}~{found}")

    def _text(self, conn: Connection) -> bytes:
        settled = _first_id_of((WallClock().now() - _SETTLED).timestamp())
        with self._lock:
            old, read_to = self._old, self._read_to
        young, mature, count = [], [], 0
        query = sa.select(entry.c.id, entry.c.key).where(entry.c.id >= read_to).order_by(entry.c.id.desc())
        for rows in conn.execute(query.execution_options(yield_per=_ROWS)).partitions():
            count += len(rows)
            young.append(_joined(key for one, key in rows if one >= settled))
            mature.append(_joined(key for one, key in rows if one < settled))
        if not count:
            return old
        settled_text = b"".join([_END, *mature, memoryview(old)[1:]])
        if count > _YOUNG_MOST:
            with self._lock:
                if self._read_to == read_to:
                    self._old, self._read_to = settled_text, settled
        return b"".join([_END, *young, memoryview(settled_text)[1:]])


def _first_id_of(seconds: float) -> str:
    """The least record id that was given at or after this wall-clock time (UUIDv7: milliseconds first)."""
    digits = f"{int(seconds * 1_000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _joined(keys: Iterable[str]) -> bytes:
    text = "".join([f"{key}\n" if key.islower() and "xn--" not in key else _with_folded(key) for key in keys])
    return text.encode()


def _with_folded(key: str) -> str:
    """Capitals and punycode: people type small letters without accents."""
    shown = fold(caption(key)) if "xn--" in key and _reads(key) else key.lower()
    return f"{key}\n" if shown == key else f"{key}\t{shown}\n"


def _reads(key: str) -> bool:
    """Whether the key is one by today's rules; an older one is still found by its own letters."""
    try:
        parse_key(key)
    except BadInput:
        return False
    return True


def _lines(text: bytes, fragments: Fragments, kind: str, after: str) -> Iterator[bytes]:
    """The lines that hold all fragments, from the one behind `after` on."""
    start = f"{kind}:".encode() if kind else b""
    at = _place_behind(text, after) if after else 0
    # A beginning like `account:970436:` stands in many lines: look for the rest.
    sought = max(fragments, key=lambda one: (not one.endswith(":"), len(one))).encode()
    while (hit := text.find(sought, at)) >= 0:
        begin = text.rfind(_END, 0, hit) + 1
        end = text.find(_END, hit)
        line = text[begin:end]
        if line.startswith(start) and _holds(line, fragments):
            yield line
        at = end


def _place_behind(text: bytes, key: str) -> int:
    for ending in (_END, _FOLDED):
        found = text.find(_END + key.encode() + ending)
        if found >= 0:
            return text.find(_END, found + 1)
    return len(text)


def _holds(line: bytes, fragments: Fragments) -> bool:
    return all(one.encode() in line for one in fragments)
