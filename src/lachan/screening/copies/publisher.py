"""Makes the files: a whole list once for each generation and recipient, and deltas from any number not too old."""

import fcntl
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from lachan.foundation.access import InstanceSecret
from lachan.foundation.base import SYSTEM, Clock, Conflict, NotReady, WallClock
from lachan.foundation.exchange import Header, fingerprints, write_delta, write_filter
from lachan.foundation.storage import Database
from lachan.foundation.trail import append
from lachan.registry.views import changes, changes_between, last_sequence
from lachan.screening.copies import rules, store
from lachan.screening.copies.model import CopyFile, CopyGrantReason, CopyKey, Issue
from lachan.screening.copies.views import key_of
from lachan.screening.follow import Screening

_NAME = re.compile(r"([0-9a-f]{16})-(\d+)-(\d+)-(\d+)-([0-9a-f]{64})\.lcf")
# Ten million keys take five seconds; who waits longer asks again.
_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Maker:
    """By whom and for what the files are made; `sign` signs with the server's key."""

    instance: str
    secret: InstanceSecret
    sign: Callable[[bytes], bytes]


class Copies:
    """Every recipient's files. Several servers may share one folder, and several folders one record."""

    def __init__(
        self, folder: Path, db: Database, screening: Screening, clock: Clock, maker: Maker,
        wall: Clock | None = None,
    ) -> None:  # fmt: skip
        self._folder = folder
        self._db = db
        self._screening = screening
        self._clock = clock
        self._wall = wall or WallClock()
        self._maker = maker
        self._building = threading.Lock()

    def whole(self, agency_id: str) -> CopyFile:
        """The institution's whole list, kept or made now.

        NotAllowed NOT_GRANTED or REVOKED; NotReady BEING_BUILT while another process makes files.
        """
        key, secret = self._key(agency_id)
        kept = self._kept(key)
        if kept is None:
            with self._one_builder():
                kept = self._kept(key) or self._build(key, secret)
        return kept

    def delta(self, agency_id: str, after: int) -> bytes | None:
        """The file that leads from a number to the newest one; None when that is the newest.

        Conflict TOO_FAR_BEHIND where none does: take a whole list.
        """
        key, secret = self._key(agency_id)
        newest = self._newest()
        if after == newest.number:
            return None
        with self._db.read() as conn:
            before = store.issue(conn, after)
            if before is None or newest.number < after:
                raise Conflict(CopyGrantReason.TOO_FAR_BEHIND, field="after")
            if changes_between(conn, before.sequence, newest.sequence) > rules.DELTA_CHANGES_MAX:
                raise Conflict(CopyGrantReason.TOO_FAR_BEHIND, field="after")
            found = changes(conn, before.sequence, rules.DELTA_CHANGES_MAX)
        added, removed = rules.net(one for one in found if one.sequence <= newest.sequence)
        plus, minus = _marks(added, secret), _marks(removed, secret)
        header = self._header("delta", key, newest, follows=after)
        return write_delta(header, plus, np.setdiff1d(minus, plus), self._maker.sign)

    def _key(self, agency_id: str) -> tuple[CopyKey, bytes]:
        with self._db.read() as conn:
            return key_of(conn, self._maker.secret, agency_id)

    def _newest(self) -> Issue:
        """The newest number, issued now if one is due."""
        with self._db.read() as conn:
            newest, sequence = store.newest_issue(conn), last_sequence(conn)
        if newest is not None and not rules.is_due(newest, sequence, self._wall.now()):
            return newest
        try:
            with self._db.unit(self._clock.now(), SYSTEM) as unit:
                newest, sequence, now = store.newest_issue(unit.conn), last_sequence(unit.conn), self._wall.now()
                if newest is not None and not rules.is_due(newest, sequence, now):
                    return newest
                made = Issue(newest.number + 1 if newest else 1, sequence, now)
                store.insert_issue(unit.conn, made)
                store.delete_issues(unit.conn, now - rules.KEPT, made.number)
        except sa.exc.IntegrityError:
            # Another server issued the same number meanwhile: it is as new as ours.
            with self._db.read() as conn:
                return store.newest_issue(conn) or made
        return made

    def _kept(self, key: CopyKey) -> CopyFile | None:
        """The newest file of this key, if it still serves."""
        file = max(self._files(key.key_id), key=lambda one: one.number, default=None)
        if file is None:
            return None
        with self._db.read() as conn:
            issue = store.issue(conn, file.number)
            missing = changes_between(conn, issue.sequence, last_sequence(conn)) if issue else 0
        generation = self._screening.engine.generation
        return file if rules.still_serves(file, issue, generation, missing, self._wall.now()) else None

    def _build(self, key: CopyKey, secret: bytes) -> CopyFile:
        issue = self._newest()
        # The engine may know more than the number says, never less: what comes twice changes nothing.
        self._screening.catch_up()
        engine = self._screening.engine
        generation = engine.generation
        if engine.sequence < issue.sequence:
            raise NotReady(CopyGrantReason.BEING_BUILT)
        content = write_filter(self._header("filter", key, issue), engine.fingerprints(secret), self._maker.sign)
        made = self._write(key, issue, generation, content)
        with self._db.unit(self._clock.now(), SYSTEM) as unit:
            store.update_key(unit.conn, key.id, taken_number=made.number, taken_at=unit.now)
            said = {"recipient": key.recipient, "key_id": key.key_id, "number": made.number, "sha256": made.sha256}
            append(unit, "copy.made", f"agency:{key.agency_id}", said, rows=[("screening_copy_key", key.id)])
        self._tidy(made)
        return made

    def _write(self, key: CopyKey, issue: Issue, generation: int, content: bytes) -> CopyFile:
        issued_at_s, sha256 = int(issue.issued_at.timestamp()), hashlib.sha256(content).hexdigest()
        path = self._folder / f"{key.key_id}-{generation}-{issue.number}-{issued_at_s}-{sha256}.lcf"
        new = self._folder / f"new-{secrets.token_hex(8)}"
        with new.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        new.rename(path)
        return CopyFile(path, issue.number, generation, issued_at_s, sha256)

    def _tidy(self, made: CopyFile) -> None:
        """Remove what is not handed out any more: older files, those of ended keys, what a crash left."""
        with self._db.read() as conn:
            living = {key.key_id for key in store.keys(conn) if key.ended_at is None}
        newest = (max(self._files(key), key=lambda one: one.number, default=made) for key in living)
        kept = {"LOCK", *(file.path.name for file in newest)}
        for path in self._folder.iterdir():
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _files(self, key_id: str) -> Iterator[CopyFile]:
        for path in self._folder.glob(f"{key_id}-*.lcf"):
            if match := _NAME.fullmatch(path.name):
                generation, number, issued_at_s = map(int, match.groups()[1:4])
                yield CopyFile(path, number, generation, issued_at_s, match[5])

    def _header(self, kind: Literal["filter", "delta"], key: CopyKey, issue: Issue, follows: int = 0) -> Header:
        return Header(
            kind, self._maker.instance, key.recipient, key.key_id, issue.number,
            issue.sequence, issue.issued_at, follows,
        )  # fmt: skip

    @contextmanager
    def _one_builder(self) -> Iterator[None]:
        """One list is made at a time: it takes as much memory as the list is long."""
        if not self._building.acquire(timeout=_WAIT_S):
            raise NotReady(CopyGrantReason.BEING_BUILT)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / "LOCK").open("ab") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise NotReady(CopyGrantReason.BEING_BUILT) from error
                yield
        finally:
            self._building.release()


def _marks(keys: Sequence[str], secret: bytes) -> NDArray[np.uint64]:
    if not keys:
        return np.empty(0, np.uint64)
    return np.unique(fingerprints("\n".join(keys).encode(), len(keys), secret))
