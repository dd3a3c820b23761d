"""IMEI: 15 digits, the last a Luhn check digit (3GPP TS 23.003)."""

import re

from stdnum import luhn

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "490154203237518"


def clean(raw: str) -> str | None:
    """15 digits; None where the check digit is wrong."""
    digits = re.sub(r"[\s\-./]", "", raw)
    if not re.fullmatch(r"[0-9]{15}", digits) or len(set(digits)) == 1:
        return None
    return digits if luhn.is_valid(digits) else None


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """`••••7518`."""
    return masked_tail(value)


def details(value: str) -> Details:
    """The type allocation code: make and model."""
    return {"tac": value[:8]}
