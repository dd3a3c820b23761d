"""The institution officer's inbox: requests by clock, one form, the proof that a request is real."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Choice, Deadline, Field, Message, Notice, State
from lachan.response.shapes.money import MoneyBar


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One request in the list. `due_word` says what is due: acknowledgement, answer, execution."""

    key: str
    href: str
    state: State
    title: Message
    account: str
    code: str
    amount_vnd: int | None
    aside: Message | None
    due_word: Message
    due: Deadline
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A statement line since the disputed credit. The credit itself has no `kind` to choose."""

    key: str
    at: datetime
    text: str
    amount_vnd: int
    balance_vnd: int
    kind: str
    is_credit: bool = False


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One term of the sum. `kind`: `held`, `moved_on`, `cash_out`, …, `unexplained`."""

    kind: str
    state: State
    amount_vnd: int
    limit_vnd: int | None = None
    editable: bool = False
    error: Message | None = None


@dataclass(frozen=True, slots=True)
class InboxForm:
    """The selected request and its answer as far as it is filled in."""

    key: str
    code: str
    revision: int
    step: int
    status: Message
    status_state: State
    title: Message
    origin: Message
    due_word: Message
    due: Deadline
    basis: str
    decider: str
    proposer_approver: str
    valid_until: datetime
    requested_vnd: int
    available_vnd: int
    movements: tuple[MovementRow, ...]
    kinds: tuple[Choice, ...]
    parts: tuple[AnswerPart, ...]
    bar: MoneyBar
    gap: Message | None
    verdicts: tuple[Choice, ...]
    refusals: tuple[Choice, ...]
    note: Field
    paste: Field
    acknowledged: bool
    checker: Message | None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """Why the request may be trusted: signature, key, and its places in the record."""

    valid: bool
    says: Message
    message_id: str
    sent_at: datetime
    resent_at: datetime | None
    sealed: int | None


@dataclass(frozen=True, slots=True)
class Score:
    """The institution's own measure against its promise; both in thousandths of the scale drawn."""

    label: Message
    value: Message
    permille: int
    promise_permille: int
    state: State


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The page. `form` is None when nothing is waiting or nothing is chosen."""

    items: tuple[InboxItem, ...]
    form: InboxForm | None
    proof: Proof | None
    scores: tuple[Score, ...]
    must_not: tuple[Message, ...]
    bulk_accepts: str
    notice: Notice | None = None
    events_href: str | None = None
