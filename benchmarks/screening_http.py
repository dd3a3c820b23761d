"""What does POST /v1/screen cost the server?  Against a call that does nothing with the same authentication.

A server process of its own; its CPU time is the kernel's count. One request after the other. The no-op goes the
same way through the application (gate, routing, token, rate limit, body) and answers {}. Then the latency of 100
calls a second while another process writes 1,000 claims a second into the registry, a sealer seals them and the
server follows: wall time.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.instance import free_port, percentile
from lachan.bootstrap import build, initialise
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    Scope,
    actor_for_token,
    add_agency,
    issue_token,
    register_client,
)
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings
from lachan.registry import Change, Verdict
from lachan.registry.sources import Submission, submit

ENTRIES = 200_000
CALLS = 2_000
ROUNDS = 5
WRITTEN_EACH, WRITES_A_SECOND, WRITTEN_S = 100, 10, 14.0


def key_of(number: int) -> str:
    """A mobile number."""
    return f"phone:+8491{number:07d}"


def serve(home: Path, port: int, following: bool) -> None:
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
    # All of one sequence, the lowest: what the registry writes comes after it.
    engine.apply(Change(1, key_of(n * 50), Verdict.WARN, ("R1",), f"{n:036d}", None) for n in range(ENTRIES))
    engine.merge()
    app = create_app(services)
    app.router.routes.insert(0, Route("/v1/nothing", Nothing(services, app.state.limiter), methods=["POST"]))
    if following:
        services.screening.start()
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="warning", lifespan="off")


def write(home: Path, token: str) -> None:
    """The writing process: a bank's claims into the registry, a hundred in a transaction, ten times a second."""
    services = build(Settings(home=home))
    with services.db.read() as conn:
        actor = actor_for_token(conn, token, WallClock().now())
    if actor is None:
        raise RuntimeError("no such token")
    started = due = time.monotonic()
    written = 0
    while due - started < WRITTEN_S:
        keys = [f"account:970436:{written + n:010d}" for n in range(WRITTEN_EACH)]
        with services.db.unit(services.clock.now(), actor) as unit:
            submit(unit, [Submission(key=key, reason="T1") for key in keys])
        written += WRITTEN_EACH
        due += 1 / WRITES_A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
    print(written / (time.monotonic() - started), flush=True)


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
    """CPU seconds of a process's threads so far: the scheduler's count, to the nanosecond."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def prepared(home: Path) -> list[str]:
    """An instance with clients; their tokens."""
    services = initialise(Settings(home=home))
    tokens = []
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        draft = AgencyDraft("credit_institution", "Bank", "B", date(2025, 7, 1), codes=("999001",))
        bank = add_agency(unit, draft)
        pairs = [
            register_client(unit, bank.id, f"c{n}", (Scope.SCREEN, Scope.CLAIM), wall_now=WallClock().now())
            for n in range(24)
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
        with _served(name) as (process, port):
            result |= _costs(process, port, tokens, calls)
        with _served(name, "--following") as (_, port), _sealing(name):
            writer = subprocess.Popen(
                [sys.executable, __file__, "--write", name, tokens[1]], stdout=subprocess.PIPE, text=True
            )  # fmt: skip
            time.sleep(2)
            result |= _latency(port, tokens)
            result["written_a_second"] = float(writer.communicate()[0])
            result["followed"] = _followed(port, tokens[2])
    for kind in ("text_100", "json_100", "json_100_other_spelling"):
        result[f"{kind}_times_nothing"] = result[f"{kind}_us"] / result["nothing_us"]
    result["items_a_core_second"] = 1000 / result["text_1000_us"] * 1e6
    return result


@contextmanager
def _served(home: str, *more: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "--serve", home, str(port), *more])
    try:
        _await(port)
        yield server.pid, port
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def _sealing(home: str) -> Iterator[None]:
    command = [sys.executable, "-m", "lachan.doors.cli", "worker", "--only", "seal"]
    sealer = subprocess.Popen(command, env={**os.environ, "LACHAN_HOME": home})
    try:
        yield
    finally:
        sealer.terminate()
        sealer.wait(20)


def _followed(port: int, token: str) -> int:
    """How many of the written claims the server answers with a verdict, a second later."""
    time.sleep(1)
    line, found = Line(port, token), 0
    for first in range(0, int(WRITTEN_S) * WRITTEN_EACH * WRITES_A_SECOND, 1000):
        keys = "\n".join(f"account:970436:{number:010d}" for number in range(first, first + 1000))
        answer = line.send(line.request("/v1/screen", "text/plain", keys.encode()))
        found += answer.count(b'"verdict":"warn"')
    return found


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
    for _ in range(ROUNDS):
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
    """Measure, or be one of the processes of a measurement."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=CALLS)
    options.add_argument("--serve", nargs=2, metavar=("HOME", "PORT"))
    options.add_argument("--following", action="store_true")
    options.add_argument("--write", nargs=2, metavar=("HOME", "TOKEN"))
    chosen = options.parse_args()
    if chosen.serve:
        serve(Path(chosen.serve[0]), int(chosen.serve[1]), chosen.following)
        return
    if chosen.write:
        write(Path(chosen.write[0]), chosen.write[1])
        return
    result = measure(chosen.calls)
    for name, value in result.items():
        print(f"{name:36} {value:14,.3f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
