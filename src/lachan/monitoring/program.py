"""Typologies as arrays: what the compiled pass evaluates on every row."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from lachan.monitoring.features import NUMBER, WINDOW_US, WINDOWS
from lachan.monitoring.kernel import layout
from lachan.monitoring.model import Typology

TYPOLOGIES_MAX = 64


@dataclass(frozen=True, slots=True)
class Program:
    """`tests`: feature, comparison, clause; `values`: for an alert and an interdict; the rest by typology."""

    tests: NDArray[np.int64]
    values: NDArray[np.int64]
    typologies: NDArray[np.int64]
    weights: NDArray[np.float64]


def compiled(typologies: Sequence[Typology]) -> Program:
    """The program of some typologies; their order is that of the bits in the result.

    Raises:
        ValueError: more than `TYPOLOGIES_MAX`.
    """
    if len(typologies) > TYPOLOGIES_MAX:
        raise ValueError(f"at most {TYPOLOGIES_MAX} typologies fit into one word")
    tests: list[tuple[int, int, int]] = []
    values: list[tuple[int, int]] = []
    starts = [0]
    clause = 0
    for typology in typologies:
        for alternatives in typology.clauses:
            for test in alternatives:
                tests.append((NUMBER[test.feature], layout.COMPARE.index(test.compare), clause))
                values.append((test.alert, test.interdict))
            clause += 1
        starts.append(len(tests))
    sources = [sum(1 << layout.SHOWN_BY.index(name) for name in one.shown_by) for one in typologies]
    windows = [WINDOW_US[WINDOWS.index(one.within)] for one in typologies]
    return Program(
        tests=np.array(tests, np.int64).reshape(-1, 3),
        values=np.ascontiguousarray(np.array(values, np.int64).reshape(-1, 2).T),
        typologies=np.array(starts + sources + windows, np.int64),
        weights=np.array([(one.alert_weight, one.interdict_weight) for one in typologies]).reshape(-1, 2),
    )


def parts_of(features: Iterable[str]) -> int:
    """Which parts of the pass these features need; the rest of a row's features is then not to be read.

    Raises:
        ValueError: a name that is no feature.
    """
    return reduce(or_, map(_part_of, features), 0)


def _part_of(name: str) -> int:
    if name not in NUMBER:
        raise ValueError(f"{name} is no feature")
    if found := re.fullmatch(r"(?:payer|payee)_(?:in|out)_(?:count|sum)_(\w+)", name):
        return 1 << WINDOWS.index(found.group(1))
    if found := re.fullmatch(r"(?:payer|payee)_fan_(?:in|out)_(24h|7d)", name):
        # The pairs that a fan counts are entered for the day, and leave it.
        return layout.PART_FANS | layout.PART_PAIRS | 1 << layout.H24 | 1 << WINDOWS.index(found.group(1))
    if name in ("cycles_24h", "cycle_length", "budget_hit"):
        return layout.PART_CYCLES
    return 0 if name in ("amount_vnd", "kind", "hour", "history_s") else layout.PARTS_ALL
