"""Whom money of an account could have reached: paths of transfers that respect time.

The question: from an account and an instant, over at most so many transfers, each of an amount within a band and
booked not later than a last instant, each later than the one before it in the order (booked at, sequence, row), and
the first booked at the instant or after it. For each account at the end of such a path: the fewest transfers of any
path to it, and the earliest transfer that any such path ends with. The asked account itself is not told.

This is reach, not money: nothing is said about how much of it arrived (`flow` says that).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import UNCOUNTED, prefetch
from lachan.ledger.edges import PAYEE_BITS, tuple_of
from lachan.tracing.graph import Graph
from lachan.tracing.walks import FAR, GRAPH, first_out_after, payee_of, span_of

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
_ARRIVAL, _SEARCHED, _HOP, _QUEUED = 0, 1, 2, 3
_TOGETHER, _WAITING = 32, 512  # accounts that are asked for at once; transfers that wait for their payees
_LINE, _LINES = 4, 4  # edges in a line of memory, and the lines that are asked for of an account


@dataclass(frozen=True, slots=True)
class Reached:
    """The reached accounts in the order of hops: the fewest transfers to each, and the row of the earliest arrival.

    `searched` is how many transfers were looked at.
    """

    accounts: I32
    hops: I32
    rows: I64
    searched: int


class Reach:
    """Asks one graph. Keeps 52 bytes an account to work in, and so belongs to one thread."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._state = np.zeros((graph.accounts, 4), np.int64)
        self._state[:, : _SEARCHED + 1] = FAR
        self._found = np.zeros((graph.accounts, 3), np.int64)
        self._fronts = np.zeros((2, graph.accounts, 2), np.int64)
        self._waiting = np.zeros((_WAITING, 2), np.int64)

    def ask(
        self, account: int, from_us: int, until_us: int, *, min_vnd: int, max_vnd: int, max_hops: int
    ) -> Reached:
        """The accounts that the question reaches; both instants are microseconds since 1970 and both belong to it.

        IndexError for an account that the graph does not have.
        """
        if not 0 <= account < self._graph.accounts:
            raise IndexError(account)
        first, last = self._graph.key_from(from_us), self._graph.key_from(until_us + 1) - 1
        count, searched = _reach(
            self._graph.arrays, account, first, last, max_hops, min_vnd, max_vnd,
            self._state, self._found, self._fronts, self._waiting,
        )  # fmt: skip
        found = self._found[:count]
        rows = self._graph.rows_of(found[:, 2])
        return Reached(found[:, 0].astype(np.int32), found[:, 1].astype(np.int32), rows, searched)


@njit
def _outs_of(graph, account):  # type: ignore[no-untyped-def]
    """Where an account's outgoing transfers lie."""
    if graph[12].shape[0]:
        start, stop, _, _, _ = span_of(graph, account)
        return start, stop
    return np.int64(graph[1][account]), np.int64(graph[1][account + 1])


@njit
def _ask_for_outs(graph, state, fronts, now, start, stop):  # type: ignore[no-untyped-def]
    """Ask memory for what the next accounts of a front need; each step needs the one before it."""
    out, out_start = graph[0], graph[1]
    known = out_start.shape[0] - 1
    for number in range(start, stop):
        prefetch(out_start, min(fronts[now, number, 0], known))
        prefetch(state, 4 * fronts[now, number, 0])
    for number in range(start, stop):
        if fronts[now, number, 0] < known:
            first, last = _outs_of(graph, fronts[now, number, 0])
            for place in range(first, min(last, first + _LINES * _LINE), _LINE):
                prefetch(out, 2 * place)


@njit
def _arrive(waiting, count, hop, state, found, reached, fronts, now, queued):  # type: ignore[no-untyped-def]
    """What these transfers change, in the order in which they were found."""
    for number in range(count):
        target, key = waiting[number, 0], waiting[number, 1]
        if key >= state[target, _ARRIVAL]:
            continue
        state[target, _ARRIVAL] = key
        if state[target, _HOP] == 0:
            state[target, _HOP] = np.int64(hop)
            found[reached, 0] = target
            reached += 1
        if state[target, _QUEUED] == 0:
            state[target, _QUEUED] = np.int64(1)
            fronts[1 - now, queued, 0] = target
            queued += 1
    return reached, queued


@njit(
    tuple_of((types.int64, types.int64))(
        GRAPH, types.int64, types.int64, types.int64, types.int64, types.int64, types.int64,
        types.int64[:, ::1], types.int64[:, ::1], types.int64[:, :, ::1], types.int64[:, ::1],
    ),
    cache=True, nogil=True, **UNCOUNTED,
)  # fmt: skip
def _reach(  # type: ignore[no-untyped-def]
    graph, account, first, last, max_hops, min_vnd, max_vnd, state, found, fronts, waiting
):
    """Breadth first, by number of transfers; no transfer is looked at twice.

    An account is looked at again where a longer path came earlier; what lies behind its former arrival has been
    looked at by then, from fewer transfers. `state` is left as it was found. Nearly all the time goes to memory far
    away: accounts are taken together and asked for before they are looked at, and so are those they pay.
    """
    out = graph[0]
    state[account, _ARRIVAL] = np.int64(first - 1)
    fronts[0, 0, 0], fronts[0, 0, 1] = np.int64(account), np.int64(first - 1)
    size, count, searched, now = np.int64(1), np.int64(0), np.int64(0), 0
    for hop in range(1, max_hops + 1):
        queued, held = np.int64(0), np.int64(0)
        for number in range(size):
            if number % _TOGETHER == 0:
                _ask_for_outs(graph, state, fronts, now, number, min(size, number + _TOGETHER))
            source = fronts[now, number, 0]
            arrived = fronts[now, number, 1]
            start, stop = _outs_of(graph, source)
            place = first_out_after(out, start, stop, arrived)
            bound = min(last, state[source, _SEARCHED])
            state[source, _SEARCHED] = np.int64(arrived)
            while place < stop:
                word, amount = out[place, 0], abs(out[place, 1])
                key = word >> PAYEE_BITS
                if key > bound:
                    break
                searched += 1
                place += 1
                target = payee_of(word)
                if amount < min_vnd or amount > max_vnd or target < 0:
                    continue
                prefetch(state, 4 * target)
                waiting[held, 0], waiting[held, 1] = target, key
                held += 1
                if held == _WAITING:
                    count, queued = _arrive(waiting, held, hop, state, found, count, fronts, now, queued)
                    held = np.int64(0)
        count, queued = _arrive(waiting, held, hop, state, found, count, fronts, now, queued)
        now, size = 1 - now, queued
        for number in range(size):
            # Arrivals by so many transfers: what a round finds must not lengthen that round's own paths.
            fronts[now, number, 1] = state[fronts[now, number, 0], _ARRIVAL]
            state[fronts[now, number, 0], _QUEUED] = np.int64(0)
        if size == 0:
            break
    for number in range(count):
        prefetch(state, 4 * found[min(number + _TOGETHER, count - 1), 0])
        target = found[number, 0]
        found[number, 1], found[number, 2] = state[target, _HOP], state[target, _ARRIVAL]
        state[target, _ARRIVAL], state[target, _SEARCHED] = np.int64(FAR), np.int64(FAR)
        state[target, _HOP] = np.int64(0)
    state[account, _ARRIVAL], state[account, _SEARCHED] = np.int64(FAR), np.int64(FAR)
    return count, searched
