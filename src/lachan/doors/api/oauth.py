"""OAuth 2 client credentials (RFC 6749 §4.4): an institution's program gets a token for an hour.

Both forms follow their RFC and need no idempotency key: a second token changes nothing in the record, and a token
is revoked or it is not.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs, unquote

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from lachan.bootstrap import Services
from lachan.doors.api.bodies import FormOf
from lachan.doors.api.describe import form_body, needs
from lachan.doors.api.identity import CallerOf, ServicesOf, address_of, limit
from lachan.doors.api.problems import problem, status_of
from lachan.doors.api.reasons import ApiReason
from lachan.foundation.access import (
    TOKENS_BY_CLIENT,
    AccessReason,
    actor_for_token,
    issue_token,
    revoke_token,
)
from lachan.foundation.base import BadInput, InputReason, LachanError, NotAllowed, Reason, WallClock
from lachan.foundation.protocol import KeyInfo, Me, PublicKey
from lachan.foundation.protocol.connections import connection, institution_keys

router = APIRouter(tags=["identity"])
# The words of RFC 6749 §5.2 for our reasons; everything else about the form is `invalid_request`.
ERROR_OF: Mapping[Reason, str] = {
    AccessReason.INVALID_CLIENT: "invalid_client",
    AccessReason.INVALID_SCOPE: "invalid_scope",
    ApiReason.GRANT_TYPE: "unsupported_grant_type",
}
_FIELDS = {
    "grant_type": {"type": "string", "const": "client_credentials"},
    "scope": {
        "type": "string",
        "description": "Divided by spaces; left out: all that the client has been given.",
        "examples": ["inbox answer report"],
    },
}


class Token(BaseModel):
    """An access token as RFC 6749 §5.1 words it."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (the name of the scheme)
    expires_in: int
    scope: str


@router.post("/v1/oauth/token", response_model=Token, openapi_extra=form_body(_FIELDS, ["grant_type"], basic=True))
def token(request: Request, services: ServicesOf, body: FormOf) -> Token | Response:
    """Exchange client id and secret (HTTP Basic) for a token."""
    try:
        return _issue(services, request, body)
    except LachanError as error:
        status = status_of(error)
        # RFC 6749 §5.2 has 400 for everything that is wrong with the form.
        status = type(status)(400) if status == 422 else status
        word = ERROR_OF.get(error.reason, "invalid_request")
        return problem(request, status, error.reason, error.field, error.params, error=word)


@router.post(
    "/v1/oauth/revoke",
    openapi_extra=form_body({"token": {"type": "string", "minLength": 1}}, ["token"], basic=False),
)
def revoke(services: ServicesOf, caller: CallerOf, body: FormOf) -> dict[str, str]:
    """Forget one of the caller's own tokens (RFC 7009); one that is unknown or somebody else's is no error."""
    text = _form(body, "token")["token"]
    if not text:
        raise BadInput(InputReason.MISSING, field="token")
    with services.db.read() as conn:
        owner = actor_for_token(conn, text, WallClock().now())
    if owner is not None and owner.id == caller.actor.id:
        revoke_token(services.db, text, now=services.clock.now())
    return {}


@router.get("/v1/me", response_model=Me, response_model_exclude_none=True, openapi_extra=needs())
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


def _issue(services: Services, request: Request, body: bytes) -> Token:
    client_id, secret = _basic(request.headers.get("authorization", ""))
    # By address too: somebody else's wrong guesses must not shut an institution out.
    limit(request, TOKENS_BY_CLIENT, f"{client_id} {address_of(request)}")
    form = _form(body, "grant_type", "scope")
    if form["grant_type"] != "client_credentials":
        raise BadInput(ApiReason.GRANT_TYPE, field="grant_type")
    issued = issue_token(
        services.db, client_id, secret, form["scope"],
        now=services.clock.now(), wall_now=WallClock().now(),
    )  # fmt: skip
    return Token(access_token=issued.token, expires_in=issued.expires_in_s, scope=issued.scope)


def _form(body: bytes, *names: str) -> dict[str, str]:
    """These fields of a form, empty where missing; one given twice is refused, others ignored (RFC 6749 §3.2)."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise BadInput(InputReason.MALFORMED, field="body", expected=f"{names[0]}=…") from error
    for name in names:
        if len(fields.get(name, ())) > 1:
            raise BadInput(InputReason.MALFORMED, field=name, expected=f"{name}=…")
    return {name: fields.get(name, [""])[0] for name in names}


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        client_id = secret = ""
    client_id, secret = unquote(client_id), unquote(secret)
    if scheme.lower() != "basic" or not secret or not client_id.isprintable() or not 0 < len(client_id) <= 80:
        raise NotAllowed(AccessReason.INVALID_CLIENT)
    return client_id, secret
