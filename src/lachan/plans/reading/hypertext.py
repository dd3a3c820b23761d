"""Web pages: blocks become lines, lists get their marks, tables keep their rows."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

from lachan.foundation.base import BadInput
from lachan.plans.reading.letters import clean
from lachan.plans.reading.parts import Line
from lachan.plans.reading.reasons import ReadingReason
from lachan.plans.reading.tables import is_task_table
from lachan.plans.reading.text import decode

_SKIPPED = {"script", "style", "noscript", "template", "head", "nav", "footer", "aside", "form", "button", "svg"}
_BLOCKS = {
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "main", "tr",
    "td", "th", "table", "tbody", "blockquote", "pre", "center", "dd", "dt", "dl", "hr", "body",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)")
_SPAN_MAX = 40
_ROWS_MAX = 5_000


def read_html(data: bytes) -> list[Line]:
    """The lines of a page. Raises BadInput where nothing can be made of it."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(_text(data).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise BadInput(ReadingReason.DAMAGED, field="file") from error
    return _Walk().lines(root)


def _text(data: bytes) -> str:
    """The letters: UTF-8, or what the page itself says."""
    told = _CHARSET.search(data[:4096])
    try:
        return decode(data)
    except BadInput:
        if told is None:
            raise
    try:
        return data.decode(told[1].decode("ascii"), "replace")
    except LookupError as error:
        raise BadInput(ReadingReason.NOT_UTF8, field="file") from error


class _Walk:
    """Goes through a page without recursion: a page may be nested as deep as it likes."""

    def __init__(self) -> None:
        self.found: list[Line] = []
        self.pieces: list[str] = []
        self.heading = False
        self.mark = ""

    def lines(self, root: Any) -> list[Line]:
        pending: list[tuple[Any, bool]] = [(root, False)]
        while pending:
            element, leaving = pending.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if leaving:
                if tag in _BLOCKS:
                    self._break()
                self.pieces.append(element.tail or "")
                continue
            if tag in _SKIPPED or not tag:
                self.pieces.append(element.tail or "")
                continue
            if tag == "table" and self._table(element):
                self.pieces.append(element.tail or "")
                continue
            if tag in _BLOCKS:
                self._break()
                self.heading = tag in _HEADINGS
                if tag == "li":
                    self.mark = _list_mark(element)
            if tag == "br":
                self._break()
            self.pieces.append(element.text or "")
            pending.append((element, True))
            pending += [(child, False) for child in reversed(element)]
        self._break()
        return self.found

    def _break(self) -> None:
        text = clean("".join(self.pieces))
        self.pieces.clear()
        if text:
            marked = f"{self.mark} {text}" if self.mark else text
            self.found.append(Line(len(self.found) + 1, marked, self.heading))
            self.mark = ""

    def _table(self, table: Any) -> bool:
        """Take a table of tasks as rows; any other one is layout, and read as blocks."""
        rows = [Line(0, "", cells=cells) for cells in _rows(table)]
        columns = max((len(row.cells or ()) for row in rows), default=0)
        if not is_task_table(rows) and not (columns > 2 and len(rows) > 2):
            return False
        self._break()
        for row in rows:
            text = " | ".join(row.cells or ())
            self.found.append(Line(len(self.found) + 1, text, cells=row.cells))
        return True


def _rows(table: Any) -> Iterator[tuple[str, ...]]:
    """Rows with merged cells said again in every place they cover."""
    carried: dict[int, tuple[str, int]] = {}
    for count, row in enumerate(table.iter("tr")):
        if count >= _ROWS_MAX:
            raise BadInput(ReadingReason.TOO_LARGE, field="file", limit=f"{_ROWS_MAX} rows")
        cells: list[str] = []
        for cell in (element for element in row if element.tag in ("td", "th")):
            _carry(cells, carried)
            text = clean(" ".join(cell.itertext()))
            for _ in range(_span(cell, "colspan")):
                if _span(cell, "rowspan") > 1:
                    carried[len(cells)] = (text, _span(cell, "rowspan") - 1)
                cells.append(text)
        _carry(cells, carried)
        yield tuple(cells)


def _carry(cells: list[str], carried: dict[int, tuple[str, int]]) -> None:
    while (held := carried.get(len(cells))) is not None and held[1] > 0:
        carried[len(cells)] = (held[0], held[1] - 1)
        cells.append(held[0])


def _span(cell: Any, name: str) -> int:
    told = cell.get(name) or "1"
    return min(int(told), _SPAN_MAX) if told.isascii() and told.isdigit() and int(told[:4]) else 1


def _list_mark(item: Any) -> str:
    """What the browser shows before a list's item."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "-"
    start = parent.get("start") or "1"
    first = int(start[:4]) if start.isascii() and start.isdigit() else 1
    order = first + sum(1 for _ in item.itersiblings("li", preceding=True))
    form = parent.get("type") or "1"
    if form in ("a", "A"):
        return f"{'abcdefghijklmnopqrstuvwxyz'[(order - 1) % 26]})"
    return f"{order}."
