"""A bank lists an account, the desk tells its holder, who appeals; another officer decides: it is off the list."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from tests.doors.web.test_inbox_journey import accessible, enter
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.inbox_world import OFFICER

from lachan.registry import EntryState, Verdict, views

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
PHONE = ViewportSize(width=390, height=844)
KEY = "account:999001:38100464417"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def test_from_a_banks_claim_to_the_holders_release(browser: Browser, served: str, world: World) -> None:
    wrong: list[str] = []
    bank = enter(browser, served, world, OFFICER, wrong)
    bank.click("nav >> text=Nghi vấn")
    bank.fill("#what", "Sông Hồng 381 0046 4417")
    bank.select_option("#reason", "R3")
    bank.fill("#evidence", "27 lệnh trong một giờ")
    bank.locator("form[action='/registry/claims'] button.primary").dblclick()
    expect(bank.locator(".notice-done")).to_be_visible()
    assert _verdict(world) is Verdict.WARN

    shift = enter(browser, served, world, "shift", wrong)
    shift.goto(f"{served}/registry")
    shift.fill("#q", "0046 44")
    shift.keyboard.press("Enter")
    shift.click("a.code >> text=4417")
    expect(shift.locator("h1")).to_contain_text("Sông Hồng")
    accessible(shift)
    shift.click("text=Lập thông báo cho chủ")
    shift.dblclick("main form button.primary")
    expect(shift.locator(".notice-done")).to_be_visible()
    code = shift.locator(".entry-facts", has_text="TN-").locator("dd.strong", has_text="TN-").inner_text().strip()

    holder = _holder(browser)
    holder.goto(f"{served}/listing")
    holder.fill("#notice", code.lower())
    holder.keyboard.press("Enter")
    expect(holder.locator(".lines")).to_contain_text("••••4417")
    holder.fill("#grounds", "Tôi mất điện thoại tối 17/11, người khác đã dùng tài khoản.")
    holder.fill("#holder_name", "Trần Văn Lưu")
    holder.fill("#holder_contact", "0912 345 671")
    accessible(holder)
    holder.dblclick(".thumb button")
    expect(holder.locator(".code-line b")).to_contain_text("KD-")
    assert _state(world) is EntryState.REVIEW

    head = enter(browser, served, world, "head", wrong)
    head.goto(f"{served}/registry")
    head.locator(".waits a", has_text="4417").click()
    head.click("text=Đọc lý do khiếu nại")
    head.locator("input[name=purpose]").first.check()
    head.fill("#case", "khiếu nại của chủ tài khoản")
    head.click("text=Ghi mục đích và xem")
    expect(head.locator("#appeals blockquote")).to_contain_text("mất điện thoại")
    head.click("#appeals a.button")
    head.select_option("#outcome", "upheld")
    head.click("form.form-grid button.primary")
    expect(head.locator("#reasons-error")).to_be_visible()
    head.fill("#reasons", "Ngân hàng xác nhận đổi thiết bị tối 17/11.")
    accessible(head)
    head.dblclick("form.form-grid button.primary")
    expect(head.locator(".notice-done")).to_contain_text("Đã quyết định khiếu nại")
    assert (_verdict(world), _state(world)) == (Verdict.CLEAR, EntryState.DELISTED)

    holder.reload()
    expect(holder.locator("main")).to_contain_text("đã đưa ra khỏi danh sách")
    expect(holder.locator("main")).to_contain_text("đổi thiết bị tối 17/11")
    assert wrong == []


def _holder(browser: Browser) -> Page:
    """A stranger's telephone."""
    return browser.new_context(viewport=PHONE, is_mobile=True, locale="vi-VN", bypass_csp=True).new_page()


def _verdict(world: World) -> Verdict:
    with world.services.db.read() as conn:
        return views.check(conn, KEY, world.now).verdict


def _state(world: World) -> EntryState:
    with world.services.db.read() as conn:
        return views.entry_of_key(conn, world.actor("head"), KEY).state
