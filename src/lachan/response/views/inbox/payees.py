"""Who received money, as an officer writes it: a bank's or wallet's name or code, and a number."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import Kind, all_banks, all_wallets, institutions, normalise
from lachan.foundation.protocol import AnswerReason, Payee

WALLET_KIND = "payment_intermediary"
_NUMBER = re.compile(r"[0-9A-Z]{4,19}")
_IN_TEXT = re.compile(r"(?<![\w.,])\d{6,19}(?![\w.,]\d)")


@dataclass(frozen=True, slots=True)
class Directory:
    """Institutions by folded name and code: those this instance records, then the bundled registry."""

    codes: Mapping[str, str]
    wallets: frozenset[str]
    names: tuple[str, ...]

    def code_of(self, written: str) -> str | None:
        """The code of an institution by its name or code."""
        if found := self.codes.get(folded(written)):
            return found
        bank = institutions().bank(written)
        wallet = institutions().wallet(written)
        return bank.bin if bank else wallet.provider if wallet else None

    def payee(self, bank: str, number: str) -> Payee:
        """Who received money. Raises BadInput naming `bank` or `account`."""
        code = self.code_of(bank)
        if code is None:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="bank", value=bank[:60])
        if not number.strip():
            raise BadInput(AnswerReason.PAYEE_MISSING, field="account")
        if code in self.wallets or institutions().wallet(code):
            return Payee(institution=code, account=f"wallet:{code}:{_phone(number)}")
        compact = re.sub(r"[\s.\-]", "", number).upper()
        if not _NUMBER.fullmatch(compact):
            raise BadInput(InputReason.MALFORMED, field="account", expected="0123456789")
        return Payee(institution=code, account=f"account:{code}:{compact}")

    def guess(self, text: str) -> tuple[str, str]:
        """Bank and number that a statement line names, each empty where it does not: a proposal only."""
        low = f" {folded(text)} "
        named = [name for name in self.names if f" {folded(name)} " in low]
        number = _IN_TEXT.search(text)
        return max(named, key=len, default=""), number[0] if number else ""


def directory(conn: Connection) -> Directory:
    """All institutions that can be named."""
    recorded = [one for one in agencies(conn) if one.codes]
    codes: dict[str, str] = {}
    for bank in all_banks():
        codes.setdefault(folded(bank.short_name), bank.bin)
    for wallet in all_wallets():
        codes.setdefault(folded(wallet.name), wallet.provider)
    for one in recorded:
        for name in (one.short_name, one.name, *one.codes):
            codes[folded(name)] = one.codes[0]
    names = dict.fromkeys([one.short_name for one in recorded])
    names.update(dict.fromkeys(bank.short_name for bank in all_banks()))
    names.update(dict.fromkeys(wallet.name for wallet in all_wallets()))
    wallets = frozenset(code for one in recorded if one.kind == WALLET_KIND for code in one.codes)
    return Directory(codes, wallets, tuple(names))


def folded(text: str) -> str:
    """Lower case, without marks, one space between words."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())


def _phone(number: str) -> str:
    try:
        return normalise(Kind.PHONE, number).value
    except BadInput:
        raise BadInput(InputReason.MALFORMED, field="account", expected="0912 345 678") from None
