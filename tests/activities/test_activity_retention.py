"""Records lose what names people when their time is over; figures, sums and the sealed trail still hold."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.activities.activity_office import OFFICER, SWEEP, Office, office
from tests.conftest import NOON

from lachan.activities import ActivityReason, correct, forget_activities, forget_files, views, withdraw
from lachan.activities.erasing import left
from lachan.activities.evidence import keep, path_of
from lachan.activities.rules import yields
from lachan.activities.tables import activity, change
from lachan.doors.worker import loop
from lachan.foundation.base import SYSTEM, Conflict, WallClock
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import (
    ActivityKind,
    FieldType,
    FileSort,
    all_activity_kinds,
    retention,
    vietnam_date,
)
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal, verify
from lachan.foundation.trail import tables as trail_tables

TODAY = vietnam_date(NOON)
DEAL = {"day": "2026-01-15", "name": "Quy chế phối hợp"}


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def forget(made: Office, now: datetime) -> int:
    with made.db.unit(now, SYSTEM) as unit:
        return forget_activities(unit)


def ends(since: datetime) -> datetime:
    return retention("retention_activity", since).deadline(since)


def test_what_names_people_goes_when_its_time_is_over(made: Office, tmp_path: Path) -> None:
    paper = keep(tmp_path, "CCCD Lò Văn Pán.pdf", b"%PDF-1.4", (FileSort.DOCUMENT,))
    photo = keep(tmp_path, "giấy.pdf", b"%PDF-1.4 old", (FileSort.DOCUMENT,))
    parties = [{"agency": made.agencies["other"], "contact": "Lò Văn Pán"}, {"agency": made.agencies["bank"]}]
    given: dict[str, Any] = {"day": DEAL["day"], "name": DEAL["name"], "parties": parties}
    one = made.record(OFFICER, "agreement", **given, document=[photo.as_value()])
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        correct(unit, one.id, {**given, "document": [paper.as_value()]}, "sai tên ông Pán")
    sweep = made.record(OFFICER, "junk_sim_sweep", **SWEEP, note="Ông Pán vắng nhà")
    with made.db.read() as conn:
        before = views.kept(conn)
    last = ends(NOON)
    assert forget(made, last - timedelta(seconds=1)) == 0
    assert forget(made, last) == 2
    assert forget(made, last) == 0
    with made.db.read() as conn:
        rows = [*conn.execute(activity.select()).mappings(), *conn.execute(change.select()).mappings()]
        assert "Pán" not in repr(rows)
        assert paper.sha256 not in repr(rows)
        assert all(row["digest_salt"] is None for row in rows), "what the trail says of them tells nothing now"
        assert views.recount(conn) == views.kept(conn) == before
        page = views.page(conn, made.actors[OFFICER], one.id, TODAY)
        assert page.activity.erased_at == last
        assert not page.may_change
        assert views.page(conn, made.actors[OFFICER], sweep.id, TODAY).activity.values["junk"] == SWEEP["junk"]
        fact = conn.execute(
            trail_tables.fact.select().where(trail_tables.fact.c.kind == "retention.activities_erased")
        ).one()
    assert fact.data["activities"] == 2
    create_private_key(tmp_path / "seal.pem")
    key = SealKey(read_private_key(tmp_path / "seal.pem"))
    while seal(made.db, key, now=last, wall_now=WallClock().now()):
        pass
    with made.db.read() as conn:
        assert verify(conn, [key.public_text]).findings == ()
    with pytest.raises(Conflict) as refused, made.db.unit(last, made.actors[OFFICER]) as unit:
        correct(unit, one.id, given, "lại")
    assert refused.value.reason is ActivityReason.ERASED
    with pytest.raises(Conflict) as refused, made.db.unit(last, made.actors[OFFICER]) as unit:
        withdraw(unit, one.id, "lại")
    assert refused.value.reason is ActivityReason.ERASED
    assert path_of(tmp_path, paper.sha256).exists()
    with made.db.read() as conn:
        assert forget_files(conn, tmp_path, datetime.now(NOON.tzinfo)) == 0, "a form may still be open with it"
        assert forget_files(conn, tmp_path, datetime.now(NOON.tzinfo) + timedelta(days=3)) == 2
    assert not path_of(tmp_path, paper.sha256).exists()


def test_files_that_are_named_stay_and_a_file_sent_again_is_new(made: Office, tmp_path: Path) -> None:
    named = keep(tmp_path, "a.pdf", b"%PDF-1.4 a", (FileSort.DOCUMENT,))
    sent = keep(tmp_path, "b.pdf", b"%PDF-1.4 b", (FileSort.DOCUMENT,))
    parties = [{"agency": made.agencies["other"]}, {"agency": made.agencies["bank"]}]
    made.record(OFFICER, "agreement", day="2026-01-15", name="x", parties=parties, document=[named.as_value()])
    long_ago = 1.0
    for one in (named, sent):
        os.utime(path_of(tmp_path, one.sha256), (long_ago, long_ago))
    keep(tmp_path, "b.pdf", b"%PDF-1.4 b", (FileSort.DOCUMENT,))
    with made.db.read() as conn:
        assert forget_files(conn, tmp_path, datetime.now(NOON.tzinfo)) == 0
        os.utime(path_of(tmp_path, sent.sha256), (long_ago, long_ago))
        assert forget_files(conn, tmp_path, datetime.now(NOON.tzinfo)) == 1
    assert path_of(tmp_path, named.sha256).exists()


def test_a_worker_removes_them_though_nothing_was_erased_just_now(made: Office, tmp_path: Path) -> None:
    """Of a form that was never sent, or left by a worker that died after it had erased the record."""
    lost = path_of(tmp_path, keep(tmp_path, "a.pdf", b"%PDF-1.4 a", (FileSort.DOCUMENT,)).sha256)
    os.utime(lost, (1.0, 1.0))
    services: Any = SimpleNamespace(
        db=made.db, clock=SimpleNamespace(now=lambda: NOON), settings=SimpleNamespace(home=tmp_path)
    )
    looked = iter([False, True])
    stop: Any = SimpleNamespace(is_set=lambda: next(looked), wait=lambda _seconds: None)
    loop._files(services, stop)
    assert not lost.exists()


def test_open_work_waits_for_its_end(made: Office) -> None:
    parties = [{"agency": made.agencies["other"]}, {"agency": made.agencies["bank"]}]
    made.record(OFFICER, "agreement", day="2026-01-15", name="x", parties=parties, valid_to="2040-01-01")
    assert forget(made, ends(NOON) + timedelta(days=400)) == 0


@pytest.mark.parametrize("kind", all_activity_kinds(), ids=lambda kind: kind.code)
def test_every_kind_keeps_what_its_figures_count_and_nobodys_name(kind: ActivityKind) -> None:
    values = {one.code: 1 if one.type in {FieldType.INTEGER, FieldType.MONEY, FieldType.DECIMAL} else "x"
              for one in kind.fields}  # fmt: skip
    stays = left(kind, values)
    states = [one.code for one in kind.states] or [""]
    assert [yields(kind, stays, state) for state in states] == [yields(kind, values, state) for state in states]
    gone = values.keys() - stays.keys()
    assert gone >= {one.code for one in kind.fields if one.type in {FieldType.PERSON, FieldType.IDENTIFIER}}
    assert gone >= {one.code for one in kind.fields if one.type in {FieldType.FILE, FieldType.LONG_TEXT}}
