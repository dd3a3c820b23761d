"""The one compiled pass, and the care of its tables. Signatures are fixed: nothing is compiled on the way."""

import numpy as np
from numba import njit, types

from lachan.monitoring.kernel.judging import holds, prove
from lachan.monitoring.kernel.layout import (
    BALANCE,
    BEGAN_US,
    CHAIN_US,
    CYCLE_MAX,
    D7,
    DEPTH_SHIFT,
    DEVICE_SHIFT,
    DEVICE_US,
    EDGE_BOOKED,
    F_AMOUNT,
    F_AWAKE,
    F_BIOMETRICS,
    F_BUDGET,
    F_CHAIN,
    F_CYCLE_LENGTH,
    F_CYCLES,
    F_DEVICE_ACCOUNTS,
    F_DEVICE_AGE,
    F_FOREIGN,
    F_HISTORY,
    F_HOUR,
    F_KIND,
    F_LARGEST,
    F_LEFT,
    F_NEAR,
    F_NEW_PAYEE,
    F_PAIR_24H,
    F_PAIR_KNOWN,
    F_PASSED_1H,
    F_PASSED_10M,
    F_PASSED_24H,
    F_PAYEE,
    F_PAYER,
    F_SAME,
    F_SCATTER,
    F_SINCE_IN,
    F_SMALL_IN,
    F_SMALL_OUT,
    F_SUSPECT_IN,
    F_WAKE_GAP,
    FAN_IN_24H,
    FIRST_US,
    H1,
    H24,
    HAS_DEVICE,
    HEAD_IN,
    HIT_CYCLES,
    HIT_SCATTER,
    HIT_WALK,
    HOUR_US,
    HOURS,
    IN_COUNT,
    IN_SUM,
    LARGEST_OUT,
    LAST_US,
    M10,
    MEMORY_US,
    NEAR_HIGH,
    NEAR_LOW,
    NEXT_SERIAL,
    NOTE_SOURCE,
    NOTE_WORDS,
    NOW_US,
    OUT_COUNT,
    OUT_SUM,
    PAIR_7D,
    PAIR_24H,
    PAIR_FIRST,
    PAIR_KEY,
    PAIR_LAST,
    PROOF_TOLD,
    S_BALANCE,
    S_COMPANY,
    S_FANS,
    S_HOURS,
    S_IDLE,
    S_IN_COUNT,
    S_IN_SUM,
    S_KNOWN,
    S_OUT_COUNT,
    S_OUT_SUM,
    S_SUSPECT,
    SEARCH,
    SECOND_US,
    SIGN_BIOMETRICS,
    SIGN_IP_FOREIGN,
    SIGN_PAYEE_COMPANY,
    SIGN_PAYEE_SUSPECT,
    SIGN_PAYER_COMPANY,
    SIGN_PAYER_SUSPECT,
    SMALL,
    SMALL_IN_24H,
    SMALL_OUT_24H,
    SMALL_VND,
    SUSPECT,
    SUSPECT_IN_7D,
    TAIL,
    TRANSFER,
    US_1H,
    US_7D,
    US_10M,
    US_24H,
    VIETNAM_HOURS,
    WAKE_GAP_S,
    WAKE_US,
    WAKE_US_MIN,
    WALK,
    WINDOW_COUNT,
)
from lachan.monitoring.kernel.searches import chain_depth, cycles, near_limit, same_amount, scatter_gather
from lachan.monitoring.kernel.windows import enter, enter_nothing, expire, find_pair, own_pair, pair_key, see

_PERMILLE = 1000
_PERMILLE_MAX = 1_000_000
_EXACT_MAX = 1 << 53
_DAY_HOURS = 24

LONGS = types.int64[::1]
MASKS = types.uint64[::1]
TABLE = types.int64[:, ::1]
HALVES = types.int32[:, ::1]
COLUMN = types.Array(types.int64, 1, "C", readonly=True)
NUMBERS = types.Array(types.int32, 1, "C", readonly=True)
MARKS = types.Array(types.uint8, 1, "C", readonly=True)
SIGN_TABLE = types.Array(types.int8, 2, "C", readonly=True)
CLAUSES = types.Array(types.int64, 2, "C", readonly=True)
WEIGHTS = types.Array(types.float64, 2, "C", readonly=True)


@njit
def permille(part, whole):  # type: ignore[no-untyped-def]
    """`part` of `whole` in thousandths, rounded down, at most a thousandfold; 0 where there is no whole."""
    if whole <= 0:
        return np.int64(0)
    while whole > _EXACT_MAX:
        part, whole = part >> 10, whole >> 10
    return np.int64(
        min(_PERMILLE_MAX, min(part // whole, _PERMILLE) * _PERMILLE + part % whole * _PERMILLE // whole)
    )


@njit
def _bits(mask):  # type: ignore[no-untyped-def]
    count = np.int64(0)
    while mask:
        mask &= mask - 1
        count += 1
    return count


@njit
def _side_before(accounts, account, now, features, at):  # type: ignore[no-untyped-def]
    if account < 0:
        features[at + S_KNOWN] = features[at + S_IDLE] = -1
        return
    last = accounts[account, LAST_US]
    features[at + S_KNOWN] = (now - accounts[account, FIRST_US]) // SECOND_US if last else 0
    features[at + S_IDLE] = (now - last) // SECOND_US if last else -1


@njit
def _side_after(accounts, counts, account, features, at):  # type: ignore[no-untyped-def]
    if account < 0:
        return
    for window in range(WINDOW_COUNT):
        features[at + S_OUT_COUNT + window] = counts[account, OUT_COUNT + 2 * window]
        features[at + S_IN_COUNT + window] = counts[account, IN_COUNT + 2 * window]
        features[at + S_OUT_SUM + window] = accounts[account, OUT_SUM + window]
        features[at + S_IN_SUM + window] = accounts[account, IN_SUM + window]
        features[at + S_FANS + window] = counts[account, FAN_IN_24H + window]
    features[at + S_BALANCE] = accounts[account, BALANCE]
    features[at + S_HOURS] = _bits(counts[account, HOURS])


@njit
def _pass_through(accounts, counts, edges, control, payer, booked, features):  # type: ignore[no-untyped-def]
    features[F_PASSED_10M] = permille(accounts[payer, OUT_SUM + M10], accounts[payer, IN_SUM + M10])
    features[F_PASSED_1H] = permille(accounts[payer, OUT_SUM + H1], accounts[payer, IN_SUM + H1])
    features[F_PASSED_24H] = permille(accounts[payer, OUT_SUM + H24], accounts[payer, IN_SUM + H24])
    if accounts[payer, IN_SUM + H24] > 0:
        features[F_LEFT] = permille(accounts[payer, BALANCE], accounts[payer, IN_SUM + H24])
    head = accounts[payer, HEAD_IN]
    if head >= control[TAIL + D7] and head > 0:
        features[F_SINCE_IN] = (booked - edges[head & (edges.shape[0] - 1), EDGE_BOOKED]) // SECOND_US
    features[F_WAKE_GAP] = counts[payer, WAKE_GAP_S]
    if accounts[payer, WAKE_US]:
        features[F_AWAKE] = (booked - accounts[payer, WAKE_US]) // SECOND_US
    features[F_SMALL_OUT] = counts[payer, SMALL_OUT_24H]


@njit
def _of_pair(pairs, pair_counts, place, booked, memory, features):  # type: ignore[no-untyped-def]
    if pairs[place, PAIR_LAST] == 0 or booked - pairs[place, PAIR_LAST] > memory:
        pairs[place, PAIR_FIRST] = booked
        features[F_NEW_PAYEE] = 1
    pairs[place, PAIR_LAST] = booked
    features[F_PAIR_KNOWN] = (booked - pairs[place, PAIR_FIRST]) // SECOND_US
    features[F_PAIR_24H] = pair_counts[place, PAIR_24H] + 1


@njit
def _of_device(accounts, counts, pairs, pair_counts, devices, control, payer, device, booked, memory, features):  # type: ignore[no-untyped-def]
    if device >= 0:
        place = own_pair(pairs, control, -pair_key(payer, device))
        last = pairs[place, PAIR_LAST]
        if counts[payer, HAS_DEVICE] and (last == 0 or booked - last > memory):
            accounts[payer, DEVICE_US] = booked
        counts[payer, HAS_DEVICE] = 1
        pairs[place, PAIR_LAST] = booked
        devices[device] += pair_counts[place, PAIR_7D] == 0
        pair_counts[place, PAIR_7D] += 1
        features[F_DEVICE_ACCOUNTS] = devices[device]
    if accounts[payer, DEVICE_US]:
        features[F_DEVICE_AGE] = (booked - accounts[payer, DEVICE_US]) // SECOND_US


@njit
def _search(accounts, counts, edges, control, settings, payer, payee, kind, amount, serial, room, notes, features):  # type: ignore[no-untyped-def]
    cut = np.int64(0)
    notes[NOTE_SOURCE] = -1
    walk = settings[WALK]
    if payer >= 0 and settings[NEAR_LOW] <= amount <= settings[NEAR_HIGH]:
        found, hit = near_limit(accounts, edges, control, payer, settings[NEAR_LOW], settings[NEAR_HIGH], walk)
        features[F_NEAR] = found
        cut |= HIT_WALK * hit
    if payer >= 0 and payee >= 0:
        if counts[payer, IN_COUNT + 2 * H24] > 0 and counts[payee, OUT_COUNT + 2 * H24] > 0:
            found, shortest, hit = cycles(
                accounts, edges, control, payer, payee, serial, settings[SEARCH], room, notes
            )
            features[F_CYCLES], features[F_CYCLE_LENGTH] = found, shortest
            cut |= HIT_CYCLES * hit
        if kind == TRANSFER and counts[payee, FAN_IN_24H] > 1:
            found, hit = same_amount(edges, control, payer, serial, walk)
            features[F_SAME] = found
            cut |= HIT_WALK * hit
            if counts[payer, IN_COUNT + 2 * H24] > 0:
                found, hit = scatter_gather(
                    accounts, edges, control, payer, payee, serial, walk, settings[SEARCH], room, notes
                )
                features[F_SCATTER] = found
                cut |= HIT_SCATTER * hit
    features[F_BUDGET] = cut


@njit(
    types.int64(
        TABLE, HALVES, TABLE, HALVES, TABLE, types.int32[::1], LONGS,
        COLUMN, NUMBERS, NUMBERS, COLUMN, MARKS, MARKS, NUMBERS, SIGN_TABLE,
        LONGS, CLAUSES, CLAUSES, COLUMN, WEIGHTS,
        types.int64, types.int64, TABLE, MASKS, MASKS, types.float64[::1], TABLE, TABLE, LONGS,
    ),
    cache=True, nogil=True,
)  # fmt: skip
def run(  # type: ignore[no-untyped-def]
    accounts, counts, pairs, pair_counts, edges, devices, control,
    booked, payers, payees, amounts, kinds, inert, device_of, signs,
    settings, tests, values, typologies, weights,
    first, last, out, alerts, interdicts, scores, proofs, told, written,
):  # fmt: skip
    """Take rows `first` to `last` in turn; returns how far it came, which is short where proofs are full.

    `tests`: feature, comparison, clause; `values`: the value for an alert and for an interdict of each test;
    `typologies`: start of the tests of each, and its evidence (sources, window), in one column after the other:
    n + 1 starts, n sources, n windows. `out` has a row for each of the rows, or a single one that is used again.
    `told` gets the features of rows with a proof; `written` says how many of both there are.
    """
    count = weights.shape[0]
    stored = out.shape[0] > 1
    walk = settings[WALK]
    room = np.empty((3, max(walk, CYCLE_MAX, 8) + 1), np.int64)
    notes = np.empty(NOTE_WORDS, np.int64)
    written[0] = written[1] = 0
    for row in range(first, last):
        if written[0] + count > proofs.shape[0]:
            return row
        now = booked[row]
        if control[BEGAN_US] == 0:
            control[BEGAN_US] = now
        control[NOW_US] = now
        expire(accounts, counts, pairs, pair_counts, edges, devices, control, M10, now - US_10M)
        expire(accounts, counts, pairs, pair_counts, edges, devices, control, H1, now - US_1H)
        expire(accounts, counts, pairs, pair_counts, edges, devices, control, H24, now - US_24H)
        expire(accounts, counts, pairs, pair_counts, edges, devices, control, D7, now - US_7D)
        features = out[row - first if stored else 0]
        features[:] = 0
        alerts[row - first] = interdicts[row - first] = np.uint64(0)
        scores[row - first] = 0.0
        payer, payee, amount = np.int64(payers[row]), np.int64(payees[row]), amounts[row]
        if inert[row] or payer == payee:
            enter_nothing(edges, control, now)
            continue

        features[F_AMOUNT], features[F_KIND] = amount, kinds[row]
        features[F_HOUR] = (now // HOUR_US + VIETNAM_HOURS) % _DAY_HOURS
        features[F_HISTORY] = (now - control[BEGAN_US]) // SECOND_US
        features[F_PAIR_KNOWN] = features[F_SINCE_IN] = features[F_AWAKE] = features[F_LARGEST] = -1
        features[F_LEFT] = features[F_DEVICE_AGE] = -1
        _side_before(accounts, payer, now, features, F_PAYER)
        _side_before(accounts, payee, now, features, F_PAYEE)
        info = np.int64(SMALL if amount <= settings[SMALL_VND] else 0)
        depth = chain_depth(accounts, edges, control, payer, now, amount, settings[CHAIN_US])
        features[F_CHAIN] = depth
        info |= depth << DEPTH_SHIFT
        if payee >= 0:
            see(accounts, counts, payee, now, settings[WAKE_US_MIN])
            if signs[row, SIGN_PAYER_SUSPECT] == 1:
                info |= SUSPECT
        place = np.int64(-1)
        if payer >= 0:
            see(accounts, counts, payer, now, settings[WAKE_US_MIN])
            info |= np.int64(device_of[row] + 1) << DEVICE_SHIFT
            if accounts[payer, LARGEST_OUT] > 0:
                features[F_LARGEST] = permille(amount, accounts[payer, LARGEST_OUT])
            if payee >= 0:
                place = own_pair(pairs, control, pair_key(payer, payee))
                _of_pair(pairs, pair_counts, place, now, settings[MEMORY_US], features)
            _of_device(
                accounts, counts, pairs, pair_counts, devices, control, payer, device_of[row], now,
                settings[MEMORY_US], features,
            )  # fmt: skip
        serial = control[NEXT_SERIAL]
        enter(accounts, counts, pair_counts, edges, control, payer, payee, place, now, amount, info)

        _side_after(accounts, counts, payer, features, F_PAYER)
        _side_after(accounts, counts, payee, features, F_PAYEE)
        if payer >= 0:
            _pass_through(accounts, counts, edges, control, payer, now, features)
        if payee >= 0:
            features[F_SMALL_IN] = counts[payee, SMALL_IN_24H]
            features[F_SUSPECT_IN] = counts[payee, SUSPECT_IN_7D]
        features[F_FOREIGN], features[F_BIOMETRICS] = signs[row, SIGN_IP_FOREIGN], signs[row, SIGN_BIOMETRICS]
        features[F_PAYER + S_COMPANY] = signs[row, SIGN_PAYER_COMPANY]
        features[F_PAYEE + S_COMPANY] = signs[row, SIGN_PAYEE_COMPANY]
        features[F_PAYER + S_SUSPECT] = signs[row, SIGN_PAYER_SUSPECT]
        features[F_PAYEE + S_SUSPECT] = signs[row, SIGN_PAYEE_SUSPECT]
        _search(
            accounts, counts, edges, control, settings, payer, payee, kinds[row], amount, serial, room, notes,
            features,
        )  # fmt: skip

        innocent = 1.0
        for number in range(count):
            start, stop = typologies[number], typologies[number + 1]
            if not holds(features, tests, values[0], start, stop):
                continue
            level = 2 if weights[number, 1] > 0.0 and holds(features, tests, values[1], start, stop) else 1
            alerts[row - first] |= np.uint64(1) << np.uint64(number)
            if level == 2:
                interdicts[row - first] |= np.uint64(1) << np.uint64(number)
            innocent *= 1.0 - weights[number, level - 1]
            prove(
                accounts, edges, control, features, row, number, level, typologies[count + 1 + number],
                typologies[2 * count + 1 + number], serial, notes, proofs[written[0]],
            )  # fmt: skip
            proofs[written[0], PROOF_TOLD] = written[1]
            written[0] += 1
        if alerts[row - first]:
            told[written[1]] = features
            written[1] += 1
        scores[row - first] = 1.0 - innocent
    return last


@njit(types.int64(TABLE, TABLE, types.int64), cache=True, nogil=True)
def move_pairs(old, new, forgotten):  # type: ignore[no-untyped-def]
    """Put the pairs into an empty table, but those last seen before `forgotten`; returns how many there are."""
    kept = np.int64(0)
    for place in range(old.shape[0]):
        if old[place, PAIR_KEY] != 0 and old[place, PAIR_LAST] >= forgotten:
            to = find_pair(new, old[place, PAIR_KEY])
            new[to] = old[place]
            kept += 1
    return kept


@njit(types.void(TABLE, TABLE, types.int64, types.int64), cache=True, nogil=True)
def move_edges(old, new, first, after):  # type: ignore[no-untyped-def]
    """Put the edges from `first` to before `after` into a larger ring."""
    for serial in range(first, after):
        new[serial & (new.shape[0] - 1)] = old[serial & (old.shape[0] - 1)]
