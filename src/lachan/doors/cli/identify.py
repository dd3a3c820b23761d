"""`lachan identify`: identifiers in a text or in a picture's QR codes, one JSON object each."""

from pathlib import Path

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import Found, identify, identify_image


def run(text: str | None, image: Path | None) -> list[dict[str, object]]:
    """The lines to print; BadInput where neither is given or the picture cannot be read."""
    if text is None and image is None:
        raise BadInput(InputReason.MISSING, field="text")
    found = identify(text) if text is not None else []
    if image is not None:
        found += identify_image(_content(image))
    return [_line(item) for item in found]


def _content(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field="image", expected="PNG, JPEG") from error


def _line(found: Found) -> dict[str, object]:
    return {
        "kind": found.kind.value,
        "value": found.value,
        "key": found.key,
        "text": found.text,
        "start": found.start,
        "end": found.end,
        "details": dict(found.details),
    }
