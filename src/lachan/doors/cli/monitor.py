"""`lachan monitor score TRANSFERS OUT`: a score for every transfer, and what shows why."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import WallClock, translate
from lachan.foundation.documents.sheets import STANDARD, Row, read_rows, row_writer
from lachan.ledger import Rejected, read_transfers
from lachan.monitoring import FURTHER, Level, scored_rows

_COLUMNS = ("id", "score", "alerts", "evidence")
_SHOWN_EACH = 10_000


def score(source: Path, target: Path, strict: bool) -> int:
    """0 all rows scored, 1 some were rejected."""
    rejects = None if target == STANDARD else target.with_name(f"{target.name}.rejects.csv")
    if rejects is not None:
        rejects.unlink(missing_ok=True)
    lists = target == STANDARD or target.suffix.lower() == ".ndjson"
    counts: Counter[str] = Counter()
    with readable(source) as path, progress_bar() as progress:
        task = progress.add_task("", total=None)
        found = read_transfers(path, strict=strict, progress=lambda done: progress.update(task, completed=done))
        further = further_of(path)
        with row_writer(target, _COLUMNS) as write:
            for row in scored_rows(found.transfers, further, WallClock().now(), out.language):
                counts["rows"] += 1
                counts["alerted"] += bool(row["alerts"])
                counts["interdicted"] += any(one["level"] == Level.INTERDICT for one in row["evidence"])
                if not lists:
                    # A table has no lists of things with names: the evidence is JSON in its cell.
                    row["evidence"] = orjson.dumps(row["evidence"]).decode() if row["evidence"] else ""
                write(row)
                if counts["rows"] % _SHOWN_EACH == 0:
                    progress.update(task, completed=counts["rows"])
    counts["rejected"] = len(found.rejected)
    counts["rows"] += counts["rejected"]
    list_rejected(found.rejected, rejects)
    _say(counts, rejects, target)
    return EXIT_NO if found.rejected else 0


def list_rejected(rejected: tuple[Rejected, ...], rejects: Path | None) -> None:
    """Tell the rows that could not be used: in a file, or on stderr."""
    if rejects is None:
        for one in rejected:
            out.complain(f"{one.row}: {one.refusal.reason.value} {rejected_sentence(one)}")
    elif rejected:
        with row_writer(rejects) as write:
            for one in rejected:
                head: Row = {"row": one.row, "reason": one.refusal.reason.value, "message": rejected_sentence(one)}
                write(head | dict(one.raw))


def rejected_sentence(one: Rejected) -> str:
    """What is wrong with a row, at which column."""
    said = translate(f"reason.{one.refusal.reason.value}", out.language, **one.refusal.params)
    return f"{one.refusal.field}: {said}"


def _say(counts: Counter[str], rejects: Path | None, target: Path) -> None:
    values = {name: counts[name] for name in ("rows", "alerted", "interdicted", "rejected")}
    lines = [translate("monitoring.scored", out.language, **values)]
    if counts["rejected"] and rejects is not None:
        lines.append(translate("monitoring.rejects", out.language, file=rejects))
    if target == STANDARD:
        # stdout belongs to the rows.
        for line in lines:
            out.complain(line)
        return
    out.result(values | {"rejects": str(rejects) if counts["rejected"] else None}, lines)


def further_of(path: Path) -> Mapping[int, Mapping[str, Any]]:
    """By the number of their row, the cells of columns beyond the contract's, where there are any."""
    found: dict[int, Mapping[str, Any]] = {}
    for number, row in enumerate(read_rows(path), 1):
        if not isinstance(row, dict):
            continue
        named = {name.strip().lower(): value for name, value in row.items()}
        if kept := {name: named[name] for name in FURTHER if named.get(name) not in (None, "")}:
            found[number] = kept
    return found


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


def progress_bar() -> Progress:
    """Shown on stderr while it runs; nothing of it stays."""
    columns = (SpinnerColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=out.json)
