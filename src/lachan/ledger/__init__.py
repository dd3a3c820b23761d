"""Accounts and transfers as immutable facts: rows for the record, columns for the engines.

A file of transfers is read here and nowhere else. What needs arrays or the record is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from lachan.ledger.rules import row_of, transfer_of

if TYPE_CHECKING:
    from lachan.ledger.actions import erase_told, learn_answer, learn_loss, learn_receipts, withdraw_loss
    from lachan.ledger.columns import Columns, columns_of
    from lachan.ledger.edges import Edges, edges_of
    from lachan.ledger.facts import UNKNOWN, KnownTransfer, Source, TransferFact
    from lachan.ledger.importing import LedgerImport, erase_due_files, import_transfers, unfaithful_rows
    from lachan.ledger.loading import Loaded, ids_of, load_columns
    from lachan.ledger.segments import Segment, Segments
    from lachan.ledger.sources import Message, read_camt053, read_camt054, read_pacs008
    from lachan.ledger.told import Received, Said
    from lachan.ledger.views import Known, Moment, Surroundings, around

__all__ = [
    "KINDS",
    "OUTSIDE",
    "UNKNOWN",
    "Balances",
    "Columns",
    "Edges",
    "Known",
    "KnownTransfer",
    "LedgerImport",
    "LedgerReason",
    "Loaded",
    "Message",
    "Moment",
    "Progress",
    "Received",
    "Refusal",
    "Rejected",
    "Said",
    "Segment",
    "Segments",
    "Source",
    "Surroundings",
    "Transfer",
    "TransferFact",
    "TransferFile",
    "TransferKind",
    "around",
    "columns_of",
    "edges_of",
    "erase_due_files",
    "erase_told",
    "ids_of",
    "import_transfers",
    "learn_answer",
    "learn_loss",
    "learn_receipts",
    "load_columns",
    "read_balances",
    "read_camt053",
    "read_camt054",
    "read_pacs008",
    "read_transfers",
    "row_of",
    "transfer_of",
    "unfaithful_rows",
    "withdraw_loss",
]
_HOMES = {
    "UNKNOWN": "facts", "Columns": "columns", "Edges": "edges", "Known": "views", "KnownTransfer": "facts",
    "LedgerImport": "importing", "Loaded": "loading", "Message": "sources", "Moment": "views",
    "Received": "told", "Said": "told", "Segment": "segments", "Segments": "segments", "Source": "facts",
    "Surroundings": "views",
    "TransferFact": "facts", "around": "views", "columns_of": "columns", "edges_of": "edges",
    "erase_due_files": "importing", "erase_told": "actions", "ids_of": "loading", "import_transfers": "importing",
    "learn_answer": "actions", "learn_loss": "actions", "learn_receipts": "actions", "load_columns": "loading",
    "read_camt053": "sources", "read_camt054": "sources", "read_pacs008": "sources", "unfaithful_rows": "importing",
    "withdraw_loss": "actions",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
