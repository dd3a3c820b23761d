"""One authorised, patient HTTP connection to a center."""

import time
from collections.abc import Callable
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import tenacity
from pydantic import BaseModel, TypeAdapter, ValidationError

from lachan.client.errors import Conflicting, NotAuthorised, Refused, Unavailable, Unreachable
from lachan.foundation.base import WallClock
from lachan.foundation.protocol import Problem, SigningKey, sign

ATTEMPTS = 6
BACKOFF_START_S = 0.5
BACKOFF_MAX_S = 30.0
# A center that asks for more patience than this is not waited for; the caller decides.
RETRY_AFTER_MAX_S = 120.0
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
# Renewed a little before it ends, because a request takes time.
_TOKEN_MARGIN_S = 30.0

T = TypeVar("T")
_PROBLEM = TypeAdapter(Problem)


class _Grant(BaseModel):
    """An access token, as RFC 6749 §5.1 words it."""

    access_token: str
    expires_in: float = 0.0


_GRANT = TypeAdapter(_Grant)


class Authorised:
    """Gets and renews the token (OAuth 2 client credentials), and repeats questions, which change nothing."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        timeout_s: float,
        attempts: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=timeout_s, transport=transport)
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._token = ""
        self._token_ends_s = 0.0
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts),
            wait=_wait,
            retry=tenacity.retry_if_exception_type((httpx.TransportError, Unavailable)),
            sleep=sleep,
            reraise=True,
        )

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def get(self, path: str, shape: type[T], params: dict[str, str] | None = None) -> T:
        """Fetch and read."""
        return self._call(lambda: self._http.build_request("GET", path, params=params), shape)

    def fetch(self, path: str, params: dict[str, str] | None = None) -> bytes | None:
        """Fetch a file as it is; None where there is none to give (204)."""
        response = self._answer(lambda: self._http.build_request("GET", path, params=params))
        return None if response.status_code == httpx.codes.NO_CONTENT else response.content

    def ask(self, path: str, body: bytes, media_type: str, shape: type[T]) -> T:
        """Ask by POST what is too long for an address; nothing is signed, because nothing changes."""
        headers = {"content-type": media_type}
        return self._call(lambda: self._http.build_request("POST", path, content=body, headers=headers), shape)

    def tell(self, path: str, body: bytes, key: str, shape: type[T]) -> T:
        """Report as JSON what counts once under its idempotency key, however often it is sent."""
        headers = {"content-type": "application/json", "idempotency-key": key}
        return self._call(lambda: self._http.build_request("POST", path, content=body, headers=headers), shape)

    def _call(self, build: Callable[[], httpx.Request], shape: type[T]) -> T:
        return _read(TypeAdapter(shape), self._answer(build))

    def _answer(self, build: Callable[[], httpx.Request]) -> httpx.Response:
        try:
            response: httpx.Response = self._retrying(self._attempt, build)
        except httpx.TransportError as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        return response

    def _attempt(self, build: Callable[[], httpx.Request]) -> httpx.Response:
        response = self._send(build())
        if response.status_code == httpx.codes.UNAUTHORIZED:  # the token may have been revoked: once more
            self._token = ""
            response = self._send(build())
        return _checked(response)

    def _send(self, request: httpx.Request) -> httpx.Response:
        if not self._token or time.monotonic() >= self._token_ends_s:
            self._renew_token()
        request.headers["authorization"] = f"Bearer {self._token}"
        return self._http.send(request)

    def _renew_token(self) -> None:
        form = {"grant_type": "client_credentials"}  # no scope asked: all that the client has been given
        response = _checked(self._http.post("/v1/oauth/token", data=form, auth=self._credentials))
        granted = _read(_GRANT, response)
        self._token = granted.access_token
        self._token_ends_s = time.monotonic() + granted.expires_in - _TOKEN_MARGIN_S


class Connection(Authorised):
    """Signs bodies too.

    Every attempt is signed anew, because a signature is only believed for five minutes. Unsafe calls carry an
    `Idempotency-Key`, so that repeating them changes nothing.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        signing_key: SigningKey,
        *,
        timeout_s: float,
        attempts: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__(
            base_url, client_id, client_secret,
            timeout_s=timeout_s, attempts=attempts, transport=transport, sleep=sleep,
        )  # fmt: skip
        self._signing_key = signing_key

    def post(self, path: str, message_id: str, body: bytes, shape: type[T]) -> T:
        """Send a signed message; its id is the idempotency key."""

        def build() -> httpx.Request:
            headers = sign(message_id, WallClock().now(), body, self._signing_key)
            headers |= {"content-type": "application/json", "idempotency-key": message_id}
            return self._http.build_request("POST", path, content=body, headers=headers)

        return self._call(build, shape)


def _read(shape: TypeAdapter[T], response: httpx.Response) -> T:
    try:
        return shape.validate_json(response.content)
    except ValidationError as error:
        raise Unreachable("the answer is not the center's: " + error.errors()[0]["msg"]) from error


def _checked(response: httpx.Response) -> httpx.Response:
    """The response if it is good, else the error that it is."""
    status = response.status_code
    if response.is_success:
        return response
    try:
        problem = _PROBLEM.validate_json(response.content)
    except ValidationError:
        problem = Problem(title=response.reason_phrase, status=status)
    if status in _TRY_AGAIN:
        raise Unavailable(status, problem, _retry_after_s(response))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise NotAuthorised(status, problem)
    if status == httpx.codes.CONFLICT:
        raise Conflicting(status, problem)
    raise Refused(status, problem)


def _retry_after_s(response: httpx.Response) -> float:
    """Seconds, whether written as such or as a date (RFC 9110 10.2.3); 0 where nothing is said."""
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:  # "-0000": UTC, by RFC 5322
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - WallClock().now()) / timedelta(seconds=1))


_backoff = tenacity.wait_random_exponential(multiplier=BACKOFF_START_S, max=BACKOFF_MAX_S)


def _wait(state: tenacity.RetryCallState) -> float:
    """Full-jitter back-off, but never sooner than the center asked."""
    error = state.outcome.exception() if state.outcome else None
    asked_s = error.retry_after_s if isinstance(error, Unavailable) else 0.0
    return max(min(asked_s, RETRY_AFTER_MAX_S), _backoff(state))
