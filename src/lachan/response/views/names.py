"""Names and masked identifiers: how institutions and accounts are written on every page."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from lachan.foundation.access import agencies
from lachan.foundation.base import BadInput
from lachan.foundation.identifiers import find_bank, institutions, parse_key
from lachan.response.shapes import IdentifierView, Message, Says, State

_DOTS = "••••"


def words(text: str) -> Message:
    """Words that are themselves the message: a name, a label of the taxonomy, what somebody told."""
    return Message("web.words", {"text": text})


@dataclass(frozen=True, slots=True)
class Names:
    """Short names of institutions by BIN or provider name, as this instance records them."""

    by_code: Mapping[str, str]

    def institution(self, code: str | None) -> str:
        """The short name; from the bundled registry, else the code itself where nobody has recorded it."""
        if not code:
            return "?"
        if found := self.by_code.get(code):
            return found
        bank, wallet = find_bank(code), institutions().wallet(code)
        return bank.short_name if bank else wallet.name if wallet else code

    def identifier(
        self,
        key: str,
        institution: str | None = None,
        *,
        state: State | None = None,
        full: bool = False,
        says: tuple[Says, ...] = (),
        purpose_href: str | None = None,
    ) -> IdentifierView:
        """An account or wallet as every page draws it; `full` only for somebody who has stated a purpose."""
        try:
            found = parse_key(key)
            kind, value = str(found.kind), found.value
        except BadInput:
            kind, value = "account", key.rpartition(":")[2]
        holder, _, number = value.rpartition(":")
        return IdentifierView(
            kind if kind in {"account", "wallet", "phone", "url"} else "account",
            self.institution(institution or holder or None),
            masked(number),
            tail(number),
            full=number if full else None,
            state=state,
            says=says,
            purpose_href=purpose_href,
        )


def names_of(conn: Connection) -> Names:
    """Everybody's short name."""
    return Names({code: one.short_name for one in agencies(conn) for code in one.codes})


def masked(number: str) -> str:
    """`0381 •••• 4417`; a short number shows its last digits only."""
    return f"{number[:4]} {_DOTS} {number[-4:]}" if len(number) >= 10 else f"{_DOTS} {number[-4:]}"


def tail(number: str) -> str:
    """`···4417`."""
    return f"···{number[-4:]}"


def masked_phone(number: str) -> str:
    """`+84 9•• ••• 381`: enough to tell two people apart."""
    return f"{number[:3]} {number[3:4]}•• ••• {number[-3:]}" if len(number) > 8 else _DOTS
