"""A segment in memory, whether mapped from disk or open; and how the disk's manifest names it."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Transfers of one day; `day` is None for the open one, which may hold several.

    Accounts have the ledger's numbers; `reverses` and `corrects` are numbers of the ledger's transfers, of which
    the first here is `base`. The columns' own `accounts` and `ids` are empty: ask the ledger, and `ids`.
    """

    day: date | None
    base: int
    columns: Columns
    edges: Edges
    ids: Ids | OpenIds


class Part(NamedTuple):
    """Transfers without their edges: a segment's, or those of the open one."""

    base: int
    columns: Columns
    ids: Ids | OpenIds


def columns_from(arrays: Mapping[str, NDArray[Any]]) -> Columns:
    """Columns whose accounts and ids the ledger keeps."""
    return Columns(**{name: frozen(array) for name, array in arrays.items()}, accounts=(), ids=())


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
