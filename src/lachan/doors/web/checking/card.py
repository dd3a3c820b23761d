"""The card that is sent on: its link holds a key and an instant, sealed, so that nobody reads a number out of it.

Nothing is stored, and nothing is asserted by the link: whoever opens it hears what is in force at that moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from lachan.foundation.access import InstanceSecret
from lachan.foundation.base import BadInput, InputReason, NotFound, NotReady
from lachan.foundation.identifiers import parse_key

CARD_FOR = timedelta(days=7)
_USE = "check_card"
# A longer key makes a link that chat programs break.
_KEY_MAX = 200
_SEALED_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Card:
    """One identifier that somebody was warned of, and when."""

    key: str
    made_at: datetime


def seal_card(secret: InstanceSecret, key: str, now: datetime) -> str:
    """The token of a card's address; empty where the key is too long for one."""
    if len(key) > _KEY_MAX:
        return ""
    content = orjson.dumps({"key": key, "at": int(now.timestamp())}).decode()
    return secret.seal(_USE, content).rstrip("=")


def open_card(secret: InstanceSecret, token: str, now: datetime) -> Card:
    """The card of an address. NotFound where nobody made it here, or its time is over."""
    gone = NotFound(InputReason.NO_SUCH_RECORD, field="card")
    if len(token) > _SEALED_MAX or not token.isascii():
        raise gone
    try:
        content = orjson.loads(secret.unseal(_USE, token + "=" * (-len(token) % 4)))
        card = Card(parse_key(content["key"]).key, datetime.fromtimestamp(content["at"], now.tzinfo))
    except (NotReady, BadInput, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise gone from None
    if not card.made_at - timedelta(minutes=1) <= now < card.made_at + CARD_FOR:
        raise gone
    return card
