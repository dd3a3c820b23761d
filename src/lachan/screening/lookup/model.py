"""What was asked about, and what may be said about it."""

from dataclasses import dataclass

from lachan.foundation.identifiers import Details, Kind
from lachan.registry import Verdict
from lachan.registry.views import PublicSight

TEXT_MAX = 5_000
"""Characters of a pasted text that are read."""
LETTERS_A_LOOK_UP = 500
"""A long text counts for one look-up more with each of these, before it is read."""
ASKED_MAX = 10
"""Identifiers of one text that are answered; a list is not what a person asks about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing in a text that can be looked up; `text` stands at `start:end`.

    `keys` are the ways in which exactly this may be listed, its own first. `needs_bank`: an account's number
    without its bank, which nobody can tell apart from the same number elsewhere.
    """

    kind: Kind
    key: str
    keys: tuple[str, ...]
    text: str
    start: int
    end: int
    details: Details
    needs_bank: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be looked up in a text. `left_out`: how many more there were.

    `has_papers`: numbers of identity papers, which are not answered here. `has_card`: the number of a bank card,
    which nobody should type anywhere.
    """

    text: str
    asked: tuple[Asked, ...]
    left_out: int = 0
    has_papers: bool = False
    has_card: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer about one thing; `sight` says why, and is None when clear."""

    asked: Asked
    verdict: Verdict
    sight: PublicSight | None = None
