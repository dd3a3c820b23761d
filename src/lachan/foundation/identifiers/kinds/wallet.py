"""E-wallet accounts: provider and the phone number it is opened on, `momo:+84912345678`."""

import re

from lachan.foundation.identifiers.institutions import institutions
from lachan.foundation.identifiers.kinds import phone
from lachan.foundation.identifiers.model import Details

EXAMPLE = "MoMo 0912 345 678"

_SPLIT = re.compile(r"\s*([^:0-9+]{2,30}|[0-9]?[^:0-9+]{2,30})[\s:]*(\+?[0-9][0-9\s.\-()]{7,20})\s*")


def clean(raw: str) -> str | None:
    """Reads `momo:+84912345678` and `MoMo 0912 345 678`."""
    match = _SPLIT.fullmatch(raw)
    if not match:
        return None
    provider, number = institutions().wallet(match[1]), phone.clean(match[2])
    return f"{provider.provider}:{number}" if provider and number and phone.is_mobile(number) else None


def caption(value: str) -> str:
    """`MoMo 0912 345 678`."""
    return f"{provider_name(value)} {phone.caption(value.partition(':')[2])}"


def provider_name(value: str) -> str:
    """The provider's name."""
    provider = institutions().wallet(value.partition(":")[0])
    return provider.name if provider else value.partition(":")[0]


def mask(value: str) -> str:
    """`MoMo ••••5678`."""
    return f"{provider_name(value)} {phone.mask(value.partition(':')[2])}"


def details(value: str) -> Details:
    """The provider and its phone number, which is an identifier of its own."""
    return {"provider": provider_name(value), "phone": value.partition(":")[2]}
