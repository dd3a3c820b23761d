"""Who paid an account, as the institution that keeps it tells it with an answer or a submission."""

from collections.abc import Sequence

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import normalise
from lachan.foundation.protocol import ReceivedPayment
from lachan.foundation.storage import Unit
from lachan.registry.actions.alerting import Payment, record_payments


def record_received(
    unit: Unit, account: str, given: Sequence[ReceivedPayment], told_by: str | None, origin: str
) -> int:
    """Keep these payments for their payers' sake; `told_by` is an agency or a code. Returns how many were kept."""
    payee = _canonical(account)
    if payee is None:
        return 0
    return record_payments(
        unit,
        [
            Payment(
                payee, _written(one.payer_account), one.payer_institution,
                one.reference, one.amount_vnd, one.booked_at, told_by, origin,
            )
            for one in given
        ],
    )  # fmt: skip


def _written(account: str | None) -> str | None:
    """The payer's account goes back to its own bank: what the registry cannot spell stays as the bank wrote it."""
    return (_canonical(account) or account) if account else None


def _canonical(account: str) -> str | None:
    """As the registry spells it; None for what a bank calls an account and nobody else could type."""
    kind, _, value = account.partition(":")
    try:
        return normalise(kind, value).key
    except BadInput:
        return None
