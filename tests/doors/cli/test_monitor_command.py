"""`lachan monitor score`: every format in and out, bad rows listed, and a sentence that an officer can sign."""

import csv
import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.monitoring.example_tables import BEGIN

from lachan.doors.cli import monitor as command
from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, Language
from lachan.foundation.documents.sheets import STANDARD, read_rows, row_writer

ROWS: list[dict[str, Any]] = [
    {"id": "t2", "minute": 8, "payer": "M", "payee": "X", "amount": 58_000_000},
    {"id": "t1", "minute": 0, "payer": "V", "payee": "M", "amount": 60_000_000},
    {"id": "t3", "minute": 9, "payer": "V", "payee": "", "amount": 5},
    {"id": "t4", "minute": 9, "payer": "A", "payee": "B", "amount": 150_000},
]


@pytest.fixture(autouse=True)
def _as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "json", True)


def written(path: Path, rows: list[dict[str, Any]], more: dict[str, list[str]] | None = None) -> Path:
    with row_writer(path) as write:
        for number, row in enumerate(rows):
            made = {
                "id": row["id"], "time": (BEGIN + timedelta(minutes=row["minute"])).isoformat(),
                "payer": row["payer"], "payee": row["payee"], "amount": row["amount"], "kind": "transfer",
            }  # fmt: skip
            write(made | {name: cells[number] for name, cells in (more or {}).items()})
    return path


def scored(path: Path) -> list[dict[str, Any]]:
    rows = [row for row in read_rows(path) if isinstance(row, dict)]
    for row in rows:
        if isinstance(row["evidence"], str):
            row["evidence"] = json.loads(row["evidence"]) if row["evidence"] else []
        if isinstance(row["alerts"], str):
            row["alerts"] = row["alerts"].split(";") if row["alerts"] else []
    return rows


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet", "xlsx"])
def test_each_format_both_ways(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = written(tmp_path / f"in.{ending}", ROWS), tmp_path / f"out.{ending}"
    assert command.score(source, target, False, None) == 1
    rows = scored(target)
    assert [row["id"] for row in rows] == ["t1", "t2", "t4"]
    assert [row["alerts"] for row in rows] == [[], ["pass_through"], []]
    assert [float(row["score"]) for row in rows] == [0.0, 0.8, 0.0]
    (found,) = rows[1]["evidence"]
    assert found == {
        "typology": "pass_through", "level": "interdict", "reason": "R3", "transfers": ["t1", "t2"],
        "sentence": "Tài khoản M nhận 60.000.000\u00a0₫ trong một giờ và đã chuyển đi 96 % số đó; khoản này là "
        "58.000.000\u00a0₫ chuyển đến X, 8 phút sau lần nhận gần nhất.",
    }  # fmt: skip
    rejected = list(csv.DictReader(io.StringIO((tmp_path / f"out.{ending}.rejects.csv").read_text())))
    assert [(row["row"], row["reason"], row["id"]) for row in rejected] == [("3", "missing", "t3")]
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["alerted"], said["interdicted"], said["rejected"]) == (4, 1, 1, 1)


def test_a_good_file_ends_well_in_the_readers_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "language", Language.EN)
    source, target = written(tmp_path / "in.csv", ROWS[:2]), tmp_path / "out.ndjson"
    (tmp_path / "out.ndjson.rejects.csv").write_text("from before")
    assert command.score(source, target, True, None) == 0
    assert scored(target)[1]["evidence"][0]["sentence"].endswith("to X, 8 min after its last credit.")
    assert not (tmp_path / "out.ndjson.rejects.csv").exists()


def test_strict_stops_at_the_first_bad_row_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        command.score(written(tmp_path / "in.csv", ROWS), tmp_path / "out.csv", True, None)
    assert "row 3" in str(refused.value.field)
    assert not (tmp_path / "out.csv").exists()


def test_further_columns_count_also_on_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's account may pass money on; the column says so, on a pipe as well."""
    kinds = {"Payer_Kind": ["company", "person"]}
    source = written(tmp_path / "in.ndjson", ROWS[:2], kinds)
    command.score(source, tmp_path / "a.ndjson", False, None)
    with source.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        command.score(STANDARD, tmp_path / "b.ndjson", False, None)
    assert scored(tmp_path / "a.ndjson")[1]["alerts"] == []
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes()


def test_a_search_that_was_cut_short_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty people send the very same sum; of an account's list 32 are looked at."""
    many = [{"id": f"t{n}", "minute": n, "payer": f"V{n}", "payee": "M", "amount": 700_000} for n in range(40)]
    source, target = written(tmp_path / "in.csv", many), tmp_path / "out.ndjson"
    assert command.score(source, target, False, None) == 0
    evidence = [
        one for row in scored(target) for one in row["evidence"] if one["typology"] == "same_amount_from_many"
    ]
    assert evidence[0].get("cut_short") is None
    assert evidence[-1]["cut_short"] == ["walks"]
    assert json.loads(capsys.readouterr().out)["cut_short"] == 40 - 33
    monkeypatch.setattr(out, "json", False)
    command.score(source, target, False, None)
    assert "7 giao dịch" in capsys.readouterr().out


def test_cells_that_say_nothing_known_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    further = {"ip_country": ["Cambodia", "KH"], "payer_kind": ["", "person"]}
    command.score(written(tmp_path / "in.csv", ROWS[:2], further), tmp_path / "out.ndjson", False, None)
    told = capsys.readouterr().err
    assert "ip_country" in told
    assert "payer_kind" not in told
