"""The story's own count of time: microseconds from its start, on the simulated clock that all processes share."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lachan.foundation.base import SimulatedClock

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StoryClock:
    """Turns instants of the simulated clock into microseconds of the story and back, exactly."""

    clock: SimulatedClock

    def now_us(self) -> int:
        """How far the story has come."""
        return self.count(self.clock.now())

    def count(self, instant: datetime) -> int:
        """The microseconds of the story at an instant."""
        return (instant - self.clock.starts_at) // _MICROSECOND

    def instant(self, at_us: int) -> datetime:
        """The instant, in UTC, at a count of microseconds."""
        return self.clock.starts_at + timedelta(microseconds=at_us)

    def wall_s_until(self, at_us: int) -> float:
        """How many real seconds until then; 0 or less where it has passed."""
        return self.clock.wall_delay_s((at_us - self.now_us()) / 1_000_000)
