"""The second factor: time-based one-time codes (RFC 6238) and recovery codes on paper."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from lachan.foundation.base.ids import CODE_ALPHABET

STEP = timedelta(seconds=30)
RECOVERY_CODES = 10
_DRIFT_STEPS = 1  # a telephone's clock may be half a minute off


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person's authenticator application needs: the secret as text, and the address for a QR code."""

    secret: str
    uri: str


def new_enrolment(sign_in_name: str, issuer: str, secret: str | None = None) -> Enrolment:
    """A fresh secret (or a given one again) with its `otpauth://` address."""
    drawn = secret or pyotp.random_base32()
    return Enrolment(drawn, pyotp.TOTP(drawn).provisioning_uri(name=sign_in_name, issuer_name=issuer))


def matching_step(secret: str, code: str, wall_now: datetime) -> int | None:
    """The time step whose code this is, one step around now; None if it is none of them."""
    digits = code.replace(" ", "")
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    present = int(wall_now.timestamp()) // int(STEP.total_seconds())
    totp = pyotp.TOTP(secret)
    matched = None
    for step in range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1):
        # No early end: how long it takes says nothing about which step it was.
        if hmac.compare_digest(totp.generate_otp(step), digits):
            matched = step
    return matched


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes for the day the telephone is lost, `7K4Q9-2MXRT`: 49 bits each, usable once."""
    drawn = ("".join(secrets.choice(CODE_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES))
    return tuple(f"{code[:5]}-{code[5:]}" for code in drawn)


def plain_recovery_code(code: str) -> str:
    """The code as it is compared: no dashes or spaces, upper case."""
    return "".join(c for c in code.upper() if c in CODE_ALPHABET)
