"""A rise drafts a warning, an officer finishes it, the head approves, everybody reads it; then it is taken back."""

import re
from collections.abc import Iterator

import httpx
import pytest
from lxml import etree
from playwright.sync_api import Browser, expect, sync_playwright
from tests.doors.web.test_inbox_journey import accessible, enter
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World
from tests.factories.told_world import reports_of
from tests.outreach.test_outreach_telling import ATOM, CAP, NS, said

from lachan.outreach import ItemState, public, sweep, views

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


def test_from_a_rise_to_the_public_and_back(browser: Browser, served: str, world: World) -> None:
    wrong: list[str] = []
    reports_of(world, "fake_shipper", 15, 1)
    assert sweep(world.services.db, world.now) == 1

    officer = enter(browser, served, world, "officer", wrong)
    officer.click("nav >> text=Kế hoạch")
    officer.click("nav >> text=Tuyên truyền")
    officer.click("text=Giả người giao hàng đang tăng")
    expect(officer.locator("#h-rise")).to_be_visible()
    officer.click("text=Sửa")
    officer.fill("#title", "Giả người giao hàng: đừng bấm đường dẫn hủy hội viên")
    officer.fill("#text", officer.input_value("#text") + " Chuyển vào STK 0711223344556 Vietcombank.")
    officer.click("form .primary")
    expect(officer.locator("#text-error")).to_contain_text("hãy bỏ đi")
    officer.fill("#text", "Kẻ gian xưng người giao hàng, bảo chuyển tiền rồi gửi đường dẫn hủy hội viên giả.")
    expect(officer.locator("#meter")).to_contain_text("/ 3.000")
    accessible(officer)
    officer.click("form .primary")
    expect(officer.locator(".notice-done")).to_be_visible()
    officer.click("text=Trình duyệt")
    expect(officer.locator(".notice-done")).to_contain_text("Người thứ hai")
    assert officer.locator("text=Duyệt nội dung này").count() == 0
    code = re.search(r"CB-\w{4}-\w{5}", officer.url)
    assert code is not None

    stranger = httpx.Client(base_url=served, headers={"accept": "text/html"}, timeout=30)
    assert "Giả người giao hàng: đừng" not in stranger.get("/warnings").text
    assert stranger.get(f"/warnings/{code[0]}").status_code == 404
    assert stranger.get(f"/v1/public/warnings/{code[0]}.cap.xml").status_code == 404

    head = enter(browser, served, world, "head", wrong)
    expect(head.locator("nav a", has_text="Kế hoạch").locator(".count")).to_have_text("1")
    head.goto(f"{served}/outreach/items/{code[0]}")
    head.dblclick("text=Duyệt nội dung này")
    expect(head.locator(".notice-done")).to_be_visible()
    officer.reload()
    officer.dblclick("form button.primary >> text=Đăng")
    expect(officer.locator(".notice-done")).to_have_text("Đã đăng.")

    assert "Giả người giao hàng: đừng" in stranger.get("/").text
    assert "Giả người giao hàng: đừng" in stranger.get("/warnings").text
    assert _cap(stranger, code[0]) == ("Alert", "Exercise")
    assert _feed(stranger) == ["Giả người giao hàng: đừng bấm đường dẫn hủy hội viên"]
    told = stranger.get("/v1/public/warnings", headers={"accept-language": "en"}).json()
    assert [(one["code"], one["state"]) for one in told["warnings"]] == [(code[0], "published")]

    head.goto(f"{served}/outreach/items/{code[0]}/retract")
    head.select_option("#reason", "wrong")
    head.click("form .primary")
    expect(head.locator("#reasons-error")).to_be_visible()
    head.fill("#reasons", "Đường dẫn nêu sai.")
    accessible(head)
    head.dblclick("form.form-grid .primary")
    expect(head.locator(".notice-done")).to_be_visible()

    assert "Giả người giao hàng: đừng" not in stranger.get("/").text + stranger.get("/warnings").text
    page = stranger.get(f"/warnings/{code[0]}").text
    assert "Đường dẫn nêu sai." in page
    assert "hội viên giả" not in page
    assert _cap(stranger, code[0]) == ("Cancel", "Exercise")
    assert _feed(stranger) == ["Đã rút: Giả người giao hàng: đừng bấm đường dẫn hủy hội viên"]
    (told,) = stranger.get("/v1/public/warnings").json()["warnings"]
    assert told["state"] == "retracted"
    assert "hội viên giả" not in told["text"]
    with world.services.db.read() as conn:
        assert public.warning(conn, code[0]).state is ItemState.RETRACTED
        acts = [one.act.value for one in views.item_page(conn, world.actor("head"), code[0]).steps]
    assert acts == ["drafted", "changed", "submitted", "approved", "published", "retracted"]
    assert wrong == []
    stranger.close()


def _cap(client: httpx.Client, code: str) -> tuple[str, str]:
    answer = client.get(f"/v1/public/warnings/{code}.cap.xml")
    assert answer.headers["content-type"] == "application/cap+xml"
    root = etree.fromstring(answer.content)
    CAP.assertValid(root)
    return said(root, "c:msgType")[0], said(root, "c:status")[0]


def _feed(client: httpx.Client) -> list[str]:
    answer = client.get("/feed.xml", headers={"accept-language": "vi"})
    assert answer.headers["content-type"] == "application/atom+xml"
    root = etree.fromstring(answer.content)
    ATOM.assertValid(root)
    assert {link.get("type") for link in root.iterfind("a:entry/a:link", NS)} == {
        "text/html",
        "application/cap+xml",
    }
    return said(root, "a:entry/a:title")


def test_without_script_everything_works(client: httpx.Client, world: World) -> None:
    client.get(world.link("officer"), follow_redirects=True)
    page = client.get("/outreach/new?kind=piece&channel=loudspeaker&audience=elderly").text

    def send(**typed: str) -> httpx.Response:
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        said_ = {"kind": "piece", "channel": "loudspeaker", "audience": "elderly", "csrf_token": token[1], **typed}
        return client.post("/outreach/new", data=said_)

    long = send(title="Cảnh giác", text="cúp máy " * 300)
    assert long.status_code == 422
    assert "200 giây" in long.text
    assert "cúp máy cúp máy" in long.text, "nothing typed is lost"
    assert send(title="Cảnh giác", text="Bà con cúp máy.").headers["location"].startswith("/outreach/items/TT-")


def test_closed_months_are_told_to_people_and_programs(client: httpx.Client, world: World) -> None:
    assert client.get("/v1/public/statistics").json()["months"] == []
    assert "khi tháng ấy kết thúc" in client.get("/statistics").text
    sweep(world.services.db, world.now)
    months = client.get("/v1/public/statistics").json()["months"]
    assert len(months) == 12
    assert all(one["reports"] is None for one in months), "too few reports, and none of this month"
    assert "khi tháng ấy kết thúc" not in client.get("/statistics").text
