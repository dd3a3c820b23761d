"""A bank's own copy of the list: nearly every payment is answered without asking anybody.

Accounts and phones can be enumerated, so a copy hides nothing from its holder: it is keyed for one recipient,
under contract, and revocable. What it cannot rule out is confirmed by a full query; the center sees only those,
about 1 in 65,000 innocent payments.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import numpy as np
from numpy.typing import NDArray

from lachan.client.connection import ATTEMPTS, Authorised
from lachan.client.copy_folder import CopyFolder, number_of
from lachan.client.errors import Conflicting
from lachan.client.screen import CLEAR, Screen, Screened
from lachan.foundation.base import Clock, LachanError, NotAllowed, NotReady, WallClock
from lachan.foundation.exchange import (
    CopyReason,
    Delta,
    Filter,
    Shape,
    contains,
    fingerprints,
    key_id,
    read_copy,
)
from lachan.foundation.identifiers import Kind, names_above, other_scheme, pages_above, parse_key
from lachan.foundation.protocol import PublicKey

# A center's clock may be ahead by this much.
_AHEAD = timedelta(minutes=5)
_NONE: NDArray[np.uint64] = np.empty(0, np.uint64)
MAX_AGE = timedelta(hours=26)
# So many deltas on disk are replaced by one that leads on from the whole list.
DELTAS_MAX = 100
# The center's word for "no delta leads on from there".
_TOO_FAR_BEHIND = "copy_too_far_behind"
_WHOLE, _DELTAS = "/v1/registry/snapshot", "/v1/registry/snapshot/deltas"
_log = logging.getLogger("lachan.client")


class LocalScreen:
    """What of a list is known here. One instance may be used by many threads while one refreshes it.

    `recipient` and `key` (16 bytes) are what the center gave this bank. `max_age` is how old the newest file may
    be: an older copy refuses to answer, because what it does not know would pass as clear. `open` keeps files in a
    folder and fetches them; made directly, it knows what `load` was given.
    """

    def __init__(
        self,
        recipient: str,
        key: bytes,
        center_keys: Sequence[PublicKey],
        *,
        max_age: timedelta = MAX_AGE,
        clock: Clock | None = None,
    ) -> None:
        self._recipient = recipient
        self._key = key
        self._key_id = key_id(key)
        self._center_keys = tuple(center_keys)
        self._max_age = max_age
        self._clock = clock or WallClock()
        self._state: _State | None = None
        self._source: _Source | None = None

    @classmethod
    def open(
        cls,
        folder: Path | str,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        recipient: str,
        key: bytes,
        center_keys: Sequence[PublicKey],
        max_age: timedelta = MAX_AGE,
        clock: Clock | None = None,
        timeout_s: float = 60.0,
        attempts: int = ATTEMPTS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Self:
        """A copy in a folder, with what was fetched before; `refresh` fetches. Processes may share the folder."""
        made = cls(recipient, key, center_keys, max_age=max_age, clock=clock)
        made._source = _Source(
            CopyFolder(Path(folder)),
            Authorised(
                base_url, client_id, client_secret,
                timeout_s=timeout_s, attempts=attempts, transport=transport, sleep=sleep,
            ),
            Screen(base_url, client_id, client_secret, attempts=attempts, transport=transport, sleep=sleep),
        )  # fmt: skip
        with made._source.files.only_writer():
            made._read(made._source.files)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the sockets back."""
        if self._source:
            self._source.connection.close()
            self._source.confirm.close()

    @property
    def number(self) -> int:
        """The number of the newest file taken up; 0 before the first."""
        return self._state.number if self._state else 0

    @property
    def sequence(self) -> int:
        """Up to which of the registry's changes the copy knows."""
        return self._state.sequence if self._state else 0

    def refresh(self) -> int:
        """Fetch what is new and return the number; call it every few seconds, and again after an error.

        ClientErrors when the center cannot be asked or hands nothing out (`copy_revoked`); the refusals of `load`
        when what came is not the next true file. Then everything is as before.
        """
        if self._source is None:
            raise ValueError("made without a center: open it in a folder")
        files, connection = self._source.files, self._source.connection
        with self._source.lock, files.only_writer():
            self._read(files)
            if not self._follow(files, connection):
                content = connection.fetch(_WHOLE) or b""
                files.keep_filter(self.load(content), content)
                # What came after it was made is small.
                self._follow(files, connection)
        return self.number

    def _follow(self, files: CopyFolder, connection: Authorised) -> bool:
        """Take up the delta to the newest number, if there is one; False where only a whole list helps."""
        state = self._state
        if state is None:
            return False
        try:
            content = connection.fetch(_DELTAS, {"after": str(state.number)})
            replaces = content is not None and len(files.deltas(state.filter_number)) >= DELTAS_MAX
            if replaces:
                content = connection.fetch(_DELTAS, {"after": str(state.filter_number)})
        except Conflicting as refused:
            if refused.reason != _TOO_FAR_BEHIND:
                raise
            return False
        if content is not None:
            files.keep_delta(self.load(content), content, replaces=replaces)
        return True

    def _read(self, files: CopyFolder) -> None:
        """Take up what the folder holds and is not known yet; what is refused there is removed and fetched anew.

        How old a file is does not count here: the newest one's age does, when somebody asks.
        """
        whole = files.filter()
        if whole and number_of(whole) > self.number:
            self._read_file(files, whole)
        for path in files.deltas(self.number):
            if not self._read_file(files, path):
                return

    def _read_file(self, files: CopyFolder, path: Path) -> bool:
        try:
            self._take(path.read_bytes(), timedelta.max)
        except (LachanError, OSError) as refused:
            _log.warning("%s is not taken up: %s", path.name, refused)
            files.drop(path)
            return False
        return True

    def load(self, content: bytes) -> int:
        """Take up a file and return its number.

        Refusals, each a `CopyReason`: NOT_A_COPY, BAD_SIGNATURE, OTHER_RECIPIENT, OTHER_KEY, STALE,
        FROM_THE_FUTURE, REPLAYED (the number, or a later one, was taken up before), OUT_OF_ORDER (a delta that
        does not follow the newest number, nor the filter's: load the files between, or a filter).
        """
        return self._take(content, self._max_age)

    def _take(self, content: bytes, max_age: timedelta) -> int:
        now = self._clock.now()
        keys = [key.raw for key in self._center_keys if key.valid_at(now)]
        copy = read_copy(content, keys)
        header, state = copy.header, self._state
        if header.recipient != self._recipient:
            raise NotAllowed(CopyReason.OTHER_RECIPIENT, field="recipient")
        if header.key_id != self._key_id:
            raise NotAllowed(CopyReason.OTHER_KEY, field="key_id")
        if header.issued_at > now + _AHEAD:
            raise NotAllowed(CopyReason.FROM_THE_FUTURE, field="issued_at")
        if now - header.issued_at > max_age:
            raise NotAllowed(CopyReason.STALE, field="issued_at")
        if state is not None and header.number <= state.number:
            raise NotAllowed(CopyReason.REPLAYED, field="number")
        if isinstance(copy, Filter):
            if state is not None and header.sequence < state.sequence:
                raise NotAllowed(CopyReason.REPLAYED, field="sequence")
            self._state = _State.of(copy)
        elif (
            state is None
            or header.follows not in (state.number, state.filter_number)
            or header.sequence < state.sequence
        ):
            raise NotAllowed(CopyReason.OUT_OF_ORDER, field="number")
        else:
            self._state = state.after(copy)
        return header.number

    def suspects(self, keys: Sequence[str]) -> list[bool]:
        """Which canonical keys may be listed: those that are always, of the others about 1 in 65,536.

        A link or a name is suspect also where a page or name above it may be listed; whether that one speaks for
        it, the center knows.

        BadInput for a key that is not canonical: it would pass as clear. NotReady STALE without a fresh copy.
        """
        state = self._state
        if state is None or self._clock.now() - state.issued_at > self._max_age:
            raise NotReady(CopyReason.STALE)
        if not keys:
            return []
        for key in keys:
            parse_key(key)
        above = [(number, one) for number, key in enumerate(keys) for one in _above(key)]
        text = "\n".join((*keys, *(one for _, one in above)))
        marks = fingerprints(text.encode(), len(keys) + len(above), self._key)
        listed = _among(state.added, marks) | contains(state.shape, state.cells, marks)
        suspects: list[bool] = (listed & ~_among(state.removed, marks)).tolist()
        found = suspects[: len(keys)]
        for (number, _), suspect in zip(above, suspects[len(keys) :], strict=True):
            found[number] |= suspect
        return found

    def screen(self, keys: Sequence[str], confirm: Screen | None = None) -> list[Screened]:
        """The verdict on each key: clear from here, everything else as the center says (`POST /v1/screen`).

        `confirm` asks the center, where the copy was not opened in a folder or another connection shall be used.
        """
        suspects = self.suspects(keys)
        asked = [key for key, suspect in zip(keys, suspects, strict=True) if suspect]
        confirm = confirm or (self._source.confirm if self._source else None)
        if asked and confirm is None:
            raise ValueError("made without a center: say how to confirm")
        answers = iter(confirm.screen(asked) if asked and confirm else ())
        return [next(answers) if suspect else CLEAR for suspect in suspects]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where files are kept and fetched, and who confirms."""

    files: CopyFolder
    connection: Authorised
    confirm: Screen
    lock: threading.Lock = field(default_factory=threading.Lock)


class _State:
    """One filter and what has changed since; replaced, never changed."""

    __slots__ = ("added", "cells", "filter_number", "issued_at", "number", "removed", "sequence", "shape")

    def __init__(
        self, newest: Filter | Delta, filter_number: int, shape: Shape, cells: NDArray[np.uint16],
        added: NDArray[np.uint64], removed: NDArray[np.uint64],
    ) -> None:  # fmt: skip
        self.filter_number = filter_number
        self.number: int = newest.header.number
        self.sequence: int = newest.header.sequence
        self.issued_at: datetime = newest.header.issued_at
        self.shape, self.cells, self.added, self.removed = shape, cells, added, removed

    @classmethod
    def of(cls, whole: Filter) -> "_State":
        """The state of a filter alone."""
        return cls(whole, whole.header.number, whole.shape, whole.cells, _NONE, _NONE)

    def after(self, delta: Delta) -> "_State":
        """The state after a delta: the last word on a key counts; one that follows the filter stands alone."""
        added, removed = delta.added, delta.removed
        if delta.header.follows == self.number:
            added = np.union1d(np.setdiff1d(self.added, removed), added)
            removed = np.union1d(np.setdiff1d(self.removed, delta.added), removed)
        return _State(delta, self.filter_number, self.shape, self.cells, added, removed)


def _above(key: str) -> list[str]:
    kind = key.partition(":")[0]
    if kind not in (Kind.URL, Kind.DOMAIN):
        return []
    twin = other_scheme(key)
    twins = (twin, *pages_above(twin)) if twin is not None else ()
    pages = pages_above(key) if kind == Kind.URL else ()
    return [one for one in (*twins, *pages, *names_above(key)) if one != key]


def _among(rising: NDArray[np.uint64], marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(rising):
        return np.zeros(len(marks), np.bool_)
    places = np.searchsorted(rising, marks)
    places[places == len(rising)] = 0
    found: NDArray[np.bool_] = rising[places] == marks
    return found
