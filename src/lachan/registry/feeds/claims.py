"""Our own file of claims, a table.

`key`, or `kind` and `value`, are needed; every other column may be missing or empty.

| Column | Meaning | Where empty |
|---|---|---|
| `key` | `kind:value`, in any spelling that the kind reads | `kind` and `value` |
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
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.foundation.identifiers import KINDS, IdentifierReason
from lachan.registry.feeds.model import Feed, Refusal, Row, Words
from lachan.registry.feeds.tables import need, read_time, table
from lachan.registry.model import RegistryReason

_NAMES = (
    "key", "kind", "value", "evidence", "reason", "scam_form", "confidence", "legal_basis", "first_seen",
    "last_seen", "expires_at", "agency",
)  # fmt: skip
_CLEAN: dict[str, Callable[[str], str | None]] = {kind.value: rules.clean for kind, rules in KINDS.items()}


def read(file: Path) -> Iterator[Row]:
    """One row a line, read as it is needed: a file may hold millions."""
    header, first, rows = table(file)
    if "key" not in header:
        need(file, header, "kind", "value")
    width = len(header)
    # What a file lacks is read from one empty cell behind the last.
    pick = itemgetter(*(header.index(name) if name in header else width for name in _NAMES))
    for number, cells in enumerate(rows, first):
        if not cells:
            continue
        raw = ",".join(cells)
        if len(cells) != width:
            yield Row(number, raw, refusal=Refusal(InputReason.MALFORMED, "row"))
            continue
        cells.append("")
        key, kind, value, evidence, *said = map(str.strip, pick(cells))
        if key:
            kind, _, value = key.partition(":")
        clean = _CLEAN.get(kind)
        if clean is None:
            yield Row(number, raw, refusal=Refusal(IdentifierReason.UNKNOWN_KIND, "kind"))
            continue
        found = clean(value)
        if found is None:
            yield Row(number, raw, refusal=Refusal(IdentifierReason.NOT_AN_IDENTIFIER, "key"))
            continue
        words = _words(*said)
        if isinstance(words, Words):
            yield Row(number, raw, f"{kind}:{found}", None, words, evidence or None)
        else:
            yield Row(number, raw, refusal=words)


@lru_cache(maxsize=16_384)
def _words(
    reason: str, form: str, confidence: str, basis: str, first: str, last: str, expires: str, agency: str
) -> Words | Refusal:
    """Most rows of a list repeat what others say; each is read once."""
    if confidence and not (confidence.isascii() and confidence.isdigit()):
        return Refusal(RegistryReason.CONFIDENCE_RANGE, "confidence")
    try:
        dates = read_time(first), read_time(last), read_time(expires)
    except ValueError:
        return Refusal(InputReason.MALFORMED, _wrong_date(first, last))
    sure = int(confidence[:9]) if confidence else None
    return Words(reason or None, form or None, sure, basis or None, *dates, agency or None)


def _wrong_date(first: str, last: str) -> str:
    for name, text in (("first_seen", first), ("last_seen", last)):
        try:
            read_time(text)
        except ValueError:
            return name
    return "expires_at"


FEED = Feed("claims", read)
