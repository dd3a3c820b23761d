"""What the steps of reading hand to one another."""

from dataclasses import dataclass, field
from enum import IntEnum

from lachan.plans.model import SourceLine


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text that was read. `cells`: it is a row of a table. `full`: it reaches the right margin.

    `heading`: the document itself marks it as a heading. `page_end`: the last one of a page.
    """

    number: int
    text: str
    heading: bool = False
    cells: tuple[str, ...] | None = None
    full: bool | None = None
    page_end: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together. `rows`: a whole table, its first row the columns' names where it has them."""

    text: str
    line: SourceLine
    heading: bool = False
    rows: tuple[Line, ...] = ()


class Rank(IntEnum):
    """How deep a kind of mark usually stands; a smaller one closes all greater ones."""

    PART = 0
    CHAPTER = 1
    ENTRY = 2
    LETTER = 3
    ROMAN = 4
    NUMBER = 5
    NUMBER_2 = 6
    NUMBER_3 = 7
    NUMBER_4 = 8
    NUMBER_BRACKET = 9
    SMALL_LETTER = 10
    IN_BRACKETS = 11
    SMALL_ROMAN = 12
    DASH = 13
    PLUS = 14
    DOT = 15


SECTIONS = frozenset({Rank.PART, Rank.CHAPTER, Rank.ENTRY, Rank.LETTER, Rank.ROMAN})


@dataclass(frozen=True, slots=True)
class Mark:
    """What numbers a paragraph. `label` is its place in a reference; `order` the number, 0 for a bullet."""

    rank: Rank
    label: str
    order: int
    width: int
    sure: bool = True


@dataclass(slots=True)
class Node:
    """One numbered place of the plan, with its own words and what stands under it."""

    mark: Mark | None
    label: str
    line: SourceLine
    paragraphs: list[str] = field(default_factory=list)
    children: "list[Node]" = field(default_factory=list)
    tables: list[tuple[Line, ...]] = field(default_factory=list)
    heading: bool = False

    @property
    def text(self) -> str:
        """Its own words, paragraph by paragraph."""
        return "\n".join(self.paragraphs)
