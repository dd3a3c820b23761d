"""A transfer as one immutable fact; what a file of transfers gave, and what of it was refused."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from lachan.foundation.base import BadInput, Reason

OUTSIDE = "outside"
"""The party that is no account: cash, goods, a virtual asset, a place abroad. Money from there is clean."""


class LedgerReason(Reason):
    """Why a transfer, an opening balance or a bank's message was not taken."""

    COLUMN_MISSING = "column_missing"
    REPEATED_TRANSFER = "repeated_transfer"
    REPEATED_ACCOUNT = "repeated_account"
    UNKNOWN_TRANSFER = "unknown_transfer"
    CIRCULAR_REFERENCE = "circular_reference"
    REVERSES_AND_CORRECTS = "reverses_and_corrects"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    FRACTION_OF_A_DONG = "fraction_of_a_dong"
    BELOW_ZERO = "below_zero"
    NO_ACCOUNT = "no_account"
    UNSUPPORTED_MESSAGE = "unsupported_message"
    DOCUMENT_TYPE_REFUSED = "document_type_refused"
    INCOMPLETE_MESSAGE = "incomplete_message"
    OTHER_CURRENCY = "other_currency"
    NOT_BOOKED = "not_booked"
    DATE_WITHOUT_TIME = "date_without_time"
    PARTS_DIFFER = "parts_differ"
    LEDGER_SEGMENT_REFUSED = "ledger_segment_refused"
    LEDGER_WRITTEN_MEANWHILE = "ledger_written_meanwhile"
    SAID_OTHERWISE = "transfer_said_otherwise"
    LEARNED_LATER = "transfer_learned_later"
    SOURCE_MALFORMED = "ledger_source_malformed"


class TransferKind(StrEnum):
    """How the money went. Everything but `transfer` leaves what can be traced and held."""

    TRANSFER = "transfer"
    CASH_OUT = "cash_out"
    CARD_PAYMENT = "card_payment"
    MERCHANT = "merchant"
    VIRTUAL_ASSET = "virtual_asset"
    CROSS_BORDER = "cross_border"


KINDS = tuple(TransferKind)
"""The kinds in the order of their numbers in the columns."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that went from one account to another, as a file or an institution said it.

    `sequence` orders transfers of one instant, else `row` does, the transfer's number in its file (from 1).
    `learned_at` is when the fact became known; None: as it was booked. `reverses` names the transfer that this one
    takes back, `corrects` the one whose record this one replaces; never both.
    """

    id: str
    booked_at: datetime
    payer: str
    payee: str
    amount_vnd: int
    kind: TransferKind = TransferKind.TRANSFER
    sequence: int | None = None
    learned_at: datetime | None = None
    reverses: str | None = None
    corrects: str | None = None
    row: int = 0

    @property
    def order(self) -> tuple[datetime, int, int]:
        """What transfers are sorted by: booked at, then sequence, else row."""
        return self.booked_at, self.row if self.sequence is None else self.sequence, self.row

    @property
    def known_at(self) -> datetime:
        """The instant from which the fact counts."""
        return self.learned_at or self.booked_at


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with one row: the column to blame, why, and what was expected."""

    reason: Reason
    field: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken: its number (from 1), what is wrong, and the row as it stood."""

    row: int
    refusal: Refusal
    raw: Mapping[str, Any]

    def error(self, path: Path) -> BadInput:
        """The same as an error that names file, row and column."""
        where = f"{path}, row {self.row}, {self.refusal.field}"
        return BadInput(self.refusal.reason, field=where, **self.refusal.params)


@dataclass(frozen=True, slots=True)
class TransferFile:
    """The sound transfers of a file in the order of its rows, and the rows that are not.

    `openings`: what a bank's statement says was in an account before its first entry.
    """

    transfers: tuple[Transfer, ...]
    rejected: tuple[Rejected, ...]
    openings: Mapping[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Balances:
    """Stated opening balances by account, in VND, and the rows that could not be read."""

    openings: Mapping[str, int]
    rejected: tuple[Rejected, ...]
