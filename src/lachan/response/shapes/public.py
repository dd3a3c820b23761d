"""What people outside see: the report form, the live page, the status, the appeal."""

from dataclasses import dataclass, field
from datetime import datetime

from lachan.response.shapes.common import Choice, Deadline, Field, IdentifierView, Message, State
from lachan.response.shapes.money import MoneyBar


@dataclass(frozen=True, slots=True)
class BankChoice:
    """An institution in the list. `folded` is its names without accents, for the search."""

    value: str
    name: str
    note: Message
    initials: str
    folded: str


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """One disputed transfer as typed so far. `read_from`: `picture`, `message`, `qr` or empty (typed)."""

    amount: Field = field(default_factory=Field)
    booked_at: Field = field(default_factory=Field)
    payee_account: Field = field(default_factory=Field)
    payee_bank: Field = field(default_factory=Field)
    payee_name: Field = field(default_factory=Field)
    payer_account: Field = field(default_factory=Field)
    payer_bank: Field = field(default_factory=Field)
    reference: Field = field(default_factory=Field)
    read_from: str = ""


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The three steps (1 what happened, 2 transfers, 3 contact); `draft` carries earlier steps, signed."""

    step: int
    draft: str
    situations: tuple[Choice, ...]
    story: Field
    transfers: tuple[TransferDraft, ...]
    banks: tuple[BankChoice, ...]
    paste: Field
    picture: Field
    name: Field
    phone: Field
    province_place: Field
    contacts: Field
    consent: Field
    situation_error: Message | None = None
    errors: tuple[Message, ...] = ()
    saved: bool = False
    action: str = "/report"


@dataclass(frozen=True, slots=True)
class LiveRow:
    """What happened, in plain words."""

    at: datetime
    state: State
    what: Message


@dataclass(frozen=True, slots=True)
class LivePage:
    """The victim's own page behind an unguessable link; `rests`: what of the money is not certain yet."""

    code: str
    bar: MoneyBar
    rows: tuple[LiveRow, ...]
    advice: tuple[Message, ...]
    updated_at: datetime
    add_href: str | None
    events_href: str | None
    referred: Message | None = None
    referred_title: Message | None = None
    detail: Field | None = None
    rests: Message | None = None


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Status by reference code: never more than a status. `status` is None before a code is given."""

    code: Field
    status: Message | None = None
    status_state: State = State.WAITING
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppealPage:
    """An account holder's objection, opened with the code in the notice. Offers no default choice."""

    notice: Field
    found: bool = False
    account: IdentifierView | None = None
    held_vnd: int = 0
    basis: str = ""
    reason: Message | None = None
    held_at: datetime | None = None
    expires: Deadline | None = None
    grounds: tuple[Choice, ...] = ()
    ground_error: Message | None = None
    story: Field = field(default_factory=Field)
    name: Field = field(default_factory=Field)
    contact: Field = field(default_factory=Field)
    claimed: Field = field(default_factory=Field)
    errors: tuple[Message, ...] = ()
    opened_code: str | None = None
    decide_by: Deadline | None = None
    decided: Message | None = None
    reasons: str = ""
    again_href: str | None = None
    level: int = 1
    late: Message | None = None
    court: bool = False
