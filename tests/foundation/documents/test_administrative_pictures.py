"""Every kind of document as a picture, against kept ones that a person has looked at.

`LACHAN_KEEP_PICTURES=1` writes them anew: look at each against Decree 30 before it is committed.
"""

import os
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from tests.factories import papers

from lachan.foundation.documents.administrative import paper_pdf

KEPT = Path(__file__).parents[2] / "golden" / "papers"
# Half a pixel a point: a page is 298 × 421, its lines are still told apart.
SCALE = 0.5
# A square of eight pixels is a line and a half of text; letters drawn a little otherwise change it by less.
SQUARE, APART_MOST = 8, 20.0
PAGES = [(name, 0) for name in papers.ALL] + [("report", 1), ("report", 2), ("report", 3)]


def drawn(name: str, page: int) -> np.ndarray:
    """A page as grey values from 0 (ink) to 255."""
    document = pypdfium2.PdfDocument(paper_pdf(papers.ALL[name]()))
    return np.asarray(document[page].render(scale=SCALE, grayscale=True).to_pil(), dtype=np.uint8)


def farthest(one: np.ndarray, other: np.ndarray) -> float:
    """By how much the square that differs most differs, in grey values; infinite for pages of different sizes."""
    if one.shape != other.shape:
        return float("inf")
    rows, columns = (side // SQUARE for side in one.shape)
    apart = (one.astype(float) - other.astype(float))[: rows * SQUARE, : columns * SQUARE]
    return float(np.abs(apart.reshape(rows, SQUARE, columns, SQUARE).mean(axis=(1, 3))).max())


@pytest.mark.parametrize(("name", "page"), PAGES, ids=lambda value: str(value))
def test_a_page_looks_as_the_kept_picture(name: str, page: int) -> None:
    found, kept = drawn(name, page), KEPT / f"{name}-{page + 1}.png"
    if os.environ.get("LACHAN_KEEP_PICTURES"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(found).quantize(16).save(kept, optimize=True)
    assert farthest(found, np.asarray(Image.open(kept).convert("L"))) < APART_MOST


def test_a_moved_line_is_seen() -> None:
    page = drawn("plan", 0)
    moved = page.copy()
    # The title, three points lower.
    moved[62:74] = page[60:72]
    assert farthest(page, page) == 0
    assert farthest(page, moved) > APART_MOST
    assert farthest(page, page[1:]) == float("inf")
