"""Alerts as work: what was found, what became of it, and the life-cycle as a table. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lachan.foundation.base import Reason
from lachan.ledger import TransferKind
from lachan.monitoring.model import Level


class AlertState(StrEnum):
    """Where the work on an alert stands."""

    OPEN = "open"
    TAKEN = "taken"
    CONFIRMED = "confirmed"
    PROPOSED = "proposed"
    SUPPRESSED = "suppressed"
    DISMISSED = "dismissed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CLOSED = "closed"


_A = AlertState
# A person takes, looks and signs; a second one approves what the first would have listed. What a suppression has
# covered comes back when it is over, if there is new evidence, and is closed if there is none.
ALERT_NEXT: Mapping[AlertState, frozenset[AlertState]] = {
    _A.OPEN: frozenset({_A.TAKEN}),
    _A.TAKEN: frozenset({_A.OPEN, _A.CONFIRMED, _A.DISMISSED, _A.SUPPRESSED}),
    _A.CONFIRMED: frozenset({_A.PROPOSED, _A.CLOSED}),
    _A.PROPOSED: frozenset({_A.APPROVED, _A.REJECTED}),
    _A.SUPPRESSED: frozenset({_A.OPEN, _A.CLOSED}),
    _A.DISMISSED: frozenset(),
    _A.APPROVED: frozenset(),
    _A.REJECTED: frozenset(),
    _A.CLOSED: frozenset(),
}
ENDED = frozenset(state for state, following in ALERT_NEXT.items() if not following)


class AlertReason(Reason):
    """Why a step of the work on an alert is refused."""

    NOT_IN_THIS_STATE = "alert_not_in_this_state"
    TAKEN_BY_ANOTHER = "alert_taken_by_another"
    NOTHING_TO_LIST = "alert_nothing_to_list"
    SUPPRESSED_TOO_LONG = "alert_suppressed_too_long"
    SUPPRESSES_EVERYTHING = "alert_suppresses_everything"
    SUPPRESSION_OVER = "alert_suppression_over"


@dataclass(frozen=True, slots=True)
class ShownTransfer:
    """A transfer that shows an alert, as the stream had it."""

    id: str
    booked_at: datetime
    payer: str
    payee: str
    amount_vnd: int
    kind: TransferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAlert:
    """A typology that fired on a transfer, ready to be recorded.

    `account` is whose alert it is, `suspect` against whom it speaks (None: that party is no account). `fired` is
    the transfer on which it fired; `shown` are the transfers that show it, oldest first, with that one among them.
    `features` are those that the typology speaks of; `score` is 0–1.
    """

    typology: str
    level: Level
    score: float
    account: str
    suspect: str | None
    fired: ShownTransfer
    shown: tuple[ShownTransfer, ...]
    features: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of found alerts: found = opened + joined + suppressed + repeated.

    `opened`: new alerts on the desk; `joined`: further sightings of open ones; `suppressed`: counted, not shown;
    `repeated`: recorded before.
    """

    found: int = 0
    opened: int = 0
    joined: int = 0
    suppressed: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that an alert was seen. `alert_id` None: a suppression covered it."""

    id: str
    alert_id: str | None
    typology: str
    level: Level
    score: float
    account: str
    suspect: str | None
    fired: str
    fired_at: datetime
    amount_vnd: int
    shown: tuple[ShownTransfer, ...]
    features: Mapping[str, int]
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One account showing one typology, and the work on it.

    `institution` is the code of whoever keeps the account, None where its key names nobody. `amount_vnd` is the sum
    of the transfers on which it fired, `due_at` by when somebody has to have looked, or decided. `sentence` is what
    was signed; `proposed` the account that a claim was drafted about. `version` counts steps.
    """

    id: str
    typology: str
    account: str
    institution: str | None
    level: Level
    score: float
    state: AlertState
    sightings: int
    amount_vnd: int
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    due_at: datetime
    taken_by: str | None
    taken_agency: str | None
    sentence: str | None
    proposed: str | None
    suppression_id: str | None
    claim_id: str | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work: to which state, by whom, when, and why in a code and in words."""

    id: str
    alert_id: str
    state: AlertState
    by: str
    agency_id: str | None
    at: datetime
    code: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is not shown for a while: a typology, an account, or one at the other; at an institution or everywhere.

    It holds until `until` at most, never for ever. `alert_id`: the alert it was made from.
    """

    id: str
    typology: str | None
    account: str | None
    institution: str | None
    alert_id: str | None
    reasons: str
    made_by: str
    made_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it holds at that instant."""
        return self.ended_at is None and now < self.until

    def covers(self, typology: str, account: str, institution: str | None) -> bool:
        """Whether it speaks of this alert."""
        return (
            self.typology in (None, typology)
            and self.account in (None, account)
            and self.institution in (None, institution)
        )
