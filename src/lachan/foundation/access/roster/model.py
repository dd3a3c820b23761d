"""Who is on duty at a desk, and in which order they are asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Position(StrEnum):
    """What somebody does on a shift, in the order in which approvals are asked of them."""

    SHIFT_HEAD = "shift_head"
    DEPUTY = "deputy"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's duty at one desk in `[starts_at, ends_at)`; `rank` orders the deputies, 1 first."""

    id: str
    agency_id: str
    person_id: str
    position: Position
    rank: int
    starts_at: datetime
    ends_at: datetime
