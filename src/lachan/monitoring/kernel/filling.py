"""The features of one row, part by part, from the tables as they stand. Compiled into `kernel.run`."""

import numpy as np

from lachan.foundation.base.compiled import borrowing
from lachan.monitoring.kernel.layout import (
    BALANCE,
    D7,
    DEVICE_SAME,
    DEVICE_US,
    EDGE_BOOKED,
    F_AWAKE,
    F_BUDGET,
    F_CYCLE_LENGTH,
    F_CYCLES,
    F_DEVICE_ACCOUNTS,
    F_DEVICE_AGE,
    F_LEFT,
    F_NEAR,
    F_NEW_PAYEE,
    F_PAIR_24H,
    F_PAIR_KNOWN,
    F_PASSED_1H,
    F_PASSED_10M,
    F_PASSED_24H,
    F_SAME,
    F_SCATTER,
    F_SINCE_IN,
    F_SMALL_OUT,
    F_WAKE_GAP,
    FAN_IN_7D,
    FAN_IN_24H,
    FAN_OUT_7D,
    FAN_OUT_24H,
    FIRST_US,
    H1,
    H24,
    HEAD_IN,
    HEAD_OUT,
    HIT_CYCLES,
    HIT_SCATTER,
    HIT_WALK,
    HOURS,
    IN_COUNT,
    IN_SUM,
    LAST_US,
    M10,
    NEAR_HIGH,
    NEAR_LOW,
    NOTE_SOURCE,
    OUT_COUNT,
    OUT_SUM,
    PAIR_7D,
    PAIR_24H,
    PAIR_FIRST,
    PAIR_LAST,
    PART_CYCLES,
    PART_FANS,
    PART_HABITS,
    PART_WALKS,
    S_BALANCE,
    S_FANS,
    S_HOURS,
    S_IDLE,
    S_IN_COUNT,
    S_IN_SUM,
    S_KNOWN,
    S_OUT_COUNT,
    S_OUT_SUM,
    SEARCH,
    SECOND_US,
    SMALL_OUT_24H,
    TAIL,
    TRANSFER,
    WAKE_US,
    WALK,
    WINDOW_COUNT,
)
from lachan.monitoring.kernel.searches import cycles, near_limit, same_amount, scatter_gather
from lachan.monitoring.kernel.windows import own_pair, pair_key

_PERMILLE = 1000
_PERMILLE_MAX = 1_000_000
_EXACT_MAX = 1 << 53


@borrowing
def permille(part, whole):  # type: ignore[no-untyped-def]
    """`part` of `whole` in thousandths, rounded down, at most a thousandfold; 0 where there is no whole."""
    if whole <= 0:
        return np.int64(0)
    while whole > _EXACT_MAX:
        part, whole = part >> 10, whole >> 10
    return np.int64(
        min(_PERMILLE_MAX, min(part // whole, _PERMILLE) * _PERMILLE + part % whole * _PERMILLE // whole)
    )


@borrowing
def _bits(mask):  # type: ignore[no-untyped-def]
    count = np.int64(0)
    while mask:
        mask &= mask - 1
        count += 1
    return count


@borrowing
def side_before(accounts, account, now, features, at):  # type: ignore[no-untyped-def]
    """What is known of an account before this transfer is entered."""
    if account < 0:
        features[at + S_KNOWN] = features[at + S_IDLE] = -1
        return
    last = accounts[account, LAST_US]
    features[at + S_KNOWN] = (now - accounts[account, FIRST_US]) // SECOND_US if last else 0
    features[at + S_IDLE] = (now - last) // SECOND_US if last else -1


@borrowing
def side_after(accounts, counts, account, parts, features, at):  # type: ignore[no-untyped-def]
    """Windows, fans, balance and hours, with this transfer."""
    if account < 0:
        return
    for window in range(WINDOW_COUNT):
        if not (parts >> window) & 1:
            continue
        features[at + S_OUT_COUNT + window] = counts[account, OUT_COUNT[window]]
        features[at + S_IN_COUNT + window] = counts[account, IN_COUNT[window]]
        features[at + S_OUT_SUM + window] = accounts[account, OUT_SUM[window]]
        features[at + S_IN_SUM + window] = accounts[account, IN_SUM[window]]
    if parts & PART_FANS:
        features[at + S_FANS] = counts[account, FAN_IN_24H]
        features[at + S_FANS + 1] = counts[account, FAN_OUT_24H]
    if parts & PART_FANS and (parts >> D7) & 1:
        features[at + S_FANS + 2] = counts[account, FAN_IN_7D]
        features[at + S_FANS + 3] = counts[account, FAN_OUT_7D]
    if not parts & PART_HABITS:
        return
    features[at + S_BALANCE] = accounts[account, BALANCE]
    features[at + S_HOURS] = _bits(counts[account, HOURS])


@borrowing
def pass_through(accounts, counts, gaps, edges, control, payer, booked, features):  # type: ignore[no-untyped-def]
    """What left of what came in, and the payer's last credit and sleep."""
    features[F_PASSED_10M] = permille(accounts[payer, OUT_SUM[M10]], accounts[payer, IN_SUM[M10]])
    features[F_PASSED_1H] = permille(accounts[payer, OUT_SUM[H1]], accounts[payer, IN_SUM[H1]])
    features[F_PASSED_24H] = permille(accounts[payer, OUT_SUM[H24]], accounts[payer, IN_SUM[H24]])
    if accounts[payer, IN_SUM[H24]] > 0:
        features[F_LEFT] = permille(accounts[payer, BALANCE], accounts[payer, IN_SUM[H24]])
    head = accounts[payer, HEAD_IN]
    if head >= control[TAIL + D7] and head > 0:
        features[F_SINCE_IN] = (booked - edges[head & (edges.shape[0] - 1), EDGE_BOOKED]) // SECOND_US
    if accounts[payer, WAKE_US]:
        features[F_WAKE_GAP] = gaps[payer]
        features[F_AWAKE] = (booked - accounts[payer, WAKE_US]) // SECOND_US
    features[F_SMALL_OUT] = counts[payer, SMALL_OUT_24H]


@borrowing
def of_pair(pairs, pair_counts, place, booked, memory, features):  # type: ignore[no-untyped-def]
    """The acquaintance of payer and payee."""
    if pairs[place, PAIR_LAST] == 0 or booked - pairs[place, PAIR_LAST] > memory:
        pairs[place, PAIR_FIRST] = booked
        features[F_NEW_PAYEE] = 1
    pairs[place, PAIR_LAST] = booked
    features[F_PAIR_KNOWN] = (booked - pairs[place, PAIR_FIRST]) // SECOND_US
    features[F_PAIR_24H] = pair_counts[place, PAIR_24H] + 1


@borrowing
def of_device(accounts, pairs, pair_counts, devices, control, payer, device, booked, memory, features):  # type: ignore[no-untyped-def]
    """The payer's device."""
    if device >= 0:
        place = own_pair(pairs, control, -pair_key(payer, device))
        last = pairs[place, PAIR_LAST]
        if accounts[payer, DEVICE_US] == 0:
            accounts[payer, DEVICE_US] = DEVICE_SAME
        elif last == 0 or booked - last > memory:
            accounts[payer, DEVICE_US] = booked
        pairs[place, PAIR_LAST] = booked
        devices[device] += pair_counts[place, PAIR_7D] == 0
        pair_counts[place, PAIR_7D] += 1
        features[F_DEVICE_ACCOUNTS] = devices[device]
    if accounts[payer, DEVICE_US] > DEVICE_SAME:
        features[F_DEVICE_AGE] = (booked - accounts[payer, DEVICE_US]) // SECOND_US


@borrowing
def search(  # type: ignore[no-untyped-def]
    accounts, counts, edges, links, control, settings, parts, payer, payee, kind, amount, serial, room, queue,
    notes, features,
):  # fmt: skip
    """The shapes around this transfer, each within its limits."""
    cut = np.int64(0)
    notes[NOTE_SOURCE] = -1
    walk, tail = settings[WALK], max(control[TAIL + H24], 1)
    if parts & PART_WALKS and payer >= 0 and settings[NEAR_LOW] <= amount <= settings[NEAR_HIGH]:
        found, hit = near_limit(
            accounts, edges, links, control, payer, settings[NEAR_LOW], settings[NEAR_HIGH], walk
        )
        features[F_NEAR] = found
        cut |= HIT_WALK * hit
    if payer >= 0 and payee >= 0:
        if parts & PART_CYCLES and accounts[payer, HEAD_IN] >= tail and accounts[payee, HEAD_OUT] >= tail:
            found, shortest, hit = cycles(
                accounts, edges, links, control, payer, payee, serial, walk, settings[SEARCH], queue, notes
            )
            features[F_CYCLES], features[F_CYCLE_LENGTH] = found, shortest
            cut |= HIT_CYCLES * hit
        if parts & PART_WALKS and kind == TRANSFER and counts[payee, FAN_IN_24H] > 1:
            found, hit = same_amount(edges, links, control, payer, serial, walk)
            features[F_SAME] = found
            cut |= HIT_WALK * hit
            if counts[payer, IN_COUNT[H24]] > 0:
                found, hit = scatter_gather(
                    accounts, edges, links, control, payer, payee, serial, walk, settings[SEARCH], room, notes
                )
                features[F_SCATTER] = found
                cut |= HIT_SCATTER * hit
    features[F_BUDGET] = cut
