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
    history,
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
_DUST = 13  # what it paid on in parts below the floor
# In a haircut: what will be left, and will have gone in parts below the floor, by the time of what is due; and
# whether a transfer is due then, or the account is only looked at again.
_DUE_TAINT, _DUE_DUST, _DUE_PAYS = 14, 15, 16
SLOT_COLUMNS = 17
# Nodes: a span of heights that is the victim's money, and the node of the next lower one.
_LOW, _HIGH, _BELOW = 0, 1, 2
FULL, REVERSAL = -1, -2
FOLLOWED, OUTSIDE, DEPTH = 0, 1, 2
_LOOK = 64  # a haircut looks so many transfers of an account ahead: what comes in meanwhile makes it look again
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
def _end_of(payee, hop, max_hops):  # type: ignore[no-untyped-def]
    """What becomes of the money that a transfer carries."""
    if payee < 0:
        return OUTSIDE
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
    """Write what lies where, and how much dust it paid on, and leave `slot_of` as it was found."""
    kept = 0
    for slot in range(count):
        slot_of[slots[slot, _ACCOUNT]] = np.int32(0)
        lies, dust = slots[slot, _TAINT] + slots[slot, _STOPPED], slots[slot, _DUST]
        if lies > 0 or dust > 0:
            left[kept, 0], left[kept, 1], left[kept, 2] = slots[slot, _ACCOUNT], lies, dust
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
    pieces[0, 0], pieces[0, 1], number, carried = 0, amount, np.int64(1), amount
    while True:
        if (
            moved == moves.shape[0] or count == slots.shape[0]
            or size + 2 > heap.shape[0] or used + number >= nodes.shape[0]
        ):  # fmt: skip
            _finish(slot_of, slots, count, left)
            return np.int64(FULL), np.int64(0)
        payee = payee_of(edges[place, 0])
        end = _end_of(payee, hop, max_hops)
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
        carried = np.int64(0)
        while carried == 0 and not reversal:
            slot, size = _next_due(slots, heap, size)
            if slot < 0:
                return moved, np.int64(_finish(slot_of, slots, count, left))
            place = slots[slot, _DUE_OUT]
            row, amount, hop = edges[place, 0] >> 32, edges[place, 1], slots[slot, _HOP] + 1
            height, top, number = slots[slot, _DUE_HEIGHT] - amount, slots[slot, _TOP], np.int64(0)
            while top >= 0 and nodes[top, _HIGH] > height:
                low = max(nodes[top, _LOW], height)
                pieces[number, 0], pieces[number, 1] = low - height, nodes[top, _HIGH] - height
                carried += nodes[top, _HIGH] - low
                number += 1
                if nodes[top, _LOW] < height:
                    nodes[top, _HIGH] = height
                    break
                below = nodes[top, _BELOW]
                nodes[top, _BELOW], free, top = free, top, below
            slots[slot, _TAINT] -= carried
            slots[slot, _TOP], slots[slot, _OUT] = top, place + 1
            slots[slot, _INTO], slots[slot, _HEIGHT] = slots[slot, _DUE_INTO], height
            slots[slot, _DUE] = NOT_FOUND
            if carried < floor_vnd:
                slots[slot, _DUST] += carried
                carried = np.int64(0)
            if top >= 0:
                size, reversal = _look_ahead(graph, slots, slot, until, nodes[top, _HIGH], heap, size)
        if reversal:
            _finish(slot_of, slots, count, left)
            return np.int64(REVERSAL), np.int64(0)


@njit
def _dilute(graph, slots, slot, until, floor_vnd, most):  # type: ignore[no-untyped-def]
    """Pay on, pro rata, all parts below the floor: to the first transfer whose part is not, over at most so many.

    What is found stands in the slot's columns of what is due; the row of the transfer, or of the next one to look
    at, is returned: `NOT_FOUND` where there is none before `until`, `NEEDS_EXACT` for a reversal.
    """
    edges, in_place = graph[0], graph[3]
    account, opening = slots[slot, _ACCOUNT], slots[slot, _OPENING]
    out, into, height = slots[slot, _OUT], slots[slot, _INTO], slots[slot, _HEIGHT]
    out_stop, in_stop = np.int64(graph[1][account + 1]), np.int64(graph[2][account + 1])
    taint, dust, found, pays = slots[slot, _TAINT], np.int64(0), np.int64(NOT_FOUND), np.int64(0)
    far = np.int64(HIGHEST)
    out_row = edges[out, 0] >> 32 if out < out_stop else far
    in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far
    while min(out_row, in_row) < until and out_row < far and taint > 0:
        if most == 0:
            found = min(out_row, in_row)
            break
        most -= 1
        if out_row < in_row:
            amount = edges[out, 1]
            if amount < 0:
                return np.int64(NEEDS_EXACT)
            part = share(amount, taint, opening + height)
            if part >= floor_vnd and part > 0:
                found, pays = out_row, np.int64(1)
                break
            taint -= part
            dust += part
            height -= amount
            out += 1
            out_row = edges[out, 0] >> 32 if out < out_stop else far
        else:
            amount = edges[np.int64(in_place[into]), 1]
            if amount < 0:
                return np.int64(NEEDS_EXACT)
            height += amount
            into += 1
            in_row = edges[np.int64(in_place[into]), 0] >> 32 if into < in_stop else far
    slots[slot, _DUE_OUT], slots[slot, _DUE_INTO], slots[slot, _DUE_HEIGHT] = out, into, height
    slots[slot, _DUE_TAINT], slots[slot, _DUE_DUST], slots[slot, _DUE_PAYS] = taint, dust, pays
    return found


@njit
def _schedule(graph, slots, slot, until, floor_vnd, heap, size):  # type: ignore[no-untyped-def]
    """Look ahead, and put what is due on the heap; also whether a reversal was met."""
    due = _dilute(graph, slots, slot, until, floor_vnd, _LOOK)
    slots[slot, _DUE] = max(due, NOT_FOUND)
    if due >= 0:
        size = _push(heap, size, (due << 32) | slot)
    return size, due == NEEDS_EXACT


@njit
def _settle(slots, slot):  # type: ignore[no-untyped-def]
    """The account now stands where `_dilute` found it."""
    slots[slot, _OUT], slots[slot, _INTO] = slots[slot, _DUE_OUT], slots[slot, _DUE_INTO]
    slots[slot, _HEIGHT], slots[slot, _TAINT] = slots[slot, _DUE_HEIGHT], slots[slot, _DUE_TAINT]
    slots[slot, _DUST] += slots[slot, _DUE_DUST]
    slots[slot, _DUE_DUST] = 0


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
    row, carried, hop = edges[place, 0] >> 32, edges[place, 1], np.int64(1)
    while True:
        if moved == moves.shape[0] or count == slots.shape[0] or size + 3 > heap.shape[0]:
            _finish(slot_of, slots, count, left)
            return np.int64(FULL), np.int64(0)
        payee = payee_of(edges[place, 0])
        end = _end_of(payee, hop, max_hops)
        moves[moved, 0], moves[moved, 1], moves[moved, 2], moves[moved, 3] = row, carried, hop, end
        moved += 1
        reversal = False
        if end in (FOLLOWED, DEPTH):
            slot, count = _slot(payee, hop, slot_of, slots, count)
            if end == DEPTH:
                slots[slot, _STOPPED] += carried
            else:
                if slots[slot, _OPENING] < 0:
                    out, into, height, lowest = history(graph, payee, row, until)
                    slots[slot, _OUT], slots[slot, _INTO], slots[slot, _HEIGHT] = out, into, height
                    stated = stated_vnd[payee] if stated_vnd.shape[0] > 0 else np.int64(0)
                    slots[slot, _OPENING] = max(-lowest, stated)
                elif slots[slot, _TAINT] > 0:
                    _dilute(graph, slots, slot, row, floor_vnd, HIGHEST)
                    _settle(slots, slot)
                _after_arrival(graph, slots, slot, row, edges[place, 1], False)
                slots[slot, _TAINT] += carried
                size, reversal = _schedule(graph, slots, slot, until, floor_vnd, heap, size)
        carried = np.int64(0)
        while carried == 0 and not reversal:
            slot, size = _next_due(slots, heap, size)
            if slot < 0:
                for one in range(count):
                    if slots[one, _TAINT] > 0:
                        _settle(slots, one)
                return moved, np.int64(_finish(slot_of, slots, count, left))
            _settle(slots, slot)
            if slots[slot, _DUE_PAYS]:
                place = slots[slot, _OUT]
                row, amount, hop = edges[place, 0] >> 32, edges[place, 1], slots[slot, _HOP] + 1
                carried = share(amount, slots[slot, _TAINT], slots[slot, _OPENING] + slots[slot, _HEIGHT])
                slots[slot, _TAINT] -= carried
                slots[slot, _OUT] += 1
                slots[slot, _HEIGHT] -= amount
            size, reversal = _schedule(graph, slots, slot, until, floor_vnd, heap, size)
        if reversal:
            _finish(slot_of, slots, count, left)
            return np.int64(REVERSAL), np.int64(0)
