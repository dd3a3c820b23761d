"""`lachan ledger import`: counts, rejects, exit codes."""

import json
from pathlib import Path

import pytest

from lachan.doors.cli.ledger import run
from lachan.doors.cli.output import out
from lachan.doors.cli.system import init
from lachan.foundation.base import BadInput

Captured = pytest.CaptureFixture[str]


def test_counts_rejects_and_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    init()
    capsys.readouterr()
    file = tmp_path / "day.csv"
    file.write_text(
        "id,time,payer,payee,amount\nF1,2026-11-18T12:05:00+07:00,A,B,200000\nF2,2026-11-18T12:05,A,B,5\n",
        encoding="utf-8",
    )
    assert run(file, "970436", strict=False) == 1
    said = json.loads(capsys.readouterr().out)
    assert {name: said[name] for name in ("added", "corrected", "unchanged", "rejected")} == {
        "added": 1, "corrected": 0, "unchanged": 0, "rejected": 1,
    }  # fmt: skip
    rejects = (tmp_path / "home" / "imports" / "day.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejects[0] == "row,field,reason,content"
    assert rejects[1].startswith("2,time,time_without_offset,id=F2;")
    with pytest.raises(BadInput):
        run(file, "970436", strict=True)
    file.write_text(
        file.read_text(encoding="utf-8").splitlines()[0] + "\nF1,2026-11-18T12:05:00+07:00,A,B,200000\n"
    )
    assert run(file, "970436", strict=True) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
    assert not (tmp_path / "home" / "imports" / "day.csv.rejects.csv").exists()
