"""Who may see and record what: an agency its own and what is shared; restricted kinds only people by name."""

from sqlalchemy.engine import Connection

from lachan.activities import store
from lachan.activities.model import Activity, ActivityReason
from lachan.foundation.access import AccessReason, Permission, agency, reaches_all, require
from lachan.foundation.base import Actor, ActorKind, InputReason, NotAllowed, NotFound
from lachan.foundation.taxonomy import ActivityKind


def require_kind(conn: Connection, actor: Actor, kind: ActivityKind) -> None:
    """Pass where the kind is open, or the actor is named for it; refuses NOT_NAMED."""
    if not kind.restricted:
        return
    if actor.kind is not ActorKind.PERSON or actor.agency_id is None:
        raise NotAllowed(ActivityReason.NOT_NAMED)
    if not store.is_named(conn, kind.code, actor.agency_id, actor.id):
        raise NotAllowed(ActivityReason.NOT_NAMED)


def require_record(conn: Connection, actor: Actor, kind: ActivityKind, agency_id: str) -> None:
    """Pass where the actor may record this kind for that agency."""
    if actor.agency_id == agency_id:
        require(actor, Permission.ACTIVITY_RECORD, agency_id)
    else:
        require(actor, Permission.ACTIVITY_IMPORT, agency_id)
    require_kind(conn, actor, kind)
    if kind.recorded_by and agency(conn, agency_id).kind not in kind.recorded_by:
        raise NotAllowed(ActivityReason.KIND_NOT_YOURS)


def may_record(conn: Connection, actor: Actor, kind: ActivityKind) -> bool:
    """Whether the actor may record this kind for their own agency."""
    try:
        require_record(conn, actor, kind, actor.agency_id or "")
    except (NotAllowed, NotFound):
        return False
    return True


def sight(actor: Actor) -> str | None:
    """Whose records the actor sees: the own agency's and what is shared with it, or everybody's (None)."""
    require(actor, Permission.ACTIVITY_READ)
    if reaches_all(actor, Permission.ACTIVITY_READ):
        return None
    if actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    return actor.agency_id


def require_seen(conn: Connection, actor: Actor, kind: ActivityKind, one: Activity) -> None:
    """Pass where the actor may see this record; what is another's is NotFound, as if it were not there.

    What is restricted stays with its own agency: a share does not reach it.
    """
    mine = sight(actor)
    if kind.restricted:
        require_kind(conn, actor, kind)
        mine = actor.agency_id
    if mine is None or one.agency_id == mine:
        return
    if kind.restricted or mine not in store.shared_with(conn, one.id):
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
