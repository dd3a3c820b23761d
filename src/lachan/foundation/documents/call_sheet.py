"""The sheet for telephoning an institution that is unconnected or silent."""

from lachan.foundation.base import BadInput, Language, translate
from lachan.foundation.documents.frame import account_rows, finish, positive, row
from lachan.foundation.documents.model import CallSheet, DocumentReason
from lachan.foundation.documents.writing import amount, clean, moment, unbroken

_ANSWERS = (
    "called_at",
    "spoke_to",
    "code_read_back",
    "held",
    "refusal",
    "moved_on",
    "available",
    "officer_signature",
)


def render_call_sheet(sheet: CallSheet, language: Language = Language.VI) -> bytes:
    """What to say, the code to read back, and where to write down the answer, as a PDF.

    Raises:
        BadInput: a text is missing or too long, or the amount is not positive.
    """
    if not sheet.legal_basis:
        raise BadInput(DocumentReason.TEXT_MISSING, field="legal_basis")
    said = {
        "officer": clean(sheet.officer, field="officer"),
        "issuer": clean(sheet.heading.issuer.name, field="issuer"),
        "phone": unbroken(clean(sheet.callback_phone, field="callback_phone")),
        "number": clean(sheet.request_number, field="request_number"),
        "account": clean(sheet.account.number, field="account"),
        "holder": clean(sheet.account.holder, field="holder"),
        "amount": amount(positive(sheet.amount_vnd, "amount_vnd"), language),
        "reference": clean(sheet.transfer.reference, field="transfer"),
        "booked_at": moment(sheet.transfer.booked_at, language),
        "action": translate(f"document.action.step_{sheet.step}", language),
        "basis": "; ".join(clean(citation, field="legal_basis") for citation in sheet.legal_basis),
        "code": clean(sheet.read_back_code, field="read_back_code"),
    }
    content = {
        "type": translate("document.call_sheet.type", language),
        "abstract": translate(
            "document.call_sheet.abstract",
            language,
            institution=clean(sheet.account.institution, field="institution"),
        ),
        "facts": [
            row("phones", " · ".join(clean(p, field="phones") for p in sheet.phones), language),
            row("trace", clean(sheet.trace_code, field="trace_code"), language),
            row("request", clean(sheet.request_id, field="request_id"), language),
            row("requested_at", moment(sheet.requested_at, language), language),
            *account_rows(sheet.account, language),
            row("amount", said["amount"], language),
        ],
        "code": {"title": translate("document.call_sheet.code", language), "value": said["code"]},
        "script": {
            "title": translate("document.call_sheet.script_title", language),
            "lines": [
                translate(f"document.call_sheet.script.{line}", language, **said)
                for line in ("who", "call_back", "what", "why", "answer", "code", "discreet")
            ],
        },
        "answer": {
            "title": translate("document.call_sheet.answer_title", language),
            "lines": [translate(f"document.call_sheet.answer.{line}", language) for line in _ANSWERS],
        },
    }
    return finish("call_sheet", sheet.heading, content, language)
