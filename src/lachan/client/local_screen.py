"""A bank's own copy of the list: nearly every payment is answered without asking anybody.

Accounts and phones can be enumerated, so a copy hides nothing from its holder: it is keyed for one recipient,
under contract, and revocable. What it cannot rule out is confirmed by a full query; the center sees only those,
about 1 in 65,000 innocent payments.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from lachan.client.screen import CLEAR, Screen, Screened
from lachan.foundation.base import Clock, NotAllowed, NotReady, WallClock
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
from lachan.foundation.identifiers import Kind, names_above, pages_above, parse_key
from lachan.foundation.protocol import PublicKey

# A center's clock may be ahead by this much.
_AHEAD = timedelta(minutes=5)
_NONE: NDArray[np.uint64] = np.empty(0, np.uint64)


class LocalScreen:
    """What of a list is known here. One instance may be used by many threads while one loads files.

    `recipient` and `key` (16 bytes) are what the center gave this bank. `max_age` is how old the newest file may
    be: an older copy refuses to answer, because what it does not know would pass as clear.
    """

    def __init__(
        self,
        recipient: str,
        key: bytes,
        center_keys: Sequence[PublicKey],
        *,
        max_age: timedelta = timedelta(hours=26),
        clock: Clock | None = None,
    ) -> None:
        self._recipient = recipient
        self._key = key
        self._key_id = key_id(key)
        self._center_keys = tuple(center_keys)
        self._max_age = max_age
        self._clock = clock or WallClock()
        self._state: _State | None = None

    @property
    def number(self) -> int:
        """The number of the newest file taken up; 0 before the first."""
        return self._state.number if self._state else 0

    @property
    def sequence(self) -> int:
        """Up to which of the registry's changes the copy knows."""
        return self._state.sequence if self._state else 0

    def load(self, content: bytes) -> int:
        """Take up a file and return its number.

        Refusals, each a `CopyReason`: NOT_A_COPY, BAD_SIGNATURE, OTHER_RECIPIENT, OTHER_KEY, STALE,
        FROM_THE_FUTURE, REPLAYED (the number, or a later one, was taken up before), OUT_OF_ORDER (a delta that
        does not follow the newest number: load the files between, or a filter).
        """
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
        if now - header.issued_at > self._max_age:
            raise NotAllowed(CopyReason.STALE, field="issued_at")
        if state is not None and header.number <= state.number:
            raise NotAllowed(CopyReason.REPLAYED, field="number")
        if isinstance(copy, Filter):
            if state is not None and header.sequence < state.sequence:
                raise NotAllowed(CopyReason.REPLAYED, field="sequence")
            self._state = _State.of(copy)
        elif state is None or header.number != state.number + 1 or header.sequence < state.sequence:
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

    def screen(self, keys: Sequence[str], confirm: Screen) -> list[Screened]:
        """The verdict on each key: clear from here, everything else as the center says."""
        suspects = self.suspects(keys)
        asked = [key for key, suspect in zip(keys, suspects, strict=True) if suspect]
        answers = iter(confirm.screen(asked) if asked else ())
        return [next(answers) if suspect else CLEAR for suspect in suspects]


class _State:
    """One filter and what has changed since; replaced, never changed."""

    __slots__ = ("added", "cells", "issued_at", "number", "removed", "sequence", "shape")

    def __init__(
        self, newest: Filter | Delta, shape: Shape, cells: NDArray[np.uint16], added: NDArray[np.uint64],
        removed: NDArray[np.uint64],
    ) -> None:  # fmt: skip
        self.number: int = newest.header.number
        self.sequence: int = newest.header.sequence
        self.issued_at: datetime = newest.header.issued_at
        self.shape, self.cells, self.added, self.removed = shape, cells, added, removed

    @classmethod
    def of(cls, whole: Filter) -> "_State":
        """The state of a filter alone."""
        return cls(whole, whole.shape, whole.cells, _NONE, _NONE)

    def after(self, delta: Delta) -> "_State":
        """The state after a delta: the last word on a key counts."""
        added = np.union1d(np.setdiff1d(self.added, delta.removed), delta.added)
        removed = np.union1d(np.setdiff1d(self.removed, delta.added), delta.removed)
        return _State(delta, self.shape, self.cells, added, removed)


def _above(key: str) -> list[str]:
    kind = key.partition(":")[0]
    if kind not in (Kind.URL, Kind.DOMAIN):
        return []
    pages = pages_above(key) if kind == Kind.URL else ()
    return [one for one in (*pages, *names_above(key)) if one != key]


def _among(rising: NDArray[np.uint64], marks: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(rising):
        return np.zeros(len(marks), np.bool_)
    places = np.searchsorted(rising, marks)
    places[places == len(rising)] = 0
    found: NDArray[np.bool_] = rising[places] == marks
    return found
