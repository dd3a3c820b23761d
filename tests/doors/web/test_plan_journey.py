"""A clerk reviews a plan, the head sets it in force, a lead accepts and reports, it is returned, then approved."""

import re
from datetime import date, datetime, time, timedelta

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, copied, shown, signed_in
from tests.factories.planned_world import Planned, clerk, head, plan_some
from tests.factories.plans import BANK, POLICE, SCHOOLS, SCIENCE, WARD

from lachan.foundation.base import VIETNAM
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import tables
from lachan.plans.kept import store
from lachan.plans.kept.model import PlanState
from lachan.plans.model import Recurrence
from lachan.plans.reminders.sweeping import Post, sweep_reminders
from lachan.plans.tasks import periods


@pytest.fixture
def planned(world: World) -> Planned:
    return plan_some(world)


def version_of(page: httpx.Response) -> str:
    """What the form on a page says it was made from."""
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found is not None
    return found.group(1)


def do(desk: Desk, task: str, verb: str, **fields: str) -> httpx.Response:
    version = version_of(desk.get(f"/plans/tasks/{task}"))
    return desk.post(f"/plans/tasks/{task}/{verb}", version=version, **fields)


def test_from_review_to_approved(served: str, world: World, planned: Planned) -> None:
    police, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    schools = signed_in(served, world, clerk(SCHOOLS))
    # The draft is the keeper's alone; its review shows warnings at their lines.
    assert schools.get(f"/plans/{planned.draft}").status_code == 404
    review = police.get(f"/plans/{planned.draft}/review")
    assert "Văn bản 7/CT-TTg được ghi hai ngày: 02/3 và 03/2." in shown(review)
    with world.services.db.read() as conn:
        one = next(c for c in store.clauses(conn, planned.draft) if c.ref == "III.1.2")
    opened = police.get(f"/plans/{planned.draft}/review?clause={one.id}")
    fields = {
        "clause": one.id, "text": one.text, "leads": planned.agencies[POLICE], "deadline": "2027-01-15",
        "demands": "35, 37", "version": version_of(opened),
    }  # fmt: skip
    wrong = police.post(f"/plans/{planned.draft}/review/correct", **fields)
    assert wrong.status_code == 422
    assert "2027-01-15" in wrong.text, "what was typed stays"
    done = police.post(f"/plans/{planned.draft}/review/correct", **fields, reason="theo bản giấy")
    assert "Đã sửa." in shown(done)
    assert police.post(f"/plans/{planned.draft}/review/approve", rest="1").status_code == 403
    missing = boss.post(f"/plans/{planned.draft}/review/approve")
    assert "2 việc chưa có đơn vị chủ trì trong danh bạ: II.1, V.1" in shown(missing)
    approved = boss.post(f"/plans/{planned.draft}/review/approve", rest="1")
    assert "Kế hoạch có hiệu lực" in shown(approved)
    with world.services.db.read() as conn:
        assert store.find(conn, planned.plan).state is PlanState.SUPERSEDED

    board = shown(schools.get("/plans/mine"))
    assert "III.4.1" in board
    task = re.findall(r'href="/plans/tasks/([0-9a-f-]{36})"', schools.get("/plans/mine").text)[0]
    assert "Đã nhận nhiệm vụ." in shown(do(schools, task, "accept"))
    stale = version_of(schools.get(f"/plans/tasks/{task}"))
    do(schools, task, "name", head="Ông Lý Sơn", person="Bà Hồ Thu")
    late = schools.post(f"/plans/tasks/{task}/report", version=stale, words="Đã dạy 40 tiết.")
    assert late.status_code == 409
    assert "Đã dạy 40 tiết." in late.text, "the second one loses no words"
    reported = do(schools, task, "report", words="Đã dạy 40 tiết.", kind="link", reference="https://sonha.vn/40")
    assert "Đã gửi báo cáo" in shown(reported)
    assert schools.post(f"/plans/tasks/{task}/approve", version="9").status_code == 403
    assert task in police.get("/plans/mine").text, "it waits for who consolidates"
    assert do(police, task, "return").status_code == 422
    assert "Đã trả lại" in shown(do(police, task, "return", remark="Thiếu số học sinh."))
    do(schools, task, "report", words="1.600 học sinh, 40 tiết.")
    finished = do(police, task, "approve")
    assert "Đã duyệt báo cáo." in shown(finished)
    history = shown(police.get(f"/plans/tasks/{task}"))
    running = periods.period_of(Recurrence.HALF_YEARLY, vietnam_date(world.now))
    following = periods.following([Recurrence.HALF_YEARLY], running.ends)
    assert following is not None
    ends = f"kỳ đến hết {following.ends:%d/%m/%Y}"
    for said in ("Thiếu số học sinh.", "1.600 học sinh, 40 tiết.", "Bà Hồ Thu", ends):
        assert said in history


def upload(desk: Desk, text: str, **typed: str) -> httpx.Response:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/plans/import").text)
    assert token is not None
    file = {"file": ("ke-hoach.txt", text.encode(), "text/plain")}
    return desk.http.post("/plans/import", data={"csrf_token": token[1], **typed}, files=file)


UNSIGNED = """ỦY BAN NHÂN DÂN
Số:     /KH-UBND
KẾ HOẠCH
Phòng ngừa lừa đảo
I. NHIỆM VỤ
1. Sở Không Đâu
- Kiểm tra an toàn máy ATM trong quý III.
"""


def test_a_document_that_leaves_its_number_open_is_kept_and_put_right(
    served: str, world: World, planned: Planned
) -> None:
    police = signed_in(served, world, clerk(POLICE))
    refused = upload(police, UNSIGNED, issued_on="2026-11-20")
    assert refused.status_code == 422
    assert "Văn bản không ghi số hoặc cơ quan ban hành" in shown(refused)
    assert 'value="2026-11-20"' in refused.text, "what was typed stays"
    kept = upload(police, UNSIGNED, number="77/KH-UBND", issuer="UBND tỉnh Sơn Hà", issued_on="2026-11-20")
    assert "Hãy rà soát bên cạnh văn bản." in shown(kept)
    plan_id = re.search(r"/plans/([0-9a-f-]{36})/review", str(kept.url))
    assert plan_id is not None
    review = f"/plans/{plan_id[1]}/review"
    page = shown(police.get(review))
    assert "Danh bạ không có “Sở Không Đâu”, chủ trì mục I.1.1." in page
    assert "thời hạn “quý iii” không ghi năm" in page
    said = {
        "title": "Phòng, chống lừa đảo", "issued_on": "2026-11-21", "signed_by": "Lê Thị Nước", "supersedes": "",
        "implements": "Chỉ thị số 21/CT-TTg ngày 25/5/2020\r\n", "recipients": "Bộ Công an\r\nNhư trên",
    }  # fmt: skip
    version = version_of(police.get(review))
    without = police.post(f"{review}/head", version=version, **said)
    assert without.status_code == 422
    assert "Lê Thị Nước" in without.text, "what was typed stays"
    done = police.post(f"{review}/head", version=version, reason="theo bản ký", **said)
    assert "Đã sửa thông tin chung của kế hoạch." in shown(done)
    stale = police.post(f"{review}/head", version=version, reason="theo bản ký", **{**said, "title": "Khác"})
    assert (stale.status_code, "Khác" in stale.text) == (409, True)
    again = upload(police, UNSIGNED, number="77/KH-UBND", issuer="UBND tỉnh Sơn Hà", issued_on="2026-11-20")
    assert "Đã đọc lại" in shown(again)
    with world.services.db.read() as conn:
        plan = store.find(conn, plan_id[1])
    assert (plan.title, plan.signed_by, plan.issued_on) == (
        "Phòng, chống lừa đảo", "Lê Thị Nước", date(2026, 11, 21),
    )  # fmt: skip
    twice = police.post(f"{review}/add", version="1", ref="I.9", text="Lập đường dây nóng.", reason="họp")
    assert (twice.status_code, "Lập đường dây nóng." in twice.text) == (409, True)
    directives = police.get("/plans/directives")
    assert "Chỉ thị số 21/CT-TTg ngày 25/5/2020" in shown(directives)
    assert f'href="/plans/tasks?plan={planned.plan}"' in directives.text


def test_what_an_agency_sees(served: str, world: World, planned: Planned) -> None:
    bank = signed_in(served, world, clerk(BANK))
    assert bank.get(f"/plans/{planned.plan}").status_code == 200
    own, helped = planned.tasks["III.2.1", BANK], planned.tasks["III.1.1", POLICE]
    assert bank.get(f"/plans/tasks/{own}").status_code == 200
    assert bank.get(f"/plans/tasks/{helped}").status_code == 200, "a coordinator sees what it helps with"
    assert bank.get(f"/plans/tasks/{planned.tasks['III.3.1', SCIENCE]}").status_code == 404
    assert planned.tasks["III.3.1", SCIENCE] not in bank.get(f"/plans/{planned.plan}").text
    assert bank.get(f"/plans/{planned.plan}/review").status_code == 200
    assert bank.post(f"/plans/{planned.plan}/review/cancel", reason="x").status_code == 403
    ward = signed_in(served, world, clerk(WARD))
    assert ward.get(f"/plans/tasks/{planned.tasks['III.6.1', WARD]}").status_code == 200
    leader = signed_in(served, world, "leader")
    assert leader.get(f"/plans/tasks/{own}").status_code == 200


def test_figures_lead_to_their_records(served: str, world: World, planned: Planned) -> None:
    leader = signed_in(served, world, "leader")
    for address in (
        "/plans/dashboard",
        f"/plans/{planned.plan}/matrix",
        "/plans/demands",
        "/plans",
        "/plans/reminders",
    ):
        page = leader.get(address)
        assert page.status_code == 200
        for href in sorted(set(re.findall(r'href="(/plans/tasks[^"#]*)"', page.text)))[:12]:
            assert leader.get(href.replace("&amp;", "&")).status_code == 200, href
    late = leader.get("/plans/tasks?only=late")
    dashboard = shown(leader.get("/plans/dashboard"))
    count = re.search(r"Nhiệm vụ: (\d+)", shown(late))
    assert count is not None
    assert f"Quá hạn {count.group(1)}" in dashboard


def test_taking_note_and_sending_in(served: str, world: World, planned: Planned) -> None:
    bank, leader = signed_in(served, world, clerk(BANK)), signed_in(served, world, "leader")
    register = f"/plans/{planned.plan}/register"
    assert "Chưa gửi" in shown(leader.get(register)) or "Đang chờ" in shown(leader.get(register))
    assert "Đã ghi nhận bạn đã đọc." in shown(bank.post(f"/plans/{planned.plan}/note"))
    bank.post(f"/plans/{planned.plan}/note")
    assert "Đã đọc: 1" in shown(leader.get(register))
    # What the record counts of it stands in the report already, for a person to look at and hand in.
    police, task = signed_in(served, world, clerk(POLICE)), planned.tasks["II.1", POLICE]
    do(police, task, "accept")
    assert "- Lượt đã quán triệt: 1" in shown(police.get(f"/plans/tasks/{task}"))
    assert "chưa đọc" in shown(leader.get(register))
    sent = bank.post(f"/plans/{planned.plan}/sub-plan", title="Kế hoạch 5/KH-NHNN")
    assert "Kế hoạch 5/KH-NHNN" in shown(sent)
    assert bank.post(f"/plans/{planned.plan}/sub-plan", title="").status_code == 422
    document = leader.get(f"/plans/{planned.plan}/document")
    assert document.content == b"91"
    assert document.headers["content-disposition"].startswith("attachment")


def test_a_letter_of_urging_gets_its_number(served: str, world: World, planned: Planned) -> None:
    db = world.services.db
    with db.read() as conn:
        due = conn.execute(sa.select(sa.func.min(tables.task.c.due_on))).scalar_one()
    day = datetime.combine(date.fromisoformat(due), time(12), VIETNAM)
    sweep_reminders(db, max(day, world.now) + timedelta(days=8), Post("", "https://lachan.test", "Bàn trực"))
    with db.read() as conn:
        _r = tables.reminder
        letter = conn.execute(sa.select(_r.c.id).where(_r.c.letter.is_not(None)).limit(1)).scalar_one()
    police = signed_in(served, world, head(POLICE))
    there = f"/plans/reminders/{letter}/letter"
    assert f'action="{there}"' in police.get("/plans/reminders").text
    assert f'action="{there}"' not in signed_in(served, world, clerk(BANK)).get("/plans/reminders").text
    refused = police.post(there, letters="??", position="Giám đốc", signatory="Đại tá Bình")
    assert (refused.status_code, "Đại tá Bình" in refused.text) == (422, True)
    done = police.post(there, letters="CAT-PA05", position="Giám đốc", signatory="Đại tá Bình")
    assert "Đã cấp số" in shown(done)
    assert "01/CAT-PA05" in done.text
    assert f'action="{there}"' not in done.text
    twice = police.post(there, letters="CAT-PA05", position="Giám đốc", signatory="Đại tá Bình")
    assert (twice.status_code, set(copied(twice).values())) == (409, {"CAT-PA05", "Giám đốc", "Đại tá Bình"})
