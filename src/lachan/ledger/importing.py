"""Files of transfers come into the record: each row a fact; the same file again adds nothing."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, require
from lachan.foundation.base import Actor, BadInput, InputReason, new_id
from lachan.foundation.identifiers import parse_key
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import Veil, append, merkle_root
from lachan.foundation.trail.tables import fact
from lachan.ledger import store, tables
from lachan.ledger.actions import LEARNED, erase_told
from lachan.ledger.facts import Source, TransferFact
from lachan.ledger.model import OUTSIDE, LedgerReason, Refusal, Rejected, Transfer, TransferFile
from lachan.ledger.reading import Progress, read_transfers
from lachan.ledger.rules import row_of
from lachan.ledger.told import Said

CHUNK_ROWS = 5_000
SEALED = "ledger.rows_sealed"
# `970436` or `sao-ke_2026`: what stands beside each fact as the source's name.
_SOURCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
_COUNTED = ("added", "corrected", "unchanged", "rejected")


@dataclass(frozen=True, slots=True)
class LedgerImport:
    """What came of a file: rows = added + corrected + unchanged + rejected."""

    batch_id: str
    added: int
    corrected: int
    unchanged: int
    rejected: tuple[Rejected, ...]


def import_transfers(
    db: Database,
    file: Path,
    source: str,
    actor: Actor,
    clock: Callable[[], datetime],
    *,
    strict: bool = False,
    progress: Progress = lambda _done: None,
) -> LedgerImport:
    """Keep every sound row of a file of transfers, under the name of who wrote it.

    A row that says the same as before is unchanged; one that says something else under a known id is refused: a
    fact does not change, a correction names it. `strict`: the first bad row is raised; of a row that contradicts
    the record, chunks before it stay. One that was killed is simply done again. A statement's opening balances are
    kept where none of its entries was refused.
    """
    if not _SOURCE.fullmatch(source):
        raise BadInput(LedgerReason.SOURCE_MALFORMED, field="--source", expected="970436")
    with db.read() as conn:
        rows = read_transfers(
            file, strict=strict, progress=progress, elsewhere=lambda ids: store.of_file_rows(conn, source, ids)
        )
    with db.unit(clock(), actor) as unit:
        require(unit.actor, Permission.LEDGER_IMPORT)
        batch = _Batch.opened(unit, file, source)
    rejected = list(rows.rejected)
    added = corrected = unchanged = 0
    for start in range(0, len(rows.transfers), CHUNK_ROWS):
        with db.unit(clock(), actor) as unit:
            done = _chunk(unit, batch, rows.transfers[start : start + CHUNK_ROWS], rows.transfers)
            if strict and done.rejected:
                raise done.rejected[0].error(file)
        added, corrected, unchanged = added + done.added, corrected + done.corrected, unchanged + done.unchanged
        rejected += done.rejected
        progress(start + CHUNK_ROWS)
    if rows.openings and not rejected:  # what was refused might have been a statement's first entry
        with db.unit(clock(), actor) as unit:
            _state_openings(unit, batch, rows)
    rejected.sort(key=lambda one: one.row)
    made = LedgerImport(batch.id, added, corrected, unchanged, tuple(rejected))
    with db.unit(clock(), actor) as unit:
        batch.finish(unit, made)
    return made


@dataclass(frozen=True, slots=True)
class _Batch:
    """One file under way."""

    id: str
    source: str

    @classmethod
    def opened(cls, unit: Unit, file: Path, source: str) -> "_Batch":
        """The record of the file."""
        batch = cls(new_id(), source)
        unit.conn.execute(
            sa.insert(tables.batch).values(
                id=batch.id, source=source, file_name=file.name, sha256=_digest(file), started_at=unit.now,
                started_by=unit.actor.reference, **dict.fromkeys(_COUNTED, 0),
            )
        )  # fmt: skip
        append(
            unit, "ledger.import_started", f"ledger_batch:{batch.id}", {"source": source},
            rows=[("ledger_batch", batch.id)],
        )  # fmt: skip
        return batch

    def finish(self, unit: Unit, made: LedgerImport) -> None:
        """Write what came of it."""
        counts = {name: getattr(made, name) for name in _COUNTED[:3]} | {"rejected": len(made.rejected)}
        changed = sa.update(tables.batch).where(tables.batch.c.id == self.id)
        unit.conn.execute(changed.values(**counts, finished_at=unit.now))
        append(
            unit, "ledger.imported", f"ledger_batch:{self.id}", {"source": self.source, **counts},
            rows=[("ledger_batch", self.id)],
        )  # fmt: skip


def _chunk(unit: Unit, batch: _Batch, chunk: Sequence[Transfer], whole: Sequence[Transfer]) -> LedgerImport:
    """Keep what of these rows is new, with one fact that carries the Merkle root of it."""
    wanted = {one.id for one in chunk}
    named = {name for one in chunk for name in (one.reverses, one.corrects) if name}
    if named:  # a chain of corrections may lead through all of the file, and on into the record
        wanted |= named | {one.corrects for one in whole if one.corrects}
    known = store.of_file_rows(unit.conn, batch.source, wanted)
    roots = _roots(chunk, whole, known)
    fresh: list[tuple[Transfer, Said]] = []
    rejected: list[Rejected] = []
    unchanged = 0
    for one in chunk:
        said, refusal = _said(one, roots), None
        before = known.get(one.id)
        if one.learned_at is not None and one.learned_at > unit.now:
            refusal = Refusal(LedgerReason.LEARNED_LATER, "learned")
        elif before is not None and _as_said(before) != replace(said, row=before.row):
            refusal = Refusal(LedgerReason.SAID_OTHERWISE, "id")
        if refusal is not None:
            rejected.append(Rejected(one.row, refusal, row_of(one)))
        elif before is not None:
            unchanged += 1
        else:
            fresh.append((one, said))
    corrected = sum(one.corrects is not None for one, _ in fresh)
    if fresh:
        _write(unit, batch, fresh)
    return LedgerImport(batch.id, len(fresh) - corrected, corrected, unchanged, tuple(rejected))


def _write(unit: Unit, batch: _Batch, fresh: Sequence[tuple[Transfer, Said]]) -> None:
    ids = store.new_row_ids(len(fresh))
    fact_id = append(unit, LEARNED, f"ledger_batch:{batch.id}", {"source": batch.source, "transfers": len(fresh)})
    store.add_facts(
        unit, [(said, False) for _, said in fresh], ids=ids, source=Source.FILE, origin=f"ledger_batch:{batch.id}",
        told_by=batch.source, fact_id=fact_id, names=[one.id for one, _ in fresh],
    )  # fmt: skip
    # The rows name the fact above, so what seals them is a fact of its own.
    append(
        unit, SEALED, f"ledger_batch:{batch.id}",
        {"first": ids[0], "last": ids[-1], "root": _root(unit.conn, f"ledger_batch:{batch.id}", ids[0], ids[-1])},
    )  # fmt: skip


def _state_openings(unit: Unit, batch: _Batch, rows: TransferFile) -> None:
    """Keep what a statement says was in its account before the first of its entries, as far as that is new."""
    first: dict[str, str] = {}
    for one in sorted(rows.transfers, key=lambda one: one.order):
        for account in (one.payer, one.payee):
            first.setdefault(account, one.id)
    stated = [
        (_canonical(account), first[account], amount_vnd)
        for account, amount_vnd in rows.openings.items()
        if account in first
    ]
    new = [one for one in stated if store.last_balance(unit.conn, batch.source, *one[:2]) != one[2]]
    if not new:
        return
    ids, origin = store.new_row_ids(len(new)), f"ledger_batch:{batch.id}"
    fact_id = append(
        unit, LEARNED, origin, {"source": batch.source, "balances": len(new)},
        rows=[("ledger_balance", one) for one in ids],
    )  # fmt: skip
    for balance_id, (account, reference, amount_vnd) in zip(ids, new, strict=True):
        store.add_balance(
            unit,
            {
                "id": balance_id, "origin": origin, "told_by": batch.source, "account": account,
                "reference": reference, "amount_vnd": amount_vnd, "message_id": None, "learned_at": unit.now,
                "fact_id": fact_id,
            },
        )  # fmt: skip


def _roots(
    chunk: Iterable[Transfer], whole: Iterable[Transfer], known: Mapping[str, TransferFact]
) -> Mapping[str, str]:
    """Of each id that a row names, the transfer that it is about in the end."""
    if not any(one.corrects or one.reverses for one in chunk):
        return {}
    corrects = {one.id: one.corrects for one in whole if one.corrects}
    roots = {name: one.reference for name, one in known.items()}
    for start in corrects:
        at = start
        while at in corrects and at not in roots:
            at = corrects[at]
        roots[start] = roots.get(at, at)
    return roots


def _said(one: Transfer, roots: Mapping[str, str]) -> Said:
    about = roots.get(one.corrects, one.corrects) if one.corrects else one.id
    reverses = roots.get(one.reverses, one.reverses) if one.reverses else None
    return Said(
        about, one.booked_at, one.amount_vnd, _canonical(one.payer), _canonical(one.payee), one.sequence, one.kind,
        reverses, row=one.row, stated_at=one.learned_at,
    )  # fmt: skip


def _as_said(known: TransferFact) -> Said:
    return Said(
        known.reference, known.booked_at, known.amount_vnd, known.payer, known.payee, known.sequence, known.kind,
        known.reverses, row=known.row, stated_at=known.stated_at,
    )  # fmt: skip


def _canonical(account: str) -> str:
    """As institutions name it in their answers, where it can be told: `970436:0123` is `account:970436:0123`."""
    if account == OUTSIDE:
        return account
    for text in (account, f"account:{account}") if ":" in account else ():
        try:
            return parse_key(text).key
        except BadInput:
            continue
    return account


def unfaithful_rows(conn: Connection) -> list[str]:
    """The ids of facts whose imported rows are no longer what they were, but for those whose time was over."""
    erased = set(conn.execute(sa.select(tables.batch.c.id).where(tables.batch.c.erased_at.is_not(None))).scalars())
    query = sa.select(fact.c.id, fact.c.subject, fact.c.data).where(fact.c.kind == SEALED).order_by(fact.c.ordinal)
    return [
        str(row.id)
        for row in conn.execute(query).all()
        if row.subject.partition(":")[2] not in erased
        and _root(conn, row.subject, row.data["first"], row.data["last"]) != row.data["root"]
    ]


def _root(conn: Connection, origin: str, first: str, last: str) -> str:
    # Two files imported at once have ids in between each other's.
    columns = [
        sa.type_coerce(column, sa.BigInteger) if column.name.endswith("_at") else column
        for column in tables.transfer.columns
    ]
    mine = sa.and_(tables.transfer.c.id.between(first, last), tables.transfer.c.origin == origin)
    query = sa.select(*columns).where(mine).order_by(tables.transfer.c.id)
    return merkle_root([_leaf(tuple(row)) for row in conn.execute(query)])


def _leaf(values: tuple[object, ...]) -> bytes:
    """A row's leaf: all its columns, the salt too, without which nobody guesses what an account was."""
    said = "\x1f".join(one.hex() if isinstance(one, bytes) else repr(one) for one in values)
    return hashlib.sha256(b"\x00" + said.encode()).digest()


def erase_due_files(unit: Unit, *, limit: int = 5) -> int:
    """Hide the accounts and references of files whose time is over; returns how many rows."""
    require(unit.actor, Permission.CLOCK_RUN)
    batch = tables.batch
    query = (
        sa.select(batch.c.id, batch.c.started_at)
        .where(batch.c.erased_at.is_(None))
        .order_by(batch.c.started_at)
        .limit(limit)
    )
    rows = 0
    for row in unit.conn.execute(query).all():
        if retention("retention_transfer", row.started_at).has_run_out(row.started_at, unit.now):
            rows += erase_told(unit, [f"ledger_batch:{row.id}"], Veil())
            unit.conn.execute(sa.update(batch).where(batch.c.id == row.id).values(erased_at=unit.now, file_name=""))
            append(unit, "ledger.file_erased", f"ledger_batch:{row.id}", {}, rows=[("ledger_batch", row.id)])
    return rows


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV") from error
