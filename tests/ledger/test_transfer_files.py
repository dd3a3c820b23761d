"""A row is a transfer or it is refused by name: nothing is guessed, nothing bad comes through, nothing is lost."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import careless_rows, sound_transfers, written

from lachan.foundation.base import VND_MAX, BadInput, InputReason
from lachan.foundation.documents.sheets import ENDINGS, STANDARD, Row, row_writer
from lachan.ledger import (
    OUTSIDE,
    LedgerReason,
    Transfer,
    TransferKind,
    read_balances,
    read_transfers,
    row_of,
)

HEAD = "id,time,payer,payee,amount,kind,sequence,learned,reverses,corrects\n"
NOON = "2026-11-22T12:00:00+07:00"
GOOD: Row = {"id": "1", "time": NOON, "payer": "A", "payee": "B", "amount": "50000000"}
quiet = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def refusals(path: Path) -> list[tuple[int, str, str]]:
    return [(one.row, one.refusal.field, one.refusal.reason.value) for one in read_transfers(path).rejected]


@pytest.mark.parametrize("ending", ENDINGS)
@quiet
@given(transfers=sound_transfers())
def test_transfers_come_back_as_they_were(ending: str, transfers: list[Transfer], tmp_path: Path) -> None:
    read = read_transfers(written(tmp_path / f"file{ending}", [row_of(one) for one in transfers]))
    assert read.rejected == ()
    assert list(read.transfers) == transfers


@quiet
@given(rows=careless_rows)
def test_a_careless_file_gives_what_is_sound_and_says_what_is_not(rows: list[Row], tmp_path: Path) -> None:
    read = read_transfers(written(tmp_path / "file.csv", rows))
    stated = {number for number, row in enumerate(rows, 1) if any(value != "" for value in row.values())}
    good, bad = {one.row for one in read.transfers}, {one.row for one in read.rejected}
    assert (good | bad, good & bad) == (stated, set())
    ids = {one.id for one in read.transfers}
    assert len(ids) == len(read.transfers)
    for one in read.transfers:
        assert 0 < one.amount_vnd <= VND_MAX
        assert one.booked_at.utcoffset() is not None
        assert (one.reverses or "1") in ids or one.reverses is None
        assert one.corrects is None or one.corrects in ids
        assert not (one.reverses and one.corrects)
        assert {one.payer, one.payee} != {OUTSIDE}
    if bad:
        with pytest.raises(BadInput, match=r"file\.csv, row"):
            read_transfers(tmp_path / "file.csv", strict=True)


@quiet
@given(cells=st.dictionaries(
    st.sampled_from(list(GOOD)),
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=9)
    | st.lists(st.integers(0, 9), max_size=2) | st.datetimes().map(str),
))  # fmt: skip
def test_no_cell_of_any_type_breaks_the_reading(cells: dict[str, Any], tmp_path: Path) -> None:
    cells = {name: None if isinstance(cell, float) and cell != cell else cell for name, cell in cells.items()}
    read = read_transfers(written(tmp_path / "file.ndjson", [GOOD | cells]))
    assert len(read.transfers) + len(read.rejected) == 1


@pytest.mark.parametrize(("cells", "field", "reason"), [
    ({"time": "2026-11-22T12:00:00"}, "time", LedgerReason.TIME_WITHOUT_OFFSET),
    ({"time": "2026-11-22"}, "time", LedgerReason.TIME_WITHOUT_OFFSET),
    ({"time": "22/11/2026"}, "time", InputReason.MALFORMED),
    ({"time": 1763787600}, "time", InputReason.MALFORMED),
    ({"time": "1970-01-01T00:00:00Z"}, "time", LedgerReason.TIME_OUT_OF_RANGE),
    ({"time": "2100-01-01T06:59:59+06:59"}, "time", LedgerReason.TIME_OUT_OF_RANGE),
    ({"learned": "0001-01-01T00:00:00Z"}, "learned", LedgerReason.TIME_OUT_OF_RANGE),
    ({"amount": "1.5"}, "amount", LedgerReason.FRACTION_OF_A_DONG),
    ({"amount": 1.5}, "amount", LedgerReason.FRACTION_OF_A_DONG),
    ({"amount": "50.000"}, "amount", InputReason.MALFORMED),
    ({"amount": "50,000"}, "amount", InputReason.MALFORMED),
    ({"amount": 0}, "amount", InputReason.NOT_POSITIVE),
    ({"amount": "-1"}, "amount", InputReason.NOT_POSITIVE),
    ({"amount": VND_MAX + 1}, "amount", InputReason.TOO_LARGE),
    ({"amount": "9" * 5000}, "amount", InputReason.TOO_LARGE),
    ({"amount": True}, "amount", InputReason.MALFORMED),
    ({"payer": ""}, "payer", InputReason.MISSING),
    ({"payee": None}, "payee", InputReason.MISSING),
    ({"payer": OUTSIDE, "payee": OUTSIDE}, "payer", LedgerReason.NO_ACCOUNT),
    ({"payer": ["A"]}, "payer", InputReason.MALFORMED),
    ({"payer": "A\nB"}, "payer", InputReason.MALFORMED),
    ({"id": "x" * 201}, "id", InputReason.TOO_LONG),
    ({"kind": "gift"}, "kind", InputReason.UNKNOWN_VALUE),
    ({"sequence": "first"}, "sequence", InputReason.MALFORMED),
    ({"learned": "later"}, "learned", InputReason.MALFORMED),
    ({"reverses": "0", "corrects": "0"}, "corrects", LedgerReason.REVERSES_AND_CORRECTS),
    ({"reverses": "nobody"}, "reverses", LedgerReason.UNKNOWN_TRANSFER),
    ({"corrects": "1"}, "corrects", LedgerReason.CIRCULAR_REFERENCE),
])  # fmt: skip
def test_every_refusal_says_why(cells: Row, field: str, reason: Any, tmp_path: Path) -> None:
    assert refusals(written(tmp_path / "file.ndjson", [GOOD | cells])) == [(1, field, reason.value)]


@pytest.mark.parametrize(("cells", "amount_vnd"), [
    ({"amount": "1000.0"}, 1000), ({"amount": 1000.0}, 1000), ({"amount": "0001"}, 1),
    ({"amount": VND_MAX}, VND_MAX),
])  # fmt: skip
def test_amounts_as_programs_write_them(cells: Row, amount_vnd: int, tmp_path: Path) -> None:
    (found,) = read_transfers(written(tmp_path / "file.ndjson", [GOOD | cells])).transfers
    assert found.amount_vnd == amount_vnd


def test_where_the_money_left_for_nowhere_the_payee_may_be_empty(tmp_path: Path) -> None:
    rows = [GOOD | {"id": str(n), "payee": "", "kind": kind.value} for n, kind in enumerate(TransferKind)]
    read = read_transfers(written(tmp_path / "file.csv", rows))
    assert [one.kind for one in read.transfers] == list(TransferKind)[1:]
    assert {one.payee for one in read.transfers} == {OUTSIDE}


def test_whoever_leans_on_a_refused_row_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(
        HEAD
        + f"1,{NOON},A,B,5,,,,,\n"
        + f"2,{NOON},A,B,5,,,,3,\n"  # leans on 3, which leans on what is not there
        + f"3,{NOON},A,B,5,,,,,4\n"
        + f"1,{NOON},A,B,6,,,,,\n"  # its id is taken
        + f"5,{NOON},A,B,5,,,,,6\n"
        + f"6,{NOON},A,B,5,,,,5,\n"
        + f"7,{NOON},A,B,5,,,,6,\n"  # leans on the circle of 5 and 6
        + f"8,{NOON},A,B,5,,,,,1\n",
        encoding="utf-8",
    )
    assert [one.id for one in read_transfers(tmp_path / "file.csv").transfers] == ["1", "8"]
    assert refusals(tmp_path / "file.csv") == [
        (2, "reverses", "unknown_transfer"), (3, "corrects", "unknown_transfer"), (4, "id", "repeated_transfer"),
        (5, "corrects", "circular_reference"), (6, "reverses", "circular_reference"),
        (7, "reverses", "unknown_transfer"),
    ]  # fmt: skip


def test_sequence_orders_one_instant_and_rows_where_there_is_none() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    first = Transfer("a", at, "A", "B", 1, sequence=1, row=9)
    second = Transfer("b", at, "A", "B", 1, row=2)
    third = Transfer("c", at, "A", "B", 1, sequence=3, row=1)
    assert sorted([third, second, first], key=lambda one: one.order) == [first, second, third]


def test_a_table_without_a_needed_column_is_refused_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(f"id,time,payer,amount\n1,{NOON},A,5\n", encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_transfers(tmp_path / "file.csv")
    assert (refused.value.reason, refused.value.params) == (LedgerReason.COLUMN_MISSING, {"expected": "payee"})


def test_headings_may_be_written_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(f"ID, Time ,PAYER,Payee,Amount\n1,{NOON},A,B,5\n\n2,{NOON},A,B,6\n", "utf-8")
    assert [one.row for one in read_transfers(tmp_path / "file.csv").transfers] == [1, 2]


def test_lines_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = f'{{"id":1,"time":"{NOON}","payer":"A","payee":"B","amount":7}}\nnonsense\n{{"amount":1}}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    read = read_transfers(STANDARD)
    assert [(one.id, one.amount_vnd) for one in read.transfers] == [("1", 7)]
    assert [(one.row, one.refusal.reason) for one in read.rejected] == [
        (2, InputReason.MALFORMED), (3, InputReason.MISSING),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_opening_balances(ending: str, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"account": "A", "opening_vnd": "5000000"}, {"account": "B", "opening_vnd": "0"},
        {"account": "A", "opening_vnd": "5000000"}, {"account": "A", "opening_vnd": "1"},
        {"account": "C", "opening_vnd": "-1"}, {"account": "", "opening_vnd": "1"},
    ]  # fmt: skip
    path = tmp_path / f"balances{ending}"
    with row_writer(path) as write:
        for row in rows:
            write(row)
    found = read_balances(path)
    assert found.openings == {"A": 5_000_000, "B": 0}
    assert [(one.row, one.refusal.reason) for one in found.rejected] == [
        (4, LedgerReason.REPEATED_ACCOUNT), (5, LedgerReason.BELOW_ZERO), (6, InputReason.MISSING),
    ]  # fmt: skip
    with pytest.raises(BadInput, match="row 4, account"):
        read_balances(path, strict=True)
