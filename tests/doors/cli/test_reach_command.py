"""`lachan reach`: whom the money could have reached, in the order of time, within what was asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from lachan.doors.cli.output import out
from lachan.doors.cli.reach import run
from lachan.foundation.base import BadInput, Language

HEAD = "id,time,payer,payee,amount,kind,reverses,corrects\n"
ROWS = """before,2026-11-22T08:00:00+07:00,M,OLD,50,,,
v,2026-11-22T09:00:00+07:00,V,M,100,,,
a,2026-11-22T09:02:00+07:00,M,N,90,,,
far,2026-11-22T09:03:00+07:00,M,P,40,,,
b,2026-11-22T09:04:00+07:00,N,P,30,,,
c,2026-11-22T09:05:00+07:00,P,,20,cash_out,,
late,2026-11-24T09:05:00+07:00,P,Q,20,,,
x,2026-11-22T09:06:00+07:00,N,N,5,,,
cash,2026-11-22T09:07:00+07:00,V,,5,cash_out,,
r,2026-11-22T09:08:00+07:00,M,V,5,,v,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "transfers.csv"
    made.write_text(HEAD + ROWS, encoding="utf-8")
    return made


def ask(
    file: Path, capsys: pytest.CaptureFixture[str], disputed: str = "v", hours: int = 48, hops: int = 10,
    least: str = "1", most: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    assert run(file, disputed, hours, hops, least, most) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_paths_go_forward_in_time_within_the_bounds(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "json", True)

    def hops(**bounds: Any) -> dict[str, tuple[int, str]]:
        accounts = ask(file, capsys, **bounds)["accounts"]
        return {one["account"]: (one["hops"], one["transfer"]) for one in accounts}

    everybody = {"N": (1, "a"), "P": (1, "far"), "V": (1, "r")}
    assert hops() == everybody
    assert hops(hours=72) == everybody | {"Q": (2, "late")}
    assert hops(least="6") == {"N": (1, "a"), "P": (1, "far")}
    assert hops(least="6", most="89") == {"P": (1, "far")}
    assert hops(least="50", hops=1) == {"N": (1, "a")}
    assert ask(file, capsys)["account"] == "M"
    assert ask(file, capsys, "cash") == {"account": None, "accounts": [], "reached": 0}


def test_what_stands_before_the_disputed_transfer_took_none_of_it(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "json", True)
    rows = "".join(f"{name},2026-11-22T09:00:00+07:00,{parties},5,,,\n" for name, parties in (
        ("earlier", "M,EARLIER"), ("v", "V,M"), ("later", "M,LATER"),
    ))  # fmt: skip
    file.write_text(HEAD + rows, encoding="utf-8")
    assert [one["account"] for one in ask(file, capsys)["accounts"]] == ["LATER"]


def test_sums_that_no_64_bits_hold_are_refused_by_name(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = "{},2026-11-22T09:00:00+07:00,V,M,1000000000000000,,,\n"
    file.write_text(HEAD + "".join(row.format(number) for number in range(4_700)), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        ask(file, capsys, "7")
    assert raised.value.reason.value == "trace_sums_too_large"


def test_a_correction_counts_for_its_record(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "json", True)
    with file.open("a", encoding="utf-8") as more:
        more.write("k,2026-11-22T09:02:00+07:00,M,Z,90,,,a\n")
    told = {one["account"]: one["transfer"] for one in ask(file, capsys, least="6")["accounts"]}
    assert told == {"P": "far", "Z": "a"}
    # A reversal of the correction is one of the record, whichever way round; and either name is the record's.
    with file.open("a", encoding="utf-8") as more:
        more.write("back,2026-11-22T09:09:00+07:00,M,Z,90,,k,\nw,2026-11-22T09:00:00+07:00,W,Z,100,,,\n")
    assert {one["account"]: one["transfer"] for one in ask(file, capsys, "w")["accounts"]}["M"] == "back"
    assert ask(file, capsys, "k", least="6")["account"] == ask(file, capsys, "a", least="6")["account"] == "Z"
    with pytest.raises(BadInput, match="disputed_reversal"):
        ask(file, capsys, "back")


@pytest.mark.parametrize(
    ("disputed", "asked", "reason"),
    [
        ("nobody", {}, "unknown_disputed"),
        ("x", {}, "disputed_self_transfer"),
        ("r", {}, "disputed_reversal"),
        ("v", {"hours": 0}, "malformed"),
        ("v", {"hops": 101}, "malformed"),
        ("v", {"least": "much"}, "malformed"),
        ("v", {"least": "9", "most": "8"}, "malformed"),
    ],
)
def test_what_cannot_be_asked_is_named(
    disputed: str, asked: dict[str, Any], reason: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput) as raised:
        ask(file, capsys, disputed, **asked)
    assert raised.value.reason.value == reason


def test_a_bad_row_stops_it_and_people_see_a_table(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(out, "language", Language.VI)
    assert run(file, "v", 48, 10, "1", None) == 0
    told = capsys.readouterr().out
    assert "22/11/2026 09:02:00" in told
    assert "Từ M, tiền có thể đã đến 3 tài khoản" in told
    assert run(file, "cash", 48, 10, "1", None) == 0
    assert "đã rời khỏi các tài khoản" in capsys.readouterr().out
    with file.open("a", encoding="utf-8") as more:
        more.write("bad,today,A,B,1,,,\n")
    with pytest.raises(BadInput) as raised:
        run(file, "v", 48, 10, "1", None)
    assert raised.value.field == f"{file}, row 11, time"
