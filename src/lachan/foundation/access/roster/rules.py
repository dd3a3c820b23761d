"""What a shift may be, and the order of those on duty."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.access.roster.model import Position, Shift
from lachan.foundation.base import BadInput, Conflict, InputReason

LENGTH_MAX = timedelta(hours=24)
RANK_MAX = 100
_ORDER = {position: number for number, position in enumerate(Position)}


def check_shift(new: Shift, others: Iterable[Shift]) -> None:
    """Refuse a reversed or overlong shift, and one that overlaps another of the same person."""
    if new.ends_at <= new.starts_at:
        raise BadInput(AccessReason.PERIOD_REVERSED, field="ends_at")
    if new.ends_at - new.starts_at > LENGTH_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="ends_at", limit="24 h")
    if not 0 <= new.rank <= RANK_MAX:
        raise BadInput(InputReason.TOO_LARGE, field="rank", limit=RANK_MAX)
    for other in others:
        if other.person_id == new.person_id and other.starts_at < new.ends_at and new.starts_at < other.ends_at:
            raise Conflict(AccessReason.SHIFT_OVERLAPS, field="starts_at")


def in_order(shifts: Iterable[Shift], now: datetime) -> list[Shift]:
    """Those on duty now: shift head, deputies by rank, officers."""
    present = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    return sorted(present, key=lambda s: (_ORDER[s.position], s.rank, s.starts_at, s.id))
