"""How each institution behaves: quick or slow, down, late, twice, wrongly. All times are simulated seconds."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lachan.foundation.base import VIETNAM

# What closed doors cost on average, as far as choosing victims goes.
_CLOSED_S = 120.0


@dataclass(frozen=True, slots=True)
class Temper:
    """One institution's manners.

    `acknowledge_s` and `answer_s` are the bounds between which a seeded delay is drawn. `polls_s` is set where
    messages are fetched from the inbox instead of being delivered. `hours` are its working hours in Vietnam.
    `down_s` and `up_s` are the lengths of its outages and of the time between them.
    """

    name: str
    acknowledge_s: tuple[float, float]
    answer_s: tuple[float, float]
    polls_s: float | None = None
    hours: tuple[time, time] | None = None
    up_s: float | None = None
    down_s: float = 0.0
    answers_twice: bool = False
    wrong_first: bool = False

    @property
    def typical_s(self) -> float:
        """How long a request usually waits for its hold here, on a good day."""
        waiting = (self.polls_s or 0.0) / 2 + self.down_s / 4 + (_CLOSED_S if self.hours else 0.0)
        return waiting + sum(self.acknowledge_s) / 2 + sum(self.answer_s) / 2

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works there at that instant."""
        return self.hours is None or self.hours[0] <= at.astimezone(VIETNAM).time() < self.hours[1]

    def is_up(self, elapsed_s: float) -> bool:
        """Whether its end point answers, `elapsed_s` after the start of the story."""
        return self.up_s is None or elapsed_s % (self.up_s + self.down_s) < self.up_s

    def opens_at(self, at: datetime) -> datetime:
        """The first instant from `at` on at which somebody works there."""
        if self.hours is None or self.is_open(at):
            return at
        local = at.astimezone(VIETNAM)
        opening = local.replace(hour=self.hours[0].hour, minute=self.hours[0].minute, second=0, microsecond=0)
        return opening if local < opening else opening + timedelta(days=1)


TEMPERS = {
    temper.name: temper
    for temper in (
        Temper("fast", (1, 3), (2, 10)),
        Temper("slow", (10, 30), (30, 90)),
        Temper("human", (20, 60), (60, 240), polls_s=30),
        Temper("late", (2, 5), (190, 330)),
        Temper("often_down", (1, 3), (3, 12), up_s=240, down_s=120),
        Temper("office_hours", (5, 15), (15, 60), hours=(time(9, 10), time(16, 30))),
        Temper("twice", (1, 3), (4, 15), answers_twice=True),
        Temper("wrong_first", (1, 3), (4, 15), wrong_first=True),
    )
}
