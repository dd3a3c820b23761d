"""When others are asked past a silent institution: at set times after the request, as long as nobody answers it.

The question is about the account, and every request that waits there lives by its answer.
"""

from lachan.foundation.protocol import EventType, total
from lachan.foundation.protocol.outbox import close_all
from lachan.foundation.storage import Unit, cancel, enqueue
from lachan.foundation.taxonomy import clock
from lachan.response import store
from lachan.response.model import Hold

ROUNDS = ("receipts_first", "receipts_second", "receipts_third")


def subject_of(hold_id: str) -> str:
    """What a question about the account of this request is filed under."""
    return f"receipts:{hold_id}"


def others_in_turn(unit: Unit, hold: Hold, round_: int = 0) -> None:
    """Wait for this round's time; after the last one nobody is asked any more."""
    if round_ < len(ROUNDS):
        enqueue(
            unit, "ask_receipts", {"hold_id": hold.id, "round": round_}, key=subject_of(hold.id),
            due_at=clock(ROUNDS[round_], unit.now).deadline(hold.requested_at or unit.now),
            priority=total(hold.asked),
        )  # fmt: skip


def others_rest(unit: Unit, hold_id: str) -> None:
    """For this request nobody is asked any more; whom an account paid is bank secrecy.

    Whoever was asked need not tell, unless another request waits at the same account.
    """
    cancel(unit, subject_of(hold_id))
    alike = store.requests_beside(unit.conn, hold_id)
    if not any(waits for one, waits in alike.items() if one != hold_id):
        close_all(unit, [subject_of(one) for one in alike], EventType.RECEIPTS_ASKED)
