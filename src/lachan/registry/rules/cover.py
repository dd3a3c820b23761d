"""Which entries speak about an identifier: its own, and those of the pages and names above it. Pure.

A listed name covers its links and the names below it; a listed page covers what lies below it, but no link ever
covers its host. Nothing above a shared host speaks for a customer's name, and on a host that many strangers use
a link speaks for itself alone.
"""

from collections.abc import Callable

from lachan.foundation.identifiers import Kind, names_above, pages_above
from lachan.registry.model import Guard

# Names that many strangers share: an entry about one says nothing about what lies below it.
_SHARED = frozenset({Guard.SHARED_HOST, Guard.SHORTENER, Guard.DYNAMIC_DNS})


def covering_keys(key: str, guard_of: Callable[[str], Guard | None]) -> tuple[str, ...]:
    """The keys to look up for `key`, the most exact first. `guard_of` says why a key's name is guarded."""
    kind = key.partition(":")[0]
    if kind not in (Kind.URL, Kind.DOMAIN):
        return (key,)
    names = names_above(key)
    found = [key]
    if kind == Kind.URL and not any(map(guard_of, names)):
        found += pages_above(key)
    for name in names:
        if name == key:
            continue
        if guard_of(name) in _SHARED:
            break
        found.append(name)
    return tuple(found)
