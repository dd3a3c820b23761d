"""The verdict before money moves: is this key suspected, how badly, why?

What is asked for is loaded then: compiled functions take half a second and more, which most commands do not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lachan.screening.engine import Engine
    from lachan.screening.follow import Pull, Screening
    from lachan.screening.hits import Hits
    from lachan.screening.model import CLEAR, Screened, ScreenReason
    from lachan.screening.shapes import doubtful, require_canonical

__all__ = [
    "CLEAR",
    "Engine",
    "Hits",
    "Pull",
    "ScreenReason",
    "Screened",
    "Screening",
    "doubtful",
    "require_canonical",
]
_HOMES = {
    "CLEAR": "model", "Engine": "engine", "Hits": "hits", "Pull": "follow", "ScreenReason": "model",
    "Screened": "model", "Screening": "follow", "doubtful": "shapes", "require_canonical": "shapes",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
