"""Letters to institutions: hold this money, release that money, and what else a message would tell them."""

from datetime import datetime

from lachan.foundation.base import BadInput, Language, translate
from lachan.foundation.documents.frame import (
    account_rows,
    basis_sentences,
    decision_sentence,
    finish,
    positive,
    row,
)
from lachan.foundation.documents.model import DocumentReason, HoldRequestLetter, ReleaseLetter, ShortLetter
from lachan.foundation.documents.writing import amount, clean, moment, short_date, unbroken

FIRST_STEP_BY_DECISION = 3


def render_hold_request(letter: HoldRequestLetter, language: Language = Language.VI) -> bytes:
    """The letter that asks an institution to hold money, as a PDF.

    Raises:
        BadInput: a text is missing or too long, the amount is not positive, a step 3–4 names no decision, or
            neither an expiry nor a review date is given.
    """
    by_decision = letter.step >= FIRST_STEP_BY_DECISION
    if by_decision and letter.decision is None:
        raise BadInput(DocumentReason.DECISION_MISSING, field="decision")
    issuer = clean(letter.heading.issuer.name, field="issuer")
    action = translate(f"document.action.step_{letter.step}", language)
    opening = basis_sentences(letter.legal_basis, language)
    if letter.decision is not None:
        opening.append(decision_sentence(letter.decision, language))
    opening.append(
        translate(
            "document.hold_request.opening",
            language,
            issuer=issuer,
            trace=clean(letter.trace_code, field="trace_code"),
        )
    )
    ask = "document.hold_request.order" if by_decision else "document.hold_request.ask"
    opening.append(translate(ask, language, issuer=issuer, action=action))
    transfer = letter.transfer
    content = {
        "subject": translate("document.hold_request.subject", language, action=action),
        "to": translate("document.to", language, name=clean(letter.account.institution, field="institution")),
        "opening": opening,
        "facts": [
            *account_rows(letter.account, language),
            row("amount", amount(positive(letter.amount_vnd, "amount_vnd"), language), language),
            row("transfer", clean(transfer.reference, field="transfer"), language),
            row("booked_at", moment(transfer.booked_at, language), language),
            row(
                "transfer_amount",
                amount(positive(transfer.amount_vnd, "transfer.amount_vnd"), language),
                language,
            ),
            row(
                "payer_institution",
                clean(transfer.payer_institution, field="payer_institution"),
                language,
            ),
            row(
                "request",
                translate(
                    "document.request_revision",
                    language,
                    request=clean(letter.request_id, field="request_id"),
                    revision=letter.revision,
                ),
                language,
            ),
            row("requester", clean(letter.requester, field="requester"), language),
            row("approver", clean(letter.approver, field="approver"), language),
        ],
        "closing": [
            translate("document.hold_request.partial", language),
            translate(
                "document.hold_request.answer",
                language,
                acknowledge_by=moment(letter.acknowledge_by, language),
                answer_by=moment(letter.answer_by, language),
            ),
            _end(letter, language),
            translate("document.hold_request.silence", language),
            _contact(letter.contact_name, letter.contact_phone, language),
        ],
    }
    return finish("letter", letter.heading, content, language)


def render_release(letter: ReleaseLetter, language: Language = Language.VI) -> bytes:
    """The letter that frees exactly one amount, as a PDF.

    Raises:
        BadInput: a text is missing or too long, or the amount is not positive.
    """
    content = {
        "subject": translate("document.release.subject", language),
        "to": translate("document.to", language, name=clean(letter.account.institution, field="institution")),
        "opening": [
            *basis_sentences(letter.legal_basis, language),
            translate(
                "document.release.opening",
                language,
                issuer=clean(letter.heading.issuer.name, field="issuer"),
                number=clean(letter.request_number, field="request_number"),
                issued_on=short_date(letter.request_issued_on, language),
                trace=clean(letter.trace_code, field="trace_code"),
            ),
        ],
        "facts": [
            *account_rows(letter.account, language),
            row("released", amount(positive(letter.released_vnd, "released_vnd"), language), language),
            row("remaining", amount(letter.remaining_vnd, language), language),
            row("reason", clean(letter.reason, field="reason"), language),
            row("request", clean(letter.request_id, field="request_id"), language),
        ],
        "closing": [
            translate("document.release.at_once", language),
            translate(
                "document.release.remains" if letter.remaining_vnd else "document.release.nothing_remains",
                language,
            ),
            _contact(letter.contact_name, letter.contact_phone, language),
        ],
    }
    return finish("letter", letter.heading, content, language)


def render_short(letter: ShortLetter, language: Language = Language.VI) -> bytes:
    """A letter of a fixed kind, as a PDF.

    Raises:
        BadInput: a text is missing or too long, or no legal basis is named.
    """
    words = f"document.short.{letter.kind.value}"
    opening = basis_sentences(letter.legal_basis, language)
    if letter.decision is not None:
        opening.append(decision_sentence(letter.decision, language))
    issuer = clean(letter.heading.issuer.name, field="issuer")
    trace = clean(letter.trace_code, field="trace_code")
    content = {
        "subject": translate(f"{words}.subject", language),
        "to": translate("document.to", language, name=clean(letter.to, field="to")),
        "opening": [*opening, translate(f"{words}.opening", language, issuer=issuer, trace=trace)],
        "facts": [row(name, _written(value, name, language), language) for name, value in letter.facts],
        "closing": [
            translate(f"{words}.closing", language),
            _contact(letter.contact_name, letter.contact_phone, language),
        ],
    }
    return finish("letter", letter.heading, content, language)


def _written(value: str | int | datetime, name: str, language: Language) -> str:
    if isinstance(value, datetime):
        return moment(value, language)
    return amount(value, language) if isinstance(value, int) else clean(value, field=name)


def _end(letter: HoldRequestLetter, language: Language) -> str:
    if letter.expires_at is not None:
        return translate("document.hold_request.expires", language, expires_at=moment(letter.expires_at, language))
    if letter.review_on is not None:
        return translate("document.hold_request.review", language, review_on=short_date(letter.review_on, language))
    raise BadInput(DocumentReason.END_MISSING, field="expires_at")


def _contact(name: str, phone: str, language: Language) -> str:
    return translate(
        "document.contact",
        language,
        name=clean(name, field="contact_name"),
        phone=unbroken(clean(phone, field="contact_phone")),
    )
