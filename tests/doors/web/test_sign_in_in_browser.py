"""The second step of sign-in takes what the person has: six digits, or a recovery code, in a real browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tests.factories.browser import ARGUMENTS, chromium
from tests.factories.desk_world import World

from lachan.foundation import access
from lachan.foundation.base import WallClock

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]
FIRST, OWN = "mật khẩu của bản thử 01", "mua dau mua ha 1987"


@pytest.fixture
def tab() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, "--no-proxy-server"])
        yield browser.new_page()
        browser.close()


@pytest.fixture
def factor(world: World) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """The officer has enrolled: the application, and the codes on paper."""
    db, secret, wall = world.services.db, world.services.secret, WallClock().now() - timedelta(minutes=2)
    at = {"now": world.now, "wall_now": wall}
    opened = access.sign_in(db, secret, "officer", FIRST, "s", demo=False, **at)
    made = access.begin_enrolment(db, secret, opened.token, "Lá Chắn", **at)
    totp = pyotp.TOTP(made.secret)
    opened, codes = access.finish_enrolment(db, secret, opened.token, totp.at(wall), "s", **at)
    access.change_password(db, secret, opened.token, FIRST, OWN, "s", **at)
    return totp, codes


TYPED: list[tuple[str, Callable[[pyotp.TOTP, tuple[str, ...]], str], bool]] = [
    ("six digits", lambda totp, _: totp.now(), True),
    ("six digits with a space", lambda totp, _: f"{totp.now()[:3]} {totp.now()[3:]}", True),
    ("a recovery code as printed", lambda _, codes: codes[0], True),
    ("a recovery code in small letters", lambda _, codes: codes[1].lower(), True),
    ("a recovery code without its dash", lambda _, codes: codes[2].replace("-", ""), True),
    ("words", lambda _t, _c: "xin chào", False),
]


@pytest.mark.parametrize(("what", "typed", "goes_on"), TYPED, ids=[row[0] for row in TYPED])
def test_what_the_second_step_takes(
    served: str, tab: Page, factor: tuple[pyotp.TOTP, tuple[str, ...]], what: str,
    typed: Callable[[pyotp.TOTP, tuple[str, ...]], str], goes_on: bool,
) -> None:  # fmt: skip
    tab.goto(f"{served}/sign-in")
    tab.locator("#account").fill("officer")
    tab.locator("#password").fill(OWN)
    tab.locator("form.form-grid button.primary").click()
    field = tab.locator("#totp")
    # Typed key by key: a field that is too short would drop the end.
    field.press_sequentially(typed(*factor))
    tab.locator("form.form-grid button.primary").click()
    if goes_on:
        expect(tab).to_have_url(f"{served}/desk")
    else:
        assert field.evaluate("field => field.validity.patternMismatch"), what
