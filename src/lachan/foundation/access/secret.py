"""The secret of this instance: one file that only its user can read; every use derives its own key from it."""

import base64
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import NotReady

_BYTES = 32


@dataclass(frozen=True, slots=True)
class InstanceSecret:
    """The root of form tokens, demo links, look-up hashes and the sealing of second-factor secrets."""

    root: bytes = field(repr=False)

    def derive(self, use: str) -> bytes:
        """32 bytes for one use; knowing one tells nothing about another (HKDF, RFC 5869)."""
        return HKDF(hashes.SHA256(), _BYTES, salt=None, info=f"lachan:{use}".encode()).derive(self.root)

    def mark(self, use: str, text: str) -> str:
        """A keyed hash of `text`, hex: equal texts look equal, and nobody can guess back without the secret."""
        made = hmac.HMAC(self.derive(use), hashes.SHA256())
        made.update(text.encode())
        return made.finalize().hex()

    def seal(self, use: str, text: str) -> str:
        """Encrypt a short text for the record."""
        return self._box(use).encrypt(text.encode()).decode()

    def unseal(self, use: str, sealed: str) -> str:
        """Decrypt what `seal` made; NotReady when it was made under another secret."""
        try:
            return self._box(use).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise NotReady(AccessReason.SECRET_MISSING, path="instance.key") from error

    def _box(self, use: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive(use)))


def instance_secret(home: Path, *, create: bool = False) -> InstanceSecret:
    """Read `keys/instance.key`; `create` makes it first where there is none (`lachan init`)."""
    path = home / "keys" / "instance.key"
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process of this instance was faster: its secret counts
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(_BYTES)))
    try:
        root = base64.b64decode(path.read_bytes(), validate=True)
    except (OSError, ValueError) as error:
        raise NotReady(AccessReason.SECRET_MISSING, path=path.name) from error
    if len(root) != _BYTES:
        raise NotReady(AccessReason.SECRET_MISSING, path=path.name)
    return InstanceSecret(root)
