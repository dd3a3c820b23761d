"""The keys that may speak for a link or a name: the same address under the other scheme, the pages above it, its
host, and the names above that. Pure."""

from lachan.foundation.identifiers.kinds import ip
from lachan.foundation.identifiers.kinds.domain import registrable
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.foundation.identifiers.model import Kind

# Nobody registers a page deeper than this; a link of a thousand slashes must not cost a thousand look-ups.
_PAGES_MAX = 16


# The one address that a reader sees; what is typed without a scheme is kept under http.
_OTHER = {"url:http": "url:https", "url:https": "url:http"}


def other_scheme(key: str) -> str | None:
    """The same address under https for http, and the other way round; None where a key has neither."""
    scheme, colon, rest = key.partition("://")
    other = _OTHER.get(scheme)
    return f"{other}{colon}{rest}" if other and colon else None


def pages_above(key: str) -> tuple[str, ...]:
    """The same page without its query, then the folders it lies in, the nearest first; never the bare host."""
    link = key.partition("#")[0].partition("?")[0]
    scheme, _, rest = link.partition("://")
    host, slash, path = rest.partition("/")
    if not slash or not path:
        return ()
    found = [path]
    while len(found) < _PAGES_MAX:
        # `a/b/` lies in `a/b`, which lies in `a/`: a folder may be registered with or without its slash.
        path = path[:-1] if path.endswith("/") else path[: path.rfind("/") + 1]
        if not path:
            break
        found.append(path)
    return tuple(above for page in found if (above := f"{scheme}://{host}/{page}") != key)


def names_above(key: str) -> tuple[str, ...]:
    """The host of a link, or a name itself, and the names above it up to the one somebody registered."""
    kind, _, value = key.partition(":")
    host = host_of(value) if kind == Kind.URL else value
    top = registrable(host)
    if top is None:
        address = ip.clean(host)
        return (f"{Kind.IP.value}:{address}",) if address else ()
    labels = host.removesuffix(top).rstrip(".").split(".") if host != top else []
    names = (*(".".join((*labels[i:], top)) for i in range(len(labels))), top)
    return tuple(f"{Kind.DOMAIN.value}:{name}" for name in names)
