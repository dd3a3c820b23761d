"""The compiled trace says what the exact rules say, wherever it says anything (no reversal on the way)."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.factories.columns import Columns, random_columns

from lachan.ledger import KINDS, OUTSIDE, Transfer
from lachan.tracing import Rule, trace
from lachan.tracing.flow import COMPILED

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_transfers(columns: Columns) -> list[Transfer]:
    def party(number: int) -> str:
        return OUTSIDE if number < 0 else str(number)

    return [
        Transfer(
            id=f"t{row}", booked_at=EPOCH + timedelta(microseconds=int(columns.booked_us[row])),
            payer=party(int(columns.payer[row])), payee=party(int(columns.payee[row])),
            amount_vnd=int(columns.amount_vnd[row]), kind=KINDS[columns.kind[row]], sequence=row, row=row + 1,
        )
        for row in range(len(columns.payer))
    ]  # fmt: skip


@pytest.mark.parametrize("rule", list(COMPILED))
@pytest.mark.parametrize("seed", range(60))
def test_the_same_accounts_and_the_same_sums(seed: int, rule: Rule) -> None:
    random = np.random.default_rng(seed)
    most = int(random.choice([20, 1000, 10**12]))
    columns = random_columns(seed, int(random.integers(20, 120)), int(random.integers(2, 9)), most_vnd=most)
    stated = np.where(random.random(columns.accounts) < 0.5, random.integers(0, 200, columns.accounts), -1)
    row, payer, _, _ = columns.steps()[int(random.integers(0, len(columns.steps())))]
    until = int(columns.booked_us[int(random.integers(row, len(columns.payer)))])
    floor = int(random.integers(0, 2)) if rule is Rule.HAIRCUT else 0  # a higher one is another rule
    found = columns.graph(stated).trace(rule, payer, row, until_us=until, floor_vnd=floor)
    exact = trace(
        as_transfers(columns),
        [f"t{row}"],
        rule=rule,
        openings={str(account): int(one) for account, one in enumerate(stated) if one >= 0},
        as_of=EPOCH + timedelta(microseconds=until),
        floor_vnd=floor,
    )
    located = zip(found.accounts.tolist(), found.located_vnd.tolist(), strict=True)
    assert {str(account): amount for account, amount in located if amount} == {
        each.account: each.taint_vnd for each in exact.accounts if each.taint_vnd
    }
    assert (found.out_of_reach_vnd, found.diluted_vnd) == (exact.out_of_reach_vnd, exact.diluted_vnd)
    assert len(found.rows) == exact.edges
