"""Backups are consistent while the system writes, restore into either store, and every damage is named."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON

from lachan.foundation.base import SYSTEM, BadInput, Conflict, NotReady
from lachan.foundation.storage import Database
from lachan.foundation.storage.backup import (
    IDENTITY,
    BackupReason,
    create_backup_key,
    restore_backup,
    take_backup,
)
from lachan.foundation.trail import SealKey, append, create_private_key, seal, verify
from lachan.foundation.trail.tables import fact


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    create_private_key(folder / "trail.pem")
    create_backup_key(folder)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'restored.db'}")
    yield made
    made.close()


def write_facts(db: Database, count: int) -> None:
    for number in range(count):
        with db.unit(NOON, SYSTEM) as unit:
            append(unit, "test.happened", f"test:{number}", {"number": number}, personal={"name": "An"})


def test_a_backup_under_load_restores_to_a_trail_that_verifies(
    db: Database, keys: Path, target: Database, tmp_path: Path
) -> None:
    key = SealKey(create_private_key(keys / "trail.pem"))
    write_facts(db, 20)
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            write_facts(db, 1)
            seal(db, key, now=NOON, wall_now=NOON)

    writer = threading.Thread(target=load)
    writer.start()
    try:
        counts = take_backup(db, keys, tmp_path / "b.age", now=NOON)
    finally:
        stop.set()
        writer.join()
    assert counts["fact"] >= 20
    restored = restore_backup(target, tmp_path / "other", tmp_path / "b.age", keys / IDENTITY)
    assert restored == counts
    with target.read() as conn:
        result = verify(conn, [key.public_text])
    assert result.intact
    assert result.facts + result.unsealed == counts["fact"]
    assert (tmp_path / "other" / "trail.pem").read_bytes() == (keys / "trail.pem").read_bytes()
    assert not (tmp_path / "other" / IDENTITY).exists()


def test_the_restored_record_goes_on(db: Database, keys: Path, tmp_path: Path, target: Database) -> None:
    """A backup of any store goes on as SQLite, and new facts get new numbers."""
    write_facts(db, 3)
    take_backup(db, keys, tmp_path / "b.age", now=NOON)
    restore_backup(target, tmp_path / "other", tmp_path / "b.age", keys / IDENTITY)
    write_facts(target, 1)
    with target.read() as conn:
        last = conn.execute(sa.select(sa.func.count(), sa.func.max(fact.c.ordinal)).select_from(fact)).one()
    assert last == (4, 4)


def test_the_file_tells_nothing_without_the_key(db: Database, keys: Path, tmp_path: Path) -> None:
    write_facts(db, 3)
    take_backup(db, keys, tmp_path / "b.age", now=NOON)
    assert b"test.happened" not in (tmp_path / "b.age").read_bytes()
    assert [path.name for path in tmp_path.glob("b.age*")] == ["b.age"]


def test_damage_is_named(db: Database, keys: Path, target: Database, tmp_path: Path) -> None:
    write_facts(db, 50)
    file = tmp_path / "b.age"
    take_backup(db, keys, file, now=NOON)
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:-5] + b"xxxxx", b"", b"not a backup"):
        file.write_bytes(damaged)
        with pytest.raises(BadInput) as caught:
            restore_backup(target, tmp_path / "other", file, keys / IDENTITY)
        assert caught.value.reason in {BackupReason.CANNOT_DECRYPT, BackupReason.DAMAGED}
    file.write_bytes(whole)
    with pytest.raises(NotReady):
        restore_backup(target, tmp_path / "other", file, tmp_path / "no-key")
    restore_backup(target, tmp_path / "other", file, keys / IDENTITY)
    with pytest.raises(Conflict) as again:
        restore_backup(target, tmp_path / "other", file, keys / IDENTITY)
    assert again.value.reason is BackupReason.NOT_EMPTY
