"""API clients: programs of an institution or agency (OAuth 2 client credentials, RFC 6749 §4.4)."""

from dataclasses import dataclass, field
from datetime import datetime

from lachan.foundation.access.permissions import Scope


@dataclass(frozen=True, slots=True)
class Client:
    """One program of one agency, and what it may be given."""

    id: str
    agency_id: str
    name: str
    scopes: frozenset[Scope]
    active: bool


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A client's secret, shown once."""

    client_id: str
    secret: str = field(repr=False)
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token: opaque, one hour, for some scopes."""

    token: str = field(repr=False)
    scopes: frozenset[Scope]
    expires_in_s: int

    @property
    def scope(self) -> str:
        """The scopes as OAuth writes them."""
        return " ".join(sorted(scope.value for scope in self.scopes))
