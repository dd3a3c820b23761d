"""The people and the law behind a request."""

from lachan.foundation.protocol.fields import Reference, ShortText
from lachan.foundation.protocol.messages.model import Message


class Person(Message):
    """Who asked or approved, as the institution's own file must show it."""

    id: Reference
    name: ShortText
    agency: ShortText


class LegalBasis(Message):
    """On what law the request rests."""

    code: ShortText
    title: ShortText
