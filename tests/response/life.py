"""One loss with its mules, at a desk: what the table-driven tests of response act on."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.checks import check_record
from tests.response.coin_world import CoinWorld, institution_of
from tests.response.staging import (
    OFFICER,
    OUTBOX,
    Desk,
    set_desk,
)

from lachan.foundation.access import OPERATOR
from lachan.foundation.base import SYSTEM, Actor, LachanError
from lachan.foundation.protocol import HoldRequest, Situation
from lachan.foundation.protocol.connections import Channel, register_connection
from lachan.foundation.storage import Database
from lachan.foundation.storage.jobs import job
from lachan.foundation.trail.tables import fact
from lachan.intake import LossDraft
from lachan.response import (
    recommend_step,
    store,
    tables,
    take_answer,
)
from lachan.response.model import Hold

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VICTIM, MULE, NEXT = "account:999001:0001", "account:999002:0001", "account:999003:0001"
CODES = ("999001", "999002", "999003")
DECISION = {
    "issuer_kind": "police_investigation", "issuer": "Cơ quan Cảnh sát điều tra",
    "number": "12/QĐ-CSĐT", "signatory": "Phó Thủ trưởng",
    "scope": "Phong tỏa 400.000 đồng",
}  # fmt: skip


@dataclass
class Life:
    """One loss of four coins, of which two have moved on, at a desk with or without a standing policy."""

    db: Database
    policy_vnd: int | None = 10**12
    world: CoinWorld = field(default_factory=lambda: CoinWorld([VICTIM, MULE, NEXT], now=NOON - 10 * MINUTE))

    def __post_init__(self) -> None:
        self.desk: Desk = set_desk(self.db, NOON, CODES, policy_vnd=self.policy_vnd)
        self.first = self.world.move(VICTIM, MULE, 4)
        self.world.move(MULE, NEXT, 2)
        self.world.now = NOON

    def report(self, situation: Situation = Situation.SCAM, now: datetime = NOON) -> str:
        one = self.first
        draft = LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
            payee_institution="999002", payer_institution="999001", reference=one.reference,
        )  # fmt: skip
        return self.desk.report(now, draft, situation=situation)

    def answer(self, number: int = 0, now: datetime | None = None) -> Hold:
        """The institution of the `number`th request answers it."""
        requests = [e.data for _, _, e in self.desk.envelopes() if isinstance(e.data, HoldRequest)]
        self.world.now = now or self.world.now
        said = self.world.answer(requests[number])
        with self.db.unit(now or self.world.now, SYSTEM) as unit:
            reasons = take_answer(unit, OUTBOX, said, {institution_of(requests[number].account)})
        assert reasons == []
        return self.hold(number)

    def recommend(self, hold_id: str, step: int = 3, to: str = "police_investigation") -> str | None:
        """The desk, which may not order, recommends the step to who may."""
        return self.act(
            self.world.now, OFFICER, lambda unit: recommend_step(unit, OUTBOX, hold_id, step=step, to_kind=to)
        )

    def connect(self, *codes: str) -> None:
        """From now on these institutions fetch their messages."""
        with self.db.unit(NOON, OPERATOR) as unit:
            for code in codes:
                register_connection(unit, code, Channel.INBOX, None)

    def tasks(self, kind: str) -> list[Any]:
        with self.db.read() as conn:
            return list(conn.execute(sa.select(tables.task).where(tables.task.c.kind == kind)))

    def act(self, now: datetime, actor: Actor, what: Any) -> str | None:
        """Do it; the reason of a refusal, or None."""
        try:
            self.desk.act(now, what, actor)
        except LachanError as error:
            return error.reason.value
        finally:
            with self.db.read() as conn:
                check_record(conn)
        return None

    def hold(self, number: int = 0) -> Hold:
        with self.db.read() as conn:
            return store.holds(conn, sa.true())[number]

    def facts(self, kind: str) -> int:
        with self.db.read() as conn:
            return conn.execute(sa.select(sa.func.count()).where(fact.c.kind == kind)).scalar_one()

    def due(self, key: str) -> datetime | None:
        with self.db.read() as conn:
            found: datetime | None = conn.execute(sa.select(job.c.due_at).where(job.c.key == key)).scalar()
        return found

    def trace(self) -> Any:
        with self.db.read() as conn:
            return conn.execute(sa.select(tables.trace)).one()
