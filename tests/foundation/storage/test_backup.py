"""Backups are consistent while the system writes, restore into either store, and every damage is named."""

import hashlib
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
        counts = take_backup(db, keys, tmp_path / "files", tmp_path / "b.age", now=NOON)
    finally:
        stop.set()
        writer.join()
    assert counts["fact"] >= 20
    restored = restore_backup(target, tmp_path / "other", tmp_path / "back", tmp_path / "b.age", keys / IDENTITY)
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
    take_backup(db, keys, tmp_path / "files", tmp_path / "b.age", now=NOON)
    restore_backup(target, tmp_path / "other", tmp_path / "back", tmp_path / "b.age", keys / IDENTITY)
    write_facts(target, 1)
    with target.read() as conn:
        last = conn.execute(sa.select(sa.func.count(), sa.func.max(fact.c.ordinal)).select_from(fact)).one()
    assert last == (4, 4)


def test_the_file_tells_nothing_without_the_key(db: Database, keys: Path, tmp_path: Path) -> None:
    write_facts(db, 3)
    take_backup(db, keys, tmp_path / "files", tmp_path / "b.age", now=NOON)
    assert b"test.happened" not in (tmp_path / "b.age").read_bytes()
    assert [path.name for path in tmp_path.glob("b.age*")] == ["b.age"]


def test_kept_files_come_back_and_only_they(db: Database, keys: Path, target: Database, tmp_path: Path) -> None:
    files, contents = tmp_path / "files", (b"anh", bytes(range(256)) * 900)
    names = [hashlib.sha256(content).hexdigest() for content in contents]
    for name, content in zip(names, contents, strict=True):
        (files / name[:2]).mkdir(parents=True)
        (files / name[:2] / name).write_bytes(content)
    (files / names[0][:2] / f"{names[0]}.1234.part").write_bytes(b"half")
    write_facts(db, 1)
    take_backup(db, keys, files, tmp_path / "b.age", now=NOON)
    (files / names[1][:2] / names[1]).write_bytes(b"other")
    take_backup(db, keys, files, tmp_path / "bad.age", now=NOON)
    with pytest.raises(BadInput) as caught:
        restore_backup(target, tmp_path / "other", tmp_path / "back", tmp_path / "bad.age", keys / IDENTITY)
    assert caught.value.reason is BackupReason.DAMAGED
    assert not list(tmp_path.glob("back*"))
    restore_backup(target, tmp_path / "other", tmp_path / "back", tmp_path / "b.age", keys / IDENTITY)
    found = {path.name: path.read_bytes() for path in (tmp_path / "back").glob("*/*")}
    assert found == dict(zip(names, contents, strict=True))
    assert not (tmp_path / "back.part").exists()


def test_damage_is_named(db: Database, keys: Path, target: Database, tmp_path: Path) -> None:
    write_facts(db, 50)
    file = tmp_path / "b.age"
    take_backup(db, keys, tmp_path / "files", file, now=NOON)
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:-5] + b"xxxxx", b"", b"not a backup"):
        file.write_bytes(damaged)
        with pytest.raises(BadInput) as caught:
            restore_backup(target, tmp_path / "other", tmp_path / "back", file, keys / IDENTITY)
        assert caught.value.reason in {BackupReason.CANNOT_DECRYPT, BackupReason.DAMAGED}
    file.write_bytes(whole)
    with pytest.raises(NotReady):
        restore_backup(target, tmp_path / "other", tmp_path / "back", file, tmp_path / "no-key")
    restore_backup(target, tmp_path / "other", tmp_path / "back", file, keys / IDENTITY)
    with pytest.raises(Conflict) as again:
        restore_backup(target, tmp_path / "other", tmp_path / "back", file, keys / IDENTITY)
    assert again.value.reason is BackupReason.NOT_EMPTY
