"""Plain text and markdown: lines, with their decoration taken off; rows between pipes or tabs are tables."""

import re

from lachan.foundation.base import BadInput
from lachan.plans.reading.letters import clean
from lachan.plans.reading.parts import Line
from lachan.plans.reading.reasons import ReadingReason

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
_BOLD = re.compile(r"\*\*|__(?=\S)|(?<=\S)__")
_ITALIC = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*(?![\w*])")
_TAG = re.compile(r"</?(?:sub|sup|b|i|u|em|strong|span|br|p|font|div|center)\b[^<>]{0,200}>", re.I)
_ESCAPED = re.compile(r"\\([-*_.#()\[\]+!|])")
_COLUMNS_MIN = 3
_RULED = re.compile(r"\|?[\s:|-]*-{2,}[\s:|-]*\|?")


def read_text(data: bytes) -> list[Line]:
    """The lines of a text in UTF-8 or, with its mark, UTF-16. Raises BadInput where it is neither."""
    return lines_of_text(decode(data))


def decode(data: bytes) -> str:
    """The text; BadInput where its letters cannot be told."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(ReadingReason.NOT_UTF8, field="file") from error
    if "\x00" in text:
        raise BadInput(ReadingReason.UNKNOWN_FILE, field="file", expected="txt, md, docx, pdf, html")
    return text


def lines_of_text(text: str) -> list[Line]:
    """Every line, counted from 1; empty ones stay, they part paragraphs."""
    found: list[Line] = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n|\f|\u2028|\u2029|\x85", text), 1):
        heading = bool(_HEADING.match(raw))
        plain = plain_words(raw)
        if "|" in plain and plain.startswith("|") and plain.count("|") >= 3:
            if not _RULED.fullmatch(plain):
                found.append(Line(number, plain, cells=tuple(map(clean, plain.strip("|").split("|")))))
            continue
        cells = tuple(clean(cell) for cell in raw.strip().split("\t"))
        found.append(Line(number, plain, heading, cells if sum(map(bool, cells)) >= _COLUMNS_MIN else None))
    return found


def plain_words(raw: str) -> str:
    """A line without the signs that only say how it looks."""
    text = _ESCAPED.sub(r"\1", _TAG.sub("", _HEADING.sub("", raw)))
    return clean(_ITALIC.sub(r"\1", _BOLD.sub("", text)))
