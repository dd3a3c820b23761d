"""pacs.008, a customer's credit transfer as banks tell it to each other."""

from datetime import datetime, tzinfo

from lachan.foundation.base import InputReason
from lachan.ledger.model import Refusal, Rejected, Transfer, TransferKind
from lachan.ledger.rules import Unfit
from lachan.ledger.sources.message import (
    Message,
    Part,
    account_of,
    check_count,
    instant_of,
    is_abroad,
    known_id,
    need,
    open_message,
    told_once,
)

VERSIONS = range(8, 14)


def read_pacs008(content: bytes, *, learned_at: datetime | None, local: tzinfo | None = None) -> Message:
    """Every credit transfer of the message; those in another currency or without account are refused by name.

    Booked at: when the payer's bank accepted it, else when the message was made. `local`: the zone that the sender
    means where it states no offset. BadInput where the message as a whole is not what it should be.
    """
    name, message, identity = open_message(content, "pacs.008", VERSIONS, "FIToFICstmrCdtTrf")
    made_at = message.text("GrpHdr/CreDtTm")
    transfers: list[Transfer] = []
    rejected: list[Rejected] = []
    row = 0
    for row, each in enumerate(message.parts("CdtTrfTxInf"), 1):
        try:
            transfers.append(_transfer(each, made_at, row, learned_at, local))
        except Unfit as error:
            reference = each.first("PmtId/UETR", "PmtId/TxId", "PmtId/EndToEndId")
            rejected.append(Rejected(row, error.refusal, {"message": identity, "reference": reference}))
    check_count(message.text("GrpHdr/NbOfTxs"), row, "GrpHdr/NbOfTxs")
    sound = told_once(transfers, rejected, identity)
    return Message(name, identity, sound, tuple(rejected), {})


def _transfer(each: Part, made_at: str, row: int, learned_at: datetime | None, local: tzinfo | None) -> Transfer:
    payer = account_of(each.part("DbtrAcct"), each.part("DbtrAgt"), "DbtrAcct")
    payee = account_of(each.part("CdtrAcct"), each.part("CdtrAgt"), "CdtrAcct")
    for account, field in ((payer, "DbtrAcct"), (payee, "CdtrAcct")):
        if not account:
            raise Unfit(Refusal(InputReason.MISSING, field))
    accepted = each.first("AccptncDtTm", "AddtlDtTm/AccptncDtTm")
    abroad = is_abroad(each.part("CdtrAgt"), each.part("CdtrAcct"))
    return Transfer(
        id=need(known_id(each.part("PmtId"), "EndToEndId"), "PmtId/TxId"),
        booked_at=instant_of(accepted or made_at, "AccptncDtTm" if accepted else "GrpHdr/CreDtTm", local),
        payer=payer,
        payee=payee,
        amount_vnd=each.amount_vnd("IntrBkSttlmAmt"),
        kind=TransferKind.CROSS_BORDER if abroad else TransferKind.TRANSFER,
        learned_at=learned_at,
        row=row,
    )
