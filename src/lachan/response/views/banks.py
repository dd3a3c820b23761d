"""The list of institutions to choose from, and which code a typed name means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies
from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.identifiers import (
    Institution,
    Kind,
    Wallet,
    all_banks,
    all_wallets,
    find_bank,
    institutions,
    normalise,
)
from lachan.foundation.identifiers.text import fold, squeeze
from lachan.response.shapes import BankChoice, Message
from lachan.response.views.names import words

# A part of a name means the bank only from so many letters on, and only where no other bank has it.
_PART_MIN = 4
_NICKNAMES_MAX = 6


@dataclass(frozen=True, slots=True)
class Banks:
    """Everybody known, this instance's institutions under the names they are recorded by. Codes are BINs or
    wallet providers."""

    choices: tuple[BankChoice, ...] = field(repr=False)
    by_name: Mapping[str, str] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    # Wallet provider → the BIN under which the same provider also keeps numbered accounts.
    twins: Mapping[str, str]

    def code(self, text: str) -> str | None:
        """The code that a typed name, nickname, part of a name or code means; None where it means none."""
        wanted = squeeze(text)
        if not wanted:
            return None
        if found := self.by_name.get(wanted) or self.by_name.get(wanted.removeprefix("nganhang")):
            return found
        bank, wallet = find_bank(text), institutions().wallet(text)
        if bank or wallet:
            return wallet.provider if wallet else bank.bin if bank else None
        near = {code for name, code in self.by_name.items() if len(wanted) >= _PART_MIN and wanted in name}
        return near.pop() if len(near) == 1 else None

    def is_wallet(self, code: str) -> bool:
        """Whether accounts there are telephone numbers."""
        return not code.isdigit()

    def account(self, code: str, text: str) -> str:
        """The key of an account or wallet at an institution; BadInput where it is none."""
        if not self.is_wallet(code):
            return f"{Kind.ACCOUNT}:{code}:{normalise(Kind.ACCOUNT, text).value.rpartition(':')[2]}"
        if number := _mobile(text):
            return f"{Kind.WALLET}:{code}:{number}"
        if code in self.twins:
            return self.account(self.twins[code], text)
        raise BadInput(InputReason.MALFORMED, expected="0912 345 678")

    def settled(self, key: str) -> str:
        """`account:971025:0912…`, a wallet's BIN with a telephone number, is that wallet; other keys stay."""
        _, _, rest = key.partition(":")
        holder, _, number = rest.rpartition(":")
        provider = next((one for one, bin_ in self.twins.items() if bin_ == holder), None)
        mobile = _mobile(number)
        return f"{Kind.WALLET}:{provider}:{mobile}" if provider and mobile else key

    def name(self, code: str) -> str:
        """How the list calls it; the code itself where the list does not."""
        return self.names.get(code, code)


def _mobile(text: str) -> str | None:
    """A Vietnamese mobile number, on which wallets are opened: `+84` and nine digits."""
    try:
        number = normalise(Kind.PHONE, text).value
    except BadInput:
        return None
    return number if number.startswith("+84") and len(number) == 12 else None


def banks_of(conn: Connection) -> Banks:
    """The list for a form."""
    recorded = tuple((code, one.short_name, one.name) for one in agencies(conn) for code in one.codes)
    return _banks(recorded, tuple(all_banks()), tuple(all_wallets()))


@lru_cache(maxsize=8)
def _banks(
    recorded: tuple[tuple[str, str, str], ...], banks: tuple[Institution, ...], wallets: tuple[Wallet, ...]
) -> Banks:
    """One row an institution: short name, full name, nicknames. A recorded name wins over the registry's."""
    rows: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for bank in banks:
        rows[bank.bin] = (bank.short_name, bank.name, (*bank.names(), bank.bin))
    for wallet in wallets:
        rows[wallet.provider] = (wallet.name, "", (*wallet.aliases, wallet.provider))
    for code, short_name, name in recorded:
        rows[code] = (short_name, name, rows[code][2] if code in rows else (code,))
    wallet_names = {squeeze(short_name): code for code, (short_name, _, _) in rows.items() if not code.isdigit()}
    pairs = ((wallet_names.get(squeeze(short_name)), code) for code, (short_name, _, _) in rows.items())
    twins = {wallet: code for wallet, code in pairs if wallet and code.isdigit()}
    shown: dict[str, str] = {}
    for code, (short_name, _, _) in rows.items():
        if code not in twins.values():
            shown[code] = short_name if short_name not in shown.values() else f"{short_name} ({code})"
    by_name: dict[str, str] = {}
    for code in (*(code for code, _, _ in recorded if code in shown), *shown):
        by_name.setdefault(squeeze(shown[code]), code)
        by_name.setdefault(squeeze(rows[code][1]), code)
    for code in shown:
        for nickname in rows[code][2]:
            by_name.setdefault(squeeze(nickname), code)
    by_name.pop("", None)
    by_name |= {bin_: wallet for wallet, bin_ in twins.items()}
    choices = [_choice(code, shown[code], *rows[code][1:]) for code in shown]
    names = shown | {bin_: shown[wallet] for wallet, bin_ in twins.items()}
    return Banks(tuple(sorted(choices, key=lambda choice: fold(choice.name))), by_name, names, twins)


def _choice(code: str, shown: str, name: str, nicknames: tuple[str, ...]) -> BankChoice:
    folded = " ".join(dict.fromkeys((fold(shown), fold(name), *nicknames[:_NICKNAMES_MAX])))
    parts = [word for word in shown.split() if word[:1].isalnum()]
    initials = (parts[0][:1] + parts[-1][:1] if len(parts) > 1 else shown[:2]).upper()
    kind = Message("web.bank.bank" if code.isdigit() else "web.bank.wallet")
    return BankChoice(code, shown, words(name) if name and name != shown else kind, initials, folded)
