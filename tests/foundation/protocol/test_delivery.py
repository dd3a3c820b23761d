"""A postman at hostile doors: slow, endless, redirecting, packed, and two names at one address."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import SigningKey, verify
from lachan.foundation.protocol.connections import Target
from lachan.foundation.protocol.delivery import Attempt, Postman
from lachan.foundation.protocol.outbox import Message

KEY = SigningKey.generate()
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
Answer = Callable[[socket.socket], None]


def read_request(peer: socket.socket) -> bytes:
    """One whole request; empty when the connection has ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = peer.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(v) for k, _, v in (h.partition(b":") for h in head.split(b"\r\n")) if k == b"content-length")
    while len(body) < length:
        body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def door(answer: Answer) -> Iterator[tuple[int, list[bytes], list[int]]]:
    """A server that answers each request as told; gives its port, the requests, and each request's connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    connections: list[int] = []

    def serve(peer: socket.socket, number: int) -> None:
        with peer:
            while request := read_request(peer):
                seen.append(request)
                connections.append(number)
                try:
                    answer(peer)
                except OSError:
                    return

    def accept() -> None:
        number = 0
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            number += 1
            threading.Thread(target=serve, args=(peer, number), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], seen, connections
    finally:
        listening.close()


def message(body: str = '{"amount_vnd":1}') -> Message:
    now = WallClock().now()
    return Message(new_id(), 1, "999001", "hold.requested", "hold:1", body, now, None, None, None, now)


def target(port: int, host: str = "bank.example") -> Target:
    return Target(f"http://{host}:{port}/hooks?a=1", host, port, ("127.0.0.1",))


def post(answer: Answer, *, deadline_s: float = 2.0) -> Attempt:
    with door(answer) as (port, _, _):
        postman = Postman([KEY], deadline_s=deadline_s)
        attempt = postman.post(message(), target(port), WallClock().now())
        postman.close()
    return attempt


def test_a_good_door_gets_the_signed_bytes_and_the_name_it_knows() -> None:
    with door(lambda peer: peer.sendall(OK)) as (port, seen, connections):
        postman = Postman([KEY])
        sent = message()
        assert postman.post(sent, target(port), WallClock().now()) == Attempt(True)
        assert postman.post(message(), target(port), WallClock().now()) == Attempt(True)
        postman.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    assert lines[0] == "POST /hooks?a=1 HTTP/1.1"
    assert headers["host"] == f"bank.example:{port}"
    assert verify(headers, body, [KEY.public], WallClock().now()) == sent.id
    assert connections == [1, 1], "the connection is used again"


def test_two_names_at_one_address_never_share_a_connection() -> None:
    """Behind one address a router may sort by the name given when the connection was opened."""
    with door(lambda peer: peer.sendall(OK)) as (port, _, connections):
        postman = Postman([KEY])
        for host in ("evil.example", "bank.example", "evil.example"):
            assert postman.post(message(), target(port, host), WallClock().now()).delivered
        postman.close()
    assert connections == [1, 2, 1]


@pytest.mark.parametrize("status", [199, 300, 302, 307, 400, 401, 410, 500, 503])
def test_anything_but_2xx_is_not_delivered(status: int) -> None:
    line = f"HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".encode()
    if status < 200:
        line += b"HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n"
    assert not post(lambda peer: peer.sendall(line)).delivered


# A drip takes fifty seconds: whoever is let go before half of that did not listen to its end.
SENT_IN_S = 50


def test_one_byte_at_a_time_does_not_keep_the_postman() -> None:
    def drip(peer: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 1000:
            peer.sendall(bytes([byte]))
            time.sleep(0.05)

    start = time.monotonic()
    assert post(drip, deadline_s=0.5) == Attempt(False, "ReadTimeout")
    assert time.monotonic() - start < SENT_IN_S / 2


def test_a_slow_body_does_not_keep_the_postman() -> None:
    def drip(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            peer.sendall(b"a")
            time.sleep(0.05)

    start = time.monotonic()
    assert not post(drip, deadline_s=0.5).delivered
    assert time.monotonic() - start < SENT_IN_S / 2


def test_an_endless_or_packed_answer_is_not_swallowed() -> None:
    packed = gzip.compress(b"0" * 10_000_000)

    def endless(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            peer.sendall(b"%x\r\n%s\r\n" % (len(packed), packed))

    start = time.monotonic()
    assert post(endless, deadline_s=60).delivered, "the status counts, the rest is not listened to"
    assert time.monotonic() - start < 30


def test_cookies_and_proxies_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    cookie = b"HTTP/1.1 200 OK\r\nset-cookie: a=b; Path=/\r\ncontent-length: 0\r\n\r\n"
    with door(lambda peer: peer.sendall(cookie)) as (port, seen, _):
        postman = Postman([KEY])
        for _ in range(2):
            assert postman.post(message(), target(port), WallClock().now()).delivered
        postman.close()
    assert b"cookie" not in seen[1].lower()


@pytest.mark.parametrize("said", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000])
def test_nonsense_is_a_failure_without_its_words(said: bytes) -> None:
    def answer(peer: socket.socket) -> None:
        peer.sendall(said)
        peer.shutdown(socket.SHUT_RDWR)

    attempt = post(answer)
    assert not attempt.delivered
    assert attempt.error in {"RemoteProtocolError", "ReadError", "WriteError"}


def test_nobody_home_is_told_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert Postman([KEY]).post(message(), target(port), WallClock().now()) == Attempt(False, "ConnectError")
