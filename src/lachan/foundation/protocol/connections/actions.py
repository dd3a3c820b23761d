"""Register connections and hosts; register, confirm and revoke institutions' keys."""

from dataclasses import replace
from datetime import datetime

from lachan.foundation.access import Permission, agency, require, require_other_person
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.protocol.connections import rules, store
from lachan.foundation.protocol.connections.model import (
    Channel,
    ConnectionReason,
    InstitutionConnection,
    InstitutionKey,
    KeyState,
)
from lachan.foundation.protocol.connections.targets import Resolve, check_target, clean_host, resolve_host
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append


def allow_host(unit: Unit, host: str) -> str:
    """List a host that webhooks may go to; listing it again changes nothing."""
    require(unit.actor, Permission.CONNECTION_MANAGE)
    cleaned = clean_host(host)
    if cleaned not in store.hosts(unit.conn):
        store.insert_host(unit.conn, cleaned, unit.actor.reference, unit.now)
        append(unit, "host.allowed", f"host:{cleaned[:100]}", {"host": cleaned}, rows=[("allowed_host", cleaned)])
    return cleaned


def disallow_host(unit: Unit, host: str) -> None:
    """Take a host off the list: nothing is delivered there from now on."""
    require(unit.actor, Permission.CONNECTION_MANAGE)
    cleaned = clean_host(host)
    if not store.delete_host(unit.conn, cleaned):
        raise NotFound(InputReason.NO_SUCH_RECORD, field="host")
    append(unit, "host.disallowed", f"host:{cleaned[:100]}", {"host": cleaned}, rows=[("allowed_host", cleaned)])


def register_connection(
    unit: Unit,
    institution_id: str,
    channel: Channel,
    url: str | None = None,
    *,
    allow_private: bool = False,
    resolve: Resolve = resolve_host,
) -> InstitutionConnection:
    """Record how an institution is reached; a webhook's target is checked now and before every delivery."""
    require(unit.actor, Permission.CONNECTION_MANAGE, institution_id)
    agency(unit.conn, institution_id)
    if channel is Channel.WEBHOOK:
        if not url:
            raise BadInput(ConnectionReason.NO_TARGET, field="url")
        check_target(url, allow_private, store.hosts(unit.conn), resolve)
    made = InstitutionConnection(institution_id, channel, url if channel is Channel.WEBHOOK else None, True)
    store.save(unit.conn, made)
    _record(unit, "connection.registered", institution_id, {"channel": channel.value, "url": made.url})
    return made


def set_active(unit: Unit, institution_id: str, active: bool) -> InstitutionConnection:
    """Switch a connection off or on again; off means PDF and telephone."""
    require(unit.actor, Permission.CONNECTION_MANAGE, institution_id)
    before = store.find(unit.conn, institution_id)
    if before is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="institution_id")
    made = replace(before, active=active)
    store.save(unit.conn, made)
    _record(unit, "connection.switched_on" if active else "connection.switched_off", institution_id, {})
    return made


def register_key(
    unit: Unit, institution_id: str, public_key: str, *, valid_from: datetime, valid_to: datetime | None = None
) -> InstitutionKey:
    """Record an institution's public key; it counts only once another person has confirmed it.

    Both times are wall time. A key that anybody has, or had, is refused: KEY_KNOWN.
    """
    require(unit.actor, Permission.KEY_REGISTER, institution_id)
    agency(unit.conn, institution_id)
    public = rules.read_public_key(public_key)
    if valid_to is not None and valid_to <= valid_from:
        raise BadInput(ConnectionReason.BAD_PUBLIC_KEY, field="valid_to")
    if store.key_is_known(unit.conn, public):
        raise Conflict(ConnectionReason.KEY_KNOWN, field="public_key")
    made = InstitutionKey(
        new_id(), institution_id, public, KeyState.REGISTERED, valid_from, valid_to, unit.actor.reference, None
    )
    store.insert_key(unit.conn, made)
    _record_key(unit, "key.registered", made, [made.id])
    return made


def confirm_key(unit: Unit, key_id: str) -> InstitutionKey:
    """A second person confirms a key, having compared it by another way; older keys then give way with overlap."""
    found = _key(unit, key_id)
    require(unit.actor, Permission.KEY_CONFIRM, found.institution_id)
    require_other_person(unit.actor, found.registered_by)
    if found.state is not KeyState.REGISTERED:
        raise Conflict(ConnectionReason.KEY_STATE, field="key_id")
    made = replace(found, state=KeyState.CONFIRMED, confirmed_by=unit.actor.reference)
    store.update_key(unit.conn, key_id, state=made.state.value, confirmed_by=made.confirmed_by)
    ending = rules.giving_way(store.keys(unit.conn, found.institution_id), made)
    for older_id, end in ending:
        store.update_key(unit.conn, older_id, valid_to=end)
    _record_key(unit, "key.confirmed", made, [key_id, *(older_id for older_id, _ in ending)])
    return made


def revoke_key(unit: Unit, key_id: str) -> InstitutionKey:
    """End a key at once: stolen or no longer used. One person suffices; waiting would help the thief."""
    found = _key(unit, key_id)
    require(unit.actor, Permission.KEY_REGISTER, found.institution_id)
    if found.state is KeyState.REVOKED:
        raise Conflict(ConnectionReason.KEY_STATE, field="key_id")
    made = replace(found, state=KeyState.REVOKED)
    store.update_key(unit.conn, key_id, state=made.state.value)
    _record_key(unit, "key.revoked", made, [key_id])
    return made


def _key(unit: Unit, key_id: str) -> InstitutionKey:
    found = store.key(unit.conn, key_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="key_id")
    return found


def _record(unit: Unit, kind: str, institution_id: str, data: dict[str, object]) -> None:
    append(unit, kind, f"agency:{institution_id}", data, rows=[("institution_connection", institution_id)])


def _record_key(unit: Unit, kind: str, key: InstitutionKey, changed: list[str]) -> None:
    data = {"key": key.id, "public": key.public.hex(), "registered_by": key.registered_by}
    append(unit, kind, f"agency:{key.institution_id}", data, rows=[("institution_key", i) for i in changed])
