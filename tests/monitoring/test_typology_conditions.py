"""Every condition of every typology counts: pushed just beyond its value, the typology is quiet.

The examples in the files show whole stories; many would be told the same without one condition or other. Here each
condition is broken alone, on the features of a row that fires, in the compiled evaluation. What the conditions
are is kept in `typology_conditions.txt`: one that is changed or gone is a difference to be looked at.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from tests.monitoring.example_tables import columns_of, rows_of

from lachan.monitoring import Constants, Monitor, Typology, typologies
from lachan.monitoring.features import NUMBER
from lachan.monitoring.kernel.judging import holds
from lachan.monitoring.model import Test as Condition
from lachan.monitoring.program import compiled

DAY = date(2026, 3, 2)
ALL = typologies(DAY)
KEPT = Path(__file__).with_name("typology_conditions.txt")


def as_text() -> str:
    """A line for each clause: its tests, each with the value for an alert and for an interdict."""
    lines = []
    for one in ALL:
        for clause in one.clauses:
            tests = [f"{t.feature} {t.compare} {t.alert} {t.interdict}" for t in clause]
            lines.append(f"{one.code}: {' | '.join(tests)}")
    return "\n".join(lines) + "\n"


def beyond(test: Condition, level: int) -> int:
    """The value nearest to the condition's at which it does not hold."""
    value = (test.alert, test.interdict)[level]
    change = {"at_least": -1, "above": 0, "at_most": 1, "below": 0, "equals": 1, "not_equals": 0}
    return value + change[test.compare]


def just(test: Condition, level: int) -> int:
    """The value nearest to the edge at which it holds."""
    value = (test.alert, test.interdict)[level]
    return value + {"above": 1, "below": -1, "not_equals": 1}.get(test.compare, 0)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_each_condition_alone_keeps_it_quiet(one: Typology) -> None:
    program = compiled((one,))
    columns = columns_of(rows_of(one.fires[0]))
    row = Monitor((one,), Constants.on(DAY), keep=True).score(columns).features[-1]

    def fires(features: np.ndarray[tuple[int], np.dtype[np.int64]], level: int) -> bool:
        return bool(holds(features, program.tests, program.values[level], 0, len(program.tests)))

    for level in (0, 1) if one.interdict_weight else (0,):
        ready = row.copy()
        # At the edge of every condition it fires, so that what is broken next is all that keeps it quiet.
        for clause in one.clauses:
            ready[NUMBER[clause[0].feature]] = _between(one, clause[0].feature, level, ready)
        assert fires(ready, level)
        for clause in one.clauses:
            spoilt = ready.copy()
            for test in clause:
                spoilt[NUMBER[test.feature]] = beyond(test, level)
            assert not fires(spoilt, level), clause


def _between(one: Typology, feature: str, level: int, row: np.ndarray[tuple[int], np.dtype[np.int64]]) -> int:
    """A value that satisfies all conditions which name the feature alone."""
    alone = [clause[0] for clause in one.clauses if len(clause) == 1 and clause[0].feature == feature]
    return just(alone[0], level) if alone else int(row[NUMBER[feature]])


def test_the_conditions_are_those_that_were_looked_at() -> None:
    assert as_text() == KEPT.read_text(encoding="utf-8"), "changed: look at it, then write typology_conditions.txt"
