"""Typologies over the features of one row: conditions, score, and the transfers that show what was found."""

import numpy as np

from lachan.foundation.base.compiled import borrowing
from lachan.monitoring.kernel.layout import (
    ABOVE,
    AT_LEAST,
    AT_MOST,
    BACK_IN,
    BACK_OUT,
    BELOW,
    BY_CHAIN,
    BY_CYCLE,
    BY_PAYEE_IN,
    BY_PAYEE_OUT,
    BY_PAYER_IN,
    BY_PAYER_OUT,
    BY_SCATTER,
    D7,
    EDGE_BOOKED,
    EDGE_PAIR,
    EQUALS,
    F_CHAIN,
    F_CYCLE_LENGTH,
    HEAD_IN,
    HEAD_OUT,
    NOTE_PATH,
    NOTE_SEEN,
    NOTE_SOURCE,
    PROOF_COUNT,
    PROOF_LEVEL,
    PROOF_MAX,
    PROOF_ROW,
    PROOF_SERIALS,
    PROOF_TYPOLOGY,
    TAIL,
)
from lachan.monitoring.kernel.searches import list_chain, list_newest, list_scattered
from lachan.monitoring.kernel.windows import payee_of, payer_of


@borrowing
def holds(features, tests, values, start, stop):  # type: ignore[no-untyped-def]
    """Whether every clause has a test that is true; `tests` are rows of feature, comparison, clause."""
    clause, satisfied = np.int64(-1), True
    for number in range(start, stop):
        if tests[number, 2] != clause:
            if not satisfied:
                return False
            clause, satisfied = tests[number, 2], False
        if satisfied:
            continue
        found, wanted, how = features[tests[number, 0]], values[number], tests[number, 1]
        if how == AT_LEAST:
            satisfied = found >= wanted
        elif how == AT_MOST:
            satisfied = found <= wanted
        elif how == ABOVE:
            satisfied = found > wanted
        elif how == BELOW:
            satisfied = found < wanted
        elif how == EQUALS:
            satisfied = found == wanted
        else:
            satisfied = found != wanted
    return satisfied


@borrowing
def prove(  # type: ignore[no-untyped-def]
    accounts, edges, links, control, features, row, typology, level, shown_by, within, serial, room, notes, proof
):  # fmt: skip
    """Write one line of evidence: this transfer, then those that the typology names, each kind with its share."""
    mask = edges.shape[0] - 1
    tail = max(control[TAIL + D7], 1)
    after = edges[serial & mask, EDGE_BOOKED] - within
    payer, payee = payer_of(edges[serial & mask, EDGE_PAIR]), payee_of(edges[serial & mask, EDGE_PAIR])
    proof[PROOF_ROW], proof[PROOF_TYPOLOGY], proof[PROOF_LEVEL] = row, typology, level
    proof[PROOF_SERIALS] = serial
    made, kinds = 1, 0
    for bit in range(7):
        kinds += (shown_by >> bit) & 1
    out = proof[PROOF_SERIALS:]
    for bit in range(7):
        kind = shown_by & (1 << bit)
        if kind == 0:
            continue
        share = (PROOF_MAX - made) // kinds
        kinds -= 1
        if kind == BY_PAYER_IN and payer >= 0:
            made += list_newest(edges, links, tail, accounts[payer, HEAD_IN], BACK_IN, after, out[made:], share)
        elif kind == BY_PAYER_OUT and payer >= 0:
            made += list_newest(edges, links, tail, accounts[payer, HEAD_OUT], BACK_OUT, after, out[made:], share)
        elif kind == BY_PAYEE_IN and payee >= 0:
            made += list_newest(edges, links, tail, accounts[payee, HEAD_IN], BACK_IN, after, out[made:], share)
        elif kind == BY_PAYEE_OUT and payee >= 0:
            made += list_newest(edges, links, tail, accounts[payee, HEAD_OUT], BACK_OUT, after, out[made:], share)
        elif kind == BY_CYCLE:
            for step in range(features[F_CYCLE_LENGTH] - 1):
                out[made + step] = notes[NOTE_PATH + step]
            made += max(0, features[F_CYCLE_LENGTH] - 1)
        elif kind == BY_SCATTER and notes[NOTE_SOURCE] >= 0:
            made += list_scattered(room, notes[NOTE_SOURCE], notes[NOTE_SEEN], serial, out[made:], share)
        elif kind == BY_CHAIN:
            made += list_chain(links, tail, serial, features[F_CHAIN], out[made:], share)
    proof[PROOF_COUNT] = made
