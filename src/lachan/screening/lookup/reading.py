"""From a pasted text to what can be looked up. Pure."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from lachan.foundation.identifiers import Details, Found, Kind, identify
from lachan.foundation.identifiers.kinds import domain, url
from lachan.screening.lookup.model import ASKED_MAX, TEXT_MAX, Asked, Reading

# About a person, not about money, a telephone or a link: nobody learns here whether somebody's papers are listed.
_PAPERS = frozenset({Kind.CITIZEN, Kind.IMEI})
_NUMBER = re.compile(r"(?<![0-9A-Za-z+])[0-9](?:[ .\-]?[0-9]){5,18}(?![0-9A-Za-z])")
_AMOUNT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_DIGITS_MIN = 8


def read_paste(text: str) -> Reading:
    """Everything that can be looked up in the first `TEXT_MAX` characters, in reading order, at most `ASKED_MAX`.

    Where nothing else is found, a bare number is taken for an account whose bank is not known.
    """
    text = text[:TEXT_MAX]
    found = identify(text)
    asked: dict[str, Asked] = {}
    for one in found:
        if one.kind not in _PAPERS:
            asked.setdefault(one.key, ask(one))
    card = _card(text)
    if not asked and card is None:
        asked = {one.key: one for one in _bare_numbers(text)}
    every = list(asked.values())
    return Reading(
        text, tuple(every[:ASKED_MAX]), max(0, len(every) - ASKED_MAX),
        has_papers=any(one.kind in _PAPERS for one in found), has_card=card is not None,
    )  # fmt: skip


def ask(found: Found) -> Asked:
    """An identifier with all keys under which exactly this may be listed."""
    keys = dict.fromkeys((found.key, *_other_keys(found)))
    needs_bank = found.kind is Kind.ACCOUNT and ":" not in found.value
    return Asked(
        found.kind, found.key, tuple(keys), found.text, found.start, found.end, found.details, needs_bank
    )  # fmt: skip


def account_at(asked: Asked, key: str) -> Asked:
    """The same number, now that its bank or wallet is known: `key` is what it is there."""
    kind = Kind(key.partition(":")[0])
    return replace(asked, kind=kind, key=key, keys=(key, *asked.keys), needs_bank=False)


def _other_keys(found: Found) -> Iterable[str]:
    details: Details = found.details
    if found.kind in (Kind.WALLET, Kind.SOCIAL) and (phone := details.get("phone")):
        # The telephone number was typed too.
        yield f"{Kind.PHONE}:{phone}"
    if found.kind is Kind.EMAIL and (host := domain.clean(str(details.get("host", "")))):
        yield f"{Kind.DOMAIN}:{host}"
    if found.kind is Kind.URL:
        yield from _spellings(found.value)
    if found.kind is Kind.SOCIAL and (link := details.get("url")):
        yield f"{Kind.URL}:{link}"
        yield from _spellings(str(link))


def _spellings(link: str) -> Iterable[str]:
    """The same link with the other scheme, and without the name before the `@` that only pretends."""
    scheme, _, rest = link.partition("://")
    host, slash, path = rest.partition("/")
    bare = host.rpartition("@")[2] + slash + path
    for one in (scheme, {"http": "https", "https": "http"}.get(scheme, scheme)):
        for tail in (rest, bare):
            if value := url.clean(f"{one}://{tail}"):
                yield f"{Kind.URL}:{value}"


def _bare_numbers(text: str) -> Iterable[Asked]:
    alone = text.strip()
    for match in _NUMBER.finditer(text):
        written = match.group()
        digits = re.sub(r"[^0-9]", "", written)
        if _AMOUNT.fullmatch(written) or (len(digits) < _DIGITS_MIN and written != alone):
            continue
        key = f"{Kind.ACCOUNT}:{digits}"
        yield Asked(Kind.ACCOUNT, key, (key,), written, match.start(), match.end(), {"number": digits}, True)


@cache
def _card_shape() -> re.Pattern[str]:
    return re.compile(
        r"(?<![0-9])(?:9704|4[0-9]{3}|5[1-5][0-9]{2})(?:[ \-]?[0-9]{4}){3}(?:[ \-]?[0-9]{3})?(?![0-9])"
    )


def _card(text: str) -> re.Match[str] | None:
    """The number of a bank card: domestic (NAPAS 9704…), or 16 digits with a right check digit."""
    for match in _card_shape().finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())
        if digits.startswith("9704") or _luhn(digits):
            return match
    return None


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
