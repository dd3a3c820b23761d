"""A clerk writes a document of each kind, the head numbers it; two write at once; the calendar of a plan is set."""

import html
import io
import re

import docx
import httpx
import pypdf
import pytest
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, shown, signed_in
from tests.factories.planned_world import Planned, clerk, head, plan_some
from tests.factories.plans import POLICE, SCHOOLS

# What each bears, and the number of those that are issued here; official letters share a book.
KINDS = {
    "plan": ("KẾ HOẠCH", "01/KH-CAT-PA05"), "report": ("BÁO CÁO", ""), "official_letter": ("V/v", "01/CAT-PA05"),
    "reminder": ("V/v", ""), "request": ("V/v", "02/CAT-PA05"), "minutes": ("BIÊN BẢN", ""),
}  # fmt: skip
WRITTEN = {
    "urgency": "ordinary", "abstract": "phối hợp rà soát tài khoản",
    "addressees": "Sở Giáo dục\nNgân hàng Nhà nước",
    "bases": "Luật số 91/2025/QH15", "letters": "CAT-PA05", "archive": "PA05", "position": "Phó Giám đốc",
    "body": "I. NỘI DUNG\nRà soát toàn bộ tài khoản.\n- Lập danh sách.\n| TT | Việc |\n| 1 | Rà soát |",
    "signatory": "Thượng tá Hoàng Thị Ẩn", "secretary": "Trung úy Mai", "recipients": "Như trên",
    "behalf": "TM. Ủy ban nhân dân\nKT. Chủ tịch",
}  # fmt: skip


@pytest.fixture
def planned(world: World) -> Planned:
    return plan_some(world)


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u200b", ""))


def typed_in(page: httpx.Response) -> dict[str, str]:
    """What the form holds: its version, and what stands in its text areas."""
    found = dict(re.findall(r'<textarea id="([a-z]+)"[^>]*>(.*?)</textarea>', page.text, re.S))
    version = re.search(r'name="version" value="(\d+)"', page.text)
    return found | ({"version": version[1]} if version else {})


def keep(desk: Desk, kind: str) -> str:
    """A draft of a kind, kept; its address."""
    answer = desk.post("/documents/new", kind=kind, then="save", **WRITTEN)
    assert "Đã lưu bản thảo." in shown(answer), shown(answer)[:600]
    return answer.url.path


def test_every_kind_is_written_looked_at_and_issued(served: str, world: World, planned: Planned) -> None:
    writer, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    stranger = signed_in(served, world, clerk(SCHOOLS))
    for kind, (said, reference) in KINDS.items():
        at = keep(writer, kind)
        word = docx.Document(io.BytesIO(writer.get(f"{at}/draft.docx").content)).element
        for text in (
            words(writer.get(f"{at}/draft.pdf").content), "".join(node.text or "" for node in word.iter()),
        ):  # fmt: skip
            for each in (said, "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "Lập danh sách"):
                assert each in text, (kind, each)
        assert at in boss.get("/documents").text, "the head finds the draft"
        assert stranger.get(at).status_code == 403
        if not reference:
            continue
        version = typed_in(boss.get(at))["version"]
        issued = boss.post(at, kind=kind, then="issue", version=version, **WRITTEN)
        assert reference in shown(issued), shown(issued)[:800]
        pdf = re.findall(r"/documents/[0-9a-f-]{36}/file\.pdf", issued.text)[0]
        assert f"Số: {reference}" in words(boss.get(pdf).content)
        assert boss.post(at, kind=kind, then="save", version=version, **WRITTEN).status_code == 409


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    served: str, world: World, planned: Planned
) -> None:
    writer = signed_in(served, world, clerk(POLICE))
    wrong = writer.post("/documents/new", kind="plan", then="save", **(WRITTEN | {"behalf": "Giám đốc"}))
    assert wrong.status_code == 422
    assert "phải bắt đầu bằng TM." in shown(wrong)
    assert "Rà soát toàn bộ tài khoản." in wrong.text
    at = keep(writer, "plan")
    unsigned = writer.post(at, kind="plan", then="issue", version="1", **(WRITTEN | {"letters": "", "body": "Mới"}))
    assert unsigned.status_code == 422
    # What could not be issued is kept all the same.
    assert typed_in(writer.get(at))["body"] == "Mới"
    other = signed_in(served, world, head(POLICE))
    late = other.post(at, kind="plan", then="save", version="1", **(WRITTEN | {"body": "Bản của trưởng phòng"}))
    assert late.status_code == 409
    assert "Bản của trưởng phòng" in late.text
    assert ">Mới<" in late.text, "both texts are shown"
    joined = other.post(at, kind="plan", then="save", **(WRITTEN | typed_in(late) | {"body": "Bản chung"}))
    assert "Đã lưu bản thảo." in shown(joined)
    kept = typed_in(other.get(at)) | {"kind": "plan", "then": "save"}
    assert other.post(at, **(kept | {"abstract": "Về việc khác", "urgency": "urgent"})).status_code == 200
    late = writer.post(at, **(kept | {"body": "Bản của tôi"}))
    assert late.status_code == 409
    stands = html.unescape(late.text.partition('id="h-standing"')[2].partition("</section>")[0])
    assert re.findall(r"<label[^>]*>([^<]+)<", stands) == ["Trích yếu", "Nội dung", "Độ khẩn"], stands
    assert re.findall(r"<textarea[^>]*>([^<]*)<", stands) == ["Về việc khác", "Bản chung", "KHẨN"], stands
    assert writer.post("/documents/new", kind="poem", abstract="x").status_code == 422
    assert "Đã bỏ bản thảo." in shown(writer.post(f"{at}/drop"))
    assert writer.get("/documents/drafts/none").status_code == 404


def test_what_begins_filled_in_and_the_calendar_that_is_set(served: str, world: World, planned: Planned) -> None:
    schools, police = signed_in(served, world, clerk(SCHOOLS)), signed_in(served, world, clerk(POLICE))
    page = schools.get(f"/plans/{planned.plan}/register").text
    address = re.findall(r'href="(/documents/new\?plan=[^"]+)"', page)[0].replace("&amp;", "&")
    begun = typed_in(schools.get(address))
    assert "Dạy học sinh nhận biết" in begun["body"]
    assert "91/KH-UBND" in begun["abstract"]
    key = f"{world.now.year}-Y" if f"{world.now.year}-Y" in police.get("/periodic").text else f"{world.now.year}-H1"
    page = police.get(f"/periodic/rounds/{planned.plan}/{key}").text
    address = re.findall(r'href="(/documents/new\?plan=[^"]+period=[^"]+)"', page)[0].replace("&amp;", "&")
    assert SCHOOLS in typed_in(police.get(address))["addressees"]
    assert schools.get(f"/documents/new?plan={planned.draft}").status_code == 404

    set_the_calendar(police, schools, planned, world.now.year)


def set_the_calendar(police: Desk, schools: Desk, planned: Planned, year: int) -> None:
    """On its own page, with what is wrong said at its place."""
    at = f"/plans/{planned.plan}/calendar"
    page = police.get(at)
    version = typed_in(page)["version"]
    assert 'value="05/06"' in page.text
    rows = {"period-0": "half_yearly", "due-0": "05/6", "period-1": "yearly", "due-1": "5/12", "to-1": "15/11",
            "period-2": "quarterly", "reason": "Theo công văn 12"}  # fmt: skip
    wrong = police.post(at, version=version, **(rows | {"to-1": "31/02"}))
    assert wrong.status_code == 422
    assert 'value="31/02"' in wrong.text, "what was typed stays"
    assert police.post(at, version=version, **(rows | {"period-1": ""})).status_code == 422
    assert police.post(at, version=version, **(rows | {"reason": ""})).status_code == 422
    assert schools.post(at, version=version, **rows).status_code == 403
    done = police.post(at, version=version, **rows)
    assert "Đã đặt lịch báo cáo." in shown(done)
    assert "Theo công văn 12" in shown(schools.get(at))
    assert f"15/11/{year}" in shown(done) or f"15/11/{year + 1}" in shown(done)
    assert police.post(at, version=version, **rows).status_code == 409
    assert "15/11" in shown(police.get(f"/plans/{planned.plan}"))
