"""hostsVN: lists of Vietnamese threat and gambling hosts, as plain lines, as hosts(5) lines, or as a history.

A history is a CSV file `domain,first_listed,last_listed[,in_latest_snapshot]`: what its newest day no longer lists
is known to be delisted. A file whose name says "gambling" is the gambling list: kept apart, and no scam list.
"""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from lachan.foundation.base import InputReason
from lachan.registry.feeds.model import Feed, Refusal, Row, host_row, need, open_text, read_time

_GAMBLING = "gambling"
_GAMBLING_REASON = "L4"
_SINKS = {"0.0.0.0", "127.0.0.1", "::1", "::"}  # noqa: S104 addresses that a hosts file points at


def list_of(file: Path) -> str:
    """`threat` or `gambling`."""
    return _GAMBLING if _GAMBLING in file.name.lower() else "threat"


def read(file: Path) -> Iterator[Row]:
    """One row a host."""
    lines = open_text(file)
    reason = _GAMBLING_REASON if list_of(file) == _GAMBLING else None
    if lines and lines[0].lower().startswith("domain,"):
        yield from _history(file, lines, reason)
        return
    for number, line in enumerate(lines, 1):
        said = line.partition("#")[0].split()
        if not said or line.lstrip().startswith("!"):
            continue
        host = said[1] if len(said) == 2 and said[0] in _SINKS else line
        yield host_row(number, host, reason=reason)


def _history(file: Path, lines: list[str], reason: str | None) -> Iterator[Row]:
    header = [name.strip().lower() for name in lines[0].split(",")]
    need(file, header, "domain", "first_listed", "last_listed")
    rows = [dict(zip(header, cells, strict=False)) for cells in csv.reader(lines[1:])]
    newest = max((row.get("last_listed", "") for row in rows), default="")
    for number, row in enumerate(rows, 2):
        raw = ",".join(row.values())
        try:
            first, last = _day(row, "first_listed"), _day(row, "last_listed")
        except ValueError:
            yield Row(number, raw, refusal=Refusal(InputReason.MALFORMED, "first_listed"))
            continue
        flag = row.get("in_latest_snapshot", "")
        listed = flag == "1" if flag else row["last_listed"] == newest
        yield host_row(
            number, row["domain"], reason=reason, first_seen=first, last_seen=last, listed=listed
        )._replace(raw=raw)


def _day(row: dict[str, str], name: str) -> datetime:
    found = read_time(row.get(name, "").strip())
    if found is None:
        raise ValueError(name)
    return found


FEED = Feed("hostsvn", read, list_of)
