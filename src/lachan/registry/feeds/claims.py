"""Our own file of claims, CSV.

`key`, or `kind` and `value`, are needed; every other column may be missing or empty.

| Column | Meaning | Where empty |
|---|---|---|
| `key` | `kind:value`, in any spelling that the kind reads | |
| `kind`, `value` | the same in two columns | |
| `reason` | R1–R8 or another code of the taxonomy | the source's |
| `scam_form` | code of a form of fraud | none |
| `confidence` | 1–100 | the source's |
| `legal_basis` | code of a legal basis | the source's |
| `evidence` | what proves it, at most 2,000 characters | none |
| `first_seen`, `last_seen`, `expires_at` | ISO 8601; a day begins in Việt Nam | none; the policy's |
| `agency` | code or id of the body that claims | the importer's |
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.foundation.identifiers import KINDS, IdentifierReason
from lachan.registry.feeds.model import Feed, Refusal, Row, need, read_time, table
from lachan.registry.model import RegistryReason

_DATES = ("first_seen", "last_seen", "expires_at")
_CLEAN: dict[str, Callable[[str], str | None]] = {kind.value: rules.clean for kind, rules in KINDS.items()}


def read(file: Path) -> Iterator[Row]:
    """One row a line, read as it is needed: a file may hold millions."""
    header, rows = table(file)
    if "key" not in header:
        need(file, header, "kind", "value")
    at = {name: header.index(name) for name in dict.fromkeys(header)}
    width = len(header)
    for number, cells in enumerate(rows, 2):
        if cells:
            yield _row(number, cells, at, width)


def _row(number: int, cells: list[str], at: dict[str, int], width: int) -> Row:
    raw = ",".join(cells)
    if len(cells) != width:
        return Row(number, raw, refusal=Refusal(InputReason.MALFORMED, "row"))
    key = _key(cells, at)
    if isinstance(key, Refusal):
        return Row(number, raw, refusal=key)

    def cell(name: str) -> str | None:
        place = at.get(name)
        return (cells[place].strip() or None) if place is not None else None

    dates = []
    for name in _DATES:
        try:
            dates.append(read_time(cell(name) or ""))
        except ValueError:
            return Row(number, raw, refusal=Refusal(InputReason.MALFORMED, name))
    confidence = cell("confidence")
    if confidence is not None and not (confidence.isascii() and confidence.isdigit()):
        return Row(number, raw, refusal=Refusal(RegistryReason.CONFIDENCE_RANGE, "confidence"))
    return Row(
        number, raw, key, None, cell("reason"), cell("scam_form"), int(confidence[:9]) if confidence else None,
        cell("legal_basis"), cell("evidence"), dates[0], dates[1], dates[2], True, cell("agency"),
    )  # fmt: skip


def _key(cells: list[str], at: dict[str, int]) -> str | Refusal:
    if "key" in at:
        field, (kind, _, value) = "key", cells[at["key"]].strip().partition(":")
    else:
        field, kind, value = "value", cells[at["kind"]].strip(), cells[at["value"]]
    clean = _CLEAN.get(kind)
    if clean is None:
        return Refusal(IdentifierReason.UNKNOWN_KIND, "kind" if field == "value" else field)
    found = clean(value)
    return f"{kind}:{found}" if found is not None else Refusal(IdentifierReason.NOT_AN_IDENTIFIER, field)


FEED = Feed("claims", read)
