"""An amount as people say it: digits, or `50 triệu`, `1,5 tỷ`, `1tr5`, `500k`."""

import re

from lachan.doors.web.render import fold
from lachan.foundation.base import BadInput, InputReason, parse_vnd

_SAID = re.compile(
    r"(\d{1,6})(?:[.,](\d{1,6}))? ?(trieu|tr|nghin|ngan|k|ty|ti)(?: ?(\d{1,3}))?(?: ?(?:dong|vnd|d|₫))?"
)
_ZEROS = {"k": 3, "nghin": 3, "ngan": 3, "tr": 6, "trieu": 6, "ty": 9, "ti": 9}


def parse_amount(text: str, *, field: str = "amount") -> int:
    """The amount in VND; BadInput with the reason where it is none."""
    said = _SAID.fullmatch(re.sub(r"\s+", " ", fold(text)).strip())
    if not said or not text.isprintable():
        return parse_vnd(text, field=field)
    zeros = _ZEROS[said[3]]
    # "1tr5" and "1,5tr" are both one and a half million.
    fraction = (said[2] or "") + (said[4] or "")
    if (said[2] and said[4]) or len(fraction) > zeros or not (said[1] + fraction).isascii():
        raise BadInput(InputReason.MALFORMED, field=field, expected="50.000.000")
    return parse_vnd(int(said[1]) * 10**zeros + int(fraction.ljust(zeros, "0") or 0), field=field)
