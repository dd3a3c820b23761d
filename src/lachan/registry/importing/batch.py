"""The record of one import: which file, how far, what came of it. A killed import goes on where it was."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agencies, agency, agency_id_by_code, may, require
from lachan.foundation.base import BadInput, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import ClaimSource, standing_of_kind
from lachan.foundation.trail import append
from lachan.registry.feeds import FEEDS, Feed
from lachan.registry.model import Counts, RegistryReason, Standing
from lachan.registry.tables import batch

RUNNING, DONE, ABANDONED = "running", "done", "abandoned"
CONSOLE = "console"
"""The claimant of what is imported at the console of an instance that has no desk yet."""
COUNTED = ("added", "updated", "unchanged", "delisted", "conflicts", "rejected")


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who asserts what a file says, and with what weight."""

    reference: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Batch:
    """One import under way."""

    id: str
    feed: Feed
    source: ClaimSource
    list_name: str | None
    claimant: Claimant
    rows_done: int
    counts: Counts


def feed_named(name: str) -> Feed:
    """One feed. BadInput where there is none of that name."""
    if name not in FEEDS:
        raise BadInput(RegistryReason.UNKNOWN_FEED, field="--feed", expected=", ".join(FEEDS))
    return FEEDS[name]


def file_digest(file: Path) -> str:
    """SHA-256 of a file, by which a killed import is recognised."""
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV") from error


def claimant_of(conn: Connection, source: ClaimSource, code: str | None, unit: Unit) -> Claimant:
    """Who claims: a feed for itself, else the named agency, the actor's, or the province's desk."""
    if source.standing is not None:
        return Claimant(f"{source.standing}:{source.code}", Standing(source.standing))
    if code is not None:
        return named_claimant(conn, code, unit)
    own = unit.actor.agency_id
    desk = next((one.id for one in agencies(conn, "province_desk")), None)
    if own is None and desk is None:
        return Claimant(CONSOLE, Standing.AGENCY)
    return _agency(conn, own or desk or "", unit)


def named_claimant(conn: Connection, code: str, unit: Unit) -> Claimant:
    """The agency that a row or option names by code or id; BadInput UNKNOWN_AGENCY."""
    try:
        return _agency(conn, agency_id_by_code(conn, code) or code, unit)
    except NotFound as error:
        raise BadInput(RegistryReason.UNKNOWN_AGENCY, field="agency", value=code) from error


def open_batch(
    unit: Unit, feed: Feed, source: ClaimSource, file: Path, digest: str, agency_code: str | None
) -> Batch:
    """Begin an import, or find the one of this very file that was killed.

    A file of one's own claims is what any claimant may send; lists and others' claims need leave to import.
    """
    if own_word(source, agency_code) and not may(unit.actor, Permission.REGISTRY_IMPORT):
        require(unit.actor, Permission.REGISTRY_CLAIM, unit.actor.agency_id)
    else:
        require(unit.actor, Permission.REGISTRY_IMPORT)
    claimant = claimant_of(unit.conn, source, agency_code, unit)
    list_name = None
    if source.complete:
        edition = feed.list_of(file) if feed.list_of else claimant.reference
        list_name = f"{feed.name}:{edition}"
    same = (batch.c.feed == feed.name, batch.c.claimant == claimant.reference, batch.c.state == RUNNING)
    for row in unit.conn.execute(sa.select(batch).where(*same)).all():
        if row.sha256 == digest and row.list_name == list_name:
            counts = Counts(rows=row.rows_done, **{name: getattr(row, name) for name in COUNTED})
            return Batch(row.id, feed, source, list_name, claimant, row.rows_done, counts)
        unit.conn.execute(sa.update(batch).where(batch.c.id == row.id).values(state=ABANDONED))
        append(unit, "registry.import_abandoned", f"registry_batch:{row.id}", {}, rows=[("registry_batch", row.id)])
    batch_id = new_id()
    unit.conn.execute(
        sa.insert(batch).values(
            id=batch_id, feed=feed.name, list_name=list_name, claimant=claimant.reference, file_name=file.name,
            sha256=digest, state=RUNNING, rows_done=0, started_at=unit.now, started_by=unit.actor.reference,
        )
    )  # fmt: skip
    append(
        unit, "registry.import_started", f"registry_batch:{batch_id}",
        {"feed": feed.name, "list": list_name, "sha256": digest}, rows=[("registry_batch", batch_id)],
    )  # fmt: skip
    return Batch(batch_id, feed, source, list_name, claimant, 0, Counts())


def own_word(source: ClaimSource, agency_code: str | None) -> bool:
    """Whether a file says only what the importer's own agency claims, and delists nothing by what it leaves out."""
    return source.standing is None and not source.complete and agency_code is None


def save_batch(unit: Unit, done: Batch, kind: str, data: dict[str, Any], *, finished: bool = False) -> None:
    """Write how far an import is, with its fact."""
    values: dict[str, Any] = {name: getattr(done.counts, name) for name in COUNTED}
    if finished:
        values |= {"state": DONE, "finished_at": unit.now}
    unit.conn.execute(sa.update(batch).where(batch.c.id == done.id).values(rows_done=done.rows_done, **values))
    append(
        unit, kind, f"registry_batch:{done.id}",
        {"feed": done.feed.name, "rows_done": done.rows_done, **values, **data}
        if not finished
        else {"feed": done.feed.name, "rows_done": done.rows_done, "state": DONE, **data},
        rows=[("registry_batch", done.id)], legal_basis=done.source.legal_basis[0],
    )  # fmt: skip


def add_counts(one: Counts, more: Counts) -> Counts:
    """The sum of two counts."""
    return Counts(*(getattr(one, name) + getattr(more, name) for name in Counts.__dataclass_fields__))


def advanced(done: Batch, rows_done: int, more: Counts) -> Batch:
    """The batch after a chunk."""
    return replace(done, rows_done=rows_done, counts=add_counts(done.counts, more))


def _agency(conn: Connection, agency_id: str, unit: Unit) -> Claimant:
    found = agency(conn, agency_id)
    return Claimant(found.id, Standing(standing_of_kind(found.kind, unit.now)))
