"""The commands of `lachan activities`; their work stands in `activities.py`, loaded when one is run."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Records of what plans demand, by file.")
Kind = Annotated[str, typer.Argument(help="a kind's code; `lachan activities kinds` lists them")]


@app.callback()
def activities() -> None:
    """Records of what plans demand, by file."""


@app.command("kinds")
def kinds() -> None:
    """List the kinds, the demands they serve and their figures."""
    from lachan.doors.cli.activities import kinds as run

    run()


@app.command("template")
def template(
    kind: Kind,
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx")],
    province: Annotated[str, typer.Option(help="its communes to choose from, for example 04")] = "",
) -> None:
    """Write the XLSX to fill in."""
    from lachan.doors.cli.activities import template as run

    run(kind, out, province)


@app.command("import")
def import_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="XLSX or CSV by its ending")],
    agency: Annotated[str, typer.Option(help="whose work it is: the agency's id, name or code")],
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first bad row")] = False,
) -> None:
    """Record every good row; the same file again adds nothing."""
    from lachan.doors.cli.activities import import_file as run

    raise typer.Exit(run(kind, file, agency, strict))


@app.command("export")
def export(
    kind: Kind,
    out: Annotated[Path, typer.Argument(help="CSV, XLSX, NDJSON, Parquet by its ending; - is NDJSON on stdout")],
    agency: Annotated[str, typer.Option(help="only this agency's: id, name or code")] = "",
) -> None:
    """Write the records of a kind; what is personal is masked."""
    from lachan.doors.cli.activities import export as run

    run(kind, out, agency)
