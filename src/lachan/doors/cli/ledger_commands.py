"""The commands of `lachan ledger`; their work stands in `ledger.py`, loaded when one is run."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Transfers as facts of the record.")


@app.callback()
def ledger() -> None:
    """Transfers as facts of the record."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, NDJSON, Parquet, XLSX by its ending; - is NDJSON on stdin")],
    source: Annotated[str, typer.Option(help="who wrote it, for example 970436; stands beside every fact")],
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Keep every sound row as a fact; the same file again adds nothing."""
    from lachan.doors.cli.ledger import run

    raise typer.Exit(run(file, source, strict))
