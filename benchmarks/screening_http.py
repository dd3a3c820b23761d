"""What does POST /v1/screen cost the server?  Against a call that does nothing with the same authentication.

A server process of its own; its CPU time is the kernel's count. One connection, one request after the other. The
no-op goes the same way through the application (gate, routing, token, rate limit, body) and answers {}.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.instance import free_port, percentile
from lachan.bootstrap import Services, build, initialise
from lachan.foundation.access import OPERATOR, AgencyDraft, Scope, add_agency, issue_token, register_client
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings
from lachan.registry import Change, Verdict

ENTRIES = 200_000
CALLS = 2_000
WRITTEN_EACH, WRITES_A_SECOND = 100, 10
_TICKS = os.sysconf("SC_CLK_TCK")


def key_of(number: int) -> str:
    """A mobile number."""
    return f"phone:+8491{number:07d}"


def serve(home: Path, port: int, writing: bool) -> None:
    """The server process: the application, with a no-op beside the screening door."""
    import uvicorn
    from starlette.routing import Route
    from starlette.types import Receive, Send
    from starlette.types import Scope as AsgiScope

    from lachan.doors.api import create_app
    from lachan.doors.api.bodies import raw_body
    from lachan.doors.api.screening import BODY_BYTES_MAX, ScreenDoor, _headers

    class Nothing(ScreenDoor):
        """Everything but the screening."""

        async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
            """Authenticate, count, read, answer {}."""
            token, _ = _headers(scope)
            actor = await self._caller(token)
            await raw_body(receive, BODY_BYTES_MAX)
            self._take(scope, actor, 0)
            headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{}"})

    services = build(Settings(home=home))
    engine = services.screening.engine
    engine.apply(
        Change(n + 1, key_of(n * 50), Verdict.WARN, ("R1",), f"{n:036d}", None) for n in range(ENTRIES // 50 * 50)
    )
    engine.merge()
    app = create_app(services)
    app.router.routes.insert(0, Route("/v1/nothing", Nothing(services, app.state.limiter), methods=["POST"]))
    if writing:
        threading.Thread(target=_write, args=(services,), daemon=True).start()
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="warning", lifespan="off")


def _write(services: Services) -> None:
    """1,000 changes a second, a hundred at a time, merged when that is due."""
    engine = services.screening.engine
    while True:
        first = engine.sequence + 1
        engine.apply(
            Change(first + n, f"account:970436:{first + n:010d}", Verdict.WARN, (), "e", None)
            for n in range(WRITTEN_EACH)
        )
        if engine.is_merge_due:
            engine.merge()
        time.sleep(1 / WRITES_A_SECOND)


class Line:
    """One kept connection; as little as possible of a client."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._token = token

    def request(self, path: str, media_type: str, body: bytes) -> bytes:
        """The bytes of a request."""
        head = (
            f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {self._token}\r\n"
            f"content-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def send(self, request: bytes) -> bytes:
        """Send, and wait for the whole answer; anything but 200 ends the measurement."""
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(1 << 16)
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer.decode())
        size = int(next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length")).split(b":")[1])
        while len(body) < size:
            body += self._socket.recv(1 << 16)
        return body


def cpu_s(process: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def prepared(home: Path) -> list[str]:
    """An instance with clients; their tokens."""
    services = initialise(Settings(home=home))
    tokens = []
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        draft = AgencyDraft("credit_institution", "Bank", "B", date(2025, 7, 1), codes=("999001",))
        bank = add_agency(unit, draft)
        pairs = [
            register_client(unit, bank.id, f"c{n}", (Scope.SCREEN,), wall_now=WallClock().now()) for n in range(8)
        ]
    for client, issued in pairs:
        token = issue_token(
            services.db, client.id, issued.secret, now=services.clock.now(), wall_now=WallClock().now()
        )
        tokens.append(token.token)
    services.db.close()
    return tokens


def measure(calls: int) -> dict[str, Any]:
    """CPU of each kind of call, and the latency while changes are written."""
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        tokens = prepared(Path(name))
        for writing in (False, True):
            port = free_port()
            command = [sys.executable, __file__, "--serve", name, str(port), *(["--writing"] if writing else [])]
            server = subprocess.Popen(command)
            try:
                _await(port)
                result |= _latency(port, tokens) if writing else _costs(server.pid, port, tokens, calls)
            finally:
                server.terminate()
                server.wait(20)
    for kind in ("text_100", "json_100", "json_100_other_spelling"):
        result[f"{kind}_times_nothing"] = result[f"{kind}_us"] / result["nothing_us"]
    result["items_a_core_second"] = 1000 / result["text_1000_us"] * 1e6
    return result


def _costs(server: int, port: int, tokens: list[str], calls: int) -> dict[str, Any]:
    lines = [Line(port, token) for token in tokens]
    keys = [key_of(n * 7919 % 10_000_000) for n in range(1000)]
    text = "\n".join(keys[:100]).encode()
    items = [{"kind": "phone", "value": key.partition(":")[2]} for key in keys[:100]]
    spelt = [{"kind": "phone", "value": "0" + item["value"][3:]} for item in items]
    kinds = {
        "nothing": ("/v1/nothing", "text/plain", text),
        "text_1": ("/v1/screen", "text/plain", keys[0].encode()),
        "text_100": ("/v1/screen", "text/plain", text),
        "json_100": ("/v1/screen", "application/json", json.dumps({"items": items}).encode()),
        "json_100_other_spelling": ("/v1/screen", "application/json", json.dumps({"items": spelt}).encode()),
        "text_1000": ("/v1/screen", "text/plain", "\n".join(keys).encode()),
    }
    result: dict[str, Any] = {}
    best: dict[str, float] = {}
    for _ in range(3):
        for kind, (path, media_type, body) in kinds.items():
            requests = [line.request(path, media_type, body) for line in lines]
            started = cpu_s(server)
            for number in range(calls):
                lines[number % len(lines)].send(requests[number % len(lines)])
            cost = (cpu_s(server) - started) / calls * 1e6
            best[kind] = min(best.get(kind, cost), cost)
    result |= {f"{kind}_us": cost for kind, cost in best.items()}
    return result


def _latency(port: int, tokens: list[str]) -> dict[str, Any]:
    line = Line(port, tokens[0])
    keys = "\n".join(key_of(n * 7919 % 10_000_000) for n in range(100)).encode()
    request = line.request("/v1/screen", "text/plain", keys)
    times = []
    due = time.perf_counter()
    for _ in range(1000):
        due += 0.01
        time.sleep(max(0.0, due - time.perf_counter()))
        started = time.perf_counter()
        line.send(request)
        times.append((time.perf_counter() - started) * 1000)
    return {"writing_p50_ms": percentile(times, 0.5), "writing_p99_ms": percentile(times, 0.99)}


def _await(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError


def main() -> None:
    """Measure, or serve for a measurement."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=CALLS)
    options.add_argument("--serve", nargs=2, metavar=("HOME", "PORT"))
    options.add_argument("--writing", action="store_true")
    chosen = options.parse_args()
    if chosen.serve:
        serve(Path(chosen.serve[0]), int(chosen.serve[1]), chosen.writing)
        return
    result = measure(chosen.calls)
    for name, value in result.items():
        print(f"{name:36} {value:14,.3f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
