"""The compiled answer to `lachan trace` is the exact one, or there is none."""

from datetime import datetime

from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.factories.transfers import at, book
from tests.tracing.ledgers import Case, cases

from lachan.ledger import columns_of
from lachan.tracing import COMPILED, Rule, trace, trace_columns

minutes = st.none() | st.integers(-1, 12).map(at)


@settings(max_examples=300, deadline=None)
@given(
    case=st.one_of(cases(reversals=False, most=20), cases()), rule=st.sampled_from(list(COMPILED)),
    as_of=minutes, known_at=minutes, floor=st.integers(0, 1),
)  # fmt: skip
def test_it_is_the_exact_answer(
    case: Case, rule: Rule, as_of: datetime | None, known_at: datetime | None, floor: int
) -> None:
    columns = columns_of(case.rows)
    places = {identity: place for place, identity in enumerate(columns.ids)}
    for one in case.disputed:
        asked = {"openings": case.openings, "as_of": as_of, "known_at": known_at, "floor_vnd": floor}
        found = trace_columns(columns, places, [one], rule=rule, **asked)  # type: ignore[arg-type]
        event(f"answered: {found is not None}")
        assert found is None or found == trace(case.rows, [one], rule=rule, **asked)  # type: ignore[arg-type]


def test_it_answers_where_it_can_and_leaves_the_rest() -> None:
    rows = book("v 1 V>M 100\ns 2 S>M 60\na 3 M>N 90\nc 4 N>ATM 50 cash_out")
    columns = columns_of(rows)
    places = {identity: place for place, identity in enumerate(columns.ids)}
    for rule in COMPILED:
        assert trace_columns(columns, places, ["v"], rule=rule) == trace(rows, ["v"], rule=rule)
    assert trace_columns(columns, places, ["v", "s"]) is None
    assert trace_columns(columns, places, ["unknown"]) is None
    assert trace_columns(columns, places, ["v"], rule=Rule.POISON) is None
    assert trace_columns(columns, places, ["v"], rule=Rule.HAIRCUT, floor_vnd=2) is None
    assert trace_columns(columns, places, ["v"], as_of=at(0)) is None
