"""The work of a half-year, through the doors: plans, tasks, activities by form and by file, reminders."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from tests.factories.activity_stage import photo
from tests.factories.half_year import POLICE, SCHOOLS, HalfYear
from tests.factories.post import Box
from tests.factories.work_sheets import filled, form
from tests.journeys.read_back import words_of_pdf
from tests.plans.annotated import annotated

from lachan.doors.worker.files import take_files
from lachan.doors.worker.jobs import run_due_jobs
from lachan.doors.worker.mails import make_reminders, send_mails
from lachan.foundation.taxonomy import ActivityKind, FieldType, all_activity_kinds

FIRST_PLAN, SECOND_PLAN = "15/KH-UBND", "118/KH-UBND"
# Two made-up plans become one province's.
OURS = (("Tân Hải", "Lạc Sơn"), ("Khu vực 9", "Khu vực 4"))
KINDS = all_activity_kinds()
LESSONS = next(one for one in KINDS if one.code == "school_lesson")
LONG_FILE, ALL_RECORDS = 4_000, 10_000


@dataclass
class Story:
    """The province and what has happened in it so far."""

    year: HalfYear
    box: Box
    plans: dict[str, str] = field(default_factory=dict)
    recorded: int = 0
    refused: int = 0
    done: Counter[str] = field(default_factory=Counter)
    reports: dict[tuple[str, str], str] = field(default_factory=dict)
    gathered: dict[str, str] = field(default_factory=dict)

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.year.services.db.engine.connect() as conn:
            return list(conn.execute(sa.text(query), values))

    def form(self, number: str) -> list[dict[str, Any]]:
        """The lines of a plan's form of reports, as its first report keeps them."""
        plan_id = self.plans[number]
        said = self.rows("SELECT form FROM periodic_report WHERE plan_id = :plan LIMIT 1", plan=plan_id)[0].form
        return list(json.loads(said) if isinstance(said, str) else said)


def import_plans(story: Story) -> None:
    """Two documents are uploaded, one is put right, both are set in force: 300 tasks for 40 agencies."""
    year, clerk, head = story.year, story.year.clerk(POLICE), story.year.head(POLICE)
    for name, number in (("lac-son", FIRST_PLAN), ("tan-hai", SECOND_PLAN)):
        text = annotated(name).text
        for theirs, ours in OURS:
            text = text.replace(theirs, ours).replace(theirs.upper(), ours.upper())
        address = clerk.post("/plans/import", files={"file": (f"{name}.txt", text.encode(), "text/plain")})
        story.plans[number] = re.findall(r"/plans/([0-9a-f-]{36})/review", address)[0]
    first = story.plans[FIRST_PLAN]
    row = story.rows(
        "SELECT id, text FROM plan_clause WHERE plan_id = :plan AND ref = 'II.I.2.1'", plan=first
    )[0]  # fmt: skip
    clerk.post(
        f"/plans/{first}/review/correct", clause=row.id, text=row.text, leads=year.agencies[POLICE], demands="35",
        reason="Theo bản giấy",
    )  # fmt: skip
    # One clause is given every demand there is: its plan's reports count every kind of work.
    (row, *_) = story.rows(
        "SELECT c.id, c.text, min(p.agency_id) AS lead FROM plan_clause c JOIN plan_party p ON p.clause_id = c.id"
        " WHERE c.plan_id = :plan AND p.role = 'lead' GROUP BY c.id, c.text HAVING count(*) = 1 ORDER BY c.id",
        plan=story.plans[SECOND_PLAN],
    )  # fmt: skip
    clerk.post(
        f"/plans/{story.plans[SECOND_PLAN]}/review/correct", clause=row.id, text=row.text, leads=row.lead,
        demands=", ".join(str(number) for number in range(1, 104)), reason="Mọi nhiệm vụ",
    )  # fmt: skip
    clerk.post(f"/plans/{first}/review/approve", rest="1", status=403)
    for plan_id in story.plans.values():
        head.post(f"/plans/{plan_id}/review/approve", rest="1")
        clerk.post(f"/plans/{plan_id}/note")
    given = story.rows("SELECT lead_id FROM plan_task")
    assert len(given) >= 300, len(given)
    assert len({row.lead_id for row in given}) >= 35
    for at, name in enumerate(year.agencies):
        year.clerk(name).post(
            "/plans/mine/contact", head=f"Ông Lý Văn {at}", email=f"vt{at}@lacson.example.vn",
            head_email=f"lanhdao{at}@lacson.example.vn",
        )  # fmt: skip


def golden_hour(story: Story) -> None:
    """Eight reports of fraud in March, most of them answered; the golden hour's own journeys play its doors."""
    story.year.clock.to(3, 3)
    desk = story.year.desk()
    for at in range(8):
        story.year.clock.at += timedelta(hours=5)
        name, amount_vnd = f"vụ {at}", 10_000_000 + 1_250_000 * at
        desk.report(name, amount_vnd, payee=f"99900{1 + at % 3}")
        story.year.clock.at += timedelta(minutes=4 + 3 * at)
        if at < 6:
            desk.answer(name, amount_vnd // (1 + at % 2))
    while run_due_jobs(story.year.services):
        pass


def work_on_tasks(story: Story) -> None:
    """Leads accept, begin, name, delegate and report; the police return some, and approve most."""
    year, clock, names = story.year, story.year.clock, story.year.names
    police, head = year.clerk(POLICE), year.head(POLICE)
    clock.to(3, 9)
    tasks = story.rows("SELECT id, lead_id FROM plan_task ORDER BY id")
    others = list(year.agencies.values())
    doers: dict[str, str] = {}
    for at, row in enumerate(tasks):
        if at % 10 == 9:
            continue
        lead = year.clerk(names[row.lead_id])
        doers[row.id] = names[row.lead_id]
        lead.post(f"/plans/tasks/{row.id}/accept")
        if at % 7 == 0:
            lead.post(f"/plans/tasks/{row.id}/start")
        if at % 13 == 0:
            lead.post(f"/plans/tasks/{row.id}/name", head="Bà Hồ Thu", person="Ông Lý Sơn")
        if at % 11 == 0:
            to = next(one for one in others[at % 40 :] + others if one != row.lead_id)
            lead.post(f"/plans/tasks/{row.id}/delegate", to=to, words="Nhờ đơn vị cùng làm.")
            doers[row.id] = names[to]
    police.post(f"/plans/tasks/{tasks[0].id}/set_deadline", day="2026-05-04", reason="Theo công văn hỏa tốc")
    clock.to(5, 12)
    for at, row in enumerate(tasks):
        if at % 10 > 6:
            continue
        doer = year.clerk(doers[row.id])
        said = {"words": f"Đã xong {at} phần việc.", "kind": "link", "reference": f"https://lacson.example.vn/{at}"}
        doer.post(f"/plans/tasks/{row.id}/report", said)
        story.done["reported"] += 1
        if at % 10 == 5:
            police.post(f"/plans/tasks/{row.id}/return", status=422)
            police.post(f"/plans/tasks/{row.id}/return", remark="Bổ sung số liệu của xã.")
            story.done["returned"] += 1
            if at % 20 == 5:
                doer.post(f"/plans/tasks/{row.id}/report", words="Đã bổ sung.")
        if at % 10 < 5 or at % 20 == 5:
            head.post(f"/plans/tasks/{row.id}/approve")
            story.done["approved"] += 1
    assert min(story.done.values()) >= 25


def recorders(year: HalfYear, kind: ActivityKind, at: int) -> list[str]:
    """Two agencies that record a kind; one for a restricted kind."""
    may = [name for name, sort in year.kinds.items() if not kind.recorded_by or sort in kind.recorded_by]
    chosen = sorted({may[at % len(may)], may[(at * 7 + 3) % len(may)]})
    return chosen[:1] if kind.restricted else chosen


def record_by_form(story: Story) -> None:
    """One record of each kind by its form, photos and papers with it; one with mistakes comes back as it was."""
    year = story.year
    year.clock.to(5, 13)
    day, names = date(2026, 5, 11), list(year.agencies)
    picture = photo(300, 200)
    for at, kind in enumerate(KINDS):
        needs = [one.code for one in kind.first_fields if one.type is FieldType.FILE and one.required]
        name = recorders(year, kind, at)[0]
        clerk = year.clerk(name)
        if kind.restricted:
            clerk.post(f"/activities/{kind.code}/new", status=403)
            person = year.people[f"{name}/plan_officer"]
            year.head(name).post("/activities/named", kind=kind.code, person=person)
        fields = form(kind, at, day, names) | {"draft": f"mau-{at}"}
        if at % 6 == 0:
            wrong = fields | {kind.happened: "31/02/2026"}
            assert "31/02/2026" in clerk.post(f"/activities/{kind.code}/new", wrong, status=422)
        files = dict.fromkeys(needs, ("anh.jpg", picture, "image/jpeg"))
        address = clerk.post(f"/activities/{kind.code}/new", fields, files=files or None)
        # The line broke, and the form is sent again: it is the same record.
        assert clerk.post(f"/activities/{kind.code}/new", fields, files=files or None) == address
        story.recorded += 1


def record_by_file(story: Story) -> None:
    """The rest by XLSX, each kind in its own template; bad rows are listed, good ones are kept."""
    year, names = story.year, list(story.year.agencies)
    year.clock.to(6, 11)
    jobs = [(kind, name) for at, kind in enumerate(KINDS) for name in recorders(year, kind, at)]
    rows_each, more = divmod(ALL_RECORDS - LONG_FILE - story.recorded, len(jobs))
    templates: dict[str, bytes] = {}
    for at, (kind, name) in enumerate(jobs):
        clerk = year.clerk(name)
        if kind.code not in templates:
            templates[kind.code] = clerk.file(f"/activities/{kind.code}/template.xlsx")
        # Two bad rows in every third file; days from before the period to the day of the import.
        wrong = (3, 17) if at % 3 == 0 else ()
        count = rows_each + (at < more) + len(wrong)
        days = [date(2026, 6, 11) - timedelta(days=(at + 7 * row) % 200) for row in range(count)]
        content = filled(kind, templates[kind.code], days, wrong, names, begin=1_000 * at)
        page = clerk.post(
            f"/activities/{kind.code}/import", status=200, files={"file": (f"{kind.code}.xlsx", content)}
        )
        assert f"Đã ghi {count - len(wrong)} dòng" in page, (kind.code, page)
        assert page.count("<tr><td") >= len(wrong)
        story.recorded += count - len(wrong)
        story.refused += len(wrong)
    # A long one is taken in by the worker; whoever looks meanwhile sees how far it is.
    clerk = year.clerk(SCHOOLS)
    days = [date(2026, 1, 5) + timedelta(days=row % 150) for row in range(LONG_FILE + 3)]
    content = filled(LESSONS, templates[LESSONS.code], days, (8, 2_000, 3_999), names, begin=500_000)
    path = clerk.post(f"/activities/{LESSONS.code}/import", files={"file": ("cả năm học.xlsx", content)})
    assert "đang chờ tới lượt" in clerk.get(path)
    assert take_files(year.services) == 1
    page = clerk.get(path)
    assert "Đã ghi 4.000 dòng" in page
    assert ">2.002<" in page, "the bad line is named"
    story.recorded += LONG_FILE
    story.refused += 3
    assert story.recorded == ALL_RECORDS


def remind(story: Story) -> None:
    """What is late is reminded of by real e-mail; the police issue letters of urging."""
    year, services = story.year, story.year.services
    make_reminders(services)
    while send_mails(services):
        pass
    made = story.rows("SELECT id, letter FROM plan_reminder")
    letters = [row.id for row in made if row.letter and row.letter != "null"]
    assert len(letters) >= 3
    assert len(story.box.letters) == story.rows("SELECT count(*) FROM plan_mail")[0][0] >= 40
    head = year.head(POLICE)
    shown = head.get("/plans/reminders")
    offered = re.findall(r'action="/plans/reminders/([0-9a-f-]{36})/letter"', shown)
    assert len(set(offered) & set(letters)) >= 3
    for reminder_id in offered[:3]:
        head.post(f"/plans/reminders/{reminder_id}/letter", signing())
    papers = re.findall(r"/documents/[0-9a-f-]+/file\.(?:pdf|docx)", head.get("/documents?year=2026"))
    assert len(papers) == 6
    said = words_of_pdf(head.file(next(one for one in papers if one.endswith("pdf"))))
    assert "đôn đốc thực hiện nhiệm vụ" in said


def signing() -> dict[str, str]:
    return {
        "letters": "CAT-PV01", "behalf": "KT. Giám đốc", "position": "Phó Giám đốc",
        "signatory": "Thượng tá Hoàng Thị Ẩn", "recipients": "Ủy ban nhân dân tỉnh", "archive": "PV01",
    }  # fmt: skip
