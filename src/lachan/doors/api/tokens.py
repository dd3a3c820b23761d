"""Who is behind a token, asked of the record at most once a second.

An unsigned, read-only call may rest on a check that is younger than `KEEP_S`: a revoked token, client or scope is
refused within that time. Calls that change something ask the record each time (`identity.py`).
"""

import threading
import time

from lachan.bootstrap import Services
from lachan.foundation.access import AccessReason, Permission, actor_for_token, require
from lachan.foundation.base import Actor, NotAllowed, WallClock

KEEP_S = 0.9
# From this age on the check is repeated beside the call, so that a busy client never waits for it.
RENEW_S = 0.4
_TOKENS_MAX = 10_000


class TokenChecks:
    """Recent answers about tokens that may use one permission."""

    def __init__(self, services: Services, permission: Permission) -> None:
        self._services = services
        self._permission = permission
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Actor, float]] = {}

    def recent(self, token: str) -> tuple[Actor | None, bool]:
        """The actor, if the token was checked lately; and whether it is time to check again."""
        found = self._known.get(token)
        if found is None:
            return None, True
        age_s = time.monotonic() - found[1]
        return (found[0] if age_s < KEEP_S else None), age_s >= RENEW_S

    def check(self, token: str) -> Actor:
        """Ask the record; NotAllowed INVALID_TOKEN, or NOT_PERMITTED without the permission's scope."""
        checked_at = time.monotonic()
        try:
            with self._services.db.read() as conn:
                actor = actor_for_token(conn, token, WallClock().now())
            if actor is None or actor.agency_id is None:
                raise NotAllowed(AccessReason.INVALID_TOKEN)
            require(actor, self._permission, agency_id=actor.agency_id)
        except NotAllowed:
            with self._lock:
                self._known.pop(token, None)
            raise
        with self._lock:
            if len(self._known) >= _TOKENS_MAX:
                self._known = {t: found for t, found in self._known.items() if checked_at - found[1] < KEEP_S}
            if len(self._known) < _TOKENS_MAX:
                self._known[token] = (actor, checked_at)
        return actor
