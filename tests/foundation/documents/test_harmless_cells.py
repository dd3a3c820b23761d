"""A cell that begins like a formula is run by a spreadsheet: not in files that people open."""

import csv
from pathlib import Path

import pytest

from lachan.foundation.documents.sheets import harmless, read_rows, row_writer


@pytest.mark.parametrize("cell", ["=1+1", "+84 912", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_is_a_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "HT-1", "970436:0123456789", "a=b", 5, -5, None])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) == cell


def test_what_programs_read_back_keeps_its_cells(tmp_path: Path) -> None:
    """A registry export or a list of refused rows is imported again: its keys are as they were."""
    file = tmp_path / "export.csv"
    keys = ["phone:+84912345678", "=x", "-1"]
    with row_writer(file, ("key",)) as write:
        for key in keys:
            write({"key": key})
    assert [row["key"] for row in read_rows(file) if isinstance(row, dict)] == keys
    assert [row[0] for row in csv.reader(file.open(encoding="utf-8"))][1:] == keys
