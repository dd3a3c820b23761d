"""Bank accounts: `BIN:number`, or just the number where the bank is unknown.

The number is text: leading zeros matter, and some banks give accounts names of letters and digits; at most 19
characters (NAPAS, VietQR).
"""

import re

from lachan.foundation.identifiers.institutions import institutions
from lachan.foundation.identifiers.kinds import vietqr
from lachan.foundation.identifiers.model import DOTS, Details, masked_tail

EXAMPLE = "Vietcombank 0123456789"

_NUMBER = re.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]{4,19}")
_BIN = re.compile(r"[0-9]{6}")
_CANONICAL = re.compile(rf"[0-9]{{6}}:{_NUMBER.pattern}")


def compact(number: str) -> str | None:
    """The number as text: without spaces, dots and dashes, letters in upper case."""
    text = re.sub(r"[\s.\-]", "", number).upper()
    return text if text.isascii() and _NUMBER.fullmatch(text) else None


def clean(raw: str) -> str | None:
    """Reads `970436:0123456789`, `VCB 0123456789`, `0123456789 VCB`, a bare number, or a VietQR payload."""
    if _CANONICAL.fullmatch(raw):
        return raw  # as most lists write it
    text = raw.strip()
    if vietqr.looks_like(text):
        code = vietqr.decode(text)
        return code.account if code else None
    left, colon, right = text.partition(":")
    if colon and _BIN.fullmatch(left.strip()):
        number = compact(right)
        return f"{left.strip()}:{number}" if number else None
    if len(text) > 120:
        return None
    for name, digits in _splits(text) if re.search(r"[A-Za-z]", text) else ():
        bank, number = institutions().bank(name), compact(digits)
        if bank and number:
            return f"{bank.bin}:{number}"
    return compact(text)


def _splits(text: str) -> list[tuple[str, str]]:
    words = re.split(r"[\s·,:]+", text)
    fronts = [(" ".join(words[:i]), "".join(words[i:])) for i in range(len(words) - 1, 0, -1)]
    return fronts + [("".join(words[i:]), "".join(words[:i])) for i in range(1, len(words))]


def parts(value: str) -> tuple[str, str]:
    """BIN (empty where unknown) and number."""
    bin_, _, number = value.rpartition(":")
    return bin_, number


def bank_name(value: str) -> str:
    """The bank's short name; its BIN where it is not in the registry; empty where unknown."""
    bin_, _ = parts(value)
    bank = institutions().bank(bin_) if bin_ else None
    return bank.short_name if bank else bin_


def caption(value: str) -> str:
    """`Vietcombank 0123456789`."""
    bin_, number = parts(value)
    bank = institutions().bank(bin_) if bin_ else None
    if bank and institutions().bank(bank.short_name) == bank:
        return f"{bank.short_name} {number}"
    return value


def mask(value: str) -> str:
    """`Vietcombank ••••6789`."""
    _, number = parts(value)
    shown = masked_tail(number) if len(number) > 4 else DOTS
    return f"{bank_name(value)} {shown}".strip()


def details(value: str) -> Details:
    """The bank, where it is known."""
    bin_, number = parts(value)
    found: dict[str, str | int | bool] = {"number": number}
    if bin_:
        found["bin"] = bin_
        if bank := institutions().bank(bin_):
            found |= {"bank": bank.short_name, "bank_name": bank.name}
    return found
