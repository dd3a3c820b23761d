"""State of accounts, pairs and edges: what enters a window, and what leaves it. Compiled into `kernel.run`."""

import numpy as np
from numba import njit

from lachan.monitoring.kernel.layout import (
    BALANCE,
    D7,
    DEVICE_SHIFT,
    EDGE_AMOUNT,
    EDGE_BOOKED,
    EDGE_INFO,
    EDGE_PAIR,
    EDGE_PREV_IN,
    EDGE_PREV_OUT,
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
    NEXT_SERIAL,
    OUT_COUNT,
    OUT_SUM,
    PAIR_7D,
    PAIR_24H,
    PAIR_KEY,
    PAIRS_USED,
    PART_DEVICES,
    PART_PAIRS,
    SECOND_US,
    SMALL,
    SMALL_IN_24H,
    SMALL_OUT_24H,
    SUSPECT,
    SUSPECT_IN_7D,
    TAIL,
    WAKE_GAP_S,
    WAKE_US,
    WINDOW_COUNT,
)

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_LOW = np.int64(0xFFFFFFFF)
_DAY_OF_HOURS = 24
_ALL_HOURS = (1 << _DAY_OF_HOURS) - 1


@njit
def pair_key(first, second):  # type: ignore[no-untyped-def]
    """One word for two numbers from -1 on; 0 only where both are -1."""
    return (np.int64(first + 1) << 32) | np.int64(second + 1)


@njit
def payer_of(pair):  # type: ignore[no-untyped-def]
    """The first number of a pair."""
    return (pair >> 32) - 1


@njit
def payee_of(pair):  # type: ignore[no-untyped-def]
    """The second number of a pair."""
    return (pair & _LOW) - 1


@njit
def find_pair(pairs, key):  # type: ignore[no-untyped-def]
    """Where a pair stands, or the empty place for it; the table is never full."""
    mask = np.int64(pairs.shape[0] - 1)
    mixed = np.uint64(key) * _MIX
    place = np.int64((mixed ^ (mixed >> _HALF)) & np.uint64(mask))
    while pairs[place, PAIR_KEY] != key and pairs[place, PAIR_KEY] != 0:
        place = (place + 1) & mask
    return place


@njit
def own_pair(pairs, control, key):  # type: ignore[no-untyped-def]
    """Where a pair stands; it is made where there is none."""
    place = find_pair(pairs, key)
    if pairs[place, PAIR_KEY] == 0:
        pairs[place, PAIR_KEY] = key
        control[PAIRS_USED] += 1
    return place


@njit
def expire(accounts, counts, pairs, pair_counts, edges, devices, control, parts, window, until):  # type: ignore[no-untyped-def]
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
            _leave_24h(counts, pairs, pair_counts, parts, payer, payee, pair, edges[edge, EDGE_INFO])
        elif window == D7:
            _leave_7d(counts, pairs, pair_counts, devices, parts, payer, payee, pair, edges[edge, EDGE_INFO])
    control[TAIL + window] = serial


@njit
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


@njit
def _leave_7d(counts, pairs, pair_counts, devices, parts, payer, payee, pair, info):  # type: ignore[no-untyped-def]
    if payer >= 0 and payee >= 0 and parts & PART_PAIRS:
        place = find_pair(pairs, pair)
        pair_counts[place, PAIR_7D] -= 1
        if pair_counts[place, PAIR_7D] == 0:
            counts[payer, FAN_OUT_7D] -= 1
            counts[payee, FAN_IN_7D] -= 1
    if info & SUSPECT:
        counts[payee, SUSPECT_IN_7D] -= 1
    device = (info >> DEVICE_SHIFT) - 1
    if device >= 0 and parts & PART_DEVICES:
        place = find_pair(pairs, -pair_key(payer, device))
        pair_counts[place, PAIR_7D] -= 1
        if pair_counts[place, PAIR_7D] == 0:
            devices[device] -= 1


@njit
def enter(accounts, counts, pair_counts, edges, control, parts, payer, payee, place, booked, amount, info):  # type: ignore[no-untyped-def]
    """Put a transfer into every window; `place` is its pair's, -1 where one side is outside."""
    serial = control[NEXT_SERIAL]
    edge = serial & (edges.shape[0] - 1)
    control[NEXT_SERIAL] = serial + 1
    edges[edge, EDGE_BOOKED], edges[edge, EDGE_AMOUNT], edges[edge, EDGE_INFO] = booked, amount, info
    edges[edge, EDGE_PAIR] = pair_key(payer, payee)
    if payer >= 0:
        edges[edge, EDGE_PREV_OUT] = accounts[payer, HEAD_OUT]
        accounts[payer, HEAD_OUT] = serial
        for window in range(WINDOW_COUNT):
            if not (parts >> window) & 1:
                continue
            counts[payer, OUT_COUNT[window]] += 1
            accounts[payer, OUT_SUM[window]] += amount
        accounts[payer, BALANCE] = max(0, accounts[payer, BALANCE] - amount)
        accounts[payer, LARGEST_OUT] = max(accounts[payer, LARGEST_OUT], amount)
    if payee >= 0:
        edges[edge, EDGE_PREV_IN] = accounts[payee, HEAD_IN]
        accounts[payee, HEAD_IN] = serial
        for window in range(WINDOW_COUNT):
            if not (parts >> window) & 1:
                continue
            counts[payee, IN_COUNT[window]] += 1
            accounts[payee, IN_SUM[window]] += amount
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


@njit
def enter_nothing(edges, control, booked):  # type: ignore[no-untyped-def]
    """A row that moves no money takes its serial number and changes nothing."""
    edge = control[NEXT_SERIAL] & (edges.shape[0] - 1)
    control[NEXT_SERIAL] += 1
    edges[edge, EDGE_BOOKED] = booked
    edges[edge, EDGE_PAIR] = 0


@njit
def see(accounts, counts, account, now, slept):  # type: ignore[no-untyped-def]
    """The account is active now: its first time, its hours, and whether it wakes from a sleep of `slept`."""
    last = accounts[account, LAST_US]
    if last == 0:
        accounts[account, FIRST_US] = now
        counts[account, HOURS] = 1
    else:
        if now - last >= slept:
            accounts[account, WAKE_US] = now
            counts[account, WAKE_GAP_S] = (now - last) // SECOND_US
        passed = now // HOUR_US - last // HOUR_US
        kept = np.int64(counts[account, HOURS]) << passed if passed < _DAY_OF_HOURS else np.int64(0)
        counts[account, HOURS] = (kept | 1) & _ALL_HOURS
    accounts[account, LAST_US] = now
