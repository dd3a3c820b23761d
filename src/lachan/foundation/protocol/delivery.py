"""Delivery of one message to one webhook: signed at the moment of sending, never redirected, never waited on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from lachan.foundation.protocol.connections import Target
from lachan.foundation.protocol.outbox import Message
from lachan.foundation.protocol.signatures import SigningKey, sign

TIMEOUT = httpx.Timeout(10, connect=2)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt went: `delivered`, or why not (never the receiver's own words: they may hold anything)."""

    delivered: bool
    error: str = ""


class Postman:
    """Posts signed messages; keeps connections open between them. Safe to share between threads."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self._keys = tuple(keys)
        self._http = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=128, max_keepalive_connections=64),
        )

    def post(self, message: Message, target: Target, wall_now: datetime) -> Attempt:
        """One attempt. Any answer but 2xx is a failure; a redirect too: targets are registered, not followed."""
        body = message.body.encode()
        headers = sign(message.id, wall_now, body, self._keys)
        try:
            # Connect to the address that was checked: resolving again would let a name change its mind.
            address = httpx.URL(target.url)
            answer = self._http.post(
                address.copy_with(host=target.addresses[0]),
                content=body,
                headers={**headers, "content-type": "application/json", "host": address.netloc.decode()},
                extensions={"sni_hostname": target.host},
            )
        except httpx.HTTPError as error:
            return Attempt(False, type(error).__name__)
        if answer.is_success:
            return Attempt(True)
        return Attempt(False, f"HTTP {answer.status_code}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
