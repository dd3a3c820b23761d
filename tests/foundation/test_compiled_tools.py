"""Compiled code that borrows its arrays, and asks for memory ahead."""

import numpy as np
import pytest
from numba.core.errors import NumbaError

from lachan.foundation.base.compiled import borrowing, prefetch


def test_what_borrows_may_slice_but_not_make() -> None:
    @borrowing
    def last_of_row(table, row):  # type: ignore[no-untyped-def]
        line = table[row]
        return line[line.shape[0] - 1]

    @borrowing
    def made(count):  # type: ignore[no-untyped-def]
        return np.zeros(count)

    assert last_of_row(np.arange(12).reshape(3, 4), 1) == 7
    with pytest.raises(NumbaError):
        made(3)


def test_asking_for_memory_changes_nothing_wherever_it_points() -> None:
    @borrowing
    def asked(table):  # type: ignore[no-untyped-def]
        for position in (0, 11, 12, 1 << 40, -(1 << 40)):
            prefetch(table, position)

    table = np.arange(12).reshape(3, 4)
    asked(table)
    assert table.ravel().tolist() == list(range(12))
