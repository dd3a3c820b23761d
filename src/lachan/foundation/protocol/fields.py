"""The small types every message is made of: bounded texts, amounts, instants, keys.

All bounds are part of the protocol: they are written into the published JSON Schemas.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from lachan.foundation.base import VND_MAX

# A body above this is refused unread. 10,000 movements of about 200 bytes fit.
BODY_BYTES_MAX = 4 * 1024 * 1024
MOVEMENTS_MAX = 10_000
PARTS_MAX = 2_000
SPANS_MAX = 2_000

_REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:/+\\#@=-]{0,79}$"
_ACCOUNT_KEY = r"^(account|wallet):[A-Za-z0-9+._-]{1,40}:[A-Za-z0-9+._-]{1,40}$"
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"


# How a center names a transfer whose real reference nobody has told it yet; then follows the loss's id.
_MADE_UP = "unknown-"


def made_up_reference(loss_id: str) -> str:
    """The reference of a transfer whose real one nobody has told yet."""
    return f"{_MADE_UP}{loss_id}"


def is_made_up_reference(reference: str) -> bool:
    """Whether a center made this reference up: look for account, amount and time, and tell the real one."""
    return reference.startswith(_MADE_UP)


def is_reference(text: str) -> bool:
    """Whether a typed text can be a reference."""
    return re.fullmatch(_REFERENCE, text) is not None


def is_account_key(text: str) -> bool:
    """Whether a message can name this account: its kind, its institution and its number."""
    return re.fullmatch(_ACCOUNT_KEY, text) is not None


def is_instant(instant: datetime) -> bool:
    """Whether a message may carry it: years outside 2000-2199 are slips of a clock or a hand, not events."""
    return 2000 <= instant.year < 2200


def _in_utc(instant: datetime) -> datetime:
    """Inside, every instant is UTC."""
    if not is_instant(instant):
        raise ValueError("instant outside the years 2000 to 2199")
    return instant.astimezone(UTC)


Vnd = Annotated[int, Field(gt=0, le=VND_MAX)]
VndOrZero = Annotated[int, Field(ge=0, le=VND_MAX)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
MessageId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
]
# Ids that either side gives out (requests, losses, policies, movements, transfers); core banking systems write
# references such as FT26325ABCDE\BNK.
Reference = Annotated[str, StringConstraints(pattern=_REFERENCE)]
InstitutionCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
AccountKey = Annotated[str, StringConstraints(pattern=_ACCOUNT_KEY)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]{1,500}$")]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_ONE_LINE)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=_PRINTABLE)]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]
