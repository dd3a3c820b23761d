"""Citizens: the 12-digit personal number (Decree 137/2015: province of birth, century and sex, year, serial),
or the 9-digit number of the former identity card.

The province is one of the 63 that existed when the numbers were given.
"""

import re
from functools import cache

from lachan.foundation.identifiers.institutions import data_rows
from lachan.foundation.identifiers.model import Details, masked_tail

EXAMPLE = "001090012345"


@cache
def _provinces() -> dict[str, str]:
    return {row["code"]: row["province"] for row in data_rows("birth_provinces.csv")}


def clean(raw: str) -> str | None:
    """12 digits of a right structure, or 9 digits."""
    digits = re.sub(r"[\s.\-]", "", raw)
    if not re.fullmatch(r"[0-9]{12}|[0-9]{9}", digits):
        return None
    if len(digits) == 9:
        return digits if digits[:2] != "00" and len(set(digits)) > 1 else None
    # The century digit: 0/1 are 1900–1999, 2/3 are 2000–2099, and so on; nobody alive has a higher one.
    if digits[:3] not in _provinces() or digits[3] not in "0123" or digits[6:] == "000000":
        return None
    return digits


def caption(value: str) -> str:
    """As stored."""
    return value


def mask(value: str) -> str:
    """`••••2345`."""
    return masked_tail(value)


def details(value: str) -> Details:
    """What the digits say; a 9-digit number says nothing reliable."""
    if len(value) == 9:
        return {"form": "identity_card"}
    century = 1900 + 100 * (int(value[3]) // 2)
    return {
        "form": "personal_number",
        "birth_province": _provinces()[value[:3]],
        "birth_year": century + int(value[4:6]),
        "sex": "female" if int(value[3]) % 2 else "male",
    }
