"""Searches over the edges of the last day, each with a cap on every account's list and on the steps in all.

Money is followed backward: an edge knows the credit that its payer had before it, and each credit the one before.
What a cap cuts off is never guessed: the count is then of what was seen, and the row says so in `budget_hit`.
"""

import numpy as np

from lachan.foundation.base.compiled import borrowing, prefetch
from lachan.monitoring.kernel.layout import (
    BACK_IN,
    BACK_OUT,
    BACK_SOURCE,
    CYCLE_MAX,
    DEPTH_MAX,
    DEPTH_SHIFT,
    EDGE_AMOUNT,
    EDGE_BOOKED,
    EDGE_INFO,
    EDGE_PAIR,
    EDGE_WORDS,
    H24,
    HEAD_IN,
    HEAD_OUT,
    NOTE_PATH,
    NOTE_SEEN,
    NOTE_SOURCE,
    Q_ACCOUNT,
    Q_DEPTH,
    Q_EDGE,
    Q_LOOK,
    Q_NUMBER,
    Q_PARENT,
    Q_PLACE,
    ROOM_CREDITS,
    SOURCES_MAX,
    TAIL,
)
from lachan.monitoring.kernel.windows import payer_of

_FEW = 8  # debits: who has more of them paid early enough that the oldest one spares nothing


@borrowing
def earlier(links, serial, back):  # type: ignore[no-untyped-def]
    """The edge to which an edge leads back in one of its three ways; 0 where there is none."""
    distance = np.int64(links[serial & (links.shape[0] - 1), back])
    return serial - distance if distance else np.int64(0)


@borrowing
def chain_depth(accounts, edges, links, control, payer, booked, amount, within):  # type: ignore[no-untyped-def]
    """How many quick forwards end with this one: the payer's last credit is young and this is a quarter or more."""
    if payer < 0:
        return 1
    serial = accounts[payer, HEAD_IN]
    if serial < control[TAIL + H24] or serial == 0:
        return 1
    edge = serial & (edges.shape[0] - 1)
    if booked - edges[edge, EDGE_BOOKED] > within or amount * 4 < edges[edge, EDGE_AMOUNT]:
        return 1
    return min(DEPTH_MAX, ((links[edge, EDGE_INFO] >> DEPTH_SHIFT) & DEPTH_MAX) + 1)


@borrowing
def oldest_debit(accounts, links, tail, account, walk):  # type: ignore[no-untyped-def]
    """The oldest of an account's debits since `tail`; `tail`, where they are more than a few."""
    found = current = accounts[account, HEAD_OUT]
    for _ in range(min(walk, _FEW)):
        current = earlier(links, current, BACK_OUT)
        if current < tail:
            return found
        found = current
    return tail


@borrowing
def _ask(edges, serial):  # type: ignore[no-untyped-def]
    prefetch(edges, (serial & (edges.shape[0] - 1)) * EDGE_WORDS)


@borrowing
def cycles(  # type: ignore[no-untyped-def]
    accounts, edges, links, control, payer, payee, serial, walk, budget, queue, notes
):  # fmt: skip
    """Count the ways from the payee to the payer in rising order of time; returns count, shortest, cut short.

    A way has no account twice and, with this transfer, at most `CYCLE_MAX` transfers, all of the last day. It is
    searched backward from the payer, the short and recent ways first, and not beyond the payee's first debit of the
    day, before which none begins. The shortest is noted. `queue` has a row for each edge to look at: its memory is
    asked for when it is queued, and others are looked at before it is. The payee's credits before `serial`, which
    the next searches walk one after the other, are asked for meanwhile, one at each step.
    """
    mask, ahead = edges.shape[0] - 1, serial
    tail = oldest_debit(accounts, links, max(control[TAIL + H24], 1), payee, walk)
    found = shortest = number = np.int64(0)
    count, cut = np.int64(1), False
    queue[0, Q_LOOK], queue[0, Q_PLACE], queue[0, Q_NUMBER] = accounts[payer, HEAD_IN], 0, 1
    queue[0, Q_ACCOUNT], queue[0, Q_PARENT], queue[0, Q_DEPTH] = payer, -1, 0
    while number < count:
        edge, place = queue[number, Q_LOOK], queue[number, Q_PLACE]
        looked = queue[number, Q_NUMBER]
        number += 1
        if ahead >= tail and number <= walk:
            ahead = earlier(links, ahead, BACK_IN)
            _ask(edges, ahead)
        if edge < tail:
            continue
        if looked > walk:
            cut = True
            continue
        if number > budget:
            return found, shortest, True
        source, depth = payer_of(edges[edge & mask, EDGE_PAIR]), queue[place, Q_DEPTH]
        further = earlier(links, edge, BACK_IN)
        if further >= tail:
            _ask(edges, further)
            queue[count, Q_LOOK], queue[count, Q_PLACE], queue[count, Q_NUMBER] = further, place, looked + 1
            count += 1
        if source == payee:
            found += 1
            if shortest == 0 or depth + 2 < shortest:
                shortest = depth + 2
                notes[NOTE_PATH] = edge
                at = place
                for step in range(depth):
                    notes[NOTE_PATH + 1 + step] = queue[at, Q_EDGE]
                    at = queue[at, Q_PARENT]
            continue
        credit = earlier(links, edge, BACK_SOURCE)
        if source < 0 or depth + 2 == CYCLE_MAX or credit < tail:
            continue
        at = place
        while at >= 0 and queue[at, Q_ACCOUNT] != source:
            at = queue[at, Q_PARENT]
        if at < 0:
            _ask(edges, credit)
            queue[count, Q_LOOK], queue[count, Q_PLACE], queue[count, Q_NUMBER] = credit, count, 1
            queue[count, Q_ACCOUNT], queue[count, Q_EDGE] = source, edge
            queue[count, Q_PARENT], queue[count, Q_DEPTH] = place, depth + 1
            count += 1
    return found, shortest, cut


@borrowing
def scatter_gather(accounts, edges, links, control, payer, payee, serial, walk, budget, room, notes):  # type: ignore[no-untyped-def]
    """Through how many accounts the payer's best source reached the payee within a day; returns count, cut short.

    An account counts for a source that paid it before it paid the payee. `room` keeps what was seen (`ROOM_ROWS`);
    the place of the best source in it is noted, and how many accounts were seen.
    """
    mask, tail = edges.shape[0] - 1, max(control[TAIL + H24], 1)
    steps = sources = seen = np.int64(0)
    cut = False
    current = accounts[payer, HEAD_IN]
    while current >= tail:
        steps += 1
        if steps > walk:
            cut = True
            break
        source = payer_of(edges[current & mask, EDGE_PAIR])
        current = earlier(links, current, BACK_IN)
        known = source < 0 or source == payee
        for number in range(sources):
            known |= room[0, number] == source
        if known:
            continue
        if sources == SOURCES_MAX:
            cut = True
            break
        room[0, sources], room[1, sources] = source, 0
        sources += 1
    if sources == 0:
        return np.int64(0), cut
    visited = steps
    steps = np.int64(0)
    current = serial
    while current >= tail:
        steps += 1
        if steps > walk:
            cut = True
            break
        middle = payer_of(edges[current & mask, EDGE_PAIR])
        credited, debited = earlier(links, current, BACK_SOURCE), current
        current = earlier(links, current, BACK_IN)
        known = middle < 0
        for number in range(seen):
            known |= room[2, number] == middle
        if known:
            continue
        _ask(edges, credited)
        room[2, seen], room[3, seen], room[4, seen], room[5, seen] = middle, credited, 0, debited
        seen += 1
    # A step in each list in turn, so that none waits for memory.
    for looked in range(walk + 1):
        left = 0
        for place in range(seen):
            credited = room[3, place]
            if credited < tail:
                continue
            left += 1
            visited += 1
            if visited > budget or looked == walk:
                cut = True
                break
            source = payer_of(edges[credited & mask, EDGE_PAIR])
            room[3, place] = earlier(links, credited, BACK_IN)
            _ask(edges, room[3, place])
            for number in range(sources):
                if room[0, number] == source and not (room[4, place] >> number) & 1:
                    room[4, place] |= np.int64(1) << number
                    room[1, number] += 1
                    room[ROOM_CREDITS + number, place] = credited
        if left == 0 or visited > budget:
            break
    best = np.int64(0)
    for number in range(sources):
        if room[1, number] > best:
            best, notes[NOTE_SOURCE] = room[1, number], number
    notes[NOTE_SEEN] = seen
    return best, cut


@borrowing
def same_amount(edges, links, control, payer, serial, walk):  # type: ignore[no-untyped-def]
    """Credits of the payee within a day of this very amount, from others, with this one; and whether cut short."""
    mask, tail = edges.shape[0] - 1, max(control[TAIL + H24], 1)
    amount = edges[serial & mask, EDGE_AMOUNT]
    found, steps = np.int64(1), 0
    current = earlier(links, serial, BACK_IN)
    while current >= tail:
        steps += 1
        if steps > walk:
            return found, True
        edge = current & mask
        if edges[edge, EDGE_AMOUNT] == amount and payer_of(edges[edge, EDGE_PAIR]) != payer:
            found += 1
        current = earlier(links, current, BACK_IN)
    return found, False


@borrowing
def near_limit(accounts, edges, links, control, payer, low, high, walk):  # type: ignore[no-untyped-def]
    """The payer's transfers of the last day in the band below the limit, with this one; and whether cut short."""
    mask, tail = edges.shape[0] - 1, max(control[TAIL + H24], 1)
    found, steps = np.int64(0), 0
    current = accounts[payer, HEAD_OUT]
    while current >= tail:
        steps += 1
        if steps > walk:
            return found, True
        found += low <= edges[current & mask, EDGE_AMOUNT] <= high
        current = earlier(links, current, BACK_OUT)
    return found, False


@borrowing
def list_newest(edges, links, tail, head, back, after, out, room):  # type: ignore[no-untyped-def]
    """Write up to `room` of an account's newest credits or debits booked after `after`; `back` says which."""
    mask, made = edges.shape[0] - 1, 0
    while head >= tail and made < room and edges[head & mask, EDGE_BOOKED] > after:
        out[made] = head
        made += 1
        head = earlier(links, head, back)
    return made


@borrowing
def list_chain(links, tail, serial, depth, out, room):  # type: ignore[no-untyped-def]
    """Write the credits that a chain of quick forwards came by, the newest first."""
    made = 0
    while made < room and made < depth - 1:
        serial = earlier(links, serial, BACK_SOURCE)
        if serial < tail:
            break
        out[made] = serial
        made += 1
    return made


@borrowing
def list_scattered(room, source, seen, serial, out, most):  # type: ignore[no-untyped-def]
    """Write what the search counted for a source: the credit from it, and the debit to the payee, newest first."""
    made = 0
    for place in range(seen):
        if made + 2 > most or not (room[4, place] >> source) & 1:
            continue
        out[made] = room[ROOM_CREDITS + source, place]
        made += 1
        # The transfer in hand stands in the evidence already.
        if room[5, place] != serial:
            out[made] = room[5, place]
            made += 1
    return made
