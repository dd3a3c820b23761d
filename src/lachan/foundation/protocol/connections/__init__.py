"""How institutions are reached, where webhooks may go, and whose keys are believed; our own signing keys."""

from lachan.foundation.protocol.connections.actions import (
    allow_host,
    confirm_key,
    disallow_host,
    register_connection,
    register_key,
    revoke_key,
    set_active,
)
from lachan.foundation.protocol.connections.issuer import create_issuer_key, issuer_keys
from lachan.foundation.protocol.connections.model import (
    Channel,
    ConnectionReason,
    InstitutionConnection,
    InstitutionKey,
    KeyState,
    Target,
)
from lachan.foundation.protocol.connections.targets import Resolve, check_target, is_public
from lachan.foundation.protocol.connections.views import (
    allowed_hosts,
    connection,
    connections,
    institution_keys,
    is_connected,
    keys_valid,
    webhook_of,
)

__all__ = [
    "Channel",
    "ConnectionReason",
    "InstitutionConnection",
    "InstitutionKey",
    "KeyState",
    "Resolve",
    "Target",
    "allow_host",
    "allowed_hosts",
    "check_target",
    "confirm_key",
    "connection",
    "connections",
    "create_issuer_key",
    "disallow_host",
    "institution_keys",
    "is_connected",
    "is_public",
    "issuer_keys",
    "keys_valid",
    "register_connection",
    "register_key",
    "revoke_key",
    "set_active",
    "webhook_of",
]
