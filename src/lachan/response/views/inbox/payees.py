"""Who received money, as an officer writes it or a statement line names it."""

import re

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers.text import fold
from lachan.foundation.protocol import AnswerReason, Payee
from lachan.response.rules.compose import PayeeOf
from lachan.response.views.banks import Banks

_IN_TEXT = re.compile(r"(?<![\w.,])\d{6,19}(?![\w.,]\d)")


def payee_finder(banks: Banks) -> PayeeOf:
    """Finds the receiver by bank and number; BadInput names `bank` or `account`."""

    def find(bank: str, number: str) -> Payee:
        code = banks.code(bank)
        if code is None:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="bank", value=bank[:60])
        if not number:
            raise BadInput(AnswerReason.PAYEE_MISSING, field="account")
        try:
            return Payee(institution=code, account=banks.account(code, number))
        except (BadInput, ValueError):
            # A number that is none, or longer than messages carry.
            expected = "0912 345 678" if banks.is_wallet(code) else "0123456789"
            raise BadInput(InputReason.MALFORMED, field="account", expected=expected) from None

    return find


def guess(banks: Banks, text: str) -> tuple[str, str]:
    """Bank and number that a statement line names, each empty where it does not: a proposal only."""
    low = f" {fold(text)} "
    named = [choice.name for choice in banks.choices if f" {fold(choice.name)} " in low]
    number = _IN_TEXT.search(text)
    return max(named, key=len, default=""), number[0] if number else ""
