"""Chromium on pages that no server serves: requests are answered from the drawn pages and `static/`."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, Route

from lachan.doors.web.render import STATIC

ORIGIN = "http://lachan.test"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The policy the server sends: nothing from elsewhere, no inline script or style.
POLICY = "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'"

# No server, so no stream of events: one on which nothing happens.
SILENT_STREAM = "window.EventSource = class { addEventListener() {} removeEventListener() {} close() {} }"


def chromium() -> str | None:
    """Debian's Chromium, where there is one."""
    return shutil.which("chromium")


@dataclass(frozen=True, slots=True)
class Gallery:
    """A browser and the pages it may open."""

    browser: Browser
    pages: Mapping[str, str]

    def tab(self, width: int, height: int, theme: str) -> Page:
        """A tab of that size and colour scheme; `tab.context.close()` ends it."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            is_mobile=width < 500,
            device_scale_factor=1.5 if width < 500 else 1,
        )
        context.add_init_script(SILENT_STREAM)
        tab = context.new_page()
        tab.route("**/*", lambda route: self.answer(route))
        return tab

    def show(self, tab: Page, name: str) -> None:
        """Open a page and wait until its letters are there."""
        tab.goto(f"{ORIGIN}/{name}", wait_until="load")
        tab.evaluate("document.fonts.ready.then(() => true)")

    def answer(self, route: Route) -> None:
        """Give a page, a static file, or nothing."""
        path = urlsplit(route.request.url).path.lstrip("/")
        if path in self.pages:
            route.fulfill(
                body=self.pages[path],
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )
        elif path.startswith("static/") and (STATIC / path.removeprefix("static/")).is_file():
            route.fulfill(path=STATIC / path.removeprefix("static/"))
        else:
            route.fulfill(status=204)


@contextmanager
def open_gallery(playwright: Playwright, pages: Mapping[str, str]) -> Iterator[Gallery]:
    """Chromium with these pages, by name."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
    try:
        yield Gallery(browser, pages)
    finally:
        browser.close()
