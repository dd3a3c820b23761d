"""From a webhook's headers and bytes to an envelope that a known center signed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from lachan.foundation.base import NotAllowed, WallClock
from lachan.foundation.protocol import Envelope, PublicKey, SignatureReason, read_envelope, verify


def open_envelope(headers: Mapping[str, str], body: bytes, keys: Iterable[PublicKey], now: datetime) -> Envelope:
    """Verify, then read. `now` is wall time: signatures are never simulated.

    Raises BadInput or NotAllowed with a named reason; answer the sender 400 or 401.
    """
    signed_id = verify(headers, body, keys, now)
    envelope = read_envelope(body)
    if envelope.message_id != signed_id:
        raise NotAllowed(SignatureReason.ID_DIFFERS, field="message_id")
    return envelope


class WebhookReceiver:
    """Opens the events of the centers whose keys it holds, by the centers' instance codes.

    One institution serves many provinces: a center's key opens only what names that center as its issuer.
    """

    def __init__(self, center_keys: Mapping[str, Sequence[PublicKey]]) -> None:
        self._center_keys = {instance: tuple(keys) for instance, keys in center_keys.items()}

    def open(self, headers: Mapping[str, str], body: bytes, now: datetime | None = None) -> Envelope:
        """The envelope, believed. `now` is the machine's own time unless given."""
        now = now or WallClock().now()
        everyone = [key for keys in self._center_keys.values() for key in keys]
        envelope = open_envelope(headers, body, everyone, now)
        # Signed by one of the centers; only the named issuer's own keys may speak in its name.
        verify(headers, body, self._center_keys.get(envelope.issuer.instance, ()), now)
        return envelope
