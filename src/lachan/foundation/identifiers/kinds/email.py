"""E-mail addresses in lower case; the host must be under an existing top-level domain."""

import re

from lachan.foundation.identifiers.kinds import domain
from lachan.foundation.identifiers.model import DOTS, Details, masked_tail

EXAMPLE = "ten@example.vn"

_LOCAL = re.compile(r"[a-z0-9_%+-](?:[a-z0-9._%+-]{0,62}[a-z0-9_%+-])?")
_AT = re.compile(r"\s*(?:@|\(at\)|\[at\]|\{at\})\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\[\.\]|\(\.\))\s*", re.IGNORECASE)


def clean(raw: str) -> str | None:
    """Lower case; de-fanged forms are read."""
    text = _DOT.sub(".", _AT.sub("@", raw.strip().removeprefix("mailto:")))
    local, at, host = text.lower().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or ".." in local:
        return None
    name = domain.clean(host)
    return f"{local}@{name}" if name else None


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """The last characters only."""
    return masked_tail(value) if len(value) > 8 else DOTS


def details(value: str) -> Details:
    """The host."""
    return {"host": value.rpartition("@")[2]}
