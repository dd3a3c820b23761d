"""Money that somebody was asked to hold, and what is known of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Road(StrEnum):
    """How money came to an account: from the victim, whole from the account before, or as one of several parts."""

    FIRST = "first"
    WHOLE = "whole"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Asked:
    """Money that an institution is asked to hold.

    `booked_at` is when it came to the account; `asked_at` when the institution was first asked, None if not yet.
    """

    institution: str | None
    amount_vnd: int
    booked_at: datetime
    road: Road
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """`left_vnd` is what probably lies there now, `in_time` the chance (0 to 1) of an answer within ten minutes.

    `seen` is how many earlier requests of this institution say so; `known`: enough of them to speak of it.
    """

    left_vnd: int
    in_time: float
    seen: int
    known: bool
