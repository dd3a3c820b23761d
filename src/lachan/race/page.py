"""The result as one page that stands alone: a plot drawn on the server (decision 11), and the figures as tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from lachan.foundation.base import Language, format_vnd, translate
from lachan.race.model import RaceResult, RaceRow, Strategy

WIDTH, HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 170, 16, 44
_LABEL_GAP = 15.0


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy in the plot: its points, the band of its intervals, and where its name stands."""

    strategy: Strategy
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...]
    label_y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Shares held over delays; delays stand at equal distances. Everything in pixels of the picture."""

    lines: tuple[Line, ...]
    columns: tuple[tuple[float, int], ...]
    levels: tuple[tuple[float, int], ...]


def plot(rows: Sequence[RaceRow]) -> Plot:
    """The geometry of the picture; names that would cover each other are pushed apart."""
    delays = sorted({row.delay_min for row in rows})
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(delays) - 1)
    at = {delay: _LEFT + place * step for place, delay in enumerate(delays)}
    lines = []
    for strategy in dict.fromkeys(row.strategy for row in rows):
        mine = sorted((row for row in rows if row.strategy is strategy), key=lambda row: row.delay_min)
        points = tuple((at[row.delay_min], _y(row.held_share)) for row in mine)
        upper = [(at[row.delay_min], _y(row.high)) for row in mine]
        lower = [(at[row.delay_min], _y(row.low)) for row in reversed(mine)]
        lines.append(Line(strategy, points, (*upper, *lower), points[-1][1]))
    columns = tuple((x, delay) for delay, x in at.items())
    return Plot(tuple(_apart(lines)), columns, tuple((_y(level / 100), level) for level in range(0, 101, 20)))


def page(result: RaceResult, people: int, provinces: int, language: Language) -> str:
    """The page as HTML, with nothing loaded from elsewhere."""

    def grouped(number: int) -> str:
        return f"{number:,}".replace(",", "." if language is Language.VI else ",")

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lachan.race", "data"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("page.html").render(
        result=result, plot=plot(result.rows), people=grouped(people), provinces=provinces, lang=language.value,
        width=WIDTH, height=HEIGHT, right=WIDTH - _RIGHT, left=_LEFT, bottom=HEIGHT - _BOTTOM,
        t=lambda key, **said: translate(f"race.page.{key}", language, **said),
        percent=lambda share: f"{100 * share:.1f}", vnd=format_vnd, grouped=grouped,
    )  # fmt: skip


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM), 1)


def _apart(lines: Sequence[Line]) -> list[Line]:
    """Names from the top down, each at least a line below the one before, none below the picture."""
    ordered = sorted(lines, key=lambda line: line.label_y)
    ys: list[float] = []
    for line in ordered:
        ys.append(max(line.label_y, ys[-1] + _LABEL_GAP if ys else line.label_y))
    if ys:
        ys[-1] = min(ys[-1], HEIGHT - _BOTTOM)
    for place in range(len(ys) - 2, -1, -1):
        ys[place] = min(ys[place], ys[place + 1] - _LABEL_GAP)
    moved = {line.strategy: y for line, y in zip(ordered, ys, strict=True)}
    return [Line(line.strategy, line.points, line.band, round(moved[line.strategy], 1)) for line in lines]
