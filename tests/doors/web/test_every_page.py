"""Every page of the application, on a real server in Chromium: on a phone and an office PC, light and dark.

No axe-core violation, nothing wider than the screen, no script error, no sentence missing. `LACHAN_SCREENSHOTS=DIR`
keeps a picture of each.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from tests.doors.web.page_stops import IN_ENGLISH, NO_PAGE, STOPS, Stop
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World, world_settings
from tests.factories.server import free_port, serving
from tests.factories.whole_world import WholeWorld, whole

from lachan.bootstrap import build
from lachan.doors.api import create_app
from lachan.doors.web.decisions import ACTS
from lachan.doors.web.visit import LANGUAGE_COOKIE, SESSION_COOKIE
from lachan.foundation.access import RateLimiter
from lachan.foundation.base import Language

Theme = Literal["light", "dark"]
AXE = (Path(__file__).parents[2] / "assets" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
AXE_RUN = """only => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then(found =>
    found.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.target + n.failureSummary).join("|")))
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ALL: dict[str, object] = {"type": "tag", "values": RULES}
_COLOURS: dict[str, object] = {"type": "rule", "values": ["color-contrast"]}
WIDE, PHONE = (1366, 768), (390, 844)
# A key of the catalogue that stands on a page as it is: a sentence that nobody wrote.
BARE_KEY = re.compile(r"\b(?:web|reason|purpose|duty_position|refusal|scope|notice|api)\.[a-z_]+(?:\.[a-z_]+)*\b")
# A number of the system's own, which tells a reader nothing.
RAW_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
IN_WORDS_ALONE = (
    "/activities", "/alerts", "/documents", "/methods", "/outreach", "/periodic", "/plans", "/refunds",
    "/trace/{code}/money", "/warnings",
)  # fmt: skip
SCREENSHOTS = os.environ.get("LACHAN_SCREENSHOTS")
_FIRST = set({stop.route: stop.name for stop in reversed(STOPS)}.values())


@dataclass
class Walk:
    """One server and one browser for the whole walk."""

    whole: WholeWorld
    browser: Browser
    address: str
    paths: set[str]
    app_state: object

    def context(self, stop: Stop, size: tuple[int, int], language: Language) -> BrowserContext:
        """A window of the person who opens the page."""
        opened = self.browser.new_context(
            viewport=ViewportSize(width=size[0], height=size[1]), is_mobile=size == PHONE, bypass_csp=True,
            device_scale_factor=1, reduced_motion="reduce",
        )  # fmt: skip
        cookies = {LANGUAGE_COOKIE: language.value}
        if stop.unfinished is not None:
            cookies[SESSION_COOKIE] = self.whole.unfinished(f"{stop.name}-{size[0]}", stop.unfinished)
        elif stop.who:
            cookies[SESSION_COOKIE] = self.whole.session(stop.who)
        opened.add_cookies([{"name": name, "value": said, "url": self.address} for name, said in cookies.items()])
        return opened


@pytest.fixture(scope="module")
def walk(made_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    if chromium() is None:
        pytest.skip("Chromium is not installed")
    home = tmp_path_factory.mktemp("walk") / "home"
    shutil.copytree(made_world.services.settings.home, home)
    port = free_port()
    settings = world_settings(home, f"http://127.0.0.1:{port}").model_copy(update={"duty_phone": "0206 3852 113"})
    world = replace(
        made_world, services=build(settings), people=dict(made_world.people), codes=dict(made_world.codes)
    )
    app = create_app(world.services)
    paths = {str(one.path) for one in iter_route_contexts(app.routes) if "GET" in (one.methods or ())}
    with serving(app, port) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield Walk(whole(world), browser, address, paths, app.state)
        browser.close()
    world.services.db.close()


@pytest.mark.browser
def test_every_page_has_a_stop(walk: Walk) -> None:
    pages = {path for path in walk.paths if not path.startswith(("/v1/", "/openapi", "/static"))}
    pages -= {"/healthz", "/readyz", "/metrics"}
    assert pages - NO_PAGE.keys() - {stop.route for stop in STOPS} == set(), "a page without a stop"
    assert NO_PAGE.keys() - pages == set(), "no such route"
    decisions = {stop.address(walk.whole).rpartition("/")[2].partition("?")[0] for stop in STOPS
                 if stop.route == "/trace/{code}/{name}"}  # fmt: skip
    assert set(ACTS) - decisions == set(), "a decision whose form nobody has looked at"


@pytest.mark.browser
@pytest.mark.journey
@pytest.mark.parametrize(
    ("size", "language", "part", "parts"),
    [
        *((PHONE, Language.VI, part, 5) for part in range(5)),
        *((WIDE, Language.VI, part, 2) for part in range(2)),
        (PHONE, Language.EN, 0, 1),
    ],
    ids=[*(f"phone-{part}" for part in range(5)), *(f"wide-{part}" for part in range(2)), "phone-en"],
)
def test_every_page_is_accessible_and_fits(
    walk: Walk, size: tuple[int, int], language: Language, part: int, parts: int
) -> None:
    """In parts, so that several processes walk; together they are all stops."""
    wrong: list[str] = []
    # One window for each person: what it has loaded once it does not load again. What is typed stays in its own.
    windows: dict[str, Page] = {}
    stops = STOPS if language is Language.VI else [one for one in STOPS if one.name in IN_ENGLISH]
    for stop in stops[part * len(stops) // parts : (part + 1) * len(stops) // parts]:
        # Not what is tested here: the walk asks for more than one stranger may.
        walk.app_state.limiter = RateLimiter()  # type: ignore[attr-defined]
        own = stop.act is not None or stop.unfinished is not None
        page = None if own else windows.get(stop.who)
        if page is None:
            page = walk.context(stop, size, language).new_page()
            page.set_default_timeout(15_000)
        try:
            found = _look(walk, stop, page, size, language)
        except (PlaywrightError, AssertionError) as error:
            found = [str(error)]
        wrong += [f"{stop.name}: {line}" for line in found]
        if own or found:
            page.context.close()
        if not own:
            windows.pop(stop.who, None)
            if not found:
                windows[stop.who] = page
    for page in windows.values():
        page.context.close()
    assert not wrong, "\n".join(wrong)


def _look(walk: Walk, stop: Stop, page: Page, size: tuple[int, int], language: Language) -> list[str]:
    wrong: list[str] = []

    def said(line: ConsoleMessage) -> None:
        # A refusal is also written to the console, with its status.
        if line.type == "error" and "the server responded" not in line.text:
            wrong.append(line.text)

    def broken(error: PlaywrightError) -> None:
        wrong.append(f"script: {error}")

    page.on("console", said)
    page.on("pageerror", broken)
    try:
        _walk_through(walk, stop, page, size, language, wrong)
    finally:
        page.remove_listener("console", said)
        page.remove_listener("pageerror", broken)
    return wrong


def _walk_through(
    walk: Walk, stop: Stop, page: Page, size: tuple[int, int], language: Language, wrong: list[str]
) -> None:
    answer = page.goto(walk.address + stop.address(walk.whole), wait_until="load")
    if answer is None or answer.status != stop.status:
        wrong.append(f"answered with {answer.status if answer else None}")
    if stop.who and urlsplit(page.url).path.startswith("/sign-in"):
        wrong.append("not signed in")
    if stop.act is not None:
        stop.act(page, walk.whole)
    page.evaluate("document.fonts.ready.then(() => true)")
    too_wide = page.evaluate("document.documentElement.scrollWidth") - size[0]
    if too_wide > 0:
        wrong.append(f"{too_wide} px too wide")
    if page.evaluate("document.documentElement.lang") != language.value:
        wrong.append("in another language")
    words = page.locator("body").inner_text()
    wrong += [f"no sentence for {key}" for key in BARE_KEY.findall(words)]
    if stop.route.startswith(IN_WORDS_ALONE):
        wrong += [f"says {number}" for number in RAW_ID.findall(words)]
    if size == PHONE or stop.name in _FIRST:
        page.evaluate(f"{AXE};0")
    # Of the states of one page one is seen in the dark.
    dark = language is Language.VI and ((size == PHONE and stop.name in _FIRST) or SCREENSHOTS)
    themes: tuple[Theme, ...] = ("light", "dark") if dark else ("light",)
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        _keep(stop, page, size, theme, language)
        # What does not hang on colours has been found in the first theme, and colours do not hang on the size.
        # Of the states of one page the wide window checks one: they differ in words, the telephone checks them all.
        if size == PHONE or (theme == "light" and stop.name in _FIRST):
            wrong += page.evaluate(AXE_RUN, _ALL if theme == "light" else _COLOURS)


def _keep(stop: Stop, page: Page, size: tuple[int, int], theme: Theme, language: Language) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS) / f"{size[0]}x{size[1]}-{theme}-{language.value}"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{stop.name}.png", full_page=True)
