"""A segment in memory, whether mapped from disk or open; and how the disk's manifest names it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base.mapped import File
from lachan.ledger.columns import NOWHERE, Columns, Int64, frozen
from lachan.ledger.edges import Edges
from lachan.ledger.model import Transfer

Marks = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Closed:
    """One segment as the manifest names it. Its transfers are numbers `base` and following of the whole ledger."""

    day: str
    name: str
    base: int
    rows: int
    files: Mapping[str, File]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the ledger's columns are, authenticated with the instance's secret.

    `mark`: up to which message of what they come from nothing is missing here.
    """

    format: int
    number: int
    accounts_file: str
    accounts: tuple[File, ...]
    segments: tuple[Closed, ...]
    mark: int = 0
    mac: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ids:
    """The ids of a segment's transfers, read as they are asked for: `marks` in order, and whose each is."""

    text: NDArray[np.uint8]
    ends: NDArray[np.int64]
    marks: Marks
    order: NDArray[np.int32]

    def __getitem__(self, place: int) -> str:
        start = int(self.ends[place - 1]) if place else 0
        return self.text[start : int(self.ends[place])].tobytes().decode()

    def place(self, identity: str) -> int:
        """Where the transfer of this id stands; -1 where it is not here."""
        mark = marks_of([identity])
        first, stop = (int(np.searchsorted(self.marks, mark, side)[0]) for side in ("left", "right"))
        return next((place for place in self.order[first:stop].tolist() if self[place] == identity), NOWHERE)

    def marked(self, marks: Marks) -> NDArray[np.bool_]:
        """Which of these marks some id here has."""
        if not len(self.marks):
            return np.zeros(len(marks), np.bool_)
        at = np.searchsorted(self.marks, marks).clip(0, len(self.marks) - 1)
        found: NDArray[np.bool_] = self.marks[at] == marks
        return found


@dataclass(frozen=True, slots=True, eq=False)
class OpenIds:
    """The ids of the open segment: by place through the order, and by id through the arrival."""

    transfers: Sequence[Transfer]
    arrivals: Mapping[str, int]
    order: Int64
    places: Int64

    def __getitem__(self, place: int) -> str:
        return self.transfers[int(self.order[place])].id

    def place(self, identity: str) -> int:
        """Where the transfer of this id stands; -1 where it is not here."""
        arrival = self.arrivals.get(identity, len(self.places))
        return int(self.places[arrival]) if arrival < len(self.places) else NOWHERE


class Reference(NamedTuple):
    """What the transfer at `place` reverses (`undoes`) or corrects, by the id that it names."""

    place: int
    named: str
    undoes: bool


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """The references of a closed segment, by place, as what they name is told: perhaps later, perhaps never."""

    place: NDArray[np.int32]
    undoes: NDArray[np.uint8]
    text: NDArray[np.uint8]
    ends: NDArray[np.int64]

    def __iter__(self) -> Iterator[Reference]:
        start = 0
        for place, undoes, end in zip(self.place.tolist(), self.undoes.tolist(), self.ends.tolist(), strict=True):
            yield Reference(place, self.text[start:end].tobytes().decode(), bool(undoes))
            start = end


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Transfers of one day; `day` is None for the open one, which may hold several.

    Accounts have the ledger's numbers, the first transfer here the ledger's number `base`. The columns' own
    `accounts` and `ids` are empty: ask the ledger, and `ids`. So are `reverses` and `corrects`: `about` has them.
    The edges know of what is undone here, and that a reversal is one.
    """

    day: date | None
    base: int
    columns: Columns
    edges: Edges
    ids: Ids | OpenIds
    about: Iterable[Reference]


class Part(NamedTuple):
    """Transfers without their edges: a segment's, or those of the open one."""

    base: int
    columns: Columns
    ids: Ids | OpenIds
    about: Iterable[Reference]


def columns_from(arrays: Mapping[str, NDArray[Any]]) -> Columns:
    """Columns whose accounts and ids the ledger keeps; where they do not say it, they refer to nothing."""
    nothing = np.broadcast_to(np.int64(NOWHERE), len(arrays["row"]))
    whole = {"reverses": nothing, "corrects": nothing, **arrays}
    return Columns(**{name: frozen(array) for name, array in whole.items()}, accounts=(), ids=())


def marks_of(ids: Sequence[str]) -> Marks:
    """A number for each id, by which it is soon found; others may have the same."""
    return np.fromiter((crc32(one.encode()) for one in ids), np.uint32, len(ids))


def id_arrays(ids: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays of `Ids`."""
    texts, marks = [one.encode() for one in ids], marks_of(ids)
    order = np.argsort(marks, kind="stable")
    return {
        "text": np.frombuffer(b"".join(texts), np.uint8),
        "ends": np.cumsum([len(one) for one in texts], dtype=np.int64),
        "marks": marks[order],
        "order": order.astype(np.int32),
    }


def reference_arrays(about: Iterable[Reference]) -> dict[str, NDArray[Any]]:
    """The arrays of `References`."""
    listed = list(about)
    texts = [one.named.encode() for one in listed]
    return {
        "place": np.array([one.place for one in listed], np.int32),
        "undoes": np.array([one.undoes for one in listed], np.uint8),
        "text": np.frombuffer(b"".join(texts), np.uint8),
        "ends": np.cumsum([len(one) for one in texts], dtype=np.int64),
    }
