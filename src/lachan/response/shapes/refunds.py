"""The refund desk: what waits to be given back, one pool with its victims, one pay-out list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Choice, Deadline, Field, IdentifierView, Message, Notice, State


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool of which an analysed trace is part, and nobody has begun to give it back."""

    href: str
    account: IdentifierView
    code: str
    trace_href: str
    held_vnd: int
    losses: int
    due: Deadline


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund: waiting for its second person, for its institution, or closed."""

    code: str
    href: str
    institution: str
    state: State
    status: Message
    amount_vnd: int
    paid_vnd: int
    basis: Message
    at: datetime
    due: Deadline | None


@dataclass(frozen=True, slots=True)
class RefundsPage:
    """The queue by clock; `more` pools stand behind those that are shown."""

    pools: tuple[PoolRow, ...]
    more: int
    running: tuple[RefundRow, ...]
    closed: tuple[RefundRow, ...]
    held_vnd: int
    asked_vnd: int
    returned_vnd: int


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One victim's loss in a pool: what it weighs, gets over all times, was paid before, and gets now.

    `elsewhere`: it would be paid to another account than the one the money came from.
    """

    key: str
    code: str
    href: str
    account: IdentifierView | None
    number: str
    entered_vnd: int
    weight_vnd: int
    share_vnd: int
    paid_vnd: int
    amount_vnd: int
    foreign_vnd: int
    state: State
    status: Message
    account_field: Field | None = None
    paid_at: datetime | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class PoolPage:
    """One pool, how it would be divided, and the form that proposes it."""

    hold: str
    account: IdentifierView
    held_vnd: int
    paid_vnd: int
    pays_vnd: int
    aside_vnd: int
    remainder_vnd: int
    rows: tuple[ShareRow, ...]
    methods: tuple[Choice, ...]
    bases: tuple[Choice, ...]
    fields: Mapping[str, Field]
    may_propose: bool
    running_href: str | None
    running_code: str
    purpose_href: str
    replaces: bool
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class RefundPage:
    """One pay-out list: what an approval binds, and what the institution said."""

    code: str
    account: IdentifierView
    state: State
    status: Message
    facts: tuple[tuple[Message, Message], ...]
    amount_vnd: int
    remainder_vnd: int
    pool_vnd: int
    due: Deadline | None
    rows: tuple[ShareRow, ...]
    content_hash: str
    may_approve: bool
    may_withdraw: bool
    may_enter: bool
    may_again: bool
    why_not: Message | None
    pool_href: str
    letter_href: str | None
    why: Field
    refusals: tuple[Choice, ...]
    notice: Notice | None = None
