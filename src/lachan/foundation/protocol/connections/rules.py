"""What makes a public key readable, and when an older key gives way to a newer one."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime, timedelta

from lachan.foundation.base import BadInput
from lachan.foundation.protocol.connections.model import ConnectionReason, InstitutionKey, KeyState

# Two keys of one owner count side by side for so long: time for every machine to change over.
OVERLAP = timedelta(days=7)
_KEY_BYTES = 32
_PREFIX = "whpk_"  # Standard Webhooks' way of writing public keys
# The encodings of points of small order (RFC 8032 §5.1, 8·P = 0): signatures for them can be made by anybody.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
)


def read_public_key(text: str) -> bytes:
    """The 32 bytes of an ed25519 public key, base64, with or without `whpk_` before it."""
    try:
        raw = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(ConnectionReason.BAD_PUBLIC_KEY, field="public_key") from None
    if len(raw) != _KEY_BYTES or raw in _SMALL_ORDER:
        raise BadInput(ConnectionReason.BAD_PUBLIC_KEY, field="public_key")
    return raw


def giving_way(keys: Iterable[InstitutionKey], newer: InstitutionKey) -> list[tuple[str, datetime]]:
    """Which confirmed keys end, and when, once `newer` is confirmed: an overlap after it starts to count."""
    end = newer.valid_from + OVERLAP
    return [
        (key.id, end)
        for key in keys
        if key.id != newer.id
        and key.state is KeyState.CONFIRMED
        and key.valid_from <= newer.valid_from
        and (key.valid_to is None or key.valid_to > end)
    ]
