"""A commune officer inspects an ATM on a phone and a weak line; a clerk imports a table with mistakes in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.factories.activity_stage import ActivityStage, activity_stage, photo, sweeps
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.server import free_port, serving

from lachan.activities import evidence, views
from lachan.activities.tables import activity
from lachan.doors.api import create_app

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "locale": "vi-VN"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActivityStage]:
    made = activity_stage(tmp_path_factory.mktemp("activities") / "home", f"http://127.0.0.1:{free_port()}")
    yield made
    made.services.db.close()


@pytest.fixture(scope="module")
def served(stage: ActivityStage) -> Iterator[str]:
    with serving(create_app(stage.services), int(stage.services.settings.base_url.rpartition(":")[2])) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


def enter(browser: Browser, served: str, stage: ActivityStage, who: str, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(served + stage.link(who))
    return page


def fill_in(page: Page, picture: Path) -> None:
    page.fill("#at", "2026-11-20T09:41")
    page.fill("#atm", "CB-0117")
    page.fill("#commune", "Xã Đàm Thủy")
    page.fill("#address", "Bản Giốc")
    page.fill("#bank", "Ngân hàng Non Nước")
    page.check("input[name=skimmer][value=yes]")
    page.check("input[name=camera][value=broken]")
    page.check("input[name=warning_sign][value=no]")
    page.check("input[name=lit][value=yes]")
    page.set_input_files("#photo", picture)


def inspections(stage: ActivityStage) -> list[Any]:
    with stage.services.db.read() as conn:
        return list(conn.execute(sa.select(activity).where(activity.c.kind == "atm_inspection")))


def test_an_inspection_on_a_weak_line_is_recorded_once(
    browser: Browser, served: str, stage: ActivityStage, tmp_path: Path
) -> None:
    page = enter(browser, served, stage, "duty_officer@commune", **PHONE)
    picture = tmp_path / "atm.jpg"
    picture.write_bytes(photo())
    page.goto(f"{served}/activities/atm_inspection/new")
    fill_in(page, picture)
    expect(page.locator("button[value=send]")).to_be_enabled()
    sent = page.evaluate("document.getElementById('photo').files[0].size")
    assert sent < len(picture.read_bytes()), "the phone makes photos smaller before it sends them"

    # The form arrives, its answer does not: the line breaks in between.
    def swallow(route: Any) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.route(
        "**/atm_inspection/new",
        lambda route: swallow(route) if route.request.method == "POST" else route.continue_(),
    )
    page.locator("button[value=send]").click()
    page.wait_for_timeout(300)
    page.unroute_all()
    assert len(inspections(stage)) == 1

    # Back at the form, what was filled in is there again; sent again, it is the same record.
    page.goto(f"{served}/activities/atm_inspection/new")
    expect(page.locator("#atm")).to_have_value("CB-0117")
    expect(page.locator("input[name=skimmer][value=yes]")).to_be_checked()
    expect(page.locator("[data-kept]")).to_be_visible()
    page.context.set_offline(True)
    page.locator("button[value=send]").click()
    expect(page.locator("[data-offline]")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/activities/atm_inspection/[0-9a-f-]{36}"))
    (row,) = inspections(stage)
    expect(page.locator("h1")).to_have_text("CB-0117")
    expect(page.locator(".evidence img")).to_have_count(1)
    page.goto(f"{served}/activities/atm_inspection/new")
    expect(page.locator("#atm")).to_have_value("")

    # The photo tells nothing of the phone and the place; the figure counts the foreign device.
    (kept,) = row.content["photo"]
    with Image.open(evidence.path_of(stage.services.settings.home, kept["sha256"])) as image:
        assert not image.getexif()
        assert max(image.size) <= 2_400
    with stage.services.db.read() as conn:
        assert views.figure(conn, "atm_inspection", "skimmers", [stage.agencies["commune"]]).amount == 1


def test_what_is_wrong_is_said_at_its_field_and_the_photo_stays(
    browser: Browser, served: str, stage: ActivityStage, tmp_path: Path
) -> None:
    page = enter(browser, served, stage, "duty_officer@commune", java_script_enabled=False, **PHONE)
    picture = tmp_path / "atm.jpg"
    picture.write_bytes(photo(600, 400))
    page.goto(f"{served}/activities/atm_inspection/new")
    fill_in(page, picture)
    page.fill("#commune", "Xã Không Đâu")
    page.fill("#atm", "")
    page.locator("button[value=send]").click()
    expect(page.locator("#commune-error")).to_contain_text("Không có xã, phường nào")
    expect(page.locator("#atm-error")).to_be_visible()
    expect(page.locator("input[name='kept.photo']")).to_be_checked()
    page.fill("#commune", "Xã Đàm Thủy")
    page.fill("#atm", "CB-0118")
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("CB-0118")
    expect(page.locator(".evidence img")).to_have_count(1)


def test_a_clerk_imports_three_hundred_rows_with_mistakes(
    browser: Browser, served: str, stage: ActivityStage, tmp_path: Path
) -> None:
    page = enter(browser, served, stage, "duty_officer@commune", viewport={"width": 1366, "height": 768})
    page.goto(f"{served}/activities/junk_sim_sweep/import")
    with page.expect_download() as template:
        page.locator("a", has_text="mẫu XLSX").click()
    assert template.value.suggested_filename == "junk_sim_sweep.xlsx"
    table = tmp_path / "thang-10.xlsx"
    table.write_bytes(sweeps(300, {
        3: (0, "31/02/2026"), 9: (1, "Xã Không Đâu"), 20: (2, "40 triệu"), 41: (3, "nhiều"), 99: (4, -1),
    }))  # fmt: skip
    page.set_input_files("#file", table)
    page.locator("button", has_text="Nhập tệp").click()
    expect(page.locator(".facts dd")).to_have_text(["300", "295", "0", "5"])
    rows = page.locator(".refused tbody tr")
    expect(rows).to_have_count(5)
    expect(rows.nth(0)).to_contain_text("Không có ngày “31/02/2026”")
    expect(rows.nth(0).locator("td").first).to_have_text("5")
    expect(rows.nth(2)).to_contain_text("Sai đơn vị “triệu”")
    page.goto(f"{served}/activities/junk_sim_sweep/import")
    page.set_input_files("#file", table)
    page.locator("button", has_text="Nhập tệp").click()
    expect(page.locator(".facts dd")).to_have_text(["300", "0", "295", "5"])
    with stage.services.db.read() as conn:
        assert views.kept(conn) == views.recount(conn)
    page.goto(f"{served}/activities/junk_sim_sweep?since=2026-10-01&until=2026-10-31")
    expect(page.locator(".figure-row .figure-value").first).to_have_text("295")
