"""Changes of verdicts, as the registry gives them."""

from collections.abc import Iterable
from datetime import datetime

from lachan.registry import Change, Verdict


def changed(
    sequence: int,
    key: str,
    verdict: Verdict | str = Verdict.WARN,
    reasons: Iterable[str] = (),
    entry: str = "e",
    until: datetime | None = None,
) -> Change:
    """One change."""
    return Change(sequence, key, Verdict(verdict), tuple(reasons), entry, until)
