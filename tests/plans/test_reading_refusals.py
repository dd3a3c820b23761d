"""What cannot be read as a plan is refused by name, in both languages, and nothing is half read."""

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from pypdf import PdfReader, PdfWriter

from lachan.foundation.base import BadInput, Language, translate
from lachan.plans.reading import ReadingReason, read_plan, source
from lachan.plans.reading.pages import _letters
from tests.factories.plan_files import as_docx, as_pdf
from tests.plans.annotated import annotated

PLAN = "KẾ HOẠCH\nI. NHIỆM VỤ\n1. Công an tỉnh\n- Tuyên truyền tới người dân.\n"


def encrypted_pdf() -> bytes:
    writer = PdfWriter()
    for page in PdfReader(io.BytesIO(as_pdf(PLAN))).pages:
        writer.add_page(page)
    writer.encrypt("mat-khau")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def scanned_pdf() -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("L", (200, 300), 255).save(made, format="PDF")
    return made.getvalue()


def stamped_pdf(words: str, pages: int = 1) -> bytes:
    """Scanned pages on which a signing program, or the scanner's own, has written a line of text."""
    reader = PdfReader(io.BytesIO(as_pdf(words)))
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_page(PdfReader(io.BytesIO(scanned_pdf())).pages[0]).merge_page(reader.pages[0])
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def pictured_docx() -> bytes:
    """Word around the pictures of pages, as phones save them."""
    from PIL import Image

    picture = io.BytesIO()
    Image.new("L", (200, 300), 255).save(picture, format="PNG")
    document = docx.Document()
    for _ in range(2):
        picture.seek(0)
        document.add_picture(picture)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"\0" * 120_000_000)
    return made.getvalue()


def thin_bomb() -> bytes:
    """A right document of empty paragraphs: small as a file, small unpacked, enormous once it is a tree."""
    good = as_docx(PLAN)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(io.BytesIO(good)) as right:
        for name in right.namelist():
            more = b"<w:p/>" * 3_000_000 if name == "word/document.xml" else b""
            archive.writestr(name, right.read(name).replace(b"<w:body>", b"<w:body>" + more))
    return made.getvalue()


def laughing() -> bytes:
    """Entities that stand for ten others each, nine deep: a billion words, if they were ever written out."""
    entities = b"".join(
        b'<!ENTITY a%d "%s">' % (depth, (b"&a%d;" % (depth - 1) if depth else b"ha ") * 10) for depth in range(9)
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive, zipfile.ZipFile(io.BytesIO(as_docx(PLAN))) as right:
        for name in right.namelist():
            body = right.read(name)
            if name == "word/document.xml":
                text = body[body.index(b"<w:document") :].replace(b"Tuy", b"&a8;Tuy", 1)
                body = b'<?xml version="1.0"?><!DOCTYPE w [' + entities + b"]>" + text
            archive.writestr(name, body)
    return made.getvalue()


def other_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("[Content_Types].xml", "<Types/>")
    return made.getvalue()


CASES: list[tuple[str, str, Callable[[], bytes], ReadingReason]] = [
    ("nothing", "p.txt", lambda: b"", ReadingReason.EMPTY),
    ("blanks", "p.txt", lambda: b" \r\n\t", ReadingReason.EMPTY),
    ("no sections", "p.txt", lambda: "Kính gửi ông bà,\ntôi viết thư này.".encode(), ReadingReason.NO_CLAUSES),
    ("only aims", "p.txt",
     lambda: "KẾ HOẠCH\nI. MỤC ĐÍCH\n1. Nâng cao nhận thức.".encode(), ReadingReason.NO_CLAUSES),
    ("an empty docx", "p.docx", lambda: as_docx(""), ReadingReason.NO_CLAUSES),
    ("half a docx", "p.docx", lambda: as_docx(PLAN)[:3000], ReadingReason.DAMAGED),
    ("a sheet", "p.docx", other_zip, ReadingReason.UNKNOWN_FILE),
    ("a bomb", "p.docx", bomb, ReadingReason.UNPACKS_TOO_LARGE),
    ("a bomb of a tree", "p.docx", thin_bomb, ReadingReason.UNPACKS_TOO_LARGE),
    ("a bomb of entities", "p.docx", laughing, ReadingReason.DAMAGED),
    ("a docx with a password", "p.docx",
     lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), ReadingReason.ENCRYPTED),
    ("an old Word file", "p.docx",
     lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ReadingReason.OLD_WORD),
    ("a PDF with a password", "p.pdf", encrypted_pdf, ReadingReason.ENCRYPTED),
    ("half a PDF", "p.pdf", lambda: b"%PDF-1.7\n" + bytes(40), ReadingReason.DAMAGED),
    ("scanned pages", "p.pdf", scanned_pdf, ReadingReason.SCANNED),
    ("scanned and signed", "p.pdf",
     lambda: stamped_pdf("Người ký: Ủy ban nhân dân tỉnh Sơn Hà\nThời gian ký: 09.01.2025 15:30"),
     ReadingReason.SCANNED),
    ("scanned with a remark", "p.pdf",
     lambda: stamped_pdf("UBND TỈNH SƠN HÀ, bản chụp từ CamScanner", 3), ReadingReason.SCANNED),
    ("pictures of pages in Word", "p.docx", pictured_docx, ReadingReason.SCANNED),
    ("a photograph", "p.png", lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), ReadingReason.SCANNED),
    ("a PDF called docx", "p.docx", lambda: as_pdf(PLAN), ReadingReason.WRONG_EXTENSION),
    ("text called PDF", "p.pdf", lambda: PLAN.encode(), ReadingReason.WRONG_EXTENSION),
    ("an unknown ending", "p.xlsx", lambda: PLAN.encode(), ReadingReason.UNKNOWN_FILE),
    ("another encoding", "p.txt", lambda: PLAN.encode("utf-16-le")[1:], ReadingReason.NOT_UTF8),
    ("bytes", "p.txt", lambda: b"I. A\x00B", ReadingReason.UNKNOWN_FILE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused_by_name(name: str, make: Callable[[], bytes], reason: ReadingReason) -> None:
    with pytest.raises(BadInput) as refused:
        read_plan(make(), name)
    assert refused.value.reason is reason
    for language in Language:
        sentence = translate(f"reason.{reason.value}", language, **refused.value.params)
        assert "{" not in sentence
        assert sentence != f"reason.{reason.value}"


def test_a_file_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FILE_MAX", 1_000)
    with pytest.raises(BadInput) as refused:
        read_plan(annotated("lac-son").text.encode(), "p.txt")
    assert refused.value.reason is ReadingReason.TOO_LARGE


def test_words_that_were_struck_out_are_not_read() -> None:
    document = docx.Document()
    for text in PLAN.splitlines():
        document.add_paragraph(text)
    paragraph = document.add_paragraph("- Kiểm tra máy ATM")
    run = paragraph.add_run(" hằng tuần")
    parent = run._r.getparent()
    struck = parent.makeelement("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}del", {})
    parent.replace(run._r, struck)
    struck.append(run._r)
    made = io.BytesIO()
    document.save(made)
    assert read_plan(made.getvalue(), "p.docx").tasks[-1].text == "Kiểm tra máy ATM"


def test_numbers_that_word_makes_up_are_numbers() -> None:
    """I., 1., a) and - by automatic numbering, none of it in the paragraphs' own text."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    levels = (("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"), ("bullet", "-"))
    shape = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(levels)
    )
    from docx.oxml import parse_xml

    numbering.insert(0, parse_xml(f'<w:abstractNum xmlns:w="{name}" w:abstractNumId="77">{shape}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num xmlns:w="{name}" w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    document.add_paragraph("KẾ HOẠCH")
    for level, text in (
        (0, "MỤC ĐÍCH"), (1, "Nâng cao nhận thức."), (0, "NHIỆM VỤ"), (1, "Công an tỉnh"), (2, "Mở đợt cao điểm."),
        (2, "Tuyên truyền:"), (3, "Tại trường học;"), (3, "Tại chợ."), (1, "Sở Y tế"), (2, "Niêm yết cảnh báo."),
    ):  # fmt: skip
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr xmlns:w="{name}"><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
        )
    made = io.BytesIO()
    document.save(made)
    tasks = read_plan(made.getvalue(), "p.docx").tasks
    assert [(task.ref, task.lead) for task in tasks] == [
        ("II.1.1", "Công an tỉnh"), ("II.1.2.1", "Công an tỉnh"), ("II.1.2.2", "Công an tỉnh"),
        ("II.2.1", "Sở Y tế"),
    ]  # fmt: skip


def test_a_line_without_end_is_read_at_once() -> None:
    """Each of these took minutes where a pattern began anew at every letter."""
    assert _letters("." * 400_000 + "x") == 1
    text = "ỦY BAN NHÂN DÂN TỈNH SƠN HÀ\nSố: 9/KH-UBND\nKẾ HOẠCH\nPhòng ngừa\n\nI. TỔ CHỨC\n1. "
    assert len(read_plan(f"{text}{'a' * 200_000} của.".encode(), "p.txt").tasks) == 1
