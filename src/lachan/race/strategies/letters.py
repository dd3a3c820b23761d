"""Today's way: a letter to the first bank, its answer days later, a letter to the next bank."""

from datetime import UTC, datetime, timedelta

from lachan.foundation.base import VIETNAM
from lachan.foundation.taxonomy import add_working_days
from lachan.race.figures import figure
from lachan.race.model import Report
from lachan.race.strategies.desk import Desk, Hears
from lachan.race.strategies.hops import Seen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFICE_HOUR = 16


def letters(desk: Desk) -> Hears:
    """Each letter holds what is left of the victim's money; the answer names who is written to next."""

    def write(report: Report, account: int, now: int, seen: Seen) -> None:
        desk.requests += 1

        def answered(then: int) -> None:
            desk.hold(account, report.loss)
            for onward in desk.went_on(account, report.loss):
                if (account, onward) not in seen:
                    seen.add((account, onward))
                    write(report, onward.account, then, seen)

        desk.at(answered_us(now), answered)

    return lambda report: write(report, report.account, report.reported_us, set())


def answered_us(written_us: int) -> int:
    """Late in the afternoon of the working day by which letters are answered."""
    day = (_EPOCH + timedelta(microseconds=written_us)).astimezone(VIETNAM).date()
    answered = add_working_days(day, int(figure("letter_working_days")))
    at = datetime(answered.year, answered.month, answered.day, _OFFICE_HOUR, tzinfo=VIETNAM)
    return (at - _EPOCH) // timedelta(microseconds=1)
