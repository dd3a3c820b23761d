"""The analysis of a trace: when it may be concluded, what it does to hops and holds, and both of its clocks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import DAY, DECISION, HOUR, Life
from tests.response.ringing import ring
from tests.response.staging import HEAD, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import Role
from lachan.foundation.storage import Database
from lachan.response import (
    Verdict,
    analyse_trace,
    approve_hold,
    cancel_trace,
    finish_task,
    propose_conversion,
    store,
    tables,
)
from lachan.response.model import HopState, TraceState

TICK = timedelta(microseconds=1)
# Reported and asked on Wednesday 18 November: seven days later, 24:00.
OVER = datetime.fromisoformat("2026-11-26T00:00:00+07:00")


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def hops(life: Life) -> list[Any]:
    with life.db.read() as conn:
        return store.hops(conn)


def analyse(life: Life, *disagreed: int, conclusion: str = "Dòng tiền đã rõ", left_out: int | None = None) -> Any:
    found = hops(life)
    verdicts = {
        hop.id: Verdict.DISAGREED if number in disagreed else Verdict.AGREED
        for number, hop in enumerate(found)
        if number != left_out
    }
    trace_id = life.trace().id
    return lambda unit: analyse_trace(unit, OUTBOX, trace_id, verdicts=verdicts, conclusion=conclusion)


def tasks(life: Life, kind: str, state: str = "open") -> list[Any]:
    with life.db.read() as conn:
        return list(
            conn.execute(sa.select(tables.task).where(tables.task.c.kind == kind, tables.task.c.state == state))
        )


def test_who_concludes_what_and_when(life: Life) -> None:
    life.report()
    life.answer(0)
    stranger = person("officer-b", Role.DUTY_OFFICER, "999001")
    assert life.act(NOON + HOUR, OFFICER, analyse(life)) == "hold_wrong_state", "one is still asked"
    life.answer(1)
    rows = [
        # who                              what                             refused because
        (stranger,                         analyse(life),                   "other_agency"),
        (person("l", Role.LEADER),         analyse(life),                   "not_permitted"),
        (OFFICER,                          analyse(life, conclusion=" "),   "missing"),
        (OFFICER,                          analyse(life, conclusion="x" * 4_001), "too_long"),
        (OFFICER,                          analyse(life, left_out=1),       "verdict_missing"),
        (OFFICER,                          analyse(life),                   None),
        (OFFICER,                          analyse(life),                   "hold_wrong_state"),
    ]  # fmt: skip
    for who, act, reason in rows:
        assert life.act(NOON + HOUR, who, act) == reason
    assert life.trace().state == TraceState.ANALYSED
    assert {(hop.state, hop.verdict) for hop in hops(life)} == {(HopState.CLOSED, Verdict.AGREED)}
    assert [life.hold(number).state for number in (0, 1)] == ["placed", "placed"]
    trace_id = life.trace().id
    cancel = lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")  # noqa: E731
    assert life.act(NOON + HOUR, SHIFT, cancel) == "not_cancellable"


def test_what_is_not_agreed_to_is_given_back(life: Life) -> None:
    life.report()
    life.answer(0)
    life.answer(1)
    held = life.trace().held_vnd
    assert life.act(NOON + HOUR, OFFICER, analyse(life, 1)) is None
    assert [life.hold(number).state for number in (0, 1)] == ["placed", "released"]
    assert [hop.verdict for hop in hops(life)] == [Verdict.AGREED, Verdict.DISAGREED]
    assert {hop.state for hop in hops(life)} == {HopState.CLOSED}
    assert life.trace().held_vnd == held // 2
    assert life.trace().state == TraceState.ANALYSED


def test_what_an_authority_froze_is_asked_to_be_lifted(life: Life) -> None:
    life.report()
    frozen = life.answer(0)
    life.answer(1)
    assert life.recommend(frozen.id) is None
    propose = lambda unit: propose_conversion(  # noqa: E731
        unit, OUTBOX, frozen.id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=NOON + 7 * DAY
    )
    life.act(NOON + HOUR, SHIFT, propose)
    content = (life.hold().proposal or {})["content_hash"]
    life.act(NOON + HOUR, HEAD, lambda unit: approve_hold(unit, OUTBOX, frozen.id, content_hash=content))
    assert life.act(NOON + HOUR, OFFICER, analyse(life, 0)) is None
    assert life.hold(0).state == "converted"
    assert len(tasks(life, "lift_request")) == 1


def test_an_analysis_is_a_task_after_seven_days(life: Life) -> None:
    life.report()
    life.answer(0)
    life.answer(1)
    assert life.due(f"analysis:{life.trace().id}") == OVER
    assert ring(life.db, OVER - TICK, "analysis_overdue") == []
    assert ring(life.db, OVER, "analysis_overdue") == ["analysis_overdue"]
    (task,) = tasks(life, "analysis_due")
    assert task.due_at == OVER
    # Nobody notes it as done: it ends with the analysis.
    by_hand = lambda unit: finish_task(unit, task.id, note="xong")  # noqa: E731
    assert life.act(OVER, OFFICER, by_hand) == "task_ends_by_fact"
    assert life.act(OVER, OFFICER, analyse(life)) is None
    assert tasks(life, "analysis_due") == []
    assert len(tasks(life, "analysis_due", "done")) == 1


def test_an_analysed_trace_does_not_ring(life: Life) -> None:
    life.report()
    life.answer(0)
    life.answer(1)
    life.act(NOON + HOUR, OFFICER, analyse(life))
    assert ring(life.db, OVER, "analysis_overdue") == []


def test_the_clock_starts_with_the_first_request(db: Database) -> None:
    """A request that a second person approved two days later is analysed seven days after that."""
    strict = Life(db, policy_vnd=None)
    strict.report()
    hold = strict.hold()
    approve = lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=hold.content_hash)  # noqa: E731
    assert strict.act(NOON + 2 * DAY, SHIFT, approve) is None
    assert ring(strict.db, OVER, "analysis_overdue") == ["analysis_overdue"]
    assert tasks(strict, "analysis_due") == []
    assert ring(strict.db, OVER + 2 * DAY - TICK, "analysis_overdue") == []
    assert ring(strict.db, OVER + 2 * DAY, "analysis_overdue") == ["analysis_overdue"]
    assert len(tasks(strict, "analysis_due")) == 1


CANCELLATIONS = [
    # when          refused because
    (OVER - TICK,   None),
    (OVER,          "cancellation_over"),
    (OVER + TICK,   "cancellation_over"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "reason"), CANCELLATIONS)
def test_a_trace_is_cancelled_within_its_clock(life: Life, now: datetime, reason: str | None) -> None:
    life.report()
    life.answer(0)
    trace_id = life.trace().id
    cancel = lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")  # noqa: E731
    assert life.act(now, SHIFT, cancel) == reason
