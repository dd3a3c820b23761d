"""Which book a document is entered in, and how its number is written. Pure."""

import hashlib
import json
import re
from datetime import date, datetime

from lachan.foundation.base import BadInput
from lachan.foundation.documents.administrative import ABBREVIATIONS, Paper, PaperKind, paper_to_json
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.outgoing.model import LETTERS_BOOK, OutgoingReason

_LETTERS = re.compile(r"[A-ZĐÂĂÊÔƠƯ0-9]{1,12}(?:[-.][A-ZĐÂĂÊÔƠƯ0-9]{1,12}){0,3}")


def book_of(kind: PaperKind) -> str:
    """The series of numbers: one for each named kind, one for all official letters."""
    return ABBREVIATIONS.get(kind, LETTERS_BOOK)


def symbol_of(kind: PaperKind, letters: str) -> str:
    """What follows the stroke: `BC-CAT`, for letters `CAT-PV01`.

    Raises:
        BadInput: SYMBOL_MALFORMED where `letters` is not the issuer's capital letters and digits.
    """
    written = letters.strip().upper()
    if not _LETTERS.fullmatch(written):
        raise BadInput(OutgoingReason.SYMBOL_MALFORMED, field="letters", expected="CAT-PV01")
    abbreviation = ABBREVIATIONS.get(kind)
    return f"{abbreviation}-{written}" if abbreviation else written


def day_of(now: datetime) -> date:
    """The day that a document issued now bears: the register is kept by days of Việt Nam."""
    return vietnam_date(now)


def paper_digest(paper: Paper) -> str:
    """SHA-256 over all that a document says, whatever it is drawn with."""
    said = json.dumps(paper_to_json(paper), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
