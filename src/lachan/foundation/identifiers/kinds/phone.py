"""Telephone numbers: E.164, with what Vietnam changed since 2017 applied; short codes as they are dialled.

Sources: libphonenumber's metadata; the 11-digit mobile numbers that became 10-digit ones in 2018; the area
codes that moved in 2017. The carrier is only a hint, because numbers port between carriers.
"""

import re
from functools import cache

from lachan.foundation.identifiers.institutions import data_rows
from lachan.foundation.identifiers.model import DOTS, Details

EXAMPLE = "0912 345 678"

_MOBILE = re.compile(r"\+84(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])\d{7}")
_SHORT = re.compile(r"[1-9]\d{2,4}")
_EMERGENCY = frozenset({"111", "112", "113", "114", "115", "119", "156", "1022", "1414", "5656", "9656"})
_SERVICE = re.compile(r"(?:\+84|0)?(1(?:800|900)\d{4,6})")


def clean(raw: str) -> str | None:
    """E.164, or the digits of a short code; old 11-digit mobile and old area codes are converted."""
    if _MOBILE.fullmatch(raw):
        return raw  # as most lists write it
    number = re.sub(r"[\s.\-()/]", "", raw.replace("\u00a0", " ").strip())
    if number.startswith("00"):
        number = "+" + number[2:]
    if not re.fullmatch(r"\+?[0-9]{3,15}", number):
        return None
    if service := _SERVICE.fullmatch(number):
        return "+84" + service[1]
    if _SHORT.fullmatch(number):
        return number
    if number.startswith("84") and len(number) >= 11:
        number = "+" + number
    if number.startswith("+84"):
        return _vietnamese("0" + number[3:].removeprefix("0"))
    if number.startswith("0"):
        return _vietnamese(number)
    return _foreign(number) if number.startswith("+") else None


def _vietnamese(national: str) -> str | None:
    value = "+84" + national[1:]
    if _MOBILE.fullmatch(value):
        return value
    if len(national) == 11 and (new := _old_mobile_prefixes().get(national[:4])):
        return "+84" + new[1:] + national[4:]
    if national[1:2] == "2" and _valid(value):
        return value
    # Before 2017 the whole number was one digit shorter than today's.
    for old, new in _old_area_codes():
        if national.startswith(old) and _valid(moved := "+84" + new[1:] + national[len(old) :]):
            return moved
    return None


def forms_of(digits: str) -> tuple[str, ...]:
    """How the beginning of a number may be stored, where somebody typed only so much of it: `0169 12` → `+8433912`.

    Digits (and a leading +) only. What begins in the middle of a number has no other form.
    """
    national = digits
    for prefix in ("+84", "0084", "84"):
        if digits.startswith(prefix):
            national = "0" + digits.removeprefix(prefix).removeprefix("0")
            break
    if not national.startswith("0"):
        return ()
    found = ["+84" + national[1:]]
    if new := _old_mobile_prefixes().get(national[:4]):
        found.append("+84" + new[1:] + national[4:])
    found += ["+84" + new[1:] + national[len(old) :] for old, new in _old_area_codes() if national.startswith(old)][
        :1
    ]
    return tuple(dict.fromkeys(found))


def _foreign(number: str) -> str | None:
    return number if _valid(number) else None


def _valid(e164: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False


@cache
def _old_mobile_prefixes() -> dict[str, str]:
    rows = data_rows("mobile_prefix_2018.csv")
    return {row["OldSubPhone"]: row["NewSubPhone"] for row in rows if len(row["OldSubPhone"]) == 4}


@cache
def _old_area_codes() -> list[tuple[str, str]]:
    pairs = [(row["ma_vung_cu"], row["ma_vung_moi"]) for row in data_rows("landline_area_codes.csv")]
    return sorted((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: -len(pair[0]))


@cache
def _carriers() -> list[tuple[str, str]]:
    pairs = [("+84" + row["prefix_no_trunk"], row["carrier"]) for row in data_rows("mobile_carriers.csv")]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def line(value: str) -> str:
    """`mobile`, `landline`, `free` (1800), `premium` (1900), `short_code` or `foreign`."""
    if not value.startswith("+"):
        return "short_code"
    if not value.startswith("+84"):
        return "foreign"
    if value.startswith(("+841800", "+841900")):
        return "free" if value[3:7] == "1800" else "premium"
    return "mobile" if _MOBILE.fullmatch(value) else "landline"


def is_mobile(value: str) -> bool:
    """Whether it is a Vietnamese mobile number."""
    return bool(_MOBILE.fullmatch(value))


def is_public_short_code(digits: str) -> bool:
    """Whether everyone in Vietnam knows these three or four digits as a number to call or text."""
    return digits in _EMERGENCY


def caption(value: str) -> str:
    """`0912 345 678`; foreign numbers with their country code."""
    if not value.startswith("+84"):
        return value
    national = value[3:]
    if line(value) in ("free", "premium"):
        return f"{national[:4]} {national[4:]}"
    if line(value) == "mobile":
        return f"0{national[:2]} {national[2:5]} {national[5:]}"
    area = 2 if national[:2] in ("24", "28") else 3
    return f"0{national[:area]} {national[area:-4]} {national[-4:]}"


def mask(value: str) -> str:
    """`••••5678`."""
    return DOTS + (value[-4:] if len(value) > 8 else "")


def details(value: str) -> Details:
    """Class of line, country calling code for foreign numbers, and a carrier hint."""
    kind = line(value)
    found: dict[str, str | int | bool] = {"line": kind, "caption": caption(value)}
    if kind == "mobile":
        carrier = next((name for prefix, name in _carriers() if value.startswith(prefix)), "")
        if carrier:
            found["carrier_hint"] = carrier
    if kind == "foreign":
        import phonenumbers

        found["country"] = phonenumbers.region_code_for_number(phonenumbers.parse(value)) or ""
    return found
