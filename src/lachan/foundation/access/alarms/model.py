"""An alarm about a deadline of data protection, or about how the registry is asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.foundation.access.permissions import Permission


class AlarmKind(StrEnum):
    """What the deadline is for; the value is the table that holds the record."""

    BREACH = "breach"
    SUBJECT_REQUEST = "subject_request"
    LOOKUPS = "lookup_alarm"


# Who is to hear it: whoever works on such records.
HEARD_BY = {
    AlarmKind.BREACH: Permission.BREACH_MANAGE,
    AlarmKind.SUBJECT_REQUEST: Permission.DATASUBJECT_MANAGE,
    AlarmKind.LOOKUPS: Permission.CLIENT_MANAGE,
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """It has rung for the record `subject_id` and is not dealt with. From `due_at` on it is late."""

    kind: AlarmKind
    subject_id: str
    due_at: datetime
    rung_at: datetime

    def is_late(self, now: datetime) -> bool:
        """Whether the deadline itself has passed."""
        return now >= self.due_at
