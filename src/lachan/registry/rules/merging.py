"""Which other keys may be the same thing in another writing. Pure; a person decides whether they are."""

from collections.abc import Iterable, Mapping
from itertools import combinations

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import Kind, institutions, normalise
from lachan.foundation.identifiers.kinds import account
from lachan.foundation.identifiers.kinds.url import host_of
from lachan.registry.model import MergeWhy


def possible_twins(key: str, renamed: Mapping[str, frozenset[str]]) -> dict[str, MergeWhy]:
    """Keys that may be the same as this one, and why. `renamed`: a bank's code -> codes it had or has otherwise."""
    kind, _, value = key.partition(":")
    found: dict[str, MergeWhy] = {}
    if kind == Kind.PHONE:
        for one in institutions().wallets:
            found[f"{Kind.WALLET.value}:{one.provider}:{value}"] = MergeWhy.SAME_NUMBER
    elif kind == Kind.WALLET:
        found[f"{Kind.PHONE.value}:{value.partition(':')[2]}"] = MergeWhy.SAME_NUMBER
    elif kind == Kind.ACCOUNT:
        found |= _accounts(value, renamed)
    elif kind == Kind.URL:
        host = host_of(value)
        if value.partition("://")[2].rstrip("/") == host:
            found[f"{Kind.DOMAIN.value}:{host}"] = MergeWhy.BARE_LINK
    elif kind == Kind.DOMAIN:
        for scheme in ("http", "https"):
            found |= _written(Kind.URL, f"{scheme}://{value}/", MergeWhy.BARE_LINK)
    if kind in set(Kind):
        # An entry of before the rules of writing changed: the number that moved, the name that is spelt otherwise.
        found |= _written(kind, value, MergeWhy.REWRITTEN)
    found.pop(key, None)
    return found


def one_bank(keys: Iterable[str], renamed: Mapping[str, frozenset[str]]) -> bool:
    """Whether the accounts among these are all at one bank, or each two at banks of which one took over the other.

    A number without a bank says nothing: through it the accounts of two people must not become one.
    """
    prefix = f"{Kind.ACCOUNT.value}:"
    banks = {account.parts(key.removeprefix(prefix))[0] for key in keys if key.startswith(prefix)} - {""}
    return all(other in renamed.get(one, ()) for one, other in combinations(sorted(banks), 2))


def _accounts(value: str, renamed: Mapping[str, frozenset[str]]) -> dict[str, MergeWhy]:
    bank, number = account.parts(value)
    if not bank:
        banks = [*(one.bin for one in institutions().banks), *renamed]
        return {f"{Kind.ACCOUNT.value}:{one}:{number}": MergeWhy.BANK_UNNAMED for one in banks}
    found = {
        f"{Kind.ACCOUNT.value}:{one}:{number}": MergeWhy.BANK_SUCCEEDED for one in renamed.get(bank, frozenset())
    }
    return found | {f"{Kind.ACCOUNT.value}:{number}": MergeWhy.BANK_UNNAMED}


def _written(kind: str, value: str, why: MergeWhy) -> dict[str, MergeWhy]:
    try:
        return {normalise(kind, value).key: why}
    except BadInput:
        return {}
