"""`POST /v1/screen`: up to 1,000 keys, a verdict each. Raw ASGI, because here every microsecond counts.

    application/json    {"items": [{"kind": "phone", "value": "0912 345 678"}, …]}   any spelling
    text/plain          one canonical key a line: phone:+84912345678

The answer is {"results": [{"verdict", "reasons", "entry"}, …]} in the order asked; with a `context` in the JSON
body each result has an `advice` too.
"""

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lachan.bootstrap import Services
from lachan.doors.api.advising import SaidContext, described_advice, described_context, result_of, with_advice
from lachan.doors.api.bodies import JSON, raw_body
from lachan.doors.api.describe import needs
from lachan.doors.api.problems import language_of
from lachan.doors.api.reasons import ApiReason
from lachan.doors.api.tokens import TokenChecks
from lachan.foundation.access import SCREENED_BY_CLIENT, AccessReason, Permission, RateLimiter
from lachan.foundation.access import Scope as ClientScope
from lachan.foundation.base import Actor, BadInput, InputReason, NotAllowed, WallClock
from lachan.foundation.identifiers import Kind, normalise
from lachan.registry import Verdict
from lachan.screening import Asker, Screened, ScreenReason, doubtful, require_canonical

PATH = "/v1/screen"
TEXT = "text/plain"
ITEMS_MAX = 1_000
BODY_BYTES_MAX = 1024 * 1024
# What a call costs beside its keys: as much as about this many.
CALL_COST = 19

_CLEAR = b'{"verdict":"clear","reasons":[],"entry":null}'
_ALL_CLEAR = b",".join([_CLEAR] * ITEMS_MAX)
_CONTEXT = '{"amount_vnd":5000000,"payer_age_band":"60_plus","first_payment":true,"channel":"mobile"}'
_BEFORE, _AFTER = b'{"results":[', b"]}"


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One identifier as a person or program wrote it."""

    kind: Kind
    value: str


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON body."""

    items: list[Item]
    context: SaidContext | None = None


_read_question = msgspec.json.Decoder(Question).decode
_write = msgspec.json.Encoder().encode


class ScreenDoor:
    """The ASGI end point."""

    def __init__(self, services: Services, limiter: RateLimiter) -> None:
        self._services = services
        self._limiter = limiter
        self._tokens = TokenChecks(services, Permission.SCREEN_QUERY)
        self._renewing: set[asyncio.Future[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; refusals are raised and become problems further out."""
        token, media_type = _headers(scope)
        actor = await self._caller(token)
        body = await raw_body(receive, BODY_BYTES_MAX)
        text, count, context = _text(body) if media_type == TEXT else _canonical(body)
        self._take(scope, actor, count)
        if context is None:
            content = _BEFORE + self._results(actor, text, count) + _AFTER
        else:
            content = _BEFORE + await self._advised(scope, actor, text, count, context) + _AFTER
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _caller(self, token: str) -> Actor:
        actor, is_due = self._tokens.recent(token)
        if actor is None:
            return await asyncio.to_thread(self._tokens.check, token)
        if is_due and not self._renewing:
            renewing = asyncio.get_running_loop().run_in_executor(None, self._renew, token)
            self._renewing.add(renewing)
            renewing.add_done_callback(self._renewing.discard)
        return actor

    def _renew(self, token: str) -> None:
        try:
            self._tokens.check(token)
        except NotAllowed:
            return  # the next call is refused: the check was forgotten

    def _take(self, scope: Scope, actor: Actor, count: int) -> None:
        now = WallClock().now()
        limit = self._services.screening.watch.slowed(Asker.INSTITUTION, actor.id, now) or SCREENED_BY_CLIENT
        allowance = self._limiter.take(limit, actor.id, now, cost=CALL_COST + count)
        scope["state"]["rate"] = (limit, allowance)
        if not allowance.allowed:
            raise NotAllowed(InputReason.TOO_MANY_REQUESTS, seconds=allowance.retry_s)

    def _hits(self, actor: Actor, text: bytes, count: int) -> list[tuple[int, Screened]]:
        screening = self._services.screening
        hits = screening.engine.hits(text, count)
        screening.hits.note(actor.id, count, hits)
        screening.watch.note(Asker.INSTITUTION, actor.id, text, count, len(hits), WallClock().now())
        return hits

    async def _advised(self, scope: Scope, actor: Actor, text: bytes, count: int, said: SaidContext) -> bytes:
        keys = text.decode().split("\n") if count else []
        hits = self._hits(actor, text, count) if count else []
        language = language_of(Request(scope))
        return b",".join(await with_advice(self._services, said, language, keys, hits, actor.id))

    def _results(self, actor: Actor, text: bytes, count: int) -> bytes:
        if not count:
            return b""
        hits = self._hits(actor, text, count)
        if not hits:
            return _ALL_CLEAR[: count * (len(_CLEAR) + 1) - 1]
        results = [_CLEAR] * count
        for line, answer in hits:
            results[line] = _write(result_of(answer))
        return b",".join(results)


def route(services: Services, limiter: RateLimiter) -> Route:
    """The route, to stand before all others: each that is tried first costs as much as ten look-ups."""
    return Route(PATH, ScreenDoor(services, limiter), methods=["POST"])


def described() -> dict[str, Any]:
    """The call in the words of OpenAPI, which cannot see into a raw end point."""
    kinds = [kind.value for kind in Kind]
    item = {
        "type": "object",
        "properties": {"kind": {"type": "string", "enum": kinds}, "value": {"type": "string"}},
        "required": ["kind", "value"],
        "additionalProperties": False,
    }
    items = {"type": "array", "items": item, "maxItems": ITEMS_MAX}
    question = {
        "type": "object", "properties": {"items": items, "context": described_context()}, "required": ["items"],
        "additionalProperties": False,
    }  # fmt: skip
    result = {
        "type": "object",
        "properties": {
            "verdict": {"type": "string", "enum": [verdict.value for verdict in Verdict]},
            "reasons": {"type": "array", "items": {"type": "string"}},
            "entry": {"type": ["string", "null"]},
            "advice": described_advice(),
        },
        "required": ["verdict", "reasons", "entry"],
    }
    answer = {
        "type": "object",
        "properties": {"results": {"type": "array", "items": result}},
        "required": ["results"],
    }
    examples = {
        JSON: {
            "items": [{"kind": "phone", "value": "0912 345 678"}],
            "context": {
                "amount_vnd": 5_000_000,
                "payer_age_band": "60_plus",
                "channel": "mobile",
                "language": "vi",
            },
        },
        TEXT: "phone:+84912345678\naccount:970436:0123456789\n",
    }
    return {
        "tags": ["screening"],
        "summary": "A verdict for each key, in the order asked.",
        "description": "Up to 1,000 identifiers, as JSON or as canonical keys, one a line. An identifier that "
        "nobody suspects is `clear`; what cannot be read is refused, never silently clear. A link or name is also "
        "found by the listed page or name above it. With a `context` each result carries an `advice`.",
        "operationId": "screen",
        **needs(ClientScope.SCREEN),
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": question, "examples": {"phone": {"value": examples[JSON]}}},
                TEXT: {"schema": {"type": "string"}, "examples": {"keys": {"value": examples[TEXT]}}},
            },
        },
        "responses": {"200": {"description": "The verdicts.", "content": {JSON: {"schema": answer}}}},
    }


def _headers(scope: Scope) -> tuple[str, str]:
    """The token and the media type."""
    token = media_type = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            token = value
        elif name == b"content-type":
            media_type = value
    scheme, _, secret = token.partition(b" ")
    if scheme.lower() != b"bearer" or not secret.strip():
        raise NotAllowed(AccessReason.NOT_SIGNED_IN)
    said, _, parameters = media_type.partition(b";")
    kind = said.strip().lower().decode("latin-1")
    charset = parameters.strip().lower().removeprefix(b"charset=").strip(b'"')
    if kind not in (JSON, TEXT) or charset not in (b"", b"utf-8", b"us-ascii"):
        raise BadInput(ApiReason.MEDIA_TYPE, field="content-type", expected=f"{JSON}, {TEXT}")
    return secret.strip().decode("latin-1"), kind


def _text(body: bytes) -> tuple[bytes, int, None]:
    """The lines of a plain-text body and their number; every one a canonical key. It has no room for a context."""
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    body = body.removesuffix(b"\n")
    if not body:
        return b"", 0, None
    count = _within(body.count(b"\n") + 1)
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
            raise BadInput(ScreenReason.NOT_UTF8, field=f"line {line}") from error
    require_canonical(body, count)
    return body, count, None


def _canonical(body: bytes) -> tuple[bytes, int, SaidContext | None]:
    """The same of a JSON body, whatever the spelling."""
    try:
        question = _read_question(body)
    except msgspec.ValidationError as error:
        raise _wrong_shape(str(error)) from error
    except msgspec.DecodeError as error:
        raise BadInput(
            InputReason.MALFORMED, field="body", expected='{"items":[{"kind":"phone","value":"…"}]}'
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(ScreenReason.NOT_UTF8, field="body") from error
    items = question.items
    count = _within(len(items))
    if not count:
        return b"", 0, question.context
    keys = [f"{item.kind}:{item.value}" for item in items]
    text = "\n".join(keys).encode()
    if text.count(b"\n") + 1 == count:
        suspects = doubtful(text, count)
        if not suspects:
            return text, count, question.context
    else:
        suspects = list(range(count))
    for number in suspects:
        item = items[number]
        try:
            keys[number] = normalise(item.kind, item.value).key
        except BadInput as error:
            field = f"items[{number}].{error.field}"
            raise BadInput(error.reason, field=field, **error.params) from error
    return "\n".join(keys).encode(), count, question.context


def _within(count: int) -> int:
    if count > ITEMS_MAX:
        raise BadInput(ScreenReason.TOO_MANY_KEYS, field="items", limit=ITEMS_MAX)
    return count


def _wrong_shape(said: str) -> BadInput:
    """`Invalid enum value 'x' - at `$.items[3].kind`` and its like."""
    _, here, path = said.rpartition(" - at `$")
    path = path.removesuffix("`").lstrip(".") if here else "body"
    if said.startswith("Invalid enum"):
        return BadInput(InputReason.UNKNOWN_VALUE, field=path, value=said.split("'")[1][:40])
    if "missing required" in said:
        missing = said.split("`")[1]
        return BadInput(InputReason.MISSING, field=missing if path == "body" else f"{path}.{missing}")
    expected = _CONTEXT if path.startswith("context") else '{"kind":"phone","value":"0912 345 678"}'
    return BadInput(InputReason.MALFORMED, field=path, expected=expected)
