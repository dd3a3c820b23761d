"""The exact rules' answer, from the compiled trace: where it is the same and far sooner said."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numba import types
from numpy.typing import NDArray

from lachan.foundation.base.compiled import njit
from lachan.ledger import Columns
from lachan.ledger.columns import frozen, microseconds
from lachan.ledger.edges import LONGS
from lachan.tracing.flow import COMPILED, DISPUTED, AmountTrace, ReversalOnTheWay
from lachan.tracing.graph import Graph
from lachan.tracing.model import AccountTrace, LossSum, Opening, OpeningSource, Rule, Trace
from lachan.tracing.sharing import KEPT, SCRATCH, least_height
from lachan.tracing.walks import GRAPH, span_until, stand

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVER_US = 2**61
_NO_OPENINGS: Mapping[str, int] = {}


def trace_columns(
    columns: Columns,
    places: Mapping[str, int],
    disputed: Sequence[str],
    *,
    rule: Rule = Rule.LIFO,
    openings: Mapping[str, int] = _NO_OPENINGS,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    floor_vnd: int = 0,
) -> Trace | None:
    """What `trace` says of the same transfers; None where it must be asked itself.

    `places` says where the disputed transfer stands in the columns. None for several losses, rules that are not
    compiled, a haircut with a floor (compiled, that is another rule), corrections, a disputed transfer that is not
    known yet or cannot be disputed, and reversals on the way of the money.
    """
    row = places.get(disputed[0], -1) if len(disputed) == 1 else -1
    if row < 0 or rule not in COMPILED or (rule is Rule.HAIRCUT and floor_vnd > 1):
        return None
    if columns.reverses[row] >= 0 or columns.payer[row] == columns.payee[row] or (columns.corrects >= 0).any():
        return None
    until_us = EVER_US if as_of is None else microseconds(as_of)
    if known_at is not None:
        known = columns.learned_us <= microseconds(known_at)
        if not known[row]:
            return None
        row = int(np.count_nonzero(known[:row]))
        columns = _only(columns, known)
    if columns.booked_us[row] > until_us:
        return None
    try:
        graph = Graph.of(columns, _stated(columns, openings))
        found = graph.trace(rule, int(columns.payer[row]), row, until_us=until_us)
    except (ReversalOnTheWay, ValueError):  # ValueError: sums that only Python's integers hold
        return None
    return told(columns.accounts, found, disputed[0], openings)


def _only(columns: Columns, kept: NDArray[np.bool_]) -> Columns:
    """The columns without the other transfers; what is reversed and not among them is nothing."""
    arrays = {name: array[kept] for name, array in columns.arrays.items()}
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    arrays["reverses"] = np.where(arrays["reverses"] >= 0, place[arrays["reverses"]], -1)
    return Columns(**{name: frozen(array) for name, array in arrays.items()}, accounts=columns.accounts, ids=())


def _stated(columns: Columns, openings: Mapping[str, int]) -> NDArray[np.int64]:
    stated = np.full(len(columns.accounts), -1, np.int64)
    for account, opening_vnd in openings.items():
        if (number := columns.account(account)) >= 0:
            stated[number] = opening_vnd
    return stated


def told(accounts: Sequence[str], found: AmountTrace, disputed: str, openings: Mapping[str, int]) -> Trace:
    """A compiled trace as the exact rules tell it; `accounts` names them by their numbers."""
    hops: dict[int, int] = {DISPUTED: 0}
    first_at: dict[int, datetime] = {}
    booked_us = found.graph.booked_us(found.rows).tolist()
    for at_us, payer, payee in zip(booked_us, found.payers.tolist(), found.payees.tolist(), strict=True):
        if payee >= 0 and payee not in first_at:
            hops[payee] = hops[payer] + 1
            first_at[payee] = _EPOCH + timedelta(microseconds=at_us)
    located = dict(zip(found.accounts.tolist(), found.located_vnd.tolist(), strict=True))
    numbers = np.array(list(first_at), np.int64)
    standing = _standing(found.graph.arrays, numbers, found.until_key).tolist()
    rows = []
    for number, (lowest_vnd, added_vnd) in zip(first_at, standing, strict=True):
        account, taint_vnd = accounts[number], located.get(number, 0)
        opening = _opening(openings.get(account), -lowest_vnd)
        by_loss = {disputed: taint_vnd} if taint_vnd else {}
        balance_vnd = opening.amount_vnd + added_vnd
        rows.append(AccountTrace(account, balance_vnd, taint_vnd, by_loss, hops[number], first_at[number], opening))
    rows.sort(key=lambda each: (-each.taint_vnd, each.first_at, each.hops, each.account))
    sums = LossSum(found.loss_vnd, 0, int(found.located_vnd.sum()), found.out_of_reach_vnd, found.diluted_vnd)
    return Trace(
        found.question.rule, tuple(rows), found.loss_vnd, found.out_of_reach_vnd, found.diluted_vnd, 0,
        len(found.rows), {disputed: sums}, sums.closes,
    )  # fmt: skip


def _opening(stated_vnd: int | None, needed_vnd: int) -> Opening:
    if stated_vnd is None:
        return Opening(needed_vnd, OpeningSource.IMPLIED)
    if stated_vnd < needed_vnd:
        return Opening(needed_vnd, OpeningSource.BALANCE_CONFLICT)
    return Opening(stated_vnd, OpeningSource.STATED)


@njit(types.int64[:, ::1](GRAPH, LONGS, types.int64), cache=True, nogil=True)
def _standing(graph, accounts, until):  # type: ignore[no-untyped-def]
    """Of each account before a key: its least height, at most 0, and its height."""
    found = np.zeros((accounts.shape[0], 2), np.int64)
    scratch, heights = np.empty(SCRATCH, np.int64), np.empty(KEPT, np.int64)
    for number in range(accounts.shape[0]):
        span, whole = span_until(graph, accounts[number], until)
        found[number, 0], _ = least_height(graph, span, whole, scratch, heights, 0)
        _, _, found[number, 1], _ = stand(graph, span, until)
    return found
