"""OpenPhish: full phishing links. A table `url,seen_at`, or plain lines.

It names what is new: silence delists nothing. A link that stands in a file several times is one claim, seen from
its first to its last time.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.foundation.identifiers import KINDS, IdentifierReason, Kind
from lachan.registry.feeds.model import Feed, Refusal, Row, Words
from lachan.registry.feeds.tables import lines, read_time


def read(file: Path) -> Iterator[Row]:
    """One row a line that names a link."""
    rows = [_row(number, *cells) for number, _, cells in lines(file, "url", "seen_at")]
    spans: dict[str, list[datetime]] = {}
    for row in rows:
        if row.key and row.words.last_seen:
            spans.setdefault(row.key, []).append(row.words.last_seen)
    for row in rows:
        seen = spans.get(row.key)
        yield row._replace(words=Words(first_seen=min(seen), last_seen=max(seen))) if seen else row


def _row(number: int, url: str, seen_at: str) -> Row:
    value = KINDS[Kind.URL].clean(url)
    if value is None:
        return Row(number, url, refusal=Refusal(IdentifierReason.NOT_AN_IDENTIFIER, "url"))
    try:
        seen = read_time(seen_at)
    except ValueError:
        return Row(number, url, refusal=Refusal(InputReason.MALFORMED, "seen_at"))
    return Row(number, url, f"{Kind.URL.value}:{value}", words=Words(first_seen=seen, last_seen=seen))


FEED = Feed("openphish", read)
