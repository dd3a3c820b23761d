"""registry import, export, check."""

import csv
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lachan.bootstrap import build
from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import BadInput, InputReason, translate
from lachan.foundation.base.settings import Settings
from lachan.foundation.documents.sheets import STANDARD, row_writer
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

    with as_file(file) as source:
        result = import_file(
            services.db, source, feed, OPERATOR, services.clock.now, agency_code=agency, strict=strict,
            progress=progress,
        )  # fmt: skip
    counts = result.counts
    rejects = services.settings.home / "imports" / f"{source.name}.rejects.csv"
    rejects.unlink(missing_ok=True)
    if result.rejected:
        _write_rejects(rejects, result.rejected)
        print(translate("cli.registry_rejects", out.language, file=rejects), file=sys.stderr)
    values = {name: getattr(counts, name) for name in counts.__dataclass_fields__}
    out.result(values, [translate("cli.registry_imported", out.language, **values)])
    return EXIT_NO if counts.rejected else 0


def export_command(target: str, purpose: str) -> None:
    """Write every entry in force, one a line; what for is recorded first."""
    services = build(Settings())
    file = Path(target)
    with services.db.unit(services.clock.now(), OPERATOR) as unit, row_writer(file, _COLUMNS) as write:
        lines = export_entries(unit, purpose, lambda entry: write(_values(entry)))
    if file != STANDARD:
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


@contextmanager
def as_file(file: Path) -> Iterator[Path]:
    """What comes by a pipe is read twice: whether an earlier import of it was killed, and then row by row."""
    if file != STANDARD:
        yield file
        return
    with TemporaryDirectory(prefix="lachan-") as folder:
        target = Path(folder) / "stdin.ndjson"
        with target.open("wb") as sink:
            shutil.copyfileobj(sys.stdin.buffer, sink)
        yield target


def _write_rejects(target: Path, rejected: tuple[Rejected, ...]) -> None:
    """Into the instance's own folder: the list's may be somebody else's."""
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("line", "field", "reason", "row"))
        writer.writerows((one.line, one.field, one.reason.value, one.row) for one in rejected)


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key, "verdict": entry.verdict.value, "reasons": list(entry.reasons),
        "state": entry.state.value,
        "until": entry.until.isoformat() if entry.until else None,
        "review_at": entry.review_at.isoformat() if entry.review_at else None, "entry": entry.id,
    }  # fmt: skip
