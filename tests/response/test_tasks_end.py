"""A task ends when its reason is gone, and not before: one row for each reason and each fact that may touch it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import DAY, DECISION, HOUR, MINUTE, Life
from tests.response.ringing import ring
from tests.response.staging import BASIS, HEAD, HEAD_2, OFFICER, OUTBOX, SHIFT

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import Confirmation, ConfirmationOutcome, ReleaseDone, total
from lachan.foundation.storage import Database
from lachan.intake.tables import loss
from lachan.response import (
    Objection,
    approve_hold,
    cancel_trace,
    decide_appeal,
    expire_hold,
    extend_hold,
    finish_task,
    open_appeal,
    propose_conversion,
    release_hold,
    serve_notices,
    tables,
    take_confirmation,
    take_release_done,
)
from lachan.response.rules.tasks import BRANCH_END, TASK_REASONS, ends_only_by_fact, reasons_ended


def named(value: object) -> str:
    """A step by its name in a test's id."""
    return str(getattr(value, "__name__", value))


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def states(life: Life, reason: str) -> list[str]:
    """The states of the tasks that stand for this reason."""
    with life.db.read() as conn:
        query = sa.select(tables.task.c.state).where(tables.task.c.reason == reason).order_by(tables.task.c.id)
        return list(conn.execute(query).scalars())


def act(life: Life, who: Any, what: Callable[[Any], object], now: Any = NOON + HOUR) -> None:
    assert life.act(now, who, what) is None


# How each task comes to stand: returns nothing, leaves exactly one open task of its reason.


def silent(life: Life) -> None:
    life.report()
    ring(life.db, NOON + 3 * MINUTE, "answer_overdue")


def release_untold(life: Life) -> None:
    """No connection is registered: nobody fetches the release."""
    life.report()
    hold = life.answer(0)
    act(life, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=total(hold.held) // 2))


def release_differs(life: Life) -> None:
    release_untold(life)
    told(life, wrong=True)


def ends_soon(life: Life) -> None:
    life.report()
    hold = life.answer(0)
    assert hold.expires_at is not None
    ring(life.db, hold.expires_at - 24 * HOUR, "expiry_alarm")


def review(life: Life) -> None:
    life.report()
    life.answer(0)
    freeze(life)
    ring(life.db, NOON + 7 * DAY, "review_due")


def appeal(life: Life) -> None:
    life.report()
    hold = life.answer(0)
    act(life, SYSTEM, lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "https://x"), NOON + 25 * HOUR)
    with life.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)).scalar_one()
    objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
    act(life, SYSTEM, lambda unit: open_appeal(unit, OUTBOX, code, objection), NOON + 26 * HOUR)
    ring(life.db, NOON + 31 * HOUR, "appeal_overdue")


def lift(life: Life) -> None:
    life.report()
    life.answer(0)
    freeze(life)
    cancel(life)


def late_word(life: Life) -> None:
    life.report()
    life.answer(0)
    ring(life.db, NOON + 60 * MINUTE, "confirmation_lapsed")
    confirm(life, ConfirmationOutcome.CONFIRMED)


def branch(life: Life) -> None:
    """A part of the money was drawn as cash."""
    life.report()
    with life.db.unit(NOON, SYSTEM) as unit:
        row = unit.conn.execute(sa.select(tables.trace)).one()
        unit.conn.execute(
            sa.insert(tables.task).values(
                id=new_id(), report_id=row.report_id, trace_id=row.id, kind="cash_camera", key="cash", amount_vnd=1,
                reason=BRANCH_END, subject=f"loss:{loss_id(life)}", state="open", opened_at=NOON,
            )
        )  # fmt: skip


# What happens then.


def answered(life: Life) -> None:
    life.answer(0)


def cancel(life: Life) -> None:
    trace_id = life.trace().id
    act(life, SHIFT, lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm"), NOON + 2 * HOUR)


def half_released(life: Life) -> None:
    hold = life.hold()
    act(life, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, amount_vnd=1))


def released(life: Life) -> None:
    hold = life.hold()
    reason = "authority" if hold.step >= 3 else "officer"
    act(life, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id, reason=reason), NOON + 3 * HOUR)


def extended(life: Life) -> None:
    hold = life.hold()
    limit = NOON.replace(day=23, hour=17, minute=0)
    act(life, SHIFT, lambda unit: extend_hold(unit, OUTBOX, hold.id, basis=BASIS, until=limit), NOON + 50 * HOUR)


def expired(life: Life) -> None:
    hold = life.hold()
    assert hold.expires_at is not None
    act(life, SYSTEM, lambda unit: expire_hold(unit, OUTBOX, hold.id), hold.expires_at)


def freeze(life: Life) -> None:
    hold = life.hold()
    later = NOON + (7 if hold.step < 3 else 30) * DAY
    step, basis = (3, "nd52-2024-11") if hold.step < 3 else (4, "bltths-129")
    assert life.recommend(hold.id, step) is None
    propose = lambda unit: propose_conversion(  # noqa: E731
        unit, OUTBOX, hold.id, step=step, basis=basis, decision=DECISION, review_at=later
    )
    act(life, SHIFT, propose)
    content = (life.hold().proposal or {})["content_hash"]
    act(life, HEAD, lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=content))


def told(life: Life, *, wrong: bool = False) -> None:
    hold = life.hold()
    done = ReleaseDone(
        message_id=new_id(), request_id=hold.id, request_revision=hold.revision, released_vnd=1,
        held_vnd=total(hold.held) + (1 if wrong else 0), released_at=NOON,
    )  # fmt: skip
    act(life, SYSTEM, lambda unit: take_release_done(unit, OUTBOX, done, {"999002"}))


def told_wrong(life: Life) -> None:
    told(life, wrong=True)


def decided(life: Life) -> None:
    with life.db.read() as conn:
        appeal_id = conn.execute(sa.select(tables.appeal.c.id)).scalar_one()
    decide = lambda unit: decide_appeal(unit, OUTBOX, appeal_id, release_vnd=0, reasons="Không có giấy tờ")  # noqa: E731
    act(life, HEAD_2, decide, NOON + 32 * HOUR)


def loss_id(life: Life) -> str:
    with life.db.read() as conn:
        return str(conn.execute(sa.select(loss.c.id)).scalar_one())


def confirm(life: Life, outcome: ConfirmationOutcome = ConfirmationOutcome.CONFIRMED) -> None:
    said = Confirmation(message_id=new_id(), request_id=loss_id(life), outcome=outcome, decided_by="Giao dịch viên")
    act(life, SYSTEM, lambda unit: take_confirmation(unit, OUTBOX, said, {"999001"}), NOON + 70 * MINUTE)


def denied(life: Life) -> None:
    confirm(life, ConfirmationOutcome.NOT_FOUND)


ENDINGS = [
    # reason              comes to stand   then            its task is
    ("silent",            silent,          answered,       "done"),
    ("silent",            silent,          cancel,         "done"),
    ("silent",            silent,          denied,         "done"),
    ("silent",            silent,          confirm,        "open"),
    ("release_untold",    release_untold,  told,           "done"),
    ("release_untold",    release_untold,  told_wrong,     "open"),
    ("release_untold",    release_untold,  extended,       "open"),
    ("release_differs",   release_differs, told,           "done"),
    ("release_differs",   release_differs, told_wrong,     "open"),
    ("hold_ends_soon",    ends_soon,       extended,       "done"),
    ("hold_ends_soon",    ends_soon,       freeze,         "done"),
    ("hold_ends_soon",    ends_soon,       released,       "done"),
    ("hold_ends_soon",    ends_soon,       expired,        "done"),
    ("hold_ends_soon",    ends_soon,       half_released,  "open"),
    ("review_due",        review,          freeze,         "done"),
    ("review_due",        review,          released,       "done"),
    ("appeal_undecided",  appeal,          decided,        "done"),
    ("appeal_undecided",  appeal,          half_released,  "open"),
    ("lift_request",      lift,            released,       "done"),
    ("late_confirmation", late_word,       cancel,         "done"),
    ("branch_end",        branch,          denied,         "done"),
    ("branch_end",        branch,          cancel,         "done"),
    ("branch_end",        branch,          answered,       "open"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "stand", "then", "state"), ENDINGS, ids=named)
def test_a_task_ends_with_its_reason(
    life: Life, reason: str, stand: Callable[[Life], None], then: Callable[[Life], None], state: str
) -> None:
    # The victim's bank fetches its messages: nobody telephones it to confirm.
    life.connect("999001")
    stand(life)
    assert states(life, reason) == ["open"]
    before = life.facts("task.done")
    then(life)
    assert states(life, reason) == [state]
    assert (life.facts("task.done") > before) == (state == "done")


def test_every_reason_is_tried_or_stands_with_its_report() -> None:
    elsewhere = {name for name in TASK_REASONS if name.startswith("report_") or name == "analysis_due"}
    # Each is closed in `test_lawful_edges.py`, `test_ends_and_words.py` or `test_payer_calls.py`.
    elsewhere |= {
        "recommendation", "tell_institution", "serve_notice_letter", "release_unconfirmed", "confirm_by_telephone",
        "find_payer_institution", "appeal_escalated", "asked_again", "call_payer_bank",
        # In `test_refunds.py`.
        "refund_start", "refund_unpaid", "refund_late", "refund_letter", "refund_taken_back",
        "refund_again",  # in `test_refunds_recomputed.py`
        "lift_excess",  # in `test_decided_freezes.py`
    }  # fmt: skip
    assert {row[0] for row in ENDINGS} | elsewhere == set(TASK_REASONS)


def test_a_task_about_one_hold_does_not_end_with_another(life: Life) -> None:
    life.report()
    life.answer(0)
    ring(life.db, NOON + 10 * MINUTE, "answer_overdue")
    assert states(life, "silent") == ["open"]
    first = life.hold(0)
    act(life, SHIFT, lambda unit: release_hold(unit, OUTBOX, first.id))
    assert states(life, "silent") == ["open"], "the second institution is as silent as before"


def test_a_telephone_call_about_a_release_is_no_call_about_an_answer(life: Life) -> None:
    """Each reason has its own call: the answer that comes at last does not tell anybody of the release."""
    release_untold(life)
    life.answer(0, NOON + 2 * HOUR)
    assert set(states(life, "release_untold")) == {"open"}, "each release has its own letter"


def test_an_officer_notes_what_no_fact_can_say(life: Life) -> None:
    release_untold(life)
    with life.db.read() as conn:
        mine = tables.task.c.reason == "release_untold"
        task_id = conn.execute(sa.select(tables.task.c.id).where(mine)).scalar_one()
    act(life, OFFICER, lambda unit: finish_task(unit, task_id, note="Đã gọi, họ giải tỏa rồi"))
    assert states(life, "release_untold") == ["done"]
    assert not ends_only_by_fact("release_untold")


WHOLE = [
    # fact             what it says                                       ends a hold's tasks
    ("hold.released",  {"held_vnd": 0},                                   True),
    ("hold.released",  {"held_vnd": 1},                                   False),
    ("release.done",   {"held_vnd": 5, "expected_vnd": 5},                True),
    ("release.done",   {"held_vnd": 5, "expected_vnd": 0},                False),
    ("hold.requested", {},                                                False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "ends"), WHOLE)
def test_only_a_whole_fact_ends_a_task(kind: str, said: dict[str, int], ends: bool) -> None:
    assert bool(reasons_ended(kind, said)) == ends
