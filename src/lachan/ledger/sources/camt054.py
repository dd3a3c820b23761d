"""camt.054, the notice that an account was debited or credited: entries as they happen."""

from datetime import datetime, tzinfo

from lachan.ledger.sources.entries import Entries
from lachan.ledger.sources.message import Message, open_message

VERSIONS = range(8, 15)


def read_camt054(content: bytes, *, learned_at: datetime | None, local: tzinfo | None = None) -> Message:
    """Every booked entry of a notice; refuses as `read_camt053` does."""
    name, message, identity = open_message(content, "camt.054", VERSIONS, "BkToCstmrDbtCdtNtfctn")
    entries = Entries(identity, learned_at, local)
    for notice in message.parts("Ntfctn"):
        entries.read(notice, "NtfctnPgntn")
    sound = entries.once()
    return Message(name, identity, sound, tuple(entries.rejected), {})
