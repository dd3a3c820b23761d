"""Time as a test says."""

from datetime import datetime


class StoppedClock:
    """A clock that moves when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The set instant."""
        return self.at

    def wall_delay_s(self, domain_seconds: float) -> float:
        """Nothing is ever waited for."""
        return 0.0
