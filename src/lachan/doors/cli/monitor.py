"""`lachan monitor score TRANSFERS OUT`: a score for every transfer, and what shows why."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rejects import Rejects
from lachan.foundation.base import WallClock, translate
from lachan.foundation.documents.sheets import STANDARD, read_rows, row_writer
from lachan.ledger import Rejected, read_transfers
from lachan.monitoring import CELLS, FURTHER, Level, scored_rows, unclear
from lachan.monitoring.models import read_model

_COLUMNS = ("id", "score", "alerts", "evidence")
_SHOWN_EACH = 10_000


def score(source: Path, target: Path, strict: bool, model_file: Path | None) -> int:
    """0 all rows scored, 1 some were rejected."""
    model = read_model(model_file) if model_file else None
    lists = target == STANDARD or target.suffix.lower() == ".ndjson"
    counts: Counter[str] = Counter()
    with readable(source) as path, progress() as bar, Rejects(target) as rejects:
        task = bar.add_task("", total=None)
        found = read_transfers(path, strict=strict, progress=lambda done: bar.update(task, completed=done))
        further = cells(path, {*FURTHER, *(model.further if model else ())})
        with row_writer(target, _COLUMNS) as write:
            for row in scored_rows(
                found.transfers, further, WallClock().now(), out.language, model,
                lambda rows: counts.update(cut_short=rows),
            ):  # fmt: skip
                counts["rows"] += 1
                counts["alerted"] += bool(row["alerts"])
                counts["interdicted"] += any(one["level"] == Level.INTERDICT for one in row["evidence"])
                if not lists:
                    # A table has no lists of things with names: the evidence is JSON in its cell.
                    row["evidence"] = orjson.dumps(row["evidence"]).decode() if row["evidence"] else ""
                write(row)
                if counts["rows"] % _SHOWN_EACH == 0:
                    bar.update(task, completed=counts["rows"])
        list_rejected(found.rejected, rejects)
    counts["rejected"] = len(found.rejected)
    counts["rows"] += counts["rejected"]
    _say(counts, rejects, target)
    return EXIT_NO if found.rejected else 0


def list_rejected(rejected: tuple[Rejected, ...], rejects: Rejects) -> None:
    """Put the rows that are no transfers on the list."""
    for one in rejected:
        rejects.add(one.row, one.refusal.reason, one.refusal.params, one.raw, field=one.refusal.field)


def cells(path: Path, names: Set[str] | None) -> Mapping[int, Mapping[str, Any]]:
    """By the number of their row, the cells that are not empty of the named columns; of all where None.

    Says on stderr where cells of a column that monitoring reads say nothing that it knows.
    """
    found: dict[int, Mapping[str, Any]] = {}
    unread: Counter[str] = Counter()
    for number, row in enumerate(read_rows(path), 1):
        if not isinstance(row, dict):
            continue
        named = {name.strip().lower(): value for name, value in row.items()}
        wanted = named if names is None else names & named.keys()
        if kept := {name: named[name] for name in wanted if named[name] not in (None, "")}:
            found[number] = kept
            if wrong := unclear(kept):
                unread[wrong] += 1
    for name, count in unread.items():
        said = translate("monitoring.unread_cells", out.language, column=name, rows=count, expected=CELLS[name])
        out.complain(said)
    return found


def progress() -> Progress:
    """What shows that work goes on, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=out.json)


def _say(counts: Counter[str], rejects: Rejects, target: Path) -> None:
    values = {name: counts[name] for name in ("rows", "alerted", "interdicted", "cut_short", "rejected")}
    lines = [
        translate("monitoring.scored", out.language, **values),
        *cut_line(counts["cut_short"]),
        *rejects.line(),
    ]
    if target == STANDARD:
        # stdout belongs to the rows.
        for line in lines:
            out.complain(line)
        return
    out.result(values | {"rejects": rejects.listed}, lines)


def cut_line(rows: int) -> list[str]:
    """That searches were cut short, where some were."""
    return [translate("monitoring.cut_short", out.language, rows=rows)] if rows else []


@contextmanager
def readable(source: Path) -> Iterator[Path]:
    """A file that can be read twice: what comes on stdin is put into one."""
    if source != STANDARD:
        yield source
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stdin.ndjson"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path
