"""The trail: what is appended is sealed; whatever is touched afterwards is found and named."""

import io
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON

from lachan.foundation.base import SYSTEM
from lachan.foundation.storage import Database
from lachan.foundation.storage.jobs import job
from lachan.foundation.trail import (
    Head,
    SealKey,
    TrailReason,
    append,
    create_private_key,
    destroy_due_salts,
    export,
    seal,
    verify,
    verify_export,
)
from lachan.foundation.trail.tables import checkpoint, fact


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return SealKey(create_private_key(tmp_path / "trail.pem"))


def grow(db: Database, key: SealKey, facts: int = 9, per_seal: int = 3) -> list[Head]:
    heads = []
    for number in range(1, facts + 1):
        with db.unit(NOON, SYSTEM) as unit:
            append(unit, "test.happened", f"test:{number}", {"number": number})
        if number % per_seal == 0:
            made = seal(db, key, now=NOON, wall_now=NOON + timedelta(seconds=number))
            assert made is not None
            heads.append(Head(made.last_sequence, made.head))
    return heads


def test_an_untouched_trail_verifies(db: Database, key: SealKey) -> None:
    heads = grow(db, key)
    with db.read() as conn:
        result = verify(conn, [key.public_text], heads)
    assert (result.findings, result.facts, result.checkpoints, result.unsealed) == ((), 9, 3, 0)
    assert result.head == heads[-1]


TAMPERINGS: list[tuple[str, Callable[[sa.Connection], object], TrailReason, str]] = [
    ("change", lambda c: c.execute(sa.update(fact).where(fact.c.sequence == 5).values(actor="person:x")),
     TrailReason.FACT_CHANGED, "5"),
    ("change data", lambda c: c.execute(sa.update(fact).where(fact.c.sequence == 2).values(data={"number": 3})),
     TrailReason.FACT_CHANGED, "2"),
    ("remove", lambda c: c.execute(sa.delete(fact).where(fact.c.sequence == 4)), TrailReason.FACT_MISSING, "4"),
    ("remove the last", lambda c: c.execute(sa.delete(fact).where(fact.c.sequence == 9)),
     TrailReason.FACT_MISSING, "9"),
    ("insert", lambda c: c.execute(sa.insert(fact).values(
        id="x", sequence=10, kind="k", subject="s", actor="a", happened_at=NOON, learned_at=NOON, data={},
        rows=[])),
     TrailReason.FACT_INSERTED, "10"),
    ("cut a checkpoint's facts", lambda c: c.execute(sa.delete(checkpoint).where(checkpoint.c.number == 2)),
     TrailReason.CHECKPOINT_MISSING, "2"),
    ("forge a root", lambda c: c.execute(sa.update(checkpoint).where(checkpoint.c.number == 2).values(root="0")),
     TrailReason.CHECKPOINT_CHANGED, "2"),
    ("forge a signature",
     lambda c: c.execute(sa.update(checkpoint).where(checkpoint.c.number == 3).values(signature="AAAA")),
     TrailReason.SIGNATURE_WRONG, "3"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "tamper", "reason", "where"), TAMPERINGS, ids=[t[0] for t in TAMPERINGS])
def test_tampering_is_found_and_located(
    db: Database,
    key: SealKey,
    what: str,
    tamper: Callable[[sa.Connection], object],
    reason: TrailReason,
    where: str,
) -> None:
    grow(db, key)
    with db.unit(NOON, SYSTEM) as unit:
        tamper(unit.conn)
    with db.read() as conn:
        found = verify(conn, [key.public_text]).findings
    assert any(f.reason == reason and f.where == where for f in found), found


def test_reordering_two_facts_is_found_at_both(db: Database, key: SealKey) -> None:
    grow(db, key)
    with db.unit(NOON, SYSTEM) as unit:
        for old, new in ((4, 100), (5, 4), (100, 5)):
            unit.conn.execute(sa.update(fact).where(fact.c.sequence == old).values(sequence=new))
    with db.read() as conn:
        found = verify(conn, [key.public_text]).findings
    assert {f.where for f in found if f.reason == TrailReason.FACT_CHANGED} == {"4", "5"}


def test_a_rewritten_trail_is_found_by_an_earlier_head(db: Database, key: SealKey) -> None:
    """The owner of the key cuts the end off and seals anew: only a head kept elsewhere shows it."""
    heads = grow(db, key)
    with db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.delete(fact).where(fact.c.sequence > 3))
        unit.conn.execute(sa.delete(checkpoint).where(checkpoint.c.number > 1))
        append(unit, "test.other", "test:other", {})
    seal(db, key, now=NOON, wall_now=NOON)
    with db.read() as conn:
        assert verify(conn, [key.public_text]).intact
        found = verify(conn, [key.public_text], [heads[1]]).findings
    assert [f.reason for f in found] == [TrailReason.HEAD_NOT_FOUND]


def test_a_state_row_changed_behind_the_trail_is_found(db: Database, key: SealKey) -> None:
    with db.unit(NOON, SYSTEM) as unit:
        append(unit, "test.row", "test:row", {}, rows=[("job", "j1")])
        unit.conn.execute(sa.insert(job).values(id="j1", kind="k", payload={}, priority=0, due_at=NOON, attempts=0))
    with db.read() as conn:
        assert verify(conn, [key.public_text]).intact
    with db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(job).values(priority=9))
    with db.read() as conn:
        found = verify(conn, [key.public_text]).findings
    assert [(f.reason, f.where) for f in found] == [(TrailReason.ROW_CHANGED, "job/j1 (#0)")]


def test_every_changed_byte_of_an_export_is_found(db: Database, key: SealKey) -> None:
    heads = grow(db, key)
    out = io.BytesIO()
    with db.read() as conn:
        export(conn, key, "test", out)
    whole = out.getvalue()
    assert verify_export(io.BytesIO(whole), heads, [key.public_text]).intact
    chosen = random.Random(7).sample(range(len(whole)), 400)
    for position in chosen:
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        assert not verify_export(io.BytesIO(bytes(changed))).intact, position
    lines = whole.splitlines(keepends=True)
    for cut in range(len(lines)):
        assert not verify_export(io.BytesIO(b"".join(lines[:cut] + lines[cut + 1 :]))).intact, cut
    assert not verify_export(io.BytesIO(b"")).intact


def test_an_aborted_action_leaves_no_fact(db: Database) -> None:
    def abort() -> None:
        with db.unit(NOON, SYSTEM) as unit:
            append(unit, "test.happened", "test:1", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        abort()
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(fact)).scalar() == 0


def test_personal_values_are_commitments_and_their_salt_dies(db: Database, key: SealKey) -> None:
    with db.unit(NOON, SYSTEM) as unit:
        append(
            unit, "report.received", "report:1", {}, personal={"name": "Nguyễn Thị An"},
            destroy_salt_after=NOON + timedelta(days=1),
        )  # fmt: skip
    with db.read() as conn:
        row = conn.execute(sa.select(fact)).one()
    assert "Nguyễn" not in str(row)
    assert len(row.data["commitments"]["name"]) == 64
    assert destroy_due_salts(db, now=NOON + timedelta(hours=23)) == 0
    assert destroy_due_salts(db, now=NOON + timedelta(days=1)) == 1
    seal(db, key, now=NOON, wall_now=NOON)
    with db.read() as conn:
        assert verify(conn, [key.public_text]).intact
