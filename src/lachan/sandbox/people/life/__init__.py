"""What honest people and firms pay each other, one day at a time."""

from lachan.sandbox.people.life.days import Life
from lachan.sandbox.people.life.town import Town, open_town

__all__ = ["Life", "Town", "open_town"]
