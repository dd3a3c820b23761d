"""Where the time comes from. Rules never ask a clock: `now` is passed in by the door or the worker.

A simulated clock runs `factor` times faster than the wall, from an agreed instant; every process of a demo
is given the same three values, so that all of them agree on the simulated time without talking.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from lachan.foundation.base.errors import BadInput, InputReason

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Gives the present instant, always with a zone."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        ...

    def wall_delay_s(self, domain_seconds: float) -> float:
        """How many real seconds pass while `domain_seconds` pass on this clock."""
        ...


@dataclass(frozen=True, slots=True)
class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall_delay_s(self, domain_seconds: float) -> float:
        return domain_seconds


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """`starts_at` at the wall instant `wall_epoch`, then `factor` simulated seconds a second."""

    starts_at: datetime
    factor: float
    wall_epoch: datetime

    def now(self) -> datetime:
        return self.at(datetime.now(UTC))

    def at(self, wall: datetime) -> datetime:
        """The simulated instant at the wall instant `wall`."""
        elapsed_s = (wall - self.wall_epoch).total_seconds()
        return self.starts_at + timedelta(seconds=elapsed_s * self.factor)

    def wall_delay_s(self, domain_seconds: float) -> float:
        return domain_seconds / self.factor

    def as_text(self) -> str:
        """The setting from which another process builds the same clock."""
        return f"{self.starts_at.isoformat()} x{self.factor:g} @{self.wall_epoch.isoformat()}"


def clock_from_text(text: str) -> Clock:
    """Read the `LACHAN_CLOCK` setting: empty for the wall, else `START xFACTOR @WALL_EPOCH`."""
    if not text:
        return WallClock()
    try:
        start, factor, epoch = text.split()
        clock = SimulatedClock(
            datetime.fromisoformat(start).astimezone(UTC),
            float(factor.removeprefix("x")),
            datetime.fromisoformat(epoch.removeprefix("@")).astimezone(UTC),
        )
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field="LACHAN_CLOCK", expected="START xFACTOR @EPOCH") from error
    if clock.factor <= 0:
        raise BadInput(InputReason.NOT_POSITIVE, field="LACHAN_CLOCK")
    return clock
