"""The files of a bank's own copy on disk: one whole list, and the deltas after it.

    LOCK                     one process at a time fetches
    filter-NUMBER.lcf        the whole list
    delta-NUMBER.lcf         what leads on to NUMBER

A file is written under another name, synced and renamed: a crash leaves the files before it. What is damaged all
the same is refused by its signature when it is read.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"(filter|delta)-(\d{12})\.lcf")


class CopyFolder:
    """The folder; it is made where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Wait until no other process fetches, then keep the others waiting."""
        with (self._folder / "LOCK").open("ab") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def filter(self) -> Path | None:
        """The newest whole list."""
        return max(self._files("filter"), default=None)

    def deltas(self, after: int) -> list[Path]:
        """Deltas to numbers above one, rising."""
        return sorted(path for path in self._files("delta") if number_of(path) > after)

    def keep_filter(self, number: int, content: bytes) -> None:
        """Write a whole list, and only then remove what it replaces."""
        self._write(f"filter-{number:012d}.lcf", content)
        self._remove(path for path in (*self._files("filter"), *self._files("delta")) if number_of(path) < number)

    def keep_delta(self, number: int, content: bytes, *, replaces: bool) -> None:
        """Write a delta; `replaces`: it leads on from the whole list, and the ones before it are not needed."""
        self._write(f"delta-{number:012d}.lcf", content)
        if replaces:
            self._remove(path for path in self._files("delta") if number_of(path) < number)

    def drop(self, path: Path) -> None:
        """Remove a file that was refused, and the deltas that led on from it."""
        number = number_of(path)
        self._remove([path, *(later for later in self._files("delta") if number_of(later) >= number)])

    def _files(self, kind: str) -> list[Path]:
        found = []
        for path in self._folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match and match[1] == kind:
                found.append(path)
        return found

    def _write(self, name: str, content: bytes) -> None:
        new = self._folder / "new"
        with new.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        new.rename(self._folder / name)
        self._sync()

    def _remove(self, paths: Iterator[Path] | list[Path]) -> None:
        for path in list(paths):
            path.unlink(missing_ok=True)

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def number_of(path: Path) -> int:
    """The number in a file's name."""
    return int(path.stem.partition("-")[2])
