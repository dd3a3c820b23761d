"""Every page in Chromium: no axe-core violation, nothing wider than the screen, no script error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.factories.browser import Gallery, chromium, open_gallery
from tests.factories.gallery import all_pages, draw

from lachan.foundation.base import LANGUAGES, Language

AXE = Path(__file__).parents[2] / "assets" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def gallery() -> Iterator[Gallery]:
    drawn = {
        f"{shown.name}.{language.value}": draw(shown, language) for shown in all_pages() for language in LANGUAGES
    }
    with sync_playwright() as playwright, open_gallery(playwright, drawn) as opened:
        yield opened


@pytest.mark.parametrize(
    ("width", "height", "theme", "language"),
    [
        # The walk over the real pages sees them wide, light and in Vietnamese at every run.
        pytest.param(1366, 768, "light", Language.VI, marks=pytest.mark.soak),
        (390, 844, "dark", Language.EN),
    ],
)
def test_every_page_is_accessible_and_fits(
    gallery: Gallery, width: int, height: int, theme: str, language: Language
) -> None:
    tab = gallery.tab(width, height, theme)
    wrong: list[str] = []
    tab.on("console", lambda line: wrong.append(f"console: {line.text}") if line.type == "error" else None)
    tab.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    for name in gallery.pages:
        if not name.endswith(f".{language.value}"):
            continue
        before = len(wrong)
        gallery.show(tab, name)
        too_wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            wrong.append(f"{too_wide} px too wide")
        tab.evaluate(AXE.read_text(encoding="utf-8") + ";0")
        found = tab.evaluate(
            "tags => axe.run(document, {runOnly: tags}).then(r => r.violations.map(v => "
            "v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target + ' ' + n.failureSummary).join(' | ')))",
            RULES,
        )
        wrong.extend(found)
        wrong[before:] = [f"{name}: {line}" for line in wrong[before:]]
    tab.context.close()
    assert not wrong, "\n".join(wrong)
