"""A moment as people write it, on Vietnamese clocks: `09:33`, `9h33 18/11`, `2026-11-18T09:33`, `21h hôm qua`."""

import re
from datetime import UTC, datetime, timedelta

from lachan.doors.web.render import fold
from lachan.foundation.base import VIETNAM, BadInput, InputReason

EXAMPLE = "09:33 18/11/2026"
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t| )+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?")
_TIME = re.compile(
    r"(?<!\d)(\d{1,2}) ?(?::|h|g(?:io)?) ?(?:(\d{1,2})(?!\d))?"
    r"(?: ?(?::|p(?:hut)?|m) ?(?:(\d{1,2})(?!\d) ?(?:s|giay)?)?)?"
    r" ?(am|pm|sang|trua|chieu|toi|dem)?"
)
_DATE = re.compile(r"(\d{1,2}) ?[/.-] ?(\d{1,2})(?: ?[/.-] ?(\d{4}|\d{2}))?")
_FILLERS = re.compile(r"\b(?:luc|ngay|vao|at|on)\b|,")
_DAYS = {"": None, "hom nay": 0, "nay": 0, "today": 0, "hom qua": 1, "qua": 1, "yesterday": 1}
_AFTERNOON = frozenset({"pm", "chieu", "toi"})
# Shortly after midnight, "23:50" means yesterday's.
_LAST_NIGHT = timedelta(hours=12)
_YEARS = range(2000, 2100)


def parse_moment(text: str, now: datetime, *, field: str = "booked_at") -> datetime:
    """The instant in UTC; a time without a date is today's, a date without a year this year's."""
    said = re.sub(r"\s+", " ", fold(text)).strip()
    local_now = now.astimezone(VIETNAM)
    try:
        found = _iso(said) or _spoken(said, local_now)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in _YEARS:
        raise BadInput(InputReason.MALFORMED, field=field, expected=EXAMPLE)
    return found.astimezone(UTC)


def _iso(said: str) -> datetime | None:
    match = _ISO.fullmatch(said)
    if not match:
        return None
    year, month, day, hour, minute = (int(match[i]) for i in range(1, 6))
    return datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=VIETNAM)


def _spoken(said: str, now: datetime) -> datetime | None:
    time = _TIME.search(said)
    if not time or not said.isascii():
        return None
    hour, half = int(time[1]), time[4]
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in {"am", "dem"} and hour == 12:
        hour = 0
    elif half == "dem" and 6 <= hour < 12:
        hour += 12
    clock = (hour, int(time[2] or 0), int(time[3] or 0))
    rest = re.sub(r"\s+", " ", _FILLERS.sub(" ", said[: time.start()] + " " + said[time.end() :])).strip()
    if rest in _DAYS:
        back = _DAYS[rest]
        day = now.date() - timedelta(days=back or 0)
        at = datetime(day.year, day.month, day.day, *clock, tzinfo=VIETNAM)
        earlier = at - timedelta(days=1)
        return earlier if back is None and at > now and now - earlier <= _LAST_NIGHT else at
    date = _DATE.fullmatch(rest)
    if not date:
        return None
    month, day_number = int(date[2]), int(date[1])
    if date[3]:
        year = int(date[3]) if len(date[3]) == 4 else 2000 + int(date[3])
        return datetime(year, month, day_number, *clock, tzinfo=VIETNAM)
    at = datetime(now.year, month, day_number, *clock, tzinfo=VIETNAM)
    return at.replace(year=now.year - 1) if at > now + timedelta(days=1) else at
