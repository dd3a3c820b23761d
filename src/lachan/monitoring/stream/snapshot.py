"""A node's state as one file: written whole or not at all, and refused where a byte of it differs.

    magic, length of the header, header (JSON: what it is of, and name, type and shape of each array), the arrays'
    bytes, SHA-256 of all before

A file is written under another name, flushed to the disk, and renamed; the newest ones are kept. Whoever reads
takes the newest that is whole.
"""

import contextlib
import hashlib
import os
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from lachan.foundation.base import BadInput
from lachan.monitoring.kernel import layout
from lachan.monitoring.stream.model import StreamReason

_MAGIC = b"lachan-state-2\n"
_LENGTH = struct.Struct("<Q")
_KEPT = 2
# No snapshot takes so long to write: whoever wrote it was killed.
_CUT_OFF_S = 600.0
_ENDING = ".state"
LAYOUT = (layout.ACCOUNT_WORDS, layout.EDGE_WORDS, layout.PAIR_WORDS, layout.CONTROL_WORDS, layout.D7)
"""What an older or newer program would read otherwise."""


class _Array(msgspec.Struct):
    name: str
    dtype: str
    shape: tuple[int, ...]


class _Header(msgspec.Struct):
    stream: str
    owner: str
    sequence: int
    layout: tuple[int, ...]
    arrays: list[_Array]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state and the sequence of the last message in it."""

    stream: str
    owner: str
    sequence: int
    arrays: Mapping[str, NDArray[Any]]


class _Hashing:
    """Writes through, and hashes what it writes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self.digest.update(data)


class Snapshots:
    """The snapshots of one owner, in a folder of its own."""

    def __init__(self, folder: Path, stream: str, owner: str) -> None:
        self._folder = folder / owner
        self._stream = stream
        self._owner = owner

    def write(self, sequence: int, arrays: Mapping[str, NDArray[Any]]) -> Path:
        """Write the state after the message `sequence`, and drop all but the newest ones."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{sequence:020d}{_ENDING}"
        part = path.with_suffix(f".part-{os.getpid()}")
        whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        head = msgspec.json.encode(
            _Header(
                stream=self._stream, owner=self._owner, sequence=sequence, layout=LAYOUT,
                arrays=[_Array(name, array.dtype.str, array.shape) for name, array in whole.items()],
            )
        )  # fmt: skip
        with part.open("wb") as file:
            part.chmod(0o600)
            out = _Hashing(file)
            out.write(_MAGIC + _LENGTH.pack(len(head)) + head)
            for array in whole.values():
                if array.size:
                    out.write(array.reshape(-1).view(np.uint8).data)
            file.write(out.digest.digest())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        self._sync_folder()
        for older in self._paths()[_KEPT:]:
            older.unlink(missing_ok=True)
        for cut_off in self._folder.glob("*.part-*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - cut_off.stat().st_mtime > _CUT_OFF_S:
                    cut_off.unlink()
        return path

    def newest(self, up_to: int) -> Snapshot | None:
        """The newest whole snapshot that is not beyond `up_to`, which is committed; None where there is none.

        One that lies beyond is of a future that the record does not know (a backup was restored).
        """
        for path in self._paths():
            if int(path.stem) > up_to:
                continue
            try:
                return self._read(path)
            except (BadInput, OSError):  # torn; or a stand-by beside us has just dropped it
                continue
        return None

    def _read(self, path: Path) -> Snapshot:
        """The snapshot in a file.

        Raises:
            BadInput: `stream_snapshot_refused`: it is torn, altered, or another stream's, owner's or program's.
        """
        data = bytearray(path.read_bytes())
        body, digest = memoryview(data)[:-32], bytes(data[-32:])
        start = len(_MAGIC) + _LENGTH.size
        if len(data) < start + 32 or hashlib.sha256(body).digest() != digest or data[: len(_MAGIC)] != _MAGIC:
            raise BadInput(StreamReason.SNAPSHOT_REFUSED, field=path.name)
        (length,) = _LENGTH.unpack(body[len(_MAGIC) : start])
        head = msgspec.json.decode(body[start : start + length], type=_Header)
        if (head.stream, head.owner, head.layout) != (self._stream, self._owner, LAYOUT):
            raise BadInput(StreamReason.SNAPSHOT_REFUSED, field=path.name)
        arrays: dict[str, NDArray[Any]] = {}
        at = start + length
        for one in head.arrays:
            dtype = np.dtype(one.dtype)
            size = dtype.itemsize * int(np.prod(one.shape))
            # A copy: aligned, and writable.
            arrays[one.name] = np.frombuffer(body[at : at + size], dtype).reshape(one.shape).copy()
            at += size
        return Snapshot(head.stream, head.owner, head.sequence, arrays)

    def _paths(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(self._folder.glob(f"*{_ENDING}"), reverse=True)

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
