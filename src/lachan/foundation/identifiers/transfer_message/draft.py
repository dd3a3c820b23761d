"""What could be read of one transfer."""

from dataclasses import dataclass
from datetime import datetime

from lachan.foundation.identifiers.model import Identifier, Kind


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """What a message says of one transfer. Banks are BINs; account numbers are text; `booked_at` is UTC.

    For a wallet, the account is the phone number in E.164 and the bank is the provider (`momo`).
    """

    amount_vnd: int | None = None
    booked_at: datetime | None = None
    payee_account: str | None = None
    payee_bank: str | None = None
    payer_account: str | None = None
    payer_bank: str | None = None
    reference: str | None = None
    note: str | None = None
    counterparty_name: str | None = None

    @property
    def payee(self) -> Identifier | None:
        """The payee's account or wallet as an identifier."""
        return _identifier(self.payee_account, self.payee_bank)

    @property
    def payer(self) -> Identifier | None:
        """The payer's account or wallet as an identifier."""
        return _identifier(self.payer_account, self.payer_bank)


def _identifier(number: str | None, bank: str | None) -> Identifier | None:
    if not number:
        return None
    if number.startswith("+"):
        return Identifier(Kind.WALLET, f"{bank}:{number}") if bank else Identifier(Kind.PHONE, number)
    return Identifier(Kind.ACCOUNT, f"{bank}:{number}" if bank else number)
