"""`lachan screen IN OUT`: a verdict for every row of a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lachan.bootstrap import build
from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rejects import Rejects
from lachan.foundation.base import BadInput, InputReason, WallClock, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import STANDARD, Row, read_rows, row_writer
from lachan.foundation.identifiers import KINDS, normalise, parse_key
from lachan.foundation.trail import seal
from lachan.registry import RegistryReason, Verdict
from lachan.screening import Engine, Screened, doubtful

_ROWS_EACH = 10_000
KeyOf = str | BadInput


def run(source: Path, target: Path, strict: bool) -> int:
    """0 all rows screened, 1 some were rejected."""
    services = build(Settings())
    # What was imported a moment ago counts, also where no worker runs to number it.
    while seal(services.db, services.seal_key, now=services.clock.now(), wall_now=WallClock().now()):
        pass
    services.screening.catch_up()
    counts: Counter[str] = Counter()
    with _progress() as progress, Rejects(target) as rejects, row_writer(target) as write:
        task = progress.add_task("", total=None)
        for first, rows in _batches(_with_keys(source)):
            keys = _keys(rows)
            for number, (row, key, answer) in enumerate(_screened(services.screening.engine, rows, keys), first):
                counts["rows"] += 1
                if isinstance(key, BadInput):
                    counts["rejected"] += 1
                    if strict:
                        field = f"{source}, row {number}, {key.field}"
                        raise BadInput(key.reason, field=field, **key.params)
                    rejects.add(number, key.reason, key.params, row)
                else:
                    counts[answer.verdict.value] += 1
                    write(row | {"verdict": answer.verdict.value, "reasons": list(answer.reasons)})
            progress.update(task, advance=len(rows))
    _say(counts, rejects, target)
    return EXIT_NO if counts["rejected"] else 0


def _say(counts: Counter[str], rejects: Rejects, target: Path) -> None:
    names = ("rows", *(verdict.value for verdict in Verdict), "rejected")
    values = {name: counts[name] for name in names}
    lines = [translate("cli.screened", out.language, **values), *rejects.line()]
    if target == STANDARD:
        # stdout belongs to the rows.
        for line in lines:
            out.complain(line)
        return
    out.result(values | {"rejects": rejects.listed}, lines)


def _with_keys(source: Path) -> Iterator[Row | BadInput]:
    """The rows; BadInput where no row of a table can have a key. Lines of NDJSON speak each for itself."""
    asked = source == STANDARD or source.suffix.lower() == ".ndjson"
    for row in read_rows(source):
        if not asked and isinstance(row, dict):
            asked = True
            if "key" not in row and not {"kind", "value"} <= row.keys():
                raise BadInput(RegistryReason.COLUMN_MISSING, field=str(source), expected="key")
        yield row


def _batches(rows: Iterable[Row | BadInput]) -> Iterator[tuple[int, list[Row | BadInput]]]:
    remaining, first = iter(rows), 1
    while batch := list(islice(remaining, _ROWS_EACH)):
        yield first, batch
        first += len(batch)


def _keys(rows: Sequence[Row | BadInput]) -> list[KeyOf]:
    """The canonical key of each row, or why it has none."""
    keys: list[KeyOf] = [row if isinstance(row, BadInput) else _stated(row) for row in rows]
    texts = [key.replace("\n", "\r") if isinstance(key, str) else "" for key in keys]
    for number in doubtful("\n".join(texts).encode(errors="replace"), len(texts)):
        key, row = keys[number], rows[number]
        if isinstance(key, str) and isinstance(row, dict):
            try:
                by_key = row.get("key") not in (None, "")
                keys[number] = (parse_key(key) if by_key else normalise(*_pair(row))).key
            except BadInput as error:
                keys[number] = error
    return keys


def _stated(row: Row) -> KeyOf:
    if row.get("key") not in (None, ""):
        return str(row["key"])
    if "key" in row and "kind" not in row:
        return BadInput(InputReason.MISSING, field="key")
    for name in ("kind", "value"):
        if row.get(name) in (None, ""):
            return BadInput(InputReason.MISSING, field=name)
    kind, value = _pair(row)
    return f"{kind}:{value}" if kind in KINDS else f":{value}"  # a kind that there is not passes no glance


def _pair(row: Row) -> tuple[str, str]:
    value = row["value"]
    # A spreadsheet makes a number of what looks like one.
    return str(row["kind"]).strip(), str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _screened(
    engine: Engine, rows: Sequence[Row | BadInput], keys: Sequence[KeyOf]
) -> Iterator[tuple[Row, KeyOf, Screened]]:
    answers = engine.screen([key if isinstance(key, str) else "" for key in keys])
    return zip((row if isinstance(row, dict) else {} for row in rows), keys, answers, strict=True)


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=out.json)
