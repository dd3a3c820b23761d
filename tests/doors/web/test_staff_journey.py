"""An officer and a shift head at work, in Chromium on a real server: pages live, nothing breaks the policy."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World

from lachan.foundation.base import VIETNAM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def enter(browser: Browser, served: str, world: World, name: str, wrong: list[str]) -> Page:
    """Somebody's own window, signed in by the demo link."""
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN").new_page()
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(served + world.link(name))
    return page


def test_a_call_becomes_held_money_before_everybodys_eyes(browser: Browser, served: str, world: World) -> None:
    wrong: list[str] = []
    officer = enter(browser, served, world, "officer", wrong)
    expect(officer).to_have_url(f"{served}/desk")
    watching = enter(browser, served, world, "shift", wrong)
    expect(watching.locator(".queue tbody tr")).to_have_count(5)

    officer.keyboard.press("n")
    expect(officer.locator("h1.page-title")).to_have_text("Nhận tin báo qua điện thoại")
    officer.fill("#story", "Người lạ xưng là công an, bắt chuyển tiền.")
    officer.fill("#name", "Lục Thị Mây")
    officer.fill("#phone", "0912 345 670")
    officer.fill("#transfer_0_amount", "250000000")
    expect(officer.locator("#transfer_0_amount")).to_have_value("250.000.000")
    booked = (world.now - timedelta(minutes=3)).astimezone(VIETNAM).replace(tzinfo=None)
    officer.fill("#transfer_0_booked_at", booked.isoformat(timespec="seconds"))
    officer.fill("#transfer_0_payee_account", "0711223344556")
    officer.fill("#transfer_0_payee_bank", "Sông Hồng")
    officer.dblclick("button[value=send]")
    officer.wait_for_url(f"{served}/trace/*")
    code = officer.locator(".gh-code").inner_text()
    expect(officer.locator(".gh-total")).to_contain_text("250.000.000")

    # The other window shows it without anybody touching it, once.
    expect(watching.locator(f".queue a.code:text-is('{code}')")).to_have_count(1)

    # Above the standing policy: a second person looks at it and approves.
    watching.goto(f"{served}/trace/{code}")
    watching.locator(".next a.button").first.click()
    expect(watching.locator("h1")).to_contain_text("Sông Hồng")
    watching.locator("button[value=approve]").click()
    watching.wait_for_url(f"{served}/trace/{code}?done=approved")
    expect(watching.locator(".notice-done")).to_be_visible()
    expect(officer.locator(".stream")).to_contain_text("Yêu cầu Sông Hồng giữ 250.000.000")

    # The bank answers; the officer's page changes by itself, and its parts sum.
    world.codes["call"] = code
    world.answer("call", 180_000_000)
    expect(officer.locator("[sse-swap=bar]")).to_contain_text("180.000.000")
    expect(officer.locator("[sse-swap=holds]")).to_contain_text("Giữ một phần; chưa rõ 70.000.000")
    expect(officer.locator("[sse-swap=next]")).to_contain_text("Hỏi lại Sông Hồng")
    officer.locator("[sse-swap=next] button", has_text="Gửi câu hỏi").click()
    expect(officer.locator(".notice-done")).to_contain_text("Đã hỏi lại")

    officer.locator(".topbar form button").click()
    expect(officer).to_have_url(f"{served}/sign-in")
    officer.goto(f"{served}/desk")
    expect(officer).to_have_url(f"{served}/sign-in?next=/desk")
    assert not wrong, "\n".join(wrong)


def test_a_lost_connection_comes_back(browser: Browser, served: str, world: World) -> None:
    wrong: list[str] = []
    page = enter(browser, served, world, "officer", wrong)
    page.goto(f"{served}/trace/{world.codes['waiting']}")
    page.wait_for_timeout(700)
    page.context.set_offline(True)
    world.acknowledge("waiting")
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.evaluate("document.querySelector('[sse-connect]') && true")
    world.answer("waiting", 60_000_000)
    expect(page.locator("[sse-swap=holds]")).to_contain_text("Giữ đủ", timeout=15_000)
