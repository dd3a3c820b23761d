"""`lachan monitor watch FILE` puts a file's alerts onto the record; `labels OUT` writes what became of them."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from lachan.doors.cli.output import EXIT_NO, out
from lachan.foundation.base import translate


def watch(source: Path, strict: bool) -> int:
    """Record the alerts of a file of transfers; 0 all rows read, 1 some were rejected."""
    from lachan.bootstrap import build
    from lachan.doors.cli.monitor import cells, cut_line, list_rejected, progress, readable
    from lachan.doors.cli.rejects import Rejects
    from lachan.foundation.base import SYSTEM
    from lachan.foundation.base.settings import Settings
    from lachan.foundation.documents.sheets import STANDARD
    from lachan.ledger import read_transfers
    from lachan.monitoring import FURTHER, scored_parts
    from lachan.monitoring.alerts import found_alerts, record_alerts
    from lachan.monitoring.models.register import model_in_use

    services = build(Settings())
    name = "stdin" if source == STANDARD else source.name[:50]
    counts: Counter[str] = Counter()
    with readable(source) as path, progress() as bar, Rejects(STANDARD) as rejects:
        task = bar.add_task("", total=None)
        read = read_transfers(path, strict=strict, progress=lambda done: bar.update(task, completed=done))
        now = services.clock.now()
        with services.db.read() as conn:
            model = model_in_use(conn, now)
        further = cells(path, {*FURTHER, *(model.further if model else ())})
        if model and (missing := set(model.further) - {column for row in further.values() for column in row}):
            out.complain(
                translate("reason.model_features_missing", out.language, expected=", ".join(sorted(missing)))
            )
            model = None
        said_by = f";model:{model.id}" if model else ""
        for first, part, ordered, scored, more in scored_parts(read.transfers, further, now, model):
            found = list(found_alerts(scored, first, ordered.__getitem__, model, more))
            # One transaction a part: what is recorded when it is killed is not recorded again.
            with services.db.unit(now, SYSTEM) as unit:
                made = record_alerts(unit.conn, found, now, f"file:{name}{said_by}")
            counts.update({field: getattr(made, field) for field in made.__dataclass_fields__})
            counts.update(rows=len(part), cut_short=scored.cut_short)
            bar.update(task, completed=counts["rows"])
        list_rejected(read.rejected, rejects)
    values = {
        one: counts[one] for one in ("rows", "found", "opened", "joined", "suppressed", "repeated", "cut_short")
    } | {"rejected": len(read.rejected)}  # fmt: skip
    out.result(values, [translate("monitoring.watched", out.language, **values), *cut_line(counts["cut_short"])])
    return EXIT_NO if read.rejected else 0


def labels(target: Path, by: str) -> None:
    """Write `account,label` (or `id,label`): 1 confirmed, 0 honest."""
    from lachan.bootstrap import build
    from lachan.foundation.access import OPERATOR
    from lachan.foundation.base.settings import Settings
    from lachan.foundation.documents.sheets import STANDARD, row_writer
    from lachan.foundation.trail import append
    from lachan.monitoring.alerts import By
    from lachan.monitoring.alerts import labels as labelled

    services = build(Settings())
    counts = Counter({0: 0, 1: 0})
    with (
        services.db.unit(services.clock.now(), OPERATOR) as unit,
        row_writer(target, (by, "label")) as write,
    ):
        for named, label in labelled(unit.conn, By(by), unit.now):
            write({by: named, "label": label})
            counts[label] += 1
        append(unit, "alerts.labels_exported", "monitoring:labels", {"by": by, "labels": counts.total()})
    values = {"confirmed": counts[1], "honest": counts[0]}
    line = translate("monitoring.labelled", out.language, **values)
    if target == STANDARD:
        out.complain(line)
    else:
        out.result(values, [line])


def register(app: typer.Typer) -> None:
    """Add both to `lachan monitor`."""

    @app.command("watch")
    def watch_command(
        transfers: Annotated[
            Path, typer.Argument(help="id,time,payer,payee,amount…: CSV, NDJSON, Parquet, XLSX; -: NDJSON")
        ],
        strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
    ) -> None:
        """Record what is found in a file for the desk to look at; nothing is listed or held by itself."""
        raise typer.Exit(watch(transfers, strict))

    @app.command("labels")
    def labels_command(
        target: Annotated[Path, typer.Argument(metavar="OUT", help="CSV, NDJSON, Parquet, XLSX; -: NDJSON")],
        by: Annotated[str, typer.Option(help="account or id (a transfer's)")] = "account",
    ) -> None:
        """Write what people decided about alerts, as labels for training."""
        if by not in {"account", "id"}:
            raise typer.BadParameter("account, id", param_hint="--by")
        labels(target, by)
