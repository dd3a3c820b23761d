"""The list leaves the house: what for and how much is recorded."""

from collections.abc import Callable

from lachan.foundation.access import Permission, require
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append
from lachan.registry.actions.claims import check_reasons
from lachan.registry.model import Entry
from lachan.registry.views.entries import in_force


def export_entries(unit: Unit, purpose: str, write: Callable[[Entry], object]) -> int:
    """Hand every entry in force to `write`; returns how many. The purpose stands in the trail."""
    require(unit.actor, Permission.REGISTRY_EXPORT)
    said = check_reasons(purpose, "purpose")
    count = 0
    for one in in_force(unit.conn, unit.now):
        write(one)
        count += 1
    append(unit, "registry.exported", "registry:entries", {"entries": count}, purpose=said)
    return count
