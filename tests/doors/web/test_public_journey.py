"""A victim on a phone, in Chromium: typing, pasting, a picture, mistakes, haste, the back button, no connection."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import segno
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World

from lachan.foundation.base import SYSTEM, VIETNAM
from lachan.foundation.identifiers import VietQR, write_vietqr
from lachan.intake.tables import report
from lachan.response import open_trace

AXE = Path(__file__).parents[2] / "assets" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="vi-VN")
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def tab(phone: BrowserContext) -> Page:
    return phone.new_page()


def on(tab: Page) -> None:
    tab.locator("#report .thumb .button.primary").click()


def tell(tab: Page, address: str) -> None:
    tab.goto(f"{address}/")
    tab.get_by_role("link", name="Tôi đã chuyển tiền, báo ngay").click()
    tab.locator("#story").fill("Có người xưng công an, bắt chuyển tiền để kiểm tra.")
    tab.get_by_label("Bị lừa tự chuyển tiền").check()
    on(tab)
    expect(tab.locator("h1")).to_have_text("Bạn đã chuyển tiền tới đâu?")


def type_transfer(tab: Page, world: World) -> None:
    tab.locator("#transfer_0_amount").press_sequentially("50000000")
    expect(tab.locator("#transfer_0_amount")).to_have_value("50.000.000")
    booked = (world.now - timedelta(minutes=6)).astimezone(VIETNAM)
    tab.locator("#transfer_0_booked_at").fill(booked.strftime("%Y-%m-%dT%H:%M:%S"))
    tab.locator("#transfer_0_payee_account").fill("0711 2233 4499")
    tab.locator("#transfer_0_payee_bank").press_sequentially("song h")
    tab.locator(".bank-list label", has_text="Sông Hồng").first.click()
    tab.locator("#transfer_0_payer_bank").fill("Tam Đảo")


def sign(tab: Page) -> None:
    tab.locator("#name").fill("Nguyễn Thị Hoa")
    tab.locator("#phone").fill("0912 345 678")
    tab.locator("[name=consent]").check()


def reports(world: World) -> int:
    with world.services.db.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(report)).scalar_one())


def accessible(tab: Page) -> list[str]:
    tab.wait_for_load_state("load")
    found: list[str] = tab.evaluate(
        AXE.read_text(encoding="utf-8")
        + ";axe.run(document, {runOnly: "
        + str(RULES)
        + "}).then(r => r.violations.map(v => v.id + ' ' + v.nodes.slice(0, 2).map(n => n.target).join(', ')))"
    )
    wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([f"{wide} px too wide"] if wide > 0 else [])]


def test_typed_sent_and_followed_live(tab: Page, served: str, world: World) -> None:
    before = reports(world)
    tell(tab, served)
    type_transfer(tab, world)
    on(tab)
    sign(tab)
    expect(tab.locator("#report")).to_contain_text("Sông Hồng")
    on(tab)
    tab.wait_for_url(re.compile("/live/"))
    expect(tab.locator("main")).to_contain_text("Đã nhận tin của bạn.")
    assert reports(world) == before + 1
    assert tab.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:')).length") == 0
    with world.services.db.unit(world.now, SYSTEM) as unit:
        newest = unit.conn.execute(
            sa.select(report.c.id, report.c.code).order_by(report.c.received_at.desc())
        ).first()
        assert newest is not None
        open_trace(unit, world.services.outbox, newest.id)
    # Nobody reloads: the page itself says that the bank has been asked.
    expect(tab.locator("main")).to_contain_text("Đã yêu cầu Sông Hồng giữ tiền")
    world.codes["mine"] = newest.code
    world.answer("mine", 50_000_000)
    expect(tab.locator(".saved-money")).to_contain_text("50.000.000")
    tab.get_by_text("Tôi nhớ thêm một chi tiết").click()
    tab.locator("#detail").fill("Hắn gọi bằng số lạ.")
    tab.get_by_role("button", name="Gửi thêm").click()
    expect(tab.locator("[role=status]").first).to_contain_text("Đã nhận chi tiết")


def test_pasted_message_and_picture_fill_one_transfer(tab: Page, served: str, world: World) -> None:
    tell(tab, served)
    booked = (world.now - timedelta(minutes=6)).astimezone(VIETNAM).strftime("%d-%m-%Y %H:%M:%S")
    tab.get_by_text("Đọc giúp từ tin nhắn").click()
    tab.locator("#paste").fill(f"VCB: TK 0123456789 -7,000,000VND luc {booked}. Ref FT26322.1234. ND chuyen tien")
    drawn = io.BytesIO()
    segno.make(write_vietqr(VietQR("999001", "038100464417")), error="m").save(drawn, kind="png", scale=6)
    tab.locator("#picture").set_input_files({"name": "qr.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    expect(tab.locator("#picture-preview")).to_be_visible()
    tab.get_by_role("button", name="Đọc giúp tôi").click()
    expect(tab.locator("#transfer_0_amount")).to_have_value("7.000.000")
    expect(tab.locator("#transfer_0_payee_account")).to_have_value("038100464417")
    expect(tab.locator("#transfer_0_payee_bank")).to_have_value("Sông Hồng")
    expect(tab.locator("#transfer_0_payer_bank")).to_have_value("Vietcombank")
    on(tab)
    expect(tab.locator("h1")).to_have_text("Chúng tôi gọi lại cho ai?")


def test_a_mistake_is_said_at_its_field_and_mended(tab: Page, served: str, world: World) -> None:
    tell(tab, served)
    on(tab)
    expect(tab.locator("#transfer_0_amount-error")).to_contain_text("Còn thiếu")
    expect(tab.get_by_role("alert")).to_contain_text("Số tiền (₫): Còn thiếu")
    assert accessible(tab) == []
    type_transfer(tab, world)
    on(tab)
    tab.locator("#name").fill("Nguyễn Thị Hoa")
    tab.locator("#phone").fill("0912")
    tab.locator("#phone").press("Enter")
    expect(tab.locator("#phone-error")).to_contain_text("0912 345 678")
    expect(tab.locator("#name")).to_have_value("Nguyễn Thị Hoa")
    sign(tab)
    on(tab)
    tab.wait_for_url(re.compile("/live/"))


def test_a_double_click_is_one_report(tab: Page, served: str, world: World) -> None:
    before = reports(world)
    tell(tab, served)
    type_transfer(tab, world)
    on(tab)
    sign(tab)
    sent: list[str] = []
    tab.on("console", lambda said: sent.append(said.text) if said.text == "sent" else None)
    tab.evaluate("addEventListener('submit', (e) => { if (!e.defaultPrevented) console.log('sent') })")
    tab.locator("#report .thumb .button.primary").dblclick(no_wait_after=True)
    tab.wait_for_url(re.compile("/live/"))
    assert sent == ["sent"]
    expect(tab.locator("main")).to_contain_text("Đã nhận tin của bạn.")
    assert reports(world) == before + 1


def test_the_back_button_shows_what_was_typed(tab: Page, served: str, world: World) -> None:
    before = reports(world)
    tell(tab, served)
    type_transfer(tab, world)
    on(tab)
    sign(tab)
    tab.go_back()
    expect(tab.locator("#transfer_0_payee_account")).to_have_value("0711 2233 4499")
    tab.go_back()
    expect(tab.locator("#story")).to_have_value("Có người xưng công an, bắt chuyển tiền để kiểm tra.")
    on(tab)
    expect(tab.locator("#transfer_0_payee_account")).to_have_value("0711 2233 4499")
    on(tab)
    expect(tab.locator("#name")).to_have_value("Nguyễn Thị Hoa")
    sign(tab)
    on(tab)
    tab.wait_for_url(re.compile("/live/"))
    address = tab.url
    tab.go_back()
    tab.goto(address)
    assert reports(world) == before + 1


def test_without_connection_it_waits_and_goes_on_by_itself(
    phone: BrowserContext, tab: Page, served: str, world: World
) -> None:
    before = reports(world)
    tell(tab, served)
    type_transfer(tab, world)
    on(tab)
    sign(tab)
    phone.set_offline(True)
    on(tab)
    expect(tab.locator("[data-offline]")).to_be_visible()
    assert reports(world) == before
    phone.set_offline(False)
    tab.wait_for_url(re.compile("/live/"))
    assert reports(world) == before + 1


def test_a_closed_tab_loses_nothing(phone: BrowserContext, tab: Page, served: str, world: World) -> None:
    tell(tab, served)
    type_transfer(tab, world)
    # Chosen from the list last of all: script wrote the name, nobody typed it.
    tab.locator("#transfer_0_payee_bank").fill("")
    tab.locator("#transfer_0_payee_bank").press_sequentially("song h")
    tab.locator(".bank-list label", has_text="Sông Hồng").first.click()
    tab.close()
    again = phone.new_page()
    again.goto(f"{served}/report")
    expect(again.locator("#story")).to_have_value("Có người xưng công an, bắt chuyển tiền để kiểm tra.")
    on(again)
    expect(again.locator("#transfer_0_payee_account")).to_have_value("0711 2233 4499")
    expect(again.locator("#transfer_0_payee_bank")).to_have_value("Sông Hồng")
    on(again)
    sign(again)
    on(again)
    again.wait_for_url(re.compile("/live/"))


def test_the_language_changes_in_the_middle_and_nothing_is_lost(tab: Page, served: str, world: World) -> None:
    tell(tab, served)
    type_transfer(tab, world)
    tab.get_by_role("button", name="EN").click()
    expect(tab.locator("html")).to_have_attribute("lang", "en")
    expect(tab.locator("#transfer_0_payee_account")).to_have_value("0711 2233 4499")


def test_without_script_a_report_is_sent_all_the_same(browser: Browser, served: str, world: World) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="vi-VN")
    context.set_default_timeout(30_000)
    tab = context.new_page()
    tell(tab, served)
    tab.locator("#transfer_0_amount").fill("50 triệu")
    booked = (world.now - timedelta(minutes=6)).astimezone(VIETNAM)
    tab.locator("#transfer_0_booked_at").fill(booked.strftime("%Y-%m-%dT%H:%M:%S"))
    tab.locator("#transfer_0_payee_account").fill("0711 2233 4499")
    tab.locator("#transfer_0_payee_bank").fill("song hong")
    on(tab)
    sign(tab)
    on(tab)
    expect(tab.locator("main")).to_contain_text("Đã nhận tin của bạn.")
    context.close()


@pytest.mark.parametrize(
    ("width", "height", "theme", "language"), [(390, 844, "light", "vi"), (1366, 768, "dark", "en")]
)
def test_every_public_page_is_accessible_and_fits(
    browser: Browser, served: str, world: World, width: int, height: int, theme: str, language: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light",
        bypass_csp=True,
    )  # fmt: skip
    context.add_cookies([{"name": "lang", "value": language, "url": served}])
    tab = context.new_page()
    wrong: list[str] = []
    code = world.codes["held"]
    for path in ("/", "/report", f"/status?code={code}", "/status?code=LC-1", "/appeal", "/live/none"):
        tab.goto(served + path)
        wrong += [f"{path}: {line}" for line in accessible(tab)]
    context.close()
    assert wrong == []
