"""Money to give back at every stage: a pool of two victims, a list to approve, one by letter, one in an inbox."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from tests.factories.desk_world import World

from lachan.foundation.base import SYSTEM, Actor, ActorKind, new_id
from lachan.foundation.protocol import (
    Confirmation,
    ConfirmationOutcome,
    PaidOut,
    Part,
    PartKind,
    PayOutcome,
    RefundBasis,
    Situation,
)
from lachan.foundation.storage import Unit
from lachan.intake import Channel, LossDraft, ReportDraft, receive_report
from lachan.intake.tables import loss
from lachan.response import (
    Document,
    Verdict,
    analyse_trace,
    approve_refund,
    enter_refund_done,
    open_trace,
    propose_refund,
    store,
    tables,
    take_confirmation,
)
from lachan.response.refunds.store import refund

T = TypeVar("T")
PAPER = Document("Cơ quan Cảnh sát điều tra", "21/QĐ-CSĐT", "2026-01-05", "Đại tá Nguyễn Văn Bình")


@dataclass
class RefundStage:
    """Where each page of the refund desk is found."""

    world: World
    pool: str = ""
    proposed: str = ""
    asked: str = ""
    paid: str = ""
    secrets: dict[str, str] = field(default_factory=dict)

    def act(self, who: Actor, do: Callable[[Unit], T]) -> T:
        with self.world.services.db.unit(self.world.now, who) as unit:
            return do(unit)

    def victim(self, what: str, account: str, amount_vnd: int, held_vnd: int) -> str:
        """Somebody paid this account; part of it is held, the rest was drawn; all is confirmed and analysed."""
        world, outbox = self.world, self.world.services.outbox
        world.serial += 1
        bank = account.split(":")[1]
        draft = LossDraft(
            amount_vnd=amount_vnd, booked_at=world.now - timedelta(minutes=30), payee_account=account,
            payee_institution=bank, payer_account=f"account:999002:{20_000_000_000 + world.serial}",
            payer_institution="999002", reference=f"FTR{world.serial:04}",
        )  # fmt: skip
        report = ReportDraft(
            situation=Situation.SCAM, victim_name="Hoàng Thị Lan", losses=(draft,), victim_phone="+84987654321",
            place="Xã Thanh Khê", consent=True,
        )  # fmt: skip
        public = Actor(ActorKind.PUBLIC, "public")
        made = self.act(public, lambda unit: receive_report(unit, report, Channel.WEB, agency_id=world.desk_id))
        self.act(SYSTEM, lambda unit: open_trace(unit, outbox, made.report_id))
        world.codes[what], self.secrets[what] = made.code, made.secret
        if amount_vnd > held_vnd:
            drawn = Part(
                kind=PartKind.CASH_OUT, amount_vnd=amount_vnd - held_vnd, reference=f"ATM{world.serial:04}"
            )
            world.answer(what, held_vnd, drawn)
        else:
            world.answer(what, held_vnd)
        with world.services.db.read() as conn:
            mine = conn.execute(sa.select(loss.c.id).where(loss.c.report_id == made.report_id)).scalar_one()
            query = sa.select(tables.trace.c.id).where(tables.trace.c.code == made.code)
            trace_id = conn.execute(query).scalar_one()
            hops = store.hops(conn, trace_id=trace_id)
        said = Confirmation(
            message_id=new_id(), request_id=mine, outcome=ConfirmationOutcome.CONFIRMED, decided_by="Tổ tra soát"
        )
        self.act(SYSTEM, lambda unit: take_confirmation(unit, outbox, said, {"999002"}))
        self.act(
            world.actor("officer"),
            lambda unit: analyse_trace(
                unit, outbox, trace_id, verdicts={hop.id: Verdict.AGREED for hop in hops},
                conclusion="Dòng tiền khớp với trả lời của các tổ chức.",
            ),
        )  # fmt: skip
        return world.hold_of(what).id

    def propose(self, hold_id: str) -> str:
        """An officer proposes; returns the refund's id."""
        outbox = self.world.services.outbox
        return self.act(
            self.world.actor("officer"),
            lambda unit: propose_refund(
                unit, outbox, hold_id, basis=RefundBasis.AUTHORITY_ORDER, document=PAPER
            ),
        )  # fmt: skip

    def approve(self, refund_id: str) -> str:
        """The head of the shift approves; returns the refund's code."""
        outbox = self.world.services.outbox
        with self.world.services.db.read() as conn:
            one = refund(conn, refund_id)
        self.act(
            self.world.actor("shift"),
            lambda unit: approve_refund(unit, outbox, refund_id, content_hash=one.content_hash),
        )
        return one.code

    def code(self, refund_id: str) -> str:
        with self.world.services.db.read() as conn:
            return refund(conn, refund_id).code


def give_back(world: World) -> RefundStage:
    """Pools and lists at every stage."""
    made = RefundStage(world)
    outbox = world.services.outbox
    shared = "account:999002:71110000222"
    made.pool = made.victim("pooled", shared, 60_000_000, 30_000_000)
    made.victim("pooled_too", shared, 40_000_000, 10_000_000)
    waits = made.victim("proposed", "account:999002:71110000333", 35_000_000, 35_000_000)
    made.proposed = made.code(made.propose(waits))
    by_letter = made.victim("by_letter", "account:999088:71110000444", 25_000_000, 20_000_000)
    made.asked = made.approve(made.propose(by_letter))
    made.approve(made.propose(made.victim("in_inbox", "account:999001:71110000555", 28_000_000, 12_000_000)))
    paid = made.propose(made.victim("given_back", "account:999088:71110000666", 15_000_000, 15_000_000))
    made.paid = made.approve(paid)
    with world.services.db.read() as conn:
        lines = [
            PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=world.now)
            for line in refund(conn, paid).lines
        ]
    made.act(
        world.actor("officer"),
        lambda unit: enter_refund_done(unit, outbox, paid, lines, decided_by="Chị Lan, phòng kế toán"),
    )
    return made
