"""ChongLuaDao: hosts, and some pages, that its community found to be scams.

A table with a column `host`, or plain lines. An edition names all that is listed: what is missing was taken off.
"""

from collections.abc import Iterator
from pathlib import Path

from lachan.registry.feeds.model import Feed, Row, host_row
from lachan.registry.feeds.tables import lines


def read(file: Path) -> Iterator[Row]:
    """One row a host."""
    for number, _, (host,) in lines(file, "host"):
        yield host_row(number, host)


FEED = Feed("chongluadao", read)
