"""A file of transfers, an alert, two people, an entry, a warning: command line, pages and API."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.instance import CODES, OWN, Instance, seeded, served

from lachan.doors.cli.monitor_alerts import labels, watch
from lachan.doors.cli.output import out
from lachan.doors.worker import run_due_jobs
from lachan.foundation.access import Role, demo_link_token
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.storage import metadata
from lachan.foundation.trail import seal

MULE = f"account:{CODES[OWN]}:6600998877"
VICTIM, BOSS = "account:970418:1199885544", "account:970422:2288776655"


@pytest.fixture
def instance(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setenv("LACHAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LACHAN_DATABASE_URL", database_url)
    monkeypatch.setenv("LACHAN_INSTANCE", "test")
    monkeypatch.setattr(out, "json", True)
    return seeded(tmp_path / "home", database_url)


def transfers(folder: Path) -> Path:
    """A victim pays a mule, who sends it on within two minutes; and honest people."""
    now = WallClock().now().replace(microsecond=0) - timedelta(minutes=30)
    rows = [
        ("t1", 0, VICTIM, MULE, 60_000_000), ("t2", 2, MULE, BOSS, 59_000_000),
        ("t3", 3, "account:970407:1", "account:970436:2", 150_000),
    ]  # fmt: skip
    lines = [f"{name},{(now + timedelta(minutes=m)).isoformat()},{a},{b},{vnd}" for name, m, a, b, vnd in rows]
    path = folder / "transfers.csv"
    path.write_text("\n".join(["id,time,payer,payee,amount", *lines]))
    return path


class Person:
    """Somebody at a browser without script."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.page = ""

    def open(self, address: str, status: int = 200) -> str:
        answer = self.http.get(address, headers={"accept": "text/html"})
        assert answer.status_code == status, answer.text
        self.page = answer.text
        return self.page

    def send(self, address: str, status: int = 303, **typed: str) -> httpx.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert token is not None
        sent = self.http.post(
            address, data={"csrf_token": token[1], "once": new_id(), **typed}, headers={"accept": "text/html"}
        )
        assert sent.status_code == status, sent.text
        return sent


@contextmanager
def person(instance: Instance, whose: str, role: Role) -> Iterator[Person]:
    services = instance.services
    link = demo_link_token(
        services.settings, services.secret, instance.people[whose, role.value], wall_now=WallClock().now()
    )
    with httpx.Client(base_url=instance.url, timeout=30) as http:
        assert http.get(f"/demo/{link}").status_code in (200, 303)
        yield Person(http)


def verdict(instance: Instance, http: httpx.Client) -> str:
    """What a bank's program hears before a payment to the mule."""
    services = instance.services
    while run_due_jobs(services):
        pass
    seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now())
    services.screening.catch_up()
    kind, _, value = MULE.partition(":")
    answer = http.post(
        "/v1/screen", json={"items": [{"kind": kind, "value": value}]}, headers=instance.bearer()
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return str(answer.json()["results"][0]["verdict"])


def nothing_is_held(instance: Instance) -> bool:
    """After all that the system does by itself: nobody was asked for anything, no trace, no hold."""
    with instance.services.db.read() as conn:
        return not any(
            conn.execute(sa.select(sa.func.count()).select_from(metadata.tables[name])).scalar_one()
            for name in ("trace", "hop", "hold")
        )


def test_from_a_file_to_a_warning_by_two_people(
    instance: Instance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(transfers(tmp_path), strict=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["opened"] >= 1
    assert watch(transfers(tmp_path), strict=True) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["opened"], again["repeated"]) == (0, said["found"])
    with (
        served(instance) as http,
        person(instance, OWN, Role.DUTY_OFFICER) as officer,
        person(instance, OWN, Role.DESK_HEAD) as head,
        person(instance, OWN, Role.INSTITUTION_OFFICER) as banker,
        person(instance, "other", Role.INSTITUTION_OFFICER) as stranger,
    ):
        assert verdict(instance, http) == "clear"
        assert nothing_is_held(instance), "a score holds nothing, however high"
        queue = officer.open("/alerts?typology=pass_through")
        assert "6600998877" not in queue
        (address,) = set(re.findall(r'href="(/alerts/[0-9a-f-]{36})"', queue))
        assert address in banker.open("/alerts?typology=pass_through")
        assert address not in stranger.open("/alerts?typology=pass_through")
        stranger.open(address, status=403)

        assert "6600998877" not in officer.open(address)
        officer.send(f"{address}/take")
        officer.open(f"{address}/purpose")
        officer.send(f"{address}/purpose", purpose="examine_alert", case="Xem dấu hiệu vào ra ngay")
        assert "6600998877" in officer.open(address)
        officer.open(f"{address}/confirm")
        officer.send(f"{address}/confirm", more="Đã gọi ngân hàng.")
        assert verdict(instance, http) == "clear", "a signature lists nobody"
        officer.open(f"{address}/propose")
        officer.send(f"{address}/propose", account="0")
        assert verdict(instance, http) == "clear", "a proposal lists nobody"
        officer.open(address)
        officer.send(f"{address}/approve", status=403)

        head.open(f"{address}/approve")
        head.send(f"{address}/approve")
        assert verdict(instance, http) == "warn"
        assert nothing_is_held(instance), "nor does a listing"
        page = head.open(f"{address}")
        entry = re.search(r'href="(/registry/[0-9a-f-]{36})"', page)
        assert entry is not None
        assert "Cảnh báo giao dịch" in head.open(entry[1])
        assert "pass_through" in head.open("/alerts/typologies")
    labels(tmp_path / "labels.csv", "account")
    assert (tmp_path / "labels.csv").read_text().split() == ["account,label", f"{MULE},1"]
