"""Somebody before a payment, in Chromium: on a phone without script, and with the keyboard alone."""

import io
import re
from collections.abc import Iterator

import pytest
import segno
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.suspects import MESSAGE, list_suspects

from lachan.foundation.identifiers import VietQR, write_vietqr

PHONE = ViewportSize(width=390, height=844)

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


def test_a_message_is_checked_and_reported_without_script(browser: Browser, served: str, world: World) -> None:
    list_suspects(world)
    context = browser.new_context(viewport=PHONE, is_mobile=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/")
    # Whoever was cheated sees the red button in the first look, below the box.
    button = page.get_by_role("link", name="Tôi đã chuyển tiền, báo ngay").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] < PHONE["height"]
    page.get_by_label("Nghi ngờ? Dán vào đây để kiểm tra").fill(MESSAGE)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator("h1")).to_have_text("Dừng lại. Đừng chuyển tiền")
    expect(page.locator(".said li").first).to_contain_text("••••4321")
    expect(page.locator(".pasted mark.suspect")).to_have_count(3)
    assert "?" not in page.url
    page.get_by_text("Gửi cảnh báo này cho người thân").click()
    page.get_by_role("link", name="Xem thử").click()
    expect(page.locator("main")).to_contain_text("Có người gửi cho bạn cảnh báo này.")
    page.go_back()
    page.get_by_role("button", name="Tôi đã chuyển tiền, báo ngay").click()
    page.locator("#story").fill("Có người gọi bảo nợ tiền điện.")
    page.get_by_label("Bị lừa tự chuyển tiền").check()
    page.locator("#report .thumb .button.primary").click()
    expect(page.locator("#transfer_0_payee_account")).to_have_value("0381004644417")
    expect(page.locator("#transfer_0_payee_bank")).to_have_value("Vietcombank")
    context.close()


def test_a_picture_and_a_bank_are_chosen_with_the_keyboard(browser: Browser, served: str, world: World) -> None:
    list_suspects(world)
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{served}/check")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("0381004644417")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Số này ở ngân hàng nào?")
    page.get_by_label(re.compile("0381004644417")).focus()
    page.keyboard.type("Vietcombank")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Cẩn thận: đã có người báo")
    drawn = io.BytesIO()
    segno.make(write_vietqr(VietQR("970436", "0381004644417")), error="m").save(drawn, kind="png", scale=6)
    page.get_by_role("link", name="Kiểm tra nội dung khác").press("Enter")
    page.locator("#picture").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    expect(page.locator("#picture-preview")).to_be_visible()
    page.get_by_role("button", name="Kiểm tra").press("Enter")
    expect(page.locator("h1")).to_have_text("Cẩn thận: đã có người báo")
    context.close()
