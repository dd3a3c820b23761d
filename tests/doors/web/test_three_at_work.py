"""A department clerk, a commune officer on a phone and a leader at work in Chromium, each on their own pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.doors.web.test_inbox_journey import accessible, enter
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.planned_world import clerk, plan_some
from tests.factories.plans import POLICE, SCHOOLS, WARD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
PHONE = (390, 844)
NARRATIVES = ("direction", "results", "difficulties", "next_steps")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def record(page: Page, served: str, kind: str, choose: str = "", **typed: str) -> str:
    """A record of a kind by its form; its id. `choose`: what is ticked."""
    page.goto(f"{served}/activities/{kind}/new")
    for name, value in typed.items():
        if page.locator(f"input[type=radio][name={name}]").count():
            page.check(f"input[name={name}][value={value}]")
        elif page.locator(f"select[name={name}]").count():
            page.select_option(f"select[name={name}]", value)
        else:
            page.fill(f"#{name}", value)
    if choose:
        page.check(f"input[name='{choose}']")
    page.locator("button[value=send]").click()
    page.wait_for_url(re.compile(rf"/activities/{kind}/[0-9a-f-]{{36}}"))
    found = re.search(r"[0-9a-f-]{36}", page.url)
    assert found is not None
    return found[0]


def do(page: Page, verb: str, **typed: str) -> None:
    """One step of a task by its form on the page."""
    form = page.locator(f"form[action$='/{verb}']")
    if not form.is_visible():
        page.locator("details", has=form).locator("summary").click()
    for name, value in typed.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button").click()
    expect(page.locator(".notice-done")).to_be_visible()


def work_on(page: Page, served: str, ref: str, evidence: str, words: str) -> str:
    """From the board to a report with its evidence; the task's address."""
    page.goto(f"{served}/plans/mine")
    page.locator(".board a", has_text=ref).first.click()
    expect(page.locator("h1")).to_contain_text(ref)
    address = page.url.partition("?")[0]
    do(page, "accept")
    do(page, "report", words=words, kind="activity", reference=evidence)
    expect(page.locator("#evidence")).to_be_visible()
    return address


def test_a_clerk_an_officer_on_a_phone_and_a_leader(browser: Browser, served: str, world: World) -> None:
    planned = plan_some(world)
    wrong: list[str] = []
    day = f"{world.now:%Y-%m-%d}"

    # The clerk: a lesson recorded, the task reported with it, the year's report written and handed in.
    schools = enter(browser, served, world, clerk(SCHOOLS), wrong)
    lesson = record(
        schools, served, "school_lesson", day=day, school="THCS Bến Đá", commune="Xã Bảo Lạc", level="lower",
        choose="modules.mo", classes="2", pupils="81",
    )  # fmt: skip
    task = work_on(schools, served, "III.4.1", lesson, "Đã dạy 2 lớp, 81 học sinh.")
    expect(schools.locator(f"a[href$='{lesson}']")).to_have_count(1)
    schools.goto(f"{served}/periodic")
    schools.locator("form[action$='/begin'] button").first.click()
    expect(schools.locator("h1")).to_contain_text("Báo cáo")
    accessible(schools)
    schools.locator("button[value=submit]").click()
    expect(schools.locator(".notice-error")).to_contain_text("Còn mục chưa điền")
    for name in NARRATIVES:
        schools.fill(f"#text_{name}", "Đã dạy 2 lớp.\n- 81 học sinh.")
    schools.locator("button[value=submit]").click()
    expect(schools.locator(".notice-done")).to_contain_text("Đã nộp")
    expect(schools.get_by_role("cell", name="Tiết học phòng ngừa lừa đảo: số buổi", exact=True)).to_be_visible()
    expect(schools.locator("summary", has_text="Chưa phát sinh trong kỳ")).to_be_visible()
    report = schools.url.partition("?")[0]

    # The commune's officer on a phone: homes visited, the task reported.
    ward = enter(browser, served, world, clerk(WARD), wrong, PHONE)
    visit = record(
        ward, served, "neighbourhood_visit", day=day, area="Tổ 4", commune="Xã Bảo Lạc", form="door",
        households="36", people="90",
    )  # fmt: skip
    accessible(ward)
    work_on(ward, served, "III.5.1", visit, "Đã đến 36 hộ.")
    accessible(ward)
    ward.goto(f"{served}/plans/mine")
    accessible(ward)

    # Who gathers approves the clerk's task.
    police = enter(browser, served, world, clerk(POLICE), wrong)
    police.goto(task)
    do(police, "approve")

    # The leader: from the wall's sheet down to the record, and to the report.
    leader = enter(browser, served, world, "leader", wrong)
    leader.goto(f"{served}/plans/dashboard")
    reported = leader.locator("table").first.locator("a[href*='state=reported']").first
    number = int(reported.inner_text())
    accessible(leader)
    reported.click()
    expect(leader.locator("h1, h2, .panel-head").first).to_be_visible()
    expect(leader.locator("tbody tr")).to_have_count(number)
    leader.locator("tbody a[href^='/plans/tasks/']").first.click()
    expect(leader.locator(".story")).to_contain_text("Đã đến 36 hộ.")
    leader.goto(f"{served}/plans/{planned.plan}/matrix")
    total = leader.locator("table.matrix tbody tr", has_text=SCHOOLS).locator("td.right a").first
    number = int(total.inner_text())
    total.click()
    expect(leader.locator("tbody tr")).to_have_count(number)
    leader.goto(report)
    expect(leader.locator("td.whole", has_text="Tiết học phòng ngừa lừa đảo: số buổi")).to_be_visible()
    # Of another agency's records no list is offered; its tasks are there.
    expect(leader.locator("a[href^='/activities/']")).to_have_count(0)
    leader.locator("a", has_text="xem hồ sơ").first.click()
    expect(leader.locator("tbody tr")).to_have_count(1)
    leader.goto(f"{served}/plans/demands")
    expect(leader.locator("#D103")).to_be_visible()
    assert wrong == []
