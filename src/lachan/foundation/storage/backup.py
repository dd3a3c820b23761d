"""Encrypted backups, taken while the system runs: one consistent snapshot of every table, the keys, and kept files.

The file is age-encrypted (age-encryption.org/v1) to a public key: the machine that takes backups cannot read
them. Inside is gzip over JSON lines: a header, then rows table by table, then the kept files, then a closing line
with the counts, so that a cut file is found. It does not depend on the store: a backup of SQLite restores into
PostgreSQL.
"""

import base64
import gzip
import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyrage
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.base import BadInput, Conflict, NotReady, Reason
from lachan.foundation.storage.engine import Database, metadata
from lachan.foundation.storage.migrations import revision, upgrade
from lachan.foundation.storage.types import Instant

_FORMAT = "lachan-backup-2"
_BATCH = 2_000
IDENTITY = "backup-identity.txt"
RECIPIENT = "backup-recipient.txt"
_SHA = re.compile(r"[0-9a-f]{64}")


class BackupReason(Reason):
    """Why a backup cannot be taken or restored."""

    KEY_MISSING = "backup_key_missing"
    CANNOT_DECRYPT = "backup_cannot_decrypt"
    DAMAGED = "backup_damaged"
    OTHER_REVISION = "backup_other_revision"
    NOT_EMPTY = "backup_target_not_empty"


def create_backup_key(keys: Path) -> None:
    """Make the key pair once. The identity opens the backups: move it off this machine."""
    recipient = keys / RECIPIENT
    if recipient.exists():
        return
    identity = pyrage.x25519.Identity.generate()
    secret = keys / IDENTITY
    secret.touch(mode=0o600)
    secret.write_text(f"{identity}\n", encoding="ascii")
    recipient.write_text(f"{identity.to_public()}\n", encoding="ascii")


def take_backup(db: Database, keys: Path, files: Path, file: Path, *, now: datetime) -> dict[str, int]:
    """Write a backup; returns the rows of each table. The file appears whole or not at all.

    `files` is the folder of files kept by their content's SHA-256 (`ab/ab12…`); it may not exist.
    """
    try:
        recipient = pyrage.x25519.Recipient.from_str((keys / RECIPIENT).read_text(encoding="ascii").strip())
    except (OSError, pyrage.RecipientError) as error:
        raise NotReady(BackupReason.KEY_MISSING, path=RECIPIENT) from error
    plain, part = file.with_name(file.name + ".plain"), file.with_name(file.name + ".part")
    try:
        plain.touch(mode=0o600)
        with gzip.open(plain, "wb", compresslevel=3) as target:
            counts = _write(db, keys, files, target, now)
        with plain.open("rb") as source, part.open("wb") as encrypted:
            pyrage.encrypt_io(source, encrypted, [recipient])
        part.replace(file)
    finally:
        plain.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return counts


def restore_backup(db: Database, keys: Path, files: Path, file: Path, identity_file: Path) -> dict[str, int]:
    """Read a backup into an empty record and empty folders of keys and files; all of it or nothing."""
    try:
        identity = pyrage.x25519.Identity.from_str(identity_file.read_text(encoding="ascii").strip())
    except (OSError, pyrage.IdentityError) as error:
        raise NotReady(BackupReason.KEY_MISSING, path=identity_file.name) from error
    plain, part = file.with_name(file.name + ".open"), files.with_name(files.name + ".part")
    try:
        plain.touch(mode=0o600)
        try:
            with file.open("rb") as source, plain.open("wb") as target:
                pyrage.decrypt_io(source, target, [identity])
        except (OSError, pyrage.DecryptError) as error:
            raise BadInput(BackupReason.CANNOT_DECRYPT, field=str(file)) from error
        upgrade(db)
        with gzip.open(plain, "rb") as source:
            counts = _read(db, keys, part, source)
    except (gzip.BadGzipFile, EOFError, KeyError, orjson.JSONDecodeError) as error:
        raise BadInput(BackupReason.DAMAGED, field=str(file)) from error
    else:
        for kept in part.glob("*/*"):
            place = files / kept.parent.name / kept.name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept.replace(place)
        return counts
    finally:
        plain.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)


def _write(db: Database, keys: Path, files: Path, target: gzip.GzipFile, now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    options = {} if db.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with db.engine.connect().execution_options(**options) as conn, conn.begin():
        _line(target, {"format": _FORMAT, "revision": revision(db), "taken_at": now.isoformat()})
        for path in sorted(keys.iterdir()):
            if path.name != IDENTITY:
                _line(target, {"key": path.name, "content": base64.b64encode(path.read_bytes()).decode()})
        for table in metadata.sorted_tables:
            counts[str(table.name)] = 0
            for row in _rows(conn, table):
                _line(target, {"table": str(table.name), "row": row})
                counts[str(table.name)] += 1
    # After the rows: a file is there before the row that names it, and never changes.
    kept = [path for path in sorted(files.glob("*/*")) if _SHA.fullmatch(path.name)]
    for path in kept:
        _line(target, {"file": path.name, "content": base64.b64encode(path.read_bytes()).decode()})
    _line(target, {"end": counts, "files": len(kept)})
    return counts


def _rows(conn: Connection, table: sa.Table) -> Iterator[list[Any]]:
    # Not a server-side cursor: one ordered pass, page by page over the primary key, inside one snapshot.
    result = conn.execution_options(yield_per=_BATCH).execute(sa.select(table).order_by(*table.primary_key.columns))
    for row in result:
        yield [_plain(value) for value in row]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"@": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return {"j": value} if isinstance(value, dict | list) else value


def _value(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(column.type, Instant):
            return datetime.fromisoformat(value["@"])
        return base64.b64decode(value["b"]) if "b" in value else value["j"]
    return value


def _read(db: Database, keys: Path, files: Path, source: gzip.GzipFile) -> dict[str, int]:
    header = orjson.loads(source.readline())
    if header["format"] != _FORMAT or header["revision"] != revision(db):
        raise Conflict(BackupReason.OTHER_REVISION, revision=str(header.get("revision")))
    counts: dict[str, int] = {str(table.name): 0 for table in metadata.sorted_tables}
    found_keys: dict[str, bytes] = {}
    ended: dict[str, int] | None = None
    with db.engine.connect().execution_options(lachan_write=True) as conn, conn.begin():
        for table in metadata.sorted_tables:
            if conn.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise Conflict(BackupReason.NOT_EMPTY, table=table.name)
        for name, rows in _batches(source, found_keys, files):
            if name is None:
                ended = rows[0]
                break
            table = metadata.tables[name]
            columns = list(table.columns)
            conn.execute(
                sa.insert(table),
                [{c.name: _value(c, v) for c, v in zip(columns, row, strict=True)} for row in rows],
            )
            counts[name] += len(rows)
        if ended != counts:
            raise BadInput(BackupReason.DAMAGED, field="end")
        _restart_sequences(db, conn)
    keys.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    for name, content in found_keys.items():
        path = keys / Path(name).name
        path.touch(mode=0o600)
        path.write_bytes(content)
    return counts


def _batches(
    source: gzip.GzipFile, found_keys: dict[str, bytes], files: Path
) -> Iterator[tuple[str | None, list[Any]]]:
    name: str | None = None
    rows: list[Any] = []
    kept = 0
    for line in source:
        content = orjson.loads(line)
        if "key" in content:
            found_keys[content["key"]] = base64.b64decode(content["content"])
            continue
        if "file" in content:
            _keep(files, content["file"], base64.b64decode(content["content"]))
            kept += 1
            continue
        if rows and (content.get("table") != name or len(rows) >= _BATCH):
            yield name, rows
            rows = []
        if "end" in content:
            if content["files"] != kept:
                raise BadInput(BackupReason.DAMAGED, field="files")
            yield None, [content["end"]]
            return
        name = content["table"]
        rows.append(content["row"])


def _keep(files: Path, name: str, content: bytes) -> None:
    if hashlib.sha256(content).hexdigest() != name:
        raise BadInput(BackupReason.DAMAGED, field=name)
    folder = files / name[:2]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / name).write_bytes(content)


def _restart_sequences(db: Database, conn: Connection) -> None:
    """PostgreSQL's counters go on after the restored rows; SQLite's do by themselves."""
    if db.is_sqlite:
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, sa.BigInteger):
            conn.execute(
                sa.text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 own names
                    f"COALESCE((SELECT MAX({column.name}) FROM {table.name}), 0) + 1, false)"
                )
            )


def _line(target: gzip.GzipFile, content: dict[str, Any]) -> None:
    target.write(orjson.dumps(content) + b"\n")
