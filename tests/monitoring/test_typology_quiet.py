"""Every condition of every typology has an example of its own that only this condition keeps quiet.

The condition is taken out of the typology; then one of its quiet examples must fire in the real engine, and of two
alternatives one of its firing examples must fall silent. So an example tells of each condition what it spares.
"""

from dataclasses import replace
from datetime import date

import pytest
from tests.monitoring.example_tables import columns_of, rows_of

from lachan.monitoring import Constants, Monitor, Typology, typologies

DAY = date(2026, 3, 2)
ALL = typologies(DAY)
CLAUSES = [(one, number) for one in ALL for number in range(len(one.clauses))]
ALTERNATIVES = [
    (one, number, place)
    for one, number in CLAUSES
    for place in range(len(one.clauses[number]))
    if len(one.clauses[number]) > 1
]


def name(one: Typology, number: int, place: int | None = None) -> str:
    tests = one.clauses[number] if place is None else one.clauses[number][place : place + 1]
    return f"{one.code}-" + "|".join(f"{test.feature}-{test.compare}" for test in tests)


def fires(one: Typology, table: str) -> bool:
    """Whether a row fires that is not marked as one that does."""
    rows = rows_of(table)
    alerts = Monitor((one,), Constants.on(DAY)).score(columns_of(rows)).alerts.tolist()
    return any(alert and row.get("fires") != "yes" for alert, row in zip(alerts, rows, strict=True))


@pytest.mark.parametrize(("one", "number"), CLAUSES, ids=[name(*case) for case in CLAUSES])
def test_a_quiet_example_is_quiet_by_this_condition_alone(one: Typology, number: int) -> None:
    without = replace(one, clauses=one.clauses[:number] + one.clauses[number + 1 :])
    assert any(fires(without, table) for table in one.quiet)


@pytest.mark.parametrize(("one", "number", "place"), ALTERNATIVES, ids=[name(*case) for case in ALTERNATIVES])
def test_an_example_fires_by_this_alternative_alone(one: Typology, number: int, place: int) -> None:
    kept = one.clauses[number][:place] + one.clauses[number][place + 1 :]
    without = replace(one, clauses=(*one.clauses[:number], kept, *one.clauses[number + 1 :]))
    assert not all(fires(without, table) for table in one.fires)


def test_all_conditions_are_asked_for() -> None:
    assert len(CLAUSES) == sum(len(one.clauses) for one in ALL) >= 100
    assert ALTERNATIVES
