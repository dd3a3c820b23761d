"""Filling in a transfer from what a bank wrote: a pasted message, a VietQR string, a QR code in a picture."""

from collections.abc import Sequence
from dataclasses import replace

from lachan.doors.web.report_form.fields import ROWS_MAX, TRANSFER_FIELDS, TypedReport, TypedTransfer, tidy
from lachan.foundation.base import VIETNAM, format_vnd
from lachan.foundation.identifiers import (
    Kind,
    TransferDraft,
    identify_image,
    read_transfer_message,
    read_vietqr,
)
from lachan.response.shapes import Message
from lachan.response.views.banks import Banks


def read_message(text: str, banks: Banks) -> TypedTransfer | None:
    """What a pasted message or VietQR string says of one transfer; None where it says nothing useful."""
    found = _typed(read_transfer_message(text), banks, "qr" if read_vietqr(text) else "message")
    return found if found.amount or found.payee_account else None


def read_picture(content: bytes, banks: Banks) -> list[TypedTransfer]:
    """The accounts in the QR codes of a picture. BadInput where the bytes are no picture."""
    rows = []
    for found in identify_image(content):
        if found.kind not in {Kind.ACCOUNT, Kind.WALLET}:
            continue
        holder, _, number = found.value.rpartition(":")
        amount = found.details.get("amount_vnd")
        draft = TransferDraft(
            amount_vnd=amount if isinstance(amount, int) and amount else None,
            payee_account=number,
            payee_bank=holder or None,
            counterparty_name=str(found.details.get("merchant", "")) or None,
        )
        rows.append(_typed(draft, banks, "picture"))
    return rows


def with_rows_changed(typed: TypedReport, action: str) -> TypedReport | None:
    """After `add_transfer` or `remove_<n>`: one row more or less. None for every other button."""
    rows = typed.transfers
    if action == "add_transfer":
        return replace(typed, transfers=(*rows, TypedTransfer())[:ROWS_MAX])
    number = action.removeprefix("remove_")
    if number == action or number not in {str(n) for n in range(len(rows))}:
        return None
    left = (*rows[: int(number)], *rows[int(number) + 1 :])
    return replace(typed, transfers=left or (TypedTransfer(),))


def with_paste_read(typed: TypedReport, banks: Banks) -> tuple[TypedReport, Message | None]:
    """The pasted message filled in, and the box empty again; or why nothing could be read."""
    if not typed.paste:
        return typed, Message("web.report.nothing_to_read")
    found = read_message(typed.paste, banks)
    if found is None:
        broken = typed.paste.startswith("000201") and read_vietqr(typed.paste) is None
        return typed, Message("web.report.broken_code" if broken else "web.report.nothing_read")
    return replace(typed, transfers=fill(typed.transfers, found), paste=""), None


def fill(rows: Sequence[TypedTransfer], found: TypedTransfer) -> tuple[TypedTransfer, ...]:
    """Put what was read into the first row that does not contradict it; else it is a row of its own."""
    for number, row in enumerate(rows):
        if all(not getattr(row, name) or getattr(row, name) == getattr(found, name) or not getattr(found, name)
               for name in TRANSFER_FIELDS if name != "read_from"):  # fmt: skip
            values = {name: getattr(row, name) or getattr(found, name) for name in TRANSFER_FIELDS}
            filled = TypedTransfer(**{**values, "read_from": found.read_from})
            return (*rows[:number], filled, *rows[number + 1 :])
    return (*rows, found)


def _typed(draft: TransferDraft, banks: Banks, source: str) -> TypedTransfer:
    booked = draft.booked_at.astimezone(VIETNAM) if draft.booked_at else None
    row = TypedTransfer(
        amount=format_vnd(draft.amount_vnd).removesuffix("\u00a0₫") if draft.amount_vnd else "",
        booked_at=booked.strftime("%Y-%m-%dT%H:%M:%S") if booked else "",
        payee_account=draft.payee_account or "",
        payee_bank=banks.name(draft.payee_bank) if draft.payee_bank else "",
        payee_name=draft.counterparty_name or "",
        payer_account=draft.payer_account or "",
        payer_bank=banks.name(draft.payer_bank) if draft.payer_bank else "",
        reference=draft.reference or "",
    )
    tidied = {name: tidy(getattr(row, name)) for name in TRANSFER_FIELDS if name != "read_from"}
    return TypedTransfer(**tidied, read_from=source)
