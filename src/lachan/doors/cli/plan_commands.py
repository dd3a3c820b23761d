"""The commands of `lachan plan`; their work stands in other files, loaded when one is run."""

import typer

from lachan.doors.cli import plan_report

app = typer.Typer(no_args_is_help=True, help="Plans: their reports.")


@app.callback()
def plan() -> None:
    """Plans: their reports."""


plan_report.register(app)
