"""What holds of every compiled trace: no look-ahead, no order of rows, no numbering, no money made or lost."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.columns import Columns, random_columns
from tests.tracing.ledgers import Case, cases

from lachan.ledger import columns_of
from lachan.tracing import COMPILED, AmountTrace, Rule, trace_columns

RULES = st.sampled_from(list(COMPILED))


def told(found: AmountTrace) -> tuple[object, ...]:
    assert found.closes
    return (
        found.rows.tolist(), found.payees.tolist(), found.carried_vnd.tolist(), found.hops.tolist(),
        found.ends.tolist(), found.left.tolist(),
    )  # fmt: skip


def cut(columns: Columns, rows: int) -> Columns:
    """The first rows alone."""
    return Columns(
        columns.booked_us[:rows], columns.payer[:rows], columns.payee[:rows], columns.amount_vnd[:rows],
        columns.kind[:rows], columns.reverses[:rows], columns.accounts,
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 300), st.integers(2, 9), RULES, st.integers(0, 20))
def test_as_of_is_the_replay_of_the_ledger_as_it_was(
    seed: int, rows: int, accounts: int, rule: Rule, floor: int
) -> None:
    columns = random_columns(seed, rows, accounts, busiest=0.4 * (seed % 2))
    if not (steps := columns.steps()):
        return
    row, payer, _, _ = steps[seed % len(steps)]
    until_us = int(columns.booked_us[max(row, seed % rows)])
    then = cut(columns, int(np.searchsorted(columns.booked_us, until_us, "right")))
    asked = {"max_hops": 1 + seed % 10, "floor_vnd": floor}
    whole = columns.graph().trace(rule, payer, row, until_us=until_us, **asked)
    assert told(whole) == told(then.graph().trace(rule, payer, row, until_us=2**60, **asked))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 80), st.integers(2, 9), RULES)
def test_the_numbers_of_the_accounts_say_nothing(seed: int, rows: int, accounts: int, rule: Rule) -> None:
    columns = random_columns(seed, rows, accounts)
    if not (steps := columns.steps()):
        return
    row, payer, _, _ = steps[seed % len(steps)]
    other = np.append(np.random.default_rng(seed).permutation(accounts), -1).astype(np.int32)  # outside stays
    renamed = Columns(
        columns.booked_us, other[columns.payer], other[columns.payee], columns.amount_vnd, columns.kind,
        columns.reverses, accounts,
    )  # fmt: skip
    found = columns.graph().trace(rule, payer, row, until_us=2**60)
    again = renamed.graph().trace(rule, int(other[payer]), row, until_us=2**60)
    assert other[found.payees].tolist() == again.payees.tolist()
    assert found.carried_vnd.tolist() == again.carried_vnd.tolist()
    assert sorted(zip(other[found.accounts].tolist(), found.located_vnd.tolist(), strict=True)) == list(
        zip(again.accounts.tolist(), again.located_vnd.tolist(), strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(case=cases(), rule=RULES, data=st.data())
def test_the_order_of_the_rows_changes_nothing(case: Case, rule: Rule, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(case.rows))
    answers = []
    for rows in (case.rows, shuffled):
        columns = columns_of(rows)
        places = {identity: place for place, identity in enumerate(columns.ids)}
        answers.append([trace_columns(columns, places, [one], rule=rule) for one in case.disputed])
    assert answers[0] == answers[1]
