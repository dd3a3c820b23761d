"""The bank list: the bundled registry's banks and wallets, and every institution recorded on this instance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.engine import Connection

from lachan.doors.web.render import fold
from lachan.foundation.access import agencies
from lachan.foundation.identifiers import find_bank, institutions
from lachan.response.shapes import BankChoice, Message
from lachan.response.views.names import words

_RANK_CONTAINS = 4


@dataclass(frozen=True, slots=True)
class Banks:
    """What may be chosen, and how a typed name is understood; codes are BINs or wallet providers."""

    choices: tuple[BankChoice, ...]
    by_name: Mapping[str, str]
    names: Mapping[str, str]

    def code_of(self, text: str) -> str | None:
        """The institution a person means: its name, short name, code or nickname, with or without accents."""
        wanted = _squeeze(text)
        if not wanted:
            return None
        if found := self.by_name.get(wanted) or self.by_name.get(wanted.removeprefix("nganhang")):
            return found
        if bank := find_bank(text):
            return bank.bin
        if wallet := institutions().wallet(text):
            return wallet.provider
        if len(wanted) < _RANK_CONTAINS:
            return None
        near = {code for name, code in self.by_name.items() if wanted in name}
        return near.pop() if len(near) == 1 else None

    def name_of(self, code: str) -> str:
        """The name under which the list shows an institution; the code itself where it does not."""
        return self.names.get(code, code)


def banks_of(conn: Connection) -> Banks:
    """The list of this instance. A recorded institution goes by the name it was recorded under."""
    recorded = tuple(
        (code, one.short_name, one.name) for one in agencies(conn) if one.valid_to is None for code in one.codes
    )
    return _build(recorded, institutions().banks, institutions().wallets)


@lru_cache(maxsize=8)
def _build(recorded: tuple[tuple[str, str, str], ...], banks: tuple, wallets: tuple) -> Banks:  # type: ignore[type-arg]
    rows: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for bank in banks:
        rows[bank.bin] = (bank.short_name, bank.name, (*bank.names(), bank.bin))
    for wallet in wallets:
        rows[wallet.provider] = (wallet.name, "", (*wallet.aliases, wallet.provider))
    for code, short_name, name in recorded:
        known = rows[code][2] if code in rows else (code,)
        rows[code] = (short_name, name, known)
    shown: dict[str, str] = {}
    for code, (short_name, _, _) in rows.items():
        shown[code] = short_name if short_name not in shown.values() else f"{short_name} ({code})"
    by_name: dict[str, str] = {}
    # A name that an institution shows wins over another's nickname.
    for code in (*(c for c, _, _ in recorded), *rows):
        by_name.setdefault(_squeeze(shown[code]), code)
        by_name.setdefault(_squeeze(rows[code][1]), code)
    for code, (_, _, aliases) in rows.items():
        for alias in aliases:
            by_name.setdefault(_squeeze(alias), code)
    by_name.pop("", None)
    choices = sorted((_choice(code, shown[code], *rows[code][1:]) for code in rows), key=lambda c: fold(c.name))
    return Banks(tuple(choices), by_name, shown)


def _choice(code: str, shown: str, name: str, aliases: tuple[str, ...]) -> BankChoice:
    folded = " ".join(dict.fromkeys((fold(shown), fold(name), *aliases[:6])))
    initials = "".join(word[0] for word in re.findall(r"\w+", shown)[:2]).upper()
    kind = "web.report.kind_bank" if code.isdigit() else "web.report.kind_wallet"
    return BankChoice(code, shown, words(name) if name and name != shown else Message(kind), initials, folded)


def _squeeze(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))
