"""The verdict before money moves: is this key suspected, how badly, why?"""

from lachan.screening.engine import Engine
from lachan.screening.model import CLEAR, Change, Screened, ScreenReason, Verdict

__all__ = ["CLEAR", "Change", "Engine", "ScreenReason", "Screened", "Verdict"]
