"""What FastAPI cannot see by itself: signed bodies, their headers, and what a call needs. Parts of the OpenAPI."""

from typing import Any

from pydantic import BaseModel

from lachan.doors.api.bodies import FORM, JSON
from lachan.doors.api.examples import EXAMPLES
from lachan.foundation.access import Scope

MESSAGE_ID = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}


def needs(scope: Scope | None = None) -> dict[str, Any]:
    """A call that needs a token, with this scope."""
    return {"security": [{"oauth2": [scope.value] if scope else []}]}


def open_to_all() -> dict[str, Any]:
    """A call that needs nothing."""
    return {"security": []}


def signed_body(scope: Scope, *messages: type[BaseModel]) -> dict[str, Any]:
    """A call whose body is one of the protocol's messages, signed, with its own id as idempotency key."""
    references = [{"$ref": f"#/components/schemas/{message.__name__}"} for message in messages]
    schema: dict[str, Any] = references[0]
    if len(messages) > 1:
        kinds = {m.model_fields["type"].default: r["$ref"] for m, r in zip(messages, references, strict=True)}
        schema = {"oneOf": references, "discriminator": {"propertyName": "type", "mapping": kinds}}
    examples = {message.__name__: {"value": EXAMPLES[message.__name__]} for message in messages}
    return {
        **needs(scope),
        "parameters": [
            _header("webhook-id", "The message's own `message_id`.", MESSAGE_ID),
            _header(
                "webhook-timestamp",
                "When it was signed, Unix seconds; more than 5 minutes off is refused.",
                {"type": "string", "pattern": "^[0-9]{1,11}$"},
            ),
            _header(
                "webhook-signature",
                "`v1a,` and the base64 of the ed25519 signature over `{id}.{timestamp}.{body}`; several, divided "
                "by a space, while a key is rotated.",
                {"type": "string", "pattern": "^v1a,[A-Za-z0-9+/]{86}==( v1a,[A-Za-z0-9+/]{86}==){0,9}$"},
            ),
            _header(
                "Idempotency-Key",
                "Equal to the `message_id`. The same message again gets the same answer; other content under the "
                "same key is refused (409).",
                MESSAGE_ID,
            ),
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema, "examples": examples}}},
    }


def form_body(fields: dict[str, Any], required: list[str], *, basic: bool) -> dict[str, Any]:
    """A call whose body is an OAuth form."""
    schema = {"type": "object", "properties": fields, "required": required}
    return {
        "security": [{"clientSecret": []}] if basic else [{"oauth2": []}],
        "requestBody": {"required": True, "content": {FORM: {"schema": schema}}},
    }


def _header(name: str, description: str, schema: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}
