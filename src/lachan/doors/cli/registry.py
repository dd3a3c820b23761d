"""registry import, export, check."""

import csv
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from lachan.bootstrap import build
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import BadInput, InputReason, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.identifiers import identify, normalise
from lachan.registry import Entry, Rejected, Verdict, export_entries, import_file, views

_PROGRESS_S = 1.0
_COLUMNS = ("key", "verdict", "reasons", "state", "until", "review_at", "entry")


def import_command(file: Path, feed: str, agency: str | None, strict: bool) -> int:
    """Import a list; bad rows go into a file of the instance's `imports` folder, and exit with 1."""
    services = build(Settings())
    said_at = time.monotonic()

    def progress(done: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _PROGRESS_S:
            said_at = time.monotonic()
            print(translate("cli.registry_progress", out.language, rows=f"{done:,}"), file=sys.stderr, flush=True)

    result = import_file(
        services.db, file, feed, OPERATOR, services.clock.now, agency_code=agency, strict=strict, progress=progress
    )
    counts = result.counts
    if result.rejected:
        where = _write_rejects(services.settings.home, file, result.rejected)
        print(translate("cli.registry_rejects", out.language, file=where), file=sys.stderr)
    values = {name: getattr(counts, name) for name in counts.__dataclass_fields__}
    out.result(values, [translate("cli.registry_imported", out.language, **values)])
    return EXIT_NO if counts.rejected else 0


def export_command(target: str, purpose: str) -> None:
    """Write every entry in force, one a line; what for is recorded first."""
    services = build(Settings())
    file = None if target == "-" else Path(target)
    if file is not None and file.suffix not in {".csv", ".ndjson"}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="FILE", value=file.suffix, expected=".csv, .ndjson, -")
    with services.db.unit(services.clock.now(), OPERATOR) as unit, _target(file) as sink:
        lines = export_entries(unit, purpose, _writer(file, sink))
    if file is not None:
        out.say(translate("cli.exported", out.language, lines=lines, file=target))


def check_command(text: str) -> int:
    """Say what the registry says about one thing, and nothing about any other."""
    services = build(Settings())
    key = _key(text)
    with services.db.read() as conn:
        answer = views.check(conn, key, services.clock.now())
    entry = answer.entry
    values: dict[str, Any] = {
        "key": key, "verdict": answer.verdict, "reasons": list(answer.reasons),
        "entry": entry.id if entry else None, "listed_key": entry.key if entry else None,
        "until": entry.until.isoformat() if entry and entry.until else None,
    }  # fmt: skip
    sentence = translate(f"registry.verdict_{answer.verdict}", out.language)
    why = [translate("cli.registry_reason", out.language, code=code, text=_reason(code)) for code in answer.reasons]
    out.result(values, [f"{key}: {sentence}", *why])
    return 0 if answer.verdict is Verdict.CLEAR else EXIT_NO


def _key(text: str) -> str:
    kind, colon, value = text.strip().partition(":")
    if colon and not value.startswith("//"):
        return normalise(kind, value).key
    found = {one.key for one in identify(text)}
    if len(found) != 1:
        raise BadInput(InputReason.MALFORMED, field="KEY", expected="phone:+84912345678")
    return found.pop()


def _reason(code: str) -> str:
    from lachan.foundation.base import WallClock
    from lachan.foundation.taxonomy import suspicion_reason

    return suspicion_reason(code, WallClock().now()).label(out.language)


def _write_rejects(home: Path, file: Path, rejected: tuple[Rejected, ...]) -> Path:
    """Into the instance's own folder: the list's may be somebody else's."""
    folder = home / "imports"
    folder.mkdir(exist_ok=True)
    target = folder / f"{file.name}.rejects.csv"
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("line", "field", "reason", "row"))
        writer.writerows((one.line, one.field, one.reason.value, one.row) for one in rejected)
    return target


@contextmanager
def _target(file: Path | None) -> Iterator[IO[str]]:
    if file is None:
        yield sys.stdout
        return
    try:
        sink = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadInput(InputReason.UNREADABLE_FILE, field=str(file), expected="CSV, NDJSON") from error
    with sink:
        yield sink


def _writer(file: Path | None, sink: IO[str]) -> Any:
    if file is None or file.suffix == ".ndjson":
        return lambda entry: sink.write(orjson.dumps(_values(entry)).decode() + "\n")
    table = csv.DictWriter(sink, _COLUMNS)
    table.writeheader()
    return lambda entry: table.writerow(_values(entry) | {"reasons": ";".join(entry.reasons)})


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key, "verdict": entry.verdict.value, "reasons": list(entry.reasons),
        "state": entry.state.value,
        "until": entry.until.isoformat() if entry.until else None,
        "review_at": entry.review_at.isoformat() if entry.review_at else None, "entry": entry.id,
    }  # fmt: skip
