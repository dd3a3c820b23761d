"""Delivery of one message to one webhook: signed at the moment of sending, never redirected, never waited on.

The receiver may be hostile. It is given a connection of its own (never one that was opened for another name at the
same address), one deadline for everything, and no hearing: only the status of its answer counts; the body is
neither unpacked nor kept.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from lachan.foundation.protocol.connections import Target
from lachan.foundation.protocol.outbox import Message
from lachan.foundation.protocol.signatures import SigningKey, sign

CONNECT_S = 2.0
DEADLINE_S = 12.0
# Read so far to use the connection again; whoever says more has it closed.
_ANSWER_BYTES_MAX = 64 * 1024
_POOLS_MAX = 512
_CONNECTIONS_MAX = 8


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went: `delivered`, or why not (never the receiver's own words: they may hold anything)."""

    delivered: bool
    error: str = ""


class Postman:
    """Posts signed messages; keeps connections open between them. Safe to share between threads."""

    def __init__(
        self, keys: Sequence[SigningKey], *, tls: SSLContext | None = None, deadline_s: float = DEADLINE_S
    ) -> None:
        self._keys = tuple(keys)
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._pools: OrderedDict[tuple[str, ...], httpcore.ConnectionPool] = OrderedDict()

    def post(self, message: Message, target: Target, wall_now: datetime) -> Attempt:
        """One attempt. Any answer but 2xx is a failure; a redirect too: targets are registered, not followed."""
        body = message.body.encode()
        address = urlsplit(target.url)
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        # Connect to the address that was checked: resolving again would let a name change its mind.
        url = httpcore.URL(scheme=address.scheme, host=target.addresses[0], port=target.port, target=path)
        headers = {
            **sign(message.id, wall_now, body, self._keys),
            "host": address.netloc,
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "lachan",
        }
        waits = {
            "connect": CONNECT_S,
            "read": self._deadline_s,
            "write": self._deadline_s,
            "pool": self._deadline_s,
        }
        _deadline.at_s = time.monotonic() + self._deadline_s
        try:
            with self._pool(target, address.scheme).stream(
                "POST", url, headers=list(headers.items()), content=body,
                extensions={"timeout": waits, "sni_hostname": target.host},
            ) as answer:  # fmt: skip
                _drain(answer.iter_stream())
                status = answer.status
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Attempt(False, type(error).__name__)
        return Attempt(True) if 200 <= status < 300 else Attempt(False, f"HTTP {status}")

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _pool(self, target: Target, scheme: str) -> httpcore.ConnectionPool:
        """The connections of one name at one address: a certificate is checked only when one is opened."""
        key = (scheme, target.host, str(target.port), target.addresses[0])
        with self._lock:
            if key not in self._pools:
                self._pools[key] = httpcore.ConnectionPool(
                    ssl_context=self._tls, max_connections=_CONNECTIONS_MAX, keepalive_expiry=30,
                    network_backend=_InTime(),
                )  # fmt: skip
            self._pools.move_to_end(key)
            if len(self._pools) > _POOLS_MAX:
                self._pools.popitem(last=False)[1].close()
            return self._pools[key]


def _drain(chunks: Iterable[bytes]) -> None:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _ANSWER_BYTES_MAX:
            return


class _Deadline(threading.local):
    """When the attempt of this thread must be over: a byte every nine seconds must not keep it for ever."""

    at_s: float = 0.0

    def left_s(self, wanted_s: float | None) -> float:
        """How long one step may take; TimeoutException when nothing is left."""
        left_s = self.at_s - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout
        return left_s if wanted_s is None else min(left_s, wanted_s)


_deadline = _Deadline()


class _InTime(httpcore.NetworkBackend):
    """The ordinary network, each step of which ends with the attempt."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        left_s = _deadline.left_s(timeout)
        return _StreamInTime(self._network.connect_tcp(host, port, left_s, local_address, socket_options))


class _StreamInTime(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _deadline.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _deadline.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _StreamInTime(self._stream.start_tls(ssl_context, server_hostname, _deadline.left_s(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
