"""Register API clients, rotate and revoke their secrets, issue tokens. Secrets and tokens live in wall time."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from lachan.foundation.access.agencies import agency
from lachan.foundation.access.checks import clean_text
from lachan.foundation.access.clients import store
from lachan.foundation.access.clients.model import Client, IssuedSecret, IssuedToken
from lachan.foundation.access.permissions import Permission, Scope, require
from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import (
    Actor,
    ActorKind,
    BadInput,
    Conflict,
    InputReason,
    NotAllowed,
    NotFound,
    new_id,
    new_secret,
)
from lachan.foundation.storage import Database, Unit
from lachan.foundation.trail import append

TOKEN_LIFE = timedelta(hours=1)
# Time for an institution to bring the new secret to all its machines.
SECRET_OVERLAP = timedelta(days=7)


def text_hash(text: str) -> str:
    """What the record keeps of a secret or token: 192 random bits and more need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def register_client(
    unit: Unit, agency_id: str, name: str, scopes: Iterable[Scope], *, wall_now: datetime
) -> tuple[Client, IssuedSecret]:
    """Register a program of an agency; its secret is shown once."""
    require(unit.actor, Permission.CLIENT_MANAGE, agency_id)
    agency(unit.conn, agency_id)
    made = Client(new_id(), agency_id, clean_text(name, "name", limit=120), frozenset(scopes), True)
    if not made.scopes:
        raise BadInput(InputReason.MISSING, field="scopes")
    store.insert(unit.conn, made)
    issued, secret_id = _new_secret(unit, made.id, wall_now)
    data = {"agency": agency_id, "scopes": sorted(s.value for s in made.scopes)}
    rows = [("api_client", made.id), ("client_secret", secret_id)]
    append(unit, "client.registered", f"client:{made.id}", data, rows=rows)
    return made, issued


def rotate_secret(unit: Unit, client_id: str, *, wall_now: datetime) -> IssuedSecret:
    """Give a client a new secret; the old one works on for `SECRET_OVERLAP`."""
    found = _manageable(unit, client_id)
    ended = store.end_secrets(unit.conn, found.id, wall_now + SECRET_OVERLAP)
    issued, secret_id = _new_secret(unit, found.id, wall_now)
    rows = [("client_secret", i) for i in (*ended, secret_id)]
    append(unit, "client.secret_rotated", f"client:{found.id}", {"overlap_days": SECRET_OVERLAP.days}, rows=rows)
    return issued


def revoke_client(unit: Unit, client_id: str, *, wall_now: datetime) -> None:
    """Close a client: its secrets and tokens end at once."""
    found = _manageable(unit, client_id)
    ended = store.end_secrets(unit.conn, found.id, wall_now)
    store.deactivate(unit.conn, found.id)
    rows = [("api_client", found.id), *(("client_secret", i) for i in ended)]
    append(unit, "client.revoked", f"client:{found.id}", {}, rows=rows)


def issue_token(
    db: Database, client_id: str, secret: str, scope: str = "", *, now: datetime, wall_now: datetime
) -> IssuedToken:
    """Give an access token for a right secret; `scope` empty means all that the client has.

    Refusals: INVALID_CLIENT (the same for an unknown, closed or wrong one), INVALID_SCOPE.
    """
    with db.read() as conn:
        found = store.find(conn, client_id)
        hashes = store.secret_hashes(conn, client_id, wall_now)
    given = text_hash(secret)
    # Every valid secret is compared, none first: time says nothing.
    right = [hmac.compare_digest(given, stored) for stored in hashes]
    if found is None or not found.active or not any(right):
        raise NotAllowed(AccessReason.INVALID_CLIENT)
    asked = frozenset(scope.split())
    if not asked <= {s.value for s in found.scopes}:
        raise BadInput(AccessReason.INVALID_SCOPE, field="scope")
    scopes = frozenset(Scope(s) for s in asked) or found.scopes
    token = new_secret(32)
    actor = Actor(ActorKind.CLIENT, found.id, found.agency_id, name=found.name)
    with db.unit(now, actor) as unit:
        store.delete_expired_tokens(unit.conn, wall_now)
        store.insert_token(unit.conn, text_hash(token), found.id, scopes, wall_now + TOKEN_LIFE)
        issued = IssuedToken(token, scopes, int(TOKEN_LIFE.total_seconds()))
        append(unit, "client.token_issued", f"client:{found.id}", {"scope": issued.scope})
    return issued


def revoke_token(db: Database, token: str, *, now: datetime) -> None:
    """Forget a token (RFC 7009): an unknown one is no error."""
    with db.read() as conn:
        row = store.token(conn, text_hash(token))
    if row is not None:
        with db.unit(now, Actor(ActorKind.CLIENT, row.client_id, row.agency_id, name=row.name)) as unit:
            if store.delete_token(unit.conn, row.id):
                append(unit, "client.token_revoked", f"client:{row.client_id}", {})


def _manageable(unit: Unit, client_id: str) -> Client:
    found = store.find(unit.conn, client_id)
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="client_id")
    require(unit.actor, Permission.CLIENT_MANAGE, found.agency_id)
    if not found.active:
        raise Conflict(AccessReason.WRONG_STATE, field="client_id")
    return found


def _new_secret(unit: Unit, client_id: str, wall_now: datetime) -> tuple[IssuedSecret, str]:
    issued, secret_id = IssuedSecret(client_id, new_secret(32), wall_now), new_id()
    store.insert_secret(unit.conn, secret_id, client_id, text_hash(issued.secret), wall_now)
    return issued, secret_id
