"""Two victims paid one mule, and most of it left: what is held is one victim's by LIFO, and both share it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import Carried, CoinWorld, institution_of
from tests.response.life import HOUR, MINUTE
from tests.response.staging import OFFICER, OUTBOX, SHIFT, Desk, set_desk

from lachan.foundation.access import OPERATOR
from lachan.foundation.base import SYSTEM, Actor, LachanError, new_id
from lachan.foundation.protocol import (
    Confirmation,
    ConfirmationOutcome,
    HoldRequest,
    PaidOut,
    PayOutcome,
    PayRefusal,
    RefundBasis,
    RefundDone,
    RefundRequest,
)
from lachan.foundation.protocol.connections import Channel, register_connection
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact
from lachan.intake import LossDraft
from lachan.intake.tables import loss
from lachan.response import (
    Document,
    Verdict,
    analyse_trace,
    approve_refund,
    propose_refund,
    store,
    tables,
    take_answer,
    take_confirmation,
    take_refund_done,
)
from lachan.response.model import Hold
from lachan.response.refunds.model import Refund
from lachan.response.refunds.store import refunds

A, B, MULE = "account:999001:0001", "account:999001:0002", "account:999002:0001"
CODES = ("999001", "999002", "999003")
PAPER = Document("Cơ quan Cảnh sát điều tra", "21/QĐ-CSĐT", "2026-11-18", "Phó Thủ trưởng")
COIN = 100_000


@dataclass
class Pooled:
    """A paid in 4 coins, then B 4; the mule drew 5 in cash: B's four and one of A's. Three of A's are held."""

    db: Database
    world: CoinWorld = field(default_factory=lambda: CoinWorld([A, B, MULE], now=NOON - 10 * MINUTE))
    policy_vnd: int | None = 10**12
    drawn: int = 5
    reports: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk: Desk = set_desk(self.db, NOON, CODES, policy_vnd=self.policy_vnd)
        self.paid = {"a": self.world.move(A, MULE, 4), "b": self.world.move(B, MULE, 4)}
        self.world.move(MULE, None, self.drawn)
        self.world.now = NOON

    def connect(self, *codes: str) -> None:
        with self.db.unit(NOON, OPERATOR) as unit:
            for code in codes:
                register_connection(unit, code, Channel.INBOX, None)

    def report(self, who: str, *, payer: bool = True) -> None:
        """A victim reports, the mule's bank answers, the victim's bank confirms."""
        one: Carried = self.paid[who]
        draft = LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE,
            payer_account=one.payer if payer else None, payee_institution="999002", payer_institution="999001",
            reference=one.reference,
        )  # fmt: skip
        seen = max((ordinal for ordinal, _, _ in self.desk.envelopes()), default=0)
        self.reports[who] = self.desk.report(self.world.now, draft)
        for _, _, envelope in self.desk.envelopes(seen):
            if isinstance(envelope.data, HoldRequest):
                said = self.world.answer(envelope.data)
                with self.db.unit(self.world.now, SYSTEM) as unit:
                    assert take_answer(unit, OUTBOX, said, {institution_of(envelope.data.account)}) == []
        self.check()

    def confirm(self, who: str) -> None:
        said = Confirmation(
            message_id=new_id(), request_id=self.loss(who).id, outcome=ConfirmationOutcome.CONFIRMED,
            decided_by="Bot",
        )  # fmt: skip
        self.desk.act(self.world.now, lambda unit: take_confirmation(unit, OUTBOX, said, {"999001"}))

    def analyse(self, who: str) -> str | None:
        with self.db.read() as conn:
            hops = [hop for hop in store.hops(conn, trace_id=self.trace(who).id) if hop.spans]
        verdicts = {hop.id: Verdict.AGREED for hop in hops}
        trace_id = self.trace(who).id
        return self.act(
            OFFICER, lambda unit: analyse_trace(unit, OUTBOX, trace_id, verdicts=verdicts, conclusion="Đã rõ")
        )

    def ready(self, *victims: str) -> None:
        """These victims' traces are analysed and confirmed."""
        for who in victims:
            self.report(who)
        for who in victims:
            self.confirm(who)
            assert self.analyse(who) is None

    def propose(self, actor: Actor = OFFICER, **changes: Any) -> str | None:
        hold = self.held()
        values: dict[str, Any] = {"basis": RefundBasis.HOLDER_AGREES, "document": PAPER} | changes
        return self.act(actor, lambda unit: propose_refund(unit, OUTBOX, hold.id, **values))

    def approve(self, actor: Actor = SHIFT, content: str | None = None) -> str | None:
        one = self.refund()
        shown = one.content_hash if content is None else content
        return self.act(actor, lambda unit: approve_refund(unit, OUTBOX, one.id, content_hash=shown))

    def done(self, *refused: int, **changes: Any) -> RefundDone:
        """The bank's word on the newest list: all paid, but the lines of these places."""
        request = self.request()
        lines = tuple(
            PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal.ACCOUNT_CLOSED)
            if place in refused
            else PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=self.world.now, reference=f"P{place}")
            for place, line in enumerate(request.lines)
        )
        made = RefundDone(
            message_id=new_id(), request_id=request.id, request_revision=request.revision, lines=lines,
            decided_by="Tổ trực",
        )  # fmt: skip
        return made.model_copy(update=changes)

    def hear(self, said: RefundDone, *codes: str) -> str | None:
        found: list[Any] = []
        reason = self.act(
            SYSTEM, lambda unit: found.append(take_refund_done(unit, OUTBOX, said, codes or ("999002",)))
        )
        return reason or found[0]

    def pay(self, *refused: int) -> None:
        assert self.hear(self.done(*refused)) is None

    def request(self) -> RefundRequest:
        data = [e.data for _, _, e in self.desk.envelopes() if isinstance(e.data, RefundRequest)]
        return data[-1]

    def refund(self, place: int = -1) -> Refund:
        with self.db.read() as conn:
            return refunds(conn)[place]

    def held(self) -> Hold:
        with self.db.read() as conn:
            return next(one for one in store.holds(conn, sa.true()) if one.account == MULE and one.held)

    def holds(self) -> list[Hold]:
        with self.db.read() as conn:
            return store.holds(conn, tables.hold.c.account == MULE)

    def loss(self, who: str) -> Any:
        with self.db.read() as conn:
            return conn.execute(sa.select(loss).where(loss.c.report_id == self.reports[who])).one()

    def trace(self, who: str) -> Any:
        with self.db.read() as conn:
            query = sa.select(tables.trace).where(tables.trace.c.report_id == self.reports[who])
            return conn.execute(query).one()

    def coins(self, who: str) -> dict[str, int]:
        """The six parts of a victim's loss in coins, without those that are nothing."""
        row = self.trace(who)
        parts = {part.removesuffix("_vnd"): getattr(row, part) / COIN for part in store.PARTS}
        return {name: int(vnd) if vnd == int(vnd) else vnd for name, vnd in parts.items() if vnd}

    def act(self, actor: Actor, what: Any, now: datetime | None = None) -> str | None:
        try:
            self.desk.act(now or self.world.now, what, actor)
        except LachanError as error:
            return error.reason.value
        finally:
            self.check()
        return None

    def later(self, hours: float = 1) -> datetime:
        self.world.now += hours * HOUR
        return self.world.now

    def tasks(self, kind: str, state: str = "open") -> list[Any]:
        task = tables.task
        with self.db.read() as conn:
            return list(conn.execute(sa.select(task).where(task.c.kind == kind, task.c.state == state)))

    def facts(self, kind: str) -> int:
        with self.db.read() as conn:
            return conn.execute(sa.select(sa.func.count()).where(fact.c.kind == kind)).scalar_one()

    def check(self) -> None:
        with self.db.read() as conn:
            check_record(conn)
