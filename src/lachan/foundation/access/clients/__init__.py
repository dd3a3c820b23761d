"""API clients of institutions and agencies: registration, secrets, tokens."""

from lachan.foundation.access.clients.actions import (
    issue_token,
    register_client,
    revoke_client,
    revoke_token,
    rotate_secret,
)
from lachan.foundation.access.clients.model import Client, IssuedSecret, IssuedToken
from lachan.foundation.access.clients.views import actor_for_token, clients, last_used

__all__ = [
    "Client",
    "IssuedSecret",
    "IssuedToken",
    "actor_for_token",
    "clients",
    "issue_token",
    "last_used",
    "register_client",
    "revoke_client",
    "revoke_token",
    "rotate_secret",
]
