"""camt.053, the statement of an account: what was booked, and the balance it began with."""

from datetime import datetime, tzinfo

from lachan.ledger.model import Rejected
from lachan.ledger.rules import Unfit
from lachan.ledger.sources.entries import Entries
from lachan.ledger.sources.message import Message, Part, account_of, open_message

VERSIONS = range(8, 15)
_OPENING = {"OPBD", "PRCD"}  # opening booked; previously closed booked, which is the same a day later


def read_camt053(content: bytes, *, learned_at: datetime | None, local: tzinfo | None = None) -> Message:
    """Every booked entry of a statement. `local`: the zone that the bank means where it states no offset.

    Entries in another currency, not booked yet, or without instant or counterparty are refused by name, one by one.
    BadInput where the message as a whole is not what it should be.
    """
    name, message, identity = open_message(content, "camt.053", VERSIONS, "BkToCstmrStmt")
    entries = Entries(identity, learned_at, local)
    openings: dict[str, int] = {}
    for statement in message.parts("Stmt"):
        entries.read(statement, "StmtPgntn")
        _read_opening(statement, openings, entries)
    sound = entries.once()
    return Message(name, identity, sound, tuple(entries.rejected), openings)


def _read_opening(statement: Part, openings: dict[str, int], entries: Entries) -> None:
    for balance in statement.parts("Bal"):
        if balance.text("Tp/CdOrPrtry/Cd") not in _OPENING:
            continue
        try:
            amount_vnd = balance.amount_vnd("Amt", least=0)
            account = account_of(statement.part("Acct"), statement.part("Acct/Svcr"), "Acct")
        except Unfit as error:
            raw = {"message": entries.message_id, "reference": balance.text("Tp/CdOrPrtry/Cd")}
            entries.rejected.append(Rejected(0, error.refusal, raw))
            continue
        if account:
            owed = balance.text("CdtDbtInd") == "DBIT"  # what the holder owes is no money to trace
            openings.setdefault(account, 0 if owed else amount_vnd)
