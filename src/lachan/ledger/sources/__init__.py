"""Transfers in banks' own words: ISO 20022 statements, notices and credit transfers, each by its own reader."""

from collections.abc import Callable, Mapping
from datetime import datetime

from lachan.foundation.base import BadInput
from lachan.ledger.model import LedgerReason
from lachan.ledger.sources.camt053 import read_camt053
from lachan.ledger.sources.camt054 import read_camt054
from lachan.ledger.sources.message import MESSAGE_BYTES_MAX, Message, kind_of
from lachan.ledger.sources.pacs008 import read_pacs008

__all__ = ["MESSAGE_BYTES_MAX", "Message", "read_camt053", "read_camt054", "read_message", "read_pacs008"]
_READERS: Mapping[str, Callable[..., Message]] = {
    "camt.053": read_camt053,
    "camt.054": read_camt054,
    "pacs.008": read_pacs008,
}


def read_message(content: bytes, *, learned_at: datetime | None) -> Message:
    """Whichever of the three messages it is; refuses as its reader does. None for `learned_at`: as booked.

    BadInput UNSUPPORTED_MESSAGE where it says that it is none of them.
    """
    kind = kind_of(content)
    if kind and kind not in _READERS:
        raise BadInput(LedgerReason.UNSUPPORTED_MESSAGE, field="Document", expected=", ".join(_READERS))
    # What says nothing that can be read is refused in the words of the first.
    return _READERS.get(kind, read_camt053)(content, learned_at=learned_at)
