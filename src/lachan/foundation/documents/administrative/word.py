"""A document as DOCX, to be edited in Word: real styles, the head as a table without lines, a page-number field."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section as WordSection
from docx.shared import Mm
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from lachan.foundation.base import Language
from lachan.foundation.documents.administrative import measures as m
from lachan.foundation.documents.administrative.content import AnnexContent, Content, Signed, content_of
from lachan.foundation.documents.administrative.model import Block, Grid, Item, Paper, Section
from lachan.foundation.documents.administrative.styles import Style, add_styles, bottom_line

_UNDATED = date(2020, 3, 5)
_TWIPS_A_MM = 1440 / 25.4
_PROPERTY_MAX = 255  # of the file format
_HALF = m.TEXT_MM / 2


def paper_docx(paper: Paper, language: Language = Language.VI) -> bytes:
    """The document as DOCX; the same document gives the same bytes.

    Raises:
        BadInput: as for the PDF.
    """
    content = content_of(paper, language)
    word = Document()
    _properties(word, content, paper.issued_on or _UNDATED)
    add_styles(word, language)
    _page(word.sections[0])
    _head(word, content)
    if content.type_name:
        _line(word, content.type_name, Style.TYPE)
        bottom_line(_line(word, content.abstract, Style.ABSTRACT), 0.25, m.TEXT_MM)
    _addressees(word, content)
    for basis in content.bases:
        _line(word, basis, Style.BASIS)
    _blocks(word, content.blocks, m.TEXT_MM, m.TABLE_PT)
    _foot(word, content)
    for annex in content.annexes:
        _annex(word, annex)
    return _bytes(word)


def _properties(word: Word, content: Content, day: date) -> None:
    properties = word.core_properties
    properties.title, properties.author = content.title[:_PROPERTY_MAX], content.issuer[:_PROPERTY_MAX]
    properties.comments = ""
    properties.created = properties.modified = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    properties.language = content.language.value


def _page(section: WordSection, *, wide: bool = False) -> None:
    short, long = m.PAGE_MM
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(long), Mm(short)) if wide else (Mm(short), Mm(long))
    section.top_margin, section.bottom_margin = Mm(m.TOP_MM), Mm(m.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(m.LEFT_MM), Mm(m.RIGHT_MM)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = section.first_page_header.is_linked_to_previous = False
    number = section.header.paragraphs[0]
    number.style = Style.PAGE_NUMBER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        _field(number, kind, text)


def _field(paragraph: WordParagraph, kind: str | None, text: str | None) -> None:
    run = paragraph.add_run()._r
    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
    else:
        mark = OxmlElement("w:instrText")
        mark.text = text
    run.append(mark)


def _head(word: Word, content: Content) -> None:
    left = m.TEXT_MM * m.ISSUER_SHARE / 100
    table = _bare(word, 2, (left, m.TEXT_MM - left))
    issuer, motto = table.rows[0].cells
    if content.parent:
        _in(issuer, content.parent, Style.PARENT)
    bottom_line(_in(issuer, content.issuer, Style.ISSUER), 0.35, left)
    _in(motto, content.republic, Style.REPUBLIC)
    bottom_line(_in(motto, content.motto, Style.MOTTO), 0.65, m.TEXT_MM - left)
    number, place = table.rows[1].cells
    _in(number, content.number, Style.NUMBER)
    if content.subject:
        _in(number, content.subject, Style.SUBJECT)
    if content.urgency:
        _in(number, content.urgency, Style.URGENCY)
    _in(place, content.place_and_date, Style.PLACE)


def _addressees(word: Word, content: Content) -> None:
    if len(content.addressees) == 1:
        _line(word, f"{content.to} {content.addressees[0]}", Style.TO)
    elif content.addressees:
        _line(word, content.to, Style.TO_LIST)
        last = len(content.addressees) - 1
        for place, name in enumerate(content.addressees):
            _line(word, f"- {name}{'.' if place == last else ';'}", Style.TO_LIST)


def _blocks(word: Word, blocks: Sequence[Block], width_mm: float, table_pt: float) -> None:
    for block in blocks:
        if isinstance(block, Grid):
            _grid(word, block, width_mm, table_pt)
        elif isinstance(block, Section):
            _line(word, block.text, Style.SECTIONS[min(block.level, 3) - 1])
        else:
            _line(word, f"- {block.text}" if isinstance(block, Item) else block.text, Style.BODY)


def _grid(word: Word, grid: Grid, width_mm: float, size_pt: float) -> None:
    if grid.title:
        _line(word, grid.title, Style.TABLE_TITLE)
    shares = sum(column.share for column in grid.columns)
    widths = [round(width_mm * _TWIPS_A_MM * column.share / shares) for column in grid.columns]
    size = "" if size_pt == m.TABLE_PT else f'<w:rPr><w:sz w:val="{size_pt * 2:.0f}"/></w:rPr>'
    head, cell = (word.styles[name].style_id for name in (Style.TABLE_HEAD, Style.TABLE_CELL))
    rows = [
        _row(tuple(column.head for column in grid.columns), widths, [(head, "center")] * len(widths), size, True)
    ]
    looks = [(cell, column.align.value) for column in grid.columns]
    rows += [_row(cells, widths, looks, size, False) for cells in grid.rows]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    style = word.styles["Table Grid"].style_id
    # As one text: cell by cell through the library a table of a thousand rows takes minutes.
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )
    word.element.body.insert_element_before(table, "w:sectPr")


def _row(
    cells: Sequence[str], widths: Sequence[int], looks: Sequence[tuple[str, str]], size: str, is_head: bool
) -> str:
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/>'
        f'<w:jc w:val="{align}"/></w:pPr><w:r>{size}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        "</w:tc>"
        for text, width, (style, align) in zip(cells, widths, looks, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{made}</w:tr>"


def _foot(word: Word, content: Content) -> None:
    _line(word, "", Style.GAP)
    if content.secretary is not None:
        table = _bare(word, 1, (_HALF, _HALF))
        _signed(table.rows[0].cells[0], content.secretary)
        _signed(table.rows[0].cells[1], content.signature)
        _line(word, content.recipients_title, Style.RECIPIENTS_TITLE)
        for name in content.recipients:
            _line(word, f"- {name}", Style.RECIPIENT)
        return
    table = _bare(word, 1, (m.TEXT_MM * 0.45, m.TEXT_MM * 0.55))
    recipients, signature = table.rows[0].cells
    _in(recipients, content.recipients_title, Style.RECIPIENTS_TITLE)
    for name in content.recipients:
        _in(recipients, f"- {name}", Style.RECIPIENT)
    _signed(signature, content.signature)


def _signed(cell: _Cell, signed: Signed) -> None:
    for title in signed.titles:
        _in(cell, title, Style.POSITION)
    for _ in range(4):  # room for the signature and the seal
        _in(cell, "", Style.POSITION)
    _in(cell, signed.name, Style.SIGNATORY)


def _annex(word: Word, annex: AnnexContent) -> None:
    section = word.add_section(WD_SECTION.NEW_PAGE)
    _page(section, wide=annex.wide)
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    section._sectPr.append(start)
    _line(word, annex.label, Style.TYPE)
    _line(word, annex.title, Style.ABSTRACT)
    width = (m.PAGE_MM[1] if annex.wide else m.PAGE_MM[0]) - m.LEFT_MM - m.RIGHT_MM
    bottom_line(_line(word, annex.belongs, Style.BELONGS), 0.25, width)
    _blocks(word, annex.blocks, width, m.WIDE_TABLE_PT if annex.wide else m.TABLE_PT)


def _bare(word: Word, rows: int, widths_mm: Sequence[float]) -> Table:
    """A table without lines, for blocks that stand beside each other."""
    table: Table = word.add_table(rows=rows, cols=len(widths_mm))
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def _in(cell: _Cell, text: str, style: str) -> WordParagraph:
    first = cell.paragraphs[0]
    empty = (
        len(cell.paragraphs) == 1 and not first.text and first.style is not None and first.style.name == "Normal"
    )
    paragraph: WordParagraph = first if empty else cell.add_paragraph()
    paragraph.style = style
    paragraph.add_run(text)
    return paragraph


def _line(word: Word, text: str, style: str) -> WordParagraph:
    added: WordParagraph = word.add_paragraph(text, style)
    return added


def _bytes(word: Word) -> bytes:
    """The file with its parts in one order and without the hour at which it was zipped."""
    made, fixed = io.BytesIO(), io.BytesIO()
    word.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as out:
        names = sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, parts.read(name))
    return fixed.getvalue()
