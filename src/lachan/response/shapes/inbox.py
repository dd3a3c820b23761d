"""The institution officer's inbox: requests by clock, one form, the proof that a request is real."""

from dataclasses import dataclass, field
from datetime import datetime

from lachan.response.shapes.common import Action, Choice, Deadline, Field, Message, Notice, State
from lachan.response.shapes.forms import FormField
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
    """A statement line since the disputed credit; `tainted_vnd` of it is asked money, `balance_vnd` is left of it.

    A kind is chosen only for lines that carried asked money out; money that moved on also needs the receiving
    `bank` and `account` and the `reference` that the other institution knows.
    """

    key: str
    at: datetime
    text: str
    amount_vnd: int
    balance_vnd: int
    kind: str
    tainted_vnd: int = 0
    is_credit: bool = False
    reference: Field = field(default_factory=Field)
    bank: Field = field(default_factory=Field)
    account: Field = field(default_factory=Field)
    error: Message | None = None


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
class PreparedNote:
    """What one person prepared and a second one confirms; `returned` says why it came back."""

    what: Message
    at: datetime
    returned: Message | None = None
    confirm: Action | None = None
    send_back: str | None = None
    take_back: Action | None = None
    why_not: Message | None = None
    # What goes out, line by line: exactly the reply that is kept, not the form.
    lines: tuple[tuple[Message, Message], ...] = ()


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
    refusal: Field = field(default_factory=Field)
    verdict_error: Message | None = None
    problem: Message | None = None
    banks: tuple[str, ...] = ()
    prepared: PreparedNote | None = None


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """Any other message: what it says, and the short form (if any) with which it is answered."""

    key: str
    code: str
    status: Message
    status_state: State
    title: Message
    origin: Message
    due_word: Message
    due: Deadline
    facts: tuple[tuple[Message, Message], ...]
    text: str | None = None
    fields: tuple[FormField, ...] = ()
    submit: Message | None = None
    acknowledged: bool = False
    closes: bool = False
    checker: Message | None = None
    read_only: bool = False
    problem: Message | None = None
    prepared: PreparedNote | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A line of a bulk file that was not taken, and why."""

    line: int
    what: str
    reason: Message


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of a bulk file; `rejects_href` is the list of rejects as a file."""

    taken: int
    rejects: tuple[Reject, ...]
    rejects_href: str | None


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
    """The page. `form` (a hold request) or `reply` (any other message) is what is chosen, if anything is."""

    items: tuple[InboxItem, ...]
    form: InboxForm | None
    proof: Proof | None
    scores: tuple[Score, ...]
    must_not: tuple[Message, ...]
    bulk_accepts: str
    notice: Notice | None = None
    events_href: str | None = None
    reply: ReplyForm | None = None
    bulk: BulkResult | None = None
    confirm_all: Action | None = None
    # Of the list: how many wait on all its pages, which one is the first here, and the pages beside this one.
    total: int = 0
    first: int = 1
    before_href: str | None = None
    more_href: str | None = None
