"""Passwords: argon2id, and what makes one too weak."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lachan.foundation.access.reasons import AccessReason
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.base.ids import CODE_ALPHABET

LENGTH_MIN = 12
LENGTH_MAX = 200
_DIFFERENT_MIN = 5

# RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes.
HASHER = PasswordHasher()
# Each check takes 64 MiB; a flood of sign-ins must not take the machine's memory.
_AT_ONCE = threading.BoundedSemaphore(4)
_NOBODY = HASHER.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """The hash that is stored."""
    with _AT_ONCE:
        return HASHER.hash(password)


def password_holds(stored: str | None, password: str) -> bool:
    """Whether the password is right; takes the same work when there is no such person (`stored` is None)."""
    with _AT_ONCE:
        try:
            HASHER.verify(stored or _NOBODY, password[: LENGTH_MAX + 1])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with parameters that have since changed."""
    return HASHER.check_needs_rehash(stored)


def check_strength(password: str, sign_in_name: str) -> None:
    """Refuse TOO_SHORT, TOO_LONG and WEAK_PASSWORD (few different characters, or the sign-in name in it)."""
    if len(password) < LENGTH_MIN:
        raise BadInput(InputReason.TOO_SHORT, field="password", limit=LENGTH_MIN)
    if len(password) > LENGTH_MAX:
        raise BadInput(InputReason.TOO_LONG, field="password", limit=LENGTH_MAX)
    if len(set(password)) < _DIFFERENT_MIN or sign_in_name.lower() in password.lower():
        raise BadInput(AccessReason.WEAK_PASSWORD, field="password")


def initial_password() -> str:
    """A password to hand over once, `7K4Q-92MX-…`: 20 characters of 30 (98 bits), readable aloud."""
    drawn = "".join(secrets.choice(CODE_ALPHABET) for _ in range(20))
    return "-".join(drawn[i : i + 4] for i in range(0, 20, 4))
