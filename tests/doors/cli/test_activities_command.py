"""`lachan activities`: a table in for an agency, what was refused beside it, records out, masked."""

import json
from pathlib import Path

import pytest
from tests.factories.activity_stage import activity_stage, sweeps

from lachan.activities import ActivityReason
from lachan.doors.cli.activities import export, import_file, kinds, template
from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, NotAllowed

Captured = pytest.CaptureFixture[str]


def test_a_table_in_and_records_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    activity_stage(tmp_path / "home", "http://127.0.0.1:1").services.db.close()
    kinds()
    assert len(json.loads(capsys.readouterr().out)) >= 40
    template("junk_sim_sweep", tmp_path / "mau.xlsx", "04")
    assert (tmp_path / "mau.xlsx").stat().st_size > 5_000
    capsys.readouterr()
    file = tmp_path / "thang-10.xlsx"
    file.write_bytes(sweeps(20, {4: (0, "31/02/2026")}))
    assert import_file("junk_sim_sweep", file, "ubnd xã Đàm Thủy", strict=False) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["recorded"], said["repeated"], said["refused"]) == (20, 19, 0, 1)
    (line,) = Path(said["rejects"]).read_text(encoding="utf-8").splitlines()[1:]
    assert line.startswith("6,activity_no_such_day,")
    with pytest.raises(BadInput) as refused:
        import_file("junk_sim_sweep", file, "Đàm Thủy xã", strict=False)
    assert refused.value.field == "--agency"
    export("junk_sim_sweep", tmp_path / "ra.csv", "")
    assert json.loads(capsys.readouterr().out)["records"] == 19
    assert "Xã Đàm Thủy, Cao Bằng" in (tmp_path / "ra.csv").read_text(encoding="utf-8")
    with pytest.raises(NotAllowed) as restricted:
        export("insider_case", tmp_path / "ra2.csv", "")
    assert restricted.value.reason is ActivityReason.NOT_NAMED
