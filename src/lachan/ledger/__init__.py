"""Accounts and transfers as immutable facts: rows for the record, columns for the engines.

A file of transfers is read here and nowhere else. What needs arrays is loaded when it is asked for.
"""

from lachan.ledger.model import (
    KINDS,
    OUTSIDE,
    Balances,
    LedgerReason,
    Refusal,
    Rejected,
    Transfer,
    TransferFile,
    TransferKind,
)
from lachan.ledger.reading import Progress, read_balances, read_transfers
from lachan.ledger.rules import row_of

__all__ = [
    "KINDS",
    "OUTSIDE",
    "Balances",
    "LedgerReason",
    "Progress",
    "Refusal",
    "Rejected",
    "Transfer",
    "TransferFile",
    "TransferKind",
    "read_balances",
    "read_transfers",
    "row_of",
]
