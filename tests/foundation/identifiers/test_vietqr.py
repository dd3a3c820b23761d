"""VietQR strings and tax codes that nobody on the project wrote, and codes in pictures.

The strings and codes are the project's frozen public test vectors (MIT-licensed, facts).
"""

import io
import random
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import Kind, VietQR, identify, identify_image, read_vietqr, write_vietqr

FOLDER = Path(__file__).parent
# The first is VNPAY's scheme: not an account.
PUBLIC_STRINGS = (FOLDER / "vietqr_public.txt").read_text(encoding="utf-8").splitlines()
PUBLIC_CODES = [
    None,
    VietQR("970416", "257678859"),
    VietQR("970454", "99MM24011M34875080"),
    VietQR("970454", "99ZP24009M07248267"),
    VietQR("971025", "PSP123456789000000"),
    VietQR("970416", "257678859", 1000, "Chuyen tien"),
    VietQR("970416", "257678859", 10000, "Chuyen tien"),
    VietQR("970416", "257678859", 999999, "Cam on nhe"),
]


@pytest.mark.parametrize(("payload", "code"), list(zip(PUBLIC_STRINGS, PUBLIC_CODES, strict=True)))
def test_public_strings(payload: str, code: VietQR | None) -> None:
    assert read_vietqr(payload) == code
    found = identify(f"Quét mã này: {payload} giúp em")
    assert [item.value for item in found] == ([code.account] if code else [])


CODES = st.builds(
    VietQR,
    bin=st.text("0123456789", min_size=6, max_size=6),
    number=st.text("ABCXYZ0123456789", min_size=1, max_size=19),
    amount_vnd=st.none() | st.integers(1, 10**12),
    note=st.text("ABC xyz0", max_size=25).map(str.strip),
    merchant=st.text("ABC XYZ", max_size=25).map(str.strip),
)


@given(CODES)
def test_what_is_written_is_read(code: VietQR) -> None:
    assert read_vietqr(write_vietqr(code)) == code


@given(CODES, st.data())
def test_one_wrong_character_is_noticed(code: VietQR, data: st.DataObject) -> None:
    payload = write_vietqr(code)
    at = data.draw(st.integers(0, len(payload) - 1))
    wrong = data.draw(st.sampled_from("0123456789ABCDEFG").filter(lambda char: char != payload[at].upper()))
    changed = payload[:at] + wrong + payload[at + 1 :]
    assert read_vietqr(changed) is None
    assert [item for item in identify(changed) if item.details.get("source") == "vietqr"] == []


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert read_vietqr("000201" + text) is None or "6304" in text


CODE = VietQR("970436", "1023456789", 5_000_000, "tien coc")


def _qr(payload: str, scale: int = 6) -> Image.Image:
    buffer = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(buffer, kind="png", scale=scale, border=4)
    return Image.open(buffer).convert("RGB")


def _bytes(picture: Image.Image, form: str = "PNG", **how: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **how)
    return buffer.getvalue()


def _screenshot(code: Image.Image) -> Image.Image:
    """A phone's screen of a bank app: bars, text-like strokes, a card with the code."""
    screen = Image.new("RGB", (1080, 2340), (18, 60, 110))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1080, 90), fill=(8, 30, 60))
    draw.rounded_rectangle((120, 500, 960, 1500), radius=48, fill="white")
    rng = random.Random(1)
    for y in range(160, 2300, 44):
        draw.line((90, y, rng.randint(200, 1000), y), fill=(200, 220, 240), width=9)
    draw.rounded_rectangle((150, 560, 930, 1440), radius=24, fill="white")
    screen.paste(code.resize((640, 640), Image.Resampling.LANCZOS), (220, 640))
    return screen


def _photo(code: Image.Image) -> Image.Image:
    """A table with a printed code, seen at an angle, a little out of focus, with noise and shade."""
    width, height = code.size
    table = Image.new("RGB", (width * 3, height * 3), (122, 96, 70))
    table.paste(code, (width, height))
    tilted = table.rotate(17, resample=Image.Resampling.BICUBIC, fillcolor=(122, 96, 70))
    w, h = tilted.size
    corners = (0, 0, int(0.06 * w), h, w, h, int(0.95 * w), 0)
    seen = tilted.transform((w, h), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    noise = Image.effect_noise(seen.size, 24).convert("RGB")
    return Image.blend(seen.filter(ImageFilter.GaussianBlur(1.4)), noise, 0.12)


PICTURES = {
    "plain": lambda code: _bytes(code),
    "small": lambda code: _bytes(code.resize((150, 150), Image.Resampling.LANCZOS)),
    "rotated 15": lambda code: _bytes(code.rotate(15, expand=True, fillcolor="white")),
    "rotated 45": lambda code: _bytes(code.rotate(45, expand=True, fillcolor="white")),
    "upside down": lambda code: _bytes(code.rotate(180)),
    "mirrored": lambda code: _bytes(code.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    "blurred": lambda code: _bytes(code.filter(ImageFilter.GaussianBlur(2.2))),
    "inverted": lambda code: _bytes(Image.eval(code, lambda value: 255 - value)),
    "pale": lambda code: _bytes(Image.eval(code, lambda value: 150 + value // 4)),
    "jpeg": lambda code: _bytes(code, "JPEG", quality=18),
    "screenshot": lambda code: _bytes(_screenshot(code)),
    "screenshot jpeg": lambda code: _bytes(_screenshot(code), "JPEG", quality=35),
    "photograph": lambda code: _bytes(_photo(code), "JPEG", quality=70),
    "transparent": lambda code: _bytes(_transparent(code)),
}


def _transparent(code: Image.Image) -> Image.Image:
    ink = code.convert("L").point(lambda value: 255 if value < 128 else 0)
    picture = Image.new("RGBA", code.size, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), mask=ink)
    return picture


@pytest.mark.parametrize("name", PICTURES)
def test_codes_in_pictures(name: str) -> None:
    payload = write_vietqr(CODE)
    (found,) = identify_image(PICTURES[name](_qr(payload)))
    assert (found.kind, found.value, found.text) == (Kind.ACCOUNT, CODE.account, payload)
    assert (found.start, found.end) == (0, 0)
    assert found.details["amount_vnd"] == 5_000_000
    assert found.details["note"] == "tien coc"


def test_several_codes_and_links_in_one_picture() -> None:
    picture = Image.new("RGB", (1400, 700), "white")
    picture.paste(_qr(write_vietqr(CODE), 5), (20, 20))
    picture.paste(_qr("https://t.me/lua_dao_1", 8), (800, 60))
    assert {found.key for found in identify_image(_bytes(picture))} == {
        "account:970436:1023456789",
        "social:telegram:lua_dao_1",
    }


def test_a_picture_without_a_code_and_bytes_that_are_none() -> None:
    assert identify_image(_bytes(Image.new("RGB", (300, 300), "white"))) == []
    for content in (b"", b"khong phai anh", b"\x89PNG\r\n\x1a\n" + b"0" * 40):
        with pytest.raises(BadInput):
            identify_image(content)
