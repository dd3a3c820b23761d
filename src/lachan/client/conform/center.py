"""A center of one institution, in a thread: it gives tokens, keeps the inbox, and takes every reply."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lachan.foundation.base import LachanError, WallClock, new_secret
from lachan.foundation.protocol import (
    BODY_BYTES_MAX,
    Acknowledgement,
    Envelope,
    PublicKey,
    Reply,
    SignatureReason,
    SigningKey,
    read_acknowledgement,
    read_reply,
    sign,
    verify,
)


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that the institution said: a message, or why it could not be taken."""

    item_id: str
    message: Acknowledgement | Reply | None
    error: LachanError | None

    @property
    def badly_signed(self) -> bool:
        """Whether the signature is why it could not be taken."""
        return self.error is not None and isinstance(self.error.reason, SignatureReason)


@dataclass(slots=True)
class LocalCenter:
    """What the institution talks to during the checks. It takes any client id and secret."""

    key: SigningKey
    institution_keys: tuple[PublicKey, ...]
    url: str = ""
    items: list[Envelope] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, wanted: Callable[[list[Received]], bool], timeout_s: float) -> bool:
        """Wait until what was received is what is wanted, or the time is over."""
        ends_s = time.monotonic() + timeout_s
        with self.changed:
            while not wanted(self.received):
                left_s = ends_s - time.monotonic()
                if left_s <= 0:
                    return False
                self.changed.wait(left_s)
        return True

    def take(self, item_id: str, headers: dict[str, str], body: bytes, *, acknowledgement: bool) -> Received:
        """Verify and read a reply, and keep it, whatever it is."""
        message: Acknowledgement | Reply | None = None
        error: LachanError | None = None
        try:
            verify(headers, body, self.institution_keys, WallClock().now())
            message = read_acknowledgement(body) if acknowledgement else read_reply(body)
        except LachanError as refused:
            error = refused
        found = Received(item_id, message, error)
        with self.changed:
            known = {r.message.message_id for r in self.received if r.message is not None}
            if message is None or message.message_id not in known:
                self.received.append(found)
            self.changed.notify_all()
        return found


@contextmanager
def serve(center: LocalCenter, host: str, port: int) -> Iterator[LocalCenter]:
    """Serve the center at `host:port` (0: any free one) until the block ends; its `url` is set."""
    server = ThreadingHTTPServer((host, port), _handler(center))
    server.daemon_threads = True
    center.url = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield center
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(center: LocalCenter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer: two would wait for each other

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/v1/inbox":
                self._inbox(parse_qs(url.query))
            else:
                self._say(404, {"title": "Not found", "status": 404})

        def do_POST(self) -> None:
            body = self._body()
            path = urlsplit(self.path).path
            if path == "/v1/oauth/token":
                self._say(200, {"access_token": new_secret(), "token_type": "Bearer", "expires_in": 3600})
            elif path.startswith("/v1/inbox/") and path.endswith(("/ack", "/answer")):
                self._reply(path, body)
            else:
                self._say(404, {"title": "Not found", "status": 404})

        def _body(self) -> bytes:
            """With a length, or in chunks (RFC 9112 7.1), as many HTTP clients send."""
            if "chunked" not in self.headers.get("transfer-encoding", "").lower():
                length = self.headers.get("content-length", "0")
                return self.rfile.read(min(int(length), BODY_BYTES_MAX)) if length.isdigit() else b""
            body = b""
            while (size := int(self.rfile.readline(20).split(b";")[0], 16)) and len(body) < BODY_BYTES_MAX:
                body += self.rfile.read(min(size, BODY_BYTES_MAX))
                self.rfile.readline(3)
            self.rfile.readline(3)
            return body

        def _inbox(self, query: dict[str, list[str]]) -> None:
            after = int(query.get("after", ["0"])[0])
            now = WallClock().now()
            rows = [
                {
                    "id": item.message_id,
                    "state": "pending",
                    "headers": sign(item.message_id, now, item.as_json(), center.key),
                    "body": item.as_json().decode(),
                }
                for item in center.items[after:]
            ]
            self._say(200, {"items": rows, "next": str(after + len(rows))})

        def _reply(self, path: str, body: bytes) -> None:
            item_id = path.split("/")[3]
            acknowledgement = path.endswith("/ack")
            found = center.take(item_id, dict(self.headers), body, acknowledgement=acknowledgement)
            if found.error is not None:
                status = 401 if found.badly_signed else 422
                problem = {"title": "Refused", "status": status, "reason": found.error.reason.value}
                self._say(status, problem | {"field": found.error.field})
                return
            state = "acknowledged" if acknowledgement else "answered"
            now = WallClock().now().isoformat()
            self._say(200, {"id": item_id, "state": state, "received_at": now})

        def _say(self, status: int, content: dict[str, object]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            kind = "application/json" if status < 400 else "application/problem+json"
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the findings are the log."""

    return Handler
