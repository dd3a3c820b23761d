"""Notices wait until nobody can be warned by them; appeals climb, and nobody decides twice."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import HOUR, SECOND, Life
from tests.response.staging import (
    HEAD,
    HEAD_2,
    HEAD_3,
    OUTBOX,
    SHIFT,
)

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import NoticeToServe
from lachan.foundation.storage import Database
from lachan.response import (
    Objection,
    decide_appeal,
    open_appeal,
    serve_notices,
    tables,
)
from lachan.response.model import TraceState


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


@pytest.fixture
def strict(db: Database) -> Life:
    """Without a policy that reaches: a second officer must look."""
    return Life(db, policy_vnd=None)


def test_notices_wait_for_the_last_answer_or_a_day(life: Life) -> None:
    life.report()
    hold = life.answer(0)
    assert hold.placed_at is not None

    def served() -> list[NoticeToServe]:
        return [d.data for _, _, d in life.desk.envelopes() if isinstance(d.data, NoticeToServe)]

    serve = lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "https://lachan.example")  # noqa: E731
    rows = [
        # when                                 what happens first   notices so far
        (NOON + HOUR,                          None,                0),
        (hold.placed_at + 24 * HOUR - SECOND,  None,                0),
        (hold.placed_at + 24 * HOUR,           None,                1),
        (hold.placed_at + 25 * HOUR,           None,                1),
        (hold.placed_at + 26 * HOUR,           1,                   2),
    ]  # fmt: skip
    assert life.due(f"notice:{hold.id}") == hold.placed_at + 24 * HOUR
    for now, answered, count in rows:
        if answered is not None:
            life.answer(answered, now)
        assert life.act(now, SYSTEM, serve) is None
        assert len(served()) == count, now
    assert all("giao dịch đáng ngờ" not in notice.text for notice in served())


def test_notices_go_out_when_all_is_answered(life: Life) -> None:
    life.connect("999002", "999003")
    life.report()
    life.answer(0)
    hold = life.answer(1)
    assert life.trace().state == TraceState.AWAITING_ANALYSIS
    assert life.due(f"notice:{hold.trace_id}") is not None
    life.act(NOON + HOUR, SYSTEM, lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "https://lachan.example"))
    assert life.facts("notice.sent") == 2


def test_appeals_climb_and_nobody_decides_twice(life: Life) -> None:
    life.report()
    life.answer(0)
    hold = life.answer(1)
    life.act(NOON, SYSTEM, lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "https://lachan.example"))
    with life.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)).scalar_one()
    held = sum(span.amount_vnd for span in hold.held)
    objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
    opened = lambda unit, o=objection, c=code: open_appeal(unit, OUTBOX, c, o)  # noqa: E731
    assert life.act(NOON, SYSTEM, lambda unit: open_appeal(unit, OUTBOX, "TB-0000", objection)) == "no_such_record"
    empty = Objection("Trần Văn B", "0912345678", "  ")
    assert life.act(NOON, SYSTEM, lambda unit: open_appeal(unit, OUTBOX, code, empty)) == "missing"
    asker = life.hold(1).approver
    rows = [
        # what      who      frees             refused because         level  held afterwards
        ("open",    SYSTEM,  0,                None,                   1,     held),
        ("open",    SYSTEM,  0,                "hold_wrong_state",     1,     held),
        ("decide",  SHIFT,   0,                "not_permitted",        1,     held),
        ("decide",  HEAD,    0,                "approver_is_requester", 1,    held),   # he signed the policy
        ("decide",  HEAD_2,  held + 1,         "release_above_held",   1,     held),
        ("decide",  HEAD_2,  0,                None,                   1,     held),   # rejected
        ("decide",  HEAD_2,  0,                "approver_is_requester", 1,     held),
        ("open",    SYSTEM,  0,                None,                   2,     held),
        ("decide",  HEAD_2,  held // 2,        "approver_is_requester", 2,     held),   # he decided level 1
        ("decide",  HEAD_3,  held // 2,        None,                   2,     held // 2),
        ("open",    SYSTEM,  0,                None,                   3,     held // 2),
    ]  # fmt: skip
    assert asker == HEAD.reference
    for what, who, frees, reason, level, left in rows:
        if what == "open":
            assert life.act(NOON + HOUR, who, opened) == reason
        else:
            appeal = _appeals(life)[-1]
            decide = lambda unit, a=appeal.id, f=frees: decide_appeal(  # noqa: E731
                unit, OUTBOX, a, release_vnd=f, reasons="Có giấy tờ mua bán"
            )
            assert life.act(NOON + 2 * HOUR, who, decide) == reason, (who.id, frees)
        assert _appeals(life)[-1].level == level
        assert sum(span.amount_vnd for span in life.hold(1).held) == left
    first = _appeals(life)[0]
    assert (first.target_at, first.decide_by) == (first.opened_at + 4 * HOUR, first.opened_at + 12 * HOUR)


def _appeals(life: Life) -> list[Any]:
    with life.db.read() as conn:
        return list(conn.execute(sa.select(tables.appeal).order_by(tables.appeal.c.id)))
