"""What all documents share: heading, signature, recipients, foot; the checks that hold for each of them."""

from collections.abc import Sequence

from lachan.foundation.base import BadInput, Language, translate
from lachan.foundation.documents.engine import Values, content_code, qr_svg, render
from lachan.foundation.documents.model import (
    Capacity,
    Decision,
    DocumentReason,
    Heading,
    HeldAccount,
    Signatory,
    Urgency,
    Verification,
)
from lachan.foundation.documents.writing import clean, long_date, short_date

Row = tuple[str, str]


def finish(template: str, heading: Heading, content: Values, language: Language) -> bytes:
    """Set the content in its frame; the code at the foot stands for everything else on the paper."""
    values = {**_frame(heading, language), **content}
    code = content_code(values)
    values["verification"] = _foot(heading.verification, code, language)
    return render(template, values, heading.issued_on)


def row(key: str, value: str, language: Language) -> Row:
    """One line of a table of facts."""
    return translate(f"document.fact.{key}", language), value


def account_rows(account: HeldAccount, language: Language) -> list[Row]:
    """Institution, account and holder."""
    return [
        row("institution", clean(account.institution, field="institution"), language),
        row("account", clean(account.number, field="account"), language),
        row("holder", clean(account.holder, field="holder"), language),
    ]


def basis_sentences(citations: Sequence[str], language: Language) -> list[str]:
    """`Căn cứ …;` one sentence a basis; there is no document without one."""
    if not citations:
        raise BadInput(DocumentReason.TEXT_MISSING, field="legal_basis")
    return [
        translate("document.basis", language, basis=clean(citation, field="legal_basis")) for citation in citations
    ]


def decision_sentence(decision: Decision, language: Language) -> str:
    """The one decision that a hold of steps 3–4 carries out."""
    until = decision.until
    term = "document.decision_until" if until else "document.decision_open"
    return translate(
        "document.decision",
        language,
        number=clean(decision.number, field="decision.number"),
        issuer=clean(decision.issuer, field="decision.issuer"),
        signatory=clean(decision.signatory, field="decision.signatory"),
        scope=clean(decision.scope, field="decision.scope"),
        term=translate(term, language, until=short_date(until, language) if until else ""),
    )


def positive(amount_vnd: int, field: str) -> int:
    """The amount, which a document states only when there is one."""
    if amount_vnd <= 0:
        raise BadInput(DocumentReason.AMOUNT_NOT_POSITIVE, field=field)
    return amount_vnd


def https(url: str, field: str) -> str:
    """The link, as it will be printed, linked and put into a QR code."""
    link = clean(url, field=field)
    if not link.startswith("https://") or " " in link:
        raise BadInput(DocumentReason.LINK_NOT_HTTPS, field=field)
    return link


def _frame(heading: Heading, language: Language) -> dict[str, object]:
    issuer = clean(heading.issuer.name, field="issuer")
    number = clean(heading.number, field="number")
    urgency = heading.urgency
    recipients = [clean(name, field="recipients") for name in heading.recipients]
    return {
        "language": language.value,
        "title": number,
        "subject": "",
        "issuer": issuer,
        "issuer_caps": issuer.upper(),
        "parent": clean(heading.issuer.parent, field="parent", optional=True).upper(),
        "republic": translate("document.republic", language),
        "motto": translate("document.motto", language),
        "number": translate("document.number", language, number=number),
        "place_and_date": _dated(heading, language),
        "urgency": "" if urgency is Urgency.ORDINARY else translate(f"document.urgency.{urgency.value}", language),
        "recipients_title": translate("document.recipients", language),
        "recipients": [f"{name};" for name in recipients] + [translate("document.archive", language)],
        "signature": _signature(heading.signatory, language),
    }


def _dated(heading: Heading, language: Language) -> str:
    """Place and date; a place that nobody has recorded is left to be written in by hand."""
    place = clean(heading.issuer.place, field="place", optional=True)
    return long_date(heading.issued_on, place or translate("document.place_unknown", language), language)


def _signature(signatory: Signatory, language: Language) -> dict[str, object]:
    position = clean(signatory.position, field="position").upper()
    titles = [position]
    if signatory.capacity is not Capacity.OWN:
        head = clean(signatory.signs_for, field="signs_for").upper()
        titles = [f"{signatory.capacity.value} {head}", position]
    return {
        "titles": titles,
        "name": clean(signatory.name, field="signatory"),
        "note": translate("document.signed_digitally", language),
    }


def _foot(verification: Verification, code: str, language: Language) -> dict[str, object]:
    link = https(verification.url, "verification_url")
    return {
        "lines": [
            translate(
                "document.foot.message",
                language,
                message=clean(verification.message_id, field="message_id"),
                code=code,
            ),
            translate(
                "document.foot.trail",
                language,
                sequence=verification.trail_sequence,
                hash=clean(verification.trail_hash, field="trail_hash"),
            ),
            translate("document.foot.check", language, url=link),
        ],
        "qr": qr_svg(f"{link}#{code}"),
        "alt": translate("document.foot.alt", language),
    }
