"""When others are asked past a silent institution: at set times after the request, as long as nobody answers it."""

from lachan.foundation.protocol import EventType, total
from lachan.foundation.protocol.outbox import close_all
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response.model import Hold

ROUNDS = ("receipts_first", "receipts_second", "receipts_third")


def others_in_turn(unit: Unit, hold: Hold, round_: int = 0) -> None:
    """Wait for this round's time; after the last one nobody is asked any more."""
    if round_ < len(ROUNDS):
        enqueue(
            unit, "ask_receipts", {"hold_id": hold.id, "round": round_}, key=f"receipts:{hold.id}",
            due_at=clock(ROUNDS[round_], unit.now).deadline(hold.requested_at or unit.now),
            priority=total(hold.asked),
        )  # fmt: skip


def others_rest(unit: Unit, hold_id: str) -> None:
    """Nobody is asked any more, and whoever was need not tell: whom an account paid is bank secrecy."""
    cancel(unit, f"receipts:{hold_id}")
    close_all(unit, f"receipts:{hold_id}", EventType.RECEIPTS_ASKED)
