"""What people wrote goes from the registry when its time is over, or its holder asks; the trail still verifies."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.registry.test_registry_imports import run, written
from tests.registry.world import World, sealed_changes

from lachan.foundation.access import (
    OPERATOR,
    Role,
    SubjectRequestKind,
    confirm_identity,
    receive_subject_request,
    subject_requests,
)
from lachan.foundation.base import PUBLIC, Conflict, Language, NotFound
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import SealKey, read_private_key, verify
from lachan.registry import (
    AppealOutcome,
    ClaimDraft,
    ListingObjection,
    accept_merge,
    claim,
    decide_appeal,
    erase_due_words,
    issue_notice,
    open_appeal,
    sweep,
    undo_merge,
    views,
    withdraw_claim,
)
from lachan.registry.tables import appeal, relation, relation_origin, tie
from lachan.registry.views.verification import unfaithful_imports
from lachan.response import HoldReason, grant_erasure

ACCOUNT = "account:999001:0381004417"
NAME, CONTACT, GROUNDS = "Nguyễn Thị Chích Chòe", "0987 111 222", "Tài khoản nhận lương của tôi ở xưởng Vành Khuyên"
REASONS, EVIDENCE, NOTE, IMPORTED = (
    "Sao kê của bà Chích Chòe",
    "Lời khai của ông Bồ Câu",
    "Nhầm ông Sáo",
    "hồ sơ Vẹt",
)
TICK = timedelta(microseconds=1)


def everything(db: Database) -> str:
    """All that the record says anywhere; on SQLite the very bytes of its files."""
    db.settle()
    if db.is_sqlite:
        file = Path(str(db.engine.url.database))
        return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")).decode("utf-8", "replace")
    with db.read() as conn:
        names = sa.inspect(conn).get_table_names()
        return "\n".join(str(row) for name in names for row in conn.execute(sa.text(f'SELECT * FROM "{name}"')))


def intact(world: World, folder: Path) -> bool:
    sealed_changes(world.db, folder)
    with world.db.read() as conn:
        return verify(conn, [SealKey(read_private_key(folder / "seal.pem")).public_text]).intact


def objected(world: World, at: datetime) -> tuple[str, str]:
    """A bank lists with evidence, the holder appeals; the claim's id and the appeal's code."""
    with world.db.unit(at, world.at(world.bank)) as unit:
        (made,) = claim(unit, [ClaimDraft(ACCOUNT, reason="R3", evidence=EVIDENCE)])
    with world.db.unit(at, world.head()) as unit:
        notice = issue_notice(unit, made.entry_id)
    with world.db.unit(at, PUBLIC) as unit:
        return made.claim_id, open_appeal(unit, notice, ListingObjection(NAME, CONTACT, GROUNDS))


def decided(world: World, at: datetime, outcome: AppealOutcome) -> None:
    with world.db.read() as conn:
        appeal_id = conn.execute(sa.select(appeal.c.id)).scalar_one()
    with world.db.unit(at, world.head("c")) as unit:
        decide_appeal(unit, appeal_id, outcome, REASONS)


def test_the_words_of_a_listing_go_each_in_its_time(world: World, tmp_path: Path) -> None:
    claim_id, _ = objected(world, NOON)
    decided(world, NOON, AppealOutcome.REJECTED)
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, claim_id, NOTE)
    assert intact(world, tmp_path)
    claim_end = retention("retention_registry_claim", NOON).deadline(NOON)
    assert erase_due_words(world.db, claim_end - TICK) == 0
    text = everything(world.db)
    assert all(word in text for word in (NAME, CONTACT, GROUNDS, REASONS, EVIDENCE, NOTE))
    assert erase_due_words(world.db, claim_end) == 2, "the claim's words, and the digest of its paper"
    text = everything(world.db)
    assert not any(word in text for word in (EVIDENCE, NOTE))
    assert all(word in text for word in (NAME, CONTACT, GROUNDS, REASONS))
    assert intact(world, tmp_path)
    appeal_end = retention("retention_appeal", NOON).deadline(NOON)
    assert erase_due_words(world.db, appeal_end - TICK) == 0
    assert erase_due_words(world.db, appeal_end) == 1
    text = everything(world.db)
    assert not any(word in text for word in (NAME, CONTACT, GROUNDS, REASONS))
    assert intact(world, tmp_path)
    assert erase_due_words(world.db, appeal_end + timedelta(days=900)) == 0
    with world.db.read() as conn:
        figures = views.measures(conn, world.head(), NOON - TICK, NOON + TICK)
    assert (figures.appeals_opened, figures.appeals_rejected) == (1, 1), "figures stay"


def test_an_open_appeal_and_a_living_claim_keep_their_words(world: World) -> None:
    objected(world, NOON)
    life = retention("retention_registry_claim", NOON)
    sweep(world.db, life.deadline(NOON))
    assert erase_due_words(world.db, life.deadline(NOON)) == 1, "the digest by which like claims are found"
    assert EVIDENCE in everything(world.db)
    assert erase_due_words(world.db, NOON + timedelta(days=4_000)) == 1, "an expired claim, counted from its expiry"
    text = everything(world.db)
    assert EVIDENCE not in text
    assert GROUNDS in text


def test_what_claims_had_in_common_goes_with_their_words(world: World, tmp_path: Path) -> None:
    other = "phone:+84912345678"
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        made = claim(unit, [ClaimDraft(key, reason="R3", device="k" * 32) for key in (ACCOUNT, other)])
    with world.db.unit(NOON, world.head()) as unit:
        undo_merge(unit, accept_merge(unit, ACCOUNT, other, REASONS).id, REASONS)
    with world.db.unit(NOON, world.at(world.bank)) as unit:
        withdraw_claim(unit, made[0].claim_id, NOTE)
    over = retention("retention_registry_claim", NOON)
    erase_due_words(world.db, over.deadline(NOON) - TICK)
    assert REASONS in everything(world.db)
    erase_due_words(world.db, over.deadline(NOON))
    assert REASONS not in everything(world.db)
    assert erase_due_words(world.db, NOON + timedelta(days=4_000)) == 1, "the other claim, long after its expiry"
    with world.db.read() as conn:
        for table in (tie, relation, relation_origin):
            assert conn.execute(sa.select(table)).all() == []
    assert intact(world, tmp_path)


def test_an_imported_list_loses_its_words_and_nothing_else_can_hide_behind_it(world: World, tmp_path: Path) -> None:
    lines = "key,evidence\n" + "".join(f"domain:xau-{number}.com,{IMPORTED} {number}\n" for number in range(3))
    run(world.db, written(tmp_path, "a.csv", lines), "claims", agency_code="999001")
    other = "key,evidence\ndomain:khac.com,giữ\n"
    later = NOON + timedelta(days=300)
    run(world.db, written(tmp_path, "b.csv", other), "claims", later, agency_code="999001")
    expired = NOON + timedelta(days=366 + 365 + 60)
    assert erase_due_words(world.db, expired) == 3
    assert IMPORTED not in everything(world.db)
    assert intact(world, tmp_path)
    with world.db.read() as conn:
        assert unfaithful_imports(conn) == []
    with world.db.unit(expired, OPERATOR) as unit:
        unit.conn.execute(sa.text("UPDATE registry_claim SET confidence = 1 WHERE key = 'domain:khac.com'"))
    with world.db.read() as conn:
        assert len(unfaithful_imports(conn)) == 1


def test_a_holder_asks_and_the_contact_goes(world: World, tmp_path: Path) -> None:
    _, code = objected(world, NOON)
    desk_head = world.at(world.desk, Role.DESK_HEAD)
    with world.db.unit(NOON, OPERATOR) as unit:
        asked = receive_subject_request(unit, SubjectRequestKind.ERASURE, "N. T. C.", "qua bưu điện", code)
        confirm_identity(unit, asked.id)
    with pytest.raises(Conflict) as refused, world.db.unit(NOON, desk_head) as unit:
        grant_erasure(unit, asked.id, "Đã xóa.", [code], Language.VI)
    assert refused.value.reason is HoldReason.NOTHING_TO_ERASE, "an open appeal needs its contact"
    with pytest.raises(NotFound), world.db.unit(NOON, desk_head) as unit:
        grant_erasure(unit, asked.id, "Đã xóa.", ["KD-2222-22222"], Language.VI)
    decided(world, NOON, AppealOutcome.UPHELD)
    with world.db.unit(NOON, desk_head) as unit:
        grant_erasure(unit, asked.id, "Đã xóa.", [code], Language.VI)
    text = everything(world.db)
    assert CONTACT not in text
    assert GROUNDS in text
    with world.db.read() as conn:
        (answer,) = [one.answer or "" for one in subject_requests(conn, OPERATOR) if one.id == asked.id]
    assert "Luật Khiếu nại" in answer
    assert intact(world, tmp_path)
