"""Accounts and transfers as immutable facts: rows for the record, columns for the engines.

A file of transfers is read here and nowhere else. What needs arrays is loaded when it is asked for.
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
from lachan.ledger.rules import row_of

if TYPE_CHECKING:
    from lachan.ledger.columns import Columns, columns_of
    from lachan.ledger.edges import Edges, edges_of
    from lachan.ledger.loading import Loaded, ids_of, load_columns
    from lachan.ledger.segments import Segment, Segments
    from lachan.ledger.sources import Message, read_camt053, read_camt054, read_pacs008

__all__ = [
    "KINDS",
    "OUTSIDE",
    "Balances",
    "Columns",
    "Edges",
    "LedgerReason",
    "Loaded",
    "Message",
    "Progress",
    "Refusal",
    "Rejected",
    "Segment",
    "Segments",
    "Transfer",
    "TransferFile",
    "TransferKind",
    "columns_of",
    "edges_of",
    "ids_of",
    "load_columns",
    "read_balances",
    "read_camt053",
    "read_camt054",
    "read_pacs008",
    "read_transfers",
    "row_of",
]
_HOMES = {
    "Columns": "columns", "Edges": "edges", "Loaded": "loading", "Message": "sources", "Segment": "segments",
    "Segments": "segments", "columns_of": "columns", "edges_of": "edges", "ids_of": "loading",
    "load_columns": "loading",
    "read_camt053": "sources", "read_camt054": "sources", "read_pacs008": "sources",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
