"""Places as dots: where each lies in a picture, and how large it is drawn. No borders: none may be shipped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 520, 620, 26
_RADIUS_MOST, _RADIUS_LEAST = 22.0, 3.0
# A degree of longitude is that much shorter than one of latitude, at 16° north.
_SQUEEZE = math.cos(math.radians(16))


@dataclass(frozen=True, slots=True)
class PlaceDot:
    """A place on the map, in pixels of the picture; `late`: drawn in the colour of what is overdue."""

    name: str
    value: str
    amount: int
    x: float
    y: float
    radius: float
    href: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that holds all its points: left and top edge in degrees, pixels a degree, height in pixels."""

    left: float
    top: float
    scale: float
    height: int

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies in the picture."""
        return (
            round((lon - self.left) * _SQUEEZE * self.scale + EDGE, 1),
            round((self.top - lat) * self.scale + EDGE, 1),
        )


def frame(points: Sequence[tuple[float, float]]) -> Frame:
    """The picture of some points, longitude first; of the middle of the country where there are none."""
    lons, lats = [lon for lon, _ in points] or [105.0], [lat for _, lat in points] or [16.0]
    wide = max((max(lons) - min(lons)) * _SQUEEZE, 0.05)
    tall = max(max(lats) - min(lats), 0.05)
    scale = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / tall)
    return Frame(min(lons), max(lats), scale, round(tall * scale) + 2 * EDGE)


def radius(amount: int, most: int) -> float:
    """How large a dot is: its area grows with the amount."""
    return round(_RADIUS_LEAST + (_RADIUS_MOST - _RADIUS_LEAST) * math.sqrt(amount / (most or 1)), 1)
