"""Which book a document is entered in, and how its number is written. Pure."""

import hashlib
import json
import re
from datetime import date, datetime

from lachan.foundation.base import BadInput
from lachan.foundation.documents import Capacity
from lachan.foundation.documents.administrative import (
    ABBREVIATIONS,
    Paper,
    PaperKind,
    SigningLine,
    paper_to_json,
)
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
    return abbreviated(kind, written)


def abbreviated(kind: PaperKind, letters: str) -> str:
    """The letters with the abbreviation of the kind before them, where it has one."""
    abbreviation = ABBREVIATIONS.get(kind)
    return f"{abbreviation}-{letters}" if abbreviation else letters


def behalf_of(text: str) -> tuple[SigningLine, ...]:
    """On whose behalf somebody signs, one a line: `TM. Ủy ban nhân dân`, then `KT. Chủ tịch`; empty: on the own.

    Raises:
        BadInput: BEHALF_MALFORMED where a line begins with none of Decree 30's abbreviations or names nobody.
    """
    made = []
    for line in filter(None, map(str.strip, text.splitlines())):
        abbreviation, _, whom = line.partition(" ")
        known = {one.value: one for one in Capacity if one.value}
        if abbreviation.upper() not in known or not whom.strip():
            raise BadInput(OutgoingReason.BEHALF_MALFORMED, field="behalf", expected=", ".join(known))
        made.append(SigningLine(known[abbreviation.upper()], whom.strip()))
    return tuple(made)


def day_of(now: datetime) -> date:
    """The day that a document issued now bears: the register is kept by days of Việt Nam."""
    return vietnam_date(now)


def paper_digest(paper: Paper) -> str:
    """SHA-256 over all that a document says, whatever it is drawn with."""
    said = json.dumps(paper_to_json(paper), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
