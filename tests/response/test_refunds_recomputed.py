"""A loss that comes after a pay-out list was approved: what was paid stays paid, what is unpaid is divided anew."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.response.refund_world import COIN, PAPER, Pooled
from tests.response.staging import HEAD_2, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import (
    CancelReason,
    PaidOut,
    PayOutcome,
    PayRefusal,
    RefundBasis,
    RefundDone,
    RequestCancellation,
)
from lachan.foundation.storage import Database
from lachan.foundation.storage.jobs import job
from lachan.response import propose_again, propose_refund, recompute_refund, tables, withdraw_refund
from lachan.response.refunds import views
from lachan.response.refunds.model import LineState, RefundState
from lachan.response.refunds.store import refunds
from lachan.response.rules.dividing import Claim, Method, divide


@pytest.fixture
def pool(db: Database) -> Pooled:
    """A.'s three coins are held; A.'s list over all of them was approved before B. reported."""
    made = Pooled(db)
    made.connect("999001", "999002")
    made.ready("a")
    assert made.propose() is None
    assert made.approve() is None
    assert [line.amount_vnd for line in made.refund().lines] == [3 * COIN]
    return made


def work_off(pool: Pooled) -> int:
    """Run what the worker would of this; how many lists were looked at."""
    with pool.db.read() as conn:
        waiting = conn.execute(sa.select(job.c.payload).where(job.c.kind == "recompute_refund")).scalars().all()
    with pool.db.unit(pool.world.now, SYSTEM) as unit:
        unit.conn.execute(sa.delete(job).where(job.c.kind == "recompute_refund"))
    for said in waiting:
        assert pool.act(SYSTEM, lambda unit, said=said: recompute_refund(unit, OUTBOX, said["refund_id"])) is None
    return len(waiting)


def cancellations(pool: Pooled) -> list[CancelReason]:
    sent = [envelope.data for _, _, envelope in pool.desk.envelopes()]
    return [data.reason for data in sent if isinstance(data, RequestCancellation)]


def again(pool: Pooled, place: int = -1, actor: Any = OFFICER) -> str | None:
    one = pool.refund(place)
    return pool.act(actor, lambda unit: propose_again(unit, OUTBOX, one.id))


def refused(pool: Pooled) -> RefundDone:
    """The bank's word: it had heard in time, and paid nothing."""
    request = pool.request()
    return pool.done().model_copy(
        update={
            "lines": tuple(
                PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.WITHDRAWN)
                for line in request.lines
            )
        }
    )  # fmt: skip


def test_a_report_that_nobody_has_confirmed_stops_no_pay_out(pool: Pooled) -> None:
    pool.report("b")
    work_off(pool)
    assert pool.refund().asked
    assert cancellations(pool) == []


def test_a_confirmed_loss_takes_the_list_back_and_both_share(pool: Pooled) -> None:
    pool.report("b")
    pool.confirm("b")
    assert work_off(pool) == 1
    one = pool.refund()
    assert (one.state, one.why, one.unanswered) == (RefundState.CANCELLED, "recomputed", True)
    assert cancellations(pool) == [CancelReason.RECOMPUTED]
    assert pool.tasks("refund_again") == [], "first the bank says what it paid"
    assert pool.hear(refused(pool)) is None
    (task,) = pool.tasks("refund_again")
    assert task.amount_vnd == 3 * COIN
    assert pool.analyse("b") is None
    assert again(pool) is None
    assert pool.tasks("refund_again") == []
    both = pool.refund()
    assert both.id != one.id
    assert [line.amount_vnd for line in both.lines] == [150_000, 150_000]
    assert (both.document, both.basis, both.method) == (one.document, one.basis, one.method)
    assert pool.approve(OFFICER) == "not_permitted"
    assert pool.approve(SHIFT) is None
    pool.pay()
    assert pool.coins("a") == pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}
    work_off(pool)
    assert len(cancellations(pool)) == 1


def test_what_was_paid_before_the_bank_heard_stays_paid(pool: Pooled) -> None:
    pool.report("b")
    pool.confirm("b")
    work_off(pool)
    assert pool.hear(pool.done()) is None
    assert pool.coins("a") == {"returned": 3, "out_of_reach": 1}
    assert pool.tasks("refund_again") == [], "nothing is left to divide"
    assert again(pool) == "nothing_to_refund"


def test_a_list_that_still_fits_goes_on(pool: Pooled) -> None:
    """Books are closed for another reason: the list is looked at, once, and stays."""
    pool.report("b")
    assert work_off(pool) == 1
    assert pool.refund().asked
    assert work_off(pool) == 0, "looking at it is no reason to look again"


def test_the_page_offers_to_propose_anew_when_the_bank_has_said_what_it_paid(pool: Pooled) -> None:
    def offered(actor: Any = OFFICER) -> bool:
        with pool.db.read() as conn:
            code = refunds(conn)[-1].code
            return views.refund_page(conn, actor, code, full=lambda _trace: False).may_again

    assert not offered()
    pool.report("b")
    pool.confirm("b")
    work_off(pool)
    assert not offered(), "taken back, but it may be paid"
    pool.hear(refused(pool))
    assert pool.analyse("b") is None
    assert offered()
    assert again(pool) is None
    assert not offered(), "this is the list of now"
    with pool.db.read() as conn:
        (_, newest) = refunds(conn)
        page = views.refund_page(conn, HEAD_2, newest.code, full=lambda _trace: False)
    assert page.may_approve


@settings(max_examples=150)
@given(
    held=st.integers(0, 10**9),
    losses=st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 3)), min_size=1, max_size=6),
    paid=st.lists(st.booleans(), min_size=24, max_size=24),
    method=st.sampled_from([Method.PARI_PASSU, Method.FIRST_IN_TIME]),
)
def test_lists_divided_anew_never_pay_twice_nor_more_than_is_held(
    held: int, losses: list[tuple[int, int]], paid: list[bool], method: Method
) -> None:
    """Losses come in rounds; in each the list is made anew of what is unpaid, and the bank pays some lines."""
    given_vnd = [0] * len(losses)
    said = iter(paid)
    for now in range(4):
        here = [n for n, (_, round_number) in enumerate(losses) if round_number <= now]
        claims = [
            Claim(str(n), NOON + timedelta(minutes=n), losses[n][0], losses[n][0], given_vnd[n]) for n in here
        ]  # fmt: skip
        shares = divide(held, claims, method, ()).shares if claims else {}
        for n in here:
            due_vnd = shares[str(n)] - given_vnd[n]
            assert due_vnd >= 0, "what was paid is never asked back"
            if next(said):
                given_vnd[n] += due_vnd
            assert given_vnd[n] <= losses[n][0]
        assert sum(given_vnd) <= held


def test_a_list_that_one_message_cannot_hold_is_paid_in_two(
    pool: Pooled, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Two victims, and a message holds one line: the second waits for the next list, and gets the same."""
    monkeypatch.setattr("lachan.response.refunds.pools.LINES_MAX", 1)
    one = pool.refund()
    assert pool.act(SHIFT, lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="nhầm")) is None
    assert pool.hear(refused(pool)) is None
    pool.report("b")
    pool.confirm("b")
    assert pool.analyse("b") is None
    for who in ("a", "b"):
        assert pool.propose() is None
        lines = pool.refund().lines
        due = [line.loss_id for line in lines if line.state is LineState.DUE]
        assert due == [pool.loss(who).id]
        assert pool.approve() is None
        pool.pay()
    assert pool.coins("a") == pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}


def test_who_proposed_while_the_bank_had_not_answered_is_not_asked_to_propose_again(pool: Pooled) -> None:
    pool.report("b")
    pool.confirm("b")
    assert pool.analyse("b") is None
    work_off(pool)
    taken_back = refused(pool)
    assert pool.propose() is None
    assert pool.approve() == "refund_unanswered"
    assert pool.hear(taken_back) is None
    assert pool.tasks("refund_again") == [], "what is proposed is what the pool still owes"
    assert pool.approve() is None


def test_each_desk_proposes_its_own_list_again(db: Database) -> None:
    """A. and B. reported at two desks; the list is of B.'s, and A.'s hold comes first in the pool."""
    pool = Pooled(db, drawn=2)
    pool.connect("999001", "999002")
    pool.ready("a", "b")
    with db.unit(NOON, SYSTEM) as unit:
        mine = unit.conn.execute(
            sa.update(tables.trace).where(tables.trace.c.id == pool.trace("b").id).values(desk_id="desk-2")
        )
    assert mine.rowcount == 1
    officer, shift = person("o-2", Role.DUTY_OFFICER, "desk-2"), person("s-2", Role.SHIFT_HEAD, "desk-2")
    hold_id = next(one.id for one in pool.holds() if one.trace_id == pool.trace("b").id)
    said: dict[str, Any] = {"basis": RefundBasis.HOLDER_AGREES, "document": PAPER}
    assert pool.act(officer, lambda unit: propose_refund(unit, OUTBOX, hold_id, **said)) is None
    one = pool.refund()
    assert pool.act(shift, lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="sai giấy")) is None
    assert again(pool, actor=officer) is None
    assert pool.refund().desk_id == "desk-2"


@pytest.mark.parametrize("method", [Method.ROLLING_CHARGE, Method.LOWEST_BALANCE])
def test_a_bank_that_tells_no_movements_any_more_can_still_say_what_it_paid(db: Database, method: Method) -> None:
    pool = Pooled(db)
    pool.connect("999001", "999002")
    pool.ready("a")
    assert pool.propose(method=method, reasons="Quyết định số 5") is None
    assert pool.approve() is None
    with db.unit(NOON, SYSTEM) as unit:
        for hold in pool.holds():
            answer = dict(hold.answer or {}) | {"movements": []}
            unit.conn.execute(sa.update(tables.hold).where(tables.hold.c.id == hold.id).values(answer=answer))
    one = pool.refund()
    assert pool.act(SYSTEM, lambda unit: recompute_refund(unit, OUTBOX, one.id)) is None
    assert pool.refund().state is RefundState.CANCELLED, "nobody can say any more that it pays nobody too much"
    assert pool.hear(pool.done()) is None
    assert pool.coins("a")["returned"] == 3
