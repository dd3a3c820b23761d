"""IP addresses, version 4 and 6, in their shortest standard form (RFC 5952)."""

import ipaddress

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "203.0.113.77"


def clean(raw: str) -> str | None:
    """The standard form; None where an octet is above 255 or starts with 0."""
    try:
        return str(ipaddress.ip_address(raw.strip().strip("[]")))
    except ValueError:
        return None


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """The last characters only."""
    return masked_tail(value)


def details(value: str) -> Details:
    """Version, and whether it is reachable on the public Internet."""
    address = ipaddress.ip_address(value)
    return {"version": address.version, "public": address.is_global}
