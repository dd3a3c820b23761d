"""Which entries speak about an identifier: its own, and those of the pages and names above it. Pure.

A listed name covers its links and the names below it; a listed page covers what lies below it, but no link ever
covers its host. Nothing above a shared host speaks for a customer's name, and on a host that many strangers use
a link speaks for itself alone.

One address under http and under https are two keys, because sources list them so; each speaks for the other:
whoever is warned of `http://x` means the site, not the scheme.
"""

from collections.abc import Callable
from itertools import zip_longest

from lachan.foundation.identifiers import Kind, names_above, other_scheme, pages_above
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
    twin = other_scheme(key)
    if twin is not None:
        found.append(twin)
    if kind == Kind.URL and not any(map(guard_of, names)):
        pages = pages_above(key)
        twins = pages_above(twin) if twin is not None else ()
        # Of two pages the nearer one first, whatever its scheme.
        found += [page for both in zip_longest(pages, twins) for page in both if page is not None]
    for name in names:
        if name == key:
            continue
        if guard_of(name) in _SHARED:
            break
        found.append(name)
    return tuple(found)
