"""PDF with text: page by page, line by line; pages that are pictures are refused with a word about OCR."""

import io
import logging
import re

from pypdf import PageObject, PdfReader

from lachan.foundation.base import BadInput
from lachan.plans.reading.letters import clean, fold
from lachan.plans.reading.page_tables import Piece, lines_with_tables
from lachan.plans.reading.parts import Line
from lachan.plans.reading.reasons import ReadingReason

PAGES_MAX = 300
_LETTERS_MIN = 5
# A page that is a picture may say who scanned or signed it: "Người ký: …", "Thời gian ký: …", a program's name.
_STAMP = re.compile(
    r"\W*(?:ký bởi|ký số bởi|người ký|cơ quan|đơn vị|email|thời gian ký|ngày ký|scanned (?:with|by))\b.*"
    r"|[\W\d]*(?:(?:trang|page)[\W\d]*)?"
)
_SPARSE = 120
_PAGE_TEXT_MAX = 200_000


def read_pages(data: bytes) -> list[Line]:
    """The lines of a PDF. Raises BadInput where it is damaged, encrypted, too long, or only pictures."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it cannot read is refused by name, not logged
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(ReadingReason.ENCRYPTED, field="file")
        if len(reader.pages) > PAGES_MAX:
            raise BadInput(ReadingReason.TOO_LARGE, field="file", limit=f"{PAGES_MAX} pages")
        pieces: list[Piece] = []
        texts = [_text(page, number, pieces) for number, page in enumerate(reader.pages)]
        sparse = [text for text, page in zip(texts, reader.pages, strict=True)
                  if _letters(text) < _SPARSE and _has_picture(page)]  # fmt: skip
    except BadInput:
        raise
    except (Exception, RecursionError) as error:
        raise BadInput(ReadingReason.DAMAGED, field="file") from error
    if not any(texts) or 2 * len(sparse) > len(texts):
        raise BadInput(ReadingReason.SCANNED, field="file")
    if any("chủ trì" in fold(text) for text in texts) and (tabled := lines_with_tables(pieces)) is not None:
        return tabled
    found: list[Line] = []
    for text in texts:
        lines = [clean(raw) for raw in text.splitlines()]
        for place, line in enumerate(lines, 1):
            found.append(Line(len(found) + 1, line, page_end=place == len(lines)))
    return found


def _text(page: PageObject, number: int, pieces: list[Piece]) -> str:
    """A page's text, its pieces added to `pieces`; BadInput where it is a picture of one."""

    def visit(text: str, matrix: list[float], place: list[float], _font: object, size: float) -> None:
        x = matrix[0] * place[4] + matrix[2] * place[5] + matrix[4]
        y = matrix[1] * place[4] + matrix[3] * place[5] + matrix[5]
        pieces.append(Piece(number, x, y, abs(size) or 1.0, text))

    text = page.extract_text(visitor_text=visit)
    if len(text) > _PAGE_TEXT_MAX:
        raise BadInput(ReadingReason.TOO_LARGE, field="file", limit=f"{_PAGE_TEXT_MAX:,} characters")
    if _letters(text) >= _LETTERS_MIN:
        return text
    if _has_picture(page):
        raise BadInput(ReadingReason.SCANNED, field="file")
    return ""


def _letters(text: str) -> int:
    """How many letters a page has of its own, without what was stamped onto it."""
    lines = (line for line in text.splitlines() if not _STAMP.fullmatch(fold(clean(line))))
    return sum(letter.isalpha() for line in lines for letter in line)


def _has_picture(page: PageObject) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return bool(objects is not None and len(objects.get_object()))
