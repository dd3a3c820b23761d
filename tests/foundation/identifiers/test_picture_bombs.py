"""Pictures that want to hurt: too large, lying about their size, of a kind that runs programs, or cut."""

import io
import resource
import struct
import zlib

import pytest
import segno
from PIL import Image

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import identify_image
from lachan.foundation.identifiers.picture import decode_codes

LINK = "https://vay-nhanh.example/rut"


def drawn(kind: str, mode: str, size: tuple[int, int], qr_side: int = 1_200) -> bytes:
    """A picture with a code in its corner."""
    made = io.BytesIO()
    segno.make(LINK, error="m").save(made, kind="png", scale=30, border=4)
    code = Image.open(made).convert("RGB").resize((qr_side, qr_side))
    sheet = Image.new("RGB", size, "white")
    sheet.paste(code, (0, 0))
    out = io.BytesIO()
    sheet.convert(mode).save(out, kind)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say they are a huge picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\nshowpage\n%%EOF\n"
HOSTILE: list[tuple[str, bytes, InputReason]] = [
    ("sixty million pixels and one", png_that_claims(60_000_001, 1), InputReason.TOO_LARGE),
    ("a side of two thousand million", png_that_claims(2_000_000_000, 3), InputReason.UNREADABLE_FILE),
    ("ten thousand by ten thousand", png_that_claims(10_000, 10_000), InputReason.TOO_LARGE),
    ("less than it claims", png_that_claims(500, 500), InputReason.UNREADABLE_FILE),
    ("PostScript", EPS, InputReason.UNREADABLE_FILE),
    ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
     InputReason.UNREADABLE_FILE),
    ("a ZIP", b"PK\x03\x04" + b"\0" * 60, InputReason.UNREADABLE_FILE),
    ("nothing", b"", InputReason.UNREADABLE_FILE),
    ("a cut picture", drawn("PNG", "RGB", (1_300, 1_300))[:400], InputReason.UNREADABLE_FILE),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("what", "content", "reason"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_picture_is_refused_by_name(what: str, content: bytes, reason: InputReason) -> None:
    with pytest.raises(BadInput) as caught:
        identify_image(content)
    assert caught.value.reason in {reason, InputReason.UNREADABLE_FILE}, what


@pytest.mark.parametrize("mode", ["RGB", "P", "L"])
def test_a_large_honest_picture_is_read_in_little_memory(mode: str) -> None:
    content = drawn("PNG", mode, (7_000, 6_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert decode_codes(content) == [LINK]
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 450, f"{grown_mb:.0f} MB for 42 million pixels"
