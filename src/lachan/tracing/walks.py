"""How an account's transfers are walked: where it stands at an instant, and which payment touches the money next.

What kernels take of a graph is one tuple, `GRAPH`: the ledger's edges, and the accounts that have other transfers
by now than those (`changed`, in order), each with where its own lie (`spans`). All functions take a *span*: the
first and one behind the last place in `out`, the same in `in_place`, and the number of its block of number 0.
"""

import numpy as np

from lachan.foundation.base.compiled import njit, prefetch
from lachan.ledger.edges import (
    BLOCK,
    BLOCK_BITS,
    BYTES,
    INTS,
    LONGS,
    NOBODY,
    PAYEE_BITS,
    PLACES,
    TABLE,
    UNDONE,
    tuple_of,
)

GRAPH = tuple_of(
    (TABLE, PLACES, PLACES, PLACES, LONGS, LONGS, LONGS, LONGS, PLACES, BYTES, INTS, INTS, INTS, TABLE)
)
NOT_FOUND, NEEDS_EXACT = -1, -2
FAR = np.iinfo(np.int64).max
PLACE_BITS = UNDONE - 1


@njit
def payee_of(word):  # type: ignore[no-untyped-def]
    """The payee in the first word of an edge, -1 where the branch ends."""
    payee = word & np.int64(NOBODY)
    return np.int64(-1) if payee == NOBODY else payee


@njit
def _find(ordered, wanted):  # type: ignore[no-untyped-def]
    """Where an account stands among some in order; -1 where it is not one of them."""
    low, high = np.int64(0), np.int64(ordered.shape[0])
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < ordered.shape[0] and ordered[low] == wanted else np.int64(NOT_FOUND)


@njit
def span_of(graph, account):  # type: ignore[no-untyped-def]
    """Where an account's transfers lie."""
    at = _find(graph[12], account)
    if at >= 0:
        spans = graph[13]
        return spans[at, 0], spans[at, 1], spans[at, 2], spans[at, 3], spans[at, 4]
    out_start, in_start = graph[1], graph[2]
    out, out_stop = np.int64(out_start[account]), np.int64(out_start[account + 1])
    into, in_stop = np.int64(in_start[account]), np.int64(in_start[account + 1])
    block = np.int64(0)
    if out_stop - out + in_stop - into > BLOCK:
        block = np.int64(graph[11][_find(graph[10], account)])
    return out, out_stop, into, in_stop, block


@njit
def span_until(graph, account, until):  # type: ignore[no-untyped-def]
    """Where an account's transfers before a key lie, and whether those are all that it has."""
    out, in_place = graph[0], graph[3]
    first_out, out_stop, first_in, in_stop, block = span_of(graph, account)
    outs, ins = out_stop, in_stop
    if outs > first_out and out[outs - 1, 0] >> PAYEE_BITS >= until:
        outs = first_out_after(out, first_out, outs, until - 1)
    if ins > first_in and out[np.int64(in_place[ins - 1]), 0] >> PAYEE_BITS >= until:
        low = first_in
        while low < ins:
            middle = (low + ins) >> 1
            if out[np.int64(in_place[middle]), 0] >> PAYEE_BITS < until:
                low = middle + 1
            else:
                ins = middle
    return (first_out, outs, first_in, ins, block), outs == out_stop and ins == in_stop


# An account that is met before long is asked of memory in three steps, each of which needs the one before it.
@njit
def ask_for_account(graph, account):  # type: ignore[no-untyped-def]
    """Where its transfers lie."""
    if account + 1 < graph[1].shape[0]:
        prefetch(graph[1], account)
        prefetch(graph[2], account)


@njit
def ask_for_transfers(graph, account):  # type: ignore[no-untyped-def]
    """Its first and last transfers."""
    out, out_start, in_start, in_place = graph[0], graph[1], graph[2], graph[3]
    if account + 1 < out_start.shape[0]:
        prefetch(out, 2 * np.int64(out_start[account]))
        prefetch(out, 2 * np.int64(out_start[account + 1]) - 2)
        prefetch(in_place, np.int64(in_start[account]))
        prefetch(in_place, np.int64(in_start[account + 1]) - 1)


@njit
def ask_for_ins(graph, into, stop):  # type: ignore[no-untyped-def]
    """A block of its incoming transfers: each lies with its payer's, anywhere."""
    out, in_place = graph[0], graph[3]
    for at in range(into, min(stop, into + BLOCK)):
        prefetch(out, 2 * np.int64(in_place[at]))


@njit
def first_out_after(out, start, stop, key):  # type: ignore[no-untyped-def]
    """The first of an account's outgoing transfers behind a key: near ones are found in few steps."""
    step = np.int64(1)
    low, high = start, start
    while high < stop and out[high, 0] >> PAYEE_BITS <= key:
        low = high + 1
        high += step
        step *= 2
    high = min(high, stop)
    while low < high:
        middle = (low + high) >> 1
        if out[middle, 0] >> PAYEE_BITS <= key:
            low = middle + 1
        else:
            high = middle
    return low


@njit
def stand(graph, span, key):  # type: ignore[no-untyped-def]
    """Where an account stands just before a key: both places, its height, and what it has paid."""
    out, in_place, heights, paid_at = graph[0], graph[3], graph[4], graph[6]
    keys, outs = graph[7], graph[8]
    first_out, out_stop, first_in, in_stop, block = span
    place, into, height, paid = first_out, first_in, np.int64(0), np.int64(0)
    low, high = np.int64(0), (out_stop - first_out + in_stop - first_in - 1) >> BLOCK_BITS
    while low < high:  # the last block that begins before the key
        middle = (low + high + 1) >> 1
        if keys[block + middle] < key:
            low = middle
        else:
            high = middle - 1
    if low > 0:
        place = np.int64(outs[block + low] & np.uint32(PLACE_BITS))
        into = first_in + (low << BLOCK_BITS) - (place - first_out)
        height, paid = heights[block + low], paid_at[block + low]
    while place < out_stop and out[place, 0] >> PAYEE_BITS < key:
        amount = abs(out[place, 1])
        height -= amount
        paid += amount
        place += 1
    while into < in_stop:
        from_place = np.int64(in_place[into])
        if out[from_place, 0] >> PAYEE_BITS >= key:
            break
        height += abs(out[from_place, 1])
        into += 1
    return place, into, height, paid


@njit
def first_below(graph, span, place, into, height, until, below):  # type: ignore[no-untyped-def]
    """From where an account stands: its first payment that takes the height under `below`, before a key.

    Returns both places, the height before that payment, and its place: `NOT_FOUND`, or `NEEDS_EXACT` where a
    reversal lies in between.
    """
    out, in_place, heights, lows, keys, outs = graph[0], graph[3], graph[4], graph[5], graph[7], graph[8]
    first_out, out_stop, first_in, in_stop, first_block = span
    first, last = first_out + first_in, out_stop + in_stop
    out_key = out[place, 0] >> PAYEE_BITS if place < out_stop else FAR
    in_key = out[np.int64(in_place[into]), 0] >> PAYEE_BITS if into < in_stop else FAR
    while True:
        number = place + into - first
        if number & (BLOCK - 1) == 0 and number > 0:
            block, begun = first_block + (number >> BLOCK_BITS), number
            while first + number + BLOCK < last and keys[block + 1] <= until:
                if outs[block] & np.uint32(UNDONE) or lows[block] < below:
                    break
                block += 1
                number += BLOCK
            if number != begun:
                height = heights[block]
                place = np.int64(outs[block] & np.uint32(PLACE_BITS))
                into = first + number - place
                out_key = out[place, 0] >> PAYEE_BITS if place < out_stop else FAR
                in_key = out[np.int64(in_place[into]), 0] >> PAYEE_BITS if into < in_stop else FAR
        if min(out_key, in_key) >= until or out_key == FAR:
            return place, into, height, np.int64(NOT_FOUND)
        amount = out[place, 1] if out_key < in_key else out[np.int64(in_place[into]), 1]
        if amount < 0:
            return place, into, height, np.int64(NEEDS_EXACT)
        if out_key < in_key:
            if height - amount < below:
                return place, into, height, place
            height -= amount
            place += 1
            out_key = out[place, 0] >> PAYEE_BITS if place < out_stop else FAR
        else:
            height += amount
            into += 1
            in_key = out[np.int64(in_place[into]), 0] >> PAYEE_BITS if into < in_stop else FAR


@njit
def first_beyond(graph, span, place, paid, until, beyond):  # type: ignore[no-untyped-def]
    """The account's first payment after which it has paid more than `beyond`, before a key.

    Returns what was paid before it, and its place or `NOT_FOUND`.
    """
    out, paid_at, outs = graph[0], graph[6], graph[8]
    first_out, out_stop, first_in, in_stop, block = span
    low, high = np.int64(0), (out_stop - first_out + in_stop - first_in - 1) >> BLOCK_BITS
    while low < high:  # the last block before which no more than that was paid
        middle = (low + high + 1) >> 1
        if paid_at[block + middle] <= beyond:
            low = middle
        else:
            high = middle - 1
    if low > 0 and paid_at[block + low] > paid:
        place, paid = np.int64(outs[block + low] & np.uint32(PLACE_BITS)), paid_at[block + low]
    while place < out_stop and out[place, 0] >> PAYEE_BITS < until:
        amount = abs(out[place, 1])
        if paid + amount > beyond:
            return paid, place
        paid += amount
        place += 1
    return paid, np.int64(NOT_FOUND)
