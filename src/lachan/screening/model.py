"""What is known about a key, and how that changes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from lachan.foundation.base import Reason


class Verdict(StrEnum):
    """What a payer's institution should do, mildest first."""

    CLEAR = "clear"
    WARN = "warn"
    STEP_UP = "step_up"
    BLOCK = "block"


class ScreenReason(Reason):
    """Why something cannot be screened."""

    TOO_MANY_KEYS = "too_many_keys"
    NOT_UTF8 = "not_utf8"
    NOT_CANONICAL = "key_not_canonical"
    GENERATION_REFUSED = "screening_generation_refused"


@dataclass(frozen=True, slots=True)
class Change:
    """What a key is from `sequence` on; `clear` takes it off the list.

    `reasons` are codes, `entry_id` is the registry's, and from `until` on (domain time) the key is clear by itself.
    """

    sequence: int
    key: str
    verdict: Verdict | Literal["clear", "warn", "step_up", "block"]
    reasons: tuple[str, ...]
    entry_id: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """The answer about one key; `entry` is the registry's, none when clear."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    entry: str | None = None


CLEAR = Screened(Verdict.CLEAR)
