"""The first administrator: made at the console, signs in, and is one."""

import json
from pathlib import Path

import pytest

from lachan.bootstrap import build
from lachan.doors.cli.administrator import administrator
from lachan.doors.cli.output import out
from lachan.doors.cli.system import init
from lachan.foundation.access import AccessReason, Stage, agencies, sign_in
from lachan.foundation.base import Conflict, WallClock
from lachan.foundation.base.settings import Settings


def test_an_administrator_signs_in_and_a_second_joins_the_same_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LACHAN_DATABASE_URL", raising=False)
    monkeypatch.setattr(out, "json", True)
    init()
    capsys.readouterr()
    administrator("Lan.Nguyen", "Nguyễn Thị Lan", "Bàn trực Sơn Hà")
    first = json.loads(capsys.readouterr().out)
    administrator("minh.tran", "Trần Văn Minh", None)
    second = json.loads(capsys.readouterr().out)
    assert (first["desk"], first["made"], second["desk"], second["made"]) == (
        "Bàn trực Sơn Hà", True, "Bàn trực Sơn Hà", False,
    )  # fmt: skip
    services, wall_now = build(Settings()), WallClock().now()
    with services.db.read() as conn:
        assert len(agencies(conn, "province_desk")) == 1
    opened = sign_in(
        services.db, services.secret, "lan.nguyen", first["password"], "203.0.113.1", demo=False,
        now=services.clock.now(), wall_now=wall_now,
    )  # fmt: skip
    assert opened.session.stage is Stage.ENROLMENT
    with pytest.raises(Conflict) as refused:
        administrator("lan.nguyen", "Nguyễn Thị Lan", None)
    assert refused.value.reason is AccessReason.NAME_TAKEN
