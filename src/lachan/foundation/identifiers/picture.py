"""QR codes in pictures: screenshots, photographs, rotated or blurred, one or several."""

import io
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers.kinds import vietqr
from lachan.foundation.identifiers.model import Found, Kind
from lachan.foundation.identifiers.reading import identify
from lachan.foundation.identifiers.reading.tokens import payload_details
from lachan.foundation.identifiers.registry import KINDS

if TYPE_CHECKING:
    from PIL.Image import Image

_PIXELS_MAX = 60_000_000
_SIDE_MAX = 2600
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
# A large picture takes a quarter of a gigabyte while it is made small: never more than two at once.
_TURNS = threading.BoundedSemaphore(2)


def identify_image(content: bytes) -> list[Found]:
    """The identifiers in the QR codes of a picture; `text` is the decoded string, offsets are 0.

    BadInput where the bytes are no picture (PNG, JPEG, WebP, GIF, BMP, TIFF) or far too large to be honest.
    """
    found: list[Found] = []
    for text in decode_codes(content):
        code = vietqr.decode(text)
        if code:
            details = {**KINDS[Kind.ACCOUNT].details(code.account), **payload_details(code)}
            found.append(Found(Kind.ACCOUNT, code.account, text, 0, 0, details))
        else:
            found += [replace(item, text=text, start=0, end=0) for item in identify(text)]
    unique = {(item.kind, item.value): item for item in reversed(found)}
    return list(reversed(unique.values()))


def decode_codes(content: bytes) -> list[str]:
    """The texts of all QR codes that can be read, each once."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        # Only these formats: others run programs (EPS) or unpack before their size is known.
        with _TURNS, Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _PIXELS_MAX:
                raise BadInput(InputReason.TOO_LARGE, field="image", limit=f"{_PIXELS_MAX // 10**6} Mpx")
            small = _small(opened)
            ImageOps.exif_transpose(small, in_place=True)
            picture = small.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field="image", expected="PNG, JPEG") from error
    # Transparent pictures of codes are meant to lie on white.
    paper = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(paper, picture).convert("L")
    for attempt in _attempts(grey):
        if texts := _read(attempt):
            return texts
    return []


def _small(picture: "Image") -> "Image":
    """No larger than is read, before anything is copied: sixty million pixels of one colour are a small file."""
    if max(picture.size) <= _SIDE_MAX:
        return picture
    if picture.mode in {"1", "P", "PA"}:
        picture = picture.convert("RGBA")
    picture.thumbnail((_SIDE_MAX, _SIDE_MAX))
    return picture


def _attempts(grey: "Image") -> "list[Image]":
    """The picture as it is, then helped: contrast, sharpened, larger, smaller, with a margin."""
    from PIL import Image, ImageFilter, ImageOps

    contrasted = ImageOps.autocontrast(grey, cutoff=2)
    double = (min(grey.width * 2, _SIDE_MAX), min(grey.height * 2, _SIDE_MAX))
    half = (max(1, grey.width // 2), max(1, grey.height // 2))
    sharp = contrasted.filter(ImageFilter.UnsharpMask(radius=4, percent=300, threshold=0))
    return [
        grey,
        contrasted,
        sharp,
        contrasted.resize(half, Image.Resampling.LANCZOS),
        contrasted.resize(double, Image.Resampling.BICUBIC).filter(ImageFilter.UnsharpMask(6, 300, 0)),
        ImageOps.expand(contrasted, border=max(grey.size) // 10, fill="white"),
    ]


def _read(picture: "Image") -> list[str]:
    import zxingcpp

    codes = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.barcode_formats_from_str("QRCode"),
        try_rotate=True,
        try_downscale=True,
        try_invert=True,
    )
    return list(dict.fromkeys(code.text for code in codes if code.valid and code.text))
