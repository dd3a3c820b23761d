"""Which payments are one, and which accounts a message to a bank can name. Pure."""

from datetime import datetime, timedelta
from typing import Protocol

from lachan.foundation.protocol import is_account_key, is_made_up_reference

# A victim tells the time from memory, a bank from its book.
SAME_WITHIN = timedelta(minutes=30)


class Paid(Protocol):
    """A payment, or the row of one."""

    @property
    def payee(self) -> str: ...
    @property
    def payer(self) -> str | None: ...
    @property
    def payer_institution(self) -> str: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def amount_vnd(self) -> int: ...
    @property
    def booked_at(self) -> datetime: ...


def is_same_payment(one: Paid, other: Paid) -> bool:
    """Whether two sources speak of one payment: by its reference, or by who, how much and when."""
    if (one.payee, one.payer_institution) != (other.payee, other.payer_institution):
        return False
    first, second = real_reference(one.reference), real_reference(other.reference)
    if first is not None and second is not None:
        return first == second
    return (
        one.amount_vnd == other.amount_vnd
        and (one.payer is None or other.payer is None or one.payer == other.payer)
        and abs(one.booked_at - other.booked_at) <= SAME_WITHIN
    )


def is_tellable(account: str | None) -> bool:
    """Whether a message can name this account: it names its institution too."""
    return account is not None and is_account_key(account)


def real_reference(reference: str | None) -> str | None:
    """The reference by which a bank finds a payment; none where a center made it up."""
    return None if reference is None or is_made_up_reference(reference) else reference
