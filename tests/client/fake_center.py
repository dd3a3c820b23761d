"""A center in one class, for the client's tests: tokens, an inbox, receipts, and whatever failure is asked for."""

import base64
import json
from collections import deque
from typing import Any

import httpx
from tests.factories import protocol as make

from lachan.foundation.base import LachanError, WallClock
from lachan.foundation.protocol import (
    Envelope,
    EventData,
    PublicKey,
    SigningKey,
    read_acknowledgement,
    read_reply,
    read_report,
    sign,
    verify,
    wrap,
)

NOW = make.at(12)


class FakeCenter:
    """Answers `httpx` requests in memory; `trouble` holds what the next requests get instead."""

    def __init__(self, institution_key: PublicKey) -> None:
        self.key = SigningKey.generate()
        self.institution_key = institution_key
        self.items: list[Envelope] = []
        self.received: dict[str, Any] = {}
        self.trouble: deque[httpx.Response | Exception] = deque()
        self.tokens = 0
        self.calls: list[httpx.Request] = []

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)

    def issue(self, data: EventData) -> Envelope:
        self.items.append(wrap(data, issued_at=make.at(10), issuer=make.ISSUER, trail_head=make.HEAD))
        return self.items[-1]

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        if request.url.path == "/v1/oauth/token":
            return self.token(request)
        if request.headers.get("authorization") != f"Bearer T{self.tokens}":
            return problem(401, "bad_token")
        if self.trouble:
            trouble = self.trouble.popleft()
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        if request.url.path == "/v1/me":
            return httpx.Response(200, json=ME | {"something_newer": 1})
        if request.method == "GET":
            return self.inbox(request)
        return self.take(request)

    def token(self, request: httpx.Request) -> httpx.Response:
        basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if basic != "bank-1:secret" or b"grant_type=client_credentials" not in request.content:
            return problem(401, "bad_client")
        self.tokens += 1
        return httpx.Response(
            200, json={"access_token": f"T{self.tokens}", "token_type": "Bearer", "expires_in": 600}
        )

    def inbox(self, request: httpx.Request) -> httpx.Response:
        after = int(request.url.params.get("after", "0"))
        limit = int(request.url.params["limit"])
        found = self.items[after : after + limit]
        rows = [
            {
                "id": item.message_id,
                "state": "pending",
                "headers": sign(item.message_id, WallClock().now(), item.as_json(), self.key),
                "body": item.as_json().decode(),
            }
            for item in found
        ]
        return httpx.Response(
            200, json={"items": rows, "next": str(after + limit) if len(found) == limit else None}
        )

    def take(self, request: httpx.Request) -> httpx.Response:
        now = WallClock().now()
        body = request.content
        try:
            signed_id = verify(request.headers, body, [self.institution_key], now)
            read = {"ack": read_acknowledgement, "answer": read_reply, "reports": read_report}
            message = read[request.url.path.rsplit("/", 1)[-1]](body)
        except LachanError as error:
            return problem(422, error.reason.value, field=error.field)
        assert request.headers["idempotency-key"] == signed_id == message.message_id
        self.received[signed_id] = message
        if request.url.path == "/v1/reports":
            return httpx.Response(201, json={"code": "LC-7K4Q-92M"})
        item = request.url.path.split("/")[3]
        state = "acknowledged" if request.url.path.endswith("/ack") else "answered"
        return httpx.Response(200, json={"id": item, "state": state, "received_at": NOW.isoformat()})


ME = {
    "client_id": "bank-1",
    "institution": "999001",
    "name": "Ngân hàng Ba Bể",
    "scopes": ["inbox:read"],
    "center_instance": "pa05.caobang",
    "center_name": "Công an tỉnh Cao Bằng",
    "now": NOW.isoformat(),
}


def problem(status: int, reason: str, **more: Any) -> httpx.Response:
    body = {"type": "https://lachan.example/problems/x", "title": "Không được", "status": status, "reason": reason}
    return httpx.Response(
        status, content=json.dumps(body | more), headers={"content-type": "application/problem+json"}
    )
