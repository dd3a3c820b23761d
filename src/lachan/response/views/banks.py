"""The list of institutions to choose from, and which code a typed name means."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies
from lachan.foundation.identifiers import Kind, all_banks, all_wallets, find_bank, institutions, normalise
from lachan.foundation.identifiers.text import fold, squeeze
from lachan.response.shapes import BankChoice, Message


@dataclass(frozen=True, slots=True)
class Banks:
    """Institutions by code: those of this instance first, then everybody known."""

    choices: Sequence[BankChoice]

    def code(self, text: str) -> str | None:
        """The code that a typed name, nickname or code means; None where it means none."""
        wanted = squeeze(text)
        if not wanted:
            return None
        for choice in self.choices:
            if wanted in {choice.value, squeeze(choice.name), squeeze(choice.folded)}:
                return choice.value
        bank, wallet = find_bank(text), institutions().wallet(text)
        return bank.bin if bank else wallet.provider if wallet else None

    def is_wallet(self, code: str) -> bool:
        """Whether accounts there are telephone numbers."""
        return not code.isdigit()

    def account(self, code: str, text: str) -> str:
        """The key of an account or wallet at an institution; BadInput where it is none."""
        if self.is_wallet(code):
            return f"{Kind.WALLET}:{code}:{normalise(Kind.PHONE, text).value}"
        return f"{Kind.ACCOUNT}:{code}:{normalise(Kind.ACCOUNT, text).value.rpartition(':')[2]}"

    def name(self, code: str) -> str:
        """How the list calls it."""
        return next((choice.name for choice in self.choices if choice.value == code), code)


def banks_of(conn: Connection) -> Banks:
    """The list for a form."""
    found: dict[str, BankChoice] = {}
    for one in agencies(conn):
        for code in one.codes:
            found.setdefault(code, _choice(code, one.short_name, one.name))
    for bank in all_banks():
        found.setdefault(bank.bin, _choice(bank.bin, bank.short_name, bank.name))
    for wallet in all_wallets():
        found.setdefault(wallet.provider, _choice(wallet.provider, wallet.name, wallet.name))
    return Banks(tuple(found.values()))


def _choice(code: str, short_name: str, name: str) -> BankChoice:
    kind = "bank" if code.isdigit() else "wallet"
    words = [word for word in short_name.split() if word[:1].isalnum()]
    initials = (words[0][:1] + words[-1][:1] if len(words) > 1 else short_name[:2]).upper()
    return BankChoice(code, short_name, Message(f"web.bank.{kind}"), initials, fold(f"{short_name} {name}"))
