"""A document as JSON and back: what the record keeps, so that a paper can be set again."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from lachan.foundation.documents.administrative.model import (
    Align,
    Annex,
    Block,
    Column,
    Grid,
    Item,
    Paper,
    PaperKind,
    Paragraph,
    Section,
    Signature,
    SigningLine,
)
from lachan.foundation.documents.model import Capacity, Issuer, Urgency

_BLOCKS: Mapping[str, type[Section] | type[Paragraph] | type[Item] | type[Grid]] = {
    "section": Section, "paragraph": Paragraph, "item": Item, "grid": Grid,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _BLOCKS.items()}


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """Plain values; `paper_from_json` gives the same document back."""
    return {
        **asdict(paper),
        "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
        "body": [_said(one) for one in paper.body],
        "annexes": [
            {"title": one.title, "blocks": [_said(block) for block in one.blocks]} for one in paper.annexes
        ],
    }


def paper_from_json(said: Mapping[str, Any]) -> Paper:
    """The document that was stored."""
    day = said["issued_on"]
    return Paper(
        kind=PaperKind(said["kind"]), issuer=Issuer(**said["issuer"]), number=said["number"], symbol=said["symbol"],
        issued_on=date.fromisoformat(day) if day else None, abstract=said["abstract"],
        body=tuple(map(_block, said["body"])), signature=_signature(said["signature"]),
        addressees=tuple(said["addressees"]), legal_bases=tuple(said["legal_bases"]),
        recipients=tuple(said["recipients"]), archive=said["archive"], urgency=Urgency(said["urgency"]),
        annexes=tuple(Annex(one["title"], tuple(map(_block, one["blocks"]))) for one in said["annexes"]),
        secretary=_signature(said["secretary"]) if said["secretary"] else None,
    )  # fmt: skip


def _said(block: Block) -> dict[str, Any]:
    return {"block": _NAMES[type(block)], **asdict(block)}


def _block(said: Mapping[str, Any]) -> Block:
    values = {name: value for name, value in said.items() if name != "block"}
    kind = _BLOCKS[said["block"]]
    if kind is Grid:
        columns = tuple(Column(one["head"], one["share"], Align(one["align"])) for one in values["columns"])
        return Grid(columns, tuple(tuple(row) for row in values["rows"]), values["title"])
    return kind(**values)


def _signature(said: Mapping[str, Any]) -> Signature:
    behalf = tuple(SigningLine(Capacity(one["capacity"]), one["title"]) for one in said["behalf"])
    return Signature(said["position"], said["name"], behalf)
