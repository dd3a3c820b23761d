"""Every figure of the pages of plans is the length of the list behind it; the dashboard is one sheet of A3."""

import re
from html import unescape
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
from playwright.sync_api import sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.inbox_world import Desk, shown, signed_in
from tests.factories.planned_world import Planned, clerk, head, plan_some
from tests.factories.plans import BANK, POLICE, SCHOOLS

from lachan.foundation.access import OPERATOR, AgencyDraft, add_agency, end_agency
from lachan.foundation.base import Actor, ActorKind, new_ids
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans import tables
from lachan.plans.kept.actions import approve_plan
from lachan.plans.tasks.model import TaskState
from lachan.plans.views.compare import compare
from lachan.plans.views.sight import sight_of

FIGURE = re.compile(r'<a(?: class="[^"]*")? href="(/plans/tasks(?:\?[^"]*)?)">([^<]*?\d[^<]*)</a>')
A3_POINTS = (1191, 842)


@pytest.fixture
def planned(world: World) -> Planned:
    """One plan in force in every state, one that was cancelled half done, an agency that ended with its work."""
    made = plan_some(world)
    db, today = world.services.db, vietnam_date(world.now)
    boss = Actor(ActorKind.PERSON, world.people[head(POLICE)], made.agencies[POLICE], frozenset({"plan_head"}), "x")
    with db.unit(world.now, boss) as unit:
        # The draft takes the first plan's tasks over; those that were done there stay counted nowhere.
        _set(unit, made.tasks["III.3.1", "Sở Khoa học"], state=TaskState.DONE.value)
        approve_plan(unit, made.draft, rest_to_consolidator=True)
    with db.read() as conn:
        work = conn.execute(
            sa.select(tables.task.c.id, tables.task.c.lead_id).where(tables.task.c.plan_id == made.draft)
        ).all()
    states = [state.value for state in (*TaskState, TaskState.GIVEN, TaskState.GIVEN)]
    with db.unit(world.now, OPERATOR) as unit:
        for at, row in enumerate(work):
            day = today.replace(day=1 + at) if at % 2 else today
            _set(unit, row.id, state=states[at % len(states)], due_on=day.isoformat(), head=f"Đ/c & bạn {at % 3}")
        heir = add_agency(
            unit, AgencyDraft("education_department", "Sở Giáo dục mới", "SGDM", today, place="Sơn Hà")
        )
        end_agency(unit, made.agencies[SCHOOLS], today.replace(day=today.day - 1), heir.id)
    return made


def _set(unit: Unit, task_id: str, **values: str) -> None:
    unit.conn.execute(sa.update(tables.task).where(tables.task.c.id == task_id).values(**values))


def test_every_figure_is_the_length_of_its_list(served: str, world: World, planned: Planned) -> None:
    for who in ("leader", clerk(POLICE), clerk(BANK)):
        compare_figures(signed_in(served, world, who), planned, 25 if who == "leader" else 4)


def test_what_kinds_came_to_leads_to_records_only_where_all_of_them_are_seen(
    served: str, world: World, planned: Planned
) -> None:
    """The figure is everybody's work, a clerk's list one agency's."""
    link = re.compile(r'href="/activities/[a-z_]+[?]since=')
    assert not link.search(signed_in(served, world, clerk(POLICE)).get("/plans/demands").text)
    assert link.search(signed_in(served, world, "auditor").get("/plans/demands").text)


def compare_figures(desk: Desk, planned: Planned, at_least: int) -> None:
    """Every page as one person sees it."""
    both = "&".join(f"plan={one}" for one in (planned.plan, planned.draft))
    pages = ["/plans/dashboard", "/plans", "/plans/mine", "/plans/demands", f"/plans/compare?{both}",
             f"/plans/{planned.draft}", "/plans/compare"]  # fmt: skip
    known: dict[str, int] = {}
    for address in pages:
        page = desk.get(address)
        assert page.status_code == 200, address
        figures = FIGURE.findall(page.text)
        for href, words in figures:
            if href not in known:
                known[href] = length_of(desk, unescape(href))
            said = int(re.sub(r"\D", "", words))
            assert said == known[href], f"{address}: {href} says {words}"
    assert len(known) > at_least


def length_of(desk: Desk, href: str) -> int:
    """How many records a list has: its rows, page after page, and what its heading says."""
    found, rows, more = desk.get(href), 0, True
    said = re.search(r"Nhiệm vụ: ([\d.]+)", shown(found))
    assert said is not None, href
    while more:
        rows += found.text.count("<tr data-href=")
        following = re.search(r'<p class="pad"><a href="([^"]+)"', found.text)
        more = following is not None
        found = desk.get(unescape(following[1])) if following else found
    assert rows == int(said[1].replace(".", "")), href
    return rows


def test_the_dashboard_divides_what_it_counts(served: str, world: World, planned: Planned) -> None:
    page = signed_in(served, world, "leader").get("/plans/dashboard")
    agencies = page.text.split('aria-labelledby="h-heads"')[0]
    totals = [int(one) for one in re.findall(r'href="/plans/tasks\?agency=[0-9a-f-]{36}">(\d+)<', agencies)]
    whole = re.search(r'href="/plans/tasks">(\d+)<', page.text)
    assert whole is not None
    assert sum(totals) == int(whole[1])
    assert "Sở Giáo dục mới" in agencies, "who took over has the work"
    dots = [int(one) for one in re.findall(r'place=\d+" aria-label="[^"]+: (\d+) nhiệm vụ', page.text)]
    beyond = re.search(r'place=wide">(\d+)<', page.text)
    assert beyond is not None
    assert dots
    assert sum(dots) + int(beyond[1]) == int(whole[1])


def test_plans_side_by_side(served: str, world: World, planned: Planned) -> None:
    desk = signed_in(served, world, "leader")
    assert desk.get(f"/plans/compare?plan={'0' * 36}").status_code == 404
    with world.services.db.read() as conn:
        sight = sight_of(conn, world.actor("leader"), world.now)
        # Named again and again, as an address may: doubles take nobody's place.
        found = compare(conn, sight, [*[planned.draft] * 4, planned.plan, planned.draft])
    assert [one.id for one in found.plans] == [planned.draft, planned.plan]
    assert found.totals[1].total == 0, "what was carried over counts where it went"
    for demand, cells in found.rows:
        assert len(cells) == 2
        assert cells[0].total or demand == 0


def test_it_prints_on_one_sheet_of_a3(served: str, world: World, planned: Planned, tmp_path: Path) -> None:
    if chromium() is None:
        pytest.skip("Chromium is not installed")
    many(world, planned, 60)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        tab = browser.new_page()
        tab.goto(served + world.link("leader"))
        tab.goto(f"{served}/plans/dashboard")
        tab.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
        browser.close()
    sheet = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")
    assert len(sheet) == 1
    assert tuple(round(side) for side in sheet[0].get_size()) == A3_POINTS
    words = sheet[0].get_textpage().get_text_range()
    for said in ("Người đứng đầu chịu trách nhiệm", "Các kế hoạch so với nhau", "Sắp đến hạn", "Trên bản đồ",
                 "dòng nữa trên trang"):  # fmt: skip
        assert said in words


def many(world: World, planned: Planned, agencies: int) -> None:
    """Agencies with names of three lines, each with a head and a task that is overdue."""
    with world.services.db.unit(world.now, OPERATOR) as unit:
        one = (
            unit.conn.execute(sa.select(tables.task).where(tables.task.c.plan_id == planned.draft))
            .mappings()
            .first()
        )
        assert one is not None
        for at, task_id in enumerate(new_ids(agencies)):
            name = (
                f"Chi nhánh số {at} của Văn phòng thường trực phối hợp liên ngành phòng, chống lừa đảo trực tuyến"
            )
            lead = add_agency(unit, AgencyDraft("finance_department", name, f"CN{at}", vietnam_date(world.now))).id
            unit.conn.execute(sa.insert(tables.task).values({
                **one, "id": task_id, "lead_id": lead, "state": "given", "due_on": "2026-01-01",
                "head": f"Thiếu tướng, Phó Giáo sư, Tiến sĩ Nguyễn Phúc Bảo Hoàng Minh {at}",
            }))  # fmt: skip
