"""What the registry's pages show."""

from dataclasses import dataclass, field
from datetime import datetime

from lachan.registry import DecisionState, EntryState, Guard, Standing, Verdict
from lachan.response.shapes import Action, Choice, Deadline, Field, Message, Notice, State, Tab


@dataclass(frozen=True, slots=True)
class Identified:
    """An identifier as a page may write it: masked where it is somebody's and nobody has stated a purpose."""

    icon: str
    kind: Message
    text: str
    full: bool


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry in a list."""

    href: str
    what: Identified
    verdict: Verdict
    state: EntryState
    guard: Guard | None
    reasons: tuple[str, ...]
    claims: int
    claimants: int
    due_at: datetime | None
    due_label: Message | None
    late: bool


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits for a second person or for a decision on an appeal. `mine`: who proposed cannot check."""

    href: str
    what: Identified
    note: Message
    due: Deadline | None = None
    mine: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class RegistryPage:
    """The analyst's page: a search box, what waits, a list."""

    query: str
    tabs: tuple[Tab, ...]
    state: str
    rows: tuple[EntryRow, ...]
    more_href: str | None
    kinds: tuple[Choice, ...]
    verdicts: tuple[Choice, ...]
    checks: tuple[WaitingRow, ...]
    appeals: tuple[WaitingRow, ...]
    searched: bool
    too_short: bool
    may_claim: bool
    may_export: bool


@dataclass(frozen=True, slots=True)
class ClaimColumn:
    """What one claimant says. `counts`: it carries the verdict in force. `over`: why it counts no more."""

    who: str
    standing: Standing
    reason: str
    reason_text: str
    scam_form: str | None
    confidence: int
    basis: str
    source: str
    evidence: str | None
    origin: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    claimed_at: datetime
    expires_at: datetime
    counts: bool
    over: Message | None = None
    over_note: str | None = None
    withdraw_href: str | None = None


@dataclass(frozen=True, slots=True)
class WayLine:
    """One way of the policy, in words, and who counts for it."""

    text: str
    who: tuple[str, ...]
    by_hand: bool
    second_person: bool
    open: bool


@dataclass(frozen=True, slots=True)
class WhyPart:
    """Why the verdict stands, and what a graver one would need."""

    ways: tuple[WayLine, ...]
    ruling: Message | None
    ruling_reasons: str
    next_verdict: Verdict | None
    missing: tuple[WayLine, ...]
    missing_second_look: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of the timeline."""

    at: datetime
    state: State
    what: Message
    note: str = ""


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """A decision that waits for its second person."""

    id: str
    what: Message
    reasons: str
    made_by: str
    made_at: datetime
    state: DecisionState
    may_check: bool
    why_not: Message | None


@dataclass(frozen=True, slots=True)
class AppealCard:
    """An appeal against the listing, with what was decided."""

    id: str
    code: str
    level: int
    opened_at: datetime
    due: Deadline | None
    late: bool
    grounds: str | None
    holder: str | None
    outcome: Message | None
    outcome_state: State
    reasons: str
    decided_by: str
    decided_at: datetime | None
    decide_href: str | None


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """An identifier that moved with this one; `href` None where nobody has claimed anything of it."""

    what: Identified
    href: str | None
    verdict: Verdict
    times: int


@dataclass(frozen=True, slots=True)
class AroundGroup:
    """Neighbours of one kind. `more` says how many follow, `more_href` shows them."""

    label: Message
    rows: tuple[NeighbourRow, ...]
    more: Message | None
    more_href: str | None


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two entries that may be one thing, why, and the way to decide it for who may."""

    first: Identified
    first_href: str
    first_verdict: Verdict
    second: Identified
    second_href: str
    second_verdict: Verdict
    why: Message
    act: Action | None


@dataclass(frozen=True, slots=True)
class MergesPage:
    """A page of pairs; it may be empty and not the last."""

    rows: tuple[PairRow, ...]
    more_href: str | None


@dataclass(frozen=True, slots=True)
class MergeRow:
    """Another entry that may be, or is said to be, the same thing."""

    what: Identified
    href: str | None
    why: Message
    said: Message | None
    act: Action | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry with everything said about it."""

    id: str
    what: Identified
    verdict: Verdict
    state: EntryState
    guard: Guard | None
    listed_since: datetime | None
    review_at: datetime | None
    until: datetime | None
    late: bool
    notice_code: str | None
    purpose_href: str | None
    columns: tuple[ClaimColumn, ...]
    ended: tuple[ClaimColumn, ...]
    agreeing: int
    withdrawn: int
    differ: tuple[Message, ...]
    why: WhyPart
    history: tuple[HistoryRow, ...]
    checks: tuple[DecisionCard, ...]
    appeals: tuple[AppealCard, ...]
    actions: tuple[Action, ...]
    claim_href: str | None
    around: tuple[AroundGroup, ...]
    merges: tuple[MergeRow, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of a file that was not taken."""

    line: int
    column: str
    row: str
    reason: Message


@dataclass(frozen=True, slots=True)
class DryLook:
    """What a file would do; `sealed` carries it to the confirmation."""

    file_name: str
    rows: int
    added: int
    updated: int
    unchanged: int
    cleared: int
    conflicts: int
    rejected: int
    refused: tuple[Refused, ...]
    rejects_href: str | None
    sealed: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """An agency's own claims: one identifier, a file, a word taken back."""

    fields: dict[str, Field]
    reasons: tuple[Choice, ...]
    forms: tuple[Choice, ...]
    layouts: tuple[Choice, ...]
    limit: str
    may_read: bool
    look: DryLook | None = None
    notice: Notice | None = None
    columns: tuple[str, ...] = field(default=())
