"""The reasoned notice to the holder of an account on which money is held."""

import re

from lachan.foundation.base import BadInput, Language, translate
from lachan.foundation.documents.engine import qr_svg
from lachan.foundation.documents.frame import account_rows, basis_sentences, finish, https, positive, row
from lachan.foundation.documents.model import DocumentReason, NoticeLetter
from lachan.foundation.documents.writing import amount, clean, moment, short_date, unbroken

# Law 14/2022/QH15 forbids telling anyone that a suspicious-transaction report was made. Citing the article on
# delaying a transaction is no such disclosure: it speaks of the hold itself.
_REPORT = re.compile(
    r"đáng\s+ngờ|suspicious[\s-]+(?:transaction|activity)|\b(?:STR|SAR)s?\b|goAML"
    r"|báo\s+cáo\s+(?:cho\s+|tới\s+|đến\s+|lên\s+)?(?:cục|ngân\s+hàng\s+nhà\s+nước)",
    re.IGNORECASE,
)


def render_notice(letter: NoticeLetter, language: Language = Language.VI) -> bytes:
    """What is held, why, on what basis, until when, and how to object, as a PDF.

    Raises:
        BadInput: `notice_reveals_report` where a text speaks of a suspicious-transaction report; a text is
            missing or too long, the appeal link is not https, or no end and no review date is given.
    """
    link = https(letter.appeal_url, "appeal_url")
    reason = _discreet(clean(letter.reason, field="reason"), "reason")
    decided_by = _discreet(clean(letter.decided_by, field="decided_by"), "decided_by")
    bases = [_discreet(line, "legal_basis") for line in basis_sentences(letter.legal_basis, language)]
    hours = letter.first_decision_hours
    content = {
        "type": translate("document.notice.type", language),
        "abstract": translate("document.notice.abstract", language),
        "to": translate("document.to", language, name=clean(letter.account.holder, field="holder")),
        "opening": [
            *bases,
            translate(
                "document.notice.opening",
                language,
                decided_by=decided_by,
                action=translate(f"document.action.step_{letter.step}", language),
            ),
        ],
        "facts": [
            *account_rows(letter.account, language),
            row("held", amount(positive(letter.amount_vnd, "amount_vnd"), language), language),
            row("placed_at", moment(letter.placed_at, language), language),
            _end(letter, language),
            row("reason", reason, language),
            row("notice", clean(letter.notice_code, field="notice_code"), language),
        ],
        "closing": [
            translate("document.notice.rest_is_free", language),
            translate("document.notice.not_a_verdict", language),
        ],
        "appeal": {
            "title": translate("document.notice.appeal_title", language),
            "lines": [
                translate("document.notice.appeal", language, hours=hours),
                translate(
                    "document.notice.phone", language, phone=unbroken(clean(letter.contact_phone, field="phone"))
                ),
            ],
            "url": link,
            "qr": qr_svg(link),
            "alt": translate("document.notice.appeal_alt", language),
        },
    }
    return finish("notice", letter.heading, content, language)


def _discreet(text: str, field: str) -> str:
    if _REPORT.search(text):
        raise BadInput(DocumentReason.REVEALS_REPORT, field=field)
    return text


def _end(letter: NoticeLetter, language: Language) -> tuple[str, str]:
    if letter.expires_at is not None:
        return row("expires_at", moment(letter.expires_at, language), language)
    if letter.review_on is not None:
        return row("review_on", short_date(letter.review_on, language), language)
    raise BadInput(DocumentReason.END_MISSING, field="expires_at")
