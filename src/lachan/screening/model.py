"""What is answered about a key. Changes and verdicts are the registry's."""

import msgspec

from lachan.foundation.base import Reason
from lachan.registry import Verdict


class ScreenReason(Reason):
    """Why something cannot be screened."""

    TOO_MANY_KEYS = "too_many_keys"
    NOT_UTF8 = "not_utf8"
    NOT_CANONICAL = "key_not_canonical"
    GENERATION_REFUSED = "screening_generation_refused"


class Screened(msgspec.Struct, frozen=True):
    """The answer about one key; `entry` is the registry's, none when clear.

    A struct, because a frozen dataclass takes as long to make as its record to be read.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    entry: str | None = None


CLEAR = Screened(Verdict.CLEAR)
