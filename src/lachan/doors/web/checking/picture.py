"""The card as a picture, which chat programs show beside its link: what the card says now, and not a word more.

PNG, because Facebook and Zalo show no SVG; 1200×630, which both show whole. Colours are those of the page by day.
"""

import io
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from lachan.doors.web.checking.shapes import CardPage
from lachan.doors.web.render import dmy, hm, in_words
from lachan.foundation.base import Language, translate
from lachan.registry import Verdict

WIDTH, HEIGHT = 1200, 630
_EDGE, _BAND = 64, 250
_TEXT, _SOFT, _LINE = "#12212a", "#56666f", "#d9e0e2"
_SURFACE, _AMBER, _AMBER_DARK, _TINT = "#ffffff", "#c07a0e", "#875000", "#fcefd6"
_COLOURS = 64
_KEPT = 128
# No letter of any font: what a font draws for it, it draws for every letter that it does not have.
_MISSING = "\uffff"

Font = ImageFont.FreeTypeFont


def card_picture(page: CardPage, site: str, language: Language) -> bytes:
    """A warning in force as a PNG; `site` is the host where anybody may check it."""
    if page.row is None or page.as_of is None:
        raise ValueError("only a warning in force has a picture")
    # To the hour, so that one that is sent around is drawn once an hour.
    hour = page.as_of.replace(minute=0, second=0, microsecond=0)
    as_of = translate("web.check.as_of", language, time=hm(hour), day=dmy(hour))
    return _drawn(
        page.verdict == Verdict.BLOCK, page.title, in_words(page.row.title, language), page.row.shown,
        page.steps[0] if page.steps else "", as_of, site,
    )  # fmt: skip


@lru_cache(_KEPT)
def _drawn(gravest: bool, title: str, says: str, shown: str, step: str, as_of: str, site: str) -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), _SURFACE)
    draw = ImageDraw.Draw(picture)
    ink, band = (_SURFACE, _AMBER_DARK) if gravest else (_TEXT, _TINT)
    draw.rectangle((0, 0, WIDTH, _BAND), fill=band)
    draw.rectangle((0, _BAND, WIDTH, _BAND + 6), fill=_AMBER_DARK if gravest else _AMBER)
    _sign(draw, gravest, ink if gravest else _AMBER_DARK)
    left, room = 200, WIDTH - 200 - _EDGE
    font, lines = _fitted(title, "Bold", (60, 52, 46, 40), room, 3)
    _paragraph(draw, lines, font, left, (_BAND - _height(font, lines)) // 2, ink)
    room = WIDTH - 2 * _EDGE
    font, lines = _fitted(says, "SemiBold", (40, 34, 30), room, 1)
    _paragraph(draw, lines, font, _EDGE, 282, _TEXT)
    font, what = _ending(_readable(shown), (64, 54, 44, 36, 30), room)
    draw.text((_EDGE, 382), what, _TEXT, font, anchor="lm")
    if step:
        font, lines = _fitted(step, "Medium", (34, 30), room, 2)
        _paragraph(draw, lines, font, _EDGE, 436, _TEXT)
    draw.line((_EDGE, 548, WIDTH - _EDGE, 548), fill=_LINE, width=2)
    font, _ = _fitted(as_of, "Medium", (28,), room, 1)
    draw.text((_EDGE, 566), as_of, _SOFT, font)
    left = int(_EDGE + font.getlength(as_of) + 40)
    font, lines = _fitted(site, "SemiBold", (28, 24), WIDTH - _EDGE - left, 1)
    draw.text((WIDTH - _EDGE, 566), lines[0], _TEXT, font, anchor="ra")
    out = io.BytesIO()
    # A few dozen colours hold the edges of letters: less to pack, and a third of the bytes.
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, "PNG")
    return out.getvalue()


def _sign(draw: ImageDraw.ImageDraw, gravest: bool, ink: str) -> None:
    """The sign of the page: an octagon that says stop, a triangle that says caution."""
    left, top, size = _EDGE, (_BAND - 96) // 2, 96
    if gravest:
        cut = size * 0.29
        corners = [
            (cut, 0), (size - cut, 0), (size, cut), (size, size - cut), (size - cut, size), (cut, size),
            (0, size - cut), (0, cut),
        ]  # fmt: skip
    else:
        corners = [(size / 2, 2), (size, size - 8), (0, size - 8)]
    points = [(left + x, top + y) for x, y in corners]
    draw.line([*points, points[0], points[1]], fill=ink, width=8, joint="curve")
    middle, start = left + size / 2, top + (24 if gravest else 30)
    draw.line((middle, start, middle, start + 26), fill=ink, width=9)
    draw.ellipse((middle - 6, start + 34, middle + 6, start + 46), fill=ink)


def _fitted(text: str, weight: str, sizes: Sequence[int], room: int, lines_max: int) -> tuple[Font, list[str]]:
    """The largest of the sizes in which a text has room, in lines; in the smallest it loses its end."""
    font, lines = _font(weight, sizes[0]), [""]
    for size in sizes:
        font = _font(weight, size)
        lines = list(_lines(text, font, room))
        if len(lines) <= lines_max and all(font.getlength(line) <= room for line in lines):
            return font, lines
    kept = lines[:lines_max]
    last = kept[-1] + ("…" if len(lines) > lines_max else "")
    while len(last) > 1 and font.getlength(last) > room:
        last = last.rstrip("…")[:-1] + "…"
    return font, [*kept[:-1], last]


def _ending(text: str, sizes: Sequence[int], room: int) -> tuple[Font, str]:
    """One line of what is warned of. Too long, it loses its beginning: a name is somebody's by its end."""
    font = _font("Bold", sizes[0])
    for size in sizes:
        font = _font("Bold", size)
        if font.getlength(text) <= room:
            return font, text
    while font.getlength(f"…{text}") > room:
        text = text[1:]
    return font, f"…{text}"


def _lines(text: str, font: Font, room: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > room:
            yield line
            longer = word
        line = longer
    yield line


def _paragraph(
    draw: ImageDraw.ImageDraw, lines: Sequence[str], font: Font, left: int, top: float, ink: str
) -> None:  # fmt: skip
    for number, line in enumerate(lines):
        draw.text((left, top + number * _step(font)), line, ink, font)


def _height(font: Font, lines: Sequence[str]) -> float:
    return len(lines) * _step(font)


def _step(font: Font) -> float:
    # Vietnamese carries marks above and below its letters.
    return font.size * 1.24


def _readable(shown: str) -> str:
    """A name in letters that the font has; otherwise as machines write it."""
    font = _font("Bold", 30)
    nothing = bytes(font.getmask(_MISSING))
    if all(letter.isascii() or bytes(font.getmask(letter)) != nothing for letter in shown):
        return shown
    try:
        return shown.encode("idna").decode()
    except UnicodeError:
        return "…"


def _font(weight: str, size: int) -> Font:
    # Not kept: an open font serves one thread at a time.
    return ImageFont.truetype(io.BytesIO(_font_file(weight)), size)


@cache
def _font_file(weight: str) -> bytes:
    return resources.files("fontpkg_be_vietnam_pro").joinpath("files", f"BeVietnamPro-{weight}.ttf").read_bytes()
