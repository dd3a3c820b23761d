"""`lachan monitor train` and `backtest`: a model from labelled transfers, and how well one does later."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lachan.doors.cli.monitor import cells, list_rejected, progress
from lachan.doors.cli.output import EXIT_NO, out
from lachan.doors.cli.rejects import Rejects
from lachan.foundation.base import BadInput, InputReason, WallClock, translate
from lachan.foundation.documents.sheets import STANDARD, read_rows
from lachan.ledger import read_transfers
from lachan.monitoring.models import (
    data_hash,
    labels_of,
    later_rows,
    make_examples,
    measured,
    read_model,
    write_model,
)
from lachan.monitoring.models import train as trained

if TYPE_CHECKING:
    from lachan.monitoring.models import Examples

_DRIFT_SHOWN, _DRIFT_MIN = 3, 0.1


def train(transfers: Path, labels: Path, target: Path, per_day: int, seed: int) -> int:
    """Train a model on the earlier transfers, test it on the later ones."""
    found, kind, digest, rejects = _examples(transfers, labels, target)
    with _busy("step_training"):
        model = trained(found, kind, digest, per_day, seed, WallClock().now())
    write_model(model, target)
    card = model.card
    head = translate(
        "monitoring.trained", out.language, model=model.id, file=target, rows=card.trained.rows,
        positives=card.trained.positives, last=card.trained.last.date().isoformat(),
    )  # fmt: skip
    said = {"model": model.id, "file": str(target), "rejected": rejects.count, "rejects": rejects.listed}
    out.result(said | asdict(card), [head, *_lines(card.metrics), *rejects.line()])
    return EXIT_NO if rejects.count else 0


def backtest(transfers: Path, labels: Path, model_file: Path | None, per_day: int, seed: int) -> int:
    """Measure a model on the transfers after its training; without one, train on the earlier part and measure."""
    model = read_model(model_file) if model_file else None
    found, kind, digest, rejects = _examples(transfers, labels, None)
    with _busy("step_training"):
        if model is None:
            model = trained(found, kind, digest, per_day, seed, WallClock().now())
            metrics: Mapping[str, Any] = model.card.metrics
        else:
            metrics = measured(model, found, later_rows(model, found), per_day)
    out.result({"model": model.id, "rejected": rejects.count} | dict(metrics), _lines(metrics))
    return EXIT_NO if rejects.count else 0


def _examples(transfers: Path, labels: Path, target: Path | None) -> tuple["Examples", str, str, Rejects]:
    """The tables, what the labels are of, the files' hash, and the transfers that could not be used."""
    for path in (transfers, labels):
        if path == STANDARD:
            raise BadInput(InputReason.UNREADABLE_FILE, field="-", expected="CSV, NDJSON, Parquet, XLSX")
    with _busy("step_examples"), Rejects(target) as rejects:
        marked = labels_of(read_rows(labels))
        read = read_transfers(transfers)
        list_rejected(read.rejected, rejects)
        found = make_examples(read.transfers, cells(transfers, None), marked, WallClock().now())
    unused = marked.unused(read.transfers)
    if unused:
        out.complain(translate("monitoring.unused_labels", out.language, count=unused))
    return found, marked.of, data_hash(transfers.read_bytes(), labels.read_bytes()), rejects


@contextmanager
def _busy(step: str) -> Iterator[None]:
    with progress() as bar:
        bar.add_task(translate(f"monitoring.{step}", out.language), total=None)
        yield


def _lines(metrics: Mapping[str, Any]) -> list[str]:
    """The figures for a person."""
    language = out.language
    rounded = {name: f"{metrics[name]:.3f}" for name in ("auc", "average_precision", "f1")}
    counted = {name: metrics[name] for name in ("rows", "positives", "days")}
    lines = [
        translate("monitoring.measured", language, **counted, **rounded),
        translate("monitoring.per_day", language, per_day=metrics["per_day"],
                  precision=_percent(metrics["precision_at"]), recall=_percent(metrics["recall_at"])),
    ]  # fmt: skip
    if accounts := metrics["accounts"]:
        said = {name: f"{accounts[name]:.3f}" for name in ("auc", "average_precision")}
        counts = {name: accounts[name] for name in ("accounts", "positives")}
        lines.append(translate("monitoring.by_account", language, **counts, **said))
    for one in metrics["reliability"]:
        values = {"said": _percent(one["said"]), "found": _percent(one["found"]), "rows": one["rows"]}
        lines.append("  " + translate("monitoring.reliability", language, **values))
    moved = [f"{name} {value:.2f}" for name, value in metrics["drift"].items() if value >= _DRIFT_MIN]
    if moved:
        lines.append(translate("monitoring.drifted", language, features=", ".join(moved[:_DRIFT_SHOWN])))
    return lines


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
