"""Every feed in every file format says the same; a file that is not what its name says is refused as a whole."""

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lachan.doors.cli.output import out
from lachan.doors.cli.registry import export_command, import_command
from lachan.doors.cli.system import init
from lachan.foundation.base import BadInput
from lachan.foundation.documents.sheets import ENDINGS, STANDARD, Row, read_rows, row_writer
from lachan.registry.feeds import FEEDS
from lachan.registry.feeds.bank_monthly import FIELDS

Captured = pytest.CaptureFixture[str]
HOLDER = dict(zip(FIELDS, ["C1", "001099012345", "CCCD", "Nguyễn Thị An", "1999-01-01", "nữ", "VN"], strict=False))
CLAIMS: list[Row] = [
    {"key": "account:999001:0123456789", "kind": "", "value": "", "reason": "R3", "confidence": 80,
     "evidence": "sao kê, có dấu", "first_seen": "2026-11-01", "last_seen": "2026-11-10T10:00:00+07:00"},
    {"key": "", "kind": "phone", "value": "0912 345 678", "reason": "T1", "confidence": None, "evidence": None,
     "first_seen": None, "last_seen": None},
    {"key": "nothing:1", "kind": "", "value": "", "reason": "R3", "confidence": 1, "evidence": "",
     "first_seen": "", "last_seen": ""},
]  # fmt: skip
LISTS: dict[str, list[Row]] = {
    "claims": CLAIMS,
    "agency_list": CLAIMS,
    "bank_monthly": [
        HOLDER | {"account_number": "0123456789", "reason": "R3;R7", "status": "", "bank": "999001"},
        HOLDER | {"account_number": "0123456780", "reason": "4", "status": "cleared", "bank": 999001},
        HOLDER | {"account_number": "", "reason": "R9", "status": "", "bank": "999001"},
    ],
    "telecom": [{"phone": "0912345678", "note": "x"}, {"phone": "12", "note": ""}],
    "chongluadao": [{"host": "xau-xa.com", "n": 1}, {"host": "không phải", "n": 2}],
    "hostsvn": [
        {"domain": "xau-xa.com", "first_listed": "2026-01-01", "last_listed": "2026-03-01"},
        {"domain": "xua.com", "first_listed": "2026-01-01", "last_listed": "2026-02-01"},
        {"domain": "lạ", "first_listed": "x", "last_listed": "2026-02-01"},
    ],
    "openphish": [
        {"url": "http://dweb.link/ipfs/x", "seen_at": "2026-01-01T00:00:00+00:00"},
        {"url": "http://dweb.link/ipfs/x", "seen_at": "2026-01-03"},
        {"url": "không", "seen_at": ""},
    ],
}


def written(path: Path, rows: list[Row]) -> Path:
    with row_writer(path) as write:
        for row in rows:
            write(row)
    return path


def said(file: Path, feed: str) -> list[tuple[Any, ...]]:
    """All that a feed reads out of a file but for numbers and texts of rows."""
    return [tuple(row[2:]) for row in FEEDS[feed].read(file)]


@pytest.mark.parametrize("feed", list(LISTS))
def test_a_list_says_the_same_in_every_format(feed: str, tmp_path: Path) -> None:
    found = {ending: said(written(tmp_path / f"list{ending}", LISTS[feed]), feed) for ending in ENDINGS}
    assert len(found[".csv"]) == len(LISTS[feed])
    assert [ending for ending in ENDINGS if found[ending] != found[".csv"]] == []
    keys = [row[0] for row in found[".csv"]]
    assert keys[0]
    assert keys[-1] == "", "the last row is bad in every list"


@pytest.mark.parametrize("feed", list(LISTS))
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_not_what_its_name_says_is_refused(feed: str, ending: str, tmp_path: Path) -> None:
    wrong = ".parquet" if ending == ".xlsx" else ".xlsx"
    content = written(tmp_path / f"list{wrong}", LISTS[feed]).read_bytes()
    (tmp_path / f"wrong{ending}").write_bytes(content)
    with pytest.raises(BadInput) as refused:
        list(FEEDS[feed].read(tmp_path / f"wrong{ending}"))
    assert ending.removeprefix(".").upper() in str(refused.value.params["expected"]).upper()


def test_csv_under_another_name_is_refused_too(tmp_path: Path) -> None:
    for ending in (".ndjson", ".parquet", ".xlsx"):
        (tmp_path / f"a{ending}").write_text("key\nphone:0912345678\n")
        with pytest.raises(BadInput):
            list(FEEDS["claims"].read(tmp_path / f"a{ending}"))
    (tmp_path / "a.csv").write_text('{"key": "phone:0912345678"}\n')
    with pytest.raises(BadInput):
        list(FEEDS["claims"].read(tmp_path / "a.csv"))


def test_a_spreadsheets_dates_and_numbers_are_read(tmp_path: Path) -> None:
    row: Row = {"kind": "account", "value": 9990010123456, "first_seen": date(2026, 11, 1),
                "last_seen": datetime(2026, 11, 10, 3, tzinfo=UTC)}  # fmt: skip
    for ending in (".xlsx", ".parquet"):
        (found,) = FEEDS["claims"].read(written(tmp_path / f"a{ending}", [row]))
        assert found.key == "account:9990010123456"
        assert found.words.first_seen == datetime(2026, 10, 31, 17, tzinfo=UTC)
        assert found.words.last_seen is not None


def test_parquet_instants_with_a_zone_keep_it(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'phone:0912345678' AS key, TIMESTAMPTZ '2026-11-10 10:00:00+07' AS last_seen) "
            f"TO '{tmp_path}/a.parquet'"
        )
    (found,) = FEEDS["claims"].read(tmp_path / "a.parquet")
    assert found.words.last_seen == datetime(2026, 11, 10, 3, tzinfo=UTC)


def test_lines_of_ndjson_may_leave_columns_out_and_bad_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_text(
        '{"key":"phone:0912345678"}\n\n{"kind":"phone","value":"0912345679","evidence":"x"}\n{"key":\n[1]\n'
    )
    rows = list(FEEDS["claims"].read(file))
    assert [(row.number, row.key, row.evidence) for row in rows if row.refusal is None] == [
        (1, "phone:+84912345678", None), (2, "phone:+84912345679", "x"),
    ]  # fmt: skip
    assert [row.refusal.reason.value for row in rows if row.refusal] == ["malformed", "malformed"]


def test_a_monthly_submissions_torn_row_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(",".join(FIELDS) + "\nC1,001099012345,CCCD,Nguyễn, Thị An,1999-01-01,nữ,VN,1,,,R1,,999001\n")
    (row,) = FEEDS["bank_monthly"].read(file)
    assert row.refusal is not None
    assert row.raw == ""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Path:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    init()
    capsys.readouterr()
    return tmp_path / "home"


def test_a_list_by_a_pipe_and_the_register_in_every_format(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    for count in (2, 0):
        monkeypatch.setattr(
            "sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"host":"a-xau.com"}\n{"host":"b-xau.com"}\n'))
        )
        assert import_command(STANDARD, "chongluadao", None, strict=False) == 0
        assert json.loads(capsys.readouterr().out)["added"] == count
    export_command("-", "thử nghiệm")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["key"] for line in lines} == {"domain:a-xau.com", "domain:b-xau.com"}
    for ending in ENDINGS:
        export_command(str(tmp_path / f"list{ending}"), "thử nghiệm")
        rows = [row for row in read_rows(tmp_path / f"list{ending}") if isinstance(row, dict)]
        assert [list(row) for row in rows] == [list(lines[0])] * 2
        assert [row["key"] for row in rows] == [line["key"] for line in lines]
        assert [row["reasons"] for row in rows] == [["L5"] if ending == ".ndjson" else "L5"] * 2
    assert home.exists()


def test_an_empty_register_still_has_its_columns(home: Path, tmp_path: Path) -> None:
    assert home.exists()
    export_command(str(tmp_path / "list.csv"), "thử nghiệm")
    assert (tmp_path / "list.csv").read_text().startswith("key,verdict,reasons,")
    with pytest.raises(BadInput):
        export_command(str(tmp_path / "no" / "list.csv"), "thử nghiệm")


def test_the_command_ends_with_2_and_says_what_was_expected(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    file.write_text("host\na-xau.com\n")
    words = ["--language", "en", "registry", "import", str(file), "--feed", "chongluadao"]
    done = subprocess.run([sys.executable, "-m", "lachan.doors.cli", *words], capture_output=True, text=True)
    assert home.exists()
    assert done.returncode == 2
    assert "a.parquet" in done.stderr
    assert "Parquet" in done.stderr
    assert "Traceback" not in done.stderr
