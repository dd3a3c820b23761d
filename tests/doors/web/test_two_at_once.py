"""Two people at one task, plan, calendar or record of work: who comes second loses nothing of what was typed."""

import re

import pytest
from tests.doors.web.test_plan_journey import version_of
from tests.factories.desk_world import World
from tests.factories.inbox_world import copied, shown, signed_in
from tests.factories.planned_world import Planned, clerk, head, plan_some
from tests.factories.plans import POLICE, SCHOOLS
from tests.factories.reported_world import report_some

from lachan.activities import correct, move, name_person, record, withdraw
from lachan.plans.kept import store
from lachan.plans.reporting import set_calendar


@pytest.fixture
def planned(world: World) -> Planned:
    return plan_some(world)


def test_a_task_that_a_colleague_reported(served: str, world: World, planned: Planned) -> None:
    schools = signed_in(served, world, clerk(SCHOOLS))
    (task,) = (found for (_, lead), found in planned.tasks.items() if lead == SCHOOLS)
    at = f"/plans/tasks/{task}"
    schools.post(f"{at}/accept", version=version_of(schools.get(at)))
    read = version_of(schools.get(at))
    typed = {"words": "Đã dạy 40 tiết.", "kind": "link", "reference": "https://sonha.vn/40", "title": "Ảnh"}
    schools.post(f"{at}/report", version=read, words="Bản của đồng nghiệp.")
    late = schools.post(f"{at}/report", version=read, **typed)
    assert late.status_code == 409
    assert set(copied(late).values()) == {"Ảnh", "https://sonha.vn/40", "Đã dạy 40 tiết."}
    assert 'action="/plans/tasks/' + task + '/report"' not in late.text
    assert "Bản của đồng nghiệp." in shown(late)


def test_a_clause_that_a_colleague_dropped_or_corrected(served: str, world: World, planned: Planned) -> None:
    police, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    with world.services.db.read() as conn:
        one = next(c for c in store.clauses(conn, planned.draft) if c.ref == "III.1.2")
    at = f"/plans/{planned.draft}/review"
    typed = {
        "clause": one.id, "text": "Rà soát các tài khoản.", "leads": POLICE, "deadline": "2027-01-15",
        "demands": "35, 37", "reason": "theo bản giấy", "recurrence": "quarterly",
    }  # fmt: skip
    read = version_of(police.get(at))
    boss.post(f"{at}/correct", **{**typed, "version": read, "text": "Rà soát mọi tài khoản."})
    late = police.post(f"{at}/correct", version=read, **typed)
    assert late.status_code == 409
    assert "Rà soát các tài khoản.</textarea>" in late.text, "typed, in the form"
    assert copied(late, "standing") == {"Nội dung việc": "Rà soát mọi tài khoản."}
    assert copied(late) == {}
    boss.post(f"{at}/drop", version=version_of(police.get(at)), clause=one.id, reason="trùng mục khác")
    gone = police.post(f"{at}/correct", version=version_of(late), **typed)
    assert gone.status_code == 409
    assert set(copied(gone).values()) == {
        "Rà soát các tài khoản.", POLICE, "2027-01-15", "35, 37", "theo bản giấy", "hằng quý",
    }  # fmt: skip


def test_a_plans_details_that_a_colleague_corrected(served: str, world: World, planned: Planned) -> None:
    police, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    at = f"/plans/{planned.draft}/review"
    with world.services.db.read() as conn:
        plan = store.find(conn, planned.draft)
    typed = {
        "title": plan.title, "issued_on": plan.issued_on.isoformat() if plan.issued_on else "", "reason": "bản ký",
        "signed_by": plan.signed_by or "", "supersedes": plan.supersedes or "", "implements": "",
        "recipients": "\r\n".join(plan.recipients),
    }  # fmt: skip
    read = version_of(police.get(at))
    boss.post(f"{at}/head", **{**typed, "version": read, "signed_by": "Lê Thị Nước"})
    late = police.post(f"{at}/head", **{**typed, "version": read, "title": "Tên mới của kế hoạch"})
    assert late.status_code == 409
    assert "Tên mới của kế hoạch</textarea>" in late.text
    stands = copied(late, "standing")
    assert (stands["Người ký"], stands["Trích yếu"]) == ("Lê Thị Nước", plan.title), "not written back unseen"
    assert "Nơi nhận" not in stands, "only what differs"


def test_a_calendar_that_a_colleague_set(served: str, world: World, planned: Planned) -> None:
    police, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    at = f"/plans/{planned.plan}/calendar"
    read = version_of(police.get(at))
    boss.post(at, **{"version": read, "period-0": "monthly", "reason": "họp"})
    rows = {f"period-{row}": "quarterly" for row in range(5)} | {f"due-{row}": f"{row + 1}/6" for row in range(5)}
    late = police.post(at, version=read, reason="Theo công văn 12", **rows)
    assert late.status_code == 409
    typed = copied(late)
    assert typed["Lý do"] == "Theo công văn 12"
    assert typed["Chế độ báo cáo"].splitlines() == [f"Báo cáo quý · Nộp trước ngày {row + 1}/6" for row in range(5)]
    assert '<option value="monthly" selected>' in late.text, "the rows are those that stand there now"
    # More rows than there are are not cut off by a slip in one of them.
    wrong = police.post(at, version=version_of(late), reason="x", **(rows | {"due-4": "31/02"}))
    assert wrong.status_code == 422
    assert 'value="31/02"' in wrong.text


LINE = {
    "day": "2026-11-20",
    "item": "Máy quét",
    "task_ref": "",
    "year": "2026",
    "source": "own",
    "proposed": "9.000",
}


def test_a_record_of_work_that_a_colleague_took_further(served: str, world: World) -> None:
    desk, db, other = signed_in(served, world, "officer"), world.services.db, world.actor("shift")
    with db.unit(world.now, other) as unit:
        one = record(unit, "budget_line", LINE, key="a").id
    at = f"/activities/budget_line/{one}"
    read = version_of(desk.get(f"{at}/correct"))
    with db.unit(world.now, other) as unit:
        correct(unit, one, LINE | {"item": "Máy quét màu"}, "theo báo giá")
    mine = LINE | {"item": "Máy quét", "proposed": "12.000", "words": "theo hợp đồng"}
    late = desk.post(f"{at}/correct", version=read, **mine)
    assert late.status_code == 409
    assert 'value="12.000"' in late.text
    assert copied(late, "standing") == {"Nội dung chi": "Máy quét màu", "Số tiền đề xuất": "9.000"}

    stage = {"allocated": "8.000", "allocated_on": "21/11/2026", "decision": "12/QĐ-UBND"}
    with db.unit(world.now, other) as unit:
        move(unit, one, "refused", {})
    moved = desk.post(f"{at}/stage/allocated", **stage)
    assert moved.status_code == 404
    assert sorted(copied(moved).values()) == sorted(stage.values())
    assert "Máy quét màu" in shown(moved), "the record's own page"

    with db.unit(world.now, other) as unit:
        withdraw(unit, one, "ghi trùng")
    gone = desk.post(f"{at}/withdraw", words="ghi sai đơn vị")
    assert (gone.status_code, copied(gone)) == (409, {"Lý do": "ghi sai đơn vị"})
    shared = desk.post(f"{at}/share", agency="Công an tỉnh")
    assert (shared.status_code, list(copied(shared).values())) == (shared.status_code, ["Công an tỉnh"])
    assert shared.status_code in {409, 422}


def test_a_request_under_a_plan_whose_reports_have_ended(served: str, world: World) -> None:
    plan = report_some(world)["plan"]
    desk, head_of_desk = signed_in(served, world, "shift"), world.actor("head")
    asked = {"plan": plan, "title": "Báo cáo nhanh", "covers_from": "2026-11-01", "covers_to": "2026-11-20",
             "due_at": "2026-12-01T17:00", "questions": "Kết quả\r\n# Số vụ"}  # fmt: skip
    assert 'name="questions"' in desk.get("/periodic").text
    with world.services.db.unit(world.now, head_of_desk) as unit:
        set_calendar(unit, plan, "Kế hoạch số 50/KH-UBND", (), [world.desk_id])
    late = desk.post("/periodic/ask", **asked)
    assert late.status_code == 422
    assert "Kế hoạch này không còn thu báo cáo" in shown(late), "also where the form has gone with its last plan"
    del asked["plan"]
    assert set(copied(late).values()) == set(asked.values())


def test_a_slip_beside_a_colleagues_change_hides_it_nowhere(served: str, world: World, planned: Planned) -> None:
    """Who only mends what was refused has still not seen what another changed."""
    police, boss = signed_in(served, world, clerk(POLICE)), signed_in(served, world, head(POLICE))
    with world.services.db.read() as conn:
        one = next(c for c in store.clauses(conn, planned.draft) if c.ref == "III.1.2")
    at = f"/plans/{planned.draft}/review"
    typed = {"clause": one.id, "text": one.text, "leads": POLICE, "reason": "bản ký"}
    read = version_of(police.get(at))
    boss.post(f"{at}/correct", **{**typed, "version": read, "text": "Rà soát mọi tài khoản."})
    slip = police.post(f"{at}/correct", **{**typed, "version": read, "deadline": "31/02/2027"})
    assert slip.status_code == 422
    mended = police.post(f"{at}/correct", **{**typed, "version": version_of(slip), "deadline": "2027-01-15"})
    assert mended.status_code == 409
    assert copied(mended, "standing")["Nội dung việc"] == "Rà soát mọi tài khoản."

    at = f"/plans/{planned.plan}/calendar"
    read = version_of(police.get(at))
    boss.post(at, **{"version": read, "period-0": "monthly", "reason": "họp"})
    row = {"period-0": "quarterly", "reason": "công văn 12"}
    slip = police.post(at, version=read, **row, **{"due-0": "31/02"})
    assert slip.status_code == 422
    assert police.post(at, version=version_of(slip), **row).status_code == 409

    schools = signed_in(served, world, clerk(SCHOOLS))
    (task,) = (found for (_, lead), found in planned.tasks.items() if lead == SCHOOLS)
    at = f"/plans/tasks/{task}"
    schools.post(f"{at}/accept", version=version_of(schools.get(at)))
    read = version_of(schools.get(at))
    schools.post(f"{at}/delegate", version=read, to=POLICE)
    slip = schools.post(f"{at}/delegate", version=read, to="Không có cơ quan này")
    assert slip.status_code == 422
    assert schools.post(f"{at}/delegate", version=version_of(slip), to=POLICE).status_code == 409


def test_a_file_that_is_refused_hides_no_correction(served: str, world: World) -> None:
    desk, db, other = signed_in(served, world, "officer"), world.services.db, world.actor("shift")
    gap = {"day": "2026-11-20", "rule": "Điều 5", "area": "banking", "gap": "Thiếu", "proposal": "Bổ sung"}
    with db.unit(world.now, other) as unit:
        one = record(unit, "legal_gap", gap, key="a").id
    at = f"/activities/legal_gap/{one}/correct"
    read = version_of(desk.get(at))
    with db.unit(world.now, other) as unit:
        correct(unit, one, gap | {"rule": "Điều 6"}, "nhầm điều")
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get(at).text)
    assert token is not None
    mine = {**gap, "words": "rõ hơn", "version": read, "csrf_token": token[1]}
    bad = desk.http.post(at, data=mine, files={"document": ("x.exe", b"MZ", "application/octet-stream")})
    assert bad.status_code == 422
    late = desk.post(at, **{**gap, "words": "rõ hơn", "version": version_of(bad)})
    assert late.status_code == 409
    assert copied(late, "standing") == {"Văn bản, điều khoản": "Điều 6"}


def test_a_colleagues_change_shows_nobody_what_needs_a_purpose(served: str, world: World) -> None:
    with world.services.db.unit(world.now, world.actor("head")) as unit:
        name_person(unit, "official_violation", world.people["officer"])
    case = {"day": "2026-11-20", "person": "Nguyễn Văn Bình", "position": "Phó phòng", "violation": "data_leak",
            "facts": "Làm lộ dữ liệu khách hàng."}  # fmt: skip
    with world.services.db.unit(world.now, world.actor("officer")) as unit:
        one = record(unit, "official_violation", case, key="a").id
    desk, at = signed_in(served, world, "officer"), f"/activities/official_violation/{one}"
    for text in (desk.post(f"{at}/correct", version="7").text, desk.get(at).text):
        for hidden in ("Nguyễn Văn Bình", "Phó phòng", "dữ liệu khách hàng"):
            assert hidden not in text
    assert copied(desk.post(f"{at}/correct", version="7"), "standing")["Ngày phát hiện"] == "2026-11-20"
    desk.post(f"{at}/purpose", purpose="inspect", case="vụ 12")
    assert "Phó phòng" in copied(desk.post(f"{at}/correct", version="7"), "standing").values()


def test_who_goes_back_and_types_other_words_sends_another_form(served: str, world: World) -> None:
    """Of a browser's page of before the token is old: only the same words sent twice are the same form."""
    plan, desk = report_some(world)["plan"], signed_in(served, world, "shift")
    asked = {"plan": plan, "covers_from": "2026-11-01", "covers_to": "2026-11-20", "due_at": "2026-12-01T17:00",
             "questions": "Kết quả", "once": "a"}  # fmt: skip
    for title in ("Báo cáo nhanh", "Báo cáo nhanh", "Báo cáo bổ sung"):
        assert desk.post("/periodic/ask", title=title, **asked).status_code == 200
    page = desk.get("/periodic").text
    assert (page.count(">Báo cáo nhanh</a>"), page.count(">Báo cáo bổ sung</a>")) == (1, 1)

    with world.services.db.unit(world.now, world.actor("shift")) as unit:
        one = record(unit, "budget_line", LINE, key="a").id
    at = f"/activities/budget_line/{one}"
    read = version_of(desk.get(f"{at}/correct"))
    sent = {**LINE, "words": "sửa", "once": "b", "version": read}
    for _ in range(2):
        assert desk.post(f"{at}/correct", **{**sent, "item": "Máy in"}).status_code == 200
    again = desk.post(f"{at}/correct", **{**sent, "item": "Máy chiếu"})
    assert again.status_code == 409
    assert 'value="Máy chiếu"' in again.text
