"""A pasted bank message, app screen or VietQR string, read as a proposed disputed transfer.

A proposal only: what could be read is filled in for the victim or the officer to confirm; the rest is None.
"""

from lachan.foundation.identifiers.kinds import vietqr
from lachan.foundation.identifiers.reading import identify
from lachan.foundation.identifiers.text import plain
from lachan.foundation.identifiers.transfer_message.draft import TransferDraft
from lachan.foundation.identifiers.transfer_message.fields import (
    amount_of,
    booked_at_of,
    labelled,
    name_in,
    note_of,
    reference_of,
)
from lachan.foundation.identifiers.transfer_message.parties import with_parties

__all__ = ["TransferDraft", "read_transfer_message"]


def read_transfer_message(text: str) -> TransferDraft:
    """What can be read of one transfer; a credit message makes its own account the payee."""
    text = text[:20_000]
    if draft := _from_vietqr(text):
        return draft
    mapped = plain(text)
    low = mapped.lower()
    fields = labelled(text, low)
    amount, credit = amount_of(low.text, fields)
    draft = TransferDraft(
        amount_vnd=amount,
        booked_at=booked_at_of(low.text),
        reference=reference_of(text, low, fields),
        note=note_of(text, low, fields),
        counterparty_name=name_in(fields.get("name", "")),
    )
    return with_parties(draft, text, low, fields, credit=credit)


def _from_vietqr(text: str) -> TransferDraft | None:
    for found in identify(text):
        if found.details.get("source") == "vietqr" and (code := vietqr.decode(found.text)):
            return TransferDraft(
                amount_vnd=code.amount_vnd,
                payee_account=code.number,
                payee_bank=code.bin,
                note=code.note or None,
                counterparty_name=code.merchant or None,
            )
    return None
