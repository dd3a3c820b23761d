"""The register of breaches of personal data, with the clock of their notice."""

from lachan.foundation.access.breaches.actions import (
    close_breach,
    correct_breach,
    note_breach_notice,
    record_breach,
)
from lachan.foundation.access.breaches.model import Breach, BreachState
from lachan.foundation.access.breaches.views import breaches

__all__ = [
    "Breach",
    "BreachState",
    "breaches",
    "close_breach",
    "correct_breach",
    "note_breach_notice",
    "record_breach",
]
