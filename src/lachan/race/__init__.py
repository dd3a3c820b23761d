"""The race: the same thefts against different ways of working. What is saved, and what it costs the innocent."""

from lachan.race.model import Gain, RaceReason, RaceResult, RaceRow, Spread, Strategy
from lachan.race.page import page
from lachan.race.run import race

__all__ = ["Gain", "RaceReason", "RaceResult", "RaceRow", "Spread", "Strategy", "page", "race"]
