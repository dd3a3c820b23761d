"""Host names: in punycode; the registrable part by the public-suffix list is in `details`."""

import re
from functools import cache, lru_cache
from typing import Any

from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "vietcombank.com.vn"

_NO_HOST = re.compile(r"[/@: ?#%\\]")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


@cache
def _registries() -> Any:
    """The list's first part alone: endings run by registries, not by firms that give names below their own."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)


def clean(raw: str) -> str | None:
    """The host in lower case and punycode; None where its top-level domain does not exist."""
    text = raw.strip().rstrip(".")
    if not text or len(text) > 253 or _NO_HOST.search(text):
        return None
    host = to_ascii(text)
    if not host or not _HOST.fullmatch(host) or not registrable(host):
        return None
    return host


def to_ascii(host: str) -> str | None:
    """Punycode, as WHATWG's URL standard does it; None where the host is invalid."""
    if host.isascii() and "xn--" not in host.lower():
        return host.lower()
    import ada_url

    try:
        return ada_url.URL(f"http://{host}/").hostname
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def registrable(host: str) -> str | None:
    """The name somebody registered: `a.b.com.vn` → `b.com.vn`; None for a public suffix or unknown ending."""
    found = _suffixes().privatesuffix(host)
    return found if isinstance(found, str) else None


def is_name_giver(host: str) -> bool:
    """Whether this is a firm's own host below which it gives names to others, as `github.io`: a suffix with pages.

    Nobody registered a name below it, so it is no `domain` to claim; but links to it are links.
    """
    return (
        bool(_HOST.fullmatch(host)) and registrable(host) is None and _registries().privatesuffix(host) is not None
    )


def has_public_suffix(host: str) -> bool:
    """Whether the ending of this host exists."""
    return _suffixes().publicsuffix(host) is not None


def unicode_form(host: str) -> str:
    """As a browser shows it: `xn--…` decoded."""
    if "xn--" not in host:
        return host
    import ada_url

    shown = ada_url.idna_to_unicode(host.encode())
    return shown or host


def caption(value: str) -> str:
    """The Unicode form."""
    return unicode_form(value)


def mask(value: str) -> str:
    """`••••.com`: host names are no personal data, but a public answer repeats nothing it was not given."""
    return masked_tail(value)


def details(value: str) -> Details:
    """Registrable name, and the Unicode form where it differs."""
    found: dict[str, str | int | bool] = {"registrable": registrable(value) or value}
    if (shown := unicode_form(value)) != value:
        found["unicode"] = shown
    return found
