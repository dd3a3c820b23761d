"""What is answered about a key. Changes and verdicts are the registry's."""

from dataclasses import dataclass

from lachan.foundation.base import Reason
from lachan.registry import Verdict


class ScreenReason(Reason):
    """Why something cannot be screened."""

    TOO_MANY_KEYS = "too_many_keys"
    NOT_UTF8 = "not_utf8"
    NOT_CANONICAL = "key_not_canonical"
    GENERATION_REFUSED = "screening_generation_refused"


@dataclass(frozen=True, slots=True)
class Screened:
    """The answer about one key; `entry` is the registry's, none when clear."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    entry: str | None = None


CLEAR = Screened(Verdict.CLEAR)
