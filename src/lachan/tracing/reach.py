"""Whom money of an account could have reached: paths of transfers that respect time.

The question: from an account and an instant, over at most so many transfers, each of an amount within a band and
booked not later than a last instant, each later than the one before it in the order (booked at, sequence, row), and
the first booked at the instant or after it. For each account at the end of such a path: the fewest transfers of any
path to it, and the earliest transfer that any such path ends with. The asked account itself is not told.

This is reach, not money: nothing is said about how much of it arrived (`flow` says that).

**Two ways.** Most questions reach little: they are *walked*, from account to account. One that comes to a shop or a
platform soon reaches a large part of all accounts, and each step then goes to memory far away. Such a question is
*swept*: all transfers of the window are read once in the order of time, and of each account one byte is kept, the
fewest transfers by which it is reached so far. A transfer from an account that is reached by then reaches its payee
by one more; the first that does so is the earliest arrival. Nothing that is found later changes that, as paths go
forward in time alone. A question is walked until a share of what a sweep would read has been looked at, so that it
never costs much more than the cheaper of the two.
"""

from dataclasses import dataclass

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import UNCOUNTED, njit, prefetch
from lachan.ledger.edges import NOBODY, PAYEE_BITS, PLACES, SPARE_BITS, tuple_of
from lachan.tracing.graph import Graph
from lachan.tracing.timeline import LARGE, PAYEE, VND
from lachan.tracing.walks import FAR, GRAPH, first_out_after, payee_of, span_of

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
_ARRIVAL, _SEARCHED, _HOP, _QUEUED = 0, 1, 2, 3
_TOGETHER, _WAITING = 32, 512  # accounts that are asked for at once; transfers that wait for their payees
_LINE, _LINES = 4, 4  # edges in a line of memory, and the lines that are asked for of an account
_TOO_MANY = -1
_NOT_YET = 255  # the hop of an account that is not reached by a sweep
_KEY, _FROM, _TO, _AMOUNT = 0, 1, 2, 3
_ACCOUNT, _HOPS, _LAST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Reached:
    """The reached accounts in the order of hops: the fewest transfers to each, and the row of the earliest arrival.

    `searched` is how many transfers were looked at: all of the window's where it was swept.
    """

    accounts: I32
    hops: I32
    rows: I64
    searched: int


class Reach:
    """Asks one graph. Keeps 89 bytes an account to work in, and so belongs to one thread.

    The first one of a graph lays its transfers out in the order of time, 12 bytes each, for all that follow.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._timeline = graph.timeline()
        self._later = _learned_since(graph)
        self._differs = np.zeros(graph.accounts + 1 if len(graph.changed) else 0, np.uint8)
        self._differs[graph.changed + 1] = 1
        self._state = np.zeros((graph.accounts, 4), np.int64)
        self._state[:, : _SEARCHED + 1] = FAR
        self._found = np.zeros((graph.accounts, 3), np.int64)
        self._fronts = np.zeros((2, graph.accounts, 2), np.int64)
        self._waiting = np.zeros((_WAITING, 2), np.int64)
        self._nearest = np.full(graph.accounts + 1, _NOT_YET, np.uint8)

    def ask(
        self,
        account: int,
        from_us: int,
        until_us: int,
        *,
        min_vnd: int,
        max_vnd: int,
        max_hops: int,
        after_row: int | None = None,
    ) -> Reached:
        """The accounts that the question reaches; both instants are microseconds since 1970 and both belong to it.

        `after_row`: what stands at or before this row begins no path, though it was booked at the first instant.
        IndexError for an account that the graph does not have.
        """
        if not 0 <= account < self._graph.accounts:
            raise IndexError(account)
        first, last = self._graph.key_from(from_us), self._graph.key_from(until_us + 1) - 1
        if after_row is not None:
            first = max(first, self._graph.key_of(after_row) + 1)
        start, stop = -(-first >> SPARE_BITS), min((last >> SPARE_BITS) + 1, len(self._timeline.payers))
        window = max(stop - start, 0) + len(self._later)
        most = FAR if max_hops >= _NOT_YET else walked_at_most(window)
        count, searched = _walk(
            self._graph.arrays, account, first, last, max_hops, min_vnd, max_vnd, most,
            self._state, self._found, self._fronts, self._waiting,
        )  # fmt: skip
        if count == _TOO_MANY:
            searched = window
            count = _sweep(
                self._graph.arrays, *self._timeline, self._later, self._differs, account, first, last, max_hops,
                min_vnd, max_vnd, self._nearest, self._found,
            )  # fmt: skip
        accounts, hops, keys = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int64)
        _by_hops(self._found[:count], accounts, hops, keys)
        return Reached(accounts, hops, self._graph.rows_of(keys), searched)


def walked_at_most(window: int) -> int:
    """How many transfers are looked at one account after the other, before all of a window are read instead."""
    return window // 64 + 64


def _learned_since(graph: Graph) -> I64:
    """The transfers from accounts that differ from the edges by now, in time: key, payer, payee, amount."""
    out, found = graph.arrays[0], [np.zeros((0, 4), np.int64)]
    for account, (start, stop, *_) in zip(graph.changed.tolist(), graph.arrays[13].tolist(), strict=True):
        words = out[start:stop, 0]
        one = np.stack(
            [words >> PAYEE_BITS, np.full(len(words), account), words & NOBODY, np.abs(out[start:stop, 1])], axis=1
        )
        found.append(one[one[:, _TO] != NOBODY])
    every = np.concatenate(found)
    return every[np.argsort(every[:, _KEY])]


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
            found[reached, _ACCOUNT] = target
            reached += 1
        if state[target, _QUEUED] == 0:
            state[target, _QUEUED] = np.int64(1)
            fronts[1 - now, queued, 0] = target
            queued += 1
    return reached, queued


@njit(
    tuple_of((types.int64, types.int64))(
        GRAPH, types.int64, types.int64, types.int64, types.int64, types.int64, types.int64, types.int64,
        types.int64[:, ::1], types.int64[:, ::1], types.int64[:, :, ::1], types.int64[:, ::1],
    ),
    cache=True, nogil=True, **UNCOUNTED,
)  # fmt: skip
def _walk(  # type: ignore[no-untyped-def]
    graph, account, first, last, max_hops, min_vnd, max_vnd, most, state, found, fronts, waiting
):
    """Breadth first, by number of transfers; no transfer is looked at twice.

    An account is looked at again where a longer path came earlier; what lies behind its former arrival has been
    looked at by then, from fewer transfers. `state` is left as it was found. Nearly all the time goes to memory far
    away: accounts are taken together and asked for before they are looked at, and so are those they pay.
    `_TOO_MANY` where more than `most` transfers would be looked at.
    """
    out = graph[0]
    state[account, _ARRIVAL] = np.int64(first - 1)
    fronts[0, 0, 0], fronts[0, 0, 1] = np.int64(account), np.int64(first - 1)
    size, count, searched, now, given_up = np.int64(1), np.int64(0), np.int64(0), 0, False
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
                if searched == most:
                    given_up = True
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
            if given_up:
                break
        if given_up:
            break
        count, queued = _arrive(waiting, held, hop, state, found, count, fronts, now, queued)
        now, size = 1 - now, queued
        for number in range(size):
            # Arrivals by so many transfers: what a round finds must not lengthen that round's own paths.
            fronts[now, number, 1] = state[fronts[now, number, 0], _ARRIVAL]
            state[fronts[now, number, 0], _QUEUED] = np.int64(0)
        if size == 0:
            break
    for number in range(count):
        prefetch(state, 4 * found[min(number + _TOGETHER, count - 1), _ACCOUNT])
        target = found[number, _ACCOUNT]
        found[number, _HOPS], found[number, _LAST] = state[target, _HOP], state[target, _ARRIVAL]
        state[target, _ARRIVAL], state[target, _SEARCHED] = np.int64(FAR), np.int64(FAR)
        state[target, _HOP] = state[target, _QUEUED] = np.int64(0)
    state[account, _ARRIVAL], state[account, _SEARCHED] = np.int64(FAR), np.int64(FAR)
    return np.int64(_TOO_MANY) if given_up else count, searched


@njit
def _meet(nearest, found, count, payee, hop, key):  # type: ignore[no-untyped-def]
    """Note that a transfer brings its payee nearer; returns how many accounts are reached by then."""
    if nearest[payee] == _NOT_YET:
        found[count, _ACCOUNT], found[count, _LAST] = np.int64(payee) - 1, key
        count += 1
    nearest[payee] = np.uint8(hop + 1)
    return count


@njit(
    types.int64(
        GRAPH, PLACES, types.Array(types.uint32, 2, "C", readonly=True), types.int64[:, ::1], types.uint8[::1],
        types.int64, types.int64, types.int64, types.int64, types.int64, types.int64,
        types.uint8[::1], types.int64[:, ::1],
    ),
    cache=True, nogil=True, **UNCOUNTED,
)  # fmt: skip
def _sweep(  # type: ignore[no-untyped-def]
    graph, payers, others, later, differs, account, first, last, max_hops, min_vnd, max_vnd, nearest, found
):
    """All transfers of the window in their order; those of accounts that differ from the edges as they are by now.

    `nearest`, of each account one more than its number, is left as it was found.
    """
    nearest[account + 1] = np.uint8(0)
    count, at = np.int64(0), np.int64(0)
    row = (first + (1 << SPARE_BITS) - 1) >> SPARE_BITS
    stop = min((last >> SPARE_BITS) + 1, np.int64(payers.shape[0]))
    while at < later.shape[0] and later[at, _KEY] < first:
        at += 1
    while True:
        following = later[at, _KEY] if at < later.shape[0] else np.int64(FAR)
        until = stop
        if following <= last:
            until = min(stop, (following + (1 << SPARE_BITS) - 1) >> SPARE_BITS)
        for place in range(row, until):
            payer = payers[place]
            hop = nearest[payer]
            if hop >= max_hops:
                continue
            payee = others[place, PAYEE]
            if nearest[payee] <= hop + 1:
                continue
            if differs.shape[0] > 0 and differs[payer] != 0:
                continue
            amount, key = np.int64(others[place, VND]), place << SPARE_BITS
            if amount == LARGE:
                start, end = _outs_of(graph, np.int64(payer) - 1)
                amount = abs(graph[0][first_out_after(graph[0], start, end, key - 1), 1])
            if min_vnd <= amount <= max_vnd:
                count = _meet(nearest, found, count, payee, hop, key)
        row = max(row, until)
        if following > last:
            break
        payer, payee = later[at, _FROM] + 1, later[at, _TO] + 1
        hop = nearest[payer]
        if hop < max_hops and nearest[payee] > hop + 1 and min_vnd <= later[at, _AMOUNT] <= max_vnd:
            count = _meet(nearest, found, count, payee, hop, following)
        at += 1
    nearest[account + 1] = np.uint8(_NOT_YET)
    for number in range(count):
        target = found[number, _ACCOUNT] + 1
        found[number, _HOPS] = np.int64(nearest[target])
        nearest[target] = np.uint8(_NOT_YET)
    return count


@njit(
    types.void(types.int64[:, ::1], types.int32[::1], types.int32[::1], types.int64[::1]),
    cache=True, nogil=True,
)  # fmt: skip
def _by_hops(found, accounts, hops, keys):  # type: ignore[no-untyped-def]
    """What was found in the order of hops; of the same, as it was found."""
    most = np.int64(0)
    for number in range(found.shape[0]):
        most = max(most, found[number, _HOPS])
    place = np.zeros(most + 2, np.int64)
    for number in range(found.shape[0]):
        place[found[number, _HOPS] + 1] += 1
    for hop in range(most + 1):
        place[hop + 1] += place[hop]
    for number in range(found.shape[0]):
        hop = found[number, _HOPS]
        at = place[hop]
        place[hop] += 1
        accounts[at], hops[at], keys[at] = np.int32(found[number, _ACCOUNT]), np.int32(hop), found[number, _LAST]
