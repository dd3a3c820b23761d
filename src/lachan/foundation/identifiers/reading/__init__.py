"""Reads identifiers out of Vietnamese free text. Each reader claims its spans; none is read twice."""

from lachan.foundation.identifiers.model import Found
from lachan.foundation.identifiers.reading.claims import Claims
from lachan.foundation.identifiers.reading.links import read_links
from lachan.foundation.identifiers.reading.names import read_handles, read_senders
from lachan.foundation.identifiers.reading.numbers import read_numbers
from lachan.foundation.identifiers.reading.tokens import read_payloads, read_tokens
from lachan.foundation.identifiers.text import plain, read_digit_words

__all__ = ["identify"]


def identify(text: str) -> list[Found]:
    """Every identifier in `text`, in reading order; spans never overlap.

    One span is one identifier: a Zalo number is `social` and a MoMo number is a `wallet` (their phone number
    is in `details`). Masked numbers, OTP codes, amounts, dates, order numbers and anything with a wrong check
    digit are not identifiers. Time grows linearly with the length.
    """
    claims = Claims(text)
    folded = plain(text)
    low = folded.lower()
    read_payloads(text, claims)
    read_tokens(folded, claims)
    read_links(text, low, claims)
    read_handles(folded, low, claims)
    read_numbers(read_digit_words(low), folded, claims)
    read_senders(folded, low, claims)
    return claims.found()
