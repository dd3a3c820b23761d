"""`lachan race`: ways of working against the same thefts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TimeElapsedColumn

from lachan.doors.cli.output import out
from lachan.foundation.base import BadInput, format_vnd, translate
from lachan.race import RaceReason, RaceRow, Strategy, page, race

DELAYS_MIN = (5, 10, 30, 60, 180, 360)
SEEDS = (1, 2, 3)


def run(people: int, delays_min: Sequence[int], names: Sequence[str], page_file: Path | None) -> None:
    """Run the race and print its rows; with `page_file` write them as a page too, with early reports."""
    if page_file is not None and (page_file.is_dir() or not page_file.parent.is_dir()):
        raise BadInput(RaceReason.NO_FOLDER_FOR_PAGE, field=str(page_file))
    strategies = [_strategy(name) for name in dict.fromkeys(names)] or list(Strategy)
    delays = list(dict.fromkeys(delays_min)) or list(DELAYS_MIN)
    with Progress(
        BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True, disable=out.json
    ) as bar:
        task = bar.add_task("")
        found = race(
            people, delays, strategies, SEEDS,
            lambda done, total: bar.update(task, completed=done, total=total), early=page_file is not None,
        )  # fmt: skip
    if page_file is not None:
        page_file.write_text(page(found, people, len(SEEDS), out.language), encoding="utf-8")
    result = {
        "people": people, "seeds": list(SEEDS), "rows": [_fields(row) for row in found.rows],
        "intervals": [_intervals(row) for row in found.rows],
    }  # fmt: skip
    if found.early:
        result["within_10_min"] = [_fields(row) for row in found.early]
        result["within_10_min_intervals"] = [_intervals(row) for row in found.early]
    out.result(result, [translate("race.head", out.language), *map(_line, found.rows)])


def _fields(row: RaceRow) -> dict[str, Any]:
    """A row as the contract has it."""
    return {name: value for name, value in asdict(row).items() if name != "spread"}


def _intervals(row: RaceRow) -> dict[str, Any]:
    """The 95 % intervals of the row's other figures."""
    return {"strategy": row.strategy, "delay_min": row.delay_min, **asdict(row.spread)}


def _line(row: RaceRow) -> str:
    return translate(
        "race.row",
        out.language,
        strategy=f"{row.strategy.value:<12}",
        delay=f"{row.delay_min:>5}",
        share=f"{100 * row.held_share:5.1f}",
        low=f"{100 * row.low:.1f}",
        high=f"{100 * row.high:.1f}",
        requests=row.requests,
        innocent=format_vnd(row.innocent_vnd_hours),
    )


def _strategy(name: str) -> Strategy:
    try:
        return Strategy(name)
    except ValueError as error:
        raise BadInput(
            RaceReason.UNKNOWN_STRATEGY, field="strategy", expected=", ".join(one.value for one in Strategy)
        ) from error
