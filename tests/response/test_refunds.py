"""Giving the money back, through the actions, on both stores: shares, lists, the bank's words, clocks, refusals."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import DAY, HOUR
from tests.response.refund_world import COIN, MULE, PAPER, Pooled
from tests.response.ringing import ring
from tests.response.staging import HEAD, HEAD_2, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import Role
from lachan.foundation.protocol import (
    HoldRelease,
    PaidOut,
    PayOutcome,
    RequestCancellation,
    total,
)
from lachan.foundation.storage import Database
from lachan.response import (
    Document,
    Method,
    Objection,
    decide_appeal,
    enter_refund_done,
    expire_hold,
    open_appeal,
    release_hold,
    serve_notices,
    tables,
    withdraw_refund,
)
from lachan.response.model import HoldState, TraceState

# Asked on Wednesday 18 November: eleven days later, 24:00.
OVER = datetime.fromisoformat("2026-11-30T00:00:00+07:00")
TICK = timedelta(microseconds=1)


@pytest.fixture
def pool(db: Database) -> Pooled:
    return Pooled(db)


def test_two_victims_share_what_is_held(pool: Pooled) -> None:
    """By LIFO all three held coins are A's; pari passu both get one and a half, and the books of both still sum."""
    pool.ready("a", "b")
    assert (pool.coins("a"), pool.coins("b")) == ({"held": 3, "out_of_reach": 1}, {"out_of_reach": 4})
    assert pool.propose() is None
    one = pool.refund()
    assert [(line.weight_vnd, line.share_vnd, line.amount_vnd) for line in one.lines] == [
        (4 * COIN, 150_000, 150_000), (4 * COIN, 150_000, 150_000),
    ]  # fmt: skip
    assert one.remainder_vnd == 0
    assert pool.trace("a").state == TraceState.ANALYSED
    assert pool.approve() is None
    assert {pool.trace(who).state for who in "ab"} == {TraceState.REFUNDING}
    request = pool.request()
    assert [line.amount_vnd for line in request.lines] == [150_000, 150_000]
    assert [(line.institution, line.account) for line in request.lines] == [
        ("999001", pool.paid["a"].payer), ("999001", pool.paid["b"].payer),
    ]  # fmt: skip
    assert sum(source.amount_vnd for source in request.paid_from) == 3 * COIN
    pool.pay()
    assert pool.coins("a") == {"returned": 1.5, "out_of_reach": 2.5}
    assert pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}
    assert {pool.trace(who).state for who in "ab"} == {TraceState.COMPLETED}
    assert {one.state for one in pool.holds()} <= {HoldState.APPLIED, HoldState.REFUSED}
    closed = pool.refund()
    assert (closed.state, closed.outcome) == ("closed", "accepted")
    assert pool.facts("refund.paid") == 2


def test_a_share_that_waits_is_set_aside_and_paid_later(pool: Pooled) -> None:
    """B is not analysed: A gets its own share only, and B the rest when it is."""
    pool.report("a")
    pool.report("b")
    pool.confirm("a")
    assert pool.analyse("a") is None
    assert pool.propose() is None
    assert [(line.state, line.waits) for line in pool.refund().lines] == [
        ("due", None), ("set_aside", "unconfirmed"),
    ]  # fmt: skip
    assert pool.refund().amount_vnd == 150_000
    pool.approve()
    pool.pay()
    assert pool.coins("a") == {"held": 1.5, "returned": 1.5, "out_of_reach": 1}
    assert pool.propose() == "nothing_to_refund"
    pool.confirm("b")
    assert pool.analyse("b") is None
    assert pool.propose() is None
    assert [(line.amount_vnd, line.state) for line in pool.refund().lines] == [(0, "nothing"), (150_000, "due")]
    pool.approve()
    pool.pay()
    assert pool.coins("a") == {"returned": 1.5, "out_of_reach": 2.5}
    assert pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}


def test_a_loss_that_arrives_after_the_payment_changes_nothing_paid(pool: Pooled) -> None:
    pool.ready("a")
    pool.propose()
    pool.approve()
    pool.pay()
    assert pool.coins("a") == {"returned": 3, "out_of_reach": 1}
    pool.report("b")
    assert pool.coins("a") == {"returned": 3, "out_of_reach": 1}
    assert pool.coins("b") == {"out_of_reach": 4}


def test_a_loss_that_arrives_before_the_approval_voids_the_proposal(pool: Pooled) -> None:
    pool.ready("a")
    pool.propose()
    assert pool.refund().amount_vnd == 3 * COIN
    pool.report("b")
    assert pool.approve() == "refund_changed"
    # Proposed anew, the first proposal is replaced.
    assert pool.propose() is None
    assert [one.state for one in (pool.refund(0), pool.refund(1))] == ["cancelled", "open"]
    assert pool.refund().amount_vnd == 150_000
    assert pool.approve() is None


def test_who_may_and_what_is_refused(pool: Pooled) -> None:
    pool.report("a")
    rows: list[tuple[Any, dict[str, Any], str | None]] = [
        # who, what is different, refused because
        (OFFICER, {}, "nothing_to_refund"),
        (person("l", Role.LEADER), {}, "not_permitted"),
        (person("o", Role.DUTY_OFFICER, "999001"), {}, "other_agency"),
    ]
    for actor, changes, reason in rows:
        assert pool.propose(actor, **changes) == reason
    pool.confirm("a")
    pool.analyse("a")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"document": Document(" ", "1", "2026-11-18", "B")}, "missing"),
        ({"document": Document("A", "1" * 201, "2026-11-18", "B")}, "too_long"),
        ({"document": Document("A", "1", "2026-11-19", "B")}, "malformed"),
        ({"document": Document("A", "1", "18/11/2026", "B")}, "malformed"),
        ({"method": Method.FIRST_IN_TIME}, "refund_no_reasons"),
        ({"method": Method.FIRST_IN_TIME, "reasons": "x" * 2_001}, "too_long"),
        ({"accounts": {"nobody": "account:999001:1"}}, "unknown_value"),
        ({"accounts": {pool.loss("a").id: "0123"}}, "malformed"),
    ]
    for changes, expected in wrong:
        assert pool.propose(**changes) == expected, changes
    assert pool.propose() is None
    assert pool.approve(OFFICER) == "not_permitted"
    assert pool.propose(SHIFT) is None, "a proposal of one's own is not approved by oneself"
    assert pool.approve(SHIFT) == "maker_is_checker"
    assert pool.approve(HEAD, content="0" * 64) == "refund_changed"
    assert pool.approve(HEAD) is None
    assert pool.approve(HEAD) == "refund_wrong_state"
    assert pool.propose() == "refund_running"
    hold = pool.held()
    assert pool.act(SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id)) == "refund_running"


def test_a_victim_whose_account_nobody_knows(pool: Pooled) -> None:
    pool.report("a", payer=False)
    pool.confirm("a")
    pool.analyse("a")
    assert pool.propose() == "nothing_to_refund"
    mine = {pool.loss("a").id: "account:999003:0777"}
    assert pool.propose(accounts=mine) is None
    assert pool.approve() is None
    assert pool.request().lines[0].account == "account:999003:0777"
    assert pool.request().lines[0].institution == "999003"


def test_words_of_the_bank_that_do_not_fit(pool: Pooled) -> None:
    pool.ready("a", "b")
    pool.propose()
    pool.approve()
    good = pool.done()
    early = good.lines[0].model_copy(update={"paid_at": NOON - HOUR})
    late = good.lines[0].model_copy(update={"paid_at": pool.world.now + HOUR})
    rows = [
        (good, ("999003",), "wrong_institution"),
        (pool.done(request_id="nobody"), (), "wrong_request"),
        (pool.done(request_revision=2), (), "superseded"),
        (pool.done(lines=good.lines[:1]), (), "pay_out_differs"),
        (pool.done(lines=(good.lines[0], good.lines[0])), (), "pay_out_differs"),
        (pool.done(lines=(good.lines[0], PaidOut(number="X", outcome=PayOutcome.PAID, paid_at=NOON))), (),
         "pay_out_differs"),
        (pool.done(lines=(early, good.lines[1])), (), "pay_out_differs"),
        (pool.done(lines=(late, good.lines[1])), (), "in_the_future"),
    ]  # fmt: skip
    for said, codes, reason in rows:
        assert pool.hear(said, *codes) == reason
    assert pool.coins("a") == {"held": 3, "out_of_reach": 1}
    assert pool.hear(good) is None
    assert pool.hear(good) == "superseded", "paid once"
    assert pool.coins("a") == {"returned": 1.5, "out_of_reach": 2.5}


def test_a_refused_line_stays_held_and_is_paid_by_the_next_list(pool: Pooled) -> None:
    pool.ready("a", "b")
    pool.propose()
    pool.approve()
    pool.pay(1)
    assert (pool.refund().outcome, pool.refund().lines[1].refusal) == ("partly_accepted", "account_closed")
    assert pool.coins("a") == {"held": 1.5, "returned": 1.5, "out_of_reach": 1}
    assert pool.trace("b").state == TraceState.REFUNDING
    assert pool.propose(accounts={pool.loss("b").id: "account:999003:0777"}) is None
    assert [line.amount_vnd for line in pool.refund().lines] == [0, 150_000]
    pool.approve()
    assert len({line.number for n in (0, 1) for line in pool.refund(n).lines}) == 4
    pool.pay()
    assert pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}
    assert pool.trace("b").state == TraceState.COMPLETED


def test_a_victim_alone_gets_all_of_it(pool: Pooled) -> None:
    pool.world = type(pool.world)(list(pool.world.piles), now=NOON - HOUR)
    pool.paid = {"a": pool.world.move("account:999001:0001", MULE, 4)}
    pool.world.now = NOON
    pool.ready("a")
    pool.propose(method=Method.FIRST_IN_TIME, reasons="Quyết định số 5")
    pool.approve()
    pool.pay()
    assert pool.coins("a") == {"returned": 4}
    assert pool.trace("a").state == TraceState.COMPLETED
    assert [e.data for _, _, e in pool.desk.envelopes() if isinstance(e.data, HoldRelease)] == []


def test_an_appeal_stops_the_pay_out_until_it_is_decided(pool: Pooled) -> None:
    pool.ready("a", "b")
    hold = pool.held()
    pool.act(OFFICER, lambda unit: serve_notices(unit, OUTBOX, hold.trace_id, "http://localhost"))
    with pool.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == hold.id)).scalar_one()
    objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
    pool.propose()
    pool.approve()
    assert pool.act(OFFICER, lambda unit: open_appeal(unit, OUTBOX, code, objection)) is None
    assert (pool.refund().state, pool.refund().why) == ("cancelled", "appealed")
    told = [e.data for _, _, e in pool.desk.envelopes() if isinstance(e.data, RequestCancellation)]
    assert [(one.request_id, one.reason) for one in told] == [(pool.refund().id, "appealed")]
    assert pool.propose() is None
    assert pool.approve() == "refund_appealed"
    with pool.db.read() as conn:
        appeal = conn.execute(sa.select(tables.appeal)).one()
    reject = lambda unit: decide_appeal(unit, OUTBOX, appeal.id, release_vnd=0, reasons="Không có giấy tờ")  # noqa: E731
    assert pool.act(HEAD_2, reject) is None
    assert pool.approve() == "refund_unanswered"
    assert pool.hear(pool.done(0, 1)) is None
    assert pool.approve() is None


def test_paid_before_the_bank_heard_that_it_is_taken_back(pool: Pooled) -> None:
    pool.ready("a", "b")
    pool.propose()
    pool.approve()
    said, one = pool.done(), pool.refund()
    assert pool.act(SHIFT, lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="nhầm tài khoản")) is None
    assert pool.coins("a") == {"held": 3, "out_of_reach": 1}
    assert pool.hear(said) is None
    assert pool.coins("a") == {"returned": 1.5, "out_of_reach": 2.5}
    assert pool.refund().outcome == "accepted"


def test_a_hold_does_not_expire_under_a_pay_out(pool: Pooled) -> None:
    pool.ready("a")
    hold = pool.held()
    assert hold.expires_at is not None
    pool.world.now = hold.expires_at - HOUR
    pool.propose()
    pool.approve()
    pool.act(SHIFT, lambda unit: expire_hold(unit, OUTBOX, hold.id), now=hold.expires_at)
    assert total(pool.held().held) == 3 * COIN
    pool.world.now = hold.expires_at
    pool.pay()
    assert pool.coins("a") == {"returned": 3, "out_of_reach": 1}


def test_the_clocks_of_giving_back(pool: Pooled) -> None:
    """Started within 72 hours of the analysis, paid within 24 of the opening, all within 11 days of the request."""
    pool.ready("a", "b")
    start = pool.world.now + 3 * DAY
    names = ("refund_start_overdue", "refund_payment_overdue", "refund_total_overdue")
    assert ring(pool.db, start - TICK, *names) == []
    assert ring(pool.db, start, *names) == ["refund_start_overdue"] * 2
    assert len(pool.tasks("refund_start")) == 1, "of the trace that holds something"
    pool.world.now = start
    pool.propose()
    assert ring(pool.db, start + DAY - TICK, *names) == []
    assert ring(pool.db, start + DAY, *names) == ["refund_payment_overdue"]
    assert len(pool.tasks("refund_unpaid")) == 1
    pool.world.now = start + DAY
    assert pool.approve() is None
    assert pool.tasks("refund_start") == [], "an institution has been asked"
    assert len(pool.tasks("refund_unpaid")) == 1
    assert ring(pool.db, OVER - TICK, *names) == []
    assert ring(pool.db, OVER, *names) == ["refund_total_overdue"] * 2
    pool.world.now = OVER
    assert len(pool.tasks("refund_late")) == 1, "one a trace that holds something"
    pool.pay()
    assert pool.tasks("refund_unpaid") == pool.tasks("refund_late") == []


def test_an_institution_that_fetches_nothing_is_telephoned(pool: Pooled) -> None:
    pool.connect("999001")
    pool.ready("a")
    pool.propose()
    pool.approve()
    (task,) = pool.tasks("refund_letter")
    assert (task.institution, task.amount_vnd) == ("999002", 3 * COIN)
    one, lines = pool.refund(), pool.done().lines
    enter = lambda unit: enter_refund_done(unit, OUTBOX, one.id, lines, decided_by="Chị Lan, 0900")  # noqa: E731
    assert pool.act(person("l", Role.LEADER), enter) == "not_permitted"
    nothing = lambda unit: enter_refund_done(unit, OUTBOX, one.id, (), decided_by="x")  # noqa: E731
    assert pool.act(OFFICER, nothing) == "refund_lines_differ"
    assert pool.act(OFFICER, enter) is None
    assert pool.act(OFFICER, enter) == "refund_wrong_state"
    assert pool.tasks("refund_letter") == []
    assert pool.coins("a") == {"returned": 3, "out_of_reach": 1}


def test_a_connected_institution_is_not_telephoned(pool: Pooled) -> None:
    pool.connect("999001", "999002")
    pool.ready("a")
    pool.propose()
    pool.approve()
    assert pool.tasks("refund_letter") == []


def test_the_methods_by_decision(pool: Pooled) -> None:
    """The bank told its movements: rolling, A bears one coin of the five that went; B came last and bears four."""
    pool.ready("a", "b")
    assert pool.propose(method=Method.FIRST_IN_TIME, reasons="Quyết định số 5") is None
    assert [line.amount_vnd for line in pool.refund().lines] == [3 * COIN, 0]
    assert pool.propose(method=Method.ROLLING_CHARGE, reasons="Quyết định số 5") is None
    assert [line.amount_vnd for line in pool.refund().lines] == [150_000, 150_000]
    assert pool.propose(method=Method.LOWEST_BALANCE, reasons="Quyết định số 5") is None
    assert sum(line.amount_vnd for line in pool.refund().lines) == 3 * COIN
    assert PAPER.number == pool.refund().document.number
