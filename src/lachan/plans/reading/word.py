"""Word documents (docx): paragraphs with the numbers that Word makes up, tables, headings, no deleted words."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table

from lachan.foundation.base import BadInput
from lachan.plans.reading.letters import clean
from lachan.plans.reading.parts import Line
from lachan.plans.reading.reasons import ReadingReason
from lachan.plans.reading.tables import is_task_table

UNPACKED_MAX = 100_000_000
# Of that, what is parsed: pictures lie still, but a tree takes many times the room of its text. A plan of 300 pages
# has about 5 MB.
PARSED_MAX = 16_000_000
_PARSED = (".xml", ".rels")
_FILES_MAX = 5_000
_LEVELS = 9
# Not read: what was struck out, and what stands a second time for older programs.
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:pict"), qn("w:txbxContent")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HIDDEN = qn("w:vanish")


def read_word(data: bytes) -> list[Line]:
    """The lines of a docx. Raises BadInput where it is damaged, encrypted, or unpacks to too much."""
    _check(data)
    try:
        document = docx.Document(io.BytesIO(data))
        lines = list(_lines(document))
        pictured = any(related.reltype.endswith("/image") for related in document.part.rels.values())
        if pictured and not any(line.text for line in lines):
            raise BadInput(ReadingReason.SCANNED, field="file")
        return lines
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(ReadingReason.DAMAGED, field="file") from error


def _check(data: bytes) -> None:
    """A zip of a sane size that holds a Word document."""
    enormous = ReadingReason.UNPACKS_TOO_LARGE
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 0x1 for member in members):
                raise BadInput(ReadingReason.ENCRYPTED, field="file")
            if len(members) > _FILES_MAX or sum(member.file_size for member in members) > UNPACKED_MAX:
                raise BadInput(
                    ReadingReason.UNPACKS_TOO_LARGE, field="file", limit=f"{UNPACKED_MAX // 1_000_000} MB"
                )
            if sum(one.file_size for one in members if one.filename.lower().endswith(_PARSED)) > PARSED_MAX:
                raise BadInput(enormous, field="file", limit=f"{PARSED_MAX // 1_000_000} MB")
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError) as error:
        raise BadInput(ReadingReason.DAMAGED, field="file") from error
    if "[Content_Types].xml" not in names:
        raise BadInput(ReadingReason.UNKNOWN_FILE, field="file", expected="txt, md, docx, pdf, html")
    if not any(name.startswith("word/") for name in names):
        raise BadInput(ReadingReason.UNKNOWN_FILE, field="file", expected="txt, md, docx, pdf, html")


def _lines(document: Document) -> Iterator[Line]:
    numbers = _Numbers(document)
    count = 0
    for element in _blocks(document.element.body):
        if element.tag == qn("w:tbl"):
            rows = [_cells(cells) for cells in _rows(Table(element, document))]
            lines = [Line(count + place, " | ".join(row), cells=row) for place, row in enumerate(rows, 1)]
            if is_task_table(lines) or (rows and len(rows[0]) > 2 and len(rows) > 2):
                count += len(lines)
                yield from lines
                continue
            for paragraph in element.iter(qn("w:p")):
                for text in _texts(paragraph):
                    count += 1
                    yield Line(count, text)
            continue
        heading = _is_heading(element)
        mark = numbers.mark(element)
        texts = _texts(element)
        for place, text in enumerate(texts):
            count += 1
            yield Line(count, f"{mark} {text}" if mark and place == 0 else text, heading and place == 0)
        if not texts:
            count += 1
            yield Line(count, "")


def _blocks(body: Any) -> Iterator[Any]:
    """Paragraphs and tables in their order, those within content controls included."""
    pending = list(reversed(list(body)))
    while pending:
        element = pending.pop()
        if element.tag in (qn("w:p"), qn("w:tbl")):
            yield element
        elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
            pending += list(reversed(list(element)))


def _texts(paragraph: Any) -> list[str]:
    """A paragraph's lines, parted where the writer broke the line."""
    pieces: list[str] = []
    pending = list(reversed(list(paragraph)))
    while pending:
        element = pending.pop()
        if element.tag in _SKIPPED or element.tag == _FALLBACK:
            continue
        if element.tag == qn("w:r") and element.find(f"{qn('w:rPr')}/{_HIDDEN}") is not None:
            continue
        if element.tag == qn("w:t"):
            pieces.append(element.text or "")
        elif element.tag == qn("w:tab"):
            pieces.append(" ")
        elif element.tag == qn("w:noBreakHyphen"):
            pieces.append("-")
        elif element.tag in (qn("w:br"), qn("w:cr")):
            pieces.append("\n")
        else:
            pending += list(reversed(list(element)))
    return [text for text in map(clean, "".join(pieces).split("\n")) if text]


def _rows(table: Table) -> Iterator[list[list[str]]]:
    for row in table.rows:
        yield [[text for paragraph in cell.paragraphs for text in _texts(paragraph._p)] for cell in row.cells]


def _cells(cells: list[list[str]]) -> tuple[str, ...]:
    """Each cell's paragraphs as one text; a line that is not ended ends with a semicolon."""
    joined = []
    for texts in cells:
        parts = [text if text.endswith((".", ";", ",", ":")) else f"{text};" for text in texts[:-1]]
        joined.append(" ".join([*parts, *texts[-1:]]))
    return tuple(joined)


def _is_heading(element: Any) -> bool:
    style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    name = str(style.get(qn("w:val"), "")) if style is not None else ""
    return name.lower().startswith(("heading", "title", "tiu", "mc"))


class _Numbers:
    """Counts the paragraphs that Word numbers by itself, and writes their marks out."""

    def __init__(self, document: Document) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self.abstract: dict[str, str] = {}
        self.counts: dict[str, list[int]] = {}
        self.styles: dict[str, tuple[str, int]] = {}
        part = next(
            (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None
        )
        if part is None:
            return
        root = part.element if hasattr(part, "element") else None
        if root is None:
            return
        for abstract in root.iter(qn("w:abstractNum")):
            self.levels[abstract.get(qn("w:abstractNumId"))] = _levels(abstract)
        for number in root.iter(qn("w:num")):
            link = number.find(qn("w:abstractNumId"))
            if link is not None:
                self.abstract[number.get(qn("w:numId"))] = link.get(qn("w:val"))
        for style in document.styles.element.iter(qn("w:style")):
            found = _number_of(style.find(qn("w:pPr")))
            if found is not None:
                self.styles[style.get(qn("w:styleId"))] = found

    def mark(self, paragraph: Any) -> str:
        """The mark before this paragraph; empty where Word makes none."""
        properties = paragraph.find(qn("w:pPr"))
        found = _number_of(properties)
        if found is None and properties is not None and (style := properties.find(qn("w:pStyle"))) is not None:
            found = self.styles.get(style.get(qn("w:val")))
        if found is None:
            return ""
        number, level = found
        abstract = self.abstract.get(number)
        shapes = self.levels.get(abstract or "", {})
        if number == "0" or level not in shapes:
            return ""
        # Instances of one abstract list go on with its numbers, unless they restart; Word does the same.
        counts = self.counts.setdefault(abstract or number, [0] * _LEVELS)
        counts[level] = counts[level] + 1 if counts[level] else shapes[level][2]
        for deeper in range(level + 1, _LEVELS):
            counts[deeper] = 0
        return _written(shapes, level, counts)


def _number_of(properties: Any) -> tuple[str, int] | None:
    if properties is None:
        return None
    number = properties.find(f"{qn('w:numPr')}/{qn('w:numId')}")
    if number is None:
        return None
    level = properties.find(f"{qn('w:numPr')}/{qn('w:ilvl')}")
    depth = int(level.get(qn("w:val"), "0")) if level is not None else 0
    return str(number.get(qn("w:val"))), min(max(depth, 0), _LEVELS - 1)


def _levels(abstract: Any) -> dict[int, tuple[str, str, int]]:
    """Format, text and first number of each level."""
    found: dict[int, tuple[str, str, int]] = {}
    for level in abstract.iter(qn("w:lvl")):
        values = {}
        for name in ("numFmt", "lvlText", "start"):
            element = level.find(qn(f"w:{name}"))
            values[name] = element.get(qn("w:val"), "") if element is not None else ""
        start = int(values["start"]) if str(values["start"]).isdigit() else 1
        found[int(level.get(qn("w:ilvl")))] = (values["numFmt"] or "decimal", values["lvlText"], max(start, 1))
    return found


def _written(shapes: dict[int, tuple[str, str, int]], level: int, counts: list[int]) -> str:
    form, text, _ = shapes[level]
    if form == "bullet":
        return text if text in {"-", "–", "+", "•", "*"} else ("-", "+", "•")[min(level, 2)]
    if form == "none":
        return ""
    for place in range(level + 1):
        shape, _, start = shapes.get(place, ("decimal", "", 1))
        # In "1.1." a higher level is written in figures whatever its own form is, as plans print it.
        text = text.replace(f"%{place + 1}", _number(shape, counts[place] or start))
    return text


def _number(form: str, value: int) -> str:
    if form in {"upperRoman", "lowerRoman"}:
        tens, ones = divmod(value, 10)
        roman = "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
        return roman if form == "upperRoman" else roman.lower()
    if form in {"upperLetter", "lowerLetter"}:
        letter = "abcdefghijklmnopqrstuvwxyz"[(value - 1) % 26]
        return letter.upper() if form == "upperLetter" else letter
    return str(value)
