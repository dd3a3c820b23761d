"""One table from error to response: RFC 9457 problems, a stable type, a sentence in the caller's language."""

import unicodedata
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from lachan.doors.api.reasons import ApiReason
from lachan.foundation.access import AccessReason
from lachan.foundation.base import (
    BadInput,
    Conflict,
    InputReason,
    LachanError,
    Language,
    NotAllowed,
    NotFound,
    NotReady,
    Reason,
    translate,
)
from lachan.foundation.protocol.messages.reading import example_of

STATUS: Mapping[type[LachanError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}
# Reasons whose meaning HTTP has a better word for than their kind's.
STATUS_OF_REASON: Mapping[Reason, HTTPStatus] = {
    InputReason.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    AccessReason.NOT_SIGNED_IN: HTTPStatus.UNAUTHORIZED,
    AccessReason.INVALID_TOKEN: HTTPStatus.UNAUTHORIZED,
    AccessReason.INVALID_CLIENT: HTTPStatus.UNAUTHORIZED,
    ApiReason.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ApiReason.BODY_TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    ApiReason.MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ApiReason.CONTENT_ENCODING: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ApiReason.HEADER_TWICE: HTTPStatus.BAD_REQUEST,
    ApiReason.IF_MATCH_NEEDED: HTTPStatus.PRECONDITION_REQUIRED,
    ApiReason.CHANGED_SINCE_READ: HTTPStatus.PRECONDITION_FAILED,
}
# What RFC 6750 §3 and RFC 7617 ask for beside a 401.
_CHALLENGE: Mapping[Reason, str] = {
    AccessReason.INVALID_TOKEN: 'Bearer realm="lachan", error="invalid_token"',
    AccessReason.INVALID_CLIENT: 'Basic realm="lachan", charset="UTF-8"',
}
RETRY_S = 5
# A problem tells what was wrong, not all that was sent.
_ECHO_MAX = 120
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def language_of(request: Request) -> Language:
    """The caller's language: what a person chose, else what a program accepts. Pages are Vietnamese first."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang", "")
    accepted = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    # A browser's own language says little here: phones are sold in English to people who read Vietnamese.
    program = "text/html" not in request.headers.get("accept", "")
    candidates = (chosen, *accepted) if program else (chosen,)
    return next((Language(code) for code in candidates if code in set(Language)), Language.VI)


def status_of(error: LachanError) -> HTTPStatus:
    """The HTTP status of a refusal."""
    kind = next(one for one in type(error).__mro__ if one in STATUS)
    return STATUS_OF_REASON.get(error.reason, STATUS[kind])


def problem(
    request: Request,
    status: HTTPStatus,
    reason: Reason,
    field: str | None = None,
    params: Mapping[str, object] | None = None,
    **more: str,
) -> Response:
    """A refusal as a response; `more` are extension members (RFC 9457 §3.2)."""
    language = language_of(request)
    shown = {name: _plain(str(value)) for name, value in (params or {}).items()}
    content: dict[str, object] = {
        "type": f"/problems/{reason.value}",
        "title": translate(f"reason.{reason.value}", language, **shown),
        "status": int(status),
        "reason": reason.value,
        **more,
    }
    if field:
        content["field"] = _plain(field)
    headers = {"content-language": language.value}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = _CHALLENGE.get(reason, 'Bearer realm="lachan"')
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str(int(str((params or {}).get("seconds", 60))))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_S)
    if status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
        headers["connection"] = "close"  # the rest of the body is not waited for
    return Response(orjson.dumps(content), status, headers, "application/problem+json")


def refusal(request: Request, error: LachanError) -> Response:
    """A domain refusal as a response."""
    return problem(request, status_of(error), error.reason, error.field, error.params)


def allowed_methods(request: Request) -> str:
    """What the address takes, for `Allow`; empty where there is no such address."""
    methods: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.methods and compile_path(context.path or "")[0].match(request.url.path):
            methods |= context.methods
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"})) if methods else ""


def _plain(text: str) -> str:
    """Short, one line, printable: what came in may be anything."""
    cut = text if len(text) <= _ECHO_MAX else text[:_ECHO_MAX] + "…"
    return "".join("\ufffd" if unicodedata.category(c) in _UNPRINTABLE else c for c in cut)


_HTTP_REASONS = {
    HTTPStatus.NOT_FOUND: InputReason.NO_SUCH_RECORD,
    HTTPStatus.METHOD_NOT_ALLOWED: InputReason.METHOD_NOT_ALLOWED,
    HTTPStatus.BAD_REQUEST: InputReason.UNREADABLE_REQUEST,
}


def install(app: FastAPI) -> None:
    """Teach the application the table."""

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, LachanError)  # noqa: S101 (registered for this type)
        return refusal(request, error)

    async def on_shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this type)
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"][1:]) or "body"
        missing = first["type"] == "missing"
        reason = InputReason.MISSING if missing else InputReason.MALFORMED
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, reason, place, {"expected": example_of(first)})

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this type)
        status = HTTPStatus(error.status_code)
        if status is not HTTPStatus.METHOD_NOT_ALLOWED:
            return problem(request, status, _HTTP_REASONS.get(status, InputReason.UNREADABLE_REQUEST))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"allow": allowed_methods(request)})
        answer = problem(request, status, InputReason.METHOD_NOT_ALLOWED)
        answer.headers["allow"] = allowed_methods(request)
        return answer

    async def on_mistake(request: Request, _error: Exception) -> Response:
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, ApiReason.OUR_MISTAKE)

    app.add_exception_handler(LachanError, on_refusal)
    app.add_exception_handler(RequestValidationError, on_shape)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_mistake)
