"""What kind of file it is, by its content, and its lines; what cannot be read is refused by name."""

from pathlib import PurePath

from lachan.foundation.base import BadInput
from lachan.plans.reading.parts import Line
from lachan.plans.reading.reasons import ReadingReason
from lachan.plans.reading.text import read_text

FILE_MAX = 25_000_000
TEXT_MAX = 2_000_000
_EXTENSIONS = {
    ".txt": "text", ".md": "text", ".markdown": "text", ".text": "text", ".docx": "docx", ".pdf": "pdf",
    ".html": "html", ".htm": "html", ".xhtml": "html",
}  # fmt: skip
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")
_KINDS = "txt, md, docx, pdf, html"


def lines_of(data: bytes, name: str) -> list[Line]:
    """The lines of a document. Raises BadInput with a `ReadingReason`."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise BadInput(ReadingReason.EMPTY, field="file")
    if len(data) > FILE_MAX:
        raise BadInput(ReadingReason.TOO_LARGE, field="file", limit=f"{FILE_MAX // 1_000_000} MB")
    kind = _kind(data)
    told = PurePath(name).suffix.lower()
    if told and told not in _EXTENSIONS:
        raise BadInput(ReadingReason.UNKNOWN_FILE, field="file", expected=_KINDS)
    if told and _EXTENSIONS[told] != kind and not (kind == "html" and _EXTENSIONS[told] == "text"):
        raise BadInput(ReadingReason.WRONG_EXTENSION, field="file", said=told.strip("."), found=kind)
    lines = _read(data, kind)
    if sum(len(line.text) for line in lines) > TEXT_MAX:
        raise BadInput(ReadingReason.TOO_LARGE, field="file", limit=f"{TEXT_MAX:,} characters")
    return lines


def _kind(data: bytes) -> str:
    """The kind by its first bytes; BadInput for kinds that hold no text to read."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:2048]
    if start.startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "docx"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise BadInput(ReadingReason.ENCRYPTED if encrypted else ReadingReason.OLD_WORD, field="file")
    if data.startswith(b"{\\rtf"):
        raise BadInput(ReadingReason.UNKNOWN_FILE, field="file", expected=_KINDS)
    if data.startswith(_PICTURES):
        raise BadInput(ReadingReason.SCANNED, field="file")
    low = start.lower()
    if low.startswith((b"<!doctype html", b"<html", b"<?xml")) or (low.startswith(b"<") and b"</" in low):
        return "html"
    return "text"


def _read(data: bytes, kind: str) -> list[Line]:
    if kind == "docx":
        from lachan.plans.reading.word import read_word

        return read_word(data)
    if kind == "pdf":
        from lachan.plans.reading.pages import read_pages

        return read_pages(data)
    if kind == "html":
        from lachan.plans.reading.hypertext import read_html

        return read_html(data)
    return read_text(data)
