"""Names that no source lists by itself: popular sites, shared hosts, shorteners, dynamic DNS, public numbers.

Popularity is not innocence: a guarded name that is claimed goes to a person. The lists are bundled (NOTICE).
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from lachan.foundation.identifiers import Kind
from lachan.foundation.identifiers.kinds.domain import is_name_giver, registrable
from lachan.foundation.identifiers.kinds.phone import is_public_short_code
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.registry.model import Guard

_MORE_THAN_HOST = re.compile(r"[/?#:@]")
# Weakest first: of two reasons the later one stands, because what is shared says more than what is popular.
_LISTS = (
    ("popular", Guard.POPULAR),
    ("popular_more", Guard.POPULAR),
    ("dynamic_dns", Guard.DYNAMIC_DNS),
    ("shared_host", Guard.SHARED_HOST),
    ("shared_host_more", Guard.SHARED_HOST),
    ("shortener", Guard.SHORTENER),
)


def guard_of(key: str) -> Guard | None:
    """Why this key is guarded, or None. A link is guarded only where it is nothing but a guarded host."""
    kind, _, value = key.partition(":")
    guard = _GUARDS.get(kind)
    return guard(value) if guard else None


def _guard_of_link(value: str) -> Guard | None:
    return _guard_of_host(host_of(value)) if _is_bare(value) else None


def _guard_of_number(value: str) -> Guard | None:
    return Guard.PUBLIC_NUMBER if is_public_short_code(value) else None


def _guard_of_host(host: str) -> Guard | None:
    names = _names()
    found = names.get(host) or names.get(host.removeprefix("www."))
    if found is not None:
        return found
    # `mail.bank.vn` is the bank's; `shop.host.vn` below a shared host is a stranger's.
    above = registrable(host)
    if above is None:
        return Guard.SHARED_HOST if is_name_giver(host) else None
    return Guard.POPULAR if names.get(above) is Guard.POPULAR else None


def _is_bare(url: str) -> bool:
    return not _MORE_THAN_HOST.search(url.partition("://")[2].rstrip("/"))


@cache
def _names() -> dict[str, Guard]:
    found: dict[str, Guard] = {}
    for name, guard in _LISTS:
        text = resources.files(__package__).joinpath("data", f"{name}.txt").read_text(encoding="utf-8")
        found.update(dict.fromkeys(text.split(), guard))
    return found


_GUARDS: dict[str, Callable[[str], Guard | None]] = {
    Kind.DOMAIN.value: _guard_of_host, Kind.URL.value: _guard_of_link, Kind.PHONE.value: _guard_of_number,
}  # fmt: skip
