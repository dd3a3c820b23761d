"""`lachan rings`: each member with what ties it, bad rows listed, and every wrong option by name."""

import csv
import json
from itertools import combinations
from pathlib import Path

import pytest

from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rings import run
from lachan.foundation.base import BadInput

HEAD = "id,time,payer,payee,amount\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "transfers.csv"
    rows = [
        f"{a}{b},2026-11-22T09:0{n}:00+07:00,{a},{b},2000000" for n, (a, b) in enumerate(combinations("ABCD", 2))
    ]
    made.write_text(HEAD + "\n".join([*rows, "q,2026-11-22T08:00:00+07:00,A,Q,5"]) + "\n", encoding="utf-8")
    return made


def test_members_and_their_ties(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out, "json", True)
    target = file.with_name("rings.csv")
    assert run(file, target, "1000000", 50, 3, False) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "rings": 1, "members": 4, "largest": 4, "chosen": 6, "rows": 7, "rejected": 0, "rejects": None
    }  # fmt: skip
    with target.open(encoding="utf-8", newline="") as rows:
        told = list(csv.DictReader(rows))
    assert [(one["account"], one["tie"], one["tie_with"]) for one in told] == [
        ("A", "AB", "B"), ("B", "AB", "A"), ("C", "AC", "A"), ("D", "AD", "A"),
    ]  # fmt: skip
    assert {one["transfers"] for one in told} == {"3"}
    assert told[0]["tie_time"] == "2026-11-22T02:00:00+00:00"


def test_a_record_ties_once_as_it_was_last_corrected_and_not_if_it_was_reversed(tmp_path: Path) -> None:
    file = tmp_path / "transfers.csv"
    rows = [
        "ab,A,B,,", "ab1,A,C,,ab", "ab2,A,D,,ab1", "ab3,A,E,,ab",  # the second of them is the last word
        "fg,F,G,,", "fg1,F,H,,fg", "back,H,F,fg1,",  # corrected, and reversed by the correction's name
        "ij,I,J,,", "ij1,I,K,,ij", "back2,J,I,ij,",  # or by its own
        "no,L,M,,", "back3,M,L,no,", "back4,M,N,,back3",  # or by a reversal that was corrected
    ]  # fmt: skip
    minutes = {"ab2": 59}
    made = []
    for number, (name, payer, payee, reverses, corrects) in enumerate(one.split(",") for one in rows):
        minute = minutes.get(name, number)
        made.append(f"{name},2026-11-22T09:{minute:02}:00+07:00,{payer},{payee},2000000,{reverses},{corrects}\n")
    file.write_text(HEAD.strip() + ",reverses,corrects\n" + "".join(made), encoding="utf-8")
    target = tmp_path / "rings.csv"
    assert run(file, target, "1000000", 50, 2, False) == 0
    with target.open(encoding="utf-8", newline="") as told:
        assert [(one["account"], one["tie"], one["transfers"]) for one in csv.DictReader(told)] == [
            ("A", "ab2", "1"), ("D", "ab2", "1"),
        ]  # fmt: skip


def test_bad_rows_are_listed_or_stop_it(file: Path) -> None:
    with file.open("a", encoding="utf-8") as more:
        more.write("bad,today,A,B,1\n")
    target = file.with_name("rings.ndjson")
    assert run(file, target, "0", 50, 3, False) == EXIT_NO
    assert len(target.read_text(encoding="utf-8").splitlines()) == 5
    assert "bad" in file.with_name("rings.ndjson.rejects.csv").read_text(encoding="utf-8")
    with pytest.raises(BadInput):
        run(file, target, "0", 50, 3, True)
    folder = file.with_name("folder.csv")
    folder.mkdir()
    with pytest.raises(BadInput, match="unreadable_file"):
        run(file, folder, "0", 50, 3, False)


@pytest.mark.parametrize(("partners", "members"), [(0, 3), (50, 1)])
def test_options_that_mean_nothing(file: Path, partners: int, members: int) -> None:
    with pytest.raises(BadInput):
        run(file, file.with_name("rings.csv"), "0", partners, members, False)
