"""Every key of the registry in one text in memory, newest first: any fragment is found by reading through it.

A million keys are some 30 MB, read in hundredths of a second; no table and no extension of either store is needed,
and nothing has to be kept up to date but the end. A key never changes and its entry is never taken away, and the
ids of entries rise with time: what is older than `_SETTLED` is read from the record once, the rest at every search.
"""

import re
import threading
from collections.abc import Iterator, Sequence
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
_END = b"\n"
_FOLDED = b"\t"
# Capitals and punycode: people type small letters without accents.
_OTHERWISE_WRITTEN = re.compile(rb"^.*(?:[A-Z]|xn--).*$", re.MULTILINE)


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
        texts = self._texts(conn)
        number, _, key = after.partition("~")
        begin = int(number) if number.isascii() and number.isdigit() else 0
        for alternative in range(begin, len(either)):
            known = key if alternative == begin else ""
            for line in _lines(texts, either[alternative], kind, known):
                if not any(_holds(line, earlier) for earlier in either[:alternative]):
                    found = line.partition(_FOLDED)[0].decode()
                    yield Hit(found, f"{alternative}~{found}")

    def _texts(self, conn: Connection) -> tuple[bytes, bytes]:
        """The keys that may still get neighbours, and all others; each text begins and ends with a line's end."""
        settled = _first_id_of((WallClock().now() - _SETTLED).timestamp())
        with self._lock:
            old, read_to = self._old, self._read_to
        if settled > read_to:
            ripe = _text(conn, sa.and_(entry.c.id >= read_to, entry.c.id < settled))
            old = ripe + old[1:] if ripe != _END else old
            with self._lock:
                if self._read_to == read_to:
                    self._old, self._read_to = old, settled
        return _text(conn, entry.c.id >= max(settled, read_to)), old


def _first_id_of(seconds: float) -> str:
    """The least record id that was given at or after this wall-clock time (UUIDv7: milliseconds first)."""
    digits = f"{int(seconds * 1_000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def _text(conn: Connection, which: sa.ColumnElement[bool]) -> bytes:
    """The keys of these entries, a line each; put together by the store, which is quicker than row by row."""
    rows = sa.select(entry.c.key).where(which).order_by(entry.c.id.desc()).subquery()
    said = conn.execute(sa.select(sa.func.aggregate_strings(rows.c.key, _END.decode()))).scalar_one_or_none()
    if not said:
        return _END
    return _END + _OTHERWISE_WRITTEN.sub(_with_folded, said.encode()) + _END


def _with_folded(found: re.Match[bytes]) -> bytes:
    key = found[0].decode()
    shown = fold(caption(key)) if "xn--" in key and _reads(key) else key.lower()
    return found[0] if shown == key else found[0] + _FOLDED + shown.encode()


def _reads(key: str) -> bool:
    """Whether the key is one by today's rules; an older one is still found by its own letters."""
    try:
        parse_key(key)
    except BadInput:
        return False
    return True


def _lines(texts: Sequence[bytes], fragments: Fragments, kind: str, after: str) -> Iterator[bytes]:
    """The lines that hold all fragments, from the one behind `after` on."""
    start = f"{kind}:".encode() if kind else b""
    # A beginning like `account:970436:` stands in many lines: look for the rest.
    sought = max(fragments, key=lambda one: (not one.endswith(":"), len(one))).encode()
    waiting = bool(after)
    for text in texts:
        at = _place_behind(text, after) if waiting else 0
        if at is None:
            continue
        waiting = False
        while (hit := text.find(sought, at)) >= 0:
            begin = text.rfind(_END, 0, hit) + 1
            at = text.find(_END, hit)
            line = text[begin:at]
            if line.startswith(start) and _holds(line, fragments):
                yield line


def _place_behind(text: bytes, key: str) -> int | None:
    """Where the line of a key ends; None where it has none."""
    for ending in (_END, _FOLDED):
        found = text.find(_END + key.encode() + ending)
        if found >= 0:
            return text.find(_END, found + 1)
    return None


def _holds(line: bytes, fragments: Fragments) -> bool:
    return all(one.encode() in line for one in fragments)
