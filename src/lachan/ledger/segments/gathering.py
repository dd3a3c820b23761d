"""Facts as they come, kept as arrays, so that the open segment is put in order within milliseconds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.columns import NOWHERE, Int64, arrays_of
from lachan.ledger.edges import edges_of
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import Transfer
from lachan.ledger.segments.model import OpenIds, Part, Segment, columns_from


class Gathering:
    """Facts in the order in which they came, as arrays that are put in the order of transfers when asked for.

    What comes in order, as most does, is written behind the others and never touched again.
    """

    def __init__(self, rows_before: int) -> None:
        self.transfers: list[Transfer] = []
        self._rows_before = rows_before
        self._arrivals: dict[str, int] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._in_order = True
        self._refer_here = False

    def add(self, new: Sequence[Transfer], numbers: Mapping[str, int], find: Callable[[str], int]) -> None:
        """New facts; `numbers` are those of the accounts, `find` knows the closed transfers."""
        start = len(self.transfers)
        self.transfers += new
        self._arrivals |= {one.id: start + place for place, one in enumerate(new)}
        rows = np.arange(len(new), dtype=np.int64) + self._rows_before + start + 1

        def place_of(named: str) -> int:
            arrival = self._arrivals.get(named)
            # What is open has no number yet: -2 is the first that came, -3 the second.
            return find(named) if arrival is None else -2 - arrival

        arrays = arrays_of(new, rows, numbers, place_of)
        self._refer_here |= bool((arrays["reverses"] < NOWHERE).any() or (arrays["corrects"] < NOWHERE).any())
        for name, array in arrays.items():
            self._arrays[name] = _behind(self._arrays.get(name), start, array)
        at, end = max(start - 1, 0), len(self.transfers)
        self._in_order &= is_ordered(self._arrays["booked_us"][at:end], self._arrays["sequence"][at:end])

    def transfer(self, identity: str) -> Transfer | None:
        """The fact of this id, if it is here."""
        arrival = self._arrivals.get(identity)
        return None if arrival is None else self.transfers[arrival]

    def ordered(self, base: int) -> tuple[dict[str, NDArray[Any]], Int64, Int64]:
        """The arrays in the order of transfers; what came when, in that order; and where each came to stand.

        The first transfer has the ledger's number `base`.
        """
        arrays = {name: array[: len(self.transfers)] for name, array in self._arrays.items()}
        order = places = np.arange(len(self.transfers))
        if not self._in_order:
            order = np.lexsort((arrays["row"], arrays["sequence"], arrays["booked_us"]))
            places = np.empty(len(order), np.int64)
            places[order] = np.arange(len(order))
        if self._refer_here:
            for name in ("reverses", "corrects"):
                named = arrays[name] = arrays[name].copy()
                open_ones = np.flatnonzero(named < NOWHERE)
                named[open_ones] = base + places[-2 - named[open_ones]]
        if not self._in_order:
            arrays = {name: array[order] for name, array in arrays.items()}
        return arrays, order, places

    def part(self, base: int) -> Part:
        """The open transfers as of now."""
        arrays, order, places = self.ordered(base)
        return Part(base, columns_from(arrays), OpenIds(self.transfers, self._arrivals, order, places))

    def segment(self, base: int, accounts: int) -> Segment:
        """The open segment as of now, when there are `accounts` accounts. ValueError as `edges_of`."""
        part = self.part(base)
        return Segment(None, base, part.columns, edges_of(part.columns, accounts, base=base), part.ids)


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
