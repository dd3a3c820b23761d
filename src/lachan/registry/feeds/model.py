"""What a feed's file gives: rows, each a canonical key with what the list says of it, or a reason why not."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lachan.foundation.base import VIETNAM, BadInput, InputReason, Reason
from lachan.foundation.identifiers import KINDS, Kind
from lachan.registry.model import RegistryReason

REASON_MAX = 200


class Refusal(NamedTuple):
    """Why a row is not taken, and which column is to blame."""

    reason: Reason
    field: str


class Row(NamedTuple):
    """One row of a list. `listed` False: the list names it only to say that it no longer does.

    `agency` is the code of the body that claims, where the row says so. What is None comes from the source.
    """

    number: int
    raw: str
    key: str = ""
    refusal: Refusal | None = None
    reason: str | None = None
    scam_form: str | None = None
    confidence: int | None = None
    legal_basis: str | None = None
    evidence: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    expires_at: datetime | None = None
    listed: bool = True
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of claims in files. `name` is its code in the taxonomy.

    `read` gives the rows of a file; `list_of` names the list that a file is an edition of, where one feed has
    several: what is missing from an edition is delisted from its own list only.
    """

    name: str
    read: Callable[[Path], Iterator[Row]]
    list_of: Callable[[Path], str] | None = None


def host_row(number: int, text: str, **more: object) -> Row:
    """A row of a list of hosts; some lists name an address or a page among them."""
    said = text.strip()
    for kind in (Kind.DOMAIN, Kind.IP, Kind.URL):
        if kind is Kind.URL and "/" not in said:
            break
        value = KINDS[kind].clean(said)
        if value is not None:
            return Row(number, text, f"{kind.value}:{value}", **more)  # type: ignore[arg-type] # fields of Row
    return Row(number, text, refusal=Refusal(RegistryReason.NOT_A_HOST, "host"))


def open_text(file: Path) -> list[str]:
    """The lines of a list that fits into memory; BadInput where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="UTF-8") from error


def table(file: Path) -> tuple[list[str], Iterator[list[str]]]:
    """Header (lower case) and rows of a CSV file, read as it is needed. BadInput where it cannot be read."""
    try:
        source = file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV, UTF-8") from error

    def rows() -> Iterator[list[str]]:
        with source:
            try:
                yield from csv.reader(source)
            except (csv.Error, UnicodeDecodeError) as error:
                raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV, UTF-8") from error

    found = rows()
    header = [name.strip().lower() for name in next(found, [])]
    return header, found


def need(file: Path, header: Sequence[str], *names: str) -> None:
    """BadInput where the file lacks a column."""
    for name in names:
        if name not in header:
            raise BadInput(RegistryReason.COLUMN_MISSING, field=f"{file}:1", expected=name)


@lru_cache(maxsize=8_192)
def read_time(text: str) -> datetime | None:
    """An ISO 8601 instant or day (its beginning in Việt Nam); None where empty. ValueError where it is neither."""
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=VIETNAM)).astimezone(UTC)
