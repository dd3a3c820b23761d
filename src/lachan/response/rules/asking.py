"""A request as something of which answers taught what to expect (`lachan.tracing.next`)."""

from lachan.foundation.protocol import total
from lachan.response.model import Hold, HoldState, Hop
from lachan.tracing.next import Asked, Road

_WAITING = frozenset({HoldState.REQUESTED, HoldState.ACKNOWLEDGED})


def road_of(hop: Hop | None, parent: Hold | None) -> Road:
    """How the money came: hop 1 is the victim's own payment; behind it, whole or as one of several parts."""
    if hop is not None and hop.parent_id is None:
        return Road.FIRST
    parts = [] if parent is None or parent.answer is None else parent.answer.get("parts", ())
    return Road.SPLIT if sum(part["kind"] == "moved_on" for part in parts) > 1 else Road.WHOLE


def asked_of(hold: Hold, road: Road, amount_vnd: int | None = None) -> Asked:
    """What is asked for, or a part of it. A request on its way counts from when it was sent."""
    asked_at = hold.requested_at if hold.state in _WAITING else None
    amount = total(hold.asked) if amount_vnd is None else amount_vnd
    return Asked(hold.institution, amount, hold.booked_at, road, asked_at)
