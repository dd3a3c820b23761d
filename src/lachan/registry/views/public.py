"""What anybody may hear about an identifier that they typed: a verdict, why, how many say so, since when.

Nothing of who claimed, of the holder, of related identifiers, or of entries without a verdict in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from lachan.registry import store
from lachan.registry.model import VERDICT_ORDER, Standing, Verdict

_BODIES = frozenset({Standing.INSTITUTION, Standing.AGENCY, Standing.AUTHORITY})


@dataclass(frozen=True, slots=True)
class PublicSight:
    """A verdict in force. `bodies`: how many agencies, banks, carriers claim it; `lists`: how many community lists.

    `reasons` are only theirs: what citizens reported and nobody verified is no public reason. `scam_form` is the
    form most of them name. `last_said_at` is the newest claim.
    """

    key: str
    verdict: Verdict
    reasons: tuple[str, ...]
    bodies: int
    lists: int
    since: datetime | None
    last_said_at: datetime | None
    scam_form: str | None


def public_sight(conn: Connection, keys: Sequence[str], now: datetime) -> PublicSight | None:
    """The gravest verdict in force about one of these keys (one identifier in its spellings); None when clear."""
    entries = store.entries_by_key(conn, list(keys))
    known = [entries[key] for key in keys if key in entries]
    spoken = max(known, key=lambda one: VERDICT_ORDER.index(one.in_force(now)), default=None)
    if spoken is None or spoken.in_force(now) is Verdict.CLEAR:
        return None
    claims = [
        one for one in store.bearing_claims(conn, [spoken.key])[spoken.key]
        if one.live(now) and one.standing is not Standing.CITIZEN
    ]  # fmt: skip
    forms = [one.scam_form for one in claims if one.scam_form]
    return PublicSight(
        spoken.key, spoken.in_force(now), tuple(sorted({one.reason for one in claims})),
        len({one.claimant for one in claims if one.standing in _BODIES}),
        len({one.claimant for one in claims if one.standing is Standing.FEED}),
        spoken.listed_since, max((one.claimed_at for one in claims), default=None),
        max(sorted(set(forms)), key=forms.count, default=None),
    )  # fmt: skip
