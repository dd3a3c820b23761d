"""The key that seals the trail: ed25519, a file of the instance that only its user can read."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lachan.foundation.base import NotReady
from lachan.foundation.trail.model import TrailReason


@dataclass(frozen=True, slots=True)
class SealKey:
    """A private seal key with its short public name."""

    private: Ed25519PrivateKey

    @property
    def public_text(self) -> str:
        """The public key, base64."""
        raw = self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    @property
    def key_id(self) -> str:
        """A short name for the key: the first 16 hex digits of its hash."""
        return key_id_of(self.public_text)

    def sign(self, head: str) -> str:
        """Sign a head; base64."""
        return base64.b64encode(self.private.sign(head.encode())).decode()


def key_id_of(public_text: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(base64.b64decode(public_text)).hexdigest()[:16]


def signature_holds(public_text: str, head: str, signature: str) -> bool:
    """Whether `signature` over `head` was made by the owner of the public key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_text, validate=True))
        public.verify(base64.b64decode(signature, validate=True), head.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def create_private_key(path: Path) -> Ed25519PrivateKey:
    """Make a new key file, readable by its owner only; an existing one is read, never replaced."""
    if path.exists():
        return read_private_key(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)
    return private


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a key file."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise NotReady(TrailReason.KEY_MISSING, path=path.name) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise NotReady(TrailReason.KEY_MISSING, path=path.name)
    return private
