"""`lachan registry`: integers, exit codes, rejects, one look-up that says nothing about any other."""

import json
from pathlib import Path

import pytest

from lachan.doors.cli.output import out
from lachan.doors.cli.registry import check_command, export_command, import_command
from lachan.doors.cli.system import init
from lachan.foundation.base import BadInput

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Path:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    init()
    capsys.readouterr()
    return tmp_path / "home"


def said(capsys: Captured) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_import_check_export(home: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "hosts.csv"
    file.write_text("host\nxau-xa.com\nfacebook.com\nkhông phải\n", encoding="utf-8")
    assert import_command(file, "chongluadao", None, strict=False) == 1
    assert said(capsys) == {
        "rows": 3, "added": 2, "updated": 0, "unchanged": 0, "delisted": 0, "conflicts": 1, "rejected": 1,
    }  # fmt: skip
    rejects = (home / "imports" / "hosts.csv.rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejects == ["line,field,reason,row", "4,host,not_a_host,không phải"]
    assert not list(tmp_path.glob("*.rejects.csv"))
    assert check_command("domain:xau-xa.com") == 1
    assert said(capsys)["verdict"] == "warn"
    assert check_command("https://www.xau-xa.com/dang-nhap") == 1
    assert said(capsys)["listed_key"] == "domain:xau-xa.com"
    for clear in ("domain:facebook.com", "phone:0912345678"):
        assert check_command(clear) == 0
        assert (answer := said(capsys))["verdict"] == "clear"
        assert answer["reasons"] == []
        assert answer["entry"] is None
    export_command("-", "thử nghiệm")
    assert said(capsys)["key"] == "domain:xau-xa.com"
    export_command(str(tmp_path / "list.csv"), "thử nghiệm")
    capsys.readouterr()
    assert (
        (tmp_path / "list.csv").read_text(encoding="utf-8").splitlines()[1].startswith("domain:xau-xa.com,warn,L5,")
    )


def test_bad_input_is_named(home: Path, tmp_path: Path) -> None:
    assert home.exists()
    for text in ("xin chào", "phone:12", "nothing:1"):
        with pytest.raises(BadInput):
            check_command(text)
    with pytest.raises(BadInput):
        export_command(str(tmp_path / "list.pdf"), "x")
    with pytest.raises(BadInput):
        import_command(tmp_path / "missing.csv", "chongluadao", None, strict=False)
