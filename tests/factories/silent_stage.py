"""A bank has said nothing for four minutes: who received from its account has told so, and holds on that word."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from tests.factories.desk_world import World

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import EventType, ReceiptsTold, ToldReceipt
from lachan.foundation.protocol.outbox import message, message_by_id
from lachan.response import ask_receipts, silent_institution, take_reply

SILENT, WALLET, BANK = "999002", "saokhue", "999001"


def fall_silent(world: World) -> None:
    """Of 80 million 45 are held at the wallet, 20 are asked for at a bank, of 15 nobody knows anything."""
    world.report("silent", 80_000_000, payee=SILENT, minutes_ago=12, opened_ago=4)
    services, hold = world.services, world.hold_of("silent")
    asked_at = world.now - timedelta(minutes=3)
    with services.db.unit(asked_at, SYSTEM) as unit:
        ask_receipts(unit, services.outbox, hold.id, 0)
    with services.db.unit(asked_at + timedelta(minutes=1), SYSTEM) as unit:
        silent_institution(unit, services.outbox, hold.id, clock_name="ack")
    _tell(world, hold.id, asked_at, WALLET, ToldReceipt(
        reference="S1", amount_vnd=45_000_000, booked_at=hold.booked_at + timedelta(minutes=2),
        account=f"wallet:{WALLET}:+84987654329", name="LY VAN PHONG",
    ))  # fmt: skip
    world.answer("silent", 45_000_000)
    _tell(world, hold.id, asked_at + timedelta(seconds=20), BANK, ToldReceipt(
        reference="S2", amount_vnd=20_000_000, booked_at=hold.booked_at + timedelta(minutes=3),
        account=f"account:{BANK}:70099887766",
    ))  # fmt: skip


def _tell(world: World, hold_id: str, now: datetime, institution: str, *receipts: ToldReceipt) -> None:
    with world.services.db.unit(now + timedelta(seconds=5), SYSTEM) as unit:
        asked = sa.select(message.c.id).where(
            message.c.institution == institution, message.c.type == EventType.RECEIPTS_ASKED.value,
            message.c.subject == f"receipts:{hold_id}",
        )  # fmt: skip
        item = message_by_id(unit.conn, unit.conn.execute(asked).scalar_one())
        told = ReceiptsTold(message_id=new_id(), request_id=hold_id, receipts=receipts, decided_by="Máy chủ")
        assert take_reply(unit, world.services.outbox, item, told, frozenset({institution})) is None
