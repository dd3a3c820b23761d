"""The duty officer's desk and the leaders' figures."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Deadline, Message, Stat, State
from lachan.response.shapes.money import MoneyBar


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the queue."""

    label: Message
    href: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One open report: how long ago, what can still be stopped, whom it waits for, who works on it."""

    code: str
    href: str
    what: Message
    first_transfer_at: datetime
    bar: MoneyBar
    waiting_for: Message
    waiting_note: Message | None
    due: Deadline | None
    officer: str | None


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A request that needs its second person; it escalates when the clock runs out."""

    what: Message
    basis: str
    code: str
    href: str
    escalates: Deadline


@dataclass(frozen=True, slots=True)
class InstitutionHealth:
    """How an institution answers today. `channel`: `api`, `inbox`, `telephone`."""

    name: str
    channel: str
    state: State
    latency: Message
    href: str | None = None


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """Somebody on duty in this shift. `lead`: may approve."""

    names: str
    note: Message
    lead: bool = False


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The desk. The first row is the first to be worked on."""

    open_reports: int
    totals: MoneyBar
    stats: tuple[Stat, ...]
    tabs: tuple[Tab, ...]
    rows: tuple[QueueRow, ...]
    approvals: tuple[ApprovalRow, ...]
    approvals_href: str
    institutions: tuple[InstitutionHealth, ...]
    connected: int
    lost: int
    shift_from: datetime
    shift_to: datetime
    roster: tuple[RosterPerson, ...]
    query: str = ""
    more_href: str | None = None
    events_href: str | None = None
    narrowed: tuple[Message, ...] = ()
    may_take: bool = False
    here_href: str = "/desk"


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """A line of a breakdown: by scam form, by place or by institution."""

    name: str | Message
    reports: int
    bar: MoneyBar
    first_hold_s: int | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class LeaderFigures:
    """What leaders see: counted from the trail, clickable down to the records."""

    since: datetime
    until: datetime
    totals: MoneyBar
    reports: int
    stats: tuple[Stat, ...]
    periods: tuple[Tab, ...]
    by_form: tuple[LeaderRow, ...]
    by_place: tuple[LeaderRow, ...]
    by_institution: tuple[LeaderRow, ...]
    records_href: str
