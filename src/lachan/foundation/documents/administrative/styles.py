"""The styles of Decree 30/2020 in a Word file: a clerk who edits the text keeps the layout."""

from dataclasses import dataclass, replace
from typing import Final

from docx.document import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from lachan.foundation.base import Language
from lachan.foundation.documents.administrative import measures as m

_LEFT, _CENTER, _JUSTIFY = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
_LOCALES = {Language.VI: "vi-VN", Language.EN: "en-GB"}


class Style:
    """The names, as Word lists them."""

    PARENT: Final = "Cơ quan chủ quản"
    ISSUER: Final = "Cơ quan ban hành"
    REPUBLIC: Final = "Quốc hiệu"
    MOTTO: Final = "Tiêu ngữ"
    NUMBER: Final = "Số, ký hiệu"
    SUBJECT: Final = "Trích yếu công văn"
    URGENCY: Final = "Mức độ khẩn"
    PLACE: Final = "Địa danh, thời gian"
    TYPE: Final = "Tên loại văn bản"
    ABSTRACT: Final = "Trích yếu"
    TO: Final = "Kính gửi"
    TO_LIST: Final = "Kính gửi nhiều nơi"
    BASIS: Final = "Căn cứ"
    BODY: Final = "Nội dung"
    SECTIONS: Final = ("Heading 1", "Heading 2", "Heading 3")
    TABLE_TITLE: Final = "Tên bảng"
    TABLE_HEAD: Final = "Đầu bảng"
    TABLE_CELL: Final = "Ô bảng"
    BELONGS: Final = "Kèm theo văn bản"
    POSITION: Final = "Chức vụ người ký"
    SIGNATORY: Final = "Họ tên người ký"
    RECIPIENTS_TITLE: Final = "Nơi nhận"
    RECIPIENT: Final = "Danh sách nơi nhận"
    PAGE_NUMBER: Final = "Số trang"
    GAP: Final = "Khoảng cách"


@dataclass(frozen=True, slots=True)
class _Look:
    size_pt: float
    align: WD_ALIGN_PARAGRAPH = _CENTER
    bold: bool = False
    italic: bool = False
    indent_mm: float = 0.0
    left_mm: float = 0.0
    before_pt: float = 0.0
    after_pt: float = 0.0
    lines: float = 1.0
    next_along: bool = False


_BODY = _Look(m.BODY_PT, _JUSTIFY, indent_mm=m.INDENT_MM, after_pt=m.PARAGRAPH_PT, lines=m.LINES)
_LOOKS = {
    Style.PARENT: _Look(m.ISSUER_PT),
    Style.ISSUER: _Look(m.ISSUER_PT, bold=True),
    Style.REPUBLIC: _Look(m.REPUBLIC_PT, bold=True),
    Style.MOTTO: _Look(m.MOTTO_PT, bold=True),
    Style.NUMBER: _Look(m.NUMBER_PT, before_pt=8),
    Style.SUBJECT: _Look(m.SUBJECT_PT),
    Style.URGENCY: _Look(m.URGENCY_PT, bold=True, before_pt=6, after_pt=6),
    Style.PLACE: _Look(m.PLACE_PT, italic=True, before_pt=8),
    Style.TYPE: _Look(m.TYPE_PT, bold=True, before_pt=12),
    Style.ABSTRACT: _Look(m.ABSTRACT_PT, bold=True, after_pt=12),
    Style.TO: _Look(m.BODY_PT, before_pt=12, after_pt=12),
    Style.TO_LIST: _Look(m.BODY_PT, _LEFT, left_mm=25, before_pt=3, after_pt=3),
    Style.BASIS: replace(_BODY, italic=True),
    Style.BODY: _BODY,
    Style.TABLE_TITLE: _Look(m.TABLE_PT, bold=True, before_pt=6, after_pt=4, next_along=True),
    Style.TABLE_HEAD: _Look(m.TABLE_PT, bold=True, before_pt=2, after_pt=2),
    Style.TABLE_CELL: _Look(m.TABLE_PT, _LEFT, before_pt=2, after_pt=2),
    Style.BELONGS: _Look(m.BODY_PT, italic=True, after_pt=12),
    Style.POSITION: _Look(m.SIGNATURE_PT, bold=True, next_along=True),
    Style.SIGNATORY: _Look(m.SIGNATURE_PT, bold=True),
    Style.RECIPIENTS_TITLE: _Look(m.RECIPIENTS_TITLE_PT, _LEFT, bold=True, italic=True, before_pt=2),
    Style.RECIPIENT: _Look(m.RECIPIENTS_PT, _LEFT),
    Style.PAGE_NUMBER: _Look(m.PAGE_NUMBER_PT),
    Style.GAP: _Look(m.RECIPIENTS_PT, _LEFT),
}


def add_styles(word: Word, language: Language) -> None:
    """Make the styles; Word's own headings take the sections of the body, so that they stand in its outline."""
    _look(word.styles["Normal"], _Look(m.BODY_PT, _LEFT), language)
    for name, look in _LOOKS.items():
        style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = word.styles["Normal"]
        style.quick_style = True
        _look(style, look, language)
    for place, name in enumerate(Style.SECTIONS):
        look = _Look(
            m.BODY_PT, _JUSTIFY, bold=True, italic=place == 2, indent_mm=m.INDENT_MM, before_pt=m.PARAGRAPH_PT,
            after_pt=m.PARAGRAPH_PT, lines=m.LINES, next_along=True,
        )  # fmt: skip
        _look(word.styles[name], look, language)


def bottom_line(paragraph: Paragraph, share: float, width_mm: float) -> Paragraph:
    """A rule under a paragraph, as broad as this share of the room: the text's own lower border."""
    side = Mm(width_mm * (1 - share) / 2)
    line = OxmlElement("w:p")
    paragraph._p.addnext(line)
    ruled = Paragraph(line, paragraph._parent)
    ruled.style = Style.GAP
    form = ruled.paragraph_format
    form.left_indent = form.right_indent = side
    form.space_before, form.space_after = Pt(3), Pt(2)
    form.line_spacing = Pt(3)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties = line.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    return paragraph


def _look(style: ParagraphStyle, look: _Look, language: Language) -> None:
    font = style.font
    font.name, font.size, font.bold, font.italic = m.FONT, Pt(look.size_pt), look.bold, look.italic
    font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), m.FONT)
    spoken = properties.find(qn("w:lang"))
    if spoken is None:
        spoken = OxmlElement("w:lang")
        properties.append(spoken)
    spoken.set(qn("w:val"), _LOCALES[language])
    form = style.paragraph_format
    form.alignment = look.align
    form.first_line_indent, form.left_indent = Mm(look.indent_mm), Mm(look.left_mm)
    form.space_before, form.space_after = Pt(look.before_pt), Pt(look.after_pt)
    form.line_spacing = look.lines
    form.keep_with_next = look.next_along
    form.widow_control = True
