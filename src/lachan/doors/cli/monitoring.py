"""The commands of `lachan monitor`; each one's work stands in a file of its own."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Patterns in the stream of transfers, a score for each, and models.")

_Transfers = Annotated[
    Path, typer.Argument(metavar="TRANSFERS", help="id,time,payer,payee,amount…: CSV, NDJSON, Parquet, XLSX")
]
_Labels = Annotated[
    Path, typer.Argument(metavar="LABELS", help="account,label or id,label; more columns: features")
]
_PerDay = Annotated[int, typer.Option("--per-day", min=1, help="alerts that can be looked at in a day")]
_Seed = Annotated[int, typer.Option("--seed", min=0, help="of the draws in training")]


@app.command("score")
def score(
    transfers: Annotated[
        Path, typer.Argument(help="id,time,payer,payee,amount…: CSV, NDJSON, Parquet, XLSX; -: NDJSON")
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="id, score, alerts, evidence; -: stdout")],
    model: Annotated[Path | None, typer.Option("--model", help="its probability is then the score")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Score every transfer by what came before it, and show why."""
    from lachan.doors.cli.monitor import score as run

    raise typer.Exit(run(transfers, target, strict, model))


@app.command("train")
def train(
    transfers: _Transfers,
    labels: _Labels,
    target: Annotated[Path, typer.Argument(metavar="MODEL", help="the model's file, JSON")],
    per_day: _PerDay = 50,
    seed: _Seed = 1,
) -> None:
    """Train a model on the earlier transfers and test it on the later ones; labels that leak are refused."""
    from lachan.doors.cli.models import train as run

    raise typer.Exit(run(transfers, labels, target, per_day, seed))


@app.command("backtest")
def backtest(
    transfers: _Transfers,
    labels: _Labels,
    model: Annotated[Path | None, typer.Argument(metavar="[MODEL]", help="measured after its training")] = None,
    per_day: _PerDay = 50,
    seed: _Seed = 1,
) -> None:
    """Measure a model on transfers that came after its training; without one, train on the earlier part first."""
    from lachan.doors.cli.models import backtest as run

    raise typer.Exit(run(transfers, labels, model, per_day, seed))


models_app = typer.Typer(no_args_is_help=True, help="The register of models: who proposed, who approved.")
app.add_typer(models_app, name="models")


@models_app.command("list")
def models_list() -> None:
    """Every model that was ever proposed, and what became of it."""
    from lachan.doors.cli.model_register import list_command as run

    run()


@models_app.command("add")
def models_add(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="a file that train wrote")],
    note: Annotated[str, typer.Option(help="why it is proposed; recorded")],
) -> None:
    """Propose a model; another person approves it on the pages, and only then the service uses it."""
    from lachan.doors.cli.model_register import add_command as run

    run(model, note)
