"""The one compiled pass, and the care of its tables. Signatures are fixed: nothing is compiled on the way."""

import numpy as np
from numba import types

from lachan.foundation.base.compiled import borrowing, njit
from lachan.monitoring.kernel.filling import (
    of_device,
    of_pair,
    pass_through,
    permille,
    search,
    side_after,
    side_before,
)
from lachan.monitoring.kernel.forest import FURTHER, PLACES, STARTS, THRESHOLDS, WORDS, grown
from lachan.monitoring.kernel.judging import holds, prove
from lachan.monitoring.kernel.layout import (
    BEGAN_US,
    CHAIN_US,
    D7,
    DEPTH_SHIFT,
    F_AMOUNT,
    F_AWAKE,
    F_BIOMETRICS,
    F_BUDGET,
    F_CHAIN,
    F_DEVICE_AGE,
    F_FOREIGN,
    F_HISTORY,
    F_HOUR,
    F_KIND,
    F_LARGEST,
    F_LEFT,
    F_PAIR_KNOWN,
    F_PAYEE,
    F_PAYER,
    F_SINCE_IN,
    F_SMALL_IN,
    F_SUSPECT_IN,
    FEATURE_COUNT,
    H1,
    H24,
    HOUR_US,
    LARGEST_OUT,
    M10,
    MEMORY_US,
    NEXT_SERIAL,
    NOTE_WORDS,
    NOW_US,
    PAIR_KEY,
    PAIR_LAST,
    PART_DEVICES,
    PART_HABITS,
    PART_PAIRS,
    PARTS,
    PROOF_TOLD,
    QUEUE_WORDS,
    ROOM_ROWS,
    S_COMPANY,
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
    SMALL_VND,
    SOURCES_MAX,
    SUSPECT,
    SUSPECT_IN_7D,
    US_1H,
    US_7D,
    US_10M,
    US_24H,
    VIETNAM_HOURS,
    WAKE_US_MIN,
    WALK,
)
from lachan.monitoring.kernel.searches import chain_depth
from lachan.monitoring.kernel.windows import (
    ask_for_newest,
    ask_for_row,
    enter,
    enter_nothing,
    expire,
    find_pair,
    own_pair,
    pair_key,
    see,
)

_DAY_HOURS = 24
_AHEAD, _SOON = 8, 4  # rows: what memory takes to answer

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
FLOATS = types.float64[::1]


@borrowing
def _judged(  # type: ignore[no-untyped-def]
    accounts, counts, gaps, pairs, pair_counts, edges, links, devices, control,
    booked, payers, payees, amounts, kinds, inert, device_of, signs,
    settings, tests, values, typologies, weights,
    first, last, out, alerts, interdicts, scores, proofs, told, written, room, queue, notes,
):  # fmt: skip
    count = weights.shape[0]
    stored, reached = out.shape[0] > 1, last
    parts = settings[PARTS]
    written[0] = written[1] = written[2] = 0
    for row in range(first, min(first + _AHEAD, last)):
        ask_for_row(accounts, pairs, edges, devices, control, parts, payers[row], payees[row], device_of[row])
    for row in range(first, last):
        if row + _AHEAD < last:
            ask_for_row(
                accounts, pairs, edges, devices, control, parts, payers[row + _AHEAD], payees[row + _AHEAD],
                device_of[row + _AHEAD],
            )  # fmt: skip
        if row + _SOON < last:
            ask_for_newest(accounts, edges, control, payers[row + _SOON], payees[row + _SOON])
        if written[0] + count > proofs.shape[0]:
            reached = row
            break
        now = booked[row]
        if control[BEGAN_US] == 0:
            control[BEGAN_US] = now
        control[NOW_US] = now
        expire(accounts, counts, pairs, pair_counts, edges, links, devices, control, parts, M10, now - US_10M)
        expire(accounts, counts, pairs, pair_counts, edges, links, devices, control, parts, H1, now - US_1H)
        expire(accounts, counts, pairs, pair_counts, edges, links, devices, control, parts, H24, now - US_24H)
        expire(accounts, counts, pairs, pair_counts, edges, links, devices, control, parts, D7, now - US_7D)
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
        info = np.int64(SMALL if amount <= settings[SMALL_VND] else 0)
        depth = np.int64(1)
        if parts & PART_HABITS:
            side_before(accounts, payer, now, features, F_PAYER)
            side_before(accounts, payee, now, features, F_PAYEE)
            depth = chain_depth(accounts, edges, links, control, payer, now, amount, settings[CHAIN_US])
        features[F_CHAIN] = depth
        info |= depth << DEPTH_SHIFT
        if payee >= 0:
            if parts & PART_HABITS:
                see(accounts, counts, gaps, payee, now, settings[WAKE_US_MIN])
            if signs[row, SIGN_PAYER_SUSPECT] == 1:
                info |= SUSPECT
        place = np.int64(-1)
        if payer >= 0:
            if parts & PART_HABITS:
                see(accounts, counts, gaps, payer, now, settings[WAKE_US_MIN])
            if parts & PART_HABITS and accounts[payer, LARGEST_OUT] > 0:
                features[F_LARGEST] = permille(amount, accounts[payer, LARGEST_OUT])
            if payee >= 0 and parts & PART_PAIRS:
                place = own_pair(pairs, control, pair_key(payer, payee))
                of_pair(pairs, pair_counts, place, now, settings[MEMORY_US], features)
            if parts & PART_DEVICES:
                of_device(
                    accounts, pairs, pair_counts, devices, control, payer, device_of[row], now, settings[MEMORY_US],
                    features,
                )  # fmt: skip
        serial = control[NEXT_SERIAL]
        enter(
            accounts, counts, pair_counts, edges, links, control, parts, payer, payee, place, now, amount, info,
            device_of[row] if payer >= 0 else -1,
        )  # fmt: skip

        side_after(accounts, counts, payer, parts, features, F_PAYER)
        side_after(accounts, counts, payee, parts, features, F_PAYEE)
        if payer >= 0 and parts & PART_HABITS:
            pass_through(accounts, counts, gaps, edges, control, payer, now, features)
        if payee >= 0 and parts & PART_HABITS:
            features[F_SMALL_IN] = counts[payee, SMALL_IN_24H]
            features[F_SUSPECT_IN] = counts[payee, SUSPECT_IN_7D]
        features[F_FOREIGN], features[F_BIOMETRICS] = signs[row, SIGN_IP_FOREIGN], signs[row, SIGN_BIOMETRICS]
        features[F_PAYER + S_COMPANY] = signs[row, SIGN_PAYER_COMPANY]
        features[F_PAYEE + S_COMPANY] = signs[row, SIGN_PAYEE_COMPANY]
        features[F_PAYER + S_SUSPECT] = signs[row, SIGN_PAYER_SUSPECT]
        features[F_PAYEE + S_SUSPECT] = signs[row, SIGN_PAYEE_SUSPECT]
        search(
            accounts, counts, edges, links, control, settings, parts, payer, payee, kinds[row], amount, serial,
            room, queue, notes, features,
        )  # fmt: skip
        written[2] += features[F_BUDGET] != 0

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
                accounts, edges, links, control, features, row, number, level, typologies[count + 1 + number],
                typologies[2 * count + 1 + number], serial, room, notes, proofs[written[0]],
            )  # fmt: skip
            proofs[written[0], PROOF_TOLD] = written[1]
            written[0] += 1
        if alerts[row - first]:
            for number in range(FEATURE_COUNT):
                told[written[1], number] = features[number]
            written[1] += 1
        scores[row - first] = 1.0 - innocent
    return reached


@njit(
    types.int64(
        TABLE, HALVES, types.int32[::1], TABLE, HALVES, TABLE, HALVES, types.int32[::1], LONGS,
        COLUMN, NUMBERS, NUMBERS, COLUMN, MARKS, MARKS, NUMBERS, SIGN_TABLE,
        LONGS, CLAUSES, CLAUSES, COLUMN, WEIGHTS, WORDS, THRESHOLDS, STARTS, PLACES, FURTHER,
        types.int64, types.int64, TABLE, MASKS, MASKS, FLOATS, FLOATS, TABLE, TABLE, LONGS,
    ),
    cache=True, nogil=True,
)  # fmt: skip
def run(  # type: ignore[no-untyped-def]
    accounts, counts, gaps, pairs, pair_counts, edges, links, devices, control,
    booked, payers, payees, amounts, kinds, inert, device_of, signs,
    settings, tests, values, typologies, weights, words, thresholds, starts, places, further,
    first, last, out, alerts, interdicts, scores, raw, proofs, told, written,
):  # fmt: skip
    """Take rows `first` to `last` in turn; returns how far it came, which is short where proofs are full.

    `tests`: feature, comparison, clause; `values`: the value for an alert and for an interdict of each test;
    `typologies`: start of the tests of each, and its evidence (sources, window), in one column after the other:
    n + 1 starts, n sources, n windows. `out` has a row for each of the rows, or a single one that is used again.
    `words` to `places` are a forest; where it has trees, `out` has a row for each, `further` the columns that the
    kernel does not make, and `raw` gets the forest's score. `told` gets the features of rows with a proof;
    `written` says how many of both there are, and in how many rows a search was cut short.
    """
    room = np.empty((ROOM_ROWS, max(settings[WALK], SOURCES_MAX) + 1), np.int64)
    queue = np.empty((2 * settings[SEARCH] + 2, QUEUE_WORDS), np.int64)
    notes = np.empty(NOTE_WORDS, np.int64)
    reached = _judged(
        accounts, counts, gaps, pairs, pair_counts, edges, links, devices, control,
        booked, payers, payees, amounts, kinds, inert, device_of, signs,
        settings, tests, values, typologies, weights,
        first, last, out, alerts, interdicts, scores, proofs, told, written, room, queue, notes,
    )  # fmt: skip
    if starts.shape[0]:
        grown(words, thresholds, starts, places, out, further, reached - first, raw)
    return reached


_EXTENT = types.UniTuple(types.int64, 3)  # type: ignore[no-untyped-call]


@njit(_EXTENT(COLUMN, NUMBERS, NUMBERS, NUMBERS, types.int64), cache=True, nogil=True)
def extent(booked, payers, payees, devices, now):  # type: ignore[no-untyped-def]
    """Whether rows are in order and none before `now`; and how many accounts and devices their numbers need."""
    accounts, used, before = np.int32(-1), np.int32(-1), now
    for row in range(booked.shape[0]):
        if booked[row] < before:
            return 0, 0, 0
        before = booked[row]
        accounts = max(accounts, payers[row], payees[row])
        used = max(used, devices[row])
    return 1, np.int64(accounts) + 1, np.int64(used) + 1


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
