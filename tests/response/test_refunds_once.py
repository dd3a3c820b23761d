"""Money is given back once: lists that were taken back, late words, appeals, what is seen and what is forgotten."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.refund_world import COIN, MULE, PAPER, Pooled
from tests.response.staging import OFFICER, OUTBOX, SHIFT

from lachan.foundation.base import SYSTEM
from lachan.foundation.protocol import (
    HoldRequest,
    Part,
    PartKind,
)
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Database
from lachan.foundation.trail import Veil
from lachan.response import (
    Objection,
    open_appeal,
    serve_notices,
    tables,
    take_answer,
    withdraw_refund,
)
from lachan.response.model import HoldState
from lachan.response.refunds import views
from lachan.response.refunds.erasing import erase_refunds
from lachan.response.refunds.store import foreign_due, refunds
from lachan.response.views.queue import Sight


@pytest.fixture
def pool(db: Database) -> Pooled:
    return Pooled(db)


def test_what_is_paid_is_paid_whatever_the_bank_says_later(pool: Pooled) -> None:
    """Half of what is held is paid; then the bank says by telephone that everything went in cash."""
    pool.report("a")
    asked = next(e.data for _, _, e in pool.desk.envelopes() if isinstance(e.data, HoldRequest))
    pool.report("b")
    pool.confirm("a")
    pool.analyse("a")
    pool.propose()
    pool.approve()
    pool.pay()
    assert pool.coins("a") == {"held": 1.5, "returned": 1.5, "out_of_reach": 1}
    cash = Part(kind=PartKind.CASH_OUT, amount_vnd=4 * COIN, reference="R1", booked_at=NOON)
    said = pool.world.answer(asked).model_copy(
        update={
            "revision": 9, "held_vnd": 0, "held_spans": (), "parts": (cash,), "movements": (),
            "available_vnd": 0, "placed_at": None,
        }
    )  # fmt: skip
    found: list[Any] = []
    pool.act(OFFICER, lambda unit: found.extend(take_answer(unit, OUTBOX, said, {"999002"})))
    assert found == [], "the bank was told of no later revision of its request than it answers"
    assert pool.coins("a") == {"returned": 1.5, "out_of_reach": 2.5}
    assert {one.state for one in pool.holds() if one.applied} == {HoldState.APPLIED}


def test_an_appeal_against_money_that_is_set_aside_stops_the_pay_out_too(db: Database) -> None:
    """B's coin waits for B; who owns the account objects to that hold, and nothing of the account is paid."""
    pool = Pooled(db, drawn=3)
    pool.report("a")
    pool.report("b")
    pool.confirm("a")
    pool.analyse("a")
    pool.propose()
    assert [(line.state, len(line.coins)) for line in pool.refund().lines] == [("due", 1), ("set_aside", 0)]
    aside = next(one for one in pool.holds() if one.trace_id == pool.trace("b").id)
    pool.act(OFFICER, lambda unit: serve_notices(unit, OUTBOX, aside.trace_id, "http://localhost"))
    with pool.db.read() as conn:
        code = conn.execute(sa.select(tables.hold.c.notice_code).where(tables.hold.c.id == aside.id)).scalar_one()
    objection = Objection("Trần Văn B", "0912345678", "Tiền bán xe")
    assert pool.act(OFFICER, lambda unit: open_appeal(unit, OUTBOX, code, objection)) is None
    assert pool.approve() == "refund_appealed"


def test_nobody_is_asked_twice_to_pay_the_same_money(pool: Pooled) -> None:
    """Taken back after it was sent: until the bank says what it paid by then, the next list waits."""
    pool.ready("a", "b")
    pool.propose()
    pool.approve()
    said, one = pool.done(), pool.refund()
    assert len(pool.tasks("refund_letter")) == 1
    pool.act(SHIFT, lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="nhầm tài khoản"))
    assert [task.institution for task in pool.tasks("refund_taken_back")] == ["999002"]
    assert pool.tasks("refund_letter") == [], "nobody sends the letter of a list that was taken back"
    assert pool.propose() is None
    assert pool.approve() == "refund_unanswered"
    assert pool.hear(said) is None
    assert pool.tasks("refund_taken_back") == []
    assert pool.approve() == "refund_changed"
    assert pool.coins("a") == pool.coins("b") == {"returned": 1.5, "out_of_reach": 2.5}


def test_only_what_a_bank_may_have_paid_counts_as_on_its_way(pool: Pooled) -> None:
    """B's share is A's coins. Where another pool is divided, B does not miss it; of a dropped proposal, it does."""
    pool.ready("a", "b")
    b = pool.loss("b").id

    def on_its_way(institution: str = "999003", account: str = "account:999003:0009") -> dict[str, int]:
        with pool.db.read() as conn:
            return dict(foreign_due(conn, [b], institution, account))

    def withdraw() -> None:
        one = pool.refund()
        assert pool.act(SHIFT, lambda unit: withdraw_refund(unit, OUTBOX, one.id, why="nhầm")) is None

    pool.propose()
    assert (on_its_way(), on_its_way("999002", MULE)) == ({b: 150_000}, {})
    withdraw()
    assert on_its_way() == {}
    pool.propose()
    pool.approve()
    withdraw()
    assert on_its_way() == {b: 150_000}, "asked: it may be paid"
    pool.hear(pool.done(0, 1))
    assert on_its_way() == {}


def test_a_list_is_forgotten_with_the_last_of_its_cases(pool: Pooled) -> None:
    """Of two cases in a list the first takes its own line; with the second the list, its letter, its draft go."""
    pool.connect("999001", "999002")
    pool.ready("a", "b")
    pool.propose()
    pool.approve()
    one = pool.refund()
    with pool.db.unit(pool.world.now, SYSTEM) as unit:
        letter = unit.conn.execute(sa.select(message.c.id).where(message.c.subject == f"refund:{one.id}")).scalar()
        unit.conn.execute(
            sa.insert(tables.prepared_reply).values(
                id=letter, institution_id="i", subject=f"refund:{one.id}", body="{}", typed={}, prepared_by="p",
                prepared_by_name="Nguyễn Thị Lan", prepared_at=unit.now,
            )
        )  # fmt: skip
    pool.pay()
    counted = [
        sa.select(sa.func.count()).select_from(message).where(message.c.subject == f"refund:{one.id}"),
        sa.select(sa.func.count()).select_from(tables.prepared_reply),
    ]
    for who, left in (("a", 1), ("b", 0)):
        with pool.db.unit(pool.world.now, SYSTEM) as unit:
            erase_refunds(unit, [pool.trace(who).id], Veil())
        with pool.db.read() as conn:
            assert [conn.execute(query).scalar_one() for query in counted] == [left, left], who
            (kept,) = refunds(conn)
        assert [line.account == pool.paid[w].payer for w, line in zip("ab", kept.lines, strict=True)] == [
            False, who == "a",
        ]  # fmt: skip
        assert (kept.account == MULE, kept.document == PAPER) == (who == "a", who == "a")
    assert [line.amount_vnd for line in kept.lines] == [150_000, 150_000], "amounts stay"


def test_who_approves_is_told_of_an_account_that_the_money_did_not_come_from(pool: Pooled) -> None:
    pool.ready("a", "b")
    pool.propose(accounts={pool.loss("a").id: "account:999003:0777"})
    code = pool.refund().code
    with pool.db.read() as conn:
        page = views.refund_page(conn, SHIFT, code, full=lambda _trace: False)
    assert [row.elsewhere for row in page.rows] == [True, False]
    assert page.may_approve


def test_the_queue_divides_only_what_it_shows(pool: Pooled, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.ready("a", "b")
    for most, shown, more in ((50, 1, 0), (0, 0, 1)):
        monkeypatch.setattr(views, "POOLS_MAX", most)
        with pool.db.read() as conn:
            page = views.refunds_page(conn, Sight(None), pool.world.now)
        assert (len(page.pools), page.more, page.held_vnd) == (shown, more, 3 * COIN)
