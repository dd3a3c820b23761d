"""Files of records and files of evidence: every fault by line and column; nothing that runs or tells."""

import io
import unicodedata
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from PIL import Image
from tests.activities.activity_office import CAO_BANG, OFFICER, Office, office
from tests.activities.activity_office import SWEEP as VALUES
from tests.conftest import NOON
from tests.factories.activity_stage import HEADS, photo, sweeps

from lachan.activities import ActivityReason, Faulty, Imported, import_grid, importable, sheets, views
from lachan.activities.evidence import BYTES_MOST, keep, path_of
from lachan.activities.filed import kept_cells
from lachan.activities.saying import fault_text
from lachan.activities.views import Narrow
from lachan.foundation.base import BadInput, Language
from lachan.foundation.documents.workbooks import read_grid, require_modest
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import FileSort, all_activity_kinds
from lachan.foundation.trail import tables as trail_tables

KINDS = {one.code: one for one in all_activity_kinds()}
SWEEP = KINDS["junk_sim_sweep"]


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def imported(made: Office, content: bytes, name: str = "bang.xlsx", **more: Any) -> Imported:
    grid = read_grid(name, content, rows_most=20_000, bytes_most=BYTES_MOST)
    return import_grid(made.db, made.actors[OFFICER], lambda: NOON, SWEEP.code, grid, secret=b"s" * 32, **more)


def test_good_rows_are_recorded_and_bad_cells_listed(made: Office) -> None:
    wrong: dict[int, tuple[int, object]] = {
        0: (0, "31/02/2026"), 1: (1, "Xã Không Đâu"), 2: (2, "40 km"), 3: (3, "nhiều"), 4: (4, -2), 5: (5, 1.5),
        6: (3, ""),
    }  # fmt: skip
    content = sweeps(1_100, wrong)
    seen: list[int] = []
    done = imported(made, content, progress=seen.append)
    assert (done.rows, done.recorded, done.repeated, done.refused_rows) == (1_100, 1_093, 0, 7)
    assert seen == [500, 1_000, 1_100]
    said = [(one.line, one.column, fault_text(one.fault, Language.VI)) for one in done.refused]
    assert said == [
        (2, "A", "Không có ngày “31/02/2026”. Ghi theo dạng 21/11/2026."),
        (3, "B", "Không có xã, phường nào tên “Xã Không Đâu”."),
        (4, "C", "Sai đơn vị “km”: ô này tính bằng hộ. Chỉ ghi số."),
        (5, "D", "Không phải là số. Ghi như 1.234."),
        (6, "E", "Phải từ 0 trở lên."),
        (7, "F", "Không phải là số. Ghi như 1.234."),
        (8, "D", fault_text(done.refused[-1].fault, Language.VI)),
    ]
    assert "A,Ngày rà soát *" in sheets.rejects_csv(kept_cells(done.refused), Language.VI)
    again = imported(made, content)
    assert (again.recorded, again.repeated) == (0, 1_093)
    with made.db.read() as conn:
        assert views.kept(conn) == views.recount(conn)
        rows = conn.execute(trail_tables.fact.select().where(trail_tables.fact.c.kind == "activity.imported")).all()
    assert [row.data["records"] for row in rows] == [493, 500, 100]
    assert sum(len(row.rows) for row in rows) == 1_093


def test_a_file_whose_letters_are_written_in_parts_is_read_like_any(made: Office) -> None:
    """Some programs write `ộ` as a letter with two marks behind it."""
    rows = [HEADS, ["01/10/2026", "Đàm Thủy", "40 hộ", "12", "3", "1"]]
    whole = "\r\n".join(";".join(map(str, row)) for row in rows)
    done = imported(made, unicodedata.normalize("NFD", whole).encode(), "bang.csv")
    assert [fault_text(one.fault, Language.VI) for one in done.refused] == []
    again = imported(made, whole.encode(), "bang.csv")
    assert (done.recorded, again.recorded, again.repeated) == (1, 0, 1)


def test_merged_cells_are_named_and_in_the_head_refuse_the_file(made: Office) -> None:
    def book(head: bool) -> bytes:
        out = io.BytesIO()
        workbook = xlsxwriter.Workbook(out, {"in_memory": True})
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        for row in range(1, 5):
            sheet.write_row(row, 0, ["01/10/2026", "Đàm Thủy", 1, 2 + row, 0, 0])
        if head:
            sheet.merge_range(0, 1, 0, 2, "Xã")
        else:
            sheet.merge_range(2, 1, 3, 1, "Đàm Thủy")
        workbook.close()
        return out.getvalue()

    done = imported(made, book(head=False))
    assert (done.recorded, [(one.line, one.column) for one in done.refused]) == (2, [(3, "B"), (4, "B")])
    with pytest.raises(BadInput) as refused:
        imported(made, book(head=True))
    assert (refused.value.reason.value, refused.value.field) == ("activity_merged_cells", "B1")


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"no zip", "a.xlsx", "unreadable_file"), (b"a;b\n1;2\n", "a.csv", "activity_column_unknown"),
        ("Ngày rà soát\n01/10/2026\n".encode(), "a.csv", "activity_column_missing"),
        ("Ngày rà soát;Ngày rà soát\n1;2\n".encode(), "a.csv", "activity_column_twice"),
        (b"", "a.csv", "activity_no_rows"), (b"x", "a.doc", "unreadable_file"),
        (b"\xff\xfe\x00", "a.csv", "unreadable_file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_whole(db: Database, content: bytes, name: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        imported(office(db, NOON), content, name)
    assert refused.value.reason.value == reason


def test_what_is_exported_is_read_again(made: Office, tmp_path: Path) -> None:
    imported(made, sweeps(30, {}))
    target = tmp_path / "ra.xlsx"
    with made.db.read() as conn:
        records = list(views.everything(conn, made.actors[OFFICER], SWEEP, Narrow(), NOON))
        count = sheets.export(target, SWEEP, records, Language.VI, lambda one: one, full=lambda _one: True)
    assert count == 30
    # The same work in another order, from the system's own file: nothing is recorded twice.
    again = imported(made, target.read_bytes(), "ra.xlsx")
    assert (again.rows, again.recorded, again.repeated, again.refused) == (30, 0, 30, ())


def test_names_of_people_and_files_stay_hidden_in_a_file_without_a_look(made: Office, tmp_path: Path) -> None:
    paper = keep(tmp_path, "CCCD Lò Văn Pán.pdf", b"%PDF-1.4", (FileSort.DOCUMENT,))
    made.record(
        OFFICER, "agreement", day="2026-01-15", name="Quy chế", document=[paper.as_value()],
        parties=[{"agency": made.agencies["other"], "contact": "Lò Văn Pán"}, {"agency": made.agencies["bank"]}],
    )  # fmt: skip
    kind, target = KINDS["agreement"], tmp_path / "ra.csv"

    def told(whole: bool) -> str:
        with made.db.read() as conn:
            records = views.everything(conn, made.actors[OFFICER], kind, Narrow(), NOON)
            sheets.export(target, kind, records, Language.VI, lambda one: one, full=lambda _one: whole)
        return target.read_text(encoding="utf-8-sig")

    assert told(whole=True).count("Pán") == 2
    hidden = told(whole=False)
    assert "Pán" not in hidden
    assert "Quy chế" in hidden


@pytest.mark.parametrize("language", Language)
def test_every_kind_has_a_template_that_its_import_understands(language: Language) -> None:
    for kind in KINDS.values():
        grid = read_grid(
            "t.xlsx", sheets.template(kind, language, CAO_BANG), rows_most=9_000, bytes_most=BYTES_MOST
        )
        from lachan.activities.importing import columns_of

        assert [one.field.code for one in columns_of(kind, grid)] == [one.code for one in importable(kind)], (
            kind.code
        )


@pytest.mark.parametrize("place", [("xl/worksheets/sheet1.xml", "xl/tables/t.dat"), None])
def test_a_far_cell_is_refused_however_it_is_written(place: tuple[str, str] | None) -> None:
    """Read as a rectangle, one such cell would be 16 thousand million."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sweeps(1, {}))) as whole, zipfile.ZipFile(out, "w") as made:
        for name in whole.namelist():
            text = whole.read(name)
            if name == "xl/worksheets/sheet1.xml":
                far = b"<row r='1048576'><c r = 'XFD1048576'><v>1</v></c></row></sheetData>"
                text = text.replace(b"</sheetData>", far)
            if place is not None:
                text = text.replace(b"worksheets/sheet1.xml", b"tables/t.dat")
            made.writestr(place[1] if place is not None and name == place[0] else name, text)
    with pytest.raises(BadInput) as refused:
        require_modest(out.getvalue(), 20_000, "20.000", 2)
    assert refused.value.reason.value == "too_large"


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


PHOTO, PAPER, SOUND = (FileSort.PHOTO,), (FileSort.DOCUMENT,), (FileSort.SOUND,)
BAD = (
    (b"%PDF-1.4 /OpenAction << /S /JavaScript >>", PAPER, "activity_file_dangerous"),
    (b"%PDF-1.4 /J#61vaScript", PAPER, "activity_file_dangerous"),
    (packed("word/document.xml", "word/vbaProject.bin"), PAPER, "activity_file_dangerous"),
    (packed("a.exe"), PAPER, "activity_file_sort"), (b"%PDF-1.4", PHOTO, "activity_file_sort"),
    (b"MZ\x90\x00", PHOTO, "activity_file_sort"), (b"<svg onload=alert(1)>", PHOTO, "activity_file_sort"),
    (b"\xff\xd8\xff\xe0 broken", PHOTO, "unreadable_file"), (b"PK\x03\x04 broken", PAPER, "unreadable_file"),
    (packed("word/document.xml", "é").replace("é".encode(), b"\xff\xff"), PAPER, "unreadable_file"),
    (b"x" * (BYTES_MOST + 1), PAPER, "too_large"), (b"<html>", SOUND, "activity_file_sort"),
)  # fmt: skip


def stream(head: bytes, body: bytes) -> bytes:
    return b"5 0 obj << %s /Length %d >>\nstream\n%s\nendstream endobj\n" % (head, len(body), body)


def pdf(*parts: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"".join(parts)


HIDING = (
    pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"1 0 << /S /JavaScript /JS (x) >>"))),
    pdf(stream(b"/Type /Obj#53tm /Filter /FlateDecode", zlib.compress(b"1 0 << /XFA 2 0 R >>"))),
    pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(bytes(20 * 1024 * 1024)))),
    pdf(stream(b"/Type /ObjStm /Filter /LZWDecode", b"\x80\x0b\x60")),
    pdf(b"1 0 obj << /S /Launch >> endobj"), pdf(b"1 0 obj << /S /Rendition /J#53 (x) >> endobj"),
)  # fmt: skip
STILL = (
    pdf(b"1 0 obj << /OpenAction [1 0 R /XYZ null null 0] /BaseFont /Times#20New#20Roman >> endobj"),
    pdf(stream(b"/Subtype /Image /Filter /DCTDecode", b"\xff\xd8\x00/JS\x00/AA\x80/#20\x90/XFA\x01")),
    pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"1 0 << /Type /Catalog >>"))),
)  # fmt: skip


@pytest.mark.parametrize("content", HIDING)
def test_a_paper_that_hides_what_runs_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        keep(tmp_path, "a", content, PAPER)
    assert refused.value.reason.value == "activity_file_dangerous"


@pytest.mark.parametrize("content", STILL)
def test_a_paper_as_offices_and_scanners_write_it_is_kept(content: bytes, tmp_path: Path) -> None:
    assert keep(tmp_path, "a", content, PAPER).ending == "pdf"


def test_a_day_that_no_calendar_of_today_has_is_refused_in_a_cell_too(made: Office) -> None:
    for day in (date(1899, 12, 30), date(9999, 1, 1)):
        with pytest.raises(Faulty) as refused:
            made.record(OFFICER, "junk_sim_sweep", **{**VALUES, "day": day})
        assert refused.value.reason is ActivityReason.NO_SUCH_DAY


@pytest.mark.parametrize(("content", "accepts", "reason"), BAD)
def test_what_is_no_evidence_is_refused(
    content: bytes, accepts: tuple[FileSort, ...], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as refused:
        keep(tmp_path, "a", content, accepts)
    assert refused.value.reason.value == reason
    assert not (tmp_path / "files").exists()


def test_a_photo_keeps_its_picture_and_nothing_else(tmp_path: Path) -> None:
    told = photo(800, 500) + b"<script>alert(1)</script>"
    kept = keep(tmp_path, "../../ảnh <x>.PNG", told, PHOTO)
    with Image.open(path_of(tmp_path, kept.sha256)) as image:
        assert (image.size, dict(image.getexif())) == ((800, 500), {})
    assert b"script" not in path_of(tmp_path, kept.sha256).read_bytes()
    assert (kept.name, kept.ending) == ("ảnh _x_.jpg", "jpg")
    assert keep(tmp_path, "b.jpg", told, PHOTO).sha256 == kept.sha256
    assert keep(tmp_path, "loa.mp3", b"ID3\x03" + bytes(60), SOUND).ending == "mp3"
    with pytest.raises(ValueError, match="hash"):
        path_of(tmp_path, "../../etc/passwd")
