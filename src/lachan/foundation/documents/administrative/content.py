"""What a document says, cleaned and in the words of its language: what both writers set."""

from dataclasses import dataclass

from lachan.foundation.base import BadInput, Language, translate
from lachan.foundation.documents.administrative.measures import WIDE_FROM_COLUMNS
from lachan.foundation.documents.administrative.model import (
    ABBREVIATIONS,
    Annex,
    Block,
    Column,
    Grid,
    Item,
    Paper,
    Paragraph,
    Section,
    Signature,
)
from lachan.foundation.documents.model import DocumentReason, Urgency
from lachan.foundation.documents.writing import clean, long_date, short_date

BLOCK_CHARACTERS_MAX = 20_000
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_OPEN_DAY = "……"
_COMMITTEE = "ỦY BAN NHÂN DÂN "  # whose place stands on a line of its own


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it is set: titles over the room for the signature, then the name."""

    titles: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class AnnexContent:
    """An annex as it is set; `wide` lies across."""

    label: str
    title: str
    belongs: str
    wide: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The document's texts. `type_name` is empty for official letters, whose abstract stands under the number."""

    language: Language
    title: str
    parent: str
    issuer: str
    republic: str
    motto: str
    number: str
    subject: str
    place_and_date: str
    urgency: str
    type_name: str
    abstract: str
    to: str
    addressees: tuple[str, ...]
    bases: tuple[str, ...]
    blocks: tuple[Block, ...]
    annexes: tuple[AnnexContent, ...]
    recipients_title: str
    recipients: tuple[str, ...]
    signature: Signed
    secretary: Signed | None


def content_of(paper: Paper, language: Language) -> Content:
    """The texts of a document.

    Raises:
        BadInput: a text is missing or too long, or a table's row has another number of cells than its head.
    """
    issuer = clean(paper.issuer.name, field="issuer")
    abstract = clean(paper.abstract, field="abstract")
    named = paper.kind in ABBREVIATIONS
    number = number_of(paper)
    place = clean(paper.issuer.place, field="place", optional=True) or translate("document.place_unknown", language)
    return Content(
        language=language,
        title=abstract,
        parent=clean(paper.issuer.parent, field="parent", optional=True).upper(),
        issuer=issuer.upper().replace(_COMMITTEE, f"{_COMMITTEE.strip()}\n"),
        republic=translate("document.republic", language),
        motto=translate("document.motto", language),
        number=translate("document.number", language, number=number),
        subject="" if named else translate("document.paper.subject", language, abstract=abstract),
        place_and_date=_dated(paper, place, language),
        urgency=""
        if paper.urgency is Urgency.ORDINARY
        else translate(f"document.urgency.{paper.urgency.value}", language),
        type_name=translate(f"document.paper.{paper.kind.value}", language) if named else "",
        abstract=abstract if named else "",
        to=translate("document.paper.to", language),
        addressees=tuple(clean(name, field="addressees") for name in paper.addressees),
        bases=_bases(paper, language),
        blocks=tuple(map(_cleaned, paper.body)),
        annexes=_annexes(paper, issuer, language),
        recipients_title=translate("document.recipients", language),
        recipients=(
            *(f"{clean(name, field='recipients')};" for name in paper.recipients),
            translate("document.paper.archive", language, archive=f", {paper.archive}")
            if clean(paper.archive, field="archive", optional=True)
            else translate("document.archive", language),
        ),
        signature=_signed(paper.signature),
        secretary=_signed(paper.secretary) if paper.secretary is not None else None,
    )


def check_paper(paper: Paper) -> None:
    """Pass where the document can be set; BadInput as `content_of` says."""
    content_of(paper, Language.VI)


def number_of(paper: Paper) -> str:
    """`05/BC-CAT`; without a number room for it, as the register writes it in later."""
    number = f"{paper.number:02d}" if paper.number is not None else "\u00a0" * 8
    return f"{number}/{clean(paper.symbol, field='symbol')}"


def _bases(paper: Paper, language: Language) -> tuple[str, ...]:
    """Each legal basis on its own line, the last with a full stop."""
    said = [
        translate("document.basis", language, basis=clean(one, field="legal_basis")) for one in paper.legal_bases
    ]
    return (*said[:-1], *(f"{one.rstrip(';')}." for one in said[-1:]))


def _dated(paper: Paper, place: str, language: Language) -> str:
    if paper.issued_on is not None:
        return long_date(paper.issued_on, place, language)
    return translate("document.place_and_date", language, place=place, day=_OPEN_DAY, month=_OPEN_DAY, year="20……")


def _annexes(paper: Paper, issuer: str, language: Language) -> tuple[AnnexContent, ...]:
    if len(paper.annexes) > len(_ROMAN):
        raise BadInput(DocumentReason.TEXT_TOO_LONG, field="annexes", limit=len(_ROMAN))
    day = short_date(paper.issued_on, language) if paper.issued_on else "……/……/20……"
    kind = translate(f"document.paper.kind_{paper.kind.value}", language)
    several = len(paper.annexes) > 1
    belongs = translate(
        "document.paper.belongs", language, kind=kind, number=number_of(paper), date=day, issuer=issuer
    )  # fmt: skip
    return tuple(
        AnnexContent(
            translate("document.paper.annex", language, number=_ROMAN[place] if several else "").strip(),
            clean(one.title, field="annex.title").upper(), belongs, _wide(one), tuple(map(_cleaned, one.blocks)),
        )
        for place, one in enumerate(paper.annexes)
    )  # fmt: skip


def _wide(annex: Annex) -> bool:
    return any(isinstance(one, Grid) and len(one.columns) >= WIDE_FROM_COLUMNS for one in annex.blocks)


def _cleaned(block: Block) -> Block:
    if isinstance(block, Section):
        return Section(block.level, _body(block.text))
    if isinstance(block, Paragraph):
        return Paragraph(_body(block.text))
    if isinstance(block, Item):
        return Item(_body(block.text))
    for row in block.rows:
        if len(row) != len(block.columns):
            raise BadInput(DocumentReason.ROW_NOT_LIKE_HEAD, field="rows", limit=len(block.columns))
    return Grid(
        tuple(Column(_cell(one.head), one.share, one.align) for one in block.columns),
        tuple(tuple(map(_cell, row)) for row in block.rows), clean(block.title, field="title", optional=True),
    )  # fmt: skip


def _body(text: str) -> str:
    return clean(text, field="body", limit=BLOCK_CHARACTERS_MAX)


def _cell(text: str) -> str:
    return clean(text, field="cell", optional=True, limit=BLOCK_CHARACTERS_MAX)


def _signed(signature: Signature) -> Signed:
    titles = [
        f"{one.capacity.value} {clean(one.title, field='signs_for').upper()}".strip() for one in signature.behalf
    ]
    titles.append(clean(signature.position, field="position").upper())
    return Signed(tuple(titles), clean(signature.name, field="signatory", optional=True))
