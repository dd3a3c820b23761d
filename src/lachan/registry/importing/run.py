"""An import from its first row to its last: chunk by chunk, each a transaction, so that a killed one goes on."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from operator import attrgetter
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from lachan.foundation.base import Actor, BadInput, InputReason, LachanError
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import claim_source
from lachan.registry import store
from lachan.registry.actions.projecting import project
from lachan.registry.feeds import Row
from lachan.registry.importing.batch import (
    Batch,
    Claimant,
    advanced,
    feed_named,
    file_digest,
    open_batch,
    save_batch,
)
from lachan.registry.importing.chunk import Chunk
from lachan.registry.importing.model import ImportResult, Progress, Rejected
from lachan.registry.importing.said import Reading, identity_hash
from lachan.registry.model import ClaimEnd, Counts
from lachan.registry.tables import claim

# A chunk is one transaction: large enough to be quick, small enough that others wait less than half a second.
CHUNK_ROWS = 10_000
# So many rows are read ahead and put in the order of their keys. A chunk then lies close together in the index of
# keys, and a killed import finds the same chunks again.
_WINDOW_ROWS = 100_000
# Another process may name one of our keys first; then the chunk is done again on what stands by then.
_ATTEMPTS = 5
_CACHE_KIB = 200_000
_ANALYZE_FROM = 10_000


def import_file(
    db: Database, file: Path, feed_name: str, actor: Actor, clock: Callable[[], datetime], *,
    agency_code: str | None = None, strict: bool = False, progress: Progress = lambda _done: None,
) -> ImportResult:  # fmt: skip
    """Import a list: what is new is added, what is gone from a complete list is delisted, the rest stays as it is.

    `strict`: a chunk with a bad row ends it with BadInput, chunks before it stay. BadInput for an unreadable file,
    an unknown feed or agency, or a complete list in which nothing can be read (that would delist everything).
    """
    feed = feed_named(feed_name)
    digest = file_digest(file)
    with db.unit(clock(), actor) as unit:
        source = claim_source(feed.name, unit.now)
        batch = open_batch(unit, feed, source, file, digest, agency_code)
    resumed = batch.rows_done > 0
    memory = _Memory()
    rows_read = 0
    with _collector_resting():
        for rows in _chunks(feed.read(file)):
            done_before = max(0, min(len(rows), batch.rows_done - rows_read))
            rows_read += len(rows)
            batch = _chunk(db, actor, clock, batch, rows[:done_before], rows[done_before:], memory, strict=strict)
            progress(batch.rows_done)
    if batch.list_name is not None and not memory.seen:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected=feed.name)
    with _unit(db, actor, clock()) as unit:
        batch = _finish(unit, batch, memory)
    return ImportResult(batch.id, batch.counts, memory.in_order(), resumed)


def preview_file(
    db: Database, file: Path, feed_name: str, actor: Actor, clock: Callable[[], datetime]
) -> ImportResult:
    """What an import of this file would do: done in one transaction and taken back, so keep files small."""
    feed = feed_named(feed_name)
    digest = file_digest(file)
    memory = _Memory()
    try:
        with _unit(db, actor, clock()) as unit:
            opened = open_batch(unit, feed, claim_source(feed.name, unit.now), file, digest, None)
            batch = replace(opened, rows_done=0, counts=Counts())
            for rows in _chunks(feed.read(file)):
                reading = Reading(unit, batch, memory.seen, memory.claimants)
                counts, _ = Chunk(unit, batch, reading).run(rows)
                batch = advanced(batch, batch.rows_done + len(rows), counts)
                memory.rejected.extend(reading.rejected)
            raise _LookedOnlyError
    except _LookedOnlyError:
        return ImportResult(batch.id, batch.counts, memory.in_order(), resumed=False)


class _LookedOnlyError(Exception):
    """Takes a transaction back that was only to be looked at."""


@dataclass(slots=True)
class _Memory:
    """What lives as long as the import: which rows were seen, which agencies were looked up, what was refused."""

    seen: dict[int, int] = field(default_factory=dict)
    claimants: dict[str, Claimant | LachanError] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def in_order(self) -> tuple[Rejected, ...]:
        """What was refused, as the file has it."""
        return tuple(sorted(self.rejected, key=_LINE))


def _chunk(
    db: Database, actor: Actor, clock: Callable[[], datetime], batch: Batch, before: Sequence[Row],
    rows: Sequence[Row], memory: _Memory, *, strict: bool,
) -> Batch:  # fmt: skip
    """One chunk; `before` are rows that an earlier run has done, which are only remembered."""
    for attempt in range(1, _ATTEMPTS + 1):
        reading: Reading | None = None
        try:
            with _unit(db, actor, clock()) as unit:
                reading = Reading(unit, batch, memory.seen, memory.claimants)
                reading.remember(before)
                done = _done(unit, batch, reading, rows, strict=strict) if rows else batch
            memory.rejected.extend(reading.rejected)
            return done
        except (IntegrityError, OperationalError):
            # Another made the same entry first, or PostgreSQL chose this one of two that waited for each other.
            if reading is not None:
                reading.forget()
            if attempt == _ATTEMPTS:
                raise
    return batch


def _done(unit: Unit, batch: Batch, reading: Reading, rows: Sequence[Row], *, strict: bool) -> Batch:
    counts, said = Chunk(unit, batch, reading).run(rows)
    if strict and reading.rejected:
        first = min(reading.rejected, key=_LINE)
        raise BadInput(first.reason, field=f"{first.line}: {first.field}", row=first.row)
    batch = advanced(batch, batch.rows_done + len(rows), counts)
    save_batch(unit, batch, "registry.imported", {"chunk": vars_of(counts), **said})
    return batch


def _finish(unit: Unit, batch: Batch, memory: _Memory) -> Batch:
    """What an edition no longer names is delisted from its list."""
    gone: list[tuple[str, str]] = []
    if batch.list_name is not None:
        listed = unit.conn.execute(
            sa.select(claim.c.id, claim.c.key, claim.c.claimant, claim.c.reason).where(
                claim.c.list_name == batch.list_name, claim.c.ended_at.is_(None)
            )
        )
        gone = [
            (row.id, row.key)
            for row in listed
            if identity_hash(row.key, row.claimant, row.reason) not in memory.seen
        ]
    for start in range(0, len(gone), CHUNK_ROWS):
        part = gone[start : start + CHUNK_ROWS]
        store.end_claims(unit.conn, [one for one, _ in part], ClaimEnd.DELISTED, unit.actor.reference, "", unit.now)
        project(unit, store.locked_entries(unit.conn, [key for _, key in part], unit.now))
    counts = Counts(delisted=len({key for _, key in gone}))
    batch = advanced(batch, batch.rows_done, counts)
    save_batch(unit, batch, "registry.import_finished", {"total": vars_of(batch.counts)}, finished=True)
    if unit.conn.dialect.name == "postgresql" and batch.rows_done >= _ANALYZE_FROM:
        for name in ("registry_claim", "registry_entry", "registry_change"):
            unit.conn.exec_driver_sql(f"ANALYZE {name}")
    return batch


def vars_of(counts: Counts) -> dict[str, int]:
    """Counts as a fact says them."""
    return {name: getattr(counts, name) for name in Counts.__dataclass_fields__}


@contextmanager
def _unit(db: Database, actor: Actor, now: datetime) -> Iterator[Unit]:
    with db.unit(now, actor) as unit:
        if db.is_sqlite:
            unit.conn.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")
        yield unit


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Rows are made and dropped by the million and hold no cycles: looking for some costs a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    for window in _ahead(rows):
        for start in range(0, len(window), CHUNK_ROWS):
            yield window[start : start + CHUNK_ROWS]


def _ahead(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Windows in the order of their keys, each read while the store is at work on the one before."""

    def read() -> list[Row]:
        return sorted(islice(rows, _WINDOW_ROWS), key=_KEY)

    with ThreadPoolExecutor(1, thread_name_prefix="lachan-import") as reader:
        coming = reader.submit(read)
        while window := coming.result():
            coming = reader.submit(read)
            yield window


_KEY = attrgetter("key")
_LINE = attrgetter("line")
