"""The compiled part of `flow`: events in the order of keys, a heap of what touches the money next.

A *slot* is an account that the money came to; a *node* is a span of its coins that is the victim's: by height
(LIFO, the highest first), or by how much had come before (FIFO, the oldest first). A *piece* is such a span within
one transfer, counted from its oldest coin.
"""

import numpy as np
from numba import types

from lachan.foundation.base.compiled import UNCOUNTED, njit, prefetch
from lachan.ledger.edges import BLOCK, LONGS, PAYEE_BITS, TABLE, tuple_of
from lachan.tracing.sharing import KEPT, WALK, block_before, first_sharing, least_height, shared
from lachan.tracing.walks import (
    FAR,
    GRAPH,
    NEEDS_EXACT,
    NOT_FOUND,
    ask_for_account,
    ask_for_ins,
    ask_for_transfers,
    first_below,
    first_beyond,
    first_out_after,
    payee_of,
    span_until,
    stand,
)

LIFO, FIFO, HAIRCUT = 0, 1, 2
FULL, REVERSAL = -1, -2
FOLLOWED, OUTSIDE, DEPTH = 0, 1, 2
# The columns of a slot. Where the account stands: after what last happened to the money, and before what is due.
_ACCOUNT, _HOP, _HEAD, _TAIL, _TAINT, _OPENING, _STOPPED, _DUST = 0, 1, 2, 3, 4, 5, 6, 7
_PLACE, _INTO, _HEIGHT, _PAID = 8, 9, 10, 11
_DUE, _DUE_PLACE, _DUE_INTO, _DUE_HEIGHT, _DUE_PAID = 12, 13, 14, 15, 16
_FIRST_OUT, _OUT_STOP, _FIRST_IN, _IN_STOP, _BLOCK, _WHOLE = 17, 18, 19, 20, 21, 22
# Haircut alone: the key of what last happened, the block that the account is in, whose heights are kept, and where.
_SINCE, _NOW, _MERGED, _AT = 23, 24, 25, 26
SLOT_COLUMNS = 27
_LOW, _HIGH, _NEXT = 0, 1, 2
NODE_COLUMNS = 3
# The columns of a move: a transfer that carried some of the money; its pieces are so many from the first on.
KEY, PLACE, PAYER, PAYEE, CARRIED, HOP, END, FIRST_PIECE, PIECES = 0, 1, 2, 3, 4, 5, 6, 7, 8
MOVE_COLUMNS = 9
LEFT_COLUMNS = 3
_NEVER = 1 << 31
_SLOT_MASK = (1 << PAYEE_BITS) - 1


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
def _next_due(slots, heap, size):  # type: ignore[no-untyped-def]
    """Leave the earliest payment that is still due on top of the heap; its key, `FAR` where there is none."""
    while size > 0:
        key = heap[0] >> PAYEE_BITS
        if slots[heap[0] & _SLOT_MASK, _DUE] == key:
            return key, size
        size = _pop(heap, size)
    return np.int64(FAR), size


@njit
def _new_slot(graph, account, until, slot_of, slots, count):  # type: ignore[no-untyped-def]
    """Give an account a slot; returns how many there are now."""
    slots[count] = 0
    slots[count, _ACCOUNT], slots[count, _HOP] = account, _NEVER
    slots[count, _HEAD] = slots[count, _TAIL] = slots[count, _DUE] = slots[count, _OPENING] = NOT_FOUND
    span, whole = span_until(graph, account, until)
    slots[count, _PLACE], slots[count, _MERGED], slots[count, _WHOLE] = span[0], NOT_FOUND, np.int64(whole)
    slots[count, _FIRST_OUT], slots[count, _OUT_STOP] = span[0], span[1]
    slots[count, _FIRST_IN], slots[count, _IN_STOP], slots[count, _BLOCK] = span[2], span[3], span[4]
    slot_of[account] = np.int32(count + 1)
    return count + 1


@njit
def _finish(slot_of, slots, count, left):  # type: ignore[no-untyped-def]
    """Write what lies where, and how much dust it paid on, and leave `slot_of` as it was found."""
    kept = np.int64(0)
    for slot in range(count):
        slot_of[slots[slot, _ACCOUNT]] = np.int32(0)
        lies, dust = slots[slot, _TAINT] + slots[slot, _STOPPED], slots[slot, _DUST]
        if lies > 0 or dust > 0:
            left[kept, 0], left[kept, 1], left[kept, 2] = slots[slot, _ACCOUNT], lies, dust
            kept += 1
    return kept


@njit
def _span(slots, slot):  # type: ignore[no-untyped-def]
    return (
        slots[slot, _FIRST_OUT], slots[slot, _OUT_STOP], slots[slot, _FIRST_IN], slots[slot, _IN_STOP],
        slots[slot, _BLOCK],
    )  # fmt: skip


@njit
def _look_ahead(  # type: ignore[no-untyped-def]
    graph, rule, slot_of, slots, slot, nodes, until, floor_vnd, heap, size, scratch, kept
):
    """Find the account's next payment that touches the money, and put it on the heap; also whether it cannot."""
    slots[slot, _DUE] = NOT_FOUND
    place, into, height, paid = (
        slots[slot, _PLACE], slots[slot, _INTO], slots[slot, _HEIGHT], slots[slot, _PAID],
    )  # fmt: skip
    found = np.int64(NOT_FOUND)
    if rule == HAIRCUT:
        if slots[slot, _TAINT] > 0:
            found, height, slots[slot, _NOW], slots[slot, _MERGED] = first_sharing(
                graph, _span(slots, slot), place, slots[slot, _NOW], slots[slot, _MERGED], slots[slot, _SINCE],
                until, slots[slot, _OPENING], slots[slot, _TAINT], floor_vnd, scratch, kept, slots[slot, _AT],
            )  # fmt: skip
            place = found
    elif slots[slot, _HEAD] >= 0:
        if rule == LIFO:
            below = nodes[slots[slot, _HEAD], _HIGH]
            place, into, height, found = first_below(graph, _span(slots, slot), place, into, height, until, below)
        else:
            beyond = nodes[slots[slot, _HEAD], _LOW]
            paid, found = first_beyond(graph, _span(slots, slot), place, paid, until, beyond)
            place = found
    if found >= 0:
        key, payee = graph[0][found, 0] >> PAYEE_BITS, payee_of(graph[0][found, 0])
        if payee >= 0:
            ask_for_account(graph, payee)
            prefetch(slot_of, payee)
        slots[slot, _DUE], slots[slot, _DUE_PLACE], slots[slot, _DUE_INTO] = key, place, into
        slots[slot, _DUE_HEIGHT], slots[slot, _DUE_PAID] = height, paid
        size = _push(heap, size, (key << PAYEE_BITS) | slot)
    return size, found == NEEDS_EXACT


@njit
def _ask_for_coming(graph, rule, slot_of, slots, heap, size):  # type: ignore[no-untyped-def]
    """Ask memory for what the next payments' payees have, while this one is booked."""
    accounts = graph[1].shape[0] - 1
    for number in range(min(size, 3)):
        payee = payee_of(graph[0][slots[heap[number] & _SLOT_MASK, _DUE_PLACE], 0])
        if payee < 0 or payee >= accounts or slot_of[payee] != 0:
            continue
        if number > 0:
            ask_for_transfers(graph, payee)
        elif rule != LIFO:
            ask_for_ins(graph, np.int64(graph[2][payee]), np.int64(graph[2][payee + 1]))


_CELLS, _ROW = types.int64[:, ::1], types.int64[::1]


@njit(
    tuple_of((types.int64, types.int64, types.int64))(
        GRAPH, LONGS, types.int64, TABLE, TABLE, LONGS, types.int64, types.int64, types.int64,
        types.int32[::1], _CELLS, _CELLS, _CELLS, _ROW, _CELLS, _CELLS, _ROW, _ROW,
    ),
    cache=True, nogil=True, **UNCOUNTED,
)  # fmt: skip
def follow(  # type: ignore[no-untyped-def]
    graph, stated_vnd, rule, given, given_pieces, inside, until, max_hops, floor_vnd,
    slot_of, slots, nodes, pieces, heap, moves, left, scratch, kept,
):  # fmt: skip
    """Book the given moves, in their order, at their payees, and follow the money on from there.

    `inside`: only these accounts are followed, whatever comes to others; all are where it is empty. Returns how
    many moves were made, how many accounts are left with money or dust, and how many pieces the moves have;
    `FULL` or `REVERSAL` instead of moves.
    """
    out = graph[0]
    count, size, used, free = np.int64(0), np.int64(0), np.int64(0), np.int64(NOT_FOUND)
    moved, cut, taken, at = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    least = max(floor_vnd, np.int64(1))
    if inside.shape[0] > slots.shape[0]:
        return np.int64(FULL), np.int64(0), np.int64(0)
    for account in inside:
        count = _new_slot(graph, account, until, slot_of, slots, count)
    while True:
        key, size = _next_due(slots, heap, size)
        given_key = given[taken, KEY] if taken < given.shape[0] else np.int64(FAR)
        if key == FAR and given_key == FAR:
            return moved, _finish(slot_of, slots, count, left), cut
        most = used + 2 + (given[taken, PIECES] if given_key < key else np.int64(0))
        if (
            moved == moves.shape[0] or count == slots.shape[0] or size + 3 > heap.shape[0]
            or used + most > nodes.shape[0] or cut + most > pieces.shape[0]
        ):  # fmt: skip
            _finish(slot_of, slots, count, left)
            return np.int64(FULL), np.int64(0), np.int64(0)
        failed = False
        if given_key < key:
            place, payee, carried = given[taken, PLACE], given[taken, PAYEE], given[taken, CARRIED]
            key, hop, end = given_key, given[taken, HOP], given[taken, END]
            first, number, from_given = given[taken, FIRST_PIECE], given[taken, PIECES], True
            taken += 1
        else:
            # What the payment takes of the money.
            slot = heap[0] & _SLOT_MASK
            size = _pop(heap, size)
            _ask_for_coming(graph, rule, slot_of, slots, heap, size)
            place = slots[slot, _DUE_PLACE]
            payee, amount, hop = payee_of(out[place, 0]), out[place, 1], slots[slot, _HOP] + 1
            slots[slot, _PLACE], slots[slot, _INTO] = place + 1, slots[slot, _DUE_INTO]
            slots[slot, _HEIGHT] = slots[slot, _DUE_HEIGHT] - amount
            slots[slot, _PAID] = slots[slot, _DUE_PAID] + amount
            slots[slot, _SINCE] = key
            first, number, from_given, carried, dust = cut, np.int64(0), False, np.int64(0), np.int64(0)
            if rule == HAIRCUT:
                balance = slots[slot, _OPENING] + slots[slot, _DUE_HEIGHT]
                carried, dust = shared(amount, slots[slot, _TAINT], balance, least)
            else:
                head = slots[slot, _HEAD]
                begin = slots[slot, _HEIGHT] if rule == LIFO else slots[slot, _DUE_PAID]
                end_of_it = begin + amount
                while head >= 0:
                    low, high = max(nodes[head, _LOW], begin), min(nodes[head, _HIGH], end_of_it)
                    if low >= high:
                        break
                    pieces[cut + number, 0], pieces[cut + number, 1] = low - begin, high - begin
                    number += 1
                    carried += high - low
                    if rule == LIFO and nodes[head, _LOW] < begin:
                        nodes[head, _HIGH] = begin
                        break
                    if rule == FIFO and nodes[head, _HIGH] > end_of_it:
                        nodes[head, _LOW] = end_of_it
                        break
                    following = nodes[head, _NEXT]
                    nodes[head, _NEXT], free, head = free, head, following
                slots[slot, _HEAD] = head
                if head < 0:
                    slots[slot, _TAIL] = NOT_FOUND
                if carried < floor_vnd:
                    carried, dust = np.int64(0), carried
            slots[slot, _TAINT] -= carried + dust
            slots[slot, _DUST] += dust
            end = np.int64(FOLLOWED)
            if payee < 0:
                end = np.int64(OUTSIDE)
            elif hop >= max_hops:
                end = np.int64(DEPTH)
            if carried > 0:
                moves[moved, KEY], moves[moved, PLACE], moves[moved, CARRIED] = key, place, carried
                moves[moved, PAYER], moves[moved, PAYEE] = slots[slot, _ACCOUNT], payee
                moves[moved, HOP], moves[moved, END] = hop, end
                moves[moved, FIRST_PIECE], moves[moved, PIECES] = cut, number
                moved += 1
                cut += number
            size, failed = _look_ahead(
                graph, rule, slot_of, slots, slot, nodes, until, least, heap, size, scratch, kept
            )
        if carried > 0 and payee >= 0 and not failed:
            # What arrives, where it is followed.
            slot = np.int64(slot_of[payee]) - 1
            if slot < 0 and inside.shape[0] == 0:
                slot, count = count, _new_slot(graph, payee, until, slot_of, slots, count)
            if slot >= 0:
                slots[slot, _HOP] = min(slots[slot, _HOP], hop)
                if end == DEPTH:
                    slots[slot, _STOPPED] += carried
                else:
                    slots[slot, _TAINT] += carried
                    span = _span(slots, slot)
                    if rule != LIFO and slots[slot, _OPENING] < 0:
                        whole = slots[slot, _WHOLE] != 0
                        height_least, undone = least_height(graph, span, whole, scratch, kept, at)
                        stated = stated_vnd[payee] if payee < stated_vnd.shape[0] else np.int64(0)
                        slots[slot, _OPENING] = max(-height_least, stated)
                        failed = rule == FIFO and undone
                        if rule == HAIRCUT:
                            slots[slot, _AT], at = at, at + KEPT
                            if span[1] - span[0] + span[3] - span[2] <= BLOCK:
                                slots[slot, _MERGED] = np.int64(WALK if undone else 0)
                    base = np.int64(0)
                    if rule == HAIRCUT:
                        slots[slot, _SINCE], slots[slot, _NOW] = key, block_before(graph, span, key)
                        slots[slot, _PLACE] = first_out_after(out, slots[slot, _PLACE], slots[slot, _OUT_STOP], key)
                        number = np.int64(0)
                    else:
                        at_place, into, height, paid = stand(graph, span, key)
                        slots[slot, _PLACE], slots[slot, _INTO] = at_place, into + 1
                        slots[slot, _HEIGHT], slots[slot, _PAID] = height + abs(out[place, 1]), paid
                        base = height if rule == LIFO else slots[slot, _OPENING] + height + paid
                    for one in range(number):
                        # Oldest coins first; a payment's pieces stand with the first that it took first.
                        piece = first + (number - 1 - one if rule == LIFO else one)
                        if from_given:
                            low, high = base + given_pieces[piece, 0], base + given_pieces[piece, 1]
                        else:
                            low, high = base + pieces[piece, 0], base + pieces[piece, 1]
                        near = slots[slot, _HEAD] if rule == LIFO else slots[slot, _TAIL]
                        if near >= 0 and nodes[near, _HIGH] == low:
                            nodes[near, _HIGH] = high
                            continue
                        if free >= 0:
                            node, free = free, nodes[free, _NEXT]
                        else:
                            node = used
                            used += 1
                        nodes[node, _LOW], nodes[node, _HIGH], nodes[node, _NEXT] = low, high, NOT_FOUND
                        if rule == LIFO:
                            nodes[node, _NEXT] = near
                            slots[slot, _HEAD] = node
                        else:
                            if near >= 0:
                                nodes[near, _NEXT] = node
                            else:
                                slots[slot, _HEAD] = node
                            slots[slot, _TAIL] = node
                    if not failed:
                        size, failed = _look_ahead(
                            graph, rule, slot_of, slots, slot, nodes, until, least, heap, size, scratch, kept
                        )
        if failed:
            _finish(slot_of, slots, count, left)
            return np.int64(REVERSAL), np.int64(0), np.int64(0)
