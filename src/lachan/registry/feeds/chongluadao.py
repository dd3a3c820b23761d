"""ChongLuaDao: hosts, and some pages, that its community found to be scams.

CSV with a column `host`, or plain lines. An edition names all that is listed: what is missing has been taken off.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from lachan.registry.feeds.model import Feed, Row, host_row, open_text


def read(file: Path) -> Iterator[Row]:
    """One row a host; blank lines and comments are no rows."""
    lines = open_text(file)
    header = [name.strip().lower() for name in lines[0].split(",")] if lines else []
    column = header.index("host") if "host" in header else None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#") or (column is not None and number == 1):
            continue
        if column is None:
            yield host_row(number, line)
        else:
            cells = next(csv.reader([line]))
            yield host_row(number, cells[column] if column < len(cells) else "")


FEED = Feed("chongluadao", read)
