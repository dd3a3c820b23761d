"""One administrative document as values: its heading, body, tables, annexes and signature. All frozen."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lachan.foundation.documents.model import Capacity, Issuer, Urgency


class PaperKind(StrEnum):
    """What a document is. Those of `ABBREVIATIONS` carry their type's name; the others are official letters."""

    PLAN = "plan"
    REPORT = "report"
    OFFICIAL_LETTER = "official_letter"
    REMINDER = "reminder"
    REQUEST = "request"
    MINUTES = "minutes"


# What stands in the number before the issuer's own letters: `12/BC-CAT`; official letters have none: `12/CAT-PV01`.
ABBREVIATIONS = {PaperKind.PLAN: "KH", PaperKind.REPORT: "BC", PaperKind.MINUTES: "BB"}


class Align(StrEnum):
    """How a column of a table is set."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading inside the body, with its own number in `text`; `level` 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list; the dash is set here."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `share` of the width, relative to the others' shares."""

    head: str
    share: int
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its head is repeated on every page. Rows have as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


Block = Section | Paragraph | Item | Grid


@dataclass(frozen=True, slots=True)
class Annex:
    """A Phụ lục: on its own pages, numbered by itself; broad tables lie across."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SigningLine:
    """On whose behalf: `TM. ỦY BAN NHÂN DÂN`, then `KT. CHỦ TỊCH`."""

    capacity: Capacity
    title: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, `position` being the own title; empty `name` leaves room for it."""

    position: str
    name: str
    behalf: tuple[SigningLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """All that a document says.

    `number` is what the register gave, None in a draft; `symbol` what follows the stroke (`BC-CAT`). Without
    `issued_on` the day is left open. `abstract` is the trích yếu. `secretary` signs minutes beside the chair.
    `archive` is who keeps the copy after `VT`.
    """

    kind: PaperKind
    issuer: Issuer
    number: int | None
    symbol: str
    issued_on: date | None
    abstract: str
    body: tuple[Block, ...]
    signature: Signature
    addressees: tuple[str, ...] = ()
    legal_bases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    archive: str = ""
    urgency: Urgency = Urgency.ORDINARY
    annexes: tuple[Annex, ...] = ()
    secretary: Signature | None = None
