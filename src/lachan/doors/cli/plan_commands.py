"""The commands of `lachan plan`; their work stands in other files, loaded when one is run."""

from pathlib import Path
from typing import Annotated

import typer

from lachan.doors.cli import plan_report

app = typer.Typer(no_args_is_help=True, help="Plans: read a document into tasks, and see how far they are.")


@app.callback()
def plan() -> None:
    """Plans: read a document into tasks, and see how far they are."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="txt, md, docx, html, or pdf with text")],
    keeper: Annotated[
        str | None, typer.Option("--keep", help="keep it as a draft of this agency (its short name) for review")
    ] = None,
) -> None:
    """Read a plan: every clause that demands something, with lead, deadline and what is unsure."""
    from lachan.doors.cli.plan_import import run

    run(file, keeper)


@app.command("show")
def show(
    number: Annotated[str | None, typer.Argument(help="50/KH-UBND; without it, every plan")] = None,
) -> None:
    """The plans that are kept, or one with its clauses, leads, deadlines and states."""
    from lachan.doors.cli.plan_show import run

    run(number)


plan_report.register(app)
