"""Typst, fed with values: a document's content reaches its template as JSON, so no text can become markup.

Font: Tinos (OFL), in `fonts/`: as wide, letter by letter, as the Times New Roman that Decree 30/2020 names and that
is not free, so that a page breaks here where it breaks in an office. Fonts of the machine are ignored, so that the
same values give the same bytes everywhere.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from pathlib import Path

import segno
import typst

from lachan.foundation.base.ids import CODE_ALPHABET

Values = Mapping[str, object]


def render(template: str, values: Values, made_on: date) -> bytes:
    """The PDF of one template filled with these values; the same values give the same bytes."""
    at_noon = datetime(made_on.year, made_on.month, made_on.day, 5, tzinfo=UTC)
    made = compiler(template, values).compile(format="pdf", timestamp=at_noon)
    if not isinstance(made, bytes):
        raise RuntimeError("the typesetter did not write one document")
    return made


def compiler(template: str, values: Values) -> typst.Compiler:
    """The typesetter, loaded with one template and its values; the fonts are read once."""
    folder = _folder("lachan.foundation.documents", "templates")
    return typst.Compiler(
        str(folder / f"{template}.typ"),
        root=str(folder),
        font_paths=_fonts(),
        sys_inputs={"values": _as_json(values)},
    )


def content_code(values: Values) -> str:
    """Twelve characters that stand for the whole content, to be compared by voice: `7K4Q-92MX-A3FD`.

    They are the first 58 bits or so of a SHA-256 over the values, in letters nobody mishears.
    """
    number = int.from_bytes(hashlib.sha256(_as_json(values).encode()).digest())
    letters = []
    for _ in range(12):
        number, digit = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[digit])
    code = "".join(letters)
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def qr_svg(text: str) -> str:
    """A QR code as an SVG picture, error correction M."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


def _as_json(values: Values) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@cache
def _fonts() -> typst.Fonts:
    files = _folder("lachan.foundation.documents", "fonts")
    return typst.Fonts(include_system_fonts=False, font_paths=[str(files)])


@cache
def _folder(package: str, name: str) -> Path:
    folder = resources.files(package).joinpath(name)
    if not isinstance(folder, Path):
        raise RuntimeError("packages must be installed as files, not as archives")
    return folder
