"""Who calls, proved by an access token; what was sent, proved by the institution's signature."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Request

from lachan.bootstrap import Services
from lachan.doors.api.gate import note_allowance
from lachan.doors.api.reasons import ApiReason
from lachan.foundation.access import (
    CALLS_BY_CLIENT,
    AccessReason,
    Agency,
    Permission,
    RateLimit,
    RateLimiter,
    actor_for_token,
    agency,
    require,
)
from lachan.foundation.base import Actor, BadInput, InputReason, NotAllowed, WallClock
from lachan.foundation.protocol import PublicKey, SignatureReason, verify
from lachan.foundation.protocol.connections import keys_valid


def services_of(request: Request) -> Services:
    """The services the application was made with."""
    services: Services = request.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(services_of)]


@dataclass(frozen=True, slots=True)
class Caller:
    """An institution's program: the actor, its institution, and the codes under which it is known."""

    actor: Actor
    institution: Agency

    @property
    def codes(self) -> frozenset[str]:
        """The institution's bank codes or provider names."""
        return frozenset(self.institution.codes)


def caller_of(request: Request, services: ServicesOf) -> Caller:
    """The caller behind the bearer token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAllowed(AccessReason.NOT_SIGNED_IN)
    with services.db.read() as conn:
        actor = actor_for_token(conn, token.strip(), WallClock().now())
        if actor is None or actor.agency_id is None:
            raise NotAllowed(AccessReason.INVALID_TOKEN)
        institution = agency(conn, actor.agency_id)
    limit(request, CALLS_BY_CLIENT, actor.id)
    return Caller(actor, institution)


CallerOf = Annotated[Caller, Depends(caller_of)]


def limit(request: Request, rate: RateLimit, key: str, *, cost: int = 1) -> None:
    """Count a call against a limit; refuse it, with the seconds to wait, when the limit is reached."""
    limiter: RateLimiter = request.app.state.limiter
    allowance = limiter.take(rate, key, WallClock().now(), cost=cost)
    note_allowance(request, rate, allowance)
    if not allowance.allowed:
        raise NotAllowed(InputReason.TOO_MANY_REQUESTS, seconds=allowance.retry_s)


def address_of(request: Request) -> str:
    """Where a stranger's call comes from; of IPv6 the /64, because one home has all of those addresses."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))


class Identified(Protocol):
    """A message that names itself."""

    @property
    def message_id(self) -> str:
        """The id under which the sender keeps it."""
        ...


T = TypeVar("T", bound=Identified)


def signed_message(
    services: Services, caller: Caller, headers: Mapping[str, str], body: bytes, read: Callable[[bytes], T]
) -> T:
    """The message that the caller's institution signed: its own id, the signed one and the key are one."""
    wall_now = WallClock().now()
    with services.db.read() as conn:
        keys = [PublicKey(raw) for raw in keys_valid(conn, caller.institution.id, wall_now)]
    signed_id = verify(headers, body, keys, wall_now)
    said = read(body)
    if signed_id != said.message_id:
        raise BadInput(SignatureReason.ID_DIFFERS, field="message_id")
    # A structured-field string or the bare id: the draft asks for quotes, most programs leave them out.
    key = headers.get("idempotency-key", "").strip().strip('"')
    if not key:
        raise BadInput(InputReason.MISSING, field="idempotency-key")
    if key != said.message_id:
        raise BadInput(ApiReason.KEY_DIFFERS, field="idempotency-key")
    return said


def demand(caller: Caller, permission: Permission) -> None:
    """Refuse a caller without this permission."""
    require(caller.actor, permission, agency_id=caller.institution.id)
