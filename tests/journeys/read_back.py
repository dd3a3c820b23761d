"""Figures and fields read back from where a person sees them: pages, forms, PDF."""

import html
import io
import re
from decimal import Decimal
from typing import Any

import pypdf

from lachan.foundation.documents.workbooks import read_grid

Values = dict[str, Decimal | None]


def shown(value: str | None) -> str:
    """A figure as it is written here: `1.284`, `12,5`, a dash for nothing."""
    if value is None:
        return "–"
    return f"{Decimal(value).normalize():,f}".translate(str.maketrans(",.", ".,"))


def number_in(text: str) -> Decimal:
    digits = re.match(r"[\d.,]+", text.replace("\u00a0", " "))
    assert digits is not None, text
    return Decimal(digits[0].replace(".", "").replace(",", "."))


def words_of_pdf(content: bytes) -> str:
    """What a PDF says, in one line."""
    pages = (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return re.sub(r"\s+", " ", "".join(pages).replace("\u200b", ""))


def typed_in(page: str) -> dict[str, str]:
    """What a form holds, as a browser would send it."""
    made: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if said.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        if "name" in said and said.get("type") != "file" and said["name"] != "csrf_token":
            made[said["name"]] = html.unescape(said.get("value", ""))
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', body)
        made[name] = html.unescape(chosen[1]) if chosen else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        made[name] = html.unescape(body.strip())
    return made


def values_of(said: dict[str, Any]) -> Values:
    """What a report says."""
    figures = said["report"]["figures"]
    return {one["code"]: None if one["value"] is None else Decimal(one["value"]) for one in figures}


def value_on(page: str, code: str, said: dict[str, Any]) -> Decimal:
    """A report's figure, which stands on its page, too."""
    value = next(Decimal(one["value"]) for one in said["report"]["figures"] if one["code"] == code)
    assert f">{shown(str(value))}<" in page
    return value


def as_rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of an XLSX under their heads; an empty cell is an empty text."""
    grid = read_grid("r.xlsx", content, rows_most=9_999, bytes_most=10**7)
    heads = [str(one) for one in grid.rows[0]]
    return [dict(zip(heads, ("" if one is None else one for one in row), strict=False)) for row in grid.rows[1:]]
