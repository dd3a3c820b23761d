"""`lachan simulate OUTDIR`: a province with ground truth, in Parquet files."""

from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, InputReason, format_vnd, translate
from lachan.sandbox.people import Made, Plan, simulate

_NOTABLY_ABOVE_LIFE = 1.5


def run(folder: Path, people: int, days: int, seed: int, start: str) -> None:
    """Make the province and say what it holds."""
    plan = Plan(people, days, seed, _date(start))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=out.json) as bar:
        task = bar.add_task("", total=days)

        def show(step: str, done: int, total: int) -> None:
            said = translate(f"simulate.{step}", out.language, day=done + 1, days=total)
            bar.update(task, description=said, completed=done)

        made = simulate(folder, plan, show)
    _say(made, plan)


def _say(made: Made, plan: Plan) -> None:
    transfers = made.rows["transfers"]
    lines = [
        translate("simulate.made", out.language, folder=made.folder, people=plan.people, days=plan.days,
                  transfers=transfers),
        translate("simulate.crime", out.language, scams=made.scams, reported=made.reported,
                  stolen=format_vnd(made.stolen_vnd), truth=made.folder / "truth"),
    ]  # fmt: skip
    if made.crime_factor > _NOTABLY_ABOVE_LIFE:
        lines.append(translate("simulate.above_life", out.language, factor=f"{made.crime_factor:.0f}"))
    result = {
        "folder": str(made.folder),
        "people": plan.people,
        "days": plan.days,
        "seed": plan.seed,
        "start": plan.start.isoformat(),
        "rows": dict(made.rows),
        "scams": made.scams,
        "reported": made.reported,
        "stolen_vnd": made.stolen_vnd,
        "crime_factor": made.crime_factor,
    }
    out.result(result, lines)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field="--start", expected="2026-01-05") from error
