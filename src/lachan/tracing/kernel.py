"""The compiled part of `flow`: events in the order of rows, a heap of what touches the money next.

A *slot* is an account that the money came to; a *node* is a span of its heights that is the victim's.
"""

import numpy as np
from numba import njit, types

from lachan.tracing.csr import (
    GRAPH,
    HIGHEST,
    LONGS,
    LOWEST,
    NEEDS_EXACT,
    NOT_FOUND,
    first_in_after,
    first_out_after,
    lowest_height,
    payee_of,
    tuple_of,
    walk,
)
from lachan.tracing.wide import share

# The columns of a slot: an account that the money came to.
_ACCOUNT, _HOP, _TOP, _TAINT, _OPENING = 0, 1, 2, 3, 4
_OUT, _INTO, _HEIGHT = 5, 6, 7  # where the account stands after what last happened to the money
_DUE, _DUE_OUT, _DUE_INTO, _DUE_HEIGHT = 8, 9, 10, 11  # the next transfer that takes of it; its row is -1 for none
_STOPPED = 12  # what came to it over the last hop
SLOT_COLUMNS = 13
# Nodes: a span of heights that is the victim's money, and the node of the next lower one.
_LOW, _HIGH, _BELOW = 0, 1, 2
FULL, REVERSAL = -1, -2
FOLLOWED, OUTSIDE, DILUTED, DEPTH, REST = 0, 1, 2, 3, 4
_SLOT_BITS = (1 << 32) - 1


@njit
def _push(heap, size, key):  # type: ignore[no-untyped-def]
    """A binary heap, smallest first."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heap[parent] <= key:
            break
        heap[child] = heap[parent]
        child = parent
    heap[child] = key
    return size + 1


@njit
def _pop(heap, size):  # type: ignore[no-untyped-def]
    """Takes the first; the caller has read it."""
    size -= 1
    key, parent = heap[size], np.int64(0)
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[parent] = heap[child]
        parent = child
    heap[parent] = key
    return size


@njit
def _look_ahead(graph, slots, slot, until, below, heap, size):  # type: ignore[no-untyped-def]
    """Find the account's next transfer that takes its height under `below`, and put it on the heap."""
    account = slots[slot, _ACCOUNT]
    out, into, height, found = walk(
        graph, account, slots[slot, _OUT], slots[slot, _INTO], slots[slot, _HEIGHT], until, below
    )
    slots[slot, _DUE] = np.int64(NOT_FOUND)
    if found >= 0:
        row = graph[0][found, 0] >> 32
        slots[slot, _DUE], slots[slot, _DUE_OUT] = row, out
        slots[slot, _DUE_INTO], slots[slot, _DUE_HEIGHT] = into, height
        size = _push(heap, size, (row << 32) | slot)
    return size, found == NEEDS_EXACT


@njit
def _after_arrival(graph, slots, slot, row, amount, fresh):  # type: ignore[no-untyped-def]
    """Bring an account to just behind the transfer of this row that paid it; returns its height before.

    `fresh`: nothing of before matters; the height then begins at 0.
    """
    edges, out_start, in_start, in_place = graph[0], graph[1], graph[2], graph[3]
    account = slots[slot, _ACCOUNT]
    if fresh:
        out = first_out_after(edges, np.int64(out_start[account]), np.int64(out_start[account + 1]), row)
        into = first_in_after(edges, in_place, np.int64(in_start[account]), np.int64(in_start[account + 1]), row)
        height = np.int64(0)
    else:
        out, into, height, _ = walk(
            graph, account, slots[slot, _OUT], slots[slot, _INTO], slots[slot, _HEIGHT], row, LOWEST
        )
        into += 1
    slots[slot, _OUT], slots[slot, _INTO], slots[slot, _HEIGHT] = out, into, height + amount
    return height


@njit
def _end_of(payee, carried, hop, max_hops, floor_vnd):  # type: ignore[no-untyped-def]
    """What becomes of the money that a transfer carries. The disputed transfer has no floor."""
    if payee < 0:
        return OUTSIDE
    if carried < floor_vnd and hop > 1:
        return DILUTED
    return DEPTH if hop >= max_hops else FOLLOWED


@njit
def _slot(payee, hop, slot_of, slots, count):  # type: ignore[no-untyped-def]
    """The account's slot, a new one where it has none; and how many there are now."""
    slot = np.int64(slot_of[payee]) - 1
    if slot < 0:
        slot = count
        count += 1
        slot_of[payee] = np.int32(count)
        slots[slot] = 0
        slots[slot, _ACCOUNT], slots[slot, _HOP] = payee, hop
        slots[slot, _TOP] = slots[slot, _DUE] = slots[slot, _OPENING] = NOT_FOUND
    slots[slot, _HOP] = min(slots[slot, _HOP], hop)
    return slot, count


@njit
def _next_due(slots, heap, size):  # type: ignore[no-untyped-def]
    """Take the earliest transfer that is still due; -1 where there is none."""
    while size > 0:
        key = heap[0]
        size = _pop(heap, size)
        slot = key & _SLOT_BITS
        if slots[slot, _DUE] == key >> 32:
            return slot, size
    return np.int64(NOT_FOUND), size


@njit
def _finish(slot_of, slots, count, left):  # type: ignore[no-untyped-def]
    """Write what lies where (`_TAINT` and `_STOPPED`), and leave `slot_of` as it was found."""
    kept = 0
    for slot in range(count):
        slot_of[slots[slot, _ACCOUNT]] = np.int32(0)
        lies = slots[slot, _TAINT] + slots[slot, _STOPPED]
        if lies > 0:
            left[kept, 0], left[kept, 1] = slots[slot, _ACCOUNT], lies
            kept += 1
    return kept


_TABLE = types.int64[:, ::1]


@njit(
    tuple_of((types.int64, types.int64))(
        GRAPH, types.int64, types.int64, types.int64, types.int64, types.int32[::1], _TABLE, _TABLE, _TABLE,
        types.int64[::1], _TABLE, _TABLE,
    ),
    cache=True, nogil=True,
)  # fmt: skip
def lifo(  # type: ignore[no-untyped-def]
    graph, place, until, max_hops, floor_vnd, slot_of, slots, nodes, pieces, heap, moves, left
):
    """How many moves and how many accounts there are; `FULL` or `REVERSAL` instead of moves."""
    edges = graph[0]
    count, size, used, free, moved = np.int64(0), np.int64(0), np.int64(0), np.int64(-1), np.int64(0)
    row, amount, hop = edges[place, 0] >> 32, edges[place, 1], np.int64(1)
    # The victim's pieces of the transfer at hand, highest first, as heights above its bottom.
    pieces[0, 0], pieces[0, 1], number = 0, amount, np.int64(1)
    while True:
        carried, payee = np.int64(0), payee_of(edges[place, 0])
        for piece in range(number):
            carried += pieces[piece, 1] - pieces[piece, 0]
        if (
            moved == moves.shape[0] or count == slots.shape[0]
            or size + 2 > heap.shape[0] or used + number >= nodes.shape[0]
        ):  # fmt: skip
            _finish(slot_of, slots, count, left)
            return np.int64(FULL), np.int64(0)
        end = _end_of(payee, carried, hop, max_hops, floor_vnd)
        moves[moved, 0], moves[moved, 1], moves[moved, 2], moves[moved, 3] = row, carried, hop, end
        moved += 1
        reversal = False
        if end in (FOLLOWED, DEPTH):
            slot, count = _slot(payee, hop, slot_of, slots, count)
            if end == DEPTH:
                slots[slot, _STOPPED] += carried
            else:
                top = slots[slot, _TOP]
                base = _after_arrival(graph, slots, slot, row, amount, top < 0)
                slots[slot, _TAINT] += carried
                for piece in range(number - 1, -1, -1):
                    low, high = base + pieces[piece, 0], base + pieces[piece, 1]
                    if top >= 0 and nodes[top, _HIGH] == low:
                        nodes[top, _HIGH] = high
                        continue
                    if free >= 0:
                        node, free = free, nodes[free, _BELOW]
                    else:
                        node = used
                        used += 1
                    nodes[node, _LOW], nodes[node, _HIGH], nodes[node, _BELOW] = low, high, top
                    top = node
                slots[slot, _TOP] = top
                size, reversal = _look_ahead(graph, slots, slot, until, nodes[top, _HIGH], heap, size)
        if not reversal:
            slot, size = _next_due(slots, heap, size)
            if slot < 0:
                return moved, np.int64(_finish(slot_of, slots, count, left))
            place = slots[slot, _DUE_OUT]
            row, amount, hop = edges[place, 0] >> 32, edges[place, 1], slots[slot, _HOP] + 1
            height, top, number = slots[slot, _DUE_HEIGHT] - amount, slots[slot, _TOP], np.int64(0)
            while top >= 0 and nodes[top, _HIGH] > height:
                low = max(nodes[top, _LOW], height)
                pieces[number, 0], pieces[number, 1] = low - height, nodes[top, _HIGH] - height
                slots[slot, _TAINT] -= nodes[top, _HIGH] - low
                number += 1
                if nodes[top, _LOW] < height:
                    nodes[top, _HIGH] = height
                    break
                below = nodes[top, _BELOW]
                nodes[top, _BELOW], free, top = free, top, below
            slots[slot, _TOP], slots[slot, _OUT] = top, place + 1
            slots[slot, _INTO], slots[slot, _HEIGHT] = slots[slot, _DUE_INTO], height
            slots[slot, _DUE] = NOT_FOUND
            if top >= 0:
                size, reversal = _look_ahead(graph, slots, slot, until, nodes[top, _HIGH], heap, size)
        if reversal:
            _finish(slot_of, slots, count, left)
            return np.int64(REVERSAL), np.int64(0)


@njit(
    tuple_of((types.int64, types.int64))(
        GRAPH, LONGS, types.int64, types.int64, types.int64, types.int64, types.int32[::1], _TABLE,
        types.int64[::1], _TABLE, _TABLE,
    ),
    cache=True, nogil=True,
)  # fmt: skip
def haircut(  # type: ignore[no-untyped-def]
    graph, stated_vnd, place, until, max_hops, floor_vnd, slot_of, slots, heap, moves, left
):
    """How many moves and how many accounts there are; `FULL` or `REVERSAL` instead of moves."""
    edges = graph[0]
    count, size, moved = np.int64(0), np.int64(0), np.int64(0)
    row, amount, hop = edges[place, 0] >> 32, edges[place, 1], np.int64(1)
    carried = amount
    while True:
        if moved + 2 > moves.shape[0] or count == slots.shape[0] or size + 2 > heap.shape[0]:
            _finish(slot_of, slots, count, left)
            return np.int64(FULL), np.int64(0)
        reversal = False
        if carried > 0:
            payee = payee_of(edges[place, 0])
            end = _end_of(payee, carried, hop, max_hops, floor_vnd)
            moves[moved, 0], moves[moved, 1], moves[moved, 2], moves[moved, 3] = row, carried, hop, end
            moved += 1
            if end in (FOLLOWED, DEPTH):
                slot, count = _slot(payee, hop, slot_of, slots, count)
                if end == DEPTH:
                    slots[slot, _STOPPED] += carried
                else:
                    if slots[slot, _OPENING] < 0:
                        slots[slot, _OPENING] = -lowest_height(graph, payee, until)
                        if stated_vnd.shape[0] > 0:
                            slots[slot, _OPENING] = max(slots[slot, _OPENING], stated_vnd[payee])
                        slots[slot, _OUT] = np.int64(graph[1][payee])
                        slots[slot, _INTO] = np.int64(graph[2][payee])
                    slots[slot, _TAINT] += carried
                    if slots[slot, _TAINT] == carried:
                        _after_arrival(graph, slots, slot, row, amount, False)
                        size, reversal = _look_ahead(graph, slots, slot, until, HIGHEST, heap, size)
        if not reversal:
            slot, size = _next_due(slots, heap, size)
            if slot < 0:
                return moved, np.int64(_finish(slot_of, slots, count, left))
            place = slots[slot, _DUE_OUT]
            row, amount, hop = edges[place, 0] >> 32, edges[place, 1], slots[slot, _HOP] + 1
            height = slots[slot, _DUE_HEIGHT]
            carried = share(amount, slots[slot, _TAINT], slots[slot, _OPENING] + height)
            slots[slot, _TAINT] -= carried
            slots[slot, _OUT], slots[slot, _INTO] = place + 1, slots[slot, _DUE_INTO]
            slots[slot, _HEIGHT], slots[slot, _DUE] = height - amount, NOT_FOUND
            if slots[slot, _TAINT] >= floor_vnd and slots[slot, _TAINT] > 0:
                size, reversal = _look_ahead(graph, slots, slot, until, HIGHEST, heap, size)
            elif slots[slot, _TAINT] > 0:
                moves[moved, 0], moves[moved, 1] = row, slots[slot, _TAINT]
                moves[moved, 2], moves[moved, 3] = slots[slot, _HOP], REST
                moved += 1
                slots[slot, _TAINT] = 0
        if reversal:
            _finish(slot_of, slots, count, left)
            return np.int64(REVERSAL), np.int64(0)
