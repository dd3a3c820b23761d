"""What a feed's file gives: rows, each a canonical key with what the list says of it, or a reason why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from lachan.foundation.base import Reason
from lachan.foundation.identifiers import KINDS, Kind
from lachan.registry.model import RegistryReason

REASON_MAX = 200


class Refusal(NamedTuple):
    """Why a row is not taken, and which column is to blame."""

    reason: Reason
    field: str


class Words(NamedTuple):
    """What a row says of its key beside the evidence. What is None comes from the source.

    `agency` is the code of the body that claims, where the row says so. Rows that say the same may share one.
    """

    reason: str | None = None
    scam_form: str | None = None
    confidence: int | None = None
    legal_basis: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    expires_at: datetime | None = None
    agency: str | None = None


NO_WORDS = Words()


class Row(NamedTuple):
    """One row of a list. `listed` False: the list names it only to say that it no longer does."""

    number: int
    raw: str
    key: str = ""
    refusal: Refusal | None = None
    words: Words = NO_WORDS
    evidence: str | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of claims in files. `name` is its code in the taxonomy.

    `read` gives the rows of a file; `list_of` names the list that a file is an edition of, where one feed has
    several: what is missing from an edition is delisted from its own list only.
    """

    name: str
    read: Callable[[Path], Iterator[Row]]
    list_of: Callable[[Path], str] | None = None


def host_row(number: int, text: str, words: Words = NO_WORDS, *, listed: bool = True) -> Row:
    """A row of a list of hosts; some lists name an address or a page among them."""
    said = text.strip()
    for kind in (Kind.DOMAIN, Kind.IP, Kind.URL):
        if kind is Kind.URL and "/" not in said:
            break
        value = KINDS[kind].clean(said)
        if value is not None:
            return Row(number, text, f"{kind.value}:{value}", words=words, listed=listed)
    return Row(number, text, refusal=Refusal(RegistryReason.NOT_A_HOST, "host"))
