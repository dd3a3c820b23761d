"""Facts as they come, kept as arrays, so that the open segment is put in order within milliseconds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.columns import Int64, arrays_of
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import Transfer
from lachan.ledger.segments.model import OpenIds, Part, Reference, Segment, columns_from
from lachan.ledger.segments.references import segment_edges


class Gathering:
    """Facts in the order in which they came, as arrays that are put in the order of transfers when asked for.

    What comes in order, as most does, is written behind the others and never touched again.
    """

    def __init__(self, rows_before: int) -> None:
        self.transfers: list[Transfer] = []
        self._rows_before = rows_before
        self._arrivals: dict[str, int] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._about: list[Reference] = []  # with arrivals for places
        self._in_order = True

    def add(self, new: Sequence[Transfer], numbers: Mapping[str, int]) -> None:
        """New facts; `numbers` are those of the accounts."""
        start = len(self.transfers)
        self.transfers += new
        self._arrivals |= {one.id: start + place for place, one in enumerate(new)}
        rows = np.arange(len(new), dtype=np.int64) + self._rows_before + start + 1
        self._about += [
            Reference(arrival, one.reverses or one.corrects or "", bool(one.reverses))
            for arrival, one in enumerate(new, start) if one.reverses or one.corrects
        ]  # fmt: skip
        for name, array in arrays_of(new, rows, numbers).items():
            self._arrays[name] = _behind(self._arrays.get(name), start, array)
        at, end = max(start - 1, 0), len(self.transfers)
        self._in_order &= is_ordered(self._arrays["booked_us"][at:end], self._arrays["sequence"][at:end])

    def transfer(self, identity: str) -> Transfer | None:
        """The fact of this id, if it is here."""
        arrival = self._arrivals.get(identity)
        return None if arrival is None else self.transfers[arrival]

    def ordered(self) -> tuple[dict[str, NDArray[Any]], Int64, Int64]:
        """The arrays in the order of transfers; what came when, in that order; and where each came to stand."""
        arrays = {name: array[: len(self.transfers)] for name, array in self._arrays.items()}
        order = places = np.arange(len(self.transfers))
        if not self._in_order:
            order = np.lexsort((arrays["row"], arrays["sequence"], arrays["booked_us"]))
            places = np.empty(len(order), np.int64)
            places[order] = np.arange(len(order))
            arrays = {name: array[order] for name, array in arrays.items()}
        return arrays, order, places

    def part(self, base: int) -> Part:
        """The open transfers as of now, the first with the ledger's number `base`."""
        arrays, order, places = self.ordered()
        about = [one._replace(place=int(places[one.place])) for one in self._about]
        return Part(base, columns_from(arrays), OpenIds(self.transfers, self._arrivals, order, places), about)

    def segment(self, base: int, accounts: int) -> Segment:
        """The open segment as of now, when there are `accounts` accounts. ValueError as `edges_of`."""
        part = self.part(base)
        edges = segment_edges(part.columns, part.about, part.ids.place, accounts)
        return Segment(None, base, part.columns, edges, part.ids, part.about)


def _behind(array: NDArray[Any] | None, start: int, more: NDArray[Any]) -> NDArray[Any]:
    """The array with more written behind its first `start`; a longer one where it has no room."""
    needed = start + len(more)
    if array is None or needed > len(array):
        longer = np.empty(max(2 * needed, 1024), more.dtype)
        if array is not None:
            longer[:start] = array[:start]
        array = longer
    array[start:needed] = more
    return array
