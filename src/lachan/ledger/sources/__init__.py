"""Transfers in banks' own words: ISO 20022 statements, notices and credit transfers, each by its own reader."""

from lachan.ledger.sources.camt053 import read_camt053
from lachan.ledger.sources.camt054 import read_camt054
from lachan.ledger.sources.message import MESSAGE_BYTES_MAX, Message
from lachan.ledger.sources.pacs008 import read_pacs008

__all__ = ["MESSAGE_BYTES_MAX", "Message", "read_camt053", "read_camt054", "read_pacs008"]
