"""The golden hour: one live page per report."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import (
    Action,
    Deadline,
    IdentifierView,
    Message,
    State,
    StreamEvent,
)
from lachan.response.shapes.flow import FlowGraph
from lachan.response.shapes.money import MoneyBar


@dataclass(frozen=True, slots=True)
class Timing:
    """One of the figures in the header: when something happened and how fast that was."""

    label: Message
    at: datetime | None
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class GoldenHeader:
    """Which report this is. The victim stays masked until a purpose has been given."""

    code: str
    status: Message
    status_state: State
    scam_form: Message | None
    origin: Message
    story: str
    victim: str
    victim_phone: str
    purpose_href: str | None
    confirmation: Message | None
    confirmation_due: Deadline | None
    timings: tuple[Timing, ...]
    first_transfer_at: datetime
    officer: str | None = None
    take: Action | None = None


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One request to one institution. `held_vnd` is None while no answer has come.

    `rests`: on whose word its money is traced there, where an institution on the way has not answered.
    """

    key: str
    state: State
    identifier: IdentifierView
    requested_vnd: int
    held_vnd: int | None
    step: int
    basis: str
    answer: Message
    at: datetime
    due: Deadline | None = None
    action: Action | None = None
    href: str | None = None
    pressing: bool = False
    rests: Message | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, why, and what money depends on it."""

    title: Message
    amount_vnd: int
    reason: Message
    action: Action


@dataclass(frozen=True, slots=True)
class Asking:
    """An institution that the machine waits for: what it is asked for, and what may be expected."""

    institution: str
    asked_vnd: int
    reason: Message
    href: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision somebody with the power may take, with its basis."""

    action: Action
    icon: str


@dataclass(frozen=True, slots=True)
class GoldenHourPage:
    """Everything on the page; each part is also drawn alone when something changes."""

    header: GoldenHeader
    bar: MoneyBar
    losses: int
    graph: FlowGraph
    holds: tuple[HoldRow, ...]
    next_steps: tuple[NextStep, ...]
    asking: tuple[Asking, ...]
    decisions: tuple[Decision, ...]
    stream: tuple[StreamEvent, ...]
    sealed: int | None
    events_href: str | None
    # The money by every rule: for officers of the desk.
    money_href: str | None = None
    # What of the held money waits for a silent institution's word.
    rests: Message | None = None
