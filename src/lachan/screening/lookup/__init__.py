"""What anybody may look up: only what they typed themselves, a verdict and why, never who said so or what else."""

from lachan.screening.lookup.model import ASKED_MAX, LETTERS_A_LOOK_UP, TEXT_MAX, Asked, Looked, Reading
from lachan.screening.lookup.reading import account_at, ask, read_paste
from lachan.screening.lookup.views import advise_on, look_up

__all__ = [
    "ASKED_MAX",
    "LETTERS_A_LOOK_UP",
    "TEXT_MAX",
    "Asked",
    "Looked",
    "Reading",
    "account_at",
    "advise_on",
    "ask",
    "look_up",
    "read_paste",
]
