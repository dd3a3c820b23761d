"""Rendered pages against the measures of Decree 30/2020: margins, sizes, places of the blocks; PDF and DOCX."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import docx
import pypdf
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from tests.factories import papers

from lachan.foundation.base import BadInput
from lachan.foundation.documents import DocumentReason
from lachan.foundation.documents.administrative import Grid, Paper, Paragraph, paper_docx, paper_pdf
from lachan.foundation.documents.administrative.styles import Style

MM = 72 / 25.4
Make = Callable[[], Paper]


@dataclass(frozen=True)
class Run:
    text: str
    x_mm: float
    top_mm: float
    size_pt: float
    font: str


def runs(pdf: bytes, page: int = 0) -> list[Run]:
    """Every run of text of a page: where it begins (its base line from above), how large, in which face."""
    found: list[Run] = []
    sheet = pypdf.PdfReader(io.BytesIO(pdf)).pages[page]
    height = float(sheet.mediabox.height)

    def take(text: str, cm: Any, tm: Any, face: Any, size: float) -> None:
        if text.strip():
            x = tm[4] * cm[0] + cm[4]
            y = tm[5] * cm[3] + cm[5]
            scale = abs(tm[3] * cm[3]) or 1
            found.append(Run(text.strip(), x / MM, (height - y) / MM, size * scale, str(face["/BaseFont"])))

    sheet.extract_text(visitor_text=take)
    return found


def run_with(found: list[Run], text: str) -> Run:
    return next(one for one in found if text in one.text)


@pytest.mark.parametrize("name", papers.ALL)
def test_a_page_keeps_its_margins(name: str) -> None:
    pdf = paper_pdf(papers.ALL[name]())
    for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        short, long = sorted((float(sheet.mediabox.width) / MM, float(sheet.mediabox.height) / MM))
        assert (round(short), round(long)) == (210, 297)
    for one in runs(pdf):
        assert 30 <= one.x_mm + 0.5 <= 195.5
        assert 20 <= one.top_mm <= 277.5


@pytest.mark.parametrize("name", papers.ALL)
def test_the_head_stands_as_the_decree_draws_it(name: str) -> None:
    found = runs(paper_pdf(papers.ALL[name]()))
    republic, motto = run_with(found, "CỘNG HÒA"), run_with(found, "Độc lập")
    number, place = run_with(found, "Số:"), run_with(found, "Cao Bằng, ngày")
    assert 12 <= republic.size_pt <= 13
    assert "Bold" in republic.font
    assert 13 <= motto.size_pt <= 14
    assert "Bold" in motto.font
    assert round(number.size_pt) == 13
    assert "Bold" not in number.font
    assert 13 <= place.size_pt <= 14
    assert "Italic" in place.font
    # Two blocks beside each other, the number under the issuer, the day under the motto.
    assert number.x_mm < 105 <= place.x_mm + 15
    assert republic.x_mm > 90
    assert republic.top_mm < motto.top_mm < place.top_mm
    assert abs(number.top_mm - place.top_mm) < 2


def test_the_body_is_set_in_its_size_with_its_indent() -> None:
    found = runs(paper_pdf(papers.report()))
    kind, opening = run_with(found, "BÁO CÁO"), run_with(found, "Trong kỳ")
    assert 13 <= kind.size_pt <= 14
    assert 13 <= opening.size_pt <= 14
    assert 10 <= opening.x_mm - 30 <= 12.8
    assert opening.font.endswith("+Tinos")
    recipients, archive = run_with(runs(paper_pdf(papers.plan())), "Nơi nhận"), "Lưu: VT, NC."
    assert round(recipients.size_pt) == 12
    assert recipients.font.endswith("Tinos-BoldItalic")
    assert round(run_with(runs(paper_pdf(papers.plan())), archive).size_pt) == 11


def test_pages_are_numbered_from_the_second_and_annexes_by_themselves() -> None:
    pdf = paper_pdf(papers.report())
    count = len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    numbers = [[one for one in runs(pdf, page) if one.top_mm < 20] for page in range(count)]
    assert [[one.text for one in page] for page in numbers] == [[], ["2"], ["3"], [], ["2"]]
    assert abs(numbers[1][0].x_mm - (30 + 165 / 2)) < 2
    assert 13 <= numbers[1][0].size_pt <= 14


def test_a_signature_says_for_whom_and_stands_right() -> None:
    found = runs(paper_pdf(papers.plan()))
    titles = [run_with(found, text) for text in ("TM. ỦY BAN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Lê Hải Hòa")]
    assert [one.top_mm for one in titles] == sorted(one.top_mm for one in titles)
    for one in titles:
        assert "Bold" in one.font
        assert 13 <= one.size_pt <= 14
        assert one.x_mm > 105
    assert run_with(found, "Nơi nhận").x_mm < 32


def test_a_draft_leaves_room_for_number_and_day() -> None:
    pdf = paper_pdf(papers.reminder())
    found = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace("\u200b", "")
    assert "/CAT-PV01" in found
    assert "ngày …… tháng …… năm 20……" in found
    assert "HỎA TỐC" in found
    assert "V/v đôn đốc" in found


@pytest.mark.parametrize("name", papers.ALL)
def test_the_word_file_has_the_same_measures(name: str) -> None:
    word = docx.Document(io.BytesIO(paper_docx(papers.ALL[name]())))
    page = word.sections[0]
    sizes = [
        page.page_width,
        page.page_height,
        page.top_margin,
        page.bottom_margin,
        page.left_margin,
        page.right_margin,
    ]
    assert [round(size.mm) for size in sizes if size is not None] == [210, 297, 20, 20, 30, 15]
    assert page.different_first_page_header_footer
    assert "PAGE" in page.header._element.xml
    assert "PAGE" not in page.first_page_header._element.xml
    body = word.styles[Style.BODY]
    assert body.font.name == "Times New Roman"
    assert 13 <= body.font.size.pt <= 14
    form = body.paragraph_format
    assert form.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert 10 <= form.first_line_indent.mm <= 12.71
    assert form.space_after >= Pt(6)
    # Nothing stands at a fixed place of the page: whoever edits the text moves what follows.
    assert "w:framePr" not in word.element.xml
    assert "wp:anchor" not in word.element.xml


@pytest.mark.parametrize("name", papers.ALL)
def test_both_files_say_the_same(name: str) -> None:
    paper = papers.ALL[name]()
    word = docx.Document(io.BytesIO(paper_docx(paper)))
    texts = [node.text or "" for node in word.element.body.iter() if node.tag.endswith("}t")]
    said = "".join("".join(texts).split())
    pdf = "".join(
        "".join(page.extract_text().replace("\u200b", "").split())
        for page in pypdf.PdfReader(io.BytesIO(paper_pdf(paper))).pages
    )
    for text in (
        *(one.text for one in paper.body if isinstance(one, Paragraph)),
        paper.abstract,
        paper.signature.name,
    ):
        assert "".join(text.split()) in said
        assert "".join(text.split()) in pdf


@pytest.mark.parametrize("write", [paper_pdf, paper_docx])
def test_the_same_document_gives_the_same_bytes(write: Callable[[Paper], bytes]) -> None:
    assert write(papers.letter()) == write(papers.letter())


@pytest.mark.parametrize("write", [paper_pdf, paper_docx])
def test_hostile_words_are_words(write: Callable[[Paper], bytes]) -> None:
    hostile = '#panic("x") </w:t><w:p/> &amp; \u202e\x00 *b* ' + "W" * 300
    paper = replace(
        papers.report(), abstract=hostile, body=(Paragraph(hostile), Grid(papers.COUNTS.columns, ((hostile,) * 4,)))
    )
    made = write(paper)
    assert b"%PDF" in made[:8] or b"&lt;/w:t&gt;" in _document_xml(made)


def test_a_row_unlike_its_head_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        paper_pdf(replace(papers.report(), body=(Grid(papers.COUNTS.columns, (("1", "2"),)),)))
    assert refusal.value.reason is DocumentReason.ROW_NOT_LIKE_HEAD


def _document_xml(made: bytes) -> bytes:
    return bytes(docx.Document(io.BytesIO(made)).part.blob)


def test_legal_bases_are_slanted_and_the_last_ends_the_list() -> None:
    bases = ("Luật số 91/2025/QH15", "Kế hoạch số 50/KH-UBND")
    paper = replace(papers.plan(), legal_bases=bases)
    found = runs(paper_pdf(paper))
    first, last = run_with(found, "Căn cứ Luật"), run_with(found, "Căn cứ Kế hoạch")
    assert all(one.font.endswith("Tinos-Italic") and 13 <= one.size_pt <= 14 for one in (first, last))
    assert first.text.endswith("QH15;")
    assert last.text.endswith("UBND.")
    word = docx.Document(io.BytesIO(paper_docx(paper)))
    lines = [one.text for one in word.paragraphs if one.style and one.style.name == Style.BASIS]
    assert lines == ["Căn cứ Luật số 91/2025/QH15;", "Căn cứ Kế hoạch số 50/KH-UBND."]
    assert word.styles[Style.BASIS].font.italic
