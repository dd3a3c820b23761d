"""Letters as they are compared: one form for what looks the same, with every position kept."""

import re
import unicodedata
from functools import lru_cache

_ODD_SPACES = dict.fromkeys(map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
                                     "\u200a\u202f\u205f\u3000\t\v\x1c\x1d\x1e\x1f"), " ")  # fmt: skip
_NOTHING = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Where the tone mark stands: "hoà" and "hòa" are one word. Both have the same number of letters.
_TONES = {
    old: new
    for vowels, first in (("oa", "òóỏõọ"), ("oe", "òóỏõọ"), ("uy", "ùúủũụ"))
    for old, new in zip(
        (vowels[0] + mark for mark in {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}[vowels[1]]),
        (mark + vowels[1] for mark in first),
        strict=True,
    )
}
_TONE = re.compile("(?<!q)(?:" + "|".join(_TONES) + r")(?![^\W\d_])")  # "đoàn" is written in one way only

# A great letter of Vietnamese, for patterns: the ranges of Unicode mix them with the small ones.
GREAT = "[" + "".join(letter for letter in map(chr, range(0x41, 0x1EFA)) if letter.isupper()) + "]"


def clean(text: str) -> str:
    """The text in composed letters (NFC), with plain single spaces and nothing that cannot be seen."""
    composed = unicodedata.normalize("NFC", _CONTROL.sub(" ", text).translate(_NOTHING))
    return " ".join(composed.translate(_ODD_SPACES).split())


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """For comparing: small letters, one place for the tone mark. Position n stays position n."""
    small = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return _TONE.sub(lambda found: _TONES[found.group()], small)


def is_shouted(text: str) -> bool:
    """Whether the text is a heading in capitals: nearly no small letter, at least three great ones."""
    great = sum(letter.isupper() for letter in text)
    small = sum(letter.islower() for letter in text)
    return great >= 3 and great >= 4 * small


def starts_small(text: str) -> bool:
    """Whether the first letter is a small one: such a line goes on with the one above."""
    return text[:1].islower()
