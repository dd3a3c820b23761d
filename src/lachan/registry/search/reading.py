"""What somebody who typed or pasted this may be looking for. Pure.

Whole identifiers are read out of any text. A short text is also a fragment: digits with any spaces in them, a
bank's or wallet's name before or after digits, the beginning of a telephone number in an old or new form, words of
a name without accents. Not found are fragments with a wrong character, and words that stand in no identifier (a
holder's name: the registry has none).
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import Kind, find_bank, identify, institutions, parse_key
from lachan.foundation.identifiers.kinds import phone
from lachan.foundation.identifiers.text import fold
from lachan.registry.guards import guard_of
from lachan.registry.rules import covering_keys

FRAGMENT_LEAST = 3
"""Fewer characters than these are in every other identifier."""
TEXT_MAX = 2_000
_FRAGMENT_MOST = 80
_WORDS_MOST = 8
_EXACT_MOST = 20
_BETWEEN = re.compile(r"[\s.\-()/]+")
_RUN = re.compile(r"\+?[0-9](?:[ .\-]?[0-9]){3,}")
_DIGITS = re.compile(r"\+?[0-9]+")
_DEFANGED = (("[.]", "."), ("(.)", "."), ("[dot]", "."), ("hxxp", "http"))

Fragments = tuple[str, ...]
"""Texts that must all stand in one identifier."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`exact`: keys of whole identifiers. `either`: any of these fragments; empty where the text is none.

    `too_short`: so little was typed that it would be in everything.
    """

    exact: tuple[str, ...] = ()
    either: tuple[Fragments, ...] = ()
    too_short: bool = False


def read_wanted(text: str) -> Wanted:
    """Read a search box."""
    said = text.strip()[:TEXT_MAX]
    if not said:
        return Wanted()
    exact = _exact(said)
    either = _either(said) if len(said) <= _FRAGMENT_MOST and len(said.split()) <= _WORDS_MOST else ()
    return Wanted(exact, either, too_short=not exact and not either and len(said) <= _FRAGMENT_MOST)


def _exact(said: str) -> tuple[str, ...]:
    """The identifiers in the text, each with the names above it: who pastes a link wants its host too."""
    found = [one.key for one in identify(said)]
    with suppress(BadInput):
        found.append(parse_key(said).key)
    keys = [above for key in found for above in covering_keys(key, guard_of)]
    return tuple(dict.fromkeys(keys))[:_EXACT_MOST]


def _either(said: str) -> tuple[Fragments, ...]:
    low = fold(said)
    for written, meant in _DEFANGED:
        low = low.replace(written, meant)
    words = low.split()
    close = _BETWEEN.sub("", low)
    if _DIGITS.fullmatch(close):
        if len(close) < FRAGMENT_LEAST:
            return ()
        # An address on the internet keeps its dots.
        return tuple(dict.fromkeys((one,) for one in (close, *phone.forms_of(close), low) if " " not in one))
    named = _at_institution(words)
    found = list(named)
    if len("".join(words)) >= FRAGMENT_LEAST:
        found.append(tuple(words))
        if len(words) > 1:
            found.append(("".join(words),))
    for run in _RUN.findall(low) if not named else ():
        digits = _BETWEEN.sub("", run)
        found += [(form,) for form in (digits, *phone.forms_of(digits))]
    return tuple(dict.fromkeys(found))


def _at_institution(words: list[str]) -> list[Fragments]:
    """`vietcombank 4417`, `4417 vcb`, `vi momo 0912`: a bank's or wallet's accounts with these digits."""
    found: list[Fragments] = []
    for cut in range(len(words), 0, -1):
        for name, rest in ((words[:cut], words[cut:]), (words[-cut:], words[:-cut])):
            digits = _BETWEEN.sub("", "".join(rest))
            if rest and not _DIGITS.fullmatch(digits):
                continue
            start = _accounts_of(" ".join(name))
            if start is not None:
                forms = (digits, *phone.forms_of(digits)) if start.startswith(Kind.WALLET) else (digits,)
                found += [(start, form) if form else (start,) for form in forms]
        if found:
            return found
    return found


def _accounts_of(name: str) -> str | None:
    """What the keys of an institution's accounts begin with."""
    bank, wallet = find_bank(name), institutions().wallet(name)
    if bank is not None:
        return f"{Kind.ACCOUNT.value}:{bank.bin}:"
    return f"{Kind.WALLET.value}:{wallet.provider}:" if wallet is not None else None
