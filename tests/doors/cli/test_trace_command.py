"""`lachan trace`: the contract's document, a table for people, and every refusal by name with exit code 2."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lachan.doors.cli import trace as command
from lachan.doors.cli.output import EXIT_BAD_INPUT, out
from lachan.foundation.base import BadInput, Language, translate

HEAD = "id,time,payer,payee,amount,kind,sequence,learned,reverses,corrects\n"
ROWS = """v,2026-11-22T09:00:00+07:00,V,M,100,,,,,
s,2026-11-22T09:01:00+07:00,S,M,60,,,,,
a,2026-11-22T09:02:00+07:00,M,N,90,,,,,
c,2026-11-22T09:03:00+07:00,N,,50,cash_out,,,,
k,2026-11-22T09:02:00+07:00,M,N,95,,,2026-11-22T10:00:00+07:00,,a
x,2026-11-22T09:04:00+07:00,N,N,5,,,,,
r,2026-11-22T09:05:00+07:00,M,S,60,,,,s,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "transfers.csv"
    made.write_text(HEAD + ROWS, encoding="utf-8")
    return made


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "json", True)


def run(file: Path, disputed: str = "v", **options: str) -> int:
    said: dict[str, str | None] = dict.fromkeys(("as_of", "known_at", "floor")) | options
    balances = said.pop("balances", None)
    rule = said.pop("rule", "lifo") or ""
    return command.run(
        file, disputed, rule, Path(balances) if balances else None, said["as_of"], said["known_at"], said["floor"]
    )


@pytest.mark.usefixtures("as_json")
def test_a_large_file_is_answered_from_columns_and_as_its_rows_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        f"t{n},2026-11-22T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}+07:00,970436:A{n * 7 % 97},"
        f"970436:A{n * 5 % 89},{n % 50 + 1},{'cash_out' if n % 9 == 0 else ''},,,,"
        for n in range(20_000)
    ]
    file = tmp_path / "many.csv"
    file.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(command, "_LARGE_BYTES", 1)
    told = []
    for rule in ("lifo", "fifo"):
        assert run(file, "t77", rule=rule) == 0
        shown = capsys.readouterr()
        assert "many.csv" in shown.err
        told.append(json.loads(shown.out))
    monkeypatch.setattr(command, "_LARGE_BYTES", 10**12)
    for rule, quick in zip(("lifo", "fifo"), told, strict=True):
        assert run(file, "t77", rule=rule) == 0
        assert json.loads(capsys.readouterr().out) == quick
    monkeypatch.setattr(command, "_LARGE_BYTES", 1)
    with file.open("a", encoding="utf-8") as more:
        more.write("bad,today,A,B,1,,,,,\n")
    with pytest.raises(BadInput):
        run(file, "t77")


@pytest.mark.usefixtures("as_json")
def test_the_document_is_the_contracts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    balances = file.with_name("balances.csv")
    balances.write_text("account,opening_vnd\nM,40\n", encoding="utf-8")
    early = {"as_of": "2026-11-22T09:03:00+07:00", "known_at": "2026-11-22T02:59:59Z"}
    assert run(file, balances=str(balances), **early) == 0
    assert json.loads(capsys.readouterr().out) == {
        "rule": "lifo",
        "accounts": [
            {
                "account": "M", "balance": 110, "taint": 70, "by_loss": {"v": 70}, "hops": 1,
                "first_time": "2026-11-22T02:00:00+00:00", "opening": "stated",
            },
            {
                "account": "N", "balance": 40, "taint": 30, "by_loss": {"v": 30}, "hops": 2,
                "first_time": "2026-11-22T02:02:00+00:00", "opening": "implied",
            },
        ],
        "out_of_reach": 0, "diluted": 0, "overlap": 0, "edges": 2, "conserved": True,
    }  # fmt: skip


@pytest.mark.usefixtures("as_json")
def test_every_option_counts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(disputed: str = "v", **options: str) -> dict[str, object]:
        assert run(file, disputed, **options) == 0
        return dict(json.loads(capsys.readouterr().out))

    def taints(**options: str) -> dict[str, int]:
        accounts = answer(**options)["accounts"]
        assert isinstance(accounts, list)
        return {each["account"]: each["taint"] for each in accounts}

    early = "2026-11-22T09:03:00+07:00"
    assert taints(as_of=early) == {"M": 65, "N": 35}  # corrected to 95
    assert taints(as_of=early, known_at="2026-11-22T09:59:00+07:00") == {"M": 70, "N": 30}
    assert taints(as_of=early, rule="taint_first") == {"M": 5, "N": 45}
    assert answer(as_of=early, rule="taint_first")["out_of_reach"] == 50
    assert answer(as_of=early, rule="poison")["conserved"] is None
    assert answer(as_of=early, rule="haircut", floor="60")["diluted"] == 59
    assert answer("v, s", as_of=early)["overlap"] == 0
    conflict = file.with_name("low.csv")
    conflict.write_text("account,opening_vnd\nM,0\nS,0\n", encoding="utf-8")
    found = answer(balances=str(conflict))["accounts"]
    assert isinstance(found, list)
    assert {each["account"]: each["opening"] for each in found} == {
        "M": "stated", "N": "implied", "S": "balance_conflict",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "reason", "where"),
    [
        ({"disputed": "v,nobody"}, "unknown_disputed", "disputed"),
        ({"disputed": "v,v"}, "disputed_twice", "disputed"),
        ({"disputed": "x"}, "disputed_self_transfer", "disputed"),
        ({"disputed": "r"}, "disputed_reversal", "disputed"),
        ({"disputed": " , "}, "missing", "--disputed"),
        ({"rule": "lucky"}, "unknown_value", "--rule"),
        ({"as_of": "yesterday"}, "malformed", "--as-of"),
        ({"as_of": "2026-11-22T09:41:00"}, "time_without_offset", "--as-of"),
        ({"known_at": "2026-11-22"}, "time_without_offset", "--known-at"),
        ({"floor": "-5"}, "not_positive", "--floor"),
        ({"floor": "much"}, "malformed", "--floor"),
    ],
)
def test_what_cannot_be_asked_is_named(options: dict[str, str], reason: str, where: str, file: Path) -> None:
    with pytest.raises(BadInput) as error:
        run(file, **options)
    assert (error.value.reason.value, error.value.field) == (reason, where)
    for language in Language:
        assert "{" not in translate(f"reason.{reason}", language, **error.value.params)


def test_a_bad_row_stops_it_with_file_row_and_column(file: Path) -> None:
    file.write_text(HEAD + ROWS.replace(",60,", ",many,"), encoding="utf-8")
    with pytest.raises(BadInput) as error:
        run(file)
    assert error.value.field == f"{file}, row 2, amount"


def test_people_see_a_table_and_the_sum(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(out, "language", Language.VI)
    many = [f"p{n},2026-11-22T09:01:30+07:00,M,[red]{n},1,,,,,\n" for n in range(50)]
    file.write_text(HEAD + ROWS + "".join(many), encoding="utf-8")
    assert run(file, rule="taint_first") == 0
    said = capsys.readouterr().out
    assert "22/11/2026 09:01:30" in said
    assert "Khớp đến từng đồng" in said
    assert "tài khoản nữa" in said
    assert "[red]10" in said  # an account's name is no markup
    assert run(file, rule="bounded") == 0
    assert "không cộng lại được" in capsys.readouterr().out


def test_through_the_real_command(file: Path) -> None:
    lachan = [sys.executable, "-m", "lachan.doors.cli"]
    good = subprocess.run([*lachan, "--json", "trace", file, "--disputed", "v"], capture_output=True, check=False)
    assert (good.returncode, json.loads(good.stdout)["conserved"]) == (0, True)
    bad = subprocess.run([*lachan, "trace", file, "--disputed", "w"], capture_output=True, check=False)
    assert bad.returncode == EXIT_BAD_INPUT
    assert "Không có giao dịch nào mang mã w." in bad.stderr.decode()
    assert b"Traceback" not in bad.stderr
