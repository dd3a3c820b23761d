"""Arrays as files that are written once, synced, and mapped by many processes; each with its length and SHA-256."""

import hashlib
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
CHUNK_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class File:
    """One file, or one part of one that grows: its length and SHA-256."""

    bytes: int
    sha256: str


def map_file(path: Path) -> Bytes:
    """The file's bytes, read as they are needed. Who has mapped a file keeps it, also when it is removed."""
    with path.open("rb") as handle:
        if os.fstat(handle.fileno()).st_size == 0:
            return np.empty(0, np.uint8)
        return np.frombuffer(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def write_file(path: Path, content: NDArray[Any]) -> File:
    """Write and sync; what is written counts only once a manifest names it."""
    with path.open("wb") as handle:
        handle.write(np.ascontiguousarray(content).data)
        handle.flush()
        os.fsync(handle.fileno())
    return file_of(content)


def append_file(path: Path, at: int, content: Bytes) -> File:
    """Write behind what counts; what a crash left there before is written over."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        view, place = content.data.cast("B"), at
        while view:
            done = os.pwrite(handle, view[:CHUNK_BYTES], place)
            view, place = view[done:], place + done
        os.fsync(handle)
    finally:
        os.close(handle)
    return file_of(content)


def file_of(content: NDArray[Any]) -> File:
    """What a manifest says of these bytes."""
    return File(content.nbytes, hashlib.sha256(np.ascontiguousarray(content).view(np.uint8).data).hexdigest())


def sync_folder(folder: Path) -> None:
    """Names that were given or changed in the folder outlive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
