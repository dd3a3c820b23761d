"""Who may see and record what: an agency its own and what is shared; restricted kinds only people by name.

An agency's own is also what those recorded whose work it took over: figures count them together, lists show them.
"""

from datetime import date

from sqlalchemy.engine import Connection

from lachan.activities import store
from lachan.activities.model import Activity, ActivityReason
from lachan.foundation.access import AccessReason, Permission, agency, reaches_all, require, works_for
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


def require_change(conn: Connection, actor: Actor, kind: ActivityKind, one: Activity, today: date) -> None:
    """Pass where the actor may go on with this record: their agency's own, or a body's whose work it took over.

    Which kinds of agency record such work is asked of who recorded it: a successor may be of another kind.
    """
    if one.agency_id in own(conn, actor, today):
        require(actor, Permission.ACTIVITY_RECORD, actor.agency_id)
        require_kind(conn, actor, kind)
    else:
        require_record(conn, actor, kind, one.agency_id)


def may_change(conn: Connection, actor: Actor, kind: ActivityKind, one: Activity, today: date) -> bool:
    """Whether the actor may go on with this record, as their agency's own."""
    if one.agency_id not in own(conn, actor, today):
        return False
    try:
        require_change(conn, actor, kind, one, today)
    except (NotAllowed, NotFound):
        return False
    return True


def own(conn: Connection, actor: Actor, today: date) -> frozenset[str]:
    """The agencies whose records are the actor's agency's today: itself, and those whose work it took over."""
    if actor.agency_id is None:
        return frozenset()
    return works_for(conn, actor.agency_id, today)


def sight(conn: Connection, actor: Actor, today: date) -> frozenset[str] | None:
    """Whose records the actor sees: the own agency's (`own`) and what is shared with it, or everybody's (None)."""
    require(actor, Permission.ACTIVITY_READ)
    if reaches_all(actor, Permission.ACTIVITY_READ):
        return None
    if actor.agency_id is None:
        raise NotAllowed(AccessReason.NO_AGENCY)
    return own(conn, actor, today)


def require_seen(conn: Connection, actor: Actor, kind: ActivityKind, one: Activity, today: date) -> None:
    """Pass where the actor may see this record; what is another's is NotFound, as if it were not there.

    What is restricted stays with its own agency, or who took it over: a share does not reach it.
    """
    mine = sight(conn, actor, today)
    if kind.restricted:
        require_kind(conn, actor, kind)
        mine = own(conn, actor, today)
    if mine is None or one.agency_id in mine:
        return
    if kind.restricted or mine.isdisjoint(store.shared_with(conn, one.id)):
        raise NotFound(InputReason.NO_SUCH_RECORD, field="activity")
