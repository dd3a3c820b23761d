"""After new facts the trace goes on from the former one, and says what a whole new trace of all facts says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.columns import part, random_columns, with_rows, written

from lachan.ledger.edges import BLOCK_BITS
from lachan.tracing import AmountTrace, NoRoom, ReversalOnTheWay, Rule
from lachan.tracing.flow import COMPILED

ALL = {"until_us": 2**60, "max_hops": 10, "floor_vnd": 1}
EVER = 2**60


def told(found: AmountTrace, original: np.ndarray) -> object:
    """The trace in the rows of the whole ledger; `original` has them by the graph's rows."""
    assert found.closes
    return (
        original[found.rows].tolist(), found.payees.tolist(), found.carried_vnd.tolist(), found.hops.tolist(),
        found.ends.tolist(), found.left.tolist(),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32), st.integers(2, 80), st.integers(2, 8), st.sampled_from(list(COMPILED)),
    st.sampled_from([0.0, 0.6]), st.data(),
)  # fmt: skip
def test_a_retrace_is_the_trace_of_all(
    seed: int, rows: int, accounts: int, rule: Rule, busiest: float, data: st.DataObject
) -> None:
    random = np.random.default_rng(seed)
    drawn = random_columns(seed, rows * (5 if busiest else 1), accounts, busiest=busiest)
    columns = replace(drawn, booked_us=drawn.booked_us + np.arange(len(drawn.payer)))  # no two of one instant
    steps = columns.steps()
    if not steps:
        return
    row, payer, _, _ = steps[int(random.integers(0, len(steps)))]
    late = np.flatnonzero(random.random(len(columns.payer)) < data.draw(st.sampled_from([0.02, 0.1, 0.4])))
    late = late[(late != row) & (late > 0)][:40]
    early = np.setdiff1d(np.arange(len(columns.payer)), late)
    stated = random.integers(-1, 60, accounts) if random.random() < 0.5 else None
    question = {
        "until_us": int(columns.booked_us[int(random.integers(0, len(columns.payer)))]),
        "max_hops": int(random.integers(1, 11)), "floor_vnd": int(random.choice([0, 1, 3, 10])),
    }  # fmt: skip
    first = part(columns, early).graph(stated)
    found = first.trace(rule, payer, int(np.searchsorted(early, row)), **question)
    graph = first
    shuffled = random.permutation(late)
    steps_of = np.array_split(shuffled, data.draw(st.integers(1, 3)))
    try:
        for some in steps_of:
            graph = with_rows(graph, columns, some)
            if data.draw(st.booleans()):
                found = graph.retrace(found)
    except NoRoom:
        return
    original = np.concatenate([early, shuffled])
    whole = part(columns, np.arange(len(columns.payer))).graph(stated)
    expected = told(whole.trace(rule, payer, row, **question), np.arange(len(columns.payer)))
    assert told(graph.retrace(found), original) == expected
    assert told(graph.trace(rule, payer, int(np.searchsorted(early, row)), **question), original) == expected
    # The former graph knows nothing of it.
    again = first.trace(rule, payer, int(np.searchsorted(early, row)), **question)
    fresh = part(columns, early).graph(stated).trace(rule, payer, int(np.searchsorted(early, row)), **question)
    assert told(again, original) == told(fresh, original)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(100, 400))
def test_the_blocks_of_a_copy_are_those_of_edges_made_anew(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    drawn = random_columns(seed, rows, 3, busiest=0.7)
    columns = replace(drawn, booked_us=drawn.booked_us + np.arange(rows))  # no two of one instant
    late = np.sort(random.choice(np.arange(1, rows), 4, replace=False))
    try:
        graph = with_rows(part(columns, np.setdiff1d(np.arange(rows), late)).graph(), columns, late)
    except NoRoom:
        return
    whole = columns.graph().edges
    for account, (*_, block) in zip(graph.changed.tolist(), graph.arrays[13].tolist(), strict=True):
        at = int(np.searchsorted(whole.hubs, account))
        if at == len(whole.hubs) or whole.hubs[at] != account:
            continue
        events = np.diff(whole.out_start)[account].astype(int) + np.diff(whole.in_start)[account].astype(int)
        numbers = np.arange(1, ((events - 1) >> BLOCK_BITS) + 1)
        for place, name in ((4, "heights"), (5, "lows"), (6, "paid"), (9, "block_most")):
            anew = whole.arrays[name][whole.hub_blocks[at] + numbers]
            assert graph.arrays[place][block + numbers].tolist() == anew.tolist(), name


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(list(COMPILED)))
def test_what_was_corrected_counts_no_longer(seed: int, rule: Rule) -> None:
    columns = random_columns(seed, 60, 5)
    random = np.random.default_rng(seed)
    row, payer, _, _ = columns.steps()[0]
    others = [step for step in columns.steps() if step[0] != row and step[1] >= 0]
    if not others:
        return
    wrong, source, *_ = others[int(random.integers(0, len(others)))]
    found = columns.graph().trace(rule, payer, row, **ALL)
    graph = found.graph.with_facts([], [], [], [], removed=[(source, wrong)])
    kept = np.setdiff1d(np.arange(60), [wrong])
    expected = part(columns, kept).graph().trace(rule, payer, int(np.searchsorted(kept, row)), **ALL)
    assert told(graph.retrace(found), np.arange(60)) == told(expected, kept)
    with pytest.raises(KeyError):
        graph.place(source, wrong)


def test_new_accounts_and_a_reversal() -> None:
    graph = written((0, 1, 50), (1, 2, 20)).graph()
    found = graph.trace(Rule.LIFO, 0, 0, **ALL)
    later = graph.with_facts([3_000_000, 4_000_000], [2, 9], [9, -1], [20, 5])
    again = later.retrace(found)
    assert dict(zip(again.accounts.tolist(), again.located_vnd.tolist(), strict=True)) == {1: 30, 9: 15}
    assert again.out_of_reach_vnd == 5
    assert later.booked_us(again.rows).tolist() == [0, 1_000_000, 3_000_000, 4_000_000]
    undone = later.with_facts([5_000_000], [9], [2], [20], reverses=[2])
    with pytest.raises(ReversalOnTheWay):
        undone.retrace(again)
    with pytest.raises(ReversalOnTheWay):
        undone.trace(Rule.LIFO, 0, 0, **ALL)


def test_a_trace_of_other_edges_is_made_anew() -> None:
    columns = written((0, 1, 50), (1, 2, 20))
    found = columns.graph().trace(Rule.FIFO, 0, 0, **ALL)
    assert told(columns.graph().retrace(found), np.arange(2)) == told(found, np.arange(2))


def test_facts_that_cannot_be_taken() -> None:
    graph = written((0, 1, 50), (1, 2, 20)).graph()
    with pytest.raises(ValueError, match="positive"):
        graph.with_facts([5_000_000], [1], [2], [0])
    with pytest.raises(NoRoom):
        graph.with_facts([-1], [1], [2], [5])
    with pytest.raises(KeyError):
        graph.with_facts([], [], [], [], removed=[(0, 1)])
