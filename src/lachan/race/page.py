"""The result as one page that stands alone: plots drawn on the server (decision 11), and the figures as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import jinja2

from lachan.foundation.base import Language, translate
from lachan.race.model import RaceResult, RaceRow, Strategy

WIDTH, HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 170, 16, 44
_LABEL_GAP = 15.0
_LEVELS = 5
_STEPS = (1, 2, 2.5, 5, 10)
_UNITS = (9, 6)
"""Powers of ten in which large amounts are read: billions and millions."""


class Measure(StrEnum):
    """What is drawn over the delays, in the order of the page."""

    HELD = "held"
    RETURNED = "returned"
    HARM = "harm"
    REQUESTS = "requests"


@dataclass(frozen=True, slots=True)
class Point:
    """A measure of one row, with its 95 % interval."""

    low: float
    value: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy in a plot: its points, the band of its intervals, and where its name stands."""

    strategy: Strategy
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float], ...]
    label_y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A measure over delays, which stand at equal distances. All in pixels of the picture, but the levels."""

    measure: Measure
    lines: tuple[Line, ...]
    columns: tuple[tuple[float, int], ...]
    levels: tuple[tuple[float, float], ...]


def measured(row: RaceRow, measure: Measure) -> Point:
    """What the row says of it."""
    spread = row.spread
    low, high = {
        Measure.HELD: (row.low, row.high), Measure.RETURNED: spread.returned_share,
        Measure.HARM: spread.innocent_vnd_hours, Measure.REQUESTS: spread.requests,
    }[measure]  # fmt: skip
    value = {
        Measure.HELD: row.held_share, Measure.RETURNED: row.returned_share,
        Measure.HARM: row.innocent_vnd_hours, Measure.REQUESTS: row.requests,
    }[measure]  # fmt: skip
    return Point(low, value, high)


def plot(rows: Sequence[RaceRow], measure: Measure = Measure.HELD) -> Plot:
    """The geometry of the picture; names that would cover each other are pushed apart."""
    delays = sorted({row.delay_min for row in rows})
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(delays) - 1)
    at = {delay: _LEFT + place * step for place, delay in enumerate(delays)}
    top = 1.0 if _is_share(measure) else _above(max(measured(row, measure).high for row in rows))
    lines = []
    for strategy in dict.fromkeys(row.strategy for row in rows):
        mine = sorted((row for row in rows if row.strategy is strategy), key=lambda row: row.delay_min)
        found = [(at[row.delay_min], measured(row, measure)) for row in mine]
        upper = [(x, _y(one.high / top)) for x, one in found]
        lower = [(x, _y(one.low / top)) for x, one in reversed(found)]
        points = tuple((x, _y(one.value / top)) for x, one in found)
        lines.append(Line(strategy, points, (*upper, *lower), points[-1][1]))
    columns = tuple((x, delay) for delay, x in at.items())
    levels = tuple((_y(number / _LEVELS), top * number / _LEVELS) for number in range(_LEVELS + 1))
    return Plot(measure, tuple(_apart(lines)), columns, levels)


def page(result: RaceResult, people: int, provinces: int, language: Language) -> str:
    """The page as HTML, with nothing loaded from elsewhere."""

    def grouped(number: int) -> str:
        return f"{number:,}".replace(",", "." if language is Language.VI else ",")

    def tenths(number: float) -> str:
        return f"{number:.1f}".replace(".", "," if language is Language.VI else ".")

    def said(value: float, measure: Measure) -> str:
        if _is_share(measure):
            return f"{tenths(100 * value)} %"
        for unit in _UNITS if measure is Measure.HARM else ():
            if value >= 10**unit:
                return translate(f"race.page.unit_{unit}", language, number=tenths(value / 10**unit))
        return grouped(round(value))

    def interval(row: RaceRow, measure: Measure) -> str:
        point = measured(row, measure)
        return f"{said(point.low, measure)} – {said(point.high, measure)}".replace(" % – ", "–")

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lachan.race", "data"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("page.html").render(
        result=result, plots=[plot(result.rows, one) for one in Measure], people=grouped(people),
        provinces=provinces, lang=language.value, measures=list(Measure),
        width=WIDTH, height=HEIGHT, right=WIDTH - _RIGHT, left=_LEFT, bottom=HEIGHT - _BOTTOM,
        t=lambda key, **said: translate(f"race.page.{key}", language, **said),
        said=said, value=lambda row, measure: said(measured(row, measure).value, measure), interval=interval,
    )  # fmt: skip


def _is_share(measure: Measure) -> bool:
    return measure in (Measure.HELD, Measure.RETURNED)


def _above(most: float) -> float:
    """A round number not below it; 1 where there is nothing."""
    power = 1.0
    while most > 10 * power:
        power *= 10
    return next(step * power for step in _STEPS if step * power >= most)


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
