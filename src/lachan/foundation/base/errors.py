"""The error tree. Errors know *what kind* of refusal they are and its named reason; doors decide the rest.

LachanError
├── BadInput      what was given cannot be used           (HTTP 422, exit code 2)
├── NotAllowed    this actor may not do this              (HTTP 403, exit code 1)
├── NotFound      there is no such thing, or not for you  (HTTP 404, exit code 1)
├── Conflict      the state does not allow it now         (HTTP 409, exit code 1)
└── NotReady      the system itself cannot do it yet      (HTTP 503, exit code 3)

A reason is a member of a `Reason` subclass. Each has a sentence in every language under `reason.<value>`;
a test walks `all_reasons()` and fails when a sentence is missing.
"""

from collections.abc import Iterator
from enum import StrEnum


class Reason(StrEnum):
    """Base of every capability's refusal reasons; subclass it next to the rule that refuses."""


class InputReason(Reason):
    """Refusals at the edge that any door may give."""

    MISSING = "missing"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_LARGE = "too_large"
    NOT_POSITIVE = "not_positive"
    IN_THE_FUTURE = "in_the_future"
    TOO_OLD = "too_old"
    UNKNOWN_VALUE = "unknown_value"
    UNREADABLE_FILE = "unreadable_file"
    NO_SUCH_RECORD = "no_such_record"
    CHANGED_MEANWHILE = "changed_meanwhile"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    TOO_MANY_REQUESTS = "too_many_requests"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNREADABLE_REQUEST = "unreadable_request"


class LachanError(Exception):
    """A refusal with a named reason.

    `field` names the offending input where there is one; `params` fill the translated sentence and never
    hold personal data, because the sentence may be logged.
    """

    def __init__(self, reason: Reason, *, field: str | None = None, **params: object) -> None:
        self.reason = reason
        self.field = field
        self.params = params
        where = f" ({field})" if field else ""
        super().__init__(f"{reason.value}{where}")


class BadInput(LachanError):
    """What was given cannot be used; the message says what was expected."""


class NotAllowed(LachanError):
    """This actor may not do this."""


class NotFound(LachanError):
    """There is no such thing, or it is not this actor's to know."""


class Conflict(LachanError):
    """The state of the thing does not allow this now."""


class NotReady(LachanError):
    """The system cannot do this yet: not initialised, not migrated, no key."""


def all_reasons() -> Iterator[Reason]:
    """Every named reason of every capability that has been imported."""
    pending: list[type[Reason]] = list(Reason.__subclasses__())
    while pending:
        family = pending.pop()
        pending.extend(family.__subclasses__())
        yield from family
