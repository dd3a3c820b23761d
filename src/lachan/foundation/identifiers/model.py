"""What an identifier is: a kind and a canonical value, one key; and where one was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from lachan.foundation.base import BadInput, InputReason, Reason

Details = Mapping[str, str | int | bool]
"""Facts that follow from the value alone, as JSON values: never looked up anywhere but in bundled tables."""


class Kind(StrEnum):
    """The kinds of identifier; a VietQR code is an `account`."""

    ACCOUNT = "account"
    WALLET = "wallet"
    PHONE = "phone"
    URL = "url"
    DOMAIN = "domain"
    IP = "ip"
    EMAIL = "email"
    SENDER = "sender"
    SOCIAL = "social"
    APP = "app"
    IMEI = "imei"
    CITIZEN = "citizen"
    COMPANY = "company"
    CRYPTO = "crypto"


class IdentifierReason(Reason):
    """Why a text is not the identifier that it was said to be."""

    NOT_AN_IDENTIFIER = "not_an_identifier"
    UNKNOWN_KIND = "unknown_identifier_kind"
    INSTITUTION_KNOWN = "institution_already_known"


class KindRules(Protocol):
    """What every kind's module offers. `value` is always canonical, that is, a result of `clean`."""

    EXAMPLE: str

    def clean(self, raw: str, /) -> str | None:
        """The canonical value, or None where the check digit, checksum or structure is wrong."""

    def caption(self, value: str, /) -> str:
        """For people to read; `clean` reads it back."""

    def mask(self, value: str, /) -> str:
        """Shows the institution or platform and at most the last four characters."""

    def details(self, value: str, /) -> Details:
        """What follows from the value alone."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One kind and one canonical value."""

    kind: Kind
    value: str

    @property
    def key(self) -> str:
        """The text under which it is stored: `kind:value`."""
        return f"{self.kind.value}:{self.value}"


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier read out of a text: `text` is what stands at `start:end` (characters, end excluded).

    Read from a picture, the offsets are 0 and `text` is the decoded string.
    """

    kind: Kind
    value: str
    text: str
    start: int
    end: int
    details: Details = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The text under which the identifier is stored: `kind:value`."""
        return f"{self.kind.value}:{self.value}"


def bad(kind: str, example: str, *, field_name: str = "value") -> BadInput:
    """The refusal for a text that is not an identifier of this kind."""
    return BadInput(IdentifierReason.NOT_AN_IDENTIFIER, field=field_name, kind=kind, expected=example)


def unknown_kind(kind: str) -> BadInput:
    """The refusal for a kind that does not exist."""
    return BadInput(IdentifierReason.UNKNOWN_KIND, field="kind", value=kind, expected=", ".join(Kind))


def malformed_key(field_name: str = "key") -> BadInput:
    """The refusal for a key without a kind."""
    return BadInput(InputReason.MALFORMED, field=field_name, expected="phone:+84912345678")


DOTS = "••••"


def masked_tail(text: str) -> str:
    """Bullets and the last characters: four of them, fewer of a short text, so that most stays hidden."""
    shown = min(4, len(text) // 2)
    return DOTS + text[len(text) - shown :]
