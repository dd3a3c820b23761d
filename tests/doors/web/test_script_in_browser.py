"""What script adds, and that nothing is missing without it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tests.factories import pages_golden
from tests.factories.browser import ORIGIN, Gallery, chromium, open_gallery
from tests.factories.gallery import ENVIRONMENT, all_pages, draw
from tests.factories.pages import NOW

from lachan.doors.web.render import as_event, lasting, page_context, render
from lachan.foundation.base import Language, WallClock
from lachan.response.shapes import Message, State, StreamEvent

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    drawn = {shown.name: draw(shown) for shown in all_pages() if not shown.name.startswith("admin")}
    with sync_playwright() as playwright, open_gallery(playwright, drawn) as opened:
        yield opened


@pytest.fixture
def tab(gallery: Gallery) -> Iterator[Page]:
    page = gallery.tab(1366, 768, "light")
    yield page
    page.context.close()


def test_clocks_tick_and_turn_overdue(gallery: Gallery, tab: Page) -> None:
    tab.clock.install()
    gallery.show(tab, "golden-hour")
    clock = tab.locator("#hold-6 time").last
    expect(clock).to_have_text("00:00:46")
    tab.clock.run_for(45_000)
    expect(clock).to_have_text("00:00:01")
    tab.clock.run_for(3_000)
    expect(clock).to_have_text("quá 00:00:02")
    expect(tab.locator(".elapsed time")).to_have_text("00:19:30")


def test_script_says_a_length_of_time_as_the_page_does(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "golden-hour")
    for seconds in (0, 59, 60, 3_599, 3_600, 172_799, 172_800, 172_801, 176_399, 176_400, 1_949_875, -172_801):
        for long in (False, True):
            by_script = tab.evaluate("([seconds, long]) => lasting(seconds, long)", [seconds, long])
            assert by_script == lasting(seconds, long=long), seconds


def test_an_identifier_says_who_says_what_and_closes_with_escape(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "golden-hour")
    card = tab.locator("#hold-8 .card")
    expect(card).to_be_hidden()
    tab.locator("#hold-8 summary").click()
    expect(card).to_contain_text("Công an tỉnh Sơn Hà: Tài khoản nhận tiền lừa đảo")
    card.scroll_into_view_if_needed()
    assert tab.evaluate(
        "() => { const r = document.querySelector('#hold-8 .card').getBoundingClientRect();"
        " return document.elementFromPoint(r.x + 5, r.bottom - 5)?.closest('.card') != null }"
    ), "the card is cut off by its panel"
    tab.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_the_bank_is_found_without_accents(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "report-2-wrong")
    box = tab.locator("#transfer_1_payee_bank")
    box.fill("song h")
    rows = tab.locator(".bank-list:visible label")
    expect(rows).to_have_count(3)
    expect(rows.first.locator("mark")).to_have_text("Sông H")
    rows.nth(1).click()
    expect(box).to_have_value("Ngân hàng Sông Hậu")
    expect(tab.locator(".bank-list:visible")).to_have_count(0)


def test_the_answer_adds_up_while_it_is_filled_in(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "inbox")
    rest, gap = tab.locator("[data-part=unexplained]"), tab.locator("[data-gap]")
    expect(gap).to_be_visible()
    tab.locator("#part_moved_on").fill("31800000")
    expect(rest).to_have_value("0\u00a0₫")
    expect(gap).to_be_hidden()
    tab.locator("#part_held").fill("19.000.000")
    expect(gap).to_contain_text("vượt yêu cầu 800.000\u00a0₫")
    expect(tab.locator("[data-answer-label]")).to_have_text("Giữ 19.000.000\u00a0₫ và trả lời")


def test_the_desk_is_worked_with_keys(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "desk")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    expect(tab.locator("tr.chosen .code")).to_have_text("LC-9M2D-15HVK")
    tab.keyboard.press("/")
    expect(tab.locator(".topsearch input")).to_be_focused()
    tab.keyboard.type("jjn")
    expect(tab.locator("tr.chosen .code")).to_have_text("LC-9M2D-15HVK")


def test_the_chosen_theme_is_kept(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "desk")
    tab.locator("[data-theme-toggle]").click()
    gallery.show(tab, "figures")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_report_not_sent_is_still_there(gallery: Gallery, tab: Page) -> None:
    gallery.show(tab, "report-3")
    tab.locator("#contacts").fill("0999 000 111")
    expect(tab.locator("[data-kept]")).to_be_visible()
    gallery.show(tab, "report-3")
    expect(tab.locator("#contacts")).to_have_value("0999 000 111")


def test_an_event_redraws_one_part_and_leaves_the_rest(gallery: Gallery) -> None:
    page = pages_golden.golden_hour_page()
    told = replace(page, stream=(StreamEvent(NOW, State.HELD, Message("web.say.event_received")),), sealed=48_230)
    context = page_context(language=Language.VI, viewer=None, now=NOW, clock=WallClock(), csrf="x")
    event = as_event("stream", render(ENVIRONMENT, "golden_hour/_stream.html", context, page=told), number=48_230)
    browsing = gallery.browser.new_context(viewport={"width": 1366, "height": 768})
    tab = browsing.new_page()
    tab.route("**/*", lambda route: gallery.answer(route))
    tab.route("**/events", lambda route: route.fulfill(body=event, content_type="text/event-stream"))
    gallery.show(tab, "golden-hour")
    expect(tab.locator("[sse-swap=stream]")).to_contain_text("niêm phong đến #48.230")
    expect(tab.locator(".stream li")).to_have_count(1)
    expect(tab.locator("[sse-swap=bar]")).to_contain_text("236.400.000")
    browsing.close()


def test_without_script_everything_is_said(gallery: Gallery) -> None:
    context = gallery.browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.route("**/*", lambda route: gallery.answer(route))
    for name, words in {
        "golden-hour": "quá 00:04:18",
        "inbox": "Giữ 18.200.000",
        "report-2": "Đã đọc từ ảnh bạn gửi",
        "live": "236.400.000",
    }.items():
        tab.goto(f"{ORIGIN}/{name}")
        expect(tab.locator("main")).to_contain_text(words)
    tab.goto(f"{ORIGIN}/report-2")
    assert tab.locator("#transfer_0_payee_bank").get_attribute("list") == "banks"
    context.close()
