"""An authority's decision entered by two people, sent, lifted; what the desk is asked because of it."""

from typing import Any

from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import DAY, DECISION, HOUR, MINUTE, MULE, NEXT
from tests.response.staging import HEAD, OUTBOX, SHIFT
from tests.response.test_receipts import MACHINE, ONWARD, Silent
from tests.response.test_receipts_end import give, moved, said

from lachan.foundation.base import SYSTEM, new_id
from lachan.foundation.protocol import Confirmation, ConfirmationOutcome, Part, PartKind
from lachan.foundation.storage import Database
from lachan.intake import LossDraft
from lachan.response import approve_hold, propose_conversion, raise_hold, release_hold, take_confirmation
from lachan.response.model import EndReason

VICTIMS = 20
REMAINS = Part(kind=PartKind.REMAINS, amount_vnd=ONWARD * COIN_VND)


def decide(life: Silent, place: int) -> None:
    """An authority freezes what is held at this place; two people enter it."""
    hold_id = life.hold(place).id
    assert life.recommend(hold_id) is None
    propose = lambda unit: propose_conversion(  # noqa: E731
        unit, OUTBOX, hold_id, step=3, basis="nd52-2024-11", decision=DECISION, review_at=NOON + 7 * DAY
    )
    assert life.act(NOON + HOUR, SHIFT, propose) is None
    content = (life.hold(place).proposal or {})["content_hash"]
    approving = lambda unit: approve_hold(unit, OUTBOX, hold_id, content_hash=content)  # noqa: E731
    assert life.act(NOON + HOUR, HEAD, approving) is None


def draft(one: Any, payer: str, payee: str) -> LossDraft:
    return LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=payee, payer_account=payer,
        payee_institution=payee.split(":")[1], payer_institution=payer.split(":")[1], reference=one.reference,
    )  # fmt: skip


def mules_bank_says(life: Silent, revision: int, *parts: Part, place: int = 0) -> None:
    life.world.now += MINUTE
    give(life, said(life, place, revision, *parts), "999002")


def raise_to_decision(life: Silent, place: int) -> str | None:
    """What was refused is asked for again, on an authority's decision: drafted, for a second person to approve."""
    hold_id, term = life.hold(place).id, NOON + 30 * DAY
    assert life.recommend(hold_id) is None
    again = lambda unit: raise_hold(  # noqa: E731
        unit, OUTBOX, hold_id, step=3, basis="nd52-2024-11",
        decision=DECISION | {"term_ends_at": term.isoformat()},
    )  # fmt: skip
    return life.act(NOON + HOUR, SHIFT, again)


def approve(life: Silent, place: int) -> None:
    hold = life.hold(place)
    approving = lambda unit: approve_hold(unit, OUTBOX, hold.id, content_hash=hold.content_hash)  # noqa: E731
    assert life.act(NOON + HOUR, HEAD, approving) is None


def deny(life: Silent, loss_id: str, bank: str = "999001") -> None:
    denied = Confirmation(
        message_id=new_id(), request_id=loss_id, outcome=ConfirmationOutcome.NOT_FOUND, decided_by="Giao dịch viên"
    )
    take = lambda unit: take_confirmation(unit, OUTBOX, denied, {bank})  # noqa: E731
    assert life.act(NOON + HOUR, SYSTEM, take) is None


def lift(life: Silent, place: int, coins: int | None) -> str | None:
    hold_id, amount_vnd = life.hold(place).id, None if coins is None else coins * COIN_VND
    free = lambda unit: release_hold(  # noqa: E731
        unit, OUTBOX, hold_id, amount_vnd=amount_vnd, reason=EndReason.AUTHORITY
    )
    return life.act(NOON + 2 * HOUR, SHIFT, free)


def tasks(life: Silent, reason: str) -> list[tuple[int, str]]:
    rows = [row for row in life.tasks("lift_request") if row.reason == reason]
    return [
        (row.amount_vnd // COIN_VND, row.state) for row in sorted(rows, key=lambda row: (row.opened_at, row.id))
    ]


def coins(life: Silent, place: int) -> dict[str, int]:
    return {loss: vnd // COIN_VND for loss, vnd in life.hold(place).allocations.items()}


def set_frozen(db: Database) -> Silent:
    """30 of 40 coins went on and are frozen by an authority's decision; the mule's bank holds ten on our word."""
    life = Silent(db)
    life.report()
    mules_bank_says(life, 1, moved(life.onward.reference, NEXT, ONWARD))
    life.answer(1, NOON + MINUTE)
    decide(life, 1)
    return life


def two_requests(db: Database, *, known: bool = True, decided: bool = False) -> Silent:
    """Who forwarded the 30 coins reports them without a reference; with `decided` an authority's decision is sent.

    Where others know it, 20 of them are a victim's: his request to the same bank follows.
    """
    life = Silent(db)
    one = life.onward
    life.desk.report(
        NOON,
        LossDraft(
            amount_vnd=one.amount_vnd, booked_at=one.booked_at, payer_account=MULE, payee_account=NEXT,
            payer_institution="999002", payee_institution=MACHINE,
        ),
    )  # fmt: skip
    if decided:
        give(life, said(life, 0, 1, REMAINS), MACHINE)
        assert raise_to_decision(life, 0) is None
        approve(life, 0)
    if known:
        life.report()
        mules_bank_says(life, 1, moved(one.reference, NEXT, VICTIMS), place=1)
    life.world.now += MINUTE
    return life


def set_unnamed(db: Database) -> Silent:
    """The decision is sent and not answered, and the victim's request, too."""
    return two_requests(db, decided=True)


def names(life: Silent, *parts: Part, revision: int = 2) -> None:
    """Its bank answers the decision under the reference that it has in its own book."""
    answer = said(life, 0, revision, *parts)
    give(life, answer.model_copy(update={"transfer_reference": life.onward.reference}), MACHINE)
