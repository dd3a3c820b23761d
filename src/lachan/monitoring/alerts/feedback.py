"""What people's decisions teach: labels for a model, and how often each typology was right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.taxonomy import DismissalSays, alert_dismissals
from lachan.monitoring.alerts.model import AlertState
from lachan.monitoring.alerts.tables import alert, sighting, step

# 95 % of a normal distribution lie within so many standard deviations.
_Z = 1.959964


class By(StrEnum):
    """What a label is about: an account, or a single transfer."""

    ACCOUNT = "account"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a typology was right: confirmed, of those that people decided; with a 95 % interval (Wilson's).

    `unknown` were dismissed without saying anything of the account; they and living alerts count for neither.
    """

    typology: str
    confirmed: int = 0
    honest: int = 0
    unknown: int = 0
    living: int = 0

    @property
    def decided(self) -> int:
        """How many alerts say something."""
        return self.confirmed + self.honest

    @property
    def share(self) -> float | None:
        """Confirmed of decided; None where nothing was decided."""
        return self.confirmed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies with 95 %; 0 to 1 where nothing is known."""
        return wilson(self.confirmed, self.decided)


def wilson(right: int, of: int) -> tuple[float, float]:
    """Wilson's score interval (Wilson 1927) at 95 % for `right` of `of`; also for none and for all of them."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = right / of, _Z * _Z
    middle = share + z2 / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low, high = (middle - spread) / (1 + z2 / of), (middle + spread) / (1 + z2 / of)
    # At the ends the formula is exact; the arithmetic is not.
    return (0.0 if right == 0 else max(0.0, low)), (1.0 if right == of else min(1.0, high))


def labels(conn: Connection, by: By, now: datetime) -> Iterator[tuple[str, int]]:
    """Each account (or transfer) that people decided about: 1 confirmed, 0 honest; in order.

    An account is the one that the alert speaks against. Where one alert was confirmed and another dismissed, the
    confirmed one counts; what a second person rejected, and what was too little to say, is no label. Nor is what
    joined an alert after somebody had looked: it may speak against another account.
    """
    label = _label(now)
    looked_at = (
        sa.select(sa.func.max(_LOOK.c.at))
        .where(_LOOK.c.alert_id == alert.c.id, _LOOK.c.state.in_(_LOOKED))
        .scalar_subquery()
    )
    named = sighting.c.suspect if by is By.ACCOUNT else sighting.c.fired
    query = (
        sa.select(named.label("named"), sa.func.max(label).label("label"))
        .select_from(_JOINED.join(sighting, sighting.c.alert_id == alert.c.id))
        .where(label.is_not(None), named.is_not(None), sighting.c.recorded_at <= looked_at)
        .group_by(named)
        .order_by(named)
    )
    for row in conn.execute(query):
        yield row.named, int(row.label)


def precisions(conn: Connection, now: datetime) -> dict[str, Precision]:
    """How often each typology that ever alerted was right."""
    label = _label(now)
    unsaid = sa.and_(alert.c.state == AlertState.DISMISSED.value, label.is_(None))
    query = sa.select(
        alert.c.typology, sa.func.sum(sa.case((label == 1, 1), else_=0)).label("confirmed"),
        sa.func.sum(sa.case((label == 0, 1), else_=0)).label("honest"),
        sa.func.sum(sa.case((unsaid, 1), else_=0)).label("unknown"),
        sa.func.sum(sa.case((alert.c.closed_at.is_(None), 1), else_=0)).label("living"),
    ).select_from(_JOINED)  # fmt: skip
    return {
        row.typology: Precision(
            row.typology, int(row.confirmed), int(row.honest), int(row.unknown), int(row.living)
        )
        for row in conn.execute(query.group_by(alert.c.typology))
    }


_LOOK = step.alias()
_LOOKED = (AlertState.CONFIRMED.value, AlertState.DISMISSED.value)
_JOINED = alert.outerjoin(
    step, sa.and_(step.c.alert_id == alert.c.id, step.c.state == AlertState.DISMISSED.value)
)  # fmt: skip


def _label(now: datetime) -> sa.Case[Any]:
    """1, 0 or nothing, of an alert with its dismissal."""
    honest = [one.code for one in alert_dismissals(now) if one.says is DismissalSays.HONEST]
    standing = [AlertState.CONFIRMED.value, AlertState.PROPOSED.value, AlertState.APPROVED.value]
    # Closed after it was signed; what a suppression's end closed was never signed.
    signed = sa.and_(alert.c.state == AlertState.CLOSED.value, alert.c.sentence.is_not(None))
    return sa.case((sa.or_(alert.c.state.in_(standing), signed), 1), (step.c.code.in_(honest), 0), else_=None)
