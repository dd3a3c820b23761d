"""`lachan screen`: every format in, every format out; bad rows are listed, good ones screened."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.factories.changes import changed

from lachan.bootstrap import initialise
from lachan.doors.cli import screen as command
from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import STANDARD, read_rows, row_writer

ROWS: list[dict[str, Any]] = [
    {"id": 1, "kind": "phone", "value": "0912 345 678", "note": "ghi chú, có dấu"},
    {"id": 2, "kind": "account", "value": "970436:0123456789", "note": ""},
    {"id": 3, "kind": "phone", "value": "nothing", "note": "=1+1"},
    {"id": 4, "kind": "tel", "value": "0912345678", "note": "x"},
    {"id": 5, "kind": "phone", "value": "", "note": "x"},
    {"id": 6, "kind": "domain", "value": "example.vn", "note": "https://a.vn"},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    monkeypatch.setenv("LACHAN_HOME", str(made))
    monkeypatch.setattr("lachan.bootstrap.last_sequence", lambda _conn: 2)
    services = initialise(Settings())
    engine = services.screening.engine
    engine.apply([
        changed(1, "phone:+84912345678", "warn", ("R1", "R3"), "e1"),
        changed(2, "account:970436:0123456789", "block", (), "e2"),
    ])  # fmt: skip
    assert engine.merge()
    services.db.close()
    monkeypatch.setattr(out, "json", True)
    return tmp_path


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    with row_writer(path) as write:
        for row in rows:
            write(row)
    return path


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet", "xlsx"])
def test_each_format_both_ways(ending: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = written(home / f"in.{ending}", ROWS), home / f"out.{ending}"
    assert command.run(source, target, False) == 1
    rows = list(read_rows(target))
    assert all(isinstance(row, dict) for row in rows)
    found = [(int(r["id"]), r["note"], r["verdict"], r["reasons"]) for r in rows if isinstance(r, dict)]
    several: Any = ["R1", "R3"] if ending == "ndjson" else "R1;R3"
    none: Any = [] if ending == "ndjson" else ""
    assert found == [
        (1, "ghi chú, có dấu", "warn", several), (2, "", "block", none), (6, "https://a.vn", "clear", none),
    ]  # fmt: skip
    rejects = list(csv.DictReader(io.StringIO((home / f"out.{ending}.rejects.csv").read_text())))
    assert [(row["row"], row["reason"], row["value"]) for row in rejects] == [
        ("3", "not_an_identifier", "nothing"), ("4", "unknown_identifier_kind", "0912345678"), ("5", "missing", ""),
    ]  # fmt: skip
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["warn"], said["block"], said["clear"], said["rejected"]) == (6, 1, 1, 1, 3)


def test_keys_must_be_canonical_and_nothing_else_is_lost(home: Path) -> None:
    source = home / "in.csv"
    source.write_text('key,a\nphone:+84912345678,1\nphone:0912345678,2\n,3\n"phone:\n",4\nphone:+84912345678,5,6\n')
    assert command.run(source, home / "out.csv", False) == 1
    assert (home / "out.csv").read_text() == "key,a,verdict,reasons\nphone:+84912345678,1,warn,R1;R3\n"
    rejects = list(csv.DictReader((home / "out.csv.rejects.csv").open()))
    assert [row["reason"] for row in rejects] == ["not_an_identifier", "missing", "not_an_identifier", "malformed"]


def test_good_rows_only_leave_no_rejects(home: Path) -> None:
    source = written(home / "in.csv", ROWS[:2])
    (home / "out.csv.rejects.csv").write_text("of an earlier run")
    assert command.run(source, home / "out.csv", False) == 0
    assert not (home / "out.csv.rejects.csv").exists()


def test_strict_stops_at_the_first_and_leaves_no_half_file(home: Path) -> None:
    source = written(home / "in.csv", ROWS)
    with pytest.raises(BadInput) as refused:
        command.run(source, home / "out.csv", True)
    assert "row 3" in str(refused.value.field)
    assert not (home / "out.csv").exists()


@pytest.mark.parametrize("name", ["missing.csv", "broken.parquet", "broken.xlsx", "latin.csv", "in.pdf"])
def test_a_file_that_cannot_be_read_is_bad_input(name: str, home: Path) -> None:
    if name != "missing.csv":
        (home / name).write_bytes(b"key\n\xff\xfe\n")
    with pytest.raises(BadInput):
        command.run(home / name, home / "out.csv", False)


def test_pipes(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = '{"key":"phone:+84912345678","a":[1]}\nno json\n{"key":"domain:example.vn"}\n'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert command.run(STANDARD, STANDARD, False) == 1
    done = capsys.readouterr()
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"key": "phone:+84912345678", "a": [1], "verdict": "warn", "reasons": ["R1", "R3"]},
        {"key": "domain:example.vn", "verdict": "clear", "reasons": []},
    ]
    assert "malformed" in done.err


def test_what_was_imported_a_moment_ago_counts_without_a_worker(tmp_path: Path) -> None:
    listed = tmp_path / "hosts.csv"
    listed.write_text("host,also_in_hostsvn,also_in_benign_toplists\nnhan-qua-tri-an.example-lua.net,0,\n")
    asked = written(tmp_path / "asked.csv", [{"key": "domain:nhan-qua-tri-an.example-lua.net"}])
    for command_line in (
        ["init"], ["registry", "import", str(listed), "--feed", "chongluadao"],
        ["screen", str(asked), str(tmp_path / "said.csv")],
    ):  # fmt: skip
        environment = {**os.environ, "LACHAN_HOME": str(tmp_path / "home")}
        subprocess.run([sys.executable, "-m", "lachan.doors.cli", *command_line], env=environment, check=True)
    rows = list(csv.DictReader((tmp_path / "said.csv").open(encoding="utf-8-sig")))
    assert [row["verdict"] for row in rows] == ["warn"]
