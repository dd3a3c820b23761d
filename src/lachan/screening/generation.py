"""A generation on disk: immutable mapped arrays that many processes share, published by renaming.

    CURRENT                          the name of the generation that counts
    generation-NUMBER-RANDOM/        manifest.json, marks, references, index, bloom
    records-RANDOM                   the records; grows at its end, what a manifest names never changes

A generation is written under another name, synced, renamed, and only then named by CURRENT, itself renamed into
place. The manifest holds the checksum of every byte and is authenticated with the instance's secret: what is torn,
shortened or altered is refused.
"""

import hashlib
import hmac
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import NotReady
from lachan.foundation.base.mapped import CHUNK_BYTES, File, append_file, file_of, map_file, sync_folder, write_file
from lachan.screening.model import ScreenReason
from lachan.screening.records import Read, reader
from lachan.screening.table import Bytes, Table, Words, bloom_of, empty

FORMAT = 1
_FILES = {"marks": "<u8", "references": "<u8", "index": "<u4", "bloom": "<u8"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is. `dead` counts the records that no reference leads to any more."""

    format: int
    number: int
    sequence: int
    entries: int
    dead: int
    files: dict[str, File]
    records_file: str
    records: tuple[File, ...]
    mac: str = ""

    @property
    def records_bytes(self) -> int:
        """The length of all records."""
        return sum(part.bytes for part in self.records)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that has been checked and mapped."""

    manifest: Manifest
    table: Table
    bloom: Words
    read: Read


def nothing() -> Generation:
    """The generation before the first one."""
    table = empty()
    return Generation(Manifest(FORMAT, 0, 0, 0, 0, {}, "", ()), table, bloom_of(table.marks), table.read)


def load(folder: Path, secret: bytes, known: Generation) -> Generation:
    """The generation that CURRENT names, or `known` when that is the same or an older one.

    NotReady GENERATION_REFUSED when it is torn, altered, of another format or of another instance.
    """
    while True:
        name = _current(folder)
        if name is None:
            return known
        try:
            manifest = _manifest(folder / name, secret)
            if (manifest.sequence, manifest.number) <= (known.manifest.sequence, known.manifest.number):
                return known
            return _mapped(folder, name, manifest, known)
        except FileNotFoundError as error:
            # Another process published and tidied up meanwhile; if not, something is missing.
            if _current(folder) == name:
                raise _refused(name) from error


@contextmanager
def only_writer(folder: Path) -> Iterator[bool]:
    """Whether this process may write now; another one's turn is not waited for."""
    with (folder / "LOCK").open("ab") as handle:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def publish(
    folder: Path, secret: bytes, before: Manifest, table: Table, added: Bytes, sequence: int, *, dead: int
) -> None:
    """Write the generation after `before`; only inside `only_writer`.

    `added` stands behind the records of `before`; with no `before.records_file` it is all there is.
    """
    records_file = before.records_file or f"records-{secrets.token_hex(8)}"
    part = append_file(folder / records_file, before.records_bytes, added)
    name = f"generation-{before.number + 1:012d}-{secrets.token_hex(4)}"
    made = folder / f"new-{name}"
    made.mkdir()
    arrays: dict[str, NDArray[Any]] = {
        "marks": table.marks, "references": table.references, "index": table.index, "bloom": bloom_of(table.marks),
    }  # fmt: skip
    files = {each: write_file(made / each, array) for each, array in arrays.items()}
    manifest = Manifest(
        FORMAT, before.number + 1, sequence, len(table), dead, files, records_file, (*before.records, part)
    )
    signed = {**asdict(manifest), "mac": _mac(manifest, secret)}
    write_file(made / "manifest.json", np.frombuffer(msgspec.json.encode(signed), np.uint8))
    sync_folder(made)
    made.rename(folder / name)
    pointer = folder / "CURRENT.new"
    write_file(pointer, np.frombuffer(name.encode(), np.uint8))
    sync_folder(folder)
    pointer.rename(folder / "CURRENT")
    sync_folder(folder)
    _tidy(folder, {name}, {records_file})


def _tidy(folder: Path, names: set[str], records: set[str]) -> None:
    """Remove what no generation needs. Who has mapped it keeps it: Linux forgets a file with its last user."""
    for old in folder.iterdir():
        if old.is_dir() and old.name not in names:
            shutil.rmtree(old, ignore_errors=True)
        elif old.name.startswith("records-") and old.name not in records:
            old.unlink(missing_ok=True)


def _current(folder: Path) -> str | None:
    try:
        name = (folder / "CURRENT").read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise _refused("CURRENT") from error
    if not name.startswith("generation-") or "/" in name:
        raise _refused("CURRENT")
    return name


def _manifest(folder: Path, secret: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise _refused(folder.name) from error
    if manifest.format != FORMAT or not hmac.compare_digest(manifest.mac, _mac(manifest, secret)):
        raise _refused(folder.name)
    return manifest


def _mac(manifest: Manifest, secret: bytes) -> str:
    content = msgspec.json.encode({**asdict(manifest), "mac": ""}, order="sorted")
    return hmac.new(secret, content, hashlib.sha256).hexdigest()


def _mapped(folder: Path, name: str, manifest: Manifest, known: Generation) -> Generation:
    maps = {each: map_file(folder / name / each) for each in _FILES}
    for each, content in maps.items():
        _check(content, manifest.files[each], f"{name}/{each}")
    records = map_file(folder / manifest.records_file)
    at = 0
    if manifest.records_file == known.manifest.records_file:
        # What was checked before is the same bytes: the file only grows.
        shared = known.manifest.records
        if manifest.records[: len(shared)] != shared:
            raise _refused(name)
        at = known.manifest.records_bytes
    # Read, not through the map: records are met one by one, and need not be resident for having been checked.
    with (folder / manifest.records_file).open("rb") as handle:
        handle.seek(at)
        for part in manifest.records[len(known.manifest.records) if at else 0 :]:
            _check_next(handle, part, manifest.records_file)
    arrays = {each: content.view(_FILES[each]) for each, content in maps.items()}
    table = Table(arrays["marks"], arrays["references"], arrays["index"], records[: manifest.records_bytes])
    if not len(table) == len(table.references) == manifest.entries:
        raise _refused(name)
    return Generation(manifest, table, arrays["bloom"], reader(folder / manifest.records_file))


def _check(content: Bytes, said: File, name: str) -> None:
    if file_of(content) != said:
        raise _refused(name)


def _check_next(handle: BinaryIO, said: File, name: str) -> None:
    digest, left = hashlib.sha256(), said.bytes
    while left and (chunk := handle.read(min(left, CHUNK_BYTES))):
        digest.update(chunk)
        left -= len(chunk)
    if left or digest.hexdigest() != said.sha256:
        raise _refused(name)


def _refused(name: str) -> NotReady:
    return NotReady(ScreenReason.GENERATION_REFUSED, file=name)
