"""From paragraphs to the tree of the plan: what stands under what, by the marks before them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lachan.plans.model import SourceLine, Warned
from lachan.plans.reading.joining import CLOSING, LABELLED
from lachan.plans.reading.letters import GREAT, fold, is_shouted
from lachan.plans.reading.marks import mark_of
from lachan.plans.reading.parts import SECTIONS, Mark, Node, Paragraph, Rank

_NEXT_LETTER = dict(zip("abcdđeghikl", "bcdđeghiklm", strict=True))
_APPENDIX = re.compile(r"phụ lục(?:\s+(?:số\s+)?(?P<number>[ivx]+|\d{1,2}))?\s*(?:[.:]|$)")
_APPENDIX_MAX = 20
_HEADING_MAX = 160
_BULLETS = frozenset({Rank.DASH, Rank.PLUS, Rank.DOT})
_INNER = _BULLETS | {Rank.SMALL_LETTER, Rank.SMALL_ROMAN, Rank.IN_BRACKETS, Rank.NUMBER_BRACKET}


@dataclass(slots=True)
class Outline:
    """The tree, and what was odd about it."""

    root: Node
    warnings: list[Warned] = field(default_factory=list)
    closing: list[SourceLine] = field(default_factory=list)


def outline(paragraphs: Iterable[Paragraph]) -> Outline:
    """Put every paragraph into its place."""
    builder = _Builder()
    for paragraph in paragraphs:
        builder.take(paragraph)
    return Outline(builder.root, builder.warnings, builder.closing)


class _Builder:
    """The open places, from the plan down to the last bullet."""

    def __init__(self) -> None:
        self.root = Node(None, "", SourceLine(0, ""))
        self.stack: list[Node] = [self.root]
        self.warnings: list[Warned] = []
        self.closing: list[SourceLine] = []
        self.bare_sections = 0

    def take(self, paragraph: Paragraph) -> None:
        if paragraph.rows:
            self._holder().tables.append(paragraph.rows)
            return
        found = _APPENDIX.match(small := fold(paragraph.text))
        # "Phụ lục I" is a section of its own; a sentence about one is not.
        if found and (is_shouted(paragraph.text) or paragraph.heading or len(small) < _APPENDIX_MAX):
            self._appendix(paragraph, found["number"])
            return
        for text in self._unmerged(paragraph.text):
            self._place(text, paragraph)

    def _appendix(self, paragraph: Paragraph, number: str | None) -> None:
        label = "PL" + (number or "").upper()
        node = Node(Mark(Rank.PART, label, 0, 0), label, paragraph.line, [paragraph.text], heading=True)
        self.root.children.append(node)
        self.stack = [self.root, node]

    def _holder(self) -> Node:
        """Whose table it is: the innermost section or numbered item."""
        return next(node for node in reversed(self.stack) if node.mark is None or node.mark.rank <= Rank.NUMBER_4)

    def _place(self, text: str, paragraph: Paragraph) -> None:
        mark = mark_of(text, paragraph.heading)
        if mark is not None and mark.rank is Rank.ROMAN and not mark.sure and not self._next_in_row(mark):
            mark = None
        if mark is not None and not mark.sure and mark.rank is Rank.IN_BRACKETS and not self._begins_list(mark):
            mark = None
        if mark is not None and self._is_decimal(mark):
            mark = None
        if mark is None:
            self._unmarked(text, paragraph)
            return
        self._descend(mark)
        parent = self.stack[-1]
        line = SourceLine(paragraph.line.number, text)
        node = Node(mark, self._label(parent, mark, line), line, heading=paragraph.heading)
        rest = text[mark.width :].strip()
        if rest:
            node.paragraphs.append(rest)
        parent.children.append(node)
        self.stack.append(node)

    def _next_in_row(self, mark: Mark) -> bool:
        """A roman number before small letters counts where it goes on with the ones before it."""
        last = next((n.mark.order for n in reversed(self.stack) if n.mark and n.mark.rank is Rank.ROMAN), 0)
        return mark.order == last + 1

    def _begins_list(self, mark: Mark) -> bool:
        """ "(1)" at the beginning of a line divides only where a list was announced or has begun."""
        top = self.stack[-1]
        if any(node.mark and node.mark.rank is Rank.IN_BRACKETS for node in self.stack):
            return True
        heading = len(top.paragraphs) == 1 and len(top.text) < _HEADING_MAX and top.text[-1:].isalnum()
        return mark.order == 1 and (top.text.endswith(":") or heading)

    def _is_decimal(self, mark: Mark) -> bool:
        """ "1.5 …" is a number, not a place, where no item 1 is open."""
        if not Rank.NUMBER_2 <= mark.rank <= Rank.NUMBER_4:
            return False
        prefix = mark.label.rsplit(".", 1)[0]
        opened = [n.mark.label for n in self.stack if n.mark and Rank.NUMBER <= n.mark.rank <= Rank.NUMBER_4]
        return bool(opened) and not any(
            label == prefix or label.startswith((f"{prefix}.", prefix)) for label in opened
        )

    def _unmarked(self, text: str, paragraph: Paragraph) -> None:
        top, small = self.stack[-1], fold(text)
        if top.mark is not None and top.mark.rank in SECTIONS and not top.tables and not top.children:
            title_missing = not top.paragraphs and top.mark.rank in (Rank.PART, Rank.CHAPTER, Rank.ENTRY)
            if title_missing or (len(top.paragraphs) == 1 and is_shouted(text) and top.label.startswith("PL")):
                top.paragraphs.append(text)
                return
        lonely = top.mark is not None and top.mark.rank in SECTIONS and not top.children
        if CLOSING.match(small) and (small.startswith("trên đây") or not lonely):
            self.closing.append(SourceLine(paragraph.line.number, text))
            return
        if (is_shouted(text) or paragraph.heading) and len(text) < 160 and not LABELLED.match(small):
            self._bare_section(text, paragraph)
            return
        top.paragraphs.append(text)

    def _bare_section(self, text: str, paragraph: Paragraph) -> None:
        """A heading without a number: a section where the plan numbers none, else a remark on the page."""
        if any(child.mark and child.mark.rank is not Rank.ENTRY for child in self.root.children[:1]):
            return
        self.bare_sections += 1
        mark = Mark(Rank.ENTRY, str(self.bare_sections), self.bare_sections, 0)
        node = Node(mark, str(self.bare_sections), paragraph.line, [text], heading=True)
        self.root.children.append(node)
        self.stack = [self.root, node]

    def _section(self) -> Node:
        return next(node for node in reversed(self.stack) if node.mark is None or node.mark.rank in SECTIONS)

    def _descend(self, mark: Mark) -> None:
        """Close what the mark closes, so that the top of the stack is what it stands under."""
        kinds = [node.mark.rank if node.mark else None for node in self.stack]
        announced = self.stack[-1].text.endswith(":")
        if mark.rank in kinds:
            at = len(kinds) - 1 - kinds[::-1].index(mark.rank)
            top = self.stack[-1].mark
            restarts = mark.order == 1 and announced and mark.rank >= Rank.NUMBER and top is not None
            if restarts and top is not None and top.rank >= mark.rank and at == len(kinds) - 1:
                return
            del self.stack[at:]
            return
        if announced and mark.rank in _INNER and (self.stack[-1].mark is not None):
            return
        while (last := self.stack[-1].mark) is not None and last.rank >= mark.rank:
            self.stack.pop()

    def _label(self, parent: Node, mark: Mark, line: SourceLine) -> str:
        """The place in the reference: the number as printed, or the count of bullets."""
        same = [child for child in parent.children if child.mark is not None and child.mark.rank not in SECTIONS]
        if mark.rank in SECTIONS:
            label = mark.label
        elif Rank.NUMBER <= mark.rank <= Rank.NUMBER_4:
            label = mark.label.rsplit(".", 1)[-1]
        else:
            label = str(len(same) + 1)
        taken = {child.label for child in parent.children}
        if label in taken:
            self.warnings.append(Warned("number_repeated", line, (("number", mark.label or label),)))
            count = 2
            while f"{label}-{count}" in taken:
                count += 1
            label = f"{label}-{count}"
        elif mark.rank is Rank.NUMBER and same and same[-1].mark and same[-1].mark.rank is Rank.NUMBER:
            expected = same[-1].mark.order + 1
            if mark.order != expected:
                told = (("number", mark.label), ("expected", str(expected)))
                self.warnings.append(Warned("number_out_of_row", line, told))
        return label

    def _unmerged(self, text: str) -> Iterator[str]:
        """The texts that ran together on one line, each with its own mark."""
        while True:
            at = self._merge_at(text)
            if at is None:
                yield text
                return
            yield text[:at].rstrip()
            text = text[at:].lstrip()

    def _merge_at(self, text: str) -> int | None:
        own = mark_of(text)
        marks = {node.mark.rank: node.mark for node in self.stack if node.mark is not None}
        if own is not None:
            marks = {rank: mark for rank, mark in marks.items() if rank < own.rank}
            marks[own.rank] = own
        start = own.width if own is not None else 0
        first = re.search(r"\s1\.\s+(?=\w)", text[start:]) if own is not None and own.rank in SECTIONS else None
        if first is not None and is_shouted(text[start : start + first.start()]):
            return start + first.start()
        hits = [hit for mark in marks.values() if (hit := _sibling(text, start, mark, own)) is not None]
        return min(hits, default=None)


def _sibling(text: str, start: int, mark: Mark, own: Mark | None) -> int | None:
    """Where, within the text, the next of the same kind begins after the end of a sentence."""
    if mark.rank is Rank.NUMBER:
        pattern = rf"(?<=[.;:!?/])\s+{mark.order + 1}\.\s+(?=[^\W\d_])"
    elif Rank.NUMBER_2 <= mark.rank <= Rank.NUMBER_4:
        following = mark.label.rsplit(".", 1)[0] + f".{mark.order + 1}"
        pattern = rf"(?<=[.;:!?])\s+{re.escape(following)}[.\s]\s*(?=[^\W\d_])"
    elif mark.rank is Rank.ROMAN:
        return _next_section(text, start, mark)
    elif own is None or own.rank is not mark.rank:
        return None  # bullets run together only with bullets that began their own line
    elif mark.rank is Rank.SMALL_LETTER:
        letter = _NEXT_LETTER.get(text[0].lower())
        if letter is None:
            return None
        pattern = rf"(?<=[.;:])\s+{letter}\)\s*(?=[^\W\d_])"
    elif mark.rank is Rank.SMALL_ROMAN:
        following = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")[mark.order % 10]
        pattern = rf"(?<=[.;:])\s+\({following}\)\s*(?=\w)"
    elif mark.rank in _BULLETS:
        pattern = rf"(?<=[.;])\s+{re.escape(text[0])}\s+(?={GREAT})"
    else:
        return None
    found = re.compile(pattern).search(text, start)
    return found.start() if found else None


def _next_section(text: str, start: int, mark: Mark) -> int | None:
    for found in re.finditer(rf"(?<=[.;!?/])\s+([IVX]{{1,5}})\.\s+(?={GREAT}{{2}})", text[start:]):
        following = mark_of(text[start + found.start() :].lstrip())
        if following is not None and following.rank is Rank.ROMAN and following.order == mark.order + 1:
            return start + found.start()
    return None
