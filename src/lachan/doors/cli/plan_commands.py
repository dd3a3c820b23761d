"""The commands of `lachan plan`; their work stands in `plan.py`, loaded when one is run."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Plans: read a document into tasks.")


@app.callback()
def plan() -> None:
    """Plans: read a document into tasks."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="txt, md, docx, html, or pdf with text")],
) -> None:
    """Read a plan: every clause that demands something, with lead, deadline and what is unsure."""
    from lachan.doors.cli.plan import run

    run(file)
