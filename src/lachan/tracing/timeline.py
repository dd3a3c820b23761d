"""All transfers in the order of time, so that those of a window are one piece of memory.

Twelve bytes each, in the place that is the row. Accounts are written as one more than their number; 0 stands for
what leads nowhere: money that comes from outside or leaves the accounts, and transfers without effect. An amount of
2³² - 1 ₫ or more is written as that; what it is stands in the edges.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit, prefetch
from lachan.ledger import Edges
from lachan.ledger.columns import frozen
from lachan.ledger.edges import NOBODY, PLACES, ROW_BITS, TABLE

PAYEE, VND = 0, 1
LARGE = 2**32 - 1
_AHEAD = 32


class Timeline(NamedTuple):
    """`payers`, and beside each the payee and the amount."""

    payers: NDArray[np.uint32]
    others: NDArray[np.uint32]


def timeline_of(edges: Edges) -> Timeline:
    """The transfers of these edges in the order of time."""
    rows = len(edges.booked_low)
    payers, others = np.zeros(rows, np.uint32), np.zeros((rows, 2), np.uint32)
    _write(edges.out, edges.out_start, payers, others)
    return Timeline(frozen(payers), frozen(others))


@njit(types.void(TABLE, PLACES, types.uint32[::1], types.uint32[:, ::1]), cache=True, nogil=True)
def _write(out, out_start, payers, others):  # type: ignore[no-untyped-def]
    accounts = out_start.shape[0] - 2
    last = np.int64(out_start[accounts]) - 1
    for account in range(accounts):
        for place in range(np.int64(out_start[account]), np.int64(out_start[account + 1])):
            coming = out[min(place + _AHEAD, last), 0] >> ROW_BITS
            prefetch(payers, coming)
            prefetch(others, 2 * coming)
            payee, row = out[place, 0] & np.int64(NOBODY), out[place, 0] >> ROW_BITS
            if payee != NOBODY:
                payers[row], others[row, PAYEE] = np.uint32(account + 1), np.uint32(payee + 1)
                others[row, VND] = np.uint32(min(abs(out[place, 1]), np.int64(LARGE)))
