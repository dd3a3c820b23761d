"""Suspicions that institutions submit, and the feed of verdicts that they follow."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lachan.foundation.protocol.fields import Instant, LongText, MessageId, ShortText
from lachan.foundation.protocol.messages.model import Message
from lachan.foundation.protocol.messages.payments import Received, SuspicionCode

CLAIMS_MAX = 1_000
IdentifierKey = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}:[^\x00-\x20\x7f]{1,2000}$")]
# Long enough for a keyed hash, too long for a phone, citizen or card number.
OpaqueWord = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{22,128}$")]


class ClaimStatus(StrEnum):
    """What the institution says of the identifier now."""

    SUSPECTED = "suspected"
    CLEARED = "cleared"


class SubmittedClaim(Message):
    """One suspected identifier.

    An account is named by `key`, or by `account_number` and `bank` as in the monthly report to the State Bank. Who
    holds it is not asked: the registry lists accounts, not people.

    `device`, `subscriber`, `holder`: your own opaque word for each, a keyed hash of 128 bits or more in hexadecimal
    or base64url, never a name or number; what you name alike is shown as belonging together. `received`: who paid
    the account in the last days, so that each payer's own institution can be warned.
    """

    key: IdentifierKey | None = None
    account_number: ShortText | None = None
    bank: ShortText | None = None
    reason: SuspicionCode | None = None
    status: ClaimStatus = ClaimStatus.SUSPECTED
    scam_form: ShortText | None = None
    confidence: Annotated[int, Field(ge=1, le=100)] | None = None
    evidence: LongText | None = None
    first_seen: Instant | None = None
    last_seen: Instant | None = None
    device: OpaqueWord | None = None
    subscriber: OpaqueWord | None = None
    holder: OpaqueWord | None = None
    received: Received = ()


class ClaimSubmission(Message):
    """Suspicions of one institution (`POST /v1/registry/claims`): all are taken, or none."""

    message_id: MessageId
    submitted_by: ShortText
    claims: Annotated[tuple[SubmittedClaim, ...], Field(min_length=1, max_length=CLAIMS_MAX)]


class ClaimReceipt(Message):
    """What became of a submission: how many claims are new, changed, known already, taken back."""

    added: int
    updated: int
    unchanged: int
    cleared: int


class RegistryChange(Message):
    """One change of a verdict in force. The last one of a key holds, and ends by itself at `until`."""

    sequence: int
    key: str
    verdict: Literal["clear", "warn", "step_up", "block"]
    reasons: tuple[str, ...]
    entry: str
    until: Instant | None = None


class ChangePage(Message):
    """Changes in order. `next` is where to go on; asking again with it later brings what is new."""

    items: tuple[RegistryChange, ...]
    next: int
