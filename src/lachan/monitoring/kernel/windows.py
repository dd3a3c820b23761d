"""State of accounts, pairs and edges: what enters a window, and what leaves it. Compiled into `kernel.run`."""

import numpy as np

from lachan.foundation.base.compiled import borrowing, prefetch
from lachan.monitoring.kernel.layout import (
    ACCOUNT_WORDS,
    BACK_IN,
    BACK_MAX,
    BACK_OUT,
    BACK_SOURCE,
    BALANCE,
    D7,
    EDGE_AMOUNT,
    EDGE_BOOKED,
    EDGE_DEVICE,
    EDGE_INFO,
    EDGE_PAIR,
    EDGE_WORDS,
    FAN_IN_7D,
    FAN_IN_24H,
    FAN_OUT_7D,
    FAN_OUT_24H,
    FIRST_US,
    H24,
    HEAD_IN,
    HEAD_OUT,
    HOUR_US,
    HOURS,
    IN_COUNT,
    IN_SUM,
    LARGEST_OUT,
    LAST_US,
    LINE_WORDS,
    NEXT_SERIAL,
    OUT_COUNT,
    OUT_SUM,
    PAIR_7D,
    PAIR_24H,
    PAIR_KEY,
    PAIR_WORDS,
    PAIRS_USED,
    PART_DEVICES,
    PART_HABITS,
    PART_PAIRS,
    SECOND_US,
    SMALL,
    SMALL_IN_24H,
    SMALL_OUT_24H,
    SUSPECT,
    SUSPECT_IN_7D,
    TAIL,
    WAKE_US,
    WINDOW_COUNT,
)

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_LOW = np.int64(0xFFFFFFFF)
_DAY_OF_HOURS = 24
_ALL_HOURS = (1 << _DAY_OF_HOURS) - 1
_LINE_OF = (1, 1, 0, 2)  # of an account, by window
_AHEAD = 8  # rows: long enough that memory answers, short enough that the cache still holds what it answered


@borrowing
def pair_key(first, second):  # type: ignore[no-untyped-def]
    """One word for two numbers from -1 on; 0 only where both are -1."""
    return (np.int64(first + 1) << 32) | np.int64(second + 1)


@borrowing
def payer_of(pair):  # type: ignore[no-untyped-def]
    """The first number of a pair."""
    return (pair >> 32) - 1


@borrowing
def payee_of(pair):  # type: ignore[no-untyped-def]
    """The second number of a pair."""
    return (pair & _LOW) - 1


@borrowing
def _first_place(pairs, key):  # type: ignore[no-untyped-def]
    mixed = np.uint64(key) * _MIX
    return np.int64((mixed ^ (mixed >> _HALF)) & np.uint64(pairs.shape[0] - 1))


@borrowing
def find_pair(pairs, key):  # type: ignore[no-untyped-def]
    """Where a pair stands, or the empty place for it; the table is never full."""
    mask = np.int64(pairs.shape[0] - 1)
    place = _first_place(pairs, key)
    while pairs[place, PAIR_KEY] != key and pairs[place, PAIR_KEY] != 0:
        place = (place + 1) & mask
    return place


@borrowing
def own_pair(pairs, control, key):  # type: ignore[no-untyped-def]
    """Where a pair stands; it is made where there is none."""
    place = find_pair(pairs, key)
    if pairs[place, PAIR_KEY] == 0:
        pairs[place, PAIR_KEY] = key
        control[PAIRS_USED] += 1
    return place


@borrowing
def _ask_account(accounts, account, line):  # type: ignore[no-untyped-def]
    prefetch(accounts, np.int64(account) * ACCOUNT_WORDS + line * LINE_WORDS)


@borrowing
def _ask_pair(pairs, key):  # type: ignore[no-untyped-def]
    prefetch(pairs, _first_place(pairs, key) * PAIR_WORDS)


@borrowing
def ask_for_row(accounts, pairs, edges, devices, control, parts, payer, payee, device):  # type: ignore[no-untyped-def]
    """Ask for all that a row to come will touch."""
    if payer >= 0:
        _ask_account(accounts, payer, 0)
        if parts & PART_HABITS:
            _ask_account(accounts, payer, 1)
            _ask_account(accounts, payer, 2)
        if device >= 0 and parts & PART_DEVICES:
            _ask_pair(pairs, -pair_key(payer, device))
            prefetch(devices, np.int64(device))
    if payee >= 0:
        _ask_account(accounts, payee, 0)
        if parts & PART_HABITS:
            _ask_account(accounts, payee, 1)
            _ask_account(accounts, payee, 2)
        if payer >= 0 and parts & PART_PAIRS:
            _ask_pair(pairs, pair_key(payer, payee))


@borrowing
def ask_for_newest(accounts, edges, control, payer, payee):  # type: ignore[no-untyped-def]
    """Ask for the payer's newest credit and the payee's newest debit, where the searches begin."""
    mask = edges.shape[0] - 1
    if payer >= 0 and accounts[payer, HEAD_IN] >= control[TAIL + H24]:
        prefetch(edges, (accounts[payer, HEAD_IN] & mask) * EDGE_WORDS)
    if payee >= 0 and accounts[payee, HEAD_OUT] >= control[TAIL + H24]:
        prefetch(edges, (accounts[payee, HEAD_OUT] & mask) * EDGE_WORDS + BACK_OUT // 2)


@borrowing
def _ask_for_leaving(accounts, pairs, edges, devices, parts, window, edge, links):  # type: ignore[no-untyped-def]
    pair = edges[edge, EDGE_PAIR]
    payer, payee = payer_of(pair), payee_of(pair)
    if payer >= 0:
        _ask_account(accounts, payer, _LINE_OF[window])
        if window == D7 and links[edge, EDGE_DEVICE] and parts & PART_DEVICES:
            _ask_pair(pairs, -pair_key(payer, links[edge, EDGE_DEVICE] - 1))
            prefetch(devices, np.int64(links[edge, EDGE_DEVICE] - 1))
    if payee >= 0:
        _ask_account(accounts, payee, _LINE_OF[window])
        if payer >= 0 and window >= H24 and parts & PART_PAIRS:
            _ask_pair(pairs, pair)


@borrowing
def expire(accounts, counts, pairs, pair_counts, edges, links, devices, control, parts, window, until):  # type: ignore[no-untyped-def]
    """Take out of a window whatever was booked at `until` or before."""
    mask = edges.shape[0] - 1
    counted = (parts >> window) & 1
    if not counted and window != H24:
        # Nobody asks for it; the day's edges are kept for the searches.
        if window == D7:
            control[TAIL + window] = control[TAIL + H24]
        return
    serial = control[TAIL + window]
    while serial < control[NEXT_SERIAL]:
        edge = serial & mask
        if edges[edge, EDGE_BOOKED] > until:
            break
        serial += 1
        pair = edges[edge, EDGE_PAIR]
        if counted and serial + _AHEAD < control[NEXT_SERIAL]:
            ahead = (serial + _AHEAD) & mask
            _ask_for_leaving(accounts, pairs, edges, devices, parts, window, ahead, links)
        if pair == 0 or not counted:
            continue
        payer, payee, amount = payer_of(pair), payee_of(pair), edges[edge, EDGE_AMOUNT]
        if payer >= 0:
            counts[payer, OUT_COUNT[window]] -= 1
            accounts[payer, OUT_SUM[window]] -= amount
        if payee >= 0:
            counts[payee, IN_COUNT[window]] -= 1
            accounts[payee, IN_SUM[window]] -= amount
        if window == H24:
            _leave_24h(counts, pairs, pair_counts, parts, payer, payee, pair, links[edge, EDGE_INFO])
        elif window == D7:
            _leave_7d(
                counts, pairs, pair_counts, devices, parts, payer, payee, pair, links[edge, EDGE_INFO],
                links[edge, EDGE_DEVICE] - 1,
            )  # fmt: skip
    control[TAIL + window] = serial


@borrowing
def _leave_24h(counts, pairs, pair_counts, parts, payer, payee, pair, info):  # type: ignore[no-untyped-def]
    if payer >= 0 and payee >= 0 and parts & PART_PAIRS:
        place = find_pair(pairs, pair)
        pair_counts[place, PAIR_24H] -= 1
        if pair_counts[place, PAIR_24H] == 0:
            counts[payer, FAN_OUT_24H] -= 1
            counts[payee, FAN_IN_24H] -= 1
    if info & SMALL:
        if payer >= 0:
            counts[payer, SMALL_OUT_24H] -= 1
        if payee >= 0:
            counts[payee, SMALL_IN_24H] -= 1


@borrowing
def _leave_7d(counts, pairs, pair_counts, devices, parts, payer, payee, pair, info, device):  # type: ignore[no-untyped-def]
    if payer >= 0 and payee >= 0 and parts & PART_PAIRS:
        place = find_pair(pairs, pair)
        pair_counts[place, PAIR_7D] -= 1
        if pair_counts[place, PAIR_7D] == 0:
            counts[payer, FAN_OUT_7D] -= 1
            counts[payee, FAN_IN_7D] -= 1
    if info & SUSPECT:
        counts[payee, SUSPECT_IN_7D] -= 1
    if device >= 0 and parts & PART_DEVICES:
        place = find_pair(pairs, -pair_key(payer, device))
        pair_counts[place, PAIR_7D] -= 1
        if pair_counts[place, PAIR_7D] == 0:
            devices[device] -= 1


@borrowing
def _back(serial, older):  # type: ignore[no-untyped-def]
    """How far back an edge lies; 0 for none, and for one that no ring reaches."""
    distance = serial - older
    return np.int32(distance if older > 0 and distance <= BACK_MAX else 0)


@borrowing
def enter(  # type: ignore[no-untyped-def]
    accounts, counts, pair_counts, edges, links, control, parts, payer, payee, place, booked, amount, info, device
):  # fmt: skip
    """Put a transfer into every window; `place` is its pair's, -1 where one side is outside."""
    serial = control[NEXT_SERIAL]
    edge = serial & (edges.shape[0] - 1)
    control[NEXT_SERIAL] = serial + 1
    edges[edge, EDGE_PAIR] = pair_key(payer, payee)
    edges[edge, EDGE_AMOUNT], edges[edge, EDGE_BOOKED] = amount, booked
    links[edge, EDGE_DEVICE], links[edge, EDGE_INFO] = device + 1, info
    links[edge, BACK_IN] = links[edge, BACK_SOURCE] = links[edge, BACK_OUT] = 0
    if payer >= 0:
        links[edge, BACK_OUT] = _back(serial, accounts[payer, HEAD_OUT])
        links[edge, BACK_SOURCE] = _back(serial, accounts[payer, HEAD_IN])
        accounts[payer, HEAD_OUT] = serial
        for window in range(WINDOW_COUNT):
            if not (parts >> window) & 1:
                continue
            counts[payer, OUT_COUNT[window]] += 1
            accounts[payer, OUT_SUM[window]] += amount
        if parts & PART_HABITS:
            accounts[payer, BALANCE] = max(0, accounts[payer, BALANCE] - amount)
            accounts[payer, LARGEST_OUT] = max(accounts[payer, LARGEST_OUT], amount)
    if payee >= 0:
        links[edge, BACK_IN] = _back(serial, accounts[payee, HEAD_IN])
        accounts[payee, HEAD_IN] = serial
        for window in range(WINDOW_COUNT):
            if not (parts >> window) & 1:
                continue
            counts[payee, IN_COUNT[window]] += 1
            accounts[payee, IN_SUM[window]] += amount
        if parts & PART_HABITS:
            accounts[payee, BALANCE] += amount
    if place >= 0:
        if pair_counts[place, PAIR_24H] == 0:
            counts[payer, FAN_OUT_24H] += 1
            counts[payee, FAN_IN_24H] += 1
        pair_counts[place, PAIR_24H] += 1
        if (parts >> D7) & 1:
            if pair_counts[place, PAIR_7D] == 0:
                counts[payer, FAN_OUT_7D] += 1
                counts[payee, FAN_IN_7D] += 1
            pair_counts[place, PAIR_7D] += 1
    if info & SMALL:
        if payer >= 0:
            counts[payer, SMALL_OUT_24H] += 1
        if payee >= 0:
            counts[payee, SMALL_IN_24H] += 1
    if info & SUSPECT:
        counts[payee, SUSPECT_IN_7D] += 1


@borrowing
def enter_nothing(edges, control, booked):  # type: ignore[no-untyped-def]
    """A row that moves no money takes its serial number and changes nothing."""
    edge = control[NEXT_SERIAL] & (edges.shape[0] - 1)
    control[NEXT_SERIAL] += 1
    edges[edge, EDGE_BOOKED] = booked
    edges[edge, EDGE_PAIR] = 0


@borrowing
def see(accounts, counts, gaps, account, now, slept):  # type: ignore[no-untyped-def]
    """The account is active now: its first time, its hours, and whether it wakes from a sleep of `slept`."""
    last = accounts[account, LAST_US]
    if last == 0:
        accounts[account, FIRST_US] = now
        counts[account, HOURS] = 1
    else:
        if now - last >= slept:
            accounts[account, WAKE_US] = now
            gaps[account] = (now - last) // SECOND_US
        passed = now // HOUR_US - last // HOUR_US
        kept = np.int64(counts[account, HOURS]) << passed if passed < _DAY_OF_HOURS else np.int64(0)
        counts[account, HOURS] = (kept | 1) & _ALL_HOURS
    accounts[account, LAST_US] = now
