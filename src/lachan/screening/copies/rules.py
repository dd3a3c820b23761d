"""When a new number is due, whether a kept file still serves, and what a row of changes comes to. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lachan.registry import Change, Verdict
from lachan.screening.copies.model import CopyFile, Issue

# Who asks every tenth of a second still gets five numbers a second at most.
APART = timedelta(seconds=0.2)
# A number without news says that the copy is not old: recipients stop answering from one that is.
RENEW = timedelta(hours=1)
# A whole list is made anew after this, though nothing new was merged: it must not be stale when it arrives.
WHOLE_AGE_MAX = timedelta(hours=12)
# How long a recipient may be away and still go on by a delta.
KEPT = timedelta(days=7)
# Beyond this, a whole list is smaller or nearly so, and costs the center less.
DELTA_CHANGES_MAX = 100_000


def is_due(newest: Issue | None, sequence: int, wall_now: datetime) -> bool:
    """Whether to issue a new number, the registry being at `sequence`."""
    if newest is None:
        return True
    age = wall_now - newest.issued_at
    if age < timedelta(0):
        return True  # the clock was put back: the newer number tells the right time again
    return age >= (APART if sequence != newest.sequence else RENEW)


def still_serves(
    file: CopyFile, issue: Issue | None, generation: int, missing_changes: int, wall_now: datetime
) -> bool:
    """Whether a kept file may be handed out: of this generation, young, and a delta leads on from it.

    `issue` is the record's issue of that number, and `missing_changes` what came since.
    """
    if issue is None or int(issue.issued_at.timestamp()) != file.issued_at_s:
        return False  # the record was restored from before this file
    young = timedelta(0) <= wall_now - issue.issued_at <= WHOLE_AGE_MAX
    return young and file.generation >= generation and missing_changes <= DELTA_CHANGES_MAX // 2


def net(changes: Iterable[Change]) -> tuple[list[str], list[str]]:
    """The keys that a row of changes adds and those that it removes; the last change of a key counts."""
    last = {change.key: change.verdict for change in changes}
    added = [key for key, verdict in last.items() if verdict is not Verdict.CLEAR]
    removed = [key for key, verdict in last.items() if verdict is Verdict.CLEAR]
    return added, removed
