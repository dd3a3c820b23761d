"""A document as PDF, set by typst."""

from dataclasses import asdict
from datetime import date

from lachan.foundation.base import Language
from lachan.foundation.documents.administrative import measures
from lachan.foundation.documents.administrative.content import Content, content_of
from lachan.foundation.documents.administrative.model import Block, Grid, Item, Paper, Section
from lachan.foundation.documents.engine import render

_UNDATED = date(2020, 3, 5)  # of the decree itself: a draft's file says nothing about when it was made
_MEASURES = {
    name.lower().removesuffix("_mm").removesuffix("_pt"): value
    for name, value in vars(measures).items()
    if name.endswith(("_MM", "_PT")) and isinstance(value, float)
}


def paper_pdf(paper: Paper, language: Language = Language.VI) -> bytes:
    """The document as PDF; the same document gives the same bytes.

    Raises:
        BadInput: a text is missing or too long, or a table's row has another number of cells than its head.
    """
    return render("paper", paper_values(content_of(paper, language)), paper.issued_on or _UNDATED)


def paper_values(content: Content) -> dict[str, object]:
    """What the template takes."""
    values = asdict(content)
    return {
        **values,
        "language": content.language.value,
        "issuer_caps": content.issuer,
        "blocks": [_block(one) for one in content.blocks],
        "annexes": [
            {**asdict(one), "blocks": [_block(block) for block in one.blocks]} for one in content.annexes
        ],
        "measures": _MEASURES,
    }  # fmt: skip


def _block(block: Block) -> dict[str, object]:
    if isinstance(block, Grid):
        return {"kind": "grid", **asdict(block)}
    if isinstance(block, Section):
        return {"kind": "section", **asdict(block)}
    return {"kind": "item" if isinstance(block, Item) else "paragraph", **asdict(block)}
