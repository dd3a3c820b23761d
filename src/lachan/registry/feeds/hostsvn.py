"""hostsVN: lists of Vietnamese threat and gambling hosts, as plain lines, as hosts(5) lines, or as a history.

A history is a table `domain,first_listed,last_listed[,in_latest_snapshot]`: what its newest day no longer lists is
known to be delisted. A file whose name says "gambling" is the gambling list: kept apart, and no scam list.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.registry.feeds.model import Feed, Refusal, Row, Words, host_row
from lachan.registry.feeds.tables import Line, lines, read_time

_GAMBLING = "gambling"
_GAMBLING_REASON = "L4"
_SINKS = {"0.0.0.0", "127.0.0.1", "::1", "::"}  # noqa: S104 addresses that a hosts file points at


def list_of(file: Path) -> str:
    """`threat` or `gambling`."""
    return _GAMBLING if _GAMBLING in file.name.lower() else "threat"


def read(file: Path) -> Iterator[Row]:
    """One row a host."""
    reason = _GAMBLING_REASON if list_of(file) == _GAMBLING else None
    found = list(lines(file, "domain", "first_listed", "last_listed", "in_latest_snapshot"))
    newest = max((line.cells[2] for line in found), default="")
    if newest:
        yield from (_dated(line, reason, newest) for line in found)
        return
    for number, _, (text, *_) in found:
        said = text.partition("#")[0].split()
        yield host_row(number, said[1] if len(said) == 2 and said[0] in _SINKS else text, Words(reason))


def _dated(line: Line, reason: str | None, newest: str) -> Row:
    domain, first_listed, last_listed, flag = line.cells
    try:
        first, last = _day(first_listed), _day(last_listed)
    except ValueError:
        return Row(line.number, line.raw, refusal=Refusal(InputReason.MALFORMED, "first_listed"))
    row = host_row(
        line.number, domain, Words(reason, first_seen=first, last_seen=last),
        listed=flag == "1" if flag else last_listed == newest,
    )  # fmt: skip
    return row._replace(raw=line.raw)


def _day(text: str) -> datetime:
    found = read_time(text)
    if found is None:
        raise ValueError(text)
    return found


FEED = Feed("hostsvn", read, list_of)
