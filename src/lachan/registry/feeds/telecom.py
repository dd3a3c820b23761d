"""A carrier's list of numbers and brand names that it found sending scam calls or messages.

The columns are those of `claims`; a file without `key` and `kind` names numbers in a column `phone`. An edition is
complete for its carrier.
"""

from collections.abc import Iterator
from pathlib import Path

from lachan.foundation.identifiers import KINDS, IdentifierReason, Kind
from lachan.registry.feeds import claims
from lachan.registry.feeds.model import Feed, Refusal, Row
from lachan.registry.feeds.tables import table


def read(file: Path) -> Iterator[Row]:
    """One row a number."""
    header, first, rows = table(file)
    if "phone" not in header:
        yield from claims.read(file)
        return
    column = header.index("phone")
    for number, cells in enumerate(rows, first):
        if cells:
            yield _row(number, cells[column] if column < len(cells) else "")


def _row(number: int, said: str) -> Row:
    value = KINDS[Kind.PHONE].clean(said)
    if value is None:
        return Row(number, said, refusal=Refusal(IdentifierReason.NOT_AN_IDENTIFIER, "phone"))
    return Row(number, said, f"{Kind.PHONE.value}:{value}")


FEED = Feed("telecom", read)
