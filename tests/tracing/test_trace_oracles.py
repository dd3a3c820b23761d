"""The engine says the same as slow worlds of single coins and fractions, on any small ledger."""

from functools import partial

import pytest
from hypothesis import given, settings
from tests.tracing import oracles
from tests.tracing.ledgers import Case, cases
from tests.tracing.oracles import Told

from lachan.tracing import Rule, Trace, trace

ORACLES = {
    Rule.LIFO: partial(oracles.coins, newest=True),
    Rule.FIFO: partial(oracles.coins, newest=False),
    Rule.HAIRCUT: partial(oracles.shares, tainted=oracles.haircut),
    Rule.TAINT_FIRST: partial(oracles.shares, tainted=oracles.taint_first),
    Rule.CLEAN_FIRST: partial(oracles.shares, tainted=oracles.clean_first),
}


def told(found: Trace) -> Told:
    taints = {each.account: dict(each.by_loss) for each in found.accounts if each.taint_vnd}
    return Told(taints, found.out_of_reach_vnd, found.diluted_vnd, found.overlap_vnd)


@pytest.mark.parametrize("rule", list(ORACLES))
@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_every_rule_against_its_oracle(rule: Rule, case: Case) -> None:
    found = trace(case.rows, case.disputed, rule=rule, openings=case.openings)
    assert told(found) == ORACLES[rule](case.rows, case.disputed, case.openings)
    assert found.conserved
    for each in found.accounts:
        assert 0 <= each.taint_vnd <= each.balance_vnd
        assert each.opening.amount_vnd == oracles.opening(case.rows, each.account, case.openings)


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_haircut_with_a_floor_against_its_oracle(case: Case) -> None:
    found = trace(case.rows, case.disputed, rule=Rule.HAIRCUT, openings=case.openings, floor_vnd=3)
    expected = oracles.shares(case.rows, case.disputed, case.openings, tainted=oracles.haircut, floor=3)
    assert told(found) == expected
    assert found.conserved
