"""A bank officer, the bank's controller and an administrator at work in Chromium: live, guarded, accessible."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.inbox_world import CONTROLLER, OFFICER, appoint_controller, statement

from lachan.foundation.access import OPERATOR, agency_by_code
from lachan.foundation.base import WallClock
from lachan.foundation.protocol import SigningKey
from lachan.foundation.protocol.connections import keys_valid
from lachan.foundation.storage import claim, enqueue, retry_later
from lachan.response import HoldState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
AXE = Path(__file__).parents[2] / "assets" / "axe-4.14.1.min.js"
WIDE, PHONE = (1366, 768), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def enter(
    browser: Browser, served: str, world: World, name: str, wrong: list[str], size: tuple[int, int] = WIDE
) -> Page:
    """Somebody's own window, signed in by the demo link."""
    viewport = ViewportSize(width=size[0], height=size[1])
    # The test engine is injected past the policy; the pages themselves are judged by it in the script tests.
    context = browser.new_context(viewport=viewport, locale="vi-VN", bypass_csp=True)
    page = context.new_page()

    # A refused form answers 422, which the browser also writes to its console.
    def hear(line: ConsoleMessage) -> None:
        if line.type == "error" and "422" not in line.text:
            wrong.append(line.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(served + world.link(name))
    return page


def accessible(page: Page) -> None:
    """No violation that axe-core can find, and nothing wider than the screen."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [f"{v['id']}: {[n['html'][:120] for n in v['nodes']][:3]}" for v in found["violations"]]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_officer_answers_partly_and_the_controller_confirms(
    browser: Browser, served: str, world: World, size: tuple[int, int]
) -> None:
    wrong: list[str] = []
    appoint_controller(world)
    hold = world.hold_of("waiting")
    lines = statement(
        hold, (2, "Chuyển đến Tam Đảo 0101234567", -30_000_000, "FT900"), (3, "Rút tại máy ATM", -10_000_000, "")
    )
    officer = enter(browser, served, world, OFFICER, wrong, size)
    expect(officer).to_have_url(f"{served}/inbox")
    accessible(officer)
    officer.locator(".inbox-list li a", has_text="60.000.000").click()
    expect(officer.locator(".ib-head h1")).to_contain_text("60.000.000")
    officer.fill("#statement", lines)
    officer.click("button[value=read_statement]")
    expect(officer.locator("#part_held")).to_have_value("20.000.000\u00a0₫")

    officer.select_option("select[name=kind_l2]", "moved_on")
    expect(officer.locator("#bank_l2")).to_have_value("Tam Đảo")
    expect(officer.locator("#part_unexplained")).to_have_value("10.000.000\u00a0₫")
    officer.select_option("select[name=kind_l3]", "cash_out")
    expect(officer.locator("#part_cash_out")).to_have_value("10.000.000\u00a0₫")
    expect(officer.locator("[data-gap]")).to_be_hidden()
    accessible(officer)

    officer.fill("#part_held", "25.000.000")
    officer.click("button[value=answer]")
    expect(officer.locator("#part_held-error")).to_be_visible()
    officer.fill("#part_held", "20.000.000")
    officer.dblclick("button[value=answer]")
    expect(officer.locator(".prepared")).to_contain_text("đã soạn trả lời")
    assert world.hold_of("waiting").state is HoldState.REQUESTED
    accessible(officer)

    controller = enter(browser, served, world, CONTROLLER, wrong, size)
    controller.locator(".inbox-list li a", has_text="chờ xác nhận").click()
    accessible(controller)
    controller.click("text=Xác nhận và gửi")
    expect(controller.locator(".notice-done")).to_contain_text("Đã xác nhận")
    # The officer's list changes by itself.
    expect(officer.locator(".inbox-list li", has_text="60.000.000")).to_have_count(0)
    assert wrong == []


def test_an_administrator_confirms_a_key_and_replays_a_dead_letter(
    browser: Browser, served: str, world: World
) -> None:
    wrong: list[str] = []
    appoint_controller(world)
    with world.services.db.unit(world.now, OPERATOR) as unit:
        message = unit.conn.exec_driver_sql("select id from message order by ordinal limit 1").scalar_one()
        unit.conn.exec_driver_sql("delete from job")
        enqueue(unit, "deliver", {"message_id": message})
        bank = agency_by_code(unit.conn, "999001")
    assert bank is not None
    wall_now = WallClock().now()
    for one in claim(world.services.db, now=world.now, wall_now=wall_now, kinds=("deliver",), limit=9):
        with world.services.db.unit(world.now, OPERATOR) as unit:
            retry_later(unit, one, "ConnectError", wall_now=wall_now, max_attempts=1)
    controller = enter(browser, served, world, CONTROLLER, wrong)
    controller.goto(f"{served}/admin/connections")
    controller.fill("input[name=public_key]", SigningKey.generate().public.as_text())
    controller.click("text=Đăng ký khóa")
    expect(controller.locator(".table")).to_contain_text("whpk_")
    accessible(controller)

    admin = enter(browser, served, world, "admin", wrong)
    admin.goto(f"{served}/admin/connections")
    admin.click("button:text-is('Xác nhận')")
    expect(admin.locator(".notice-done")).to_be_visible()
    with world.services.db.read() as conn:
        assert len(keys_valid(conn, bank.id, WallClock().now())) == 1
    admin.goto(f"{served}/admin/dead-letters")
    expect(admin.locator(".table")).to_contain_text("ConnectError")
    accessible(admin)
    admin.click("button:has-text('Gửi lại')")
    expect(admin.locator(".notice-done")).to_contain_text("xếp hàng")
    assert wrong == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_section_is_accessible(browser: Browser, served: str, world: World, size: tuple[int, int]) -> None:
    wrong: list[str] = []
    pages = {"admin": "agencies people clients connections roster clocks trail breaches subject-requests",
             "head": "policies", "auditor": "looks"}  # fmt: skip
    for who, sections in pages.items():
        page = enter(browser, served, world, who, wrong, size)
        for section in sections.split():
            page.goto(f"{served}/admin/{section}")
            accessible(page)
    assert wrong == []
