"""Files of transfers become facts: again adds nothing, a fact does not change, corrections name it."""

from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import MINUTE, MULE, NEXT, Life

from lachan.foundation.access import OPERATOR
from lachan.foundation.base import SYSTEM, Actor, ActorKind, BadInput, NotAllowed
from lachan.foundation.storage import Database
from lachan.ledger import LedgerImport, Source, around, erase_due_files, import_transfers, tables, unfaithful_rows
from lachan.tracing import Rule, compare

HEAD = "id,time,payer,payee,amount,kind,reverses,corrects\n"
BOTH = (
    "F1,2026-11-18T12:05:00+07:00,999003:0001,999004:0009,200000,,,\n"
    "F2,2026-11-18T12:06:00+07:00,999004:0009,,50000,cash_out,,\n"
)


def bring(db: Database, folder: Path, rows: str, source: str = "999003", strict: bool = False) -> LedgerImport:
    file = folder / "transfers.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    return import_transfers(db, file, source, OPERATOR, lambda: NOON + MINUTE, strict=strict)


def counts(made: LedgerImport) -> tuple[int, int, int, int]:
    return made.added, made.corrected, made.unchanged, len(made.rejected)


def test_a_file_again_adds_nothing_and_a_fact_does_not_change(db: Database, tmp_path: Path) -> None:
    assert counts(bring(db, tmp_path, BOTH)) == (2, 0, 0, 0)
    assert counts(bring(db, tmp_path, BOTH)) == (0, 0, 2, 0)
    # Another bank may use the same ids.
    assert counts(bring(db, tmp_path, BOTH, source="999004")) == (2, 0, 0, 0)
    changed = bring(db, tmp_path, BOTH.replace("200000", "300000"))
    assert counts(changed) == (0, 0, 1, 1)
    assert changed.rejected[0].refusal.reason == "transfer_said_otherwise"
    with pytest.raises(BadInput, match="transfer_said_otherwise"):
        bring(db, tmp_path, BOTH.replace("200000", "300000"), strict=True)
    with db.read() as conn:
        batches = conn.execute(sa.select(tables.batch.c.added, tables.batch.c.finished_at)).all()
    assert [row.added for row in batches] == [2, 0, 2, 0, 0]


def test_a_later_file_corrects_and_reverses_what_an_earlier_one_brought(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, BOTH)
    made = bring(
        db, tmp_path,
        "C1,2026-11-18T12:05:00+07:00,999003:0001,999004:0009,100000,,,F1\n"
        "R1,2026-11-18T12:09:00+07:00,999004:0009,999003:0001,100000,,F1,\n"
        "R2,2026-11-18T12:09:00+07:00,999004:0009,999003:0001,100000,,NONE,\n",
    )  # fmt: skip
    assert counts(made) == (1, 1, 0, 1)
    assert made.rejected[0].refusal.reason == "unknown_transfer"
    with db.read() as conn:
        rows = conn.execute(sa.select(tables.transfer).order_by(tables.transfer.c.id)).all()
    assert [(row.named, row.reference, row.reverses) for row in rows] == [
        ("F1", "F1", None), ("F2", "F2", None), ("C1", "F1", None), ("R1", "R1", "F1"),
    ]  # fmt: skip
    assert {row.payee for row in rows if row.named == "F1"} == {"account:999004:0009"}


def test_a_chain_of_corrections_ends_at_the_first_record(db: Database, tmp_path: Path) -> None:
    """Across files, and with the newer correction written before the one that it corrects."""
    row = ",2026-11-18T12:05:00+07:00,A,B,{amount},,,{corrects}\n"
    bring(db, tmp_path, BOTH + "C1" + row.format(amount=7, corrects="F1"))
    bring(db, tmp_path, "C3" + row.format(amount=9, corrects="C2") + "C2" + row.format(amount=8, corrects="C1"))
    with db.read() as conn:
        told = conn.execute(sa.select(tables.transfer).where(tables.transfer.c.named.like("C%"))).all()
    assert {(one.named, one.reference) for one in told} == {("C1", "F1"), ("C2", "F1"), ("C3", "F1")}


def test_a_bank_s_file_leads_a_trace_on(db: Database, tmp_path: Path) -> None:
    """Two coins moved on to an account whose bank never answered: its file tells where they went."""
    life = Life(db)
    life.report()
    life.answer(0)
    with db.read() as conn:
        told = sa.select(tables.transfer.c.origin).where(tables.transfer.c.source == Source.REPORT)
        loss_id = conn.execute(told).scalar_one().removeprefix("loss:")
        before = around(conn, [loss_id]).at()
    bring(db, tmp_path, BOTH)
    with db.read() as conn:
        found = around(conn, [loss_id])
    known = found.at()
    assert len(known.transfers) == len(before.transfers) + 2
    assert [one.source for one in found.moments()] == [Source.REPORT, Source.ANSWER, Source.FILE]
    lifo = compare([one.transfer for one in known.transfers], list(known.disputed), openings=known.openings).traces
    at = {one.account: one.taint_vnd for one in lifo[Rule.LIFO].accounts}
    assert at[MULE] == 2 * COIN_VND
    assert at[NEXT] == 0
    assert at["account:999004:0009"] == 150_000
    assert lifo[Rule.LIFO].out_of_reach_vnd == 50_000
    # As it was known before the file came.
    assert found.at(known_at=NOON + MINUTE / 2) == before


def test_imported_rows_are_sealed_and_forgotten_in_time(db: Database, tmp_path: Path) -> None:
    bring(db, tmp_path, BOTH)
    with db.read() as conn:
        assert unfaithful_rows(conn) == []
    # Another file that was imported at the same time has rows with ids in between.
    with db.unit(NOON + MINUTE, OPERATOR) as unit:
        kept = unit.conn.execute(sa.select(tables.transfer).order_by(tables.transfer.c.id)).mappings().all()
        between = str(UUID(int=UUID(kept[0]["id"]).int + 1))
        assert kept[0]["id"] < between < kept[1]["id"]
        other = dict(kept[0]) | {"id": between, "origin": "ledger_batch:other"}
        unit.conn.execute(sa.insert(tables.transfer).values(**other))
    with db.read() as conn:
        assert unfaithful_rows(conn) == []
    with db.unit(NOON + MINUTE, OPERATOR) as unit:
        unit.conn.execute(sa.delete(tables.transfer).where(tables.transfer.c.id == other["id"]))
    with db.unit(NOON, SYSTEM) as unit:
        assert erase_due_files(unit) == 0
        unit.conn.execute(sa.update(tables.transfer).where(tables.transfer.c.named == "F2").values(amount_vnd=1))
    with db.read() as conn:
        assert len(unfaithful_rows(conn)) == 1
    with db.unit(NOON.replace(year=2032), SYSTEM) as unit:
        assert erase_due_files(unit) == 2
        assert erase_due_files(unit) == 0
    with db.read() as conn:
        assert unfaithful_rows(conn) == []
        rows = conn.execute(sa.select(tables.transfer)).all()
    assert all("999" not in (row.payer or "") and row.digest_salt is None for row in rows)
    assert {row.payee for row in rows if row.kind == "cash_out"} == {"outside"}


def test_who_may_not_and_what_is_no_source(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="ledger_source_malformed"):
        bring(db, tmp_path, BOTH, source="Ngân hàng")
    file = tmp_path / "transfers.csv"
    file.write_text(HEAD + BOTH, encoding="utf-8")
    officer = Actor(ActorKind.PERSON, "officer", "desk", frozenset({"duty_officer"}))
    with pytest.raises(NotAllowed):
        import_transfers(db, file, "999003", officer, lambda: NOON)
