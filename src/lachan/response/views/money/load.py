"""What the ledger knows of one trace's losses, and the instants that are asked about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from lachan.foundation.base import VIETNAM
from lachan.foundation.taxonomy import threshold
from lachan.intake import report_by_id
from lachan.ledger import Surroundings, around
from lachan.response.model import Trace


@dataclass(frozen=True, slots=True)
class At:
    """Booked up to `as_of`, learned up to `known_at`; None: now."""

    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Whether an earlier state is asked for."""
        return self.as_of is not None or self.known_at is not None


def own_losses(conn: Connection, trace: Trace) -> tuple[str, ...]:
    """The losses of the trace's report, whether or not another report named them first."""
    return tuple(loss.id for loss in report_by_id(conn, trace.report_id).losses)


def surroundings_of(conn: Connection, trace: Trace) -> tuple[Surroundings, tuple[str, ...]]:
    """Every fact about the trace's money, and the trace's losses."""
    own = own_losses(conn, trace)
    return around(conn, own), own


def floor_vnd(now: datetime) -> int:
    """Below it a branch is not followed by the rule that dilutes."""
    return int(threshold("tracing_floor", now).value)


def typed_instant(instant: datetime | None) -> str:
    """As a browser's input has it, to the second: the first second by which it had come."""
    if instant is None:
        return ""
    return (instant + timedelta(microseconds=999_999)).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M:%S")
