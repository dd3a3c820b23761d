"""Haircut: which payment of an account is the next to take of the money, pro rata.

Whether it does depends on the balance before it, and so on all that came before. An account's transfers in and out
lie apart; putting them in order costs most when done step by step, as a processor cannot guess which is next. So
the heights before an account's payments are made in one go, without a branch, and kept: those of all its payments,
or, of an account with blocks, those of the one block that is looked at. Blocks in which no payment can take enough
are passed by what is known of them whole. Where a reversal is about, the way is walked step by step.
"""

import numpy as np

from lachan.foundation.base.compiled import njit
from lachan.ledger.edges import BLOCK, BLOCK_BITS, PAYEE_BITS, UNDONE, most_of
from lachan.tracing.walks import FAR, NEEDS_EXACT, NOT_FOUND, PLACE_BITS, ask_for_ins, stand
from lachan.tracing.wide import product, share

KEPT = BLOCK + 1
"""How many heights are kept of an account, at most: one more than a block can have payments."""
SCRATCH = 4 * KEPT
WALK = -2
_SURELY = 1.0 - 1e-9  # fractions of 53 bits are right to more than this


@njit
def heights_of(graph, span, count, height, scratch, kept, at):  # type: ignore[no-untyped-def]
    """Write the height before each payment among the next so many transfers of a span; at most a block of them.

    Returns the least height behind any of them, at most that before all, and whether a reversal is among them.
    """
    out, in_place = graph[0], graph[3]
    place, out_stop, into, in_stop, _ = span
    outs, ins = min(out_stop - place, count), min(in_stop - into, count)
    ask_for_ins(graph, into, into + ins)
    for number in range(outs):
        scratch[number] = out[place + number, 0] >> PAYEE_BITS
        scratch[KEPT + number] = out[place + number, 1]
    scratch[outs], scratch[KEPT + outs] = FAR, 0
    for number in range(ins):
        source = np.int64(in_place[into + number])
        scratch[2 * KEPT + number] = out[source, 0] >> PAYEE_BITS
        scratch[3 * KEPT + number] = out[source, 1]
    scratch[2 * KEPT + ins], scratch[3 * KEPT + ins] = FAR, 0
    paid, come, least, signs = np.int64(0), np.int64(0), height, np.int64(0)
    for _ in range(count):
        leaves = np.int64(scratch[paid] < scratch[2 * KEPT + come])
        given, got = scratch[KEPT + paid], scratch[3 * KEPT + come]
        signs |= given * leaves | got * (1 - leaves)
        kept[at + paid] = height
        height += abs(got) * (1 - leaves) - abs(given) * leaves
        least = min(least, height)
        paid += leaves
        come += 1 - leaves
    return least, signs < 0


@njit
def least_height(graph, span, whole, scratch, kept, at):  # type: ignore[no-untyped-def]
    """The least height of an account within a span, at most 0, and whether a reversal is among that.

    `whole`: the span is all that the account has. Of one without blocks the heights are kept.
    """
    heights, lows, outs = graph[4], graph[5], graph[8]
    first_out, out_stop, first_in, in_stop, first_block = span
    events = out_stop - first_out + in_stop - first_in
    least, undone = heights_of(graph, span, min(events, np.int64(BLOCK)), np.int64(0), scratch, kept, at)
    if events <= BLOCK:
        return least, undone
    last = (events - 1) >> BLOCK_BITS
    marks = np.uint32(0)
    for number in range(first_block + 1, first_block + last + (1 if whole else 0)):
        least = min(least, lows[number])
        marks |= outs[number]
    if not whole:
        begin = np.int64(outs[first_block + last] & np.uint32(PLACE_BITS))
        into = first_in + (last << BLOCK_BITS) - (begin - first_out)
        few = events - (last << BLOCK_BITS)
        end = (begin, out_stop, into, in_stop, first_block)
        lower, more = heights_of(graph, end, few, heights[first_block + last], scratch, kept, at)
        least, undone = min(least, lower), undone or more
    return least, undone or marks & np.uint32(UNDONE) != 0


@njit
def _reaches(amount, taint, floor_vnd, balance):  # type: ignore[no-untyped-def]
    """Whether floor(amount · taint / balance) is at least the floor."""
    left, right = np.float64(amount) * np.float64(taint), np.float64(floor_vnd) * np.float64(balance)
    if left < right * _SURELY:
        return False
    if left * _SURELY > right:
        return True
    high, low = product(np.uint64(amount), np.uint64(taint))
    other_high, other_low = product(np.uint64(floor_vnd), np.uint64(balance))
    return high > other_high or (high == other_high and low >= other_low)


@njit
def block_before(graph, span, key):  # type: ignore[no-untyped-def]
    """The last block of a span that begins before a key; 0 where none does."""
    keys = graph[7]
    first_out, out_stop, first_in, in_stop, first_block = span
    low, high = np.int64(0), (out_stop - first_out + in_stop - first_in - 1) >> BLOCK_BITS
    while low < high:
        middle = (low + high + 1) >> 1
        if keys[first_block + middle] < key:
            low = middle
        else:
            high = middle - 1
    return low


@njit
def first_sharing(  # type: ignore[no-untyped-def]
    graph, span, place, block, merged, since, until, opening, taint, floor_vnd, scratch, kept, at
):
    """From a payment on: the first that takes of the money pro rata. One whose share reaches the floor, or which
    the clean money does not suffice for.

    `block`: that of the payment, or one before it; `merged`: the block whose heights are kept, -1: none, `WALK`:
    the first has a reversal. `since`: the key of what last happened in the account. Returns the payment's place
    (`NOT_FOUND`, or `NEEDS_EXACT` where a reversal lies in between), the height before it, its block, and the block
    that is kept.
    """
    out, lows, outs, most = graph[0], graph[5], graph[8], graph[9]
    first_out, out_stop, first_in, in_stop, first_block = span
    events = out_stop - first_out + in_stop - first_in
    if merged == WALK and block == 0:
        found, height = _by_steps(graph, span, since, until, opening, taint, floor_vnd)
        return found, height, block, merged
    last = max(events - 1, np.int64(0)) >> BLOCK_BITS
    while block <= last:
        begin, stop = first_out, out_stop
        if block > 0:
            begin = np.int64(outs[first_block + block] & np.uint32(PLACE_BITS))
        if block < last:
            stop = np.int64(outs[first_block + block + 1] & np.uint32(PLACE_BITS))
        place = max(place, begin)
        if place < stop and block > 0:
            if outs[first_block + block] & np.uint32(UNDONE):
                found, height = _by_steps(graph, span, since, until, opening, taint, floor_vnd)
                return found, height, block, merged
            least = opening + lows[first_block + block]
            if least >= taint:
                enough = np.float64(floor_vnd) * least * _SURELY
                if most_of(most[first_block + block]) * taint < enough:
                    place = stop
                while place < stop and np.float64(out[place, 1]) * taint < enough:
                    place += 1
        if place < stop:
            if merged != block:
                into = first_in + (block << BLOCK_BITS) - (begin - first_out)
                height = graph[4][first_block + block] if block > 0 else np.int64(0)
                count = min(np.int64(BLOCK), events - (block << BLOCK_BITS))
                rest = (begin, out_stop, into, in_stop, first_block)
                _, undone = heights_of(graph, rest, count, height, scratch, kept, at)
                merged = block
                if undone:
                    found, height = _by_steps(graph, span, since, until, opening, taint, floor_vnd)
                    return found, height, block, np.int64(WALK)
            while place < stop:
                amount, height = out[place, 1], kept[at + place - begin]
                balance = opening + height
                if balance - amount < taint or _reaches(amount, taint, floor_vnd, balance):
                    return place, height, block, merged
                place += 1
        block += 1
    return np.int64(NOT_FOUND), np.int64(0), block, merged


@njit
def _by_steps(graph, span, since, until, opening, taint, floor_vnd):  # type: ignore[no-untyped-def]
    """Step by step from behind a key, where a reversal may lie on the way."""
    place, into, height, _ = stand(graph, span, since + 1)
    _, _, height, found = _walked(graph, span, place, into, height, until, opening, taint, floor_vnd)
    return found, height


@njit
def _walked(graph, span, place, into, height, until, opening, taint, floor_vnd):  # type: ignore[no-untyped-def]
    """From where an account stands: as `first_sharing`, and returns as `walks.first_below`."""
    out, in_place, heights, lows, keys, outs, most = (
        graph[0], graph[3], graph[4], graph[5], graph[7], graph[8], graph[9],
    )  # fmt: skip
    first_out, out_stop, first_in, in_stop, first_block = span
    first, last = first_out + first_in, out_stop + in_stop
    out_key = out[place, 0] >> PAYEE_BITS if place < out_stop else FAR
    in_key = out[np.int64(in_place[into]), 0] >> PAYEE_BITS if into < in_stop else FAR
    while True:
        number = place + into - first
        if number & (BLOCK - 1) == 0 and number > 0:
            block, begun = first_block + (number >> BLOCK_BITS), number
            while first + number + BLOCK < last and keys[block + 1] <= until:
                least = opening + lows[block]
                if outs[block] & np.uint32(UNDONE) or least < taint:
                    break
                enough = np.float64(floor_vnd) * least * _SURELY
                if most_of(most[block]) * taint >= enough:
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
            balance = opening + height
            if balance - amount < taint or _reaches(amount, taint, floor_vnd, balance):
                return place, into, height, place
            height -= amount
            place += 1
            out_key = out[place, 0] >> PAYEE_BITS if place < out_stop else FAR
        else:
            height += amount
            into += 1
            in_key = out[np.int64(in_place[into]), 0] >> PAYEE_BITS if into < in_stop else FAR


@njit
def shared(amount, taint, balance, floor_vnd):  # type: ignore[no-untyped-def]
    """What a payment takes pro rata, and what as dust: below the floor, only what clean money cannot pay."""
    part = share(amount, taint, balance)
    if part >= floor_vnd:
        return part, np.int64(0)
    return np.int64(0), max(np.int64(0), taint - (balance - amount))
