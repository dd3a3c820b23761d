"""Transfers as columns for a command: of a file, or of what institutions sent (`stream`)."""

import contextlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lachan.doors.cli.output import out
from lachan.foundation.base import Clock, Conflict, translate
from lachan.ledger import Columns, Rejected, Transfer, ids_of, load_columns, read_transfers

if TYPE_CHECKING:
    from lachan.monitoring.stream import StreamColumns

STREAM = Path("stream")
"""The word in the place of a file."""
_PROGRESS_S = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a command reads: columns, and the rows that are no transfers.

    `places` says where the transfers stand that were asked for. `ids` names rows by their numbers (`columns.row`),
    `transfers` reads everything anew, row by row.
    """

    columns: Columns
    rejected: tuple[Rejected, ...]
    places: Mapping[str, int]
    ids: Callable[[Sequence[int]], Mapping[int, str]]
    transfers: Callable[[], Sequence[Transfer]]


class Progress:
    """Says how far it is, once a second."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self._said_at >= _PROGRESS_S:
            self._said_at = time.monotonic()
            print(translate("trace.progress", out.language, rows=f"{done:,}"), file=sys.stderr, flush=True)


def held(source: Path, wanted: Sequence[str] = ()) -> Held:
    """The transfers of a file or of the stream; `wanted` are the ids that `places` is to have."""
    return of_stream(stream_columns(), wanted) if source == STREAM else _of_file(source, wanted)


def of_stream(kept: "StreamColumns", wanted: Sequence[str]) -> Held:
    """The transfers that institutions sent, in the ledger's order."""
    columns, numbers = kept.columns()

    def ids(rows: Sequence[int]) -> Mapping[int, str]:
        return dict(zip(rows, kept.ledger.ids(int(numbers[row - 1]) for row in rows), strict=True))

    return Held(columns, (), kept.places(wanted, numbers), ids, kept.ledger.transfers)


def _of_file(source: Path, wanted: Sequence[str]) -> Held:
    loaded = load_columns(source, places_of=wanted)
    columns = loaded.columns

    def ids(rows: Sequence[int]) -> Mapping[int, str]:
        if columns.ids:  # what cannot be read twice, or not by its columns, has brought its ids along
            return dict(zip(columns.row.tolist(), columns.ids, strict=True))
        return ids_of(source, rows)

    return Held(columns, loaded.rejected, loaded.places, ids, lambda: read_transfers(source).transfers)


def stream_columns() -> "StreamColumns":
    """What institutions sent of late, as far as the stream keeps it; days that are over are written down."""
    return stream_opener()[0]()


def stream_opener() -> tuple[Callable[[], "StreamColumns"], Clock]:
    """What opens the stream's columns, again each time; and the clock. One look, however often they are opened."""
    # Not before it is needed: files need no instance.
    from lachan.bootstrap import build
    from lachan.foundation.access import OPERATOR
    from lachan.foundation.base.settings import Settings
    from lachan.monitoring.stream import StreamColumns, look_through

    services = build(Settings())
    source = services.stream
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        look_through(unit, source)

    def columns() -> StreamColumns:
        kept = StreamColumns(source, services.columns_folder, services.secret.derive("columns"))
        kept.take(Progress())
        with contextlib.suppress(Conflict):  # another one writes them down just now
            kept.close(services.clock.now())
        return kept

    return columns, services.clock
