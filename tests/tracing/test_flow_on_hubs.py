"""Accounts with so many transfers that they are walked in blocks, some reversed: the exact answer, or none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.factories.columns import random_columns

from lachan.ledger import KINDS, OUTSIDE, Transfer, columns_of
from lachan.tracing import COMPILED, Rule, trace, trace_columns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hub_ledger(seed: int, rows: int, accounts: int, undone: int, most_vnd: int) -> list[Transfer]:
    """Random transfers, most of them the hub's; some late ones take an earlier one back, whole or in part."""
    random = np.random.default_rng(seed)
    columns = random_columns(seed, rows, accounts, most_vnd=most_vnd, busiest=0.6)

    def party(number: int) -> str:
        return OUTSIDE if number < 0 else f"A{number}"

    found = [
        Transfer(
            id=f"t{row}", booked_at=EPOCH + timedelta(microseconds=int(columns.booked_us[row])),
            payer=party(int(columns.payer[row])), payee=party(int(columns.payee[row])),
            amount_vnd=int(columns.amount_vnd[row]), kind=KINDS[columns.kind[row]], sequence=row, row=row + 1,
        )
        for row in range(rows)
    ]  # fmt: skip
    for row in random.choice(np.arange(1, rows), min(undone, rows - 1), replace=False).tolist():
        earlier = found[int(random.integers(0, row))]
        if not earlier.reverses:
            amount_vnd = int(random.integers(1, earlier.amount_vnd + 1))
            found[row] = replace(
                found[row], payer=earlier.payee, payee=earlier.payer, kind=earlier.kind, amount_vnd=amount_vnd,
                reverses=earlier.id,
            )  # fmt: skip
    return found


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32), rows=st.integers(130, 420), accounts=st.sampled_from([3, 6, 30]),
    undone=st.sampled_from([0, 0, 1, 4]), most_vnd=st.sampled_from([20, 10**6, 10**15]),
    rule=st.sampled_from(list(COMPILED)),
    openings=st.dictionaries(st.sampled_from(["A0", "A1"]), st.integers(0, 99)),
    until=st.none() | st.floats(0, 1),
)  # fmt: skip
def test_a_hub_is_walked_as_the_exact_rules_do(
    seed: int, rows: int, accounts: int, undone: int, most_vnd: int, rule: Rule, openings: dict[str, int],
    until: float | None,
) -> None:  # fmt: skip
    ledger = hub_ledger(seed, rows, accounts, undone, most_vnd)
    columns = columns_of(ledger)
    places = {identity: place for place, identity in enumerate(columns.ids)}
    disputable = [one for one in ledger[: rows // 3] if not one.reverses and one.payer != one.payee]
    one = disputable[seed % len(disputable)]
    # Not before it: what comes afterwards must not be seen.
    as_of = None if until is None else ledger[one.row - 1 + int(until * (rows - one.row))].booked_at
    found = trace_columns(columns, places, [one.id], rule=rule, openings=openings, as_of=as_of)
    event(f"answered: {found is not None}")
    if undone == 0:
        assert found is not None
    if found is not None:
        assert found == trace(ledger, [one.id], rule=rule, openings=openings, as_of=as_of)


@pytest.mark.parametrize("rule", list(COMPILED))
def test_what_a_hub_does_later_says_nothing_of_its_opening(rule: Rule) -> None:
    for seed in range(20):
        ledger = hub_ledger(seed, 400, 6, 0, 20)
        columns = columns_of(ledger)
        one = next(each for each in ledger[20:] if each.payer != each.payee)
        as_of = ledger[200].booked_at
        places = {identity: place for place, identity in enumerate(columns.ids)}
        found = trace_columns(columns, places, [one.id], rule=rule, as_of=as_of)
        assert found == trace(ledger, [one.id], rule=rule, as_of=as_of), seed
