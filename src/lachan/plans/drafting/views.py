"""Read-only questions about drafts. An agency sees its own."""

from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, may, require
from lachan.foundation.base import Actor
from lachan.plans.drafting import store
from lachan.plans.drafting.model import Draft


def drafts(conn: Connection, actor: Actor) -> list[Draft]:
    """What the actor's agency is writing; nothing for whoever does not write."""
    if actor.agency_id is None or not may(actor, Permission.PERIODIC_WRITE, actor.agency_id):
        return []
    return store.open_drafts(conn, actor.agency_id)


def draft(conn: Connection, actor: Actor, draft_id: str) -> Draft:
    """One draft."""
    found = store.draft(conn, draft_id)
    require(actor, Permission.PERIODIC_WRITE, found.agency_id)
    return found
