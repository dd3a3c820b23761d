"""A file of records, line by line: good rows are kept, bad ones are listed with line, column and what is wrong.

500 rows a transaction; the same file again adds nothing. What a file cannot carry (photos) is not asked for.
"""

import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from lachan.activities import permits, rules, store
from lachan.activities.actions import around, new_record
from lachan.activities.model import EVERYWHERE, Activity, ActivityReason, Fault, Imported, Refused, Source
from lachan.activities.reading import is_empty, read_values
from lachan.foundation.base import Actor, BadInput
from lachan.foundation.documents.workbooks import Grid, column_letter
from lachan.foundation.storage import Database, Unit
from lachan.foundation.taxonomy import (
    RESERVED_COLUMNS,
    ActivityField,
    ActivityKind,
    FieldType,
    activity_kind,
)
from lachan.foundation.trail import append

ROWS_MOST = 20_000
BYTES_MOST = 10 * 1024 * 1024
PART = 500
# What the importer's own exports have besides a kind's fields.
PASSED_OVER = RESERVED_COLUMNS
_REFUSED_MOST = 5_000
_TEXT_MOST = 80


@dataclass(frozen=True)
class Progress:
    """How far a file is: so many of its lines are done, so many of their records new, so many there before."""

    done: int = 0
    recorded: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class _Column:
    letter: str
    head: str
    field: ActivityField


@dataclass(frozen=True)
class _Line:
    number: int
    given: Mapping[str, Any]
    merged: _Column | None


_NOTHING = Progress()


def import_grid(
    db: Database, actor: Actor, now: Callable[[], datetime], kind_code: str, grid: Grid, *, secret: bytes,
    agency_id: str | None = None, progress: Callable[[int], None] = lambda _done: None, strict: bool = False,
    begun: Progress = _NOTHING, settle: Callable[[Unit, Progress], None] = lambda _unit, _so_far: None,
) -> Imported:  # fmt: skip
    """Record every good row for the actor's own agency, or for `agency_id`. `secret` keys the rows' fingerprints.

    `settle` is told in each part's own transaction how far the file is; from that `begun` one it goes on.

    Raises:
        BadInput: COLUMN_MISSING, COLUMN_UNKNOWN, COLUMN_TWICE, MERGED_CELLS (in the head), NO_ROWS: nothing is
            written; with `strict` the first bad row's, before anything of its part is written.
    """
    kind = activity_kind(kind_code, now())
    whose = agency_id or actor.agency_id or ""
    columns = columns_of(kind, grid)
    lines = list(_lines(grid, columns))
    if not lines:
        raise BadInput(ActivityReason.NO_ROWS, field="file")
    seen: Counter[bytes] = Counter()
    recorded, repeated, bad_rows = begun.recorded, begun.repeated, 0
    refused: list[Refused] = []
    for start in range(0, len(lines), PART):
        with db.unit(now(), actor) as unit:
            permits.require_record(unit.conn, actor, kind, whose)
            made: list[Activity] = []
            for line in lines[start : start + PART]:
                one, faults = _read(unit, kind, whose, columns, line, seen, secret)
                if one is None:
                    bad_rows += 1
                    if strict:
                        raise BadInput(faults[0].fault.reason, field=_place(faults[0]), line=line.number)
                    refused += faults[: max(0, _REFUSED_MOST - len(refused))]
                else:
                    made.append(one)
            end = min(start + PART, len(lines))
            # What was done before is only read again: the rows that are alike are counted from the first one on.
            if end > begun.done:
                new = _keep(unit, kind, whose, made)
                recorded += new
                repeated += len(made) - new
                settle(unit, Progress(end, recorded, repeated))
        progress(end)
    return Imported(len(lines), recorded, repeated, bad_rows, tuple(refused))


def columns_of(kind: ActivityKind, grid: Grid) -> list[_Column]:
    """Which column is which field, by its name in either language or its code. Refusals name the column."""
    if not grid.rows:
        raise BadInput(ActivityReason.NO_ROWS, field="file")
    for top, left, _bottom, _right in grid.merged:
        if top == 0:
            raise BadInput(ActivityReason.MERGED_CELLS, field=f"{column_letter(left)}1")
    known: dict[str, ActivityField] = {}
    for one in importable(kind):
        for name in (one.code, one.vi, one.en):
            known.setdefault(_folded(name), one)
    found: dict[str, _Column] = {}
    for number, cell in enumerate(grid.rows[0]):
        head = "" if is_empty(cell) else str(cell).strip()
        field = known.get(_folded(head))
        if not head or (field is None and _folded(head) in PASSED_OVER):
            continue
        if field is None:
            raise BadInput(ActivityReason.COLUMN_UNKNOWN, field=column_letter(number), value=head[:_TEXT_MOST])
        if field.code in found:
            raise BadInput(ActivityReason.COLUMN_TWICE, field=column_letter(number), value=head[:_TEXT_MOST])
        found[field.code] = _Column(column_letter(number), head, field)
    missing = [one for one in importable(kind) if one.required and one.code not in found]
    if missing:
        raise BadInput(ActivityReason.COLUMN_MISSING, field="file", value="; ".join(one.vi for one in missing))
    return list(found.values())


def importable(kind: ActivityKind) -> tuple[ActivityField, ...]:
    """The fields that a file can carry: those of a new record without photos and files."""
    return tuple(one for one in kind.first_fields if one.type is not FieldType.FILE)


def _lines(grid: Grid, columns: Sequence[_Column]) -> Iterator[_Line]:
    merged: dict[int, int] = {}
    for top, left, bottom, _right in grid.merged:
        for number in range(top, min(bottom, len(grid.rows) - 1) + 1):
            merged.setdefault(number, left)
    places = [(_number(column.letter), column) for column in columns]
    for number, row in enumerate(grid.rows[1:], start=1):
        given = {column.field.code: row[at] for at, column in places if at < len(row) and not is_empty(row[at])}
        at = merged.get(number)
        touched = next((column for place, column in places if place == at), columns[0]) if at is not None else None
        if given or touched:
            yield _Line(number + 1, given, touched)


def _read(
    unit: Unit, kind: ActivityKind, agency_id: str, columns: Sequence[_Column], line: _Line, seen: Counter[bytes],
    secret: bytes,
) -> tuple[Activity | None, list[Refused]]:  # fmt: skip
    by_code = {column.field.code: column for column in columns}
    if line.merged is not None:
        fault = Fault(line.merged.field.code, ActivityReason.MERGED_CELLS)
        return None, [Refused(line.number, line.merged.letter, line.merged.head, fault, "")]
    given = {
        code: _rows_of(by_code[code].field, value) if by_code[code].field.columns else value
        for code, value in line.given.items()
    }
    values, faults = read_values(kind, kind.first_fields, given, around(unit, agency_id), files_needed=False)
    if faults:
        return None, [_refused(line, by_code, fault) for fault in faults]
    content = orjson.dumps([kind.code, agency_id, values], option=orjson.OPT_SORT_KEYS)
    seen[content] += 1
    # Two rows alike in one file are two pieces of work; the same file again is not.
    key = hmac.new(secret, content + b"#%d" % seen[content], hashlib.sha256).hexdigest()
    return new_record(unit, kind, agency_id, values, f"file:{key}", Source.FILE), []


def _refused(line: _Line, by_code: Mapping[str, _Column], fault: Fault) -> Refused:
    code = fault.field.partition(".")[0]
    column = by_code.get(code)
    raw = line.given.get(code)
    text = "" if raw is None else str(raw)[:_TEXT_MOST]
    return Refused(line.number, column.letter if column else "", column.head if column else code, fault, text)


def _rows_of(field: ActivityField, cell: Any) -> list[dict[str, str]]:
    """A list inside a cell: a row a line, `|` between its columns."""
    rows = (line.split("|") for line in str(cell).splitlines() if line.strip())
    return [dict(zip((one.code for one in field.columns), map(str.strip, row), strict=False)) for row in rows]


def _keep(unit: Unit, kind: ActivityKind, agency_id: str, made: Sequence[Activity]) -> int:
    ids = store.insert_new(unit.conn, made)
    new = [one for one in made if one.id in ids]
    if not new:
        return 0
    sums = rules.sums_of(kind, [(one, 1) for one in new])
    store.add_to_sums(unit.conn, sums)
    append(
        unit, "activity.imported", f"activity_kind:{kind.code}",
        {
            "kind": kind.code, "agency": agency_id, "records": len(new),
            "sums": [
                [key.figure, key.day, key.commune, key.part, *both]
                for key, both in sums.items()
                if key.commune != EVERYWHERE
            ],
        },
        rows=[("activity", one.id) for one in new],
    )  # fmt: skip
    return len(new)


def _place(one: Refused) -> str:
    return f"{one.column}{one.line}" if one.column else str(one.line)


def _number(letter: str) -> int:
    number = 0
    for one in letter:
        number = number * 26 + ord(one) - ord("A") + 1
    return number - 1


def _folded(head: str) -> str:
    """A head without the mark of what must be filled in, and without the unit in brackets."""
    composed = unicodedata.normalize("NFC", head).strip()
    bare = re.sub(r"\s*\([^()]*\)\s*$", "", composed.removesuffix("*").strip())
    return " ".join(bare.lower().split())
