"""OAuth 2 client credentials (RFC 6749 §4.4): an institution's program gets a token for an hour."""

import base64
import binascii
from urllib.parse import parse_qs, unquote

from fastapi import APIRouter, Request
from pydantic import BaseModel

from lachan.doors.api.identity import BodyOf, CallerOf, ServicesOf
from lachan.foundation.access import AccessReason, issue_token, revoke_token
from lachan.foundation.base import BadInput, InputReason, NotAllowed, WallClock
from lachan.foundation.protocol import KeyInfo, Me, PublicKey
from lachan.foundation.protocol.connections import connection, institution_keys

router = APIRouter(tags=["identity"])


class Token(BaseModel):
    """An access token as RFC 6749 §5.1 words it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (the name of the scheme)
    expires_in: int
    scope: str


@router.post("/v1/oauth/token", response_model=Token)
def token(request: Request, services: ServicesOf, body: BodyOf) -> Token:
    """Exchange client id and secret (HTTP Basic) for a token."""
    try:
        form = {name: values[0] for name, values in parse_qs(body.decode("ascii"), max_num_fields=8).items()}
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field="body", expected="grant_type=client_credentials") from error
    if form.get("grant_type") != "client_credentials":
        raise BadInput(InputReason.UNKNOWN_VALUE, field="grant_type", value=form.get("grant_type", "")[:40])
    client_id, secret = _basic(request.headers.get("authorization", ""))
    wall_now = WallClock().now()
    issued = issue_token(
        services.db, client_id, secret, form.get("scope", ""), now=services.clock.now(), wall_now=wall_now
    )
    return Token(
        access_token=issued.token,
        expires_in=issued.expires_in_s,
        scope=issued.scope,
    )


@router.post("/v1/oauth/revoke", status_code=204)
def revoke(services: ServicesOf, _caller: CallerOf, body: BodyOf) -> None:
    """Forget a token (RFC 7009)."""
    form = parse_qs(body.decode("ascii", "replace"), max_num_fields=8)
    revoke_token(services.db, form.get("token", [""])[0], now=services.clock.now())


@router.get("/v1/me", response_model=Me, response_model_exclude_none=True)
def me(services: ServicesOf, caller: CallerOf) -> Me:
    """Whom we take the caller for, and with which keys we sign: a good first call."""
    wall_now = WallClock().now()
    with services.db.read() as conn:
        link = connection(conn, caller.institution.id)
        keys = institution_keys(conn, caller.institution.id)
    return Me(
        client_id=caller.actor.id,
        institution=caller.institution.codes[0] if caller.institution.codes else caller.institution.id,
        name=caller.institution.name,
        scopes=tuple(sorted(caller.actor.roles)),
        webhook_url=link.url if link else None,
        keys=tuple(
            KeyInfo(key=PublicKey(key.public).as_text(), valid_from=key.valid_from, valid_to=key.valid_to)
            for key in keys
            if key.counts_at(wall_now)
        ),
        center_instance=services.settings.instance,
        center_name=services.settings.instance_name,
        center_keys=tuple(
            KeyInfo(key=key.public.as_text(), valid_from=services.clock.now()) for key in services.issuer_keys
        ),
        now=services.clock.now(),
    )


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        client_id = secret = ""
    if scheme.lower() != "basic" or not client_id or not secret:
        raise NotAllowed(AccessReason.INVALID_CLIENT)
    return unquote(client_id), unquote(secret)
