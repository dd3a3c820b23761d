"""The verdict before money moves: is this key suspected, how badly, why?"""

from lachan.screening.advice import Advice, AgeBand, Context, PaymentChannel, advise
from lachan.screening.engine import Engine
from lachan.screening.follow import Pull, Screening
from lachan.screening.hits import Hits
from lachan.screening.model import CLEAR, Screened, ScreenReason
from lachan.screening.shapes import doubtful, require_canonical

__all__ = [
    "CLEAR",
    "Advice",
    "AgeBand",
    "Context",
    "Engine",
    "Hits",
    "PaymentChannel",
    "Pull",
    "ScreenReason",
    "Screened",
    "Screening",
    "advise",
    "doubtful",
    "require_canonical",
]
