"""Requests of people about their own data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubjectRequestKind(StrEnum):
    """What somebody asks for (Law 91/2025/QH15)."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    OBJECTION = "objection"


class SubjectRequestState(StrEnum):
    """Where a request stands. Nothing is granted before it is known who asks."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_S = SubjectRequestState
NEXT = {
    _S.RECEIVED: frozenset({_S.IDENTIFIED, _S.REFUSED, _S.WITHDRAWN}),
    _S.IDENTIFIED: frozenset({_S.GRANTED, _S.REFUSED, _S.WITHDRAWN}),
    _S.GRANTED: frozenset[SubjectRequestState](),
    _S.REFUSED: frozenset[SubjectRequestState](),
    _S.WITHDRAWN: frozenset[SubjectRequestState](),
}


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """One request. `code` is for the person who asked; `answer_by` its deadline (the clock is data)."""

    id: str
    code: str
    kind: SubjectRequestKind
    state: SubjectRequestState
    name: str
    contact: str
    details: str
    received_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    answer: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer is late: still owed, or given after its time."""
        if self.answered_at is not None:
            return self.answered_at >= self.answer_by
        return bool(NEXT[self.state]) and now >= self.answer_by
