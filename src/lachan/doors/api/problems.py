"""One table from error to response: RFC 9457 problems, a stable type, a sentence in the caller's language."""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

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

STATUS: Mapping[type[LachanError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}
# Reasons whose meaning HTTP has a better word for than their kind's.
STATUS_OF_REASON: Mapping[str, HTTPStatus] = {
    InputReason.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    "not_signed_in": HTTPStatus.UNAUTHORIZED,
    "invalid_token": HTTPStatus.UNAUTHORIZED,
}


def language_of(request: Request) -> Language:
    """The caller's language: the cookie of the pages, else the first one accepted that we have."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang", "")
    accepted = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    return next((Language(code) for code in (chosen, *accepted) if code in set(Language)), Language.VI)


def status_of(error: LachanError) -> HTTPStatus:
    """The HTTP status of a refusal."""
    return STATUS_OF_REASON.get(error.reason, STATUS[type(error)])


def problem(
    request: Request,
    status: HTTPStatus,
    reason: Reason,
    field: str | None = None,
    params: Mapping[str, object] | None = None,
) -> Response:
    """A refusal as a response."""
    language = language_of(request)
    content: dict[str, object] = {
        "type": f"/problems/{reason.value}",
        "title": translate(f"reason.{reason.value}", language, **(params or {})),
        "status": int(status),
        "reason": reason.value,
    }
    if field:
        content["field"] = field
    headers = {"content-language": language.value}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="lachan"'
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str((params or {}).get("seconds", 60))
    return Response(orjson.dumps(content), status, headers, "application/problem+json")


def refusal(request: Request, error: LachanError) -> Response:
    """A domain refusal as a response."""
    return problem(request, status_of(error), error.reason, error.field, error.params)


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
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, reason, place, {"expected": first["msg"]})

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this type)
        status = HTTPStatus(error.status_code)
        return problem(request, status, _HTTP_REASONS.get(status, InputReason.UNREADABLE_REQUEST))

    app.add_exception_handler(LachanError, on_refusal)
    app.add_exception_handler(RequestValidationError, on_shape)
    app.add_exception_handler(HTTPException, on_http)
