"""Links, serialised as the WHATWG URL standard does; without a scheme, http is meant."""

import re

from lachan.foundation.identifiers.kinds import domain, ip
from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "https://example.vn/dang-nhap"

_LONGEST = 4096
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,15}):", re.IGNORECASE)
_DEFANGED = (
    (re.compile(r"(?i)^hxxp"), "http"),
    (re.compile(r"\[\.\]|\(\.\)|\[dot\]|\(dot\)", re.IGNORECASE), "."),
)
_IS_DEFANGED = re.compile(r"(?i)^hxxp|[\[(]")
_WEB = re.compile(r"(?i)(?:https?|ftp)://")
# What the standard leaves as it is: no port, user or fragment, nothing to escape, no step up or down the path.
_PLAIN = re.compile(
    r"https?://(?P<host>(?:(?!xn--)[a-z0-9_-]+\.)+[a-z]+)(?!.*/\.)/[A-Za-z0-9_~!$&*+,;=:@/.-]*"
    r"(?:\?[A-Za-z0-9_~!$&*+,;=:@/.?-]*)?"
)


def clean(raw: str) -> str | None:
    """The serialisation; None where the host is neither an address nor under an existing top-level domain.

    A host that gives names to others (`s3.amazonaws.com`, `dweb.link`) is a host, too: much phishing lies there.
    """
    as_written = _PLAIN.fullmatch(raw)
    if as_written and len(raw) <= _LONGEST:  # as most lists write it
        return raw if _is_host(as_written["host"]) else None
    text = raw.strip()
    if _IS_DEFANGED.search(text):
        for pattern, plain in _DEFANGED:
            text = pattern.sub(plain, text)
    if not text or len(text) > _LONGEST:
        return None
    if not _WEB.match(text):
        scheme = _SCHEME.match(text)
        if scheme and "." not in scheme[1]:
            return None
        text = f"http://{text}"
    import ada_url

    try:
        found = ada_url.URL(text)
    except ValueError:
        return None
    host = found.hostname
    if not (_is_host(host) or ip.clean(host)):
        return None
    href = found.href
    return href if isinstance(href, str) else None


def _is_host(host: str) -> bool:
    return domain.clean(host) is not None or domain.is_name_giver(host)


def host_of(value: str) -> str:
    """The host of a canonical URL."""
    import ada_url

    return str(ada_url.URL(value).hostname)


def caption(value: str) -> str:
    """With the host in its Unicode form."""
    host = host_of(value)
    return value.replace(host, domain.unicode_form(host), 1)


def mask(value: str) -> str:
    """The last characters only."""
    return masked_tail(value)


def details(value: str) -> Details:
    """Host, registrable name, and the Unicode form where it differs."""
    host = host_of(value)
    found: dict[str, str | int | bool] = {"host": host}
    if not ip.clean(host):
        found |= domain.details(host)
    return found
