"""Tables of tasks on PDF pages, which know only where each piece of text stands: columns by their left edges."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lachan.plans.reading.letters import clean, fold
from lachan.plans.reading.parts import Line
from lachan.plans.reading.tables import is_task_table

# Points of the page: what stands within them stands at one place.
_SAME_X = 2.0
_SAME_Y = 3.0
_LINES_APART = 2.2  # of a line's height: two lines of one cell are not farther apart
_COLUMNS_MIN = 3
_EDGE_LINES_MIN = 5
# Of a letter's height: wider than the space between words; in a row's cells, even of justified ones.
_SPACE_HEAD, _SPACE_CELL = 0.6, 1.0
_NARROW, _WIDE = frozenset(" iìíỉĩịltrfj.,;:()/-'|"), frozenset("mwMW")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of text at its place, in points from the page's lower left corner."""

    page: int
    x: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class _Cell:
    """Pieces that stand under one another."""

    page: int
    x: float
    top: float
    bottom: float
    size: float
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean(" ".join(self.lines))


def lines_with_tables(pieces: Sequence[Piece]) -> list[Line] | None:
    """The document's lines with its task tables as rows; None where no such table is found."""
    likely = _often(pieces)
    edges = [cell.x for row in _rows(_cells(pieces, likely, _SPACE_HEAD)) if _is_header(row) for cell in row]
    if not edges:
        return None
    rows = _rows(_cells(pieces, edges, _SPACE_CELL))
    found: list[Line] = []
    columns: list[float] = []
    cells: list[str] = []

    def close() -> None:
        if cells:
            found.append(Line(len(found) + 1, " | ".join(cells), cells=tuple(cells)))
            cells.clear()

    for row in rows:
        if _is_header(row):
            close()
            columns = [cell.x for cell in row]
            cells += [cell.text for cell in row]
            continue
        places = [_column(cell, columns) for cell in row]
        if columns and len(row) == 1 and row[0].text.strip("-– ").isdigit() and places[0] is None:
            continue  # a page's number between two rows
        if not columns or None in places:
            close()
            columns = []
            for cell in row:
                found += [Line(len(found) + 1 + n, clean(line)) for n, line in enumerate(cell.lines) if clean(line)]
            continue
        told = [""] * len(columns)
        for cell, place in zip(row, places, strict=True):
            told[place or 0] = cell.text
        if told[0] or not cells:
            close()
            cells += told
        else:
            # The page broke a row: what has no number goes on with the one above.
            cells[:] = [clean(f"{above} {below}") for above, below in zip(cells, told, strict=True)]
    close()
    return found


def _often(pieces: Iterable[Piece]) -> list[float]:
    """Places at which many lines begin: columns' left edges are among them."""
    counted = Counter(round(piece.x / _SAME_X) for piece in pieces if piece.text.strip())
    return [place * _SAME_X for place, count in counted.items() if count >= _EDGE_LINES_MIN]


def _cells(pieces: Iterable[Piece], edges: Sequence[float], space: float) -> list[_Cell]:
    """Pieces of one line, and lines of one left edge right under one another, are a cell.

    Where a column begins (`edges`), another cell does, however near the one before it may end.
    """
    found: list[_Cell] = []
    ends = 0.0
    for piece in pieces:
        if not piece.text.strip():
            continue
        last = found[-1] if found else None
        if last is not None and last.page == piece.page:
            at_edge = any(abs(piece.x - edge) <= _SAME_X for edge in edges)
            goes_on = abs(piece.y - last.bottom) <= _SAME_Y and last.x <= piece.x < ends + space * piece.size
            if goes_on and not at_edge:
                last.lines[-1] += piece.text
                ends = piece.x + _width(piece)
                continue
            below = last.bottom - piece.y
            if abs(piece.x - last.x) <= _SAME_X and 0 < below <= _LINES_APART * piece.size:
                last.lines.append(piece.text)
                last.bottom = piece.y
                ends = piece.x + _width(piece)
                continue
        found.append(_Cell(piece.page, piece.x, piece.y, piece.y, piece.size, [piece.text]))
        ends = piece.x + _width(piece)
    return found


def _width(piece: Piece) -> float:
    """About how wide a piece is: enough to tell a word's next piece from another column's."""
    letters = piece.text.strip()
    narrow, wide = (sum(letter in kind for letter in letters) for kind in (_NARROW, _WIDE))
    great = sum(letter.isupper() for letter in letters)
    return piece.size * (0.5 * len(letters) - 0.2 * narrow + 0.28 * wide + 0.15 * great)


def _rows(cells: Iterable[_Cell]) -> list[list[_Cell]]:
    """Cells that begin on one line, from left to right."""
    found: list[list[_Cell]] = []
    for cell in cells:
        last = found[-1] if found else None
        if last and last[-1].page == cell.page and abs(last[-1].top - cell.top) <= _SAME_Y and cell.x > last[-1].x:
            last.append(cell)
        else:
            found.append([cell])
    return found


def _is_header(row: Sequence[_Cell]) -> bool:
    if len(row) < _COLUMNS_MIN or not any("chủ trì" in fold(cell.text) for cell in row):
        return False
    return is_task_table([Line(0, "", cells=tuple(cell.text for cell in row))])


def _column(cell: _Cell, columns: Sequence[float]) -> int | None:
    return next((place for place, x in enumerate(columns) if abs(cell.x - x) <= _SAME_X), None)
