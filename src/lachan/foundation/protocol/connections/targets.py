"""Where webhooks may go: named hosts over https, never into our own network (SSRF).

The check runs when a connection is registered and again before every delivery; the sender connects to the
checked addresses and follows no redirect.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection, Sequence
from urllib.parse import SplitResult, urlsplit

from lachan.foundation.base import BadInput, NotAllowed, NotReady
from lachan.foundation.protocol.connections.model import ConnectionReason, Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

URL_MAX = 2000
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Visible ASCII without the characters that browsers and libraries read differently.
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def resolve_host(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, as the system's resolver gives them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReady(ConnectionReason.UNRESOLVED, field="url") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_target(
    url: str, allow_private: bool, allowed_hosts: Collection[str], resolve: Resolve = resolve_host
) -> Target:
    """The target, if webhooks may go there; NotAllowed or BadInput name the broken rule.

    Only https to a listed host all of whose addresses are public. `allow_private` (sandbox only) lets private
    addresses pass, and http to this machine's own loopback without a listing.
    """
    parts, host, port = _parse(url)
    literal = _literal(host)
    addresses = [str(literal)] if literal else list(resolve(host, port))
    if not addresses:
        raise NotReady(ConnectionReason.UNRESOLVED, field="url")
    seen = [ipaddress.ip_address(text.split("%")[0]) for text in addresses]
    on_loopback = all(address.is_loopback for address in seen)
    if not (allow_private and on_loopback):
        if parts.scheme != "https":
            raise NotAllowed(ConnectionReason.NOT_HTTPS, field="url")
        if host not in allowed_hosts:
            raise NotAllowed(ConnectionReason.NOT_LISTED, field="url")
    if not allow_private and not all(is_public(address) for address in seen):
        raise NotAllowed(ConnectionReason.PRIVATE_TARGET, field="url")
    return Target(url, host, port, tuple(addresses))


def clean_host(host: str) -> str:
    """A host name for the allow-list: lower case, ASCII (punycode for others), no port, no wildcard."""
    cleaned = host.strip().lower().removesuffix(".")
    labels = cleaned.split(".")
    named = len(cleaned) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if _literal(cleaned) is None and (not named or _looks_numeric(cleaned)):
        raise BadInput(ConnectionReason.BAD_TARGET, field="host")
    return cleaned


def is_public(address: Address) -> bool:
    """Whether an address lies on the public Internet; IPv4 inside IPv6 is judged by the IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    odd = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_private
    return address.is_global and not odd


def _parse(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > URL_MAX or not _PLAIN.fullmatch(url):
        raise BadInput(ConnectionReason.BAD_TARGET, field="url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(ConnectionReason.BAD_TARGET, field="url") from error
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme not in {"http", "https"}:
        raise NotAllowed(ConnectionReason.NOT_HTTPS, field="url")
    if not host or "@" in parts.netloc or parts.fragment or "%" in parts.netloc or port == 0:
        raise BadInput(ConnectionReason.BAD_TARGET, field="url")
    clean_host(host)
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looks_numeric(host: str) -> bool:
    # What some resolver may read as an IPv4 address: 2130706433, 0x7f.1, 127.1, 017700000001 (WHATWG URL, §3.5).
    last = host.rsplit(".", 1)[-1]
    return last.isdigit() or bool(re.fullmatch(r"0x[0-9a-f]*", last))
