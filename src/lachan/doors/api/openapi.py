"""The whole OpenAPI 3.1 document: FastAPI's, with the protocol's messages, security, problems and events put in."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lachan.doors.api.activities import ActivityDraft
from lachan.doors.api.alerts import AlertFeedback
from lachan.doors.api.outcomes import Outcomes
from lachan.doors.api.problem_pages import STATUSES
from lachan.doors.api.screening import PATH, described
from lachan.doors.api.task_bodies import SENT as TASK_STEPS
from lachan.doors.api.versions import IF_MATCH
from lachan.foundation.access import Scope
from lachan.foundation.protocol import (
    Acknowledgement,
    Answer,
    BankReport,
    ClaimSubmission,
    Confirmation,
    NoticeServed,
    Problem,
    ReceiptsTold,
    RefundDone,
    ReleaseDone,
)
from lachan.foundation.protocol.messages.outgoing import ENVELOPES
from lachan.foundation.protocol.schemas import one_line, require_type

SENT = (
    Acknowledgement, Answer, Confirmation, ReleaseDone, NoticeServed, RefundDone, ReceiptsTold, BankReport,
    ClaimSubmission,
)  # fmt: skip
PROBLEM_JSON = "application/problem+json"
_REFERENCE = "#/components/schemas/{model}"
_METHODS = ("get", "post", "put", "patch", "delete")
# What only calls with a body, or with a token, can be refused for.
_BODY_ONLY = frozenset({408, 409, 413, 415})
_TOKEN_ONLY = frozenset({401, 403})
# Only calls that name the version they have read.
_VERSION_ONLY = frozenset({412, 428})
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "`vi` (first) or `en`: the language of a problem's `title`.",
    "schema": {"type": "string"},
}
_DESCRIPTION = (
    "The open protocol between a center and institutions. Bodies are signed with ed25519 (Standard Webhooks); "
    "every unsafe call has one effect however often it is sent; "
    "refusals are RFC 9457 problems with a stable `type`. The "
    "rules over several fields are in the protocol's documentation."
)


def install(app: FastAPI) -> None:
    """Serve the complete document at `/openapi.json`."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = make_document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # the way FastAPI asks for


def make_document(app: FastAPI) -> dict[str, Any]:
    """The document of an application's routes."""
    made = get_openapi(
        title="lachan", version=app.version, openapi_version="3.1.0", description=_DESCRIPTION, routes=app.routes,
        separate_input_output_schemas=False, license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    made["paths"][PATH] = {"post": described()}
    components = made["components"]
    components["schemas"] |= _schemas()
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["responses"] = {f"Problem{status}": _problem(status) for status in STATUSES}
    components["parameters"] = {"AcceptLanguage": _LANGUAGE}
    components["headers"] = _HEADERS
    components["securitySchemes"] = _SECURITY
    made["webhooks"] = {_event_name(envelope): _webhook(envelope.__name__) for envelope in ENVELOPES}
    for item in made["paths"].values():
        for method in _METHODS:
            if method in item:
                _complete(item[method])
    return made


def _complete(operation: dict[str, Any]) -> None:
    has_body, has_token = "requestBody" in operation, bool(operation.get("security"))
    has_version = IF_MATCH in operation.get("parameters", [])
    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/AcceptLanguage"})
    answers = {code: answer for code, answer in operation["responses"].items() if code[0] in "23"}
    for answer in answers.values():
        answer.setdefault("headers", {}).update(
            {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}
        )
        if has_body:
            answer["headers"]["Idempotency-Replayed"] = {"$ref": "#/components/headers/Idempotency-Replayed"}
    for status in STATUSES:
        if (status in _BODY_ONLY and not has_body) or (status in _TOKEN_ONLY and not has_token):
            continue
        if status in _VERSION_ONLY and not has_version:
            continue
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = answers


def _schemas() -> dict[str, Any]:
    models: list[type[BaseModel]] = [
        *SENT,
        *ENVELOPES,
        Outcomes,
        AlertFeedback,
        ActivityDraft,
        *TASK_STEPS,
        Problem,
    ]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    schemas: dict[str, Any] = one_line(made["$defs"])
    for schema in schemas.values():
        if "properties" in schema:
            require_type(schema)
    return schemas


def _problem(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    names = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
    if status in names:
        made["headers"] = {
            names[status]: {
                "$ref": f"#/components/headers/{names[status]}",
            }
        }
    return made


def _event_name(envelope: type[Any]) -> str:
    return str(envelope.model_fields["type"].default)


def _webhook(model: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model)}}}
    return {
        "post": {
            "summary": "Posted, signed, to the institution's registered address; it also stands in the inbox.",
            "requestBody": {"required": True, "content": content},
            "responses": {"2XX": {"description": "Delivered. Do the work after answering."}},
        }
    }


def _header(description: str, *, type_: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": type_}}


_HEADERS = {
    "RateLimit": _header('What is left: `"limit";r=REMAINING;t=SECONDS`.'),
    "RateLimit-Policy": _header('The limit: `"limit";q=COUNT;w=SECONDS`.'),
    "Retry-After": _header("Seconds to wait.", type_="integer"),
    "Idempotency-Replayed": _header("`true` where an earlier answer is repeated."),
    "WWW-Authenticate": _header("How to authenticate."),
    "Allow": _header("What this address takes."),
}
_SECURITY = {
    "oauth2": {
        "type": "oauth2",
        "description": "A token for an hour, as `Authorization: Bearer`.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "/v1/oauth/token",
                "scopes": {
                    Scope.INBOX.value: "Read the inbox and acknowledge.",
                    Scope.ANSWER.value: "Answer events.",
                    Scope.REPORT.value: "Send reports for customers.",
                    Scope.SCREEN.value: "Screen keys before a payment.",
                    Scope.FIGURES.value: "Read figures.",
                    Scope.CLAIM.value: "Submit suspicions.",
                    Scope.REGISTRY.value: "Follow the registry's verdicts.",
                    Scope.COPY.value: "Fetch the institution's own copy of the list.",
                    Scope.ACTIVITY.value: "Record activities that plans demand, and read the own ones.",
                    Scope.ALERT.value: "Read alerts about own accounts, and say what they were.",
                    Scope.TRANSFERS.value: "Send transfers for monitoring.",
                    Scope.PLAN.value: "Read the agency's tasks of plans; accept, hand over, report, approve.",
                },
            }
        },
    },
    "clientSecret": {"type": "http", "scheme": "basic", "description": "Client id and secret."},
}
