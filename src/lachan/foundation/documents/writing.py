"""How dates, times and amounts are written in administrative documents, and how foreign text is made safe."""

import unicodedata
from datetime import date, datetime

from lachan.foundation.base import VIETNAM, BadInput, Language, translate
from lachan.foundation.documents.model import DocumentReason

TEXT_CHARACTERS_MAX = 2000
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", " nghìn", " triệu")


def long_date(day: date, place: str, language: Language) -> str:
    """`Cao Bằng, ngày 05 tháng 02 năm 2026`."""
    return translate(
        "document.place_and_date",
        language,
        place=place,
        day=f"{day.day:02d}",
        month=f"{day.month:02d}" if language is Language.EN else _month(day),
        year=day.year,
    )


def short_date(day: date, language: Language) -> str:
    """`05/02/2026` and `15/7/2026`; ISO 8601 in English."""
    return day.isoformat() if language is Language.EN else f"{day.day:02d}/{_month(day)}/{day.year}"


def moment(instant: datetime, language: Language) -> str:
    """`09 giờ 05 phút ngày 05/02/2026`, in Vietnamese time."""
    local = instant.astimezone(VIETNAM)
    return translate(
        "document.moment",
        language,
        hour=f"{local.hour:02d}",
        minute=f"{local.minute:02d}",
        date=short_date(local.date(), language),
    )


def amount(amount_vnd: int, language: Language) -> str:
    """`50.000.000 đồng (năm mươi triệu đồng)`; in English only the figure is given."""
    figure = translate("document.amount", language, figure=f"{amount_vnd:,}".replace(",", "."))
    return figure if language is Language.EN else f"{figure} ({in_words(amount_vnd)} đồng)"


def in_words(number: int) -> str:
    """A number from 0 to 999 999 999 999 999 999 in Vietnamese words: 1 005 is `một nghìn không trăm linh năm`."""
    if not 0 <= number < 10**18:
        raise ValueError("only 0 to 10^18 - 1 is spelled out")
    if number == 0:
        return _DIGITS[0]
    billions, rest = divmod(number, 10**9)
    parts = [f"{in_words(billions)} tỷ"] if billions else []
    for index in (2, 1, 0):
        group = rest // 1000**index % 1000
        if group:
            parts.append(_three_digits(group, leading=not parts) + _GROUPS[index])
    return " ".join(parts)


def clean(text: str, *, field: str, optional: bool = False, limit: int = TEXT_CHARACTERS_MAX) -> str:
    """Text from outside as it may be printed: one line, composed letters, nothing invisible or reordering.

    Control characters and Unicode format characters (among them the bidirectional overrides, which make a
    name or a number read differently from what it is) are taken out. The rest reaches the page as text: the
    typesetter gets it as a string value, never as markup.

    Raises:
        BadInput: `document_text_missing`, `document_text_too_long`.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(" " if c.isspace() else c for c in composed if c.isspace() or _printable(c))
    line = " ".join(kept.split())
    if not line and not optional:
        raise BadInput(DocumentReason.TEXT_MISSING, field=field)
    if len(line) > limit:
        raise BadInput(DocumentReason.TEXT_TOO_LONG, field=field, limit=limit)
    return line


def unbroken(text: str) -> str:
    """The text kept on one line: a telephone number is not divided."""
    return text.replace(" ", "\u00a0")


def _printable(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def _month(day: date) -> str:
    # Decree 30/2020: a zero before days under 10 and before months 1 and 2 only.
    return f"{day.month:02d}" if day.month <= 2 else str(day.month)


def _three_digits(group: int, *, leading: bool) -> str:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [] if leading and not hundreds else [f"{_DIGITS[hundreds]} trăm"]
    if tens == 0:
        if ones and words:
            words.append("linh")
    else:
        words.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
    if ones == 1 and tens > 1:
        words.append("mốt")
    elif ones == 5 and tens:
        words.append("lăm")
    elif ones:
        words.append(_DIGITS[ones])
    return " ".join(words)
