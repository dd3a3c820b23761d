"""ledger import: a file of transfers into the record."""

import csv
import sys
import time
from pathlib import Path

from lachan.bootstrap import build
from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.registry import as_file
from lachan.foundation.access import OPERATOR
from lachan.foundation.base import translate
from lachan.foundation.base.settings import Settings
from lachan.ledger import Rejected, import_transfers

_PROGRESS_S = 1.0


def run(file: Path, source: str, strict: bool) -> int:
    """Import; bad rows go into a file of the instance's `imports` folder, and exit with 1."""
    services = build(Settings())
    said_at = time.monotonic()

    def progress(done: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _PROGRESS_S:
            said_at = time.monotonic()
            print(translate("ledger.progress", out.language, rows=f"{done:,}"), file=sys.stderr, flush=True)

    with as_file(file) as readable:
        made = import_transfers(
            services.db, readable, source, OPERATOR, services.clock.now, strict=strict, progress=progress
        )
        rejects = services.settings.home / "imports" / f"{readable.name}.rejects.csv"
    rejects.unlink(missing_ok=True)
    if made.rejected:
        _write_rejects(rejects, made.rejected)
        print(translate("ledger.rejects", out.language, file=rejects), file=sys.stderr)
    values = {
        "batch": made.batch_id, "added": made.added, "corrected": made.corrected, "unchanged": made.unchanged,
        "rejected": len(made.rejected),
    }  # fmt: skip
    out.result(values, [translate("ledger.imported", out.language, **values)])
    return EXIT_NO if made.rejected else 0


def _write_rejects(target: Path, rejected: tuple[Rejected, ...]) -> None:
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("row", "field", "reason", "content"))
        for one in rejected:
            content = ";".join(f"{name}={value}" for name, value in one.raw.items() if value is not None)
            writer.writerow((one.row, one.refusal.field, one.refusal.reason.value, content))
