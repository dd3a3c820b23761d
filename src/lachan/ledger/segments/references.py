"""What transfers refer to, found when somebody asks: it may be told later than what is about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from lachan.ledger.columns import NOWHERE, Columns, Int64, frozen
from lachan.ledger.edges import Edges, edges_of
from lachan.ledger.rules import circular
from lachan.ledger.segments.model import Ids, Part, Reference, marks_of


def resolved(parts: Sequence[Part]) -> tuple[Int64, Int64]:
    """What each transfer of the parts reverses, and what it corrects: numbers of the ledger's transfers.

    -1: nothing. Nor does one that names what nobody told, or that refers to itself in a circle.
    """
    count = parts[-1].base + len(parts[-1].columns)
    about = [(part.base + one.place, one) for part in parts for one in part.about]
    numbers = _numbers(parts, {one.named for _, one in about})
    named = {number: numbers[one.named] for number, one in about if one.named in numbers}
    for number in circular(named):
        del named[number]
    reverses, corrects = np.full(count, NOWHERE, np.int64), np.full(count, NOWHERE, np.int64)
    for number, one in about:
        (reverses if one.undoes else corrects)[number] = named.get(number, NOWHERE)
    return reverses, corrects


def _numbers(parts: Sequence[Part], names: Iterable[str]) -> dict[str, int]:
    """The numbers of the transfers of these ids, of those that there are."""
    asked = list(names)
    marks = marks_of(asked)
    found: dict[str, int] = {}
    for part in parts if asked else ():
        there = np.flatnonzero(part.ids.marked(marks)).tolist() if isinstance(part.ids, Ids) else range(len(asked))
        for name in (asked[number] for number in there):
            if (place := part.ids.place(name)) >= 0:
                found[name] = part.base + place
    return found


def segment_edges(
    columns: Columns, about: Iterable[Reference], place_of: Callable[[str], int], accounts: int
) -> Edges:
    """A segment's edges. A reversal of what is not in it is marked as one of itself: edges know no other segments.

    `place_of` says where the transfer of an id stands here, -1 where it does not. ValueError as `edges_of`.
    """
    reverses = np.full(len(columns), NOWHERE, np.int64)
    for one in about:
        if one.undoes:
            place = place_of(one.named)
            reverses[one.place] = one.place if place < 0 else place
    return edges_of(replace(columns, reverses=frozen(reverses)), accounts)
