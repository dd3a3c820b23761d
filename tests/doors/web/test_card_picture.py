"""The card as a picture: what it shows, what it never shows, and that nothing runs over its edge."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image, ImageChops
from tests.conftest import NOON

from lachan.doors.web.checking import CardPage, Row, card_picture, picture
from lachan.doors.web.checking.picture import HEIGHT, WIDTH
from lachan.foundation.base import Language
from lachan.response.shapes import Message

SITE = "lachan.example.gov.vn"
ROW = Row(
    "account", Message("web.check.is.warn", {"what": Message("web.check.kind.account")}), "VCB ••••4417", "warn"
)
PAGE = CardPage(ROW, "warn", "Cẩn thận: đã có người báo", ("Chưa chuyển vội.",), NOON)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def shows(name: str) -> CardPage:
    return replace(PAGE, row=replace(ROW, shown=name))


def test_it_is_a_picture_that_chat_programs_show_whole() -> None:
    content = card_picture(PAGE, SITE, Language.VI)
    read = Image.open(io.BytesIO(content))
    assert (read.format, read.size) == ("PNG", (1200, 630))
    assert len(content) < 60_000
    assert content == card_picture(PAGE, SITE, Language.VI)


@pytest.mark.parametrize(
    "changed",
    [
        replace(PAGE, verdict="block"), replace(PAGE, title="Dừng lại"), shows("VCB ••••4418"),
        replace(PAGE, steps=("Gọi 113.",)), replace(PAGE, as_of=NOON + timedelta(hours=1)),
    ],
)  # fmt: skip
def test_everything_that_the_card_says_is_in_it(changed: CardPage) -> None:
    assert card_picture(changed, SITE, Language.VI) != card_picture(PAGE, SITE, Language.VI)
    assert card_picture(PAGE, SITE, Language.EN) != card_picture(PAGE, SITE, Language.VI)
    assert card_picture(PAGE, "another.vn", Language.VI) != card_picture(PAGE, SITE, Language.VI)


@pytest.mark.parametrize("letters", ["Wm" * 300, "Ễ ặ" * 200, "a" * 63 + "." + "b" * 180, "a\u0300" * 90])
def test_nothing_runs_over_the_edge_however_long(letters: str) -> None:
    page = replace(shows(letters), title=letters, steps=(letters,))
    drawn, empty = (opened(card_picture(one, SITE, Language.VI)) for one in (page, replace(page, steps=())))
    edges = ((WIDTH - 40, 0, WIDTH, 240), (WIDTH - 40, 260, WIDTH, HEIGHT), (0, HEIGHT - 20, WIDTH, HEIGHT))
    for edge in edges:
        assert len(drawn.crop(edge).getcolors() or ()) == 1
    # The foot stands as it does without any advice above it.
    foot = (0, 545, WIDTH, HEIGHT)
    differs = ImageChops.difference(drawn.crop(foot), empty.crop(foot)).convert("L")
    assert differs.point(lambda grey: 255 * (grey > 32)).getbbox() is None


def test_a_long_name_keeps_its_end_and_foreign_letters_are_written_as_machines_do() -> None:
    font, line = picture._ending("khach-hang." * 30 + "evil.xyz", (64, 30), 1_000)
    assert line.startswith("…")
    assert line.endswith("evil.xyz")
    assert font.getlength(line) <= 1_000
    assert picture._readable("điện-lực.vn") == "điện-lực.vn"
    assert picture._readable("网络.vn") == "xn--io0a7i.vn"
    assert picture._readable("网" * 80) == "…"


def test_what_is_in_force_no_more_has_none() -> None:
    with pytest.raises(ValueError, match="in force"):
        card_picture(CardPage(None, as_of=NOON), SITE, Language.VI)
