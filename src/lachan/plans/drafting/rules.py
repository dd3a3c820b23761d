"""From what was typed to the paper: numbered headings, lists and tables are known by how a line begins. Pure."""

import re

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.documents import Issuer
from lachan.foundation.documents.administrative import (
    Block,
    Column,
    Grid,
    Item,
    Paper,
    PaperKind,
    Paragraph,
    Section,
    Signature,
)
from lachan.plans.drafting.model import DraftReason, Written
from lachan.plans.outgoing.rules import abbreviated, behalf_of, symbol_of

# `I. MỤC ĐÍCH`, `Phần thứ nhất`, `Mục 2`; `1. Công tác chỉ đạo`; `a) Số liệu`: a short line without a full stop.
_HEADINGS = (
    re.compile(r"(?:[IVXL]+\.|Phần|Chương|Mục)\s"),
    re.compile(r"\d{1,2}(?:\.\d{1,2})*\.\s"),
    re.compile(r"[a-zđ]\)\s"),
)
_HEADING_MOST = 120
_DASHES = "-–+•"
_HEAD_OF_OFFICE, _SECRETARY = "Thủ trưởng cơ quan", "Thư ký"
LETTERS = frozenset({PaperKind.OFFICIAL_LETTER, PaperKind.REMINDER, PaperKind.REQUEST})
"""The kinds that are addressed to somebody."""


def lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def blocks_of(text: str) -> tuple[Block, ...]:
    """The body: headings, lines that begin with a dash, tables of lines that begin with `|`, and paragraphs.

    Raises:
        BadInput: TABLE_UNEVEN where a row of a table has another number of cells than its head.
    """
    made: list[Block] = []
    table: list[tuple[str, ...]] = []
    for line in (*lines_of(text), ""):
        if line.startswith("|"):
            table.append(tuple(cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")))
            continue
        if table:
            made.append(_grid(table))
            table = []
        if line:
            made.append(_block(line))
    return tuple(made)


def paper_of(written: Written, issuer: Issuer) -> Paper:
    """The paper without a number, as it stands now; what is still empty is left open.

    Raises:
        BadInput: at the field that cannot stand in a document.
    """
    minutes = written.kind is PaperKind.MINUTES and written.secretary
    return Paper(
        kind=written.kind, issuer=issuer, number=None, symbol=_symbol(written), issued_on=None,
        abstract=written.abstract, body=blocks_of(written.body),
        signature=Signature(written.position or _HEAD_OF_OFFICE, written.signatory, behalf_of(written.behalf)),
        addressees=lines_of(written.addressees) if written.kind in LETTERS else (),
        legal_bases=tuple(one.removeprefix("Căn cứ ").rstrip(";.") for one in lines_of(written.bases)),
        recipients=lines_of(written.recipients), archive=written.archive, urgency=written.urgency,
        secretary=Signature(_SECRETARY, written.secretary) if minutes else None,
    )  # fmt: skip


def check_complete(written: Written) -> None:
    """BadInput MISSING at the first field without which a document is not issued."""
    needed = ["letters", "body", "position", "signatory"]
    if written.kind in LETTERS:
        needed.append("addressees")
    if written.kind is PaperKind.MINUTES:
        needed.append("secretary")
    for name in needed:
        if not getattr(written, name):
            raise BadInput(InputReason.MISSING, field=name)


def _symbol(written: Written) -> str:
    return symbol_of(written.kind, written.letters) if written.letters else abbreviated(written.kind, "……")


def _block(line: str) -> Block:
    for level, pattern in enumerate(_HEADINGS, 1):
        if pattern.match(line) and len(line) <= _HEADING_MOST and not line.endswith((".", ";", ",", ":")):
            return Section(level, line)
    if line[0] in _DASHES and line[1:].strip():
        return Item(line[1:].strip())
    return Paragraph(line)


def _grid(rows: list[tuple[str, ...]]) -> Grid:
    head, *below = rows
    if any(len(row) != len(head) for row in below):
        raise BadInput(DraftReason.TABLE_UNEVEN, field="body", count=len(head))
    widest = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return Grid(tuple(Column(name, max(1, min(widest[at], 40))) for at, name in enumerate(head)), tuple(below))
