"""A long file of records: a worker takes it in part by part, goes on after one that died, and erases it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from tests.activities.activity_office import HEAD, OFFICER, OTHER, Office, office
from tests.conftest import NOON
from tests.factories.activity_stage import sweeps

from lachan.activities import filed, importing, views
from lachan.activities.tables import activity, file
from lachan.doors.worker.files import take_files
from lachan.foundation.access import OPERATOR, set_person_active
from lachan.foundation.base import SYSTEM, BadInput, NotFound
from lachan.foundation.documents.workbooks import read_grid
from lachan.foundation.storage import Database
from lachan.foundation.storage.jobs import job
from lachan.foundation.taxonomy import activity_kind

KIND = "junk_sim_sweep"
WRONG: dict[int, tuple[int, object]] = {7: (0, "31/02/2026"), 801: (2, "40 km"), 1_300: (3, "nhiều")}
CONTENT = sweeps(1_400, WRONG)


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def sent(made: Office) -> str:
    grid = read_grid("bang.xlsx", CONTENT, rows_most=20_000, bytes_most=importing.BYTES_MOST)
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        return filed.take_file(unit, activity_kind(KIND, NOON), "bang.xlsx", CONTENT, grid)


def work(made: Office) -> int:
    services: Any = SimpleNamespace(
        db=made.db, clock=SimpleNamespace(now=lambda: NOON), secret=SimpleNamespace(derive=lambda _use: b"s" * 32)
    )
    return take_files(services)


def seen(made: Office, file_id: str, who: str = OFFICER) -> filed.Filed:
    with made.db.read() as conn:
        return filed.file_of(conn, made.actors[who], KIND, file_id)


def counted(one: filed.Filed) -> tuple[int, int, int, int]:
    return one.rows, one.so_far.recorded, one.so_far.repeated, one.refused_rows


def test_a_worker_takes_it_in_and_its_content_goes(made: Office) -> None:
    file_id = sent(made)
    waits = seen(made, file_id)
    assert (waits.rows, waits.so_far.done, waits.ended_at) == (1_400, 0, None)
    assert (work(made), work(made)) == (1, 0)
    done = seen(made, file_id)
    assert (counted(done), done.so_far.done, done.ended_at) == ((1_400, 1_397, 0, 3), 1_400, NOON)
    assert [(one.line, one.column, one.text) for one in done.refused] == [
        (9, "A", "31/02/2026"), (803, "C", "40 km"), (1_302, "D", "nhiều"),
    ]  # fmt: skip
    assert done.refused[1].wrong["en"] != done.refused[1].wrong["vi"]
    with made.db.read() as conn:
        assert conn.execute(sa.select(file.c.content)).scalar_one() is None
        assert views.kept(conn) == views.recount(conn)
    again = sent(made)
    work(made)
    assert counted(seen(made, again)) == (1_400, 0, 1_397, 3)


def test_who_follows_a_worker_that_died_goes_on_and_counts_the_same(
    made: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = sent(made)
    keep, left = importing._keep, [2]

    def killed(*told: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return keep(*told)

    monkeypatch.setattr(importing, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        work(made)
    monkeypatch.undo()
    half = seen(made, file_id)
    assert (half.so_far.done, half.so_far.recorded, half.ended_at) == (1_000, 998, None)
    with made.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(job).values(lease=None, leased_until=None))
    assert work(made) == 1
    assert counted(seen(made, file_id)) == (1_400, 1_397, 0, 3)
    with made.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(activity)).scalar_one() == 1_397


def test_a_file_that_breaks_the_worker_is_tried_again_later(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(made)

    def broken(*_told: Any) -> int:
        raise ValueError("Lò Văn Pán")

    monkeypatch.setattr(importing, "_keep", broken)
    assert (work(made), work(made)) == (1, 0)
    with made.db.read() as conn:
        row = conn.execute(sa.select(job).where(job.c.kind == filed.FILE_JOB)).one()
    assert (row.attempts, row.leased_until, row.last_error) == (1, None, "ValueError")
    assert row.retry_at is not None


def wake(made: Office) -> None:
    """The pause between two attempts, and a dead worker's lease, are over."""
    with made.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(job).values(lease=None, leased_until=None, retry_at=None))


def test_what_stops_says_so_and_goes_on_where_it_stopped(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = sent(made)
    keep, left = importing._keep, [1]

    def broken(*told: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise ValueError("Lò Văn Pán")
        return keep(*told)

    monkeypatch.setattr(importing, "_keep", broken)
    attempts = 0
    while not seen(made, file_id).stopped:
        assert work(made) == 1
        attempts += 1
        assert seen(made, file_id).broke != seen(made, file_id).stopped
        wake(made)
        assert attempts < 20, "it is tried for some minutes, not for hours"
    assert work(made) == 0
    with made.db.read() as conn:
        mine = filed.unfinished_files(conn, made.actors[OFFICER], KIND)
        assert [(one.id, one.stopped, one.so_far.recorded) for one in mine] == [(file_id, True, 499)]
        assert filed.unfinished_files(conn, made.actors[HEAD], KIND) == []
    for who in (HEAD, OTHER):
        with made.db.unit(NOON, made.actors[who]) as unit, pytest.raises(NotFound):
            filed.start_again(unit, KIND, file_id)
    monkeypatch.undo()
    for again in (True, False):
        with made.db.unit(NOON, made.actors[OFFICER]) as unit:
            assert filed.start_again(unit, KIND, file_id) == again, "who presses twice starts it once"
    assert (seen(made, file_id).stopped, work(made), work(made)) == (False, 1, 0)
    assert counted(seen(made, file_id)) == (1_400, 1_397, 0, 3)
    with made.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(activity)).scalar_one() == 1_397
        assert views.kept(conn) == views.recount(conn)
        assert filed.unfinished_files(conn, made.actors[OFFICER], KIND) == []


def test_a_file_that_kills_every_worker_stops_too(made: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = sent(made)

    def killed(*_told: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "_keep", killed)
    attempts = 0
    while not seen(made, file_id).stopped:
        attempts += 1
        try:
            work(made)
        except KeyboardInterrupt:
            assert not seen(made, file_id).stopped
        wake(made)
        assert attempts < 20
    assert attempts > 5
    # Nobody starts it again: it goes when its time is over, content and all.
    for days, gone in ((29, 0), (31, 1)):
        with made.db.unit(NOON + timedelta(days=days), SYSTEM) as unit:
            assert filed.forget_imports(unit) == gone
    with made.db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(file)).scalar_one() == 0
        assert (
            conn.execute(
                sa.select(sa.func.count()).select_from(job).where(job.c.kind == filed.FILE_JOB)
            ).scalar_one()
            == 0
        )


def test_it_is_seen_by_who_sent_it_alone(made: Office) -> None:
    file_id = sent(made)
    for who in (HEAD, OTHER):
        with pytest.raises(NotFound):
            seen(made, file_id, who)
    with made.db.read() as conn, pytest.raises(NotFound):
        filed.file_of(conn, made.actors[OFFICER], "briefing", file_id)


def test_who_has_left_records_no_more(made: Office) -> None:
    file_id = sent(made)
    with made.db.unit(NOON, OPERATOR) as unit:
        set_person_active(unit, made.actors[OFFICER].id, active=False)
    assert work(made) == 1
    with made.db.read() as conn:
        row = conn.execute(sa.select(file).where(file.c.id == file_id)).one()
    assert (row.failed, row.content, row.done) == ("no_such_record", None, 0)


def test_a_head_that_is_wrong_is_refused_before_it_is_kept(made: Office) -> None:
    grid = read_grid("bang.csv", b"a;b\n1;2\n", rows_most=9, bytes_most=99)
    with pytest.raises(BadInput), made.db.unit(NOON, made.actors[OFFICER]) as unit:
        filed.take_file(unit, activity_kind(KIND, NOON), "bang.csv", b"a;b\n1;2\n", grid)


def test_what_was_refused_goes_after_its_time(made: Office) -> None:
    file_id = sent(made)
    work(made)
    for days, left in ((29, True), (31, False)):
        with made.db.unit(NOON + timedelta(days=days), SYSTEM) as unit:
            assert filed.forget_imports(unit) == int(not left)
    with pytest.raises(NotFound):
        seen(made, file_id)
