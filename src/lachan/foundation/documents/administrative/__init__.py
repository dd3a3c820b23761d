"""Plans, reports, letters, reminders, requests and minutes in the layout of Decree 30/2020, as PDF and DOCX."""

from lachan.foundation.documents.administrative.content import check_paper, number_of
from lachan.foundation.documents.administrative.model import (
    ABBREVIATIONS,
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
from lachan.foundation.documents.administrative.pdf import paper_pdf
from lachan.foundation.documents.administrative.stored import paper_from_json, paper_to_json
from lachan.foundation.documents.administrative.word import paper_docx

__all__ = [
    "ABBREVIATIONS",
    "Align",
    "Annex",
    "Block",
    "Column",
    "Grid",
    "Item",
    "Paper",
    "PaperKind",
    "Paragraph",
    "Section",
    "Signature",
    "SigningLine",
    "check_paper",
    "number_of",
    "paper_docx",
    "paper_from_json",
    "paper_pdf",
    "paper_to_json",
]
