"""Who said it: Standard Webhooks signatures with ed25519, the same in both directions.

Source: the Standard Webhooks specification (standardwebhooks.com): headers `webhook-id`,
`webhook-timestamp` (Unix seconds), `webhook-signature`; signed are the bytes `{id}.{timestamp}.{body}`;
an asymmetric signature is written `v1a,` + base64; keys are written `whsk_` (secret) and `whpk_` (public)
+ base64. Several signatures, divided by a space, may stand in one header: that is how a key is rotated
without a gap.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lachan.foundation.base import BadInput, NotAllowed, Reason

HEADER_ID = "webhook-id"
HEADER_TIMESTAMP = "webhook-timestamp"
HEADER_SIGNATURE = "webhook-signature"
# The figure of the specification's own libraries; both clocks may be off, so it counts in both directions. Part of
# the protocol, not a dated clock: both sides must count the same.
TOLERANCE = timedelta(minutes=5)

_SECRET_PREFIX = "whsk_"  # noqa: S105 (a prefix, not a secret)
_PUBLIC_PREFIX = "whpk_"
_SCHEME = "v1a"
_SIGNATURES_MAX = 10
_KEY_BYTES = 32


class SignatureReason(Reason):
    """Why a signed body is not believed, in order of precedence."""

    MISSING_HEADER = "missing_signature_header"
    BAD_TIMESTAMP = "bad_signature_timestamp"
    OLD_TIMESTAMP = "old_timestamp"
    FUTURE_TIMESTAMP = "future_timestamp"
    UNKNOWN_SCHEME = "unknown_signature_scheme"
    UNKNOWN_KEY = "no_valid_key"
    BAD_SIGNATURE = "bad_signature"
    ID_DIFFERS = "signed_id_differs"
    BAD_KEY = "bad_key"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key and its public half. Its text form never shows the secret."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key from the system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_text(cls, text: str) -> "SigningKey":
        """Read `whsk_…`: 32 bytes of seed, or 64 with the public half behind it."""
        raw = _decode(text, _SECRET_PREFIX, (_KEY_BYTES, 2 * _KEY_BYTES))
        return cls(Ed25519PrivateKey.from_private_bytes(raw[:_KEY_BYTES]))

    def as_text(self) -> str:
        """`whsk_…`, to be kept in the environment or a key store, never in a file of the project."""
        return _SECRET_PREFIX + base64.b64encode(self.private.private_bytes_raw()).decode()

    @property
    def public(self) -> "PublicKey":
        """The half that the other side registers."""
        return PublicKey(self.private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key to verify with, valid in `[valid_from, valid_to)`; rotation overlaps the validity of two keys."""

    raw: bytes
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @classmethod
    def from_text(
        cls, text: str, *, valid_from: datetime | None = None, valid_to: datetime | None = None
    ) -> "PublicKey":
        """Read `whpk_…`."""
        return cls(_decode(text, _PUBLIC_PREFIX, (_KEY_BYTES,)), valid_from, valid_to)

    def as_text(self) -> str:
        """`whpk_…`."""
        return _PUBLIC_PREFIX + base64.b64encode(self.raw).decode()

    def valid_at(self, now: datetime) -> bool:
        """Whether the key may be used at that instant."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_to is None or now < self.valid_to
        )


def sign(
    message_id: str, sent_at: datetime, body: bytes, keys: SigningKey | Sequence[SigningKey]
) -> dict[str, str]:
    """The three headers for a body. `sent_at` is wall time, also where the domain's clock is simulated."""
    seconds = str(int(sent_at.timestamp()))
    content = _signed_content(message_id, seconds, body)
    signers = (keys,) if isinstance(keys, SigningKey) else keys
    written = (f"{_SCHEME},{base64.b64encode(key.private.sign(content)).decode()}" for key in signers)
    return {HEADER_ID: message_id, HEADER_TIMESTAMP: seconds, HEADER_SIGNATURE: " ".join(written)}


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Iterable[PublicKey],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The `webhook-id` of a body that one of the keys valid now has signed.

    Raises BadInput where the headers cannot be read, NotAllowed where they are not to be believed.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    message_id, timestamp, signatures = (_header(given, n) for n in (HEADER_ID, HEADER_TIMESTAMP, HEADER_SIGNATURE))
    _check_age(timestamp, now, tolerance)
    candidates = _signatures(signatures)
    valid = [Ed25519PublicKey.from_public_bytes(key.raw) for key in keys if key.valid_at(now)]
    if not valid:
        raise NotAllowed(SignatureReason.UNKNOWN_KEY, field=HEADER_SIGNATURE)
    content = _signed_content(message_id, timestamp, body)
    if not any(_holds(key, signature, content) for key in valid for signature in candidates):
        raise NotAllowed(SignatureReason.BAD_SIGNATURE, field=HEADER_SIGNATURE)
    return message_id


def _signed_content(message_id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((message_id.encode(), timestamp.encode(), body))


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise BadInput(SignatureReason.MISSING_HEADER, field=name)
    return value


def _check_age(timestamp: str, now: datetime, tolerance: timedelta) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise BadInput(SignatureReason.BAD_TIMESTAMP, field=HEADER_TIMESTAMP)
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    if now - sent_at > tolerance:
        raise NotAllowed(SignatureReason.OLD_TIMESTAMP, field=HEADER_TIMESTAMP)
    if sent_at - now > tolerance:
        raise NotAllowed(SignatureReason.FUTURE_TIMESTAMP, field=HEADER_TIMESTAMP)


def _signatures(header: str) -> list[bytes]:
    found = []
    for item in header.split()[:_SIGNATURES_MAX]:
        scheme, _, encoded = item.partition(",")
        if scheme == _SCHEME:
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                raise BadInput(SignatureReason.BAD_SIGNATURE, field=HEADER_SIGNATURE) from None
    if not found:
        raise BadInput(SignatureReason.UNKNOWN_SCHEME, field=HEADER_SIGNATURE)
    return found


def _holds(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _decode(text: str, prefix: str, lengths: tuple[int, ...]) -> bytes:
    try:
        raw = base64.b64decode(text.strip().removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(SignatureReason.BAD_KEY, field="key") from None
    if not text.strip().startswith(prefix) or len(raw) not in lengths:
        raise BadInput(SignatureReason.BAD_KEY, field="key")
    return raw
