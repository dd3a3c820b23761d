"""What can be asked for, and what asking is expected to save."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Road(StrEnum):
    """How money came to an account: from the victim, whole from the account before, or as one of several parts."""

    FIRST = "first"
    WHOLE = "whole"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Money that somebody may be asked to hold.

    `booked_at` is when it came to the account; `asked_at` when the institution was first asked, None if not yet.
    `chance` (0 to 1) is that of its being there at all: 1 where an answer or a victim says so.
    """

    key: str
    institution: str | None
    amount_vnd: int
    booked_at: datetime
    road: Road
    asked_at: datetime | None = None
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its worth in VND.

    `left_vnd` is what probably lies there now, `in_time` the chance (0 to 1) of an answer within ten minutes.
    `reason` and `said` are the one sentence: a key of the catalogue and what it names (the caller adds
    `institution`).
    """

    candidate: Candidate
    worth_vnd: int
    left_vnd: int
    in_time: float
    reason: str
    said: Mapping[str, object]
