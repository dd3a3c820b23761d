"""Where a silent institution's money went, as far as those who received it tell. Pure.

The account is a pile of coins, the newest on top, as in an answer; what is known of it are the credits that are
disputed and the debits that others received. Its own institution's answer replaces all of this.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lachan.foundation.protocol import (
    CLOCK_TOLERANCE,
    AnswerReason,
    Direction,
    Movement,
    ReceiptsQuery,
    ReceiptsTold,
    Spans,
    flow,
    is_made_up_reference,
    total,
)
from lachan.response.model import Hold, Sum
from lachan.response.rules.settle import Onward, Settlement

# What a hold keeps of its account: a credit, or a debit with who received it.
Known = Mapping[str, Any]


def refusal_of(
    query: ReceiptsQuery, told: ReceiptsTold, codes: Collection[str], now: datetime
) -> AnswerReason | None:
    """Why what an institution tells is not taken: accounts not its own, payments that were not asked for."""
    if any(one.account.split(":")[1] not in codes for one in told.receipts):
        return AnswerReason.RECEIPT_NOT_OWN
    if any(one.account == query.payer_account for one in told.receipts):
        return AnswerReason.RECEIPT_NOT_ASKED
    if any(one.booked_at > now + CLOCK_TOLERANCE for one in told.receipts):
        return AnswerReason.IN_THE_FUTURE
    if any(one.booked_at < query.since or is_made_up_reference(one.reference) for one in told.receipts):
        return AnswerReason.RECEIPT_NOT_ASKED
    return None


def known_of(
    holds: Sequence[Hold], answered: Sequence[Hold], query: ReceiptsQuery, told: ReceiptsTold, *, replaces: bool
) -> list[Known]:  # fmt: skip
    """All that is known of the account: what the requests about it say came in, and who received what.

    `holds` are those that wait; the money of those `answered` came in too, and newer money leaves first. What this
    institution told before of the same time is replaced by what it tells now; an answer to an older question adds.
    """
    institution = query.institution
    before = {one["reference"]: one for hold in holds for one in hold.receipts or () if "account" in one}
    payments = {
        reference: one
        for reference, one in before.items()
        if not (
            replaces
            and one["institution"] == institution
            and datetime.fromisoformat(one["booked_at"]) >= query.since
        )
    }
    for receipt in told.receipts:
        said = {
            "reference": receipt.reference, "amount_vnd": receipt.amount_vnd,
            "booked_at": receipt.booked_at.isoformat(), "institution": institution,
            "account": receipt.account, "name": receipt.name, "message": told.message_id,
        }  # fmt: skip
        # The same word again is the word that came first.
        old = before.get(receipt.reference, said)
        same = {**said, "message": None} == {**old, "message": None}
        # Two institutions cannot both have received a transfer: who told it first is believed.
        payments.setdefault(receipt.reference, old if same else said)
    # What is held under an answer lies still: of that money only the rest can leave. Of one transfer several losses
    # may have coins, each held under a request of its own.
    lies: dict[str, int] = defaultdict(int)
    for one in answered:
        lies[one.reference] += total(one.held)
    amounts = {one.reference: max(one.transfer_vnd - lies[one.reference], 0) for one in answered}
    amounts |= {one.reference: one.transfer_vnd for one in holds}
    came_in = {
        one.reference: {
            "reference": one.reference, "amount_vnd": amounts[one.reference], "booked_at": one.booked_at.isoformat()
        }
        for one in (*answered, *holds)
        if amounts[one.reference]
    }  # fmt: skip
    told_of = {one.reference for one in (*answered, *holds)}
    known = [*came_in.values(), *(one for one in payments.values() if one["reference"] not in told_of)]
    # One order, however it was learned: what brings nothing new is seen to be the same.
    return sorted(known, key=lambda one: (one["booked_at"], one["reference"]))


def renamed(known: Iterable[Known], old: str, new: str) -> list[Known]:
    """The same with a transfer under its real reference; what was known of it under that stays."""
    known = list(known)
    names = {one["reference"] for one in known}
    return [
        {**one, "reference": new} if one["reference"] == old else one
        for one in known
        if one["reference"] != old or new not in names
    ]


def through_receipts(spans: Spans, hold: Hold, floor_vnd: int) -> Settlement:
    """The coins `spans` of an unanswered request: what others received has gone on, the rest may be moving."""
    known = hold.receipts or ()
    movements = list(_movements(hold, known))
    out = flow(hold.reference, spans, movements).out
    by_reference = {one["reference"]: one for one in known}
    onward = tuple(
        Onward(
            debit, one["amount_vnd"], datetime.fromisoformat(one["booked_at"]), one["institution"], one["account"],
            one["name"], inside,
        )
        for debit, inside in out.items()
        if total(inside) >= floor_vnd and (one := by_reference[debit])
    )  # fmt: skip
    gone_vnd = sum(total(one.spans) for one in onward)
    return Settlement(Sum(moving_vnd=total(spans) - gone_vnd), onward, (), 0)


def _movements(hold: Hold, known: Iterable[Known]) -> Iterable[Movement]:
    """The disputed credit first, then all that is known to have come and gone since."""
    yield Movement(
        id=hold.reference, booked_at=hold.booked_at, sequence=0, direction=Direction.CREDIT,
        amount_vnd=hold.transfer_vnd,
    )  # fmt: skip
    since = ((datetime.fromisoformat(one["booked_at"]), "account" in one, one) for one in known)
    ordered = sorted(
        (one for one in since if one[0] >= hold.booked_at and one[2]["reference"] != hold.reference),
        key=lambda one: (one[0], one[1], one[2]["reference"]),
    )
    for place, (booked_at, leaves, one) in enumerate(ordered, start=1):
        yield Movement(
            id=one["reference"], booked_at=booked_at, sequence=place,
            direction=Direction.DEBIT if leaves else Direction.CREDIT, amount_vnd=one["amount_vnd"],
        )  # fmt: skip
