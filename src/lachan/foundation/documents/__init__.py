"""Administrative documents and PDF: values to bytes."""

from lachan.foundation.documents.call_sheet import render_call_sheet
from lachan.foundation.documents.letters import render_hold_request, render_release, render_short
from lachan.foundation.documents.model import (
    CallSheet,
    Capacity,
    Decision,
    DisputedTransfer,
    DocumentReason,
    Heading,
    HeldAccount,
    HoldRequestLetter,
    Issuer,
    LetterKind,
    NoticeLetter,
    ReleaseLetter,
    ShortLetter,
    Signatory,
    Urgency,
    Verification,
)
from lachan.foundation.documents.notice import render_notice
from lachan.foundation.documents.signing import DocumentSignature, key_id, sign_document, verify_document

__all__ = [
    "CallSheet",
    "Capacity",
    "Decision",
    "DisputedTransfer",
    "DocumentReason",
    "DocumentSignature",
    "Heading",
    "HeldAccount",
    "HoldRequestLetter",
    "Issuer",
    "LetterKind",
    "NoticeLetter",
    "ReleaseLetter",
    "ShortLetter",
    "Signatory",
    "Urgency",
    "Verification",
    "key_id",
    "render_call_sheet",
    "render_hold_request",
    "render_notice",
    "render_release",
    "render_short",
    "sign_document",
    "verify_document",
]
