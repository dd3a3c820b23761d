"""Facts as they come, kept as arrays, so that the open segment is put in order within milliseconds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lachan.ledger.columns import NOWHERE, Int64, arrays_of
from lachan.ledger.edges import edges_of
from lachan.ledger.kernel import is_ordered
from lachan.ledger.model import Transfer
from lachan.ledger.segments.model import OpenIds, Segment, columns_from


class Gathering:
    """Facts in the order in which they came, as arrays that are put in the order of transfers when asked for."""

    def __init__(self, rows_before: int) -> None:
        self.transfers: list[Transfer] = []
        self._rows_before = rows_before
        self._arrivals: dict[str, int] = {}
        self._parts: list[dict[str, NDArray[Any]]] = []

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

        self._parts.append(arrays_of(new, rows, numbers, place_of))

    def ordered(self, base: int) -> tuple[dict[str, NDArray[Any]], Int64, Int64]:
        """The arrays in the order of transfers; what came when, in that order; and where each came to stand.

        The first transfer has the ledger's number `base`.
        """
        merged = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        self._parts = [merged]
        arrays = dict(merged)
        order = np.arange(len(self.transfers))
        if not is_ordered(arrays["booked_us"], arrays["sequence"]):
            order = np.lexsort((arrays["row"], arrays["sequence"], arrays["booked_us"]))
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        for name in ("reverses", "corrects"):
            open_ones = np.flatnonzero(merged[name] < NOWHERE)
            arrays[name] = merged[name].copy()
            arrays[name][open_ones] = base + places[-2 - merged[name][open_ones]]
        return {name: array[order] for name, array in arrays.items()}, order, places

    def segment(self, base: int, accounts: int) -> Segment:
        """The open segment as of now, when there are `accounts` accounts."""
        arrays, order, places = self.ordered(base)
        columns = columns_from(arrays)
        ids = OpenIds(self.transfers, self._arrivals, order, places)
        return Segment(None, base, columns, edges_of(columns, accounts, base=base), ids)
