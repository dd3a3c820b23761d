"""What a payer's institution's word means for a reported transfer. Pure."""

from lachan.foundation.protocol import ConfirmationOutcome
from lachan.intake import LossConfirmation


def read_confirmation(
    outcome: ConfirmationOutcome, amount_vnd: int | None, reported_vnd: int
) -> tuple[LossConfirmation, int]:
    """Whether the transfer is confirmed, and for how much of what was reported.

    A transfer of another amount did happen: of a smaller one, only so much was lost; a larger one confirms what
    was reported, and no more, because a loss never grows without who reported it.
    """
    if outcome in {ConfirmationOutcome.CONFIRMED, ConfirmationOutcome.AMOUNT_DIFFERS}:
        return LossConfirmation.CONFIRMED, min(amount_vnd or reported_vnd, reported_vnd)
    return LossConfirmation.DENIED, reported_vnd
