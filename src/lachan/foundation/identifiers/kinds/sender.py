"""SMS brand names (tin nhắn định danh): upper case, at most 11 characters of the GSM alphabet."""

import re

from lachan.foundation.identifiers.model import Details, masked_tail
from lachan.foundation.identifiers.text import plain

EXAMPLE = "VIETCOMBANK"

_NAME = re.compile(r"(?=[A-Z0-9._-]*[A-Z])[A-Z0-9](?:[A-Z0-9._-]{0,9}[A-Z0-9])")


def clean(raw: str) -> str | None:
    """Upper case without spaces and diacritics; None where no carrier could register it."""
    name = re.sub(r"\s+", "", plain(raw.strip().strip("\"'“”‘’")).text).upper()
    return name if name.isascii() and _NAME.fullmatch(name) else None


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """The last characters only."""
    return masked_tail(value)


def details(value: str) -> Details:
    """Nothing follows from a brand name: anyone may have sent under it."""
    return {}
