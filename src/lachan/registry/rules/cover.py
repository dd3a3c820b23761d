"""Which entries speak about an identifier: its own, and those of the names above it. Pure.

A listed name covers its links and the names below it; a listed link never covers its host. Nothing above a shared
host speaks for a customer's name.
"""

from collections.abc import Callable

from lachan.foundation.identifiers import Kind, normalise
from lachan.foundation.identifiers.kinds.domain import registrable
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.registry.model import Guard

# Names that many strangers share: an entry about one says nothing about what lies below it.
_SHARED = frozenset({Guard.SHARED_HOST, Guard.SHORTENER, Guard.DYNAMIC_DNS})


def covering_keys(key: str, guard_of: Callable[[str], Guard | None]) -> tuple[str, ...]:
    """The keys to look up for `key`, the most exact first. `guard_of` says why a key's name is guarded."""
    kind, _, value = key.partition(":")
    if kind == Kind.URL:
        host = host_of(value)
        above = _host_keys(host)
    elif kind == Kind.DOMAIN:
        above = _host_keys(value)[1:]
    else:
        return (key,)
    found = [key]
    own = f"{Kind.DOMAIN.value}:{value}"
    for name in above:
        if name != own and guard_of(name) in _SHARED:
            break
        found.append(name)
    return tuple(found)


def _host_keys(host: str) -> list[str]:
    top = registrable(host)
    if top is None:
        return [f"{Kind.IP.value}:{host}"] if _is_address(host) else []
    labels = host.removesuffix(top).rstrip(".").split(".") if host != top else []
    names = [".".join((*labels[i:], top)) for i in range(len(labels))] + [top]
    return [f"{Kind.DOMAIN.value}:{name}" for name in names]


def _is_address(host: str) -> bool:
    from lachan.foundation.base import BadInput

    try:
        return bool(normalise(Kind.IP, host))
    except BadInput:
        return False
