"""Who calls, proved by an access token; what was sent, proved by the institution's signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lachan.bootstrap import Services
from lachan.foundation.access import AccessReason, Agency, Permission, actor_for_token, agency, require
from lachan.foundation.base import Actor, BadInput, InputReason, NotAllowed, WallClock
from lachan.foundation.protocol import BODY_BYTES_MAX, PublicKey, verify
from lachan.foundation.protocol.connections import keys_valid


def services_of(request: Request) -> Services:
    """The services the application was made with."""
    services: Services = request.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(services_of)]


async def body_of(request: Request) -> bytes:
    """The raw body, never more than the protocol allows."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise BadInput(InputReason.TOO_LARGE, field="body", limit=f"{BODY_BYTES_MAX} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


BodyOf = Annotated[bytes, Depends(body_of)]


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
    if scheme.lower() != "bearer" or not token:
        raise NotAllowed(AccessReason.NOT_SIGNED_IN)
    with services.db.read() as conn:
        actor = actor_for_token(conn, token.strip(), WallClock().now())
        if actor is None or actor.agency_id is None:
            raise NotAllowed(AccessReason.INVALID_TOKEN)
        return Caller(actor, agency(conn, actor.agency_id))


CallerOf = Annotated[Caller, Depends(caller_of)]


def check_signature(services: Services, caller: Caller, headers: Mapping[str, str], body: bytes) -> str:
    """The message id that the institution signed together with this body."""
    wall_now = WallClock().now()
    with services.db.read() as conn:
        keys = [PublicKey(raw) for raw in keys_valid(conn, caller.institution.id, wall_now)]
    return verify(headers, body, keys, wall_now)


def demand(caller: Caller, permission: Permission) -> None:
    """Refuse a caller without this permission."""
    require(caller.actor, permission, agency_id=caller.institution.id)
