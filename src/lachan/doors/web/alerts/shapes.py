"""What the pages of alerts show."""

from dataclasses import dataclass
from datetime import datetime

from lachan.doors.web.alerts.flow import Flow
from lachan.doors.web.registry.shapes import Identified
from lachan.monitoring import Level
from lachan.monitoring.alerts import AlertState, Precision
from lachan.registry import Verdict
from lachan.response.shapes import Action, Choice, Deadline, FormField, Message, Notice, Tab


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert in a list. `due` runs where somebody has to do something; `by` looks at it."""

    href: str
    what: Identified
    name: str
    level: Level
    state: AlertState
    amount_vnd: int
    sightings: int
    last_at: datetime
    due: Deadline | None
    by: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """How many alerts of a typology wait."""

    href: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """The desk of alerts: tabs by state, filters, a list, counts by typology."""

    tabs: tuple[Tab, ...]
    state: str
    rows: tuple[AlertRow, ...]
    more_href: str | None
    levels: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    by_amount: bool
    waiting: tuple[KindRow, ...]
    late: int
    suppressed: int


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer that shows an alert; `fired`: the one on which it fired."""

    at: datetime
    payer: Identified
    payee: Identified
    amount_vnd: int
    kind: str
    fired: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the work."""

    at: datetime
    what: Message
    note: str | None


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """An account that the alert speaks against, and what the registry says of it."""

    what: Identified
    verdict: Verdict
    href: str | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert."""

    id: str
    what: Identified
    name: str
    explanation: str
    reason: str
    level: Level
    state: AlertState
    score: float
    amount_vnd: int
    sightings: int
    first_at: datetime
    last_at: datetime
    due: Deadline | None
    by: str
    sentence: str
    signed: bool
    transfers: tuple[TransferRow, ...]
    flow: Flow | None
    figures: tuple[tuple[str, str], ...]
    earlier: tuple[tuple[datetime, str], ...]
    steps: tuple[StepRow, ...]
    others: tuple[AlertRow, ...]
    suspects: tuple[SuspectRow, ...]
    until: datetime | None
    actions: tuple[Action, ...]
    why_not: Message | None
    purpose_href: str | None


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A number of a typology, in words, how it is compared (`≥`), and whence it comes; no source: assumed."""

    name: str
    sign: str
    alert: str
    source: str
    interdict: str
    interdict_source: str


@dataclass(frozen=True, slots=True)
class TypologyRow:
    """A typology in plain words, and how right it was."""

    code: str
    name: str
    explanation: str
    reason: str
    interdicts: bool
    parameters: tuple[ParameterRow, ...]
    right: Precision
    share: str
    low: str
    high: str
    waiting_href: str


@dataclass(frozen=True, slots=True)
class TypologiesPage:
    """All typologies."""

    rows: tuple[TypologyRow, ...]


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """What is not shown for a while."""

    id: str
    name: str
    what: Identified | None
    institution: str
    until: datetime
    reasons: str
    by: str
    covered: int
    alert_href: str | None
    may_end: bool


@dataclass(frozen=True, slots=True)
class SuppressionsPage:
    """What is suppressed, and the form to suppress more."""

    rows: tuple[SuppressionRow, ...]
    fields: tuple[FormField, ...]
    may_add: bool
    notice: Notice | None = None
