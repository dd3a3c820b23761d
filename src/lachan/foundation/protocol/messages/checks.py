"""Does an answer add up? Pure: the request, the answer, who answered, and the time.

Reasons are in order of precedence: the first of the list is the one to name. An answer with no reasons can be
taken as it is; the coins that each part carries are then exact.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from lachan.foundation.base import BadInput, Reason
from lachan.foundation.protocol.coins import (
    CoinReason,
    Flow,
    Span,
    flow,
    intersect,
    normalise,
    subtract,
    total,
)
from lachan.foundation.protocol.fields import is_made_up_reference
from lachan.foundation.protocol.messages.incoming import Answer
from lachan.foundation.protocol.messages.model import PartKind
from lachan.foundation.protocol.messages.outgoing import HoldRequest

# How far an institution's clock may run ahead of the center's before a booking is "in the future".
CLOCK_TOLERANCE = timedelta(minutes=5)


class AnswerReason(Reason):
    """Why an answer is not taken, in order of precedence."""

    WRONG_INSTITUTION = "wrong_institution"
    WRONG_REQUEST = "wrong_request"
    SUPERSEDED = "superseded"
    IN_THE_FUTURE = "in_the_future"
    PLACED_BEFORE_TRANSFER = "placed_before_transfer"
    PLACED_AT_MISSING = "placed_at_missing"
    REFUSED_BUT_HELD = "refused_but_held"
    HELD_ABOVE_REQUEST = "held_above_request"
    HELD_ABOVE_AVAILABLE = "held_above_available"
    HELD_SPANS_DIFFER = "held_spans_differ"
    TRANSFER_REFERENCE_DIFFERS = "transfer_reference_differs"
    REFERENCE_MISSING = "reference_missing"
    PAYEE_MISSING = "payee_missing"
    SUM_DIFFERS = "sum_differs"
    MOVEMENTS_START_ELSEWHERE = "movements_start_elsewhere"
    MOVEMENTS_UNUSABLE = "movements_unusable"
    HELD_NOT_IN_MOVEMENTS = "held_not_in_movements"
    PARTS_DISAGREE_WITH_MOVEMENTS = "parts_disagree_with_movements"
    CONFIRMED_AMOUNT_MISSING = "confirmed_amount_missing"
    PAY_OUT_DIFFERS = "pay_out_differs"
    RECEIPT_NOT_OWN = "receipt_not_own"
    RECEIPT_NOT_ASKED = "receipt_not_asked"


def check_answer(
    request: HoldRequest, answer: Answer, *, institution: str, now: datetime, last_revision: int = 0
) -> list[AnswerReason]:
    """Everything wrong with an answer, gravest first.

    `institution` is the code under which the sender is registered; `now` is domain time; `last_revision`
    is the highest answer revision already taken for this request.
    """
    reasons = set(_about_the_request(request, answer, institution, last_revision))
    reasons |= set(_about_times(request, answer, now))
    reasons |= set(_about_held(request, answer))
    reasons |= set(_about_parts(request, answer))
    if answer.movements:
        reasons |= set(_about_movements(request, answer))
    return [reason for reason in AnswerReason if reason in reasons]


def follow(request: HoldRequest, answer: Answer) -> Flow:
    """The flow of the asked coins through the answer's movements; raises BadInput as `flow` does."""
    return flow(real_reference(request, answer), request.spans, answer.movements)


def real_reference(request: HoldRequest, answer: Answer) -> str:
    """The transfer's reference: the request's, or the one that the answer tells where that was made up."""
    asked = request.transfer.reference
    return answer.transfer_reference if answer.transfer_reference and is_made_up_reference(asked) else asked


def _about_the_request(
    request: HoldRequest, answer: Answer, institution: str, last_revision: int
) -> list[AnswerReason]:
    reasons = []
    if institution != request.institution:
        reasons.append(AnswerReason.WRONG_INSTITUTION)
    if answer.request_id != request.id:
        reasons.append(AnswerReason.WRONG_REQUEST)
    if answer.request_revision != request.revision or answer.revision <= last_revision:
        reasons.append(AnswerReason.SUPERSEDED)
    return reasons


def _about_times(request: HoldRequest, answer: Answer, now: datetime) -> list[AnswerReason]:
    reasons = []
    stated = [answer.placed_at, *(part.booked_at for part in answer.parts)]
    stated += [movement.booked_at for movement in answer.movements]
    if any(instant > now + CLOCK_TOLERANCE for instant in stated if instant is not None):
        reasons.append(AnswerReason.IN_THE_FUTURE)
    if answer.placed_at is not None and answer.placed_at < request.transfer.booked_at:
        reasons.append(AnswerReason.PLACED_BEFORE_TRANSFER)
    if answer.held_vnd and answer.placed_at is None:
        reasons.append(AnswerReason.PLACED_AT_MISSING)
    return reasons


def _about_held(request: HoldRequest, answer: Answer) -> list[AnswerReason]:
    reasons = []
    if answer.refusal is not None and answer.held_vnd:
        reasons.append(AnswerReason.REFUSED_BUT_HELD)
    if answer.held_vnd > request.amount_vnd:
        reasons.append(AnswerReason.HELD_ABOVE_REQUEST)
    if answer.held_vnd > answer.available_vnd:
        reasons.append(AnswerReason.HELD_ABOVE_AVAILABLE)
    if answer.held_spans and (
        answer.held_spans != normalise(answer.held_spans)
        or total(answer.held_spans) != answer.held_vnd
        or subtract(answer.held_spans, request.spans)
    ):
        reasons.append(AnswerReason.HELD_SPANS_DIFFER)
    told = answer.transfer_reference
    if told is not None and (is_made_up_reference(told) or real_reference(request, answer) != told):
        reasons.append(AnswerReason.TRANSFER_REFERENCE_DIFFERS)
    return reasons


def _about_parts(request: HoldRequest, answer: Answer) -> list[AnswerReason]:
    reasons = []
    if any(part.kind.left_the_account and part.reference is None for part in answer.parts):
        reasons.append(AnswerReason.REFERENCE_MISSING)
    if any(part.kind is PartKind.MOVED_ON and part.payee is None for part in answer.parts):
        reasons.append(AnswerReason.PAYEE_MISSING)
    if answer.held_vnd + sum(part.amount_vnd for part in answer.parts) != request.amount_vnd:
        reasons.append(AnswerReason.SUM_DIFFERS)
    return reasons


def _about_movements(request: HoldRequest, answer: Answer) -> list[AnswerReason]:
    try:
        followed = follow(request, answer)
    except BadInput as error:
        if error.reason is CoinReason.MOVEMENTS_START_ELSEWHERE:
            return [AnswerReason.MOVEMENTS_START_ELSEWHERE]
        return [AnswerReason.MOVEMENTS_UNUSABLE]
    credit = next(m for m in answer.movements if m.id == real_reference(request, answer))
    asked = request.transfer
    # By its real reference it is known; how large it is, its own institution knows best.
    if is_made_up_reference(asked.reference) and credit.amount_vnd != asked.amount_vnd:
        return [AnswerReason.MOVEMENTS_START_ELSEWHERE]
    reasons = []
    held = answer.held_spans or followed.frozen
    if answer.held_vnd > total(followed.frozen) or subtract(held, followed.frozen):
        reasons.append(AnswerReason.HELD_NOT_IN_MOVEMENTS)
    elif not _parts_agree(answer, followed):
        reasons.append(AnswerReason.PARTS_DISAGREE_WITH_MOVEMENTS)
    return reasons


def _parts_agree(answer: Answer, followed: Flow) -> bool:
    """No part may claim more than the movements show; what it claims less is the unexplained part.

    Coins frozen for somebody else (another loss, another province) are in the account and not held here: they
    count as remaining.
    """
    claimed: defaultdict[str, int] = defaultdict(int)
    remains_vnd = 0
    for part in answer.parts:
        if part.kind.left_the_account:
            reference = part.reference or ""
            claimed[reference] += part.amount_vnd
            if part.spans and not _inside(part.spans, part.amount_vnd, followed.out.get(reference, ())):
                return False
        elif part.kind is PartKind.REMAINS:
            remains_vnd += part.amount_vnd
    there_vnd = total(followed.remaining) + total(followed.frozen) - answer.held_vnd
    return remains_vnd <= there_vnd and all(
        amount_vnd <= total(followed.out.get(reference, ())) for reference, amount_vnd in claimed.items()
    )


def _inside(spans: tuple[Span, ...], amount_vnd: int, carried: tuple[Span, ...]) -> bool:
    return spans == normalise(spans) and total(spans) == amount_vnd and intersect(spans, carried) == spans
