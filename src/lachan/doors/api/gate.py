"""What every request passes first and every answer last: no double meanings in, the same headers and counts out."""

import threading
from collections import Counter
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lachan.doors.api.problems import refusal
from lachan.doors.api.reasons import ApiReason
from lachan.foundation.access import Allowance, RateLimit
from lachan.foundation.base import BadInput

# One server reads the first of two, the next one the last: whoever sends two wants them to disagree.
_SINGLE = (
    b"authorization", b"content-encoding", b"content-length", b"content-type", b"host", b"idempotency-key",
    b"if-match", b"transfer-encoding", b"webhook-id", b"webhook-signature", b"webhook-timestamp",
)  # fmt: skip
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
# Where HEAD is GET without the body. Pages are not here: a live stream has no end to wait for.
_HEAD = ("/v1/", "/problems", "/openapi.json", "/healthz", "/readyz", "/metrics")


class Counts:
    """Answers since start by method, route template and status: few keys, whatever strangers send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counter: Counter[tuple[str, str, int]] = Counter()

    def add(self, method: str, template: str, status: int) -> None:
        """Count one answer."""
        with self._lock:
            self._counter[method if method in _METHODS else "OTHER", template, status] += 1

    def all(self) -> dict[tuple[str, str, int], int]:
        """A copy of the counts."""
        with self._lock:
            return dict(self._counter)


class Gate:
    """Outermost of ours: refuses what could be read in two ways, answers HEAD, completes headers, counts."""

    def __init__(self, app: ASGIApp, *, counts: Counts) -> None:
        self.app = app
        self.counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method: str = scope["method"]
        inner = dict(scope)
        inner["state"] = dict(scope.get("state", {}))
        headless = method == "HEAD" and scope["path"].startswith(_HEAD)
        if headless:
            inner["method"] = "GET"
        status = 500

        async def complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("cache-control", "no-store")
                for name, value in rate_headers(inner["state"]).items():
                    headers[name] = value
            elif headless:
                message = {**message, "body": b""}
            await send(message)

        try:
            wrong = _ambiguous(scope)
            if wrong is None:
                await self.app(inner, receive, complete)
            else:
                await refusal(Request(inner), wrong)(inner, receive, complete)
        finally:
            self.counts.add(method, getattr(inner.get("route"), "path", "unknown"), status)


def note_allowance(request: Request, limit: RateLimit, allowance: Allowance) -> None:
    """Leave for the answer's headers what the limiter said."""
    request.state.rate = (limit, allowance)


def rate_headers(state: Mapping[str, object]) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) for a limited call."""
    noted = state.get("rate")
    if not isinstance(noted, tuple):
        return {}
    limit, allowance = noted
    return {
        "ratelimit-policy": f'"{limit.name}";q={limit.count};w={round(limit.per.total_seconds())}',
        "ratelimit": f'"{limit.name}";r={allowance.remaining};t={allowance.retry_s or allowance.reset_s}',
    }


def _ambiguous(scope: Scope) -> BadInput | None:
    names = [name.lower() for name, _ in scope["headers"]]
    for name in _SINGLE:
        if names.count(name) > 1:
            return BadInput(ApiReason.HEADER_TWICE, field=name.decode())
    encoding = next((value for name, value in scope["headers"] if name.lower() == b"content-encoding"), b"")
    if encoding.strip().lower() not in (b"", b"identity"):
        return BadInput(ApiReason.CONTENT_ENCODING, field="content-encoding")
    return None
