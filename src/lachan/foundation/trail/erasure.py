"""What erasing personal data leaves of it: names that only this erasure connects, and no salts."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

import sqlalchemy as sa

from lachan.foundation.storage import Unit
from lachan.foundation.trail import tables

ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class Veil:
    """Hides values during one erasure: equal ones stay equal, so figures still add up. Its key is kept nowhere."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def hide(self, value: str | None) -> str | None:
        """The value's new name; what is hidden already, or empty, stays."""
        if not value or ERASED in value:
            return value
        # An account stays an account, because its key says so.
        kind = value.partition(":")[0] if value.startswith(("account:", "wallet:")) else ""
        name = f"{ERASED}{hmac.new(self.key, value.encode(), hashlib.sha256).hexdigest()[:16]}"
        return f"{kind}:{name}" if kind else name


def destroy_salts(unit: Unit, subjects: Collection[str]) -> int:
    """Untie the commitments of all facts about these subjects; returns how many salts there were."""
    about = sa.select(tables.fact.c.id).where(tables.fact.c.subject.in_(subjects))
    return unit.conn.execute(sa.delete(tables.salt).where(tables.salt.c.fact_id.in_(about))).rowcount
