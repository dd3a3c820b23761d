"""What the pages of periodic reports show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from lachan.plans.drafting import Draft
from lachan.plans.outgoing import OutgoingDocument, OutgoingState
from lachan.plans.outgoing.views import Book
from lachan.plans.reporting.views import ReportView
from lachan.response.shapes import Fields, Notice

CHIPS = {
    "awaited": "nothing", "drafted": "nothing", "draft": "nothing", "missing": "late", "submitted": "partly_held",
    "returned": "located", "approved": "held",
}  # fmt: skip
"""The colour of each state: red only where a clock has run out."""


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One agency in a round. `href` opens its report, where there is one; `tone` is the state's colour."""

    agency: str
    state: str
    tone: str
    late: bool
    at: datetime | None
    revision: int
    href: str
    may_begin: bool
    agency_id: str


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round with what the viewer may see of it; counts are of agencies.

    `dropped`: the calendar no longer has it, and it is there for who has begun.
    """

    title: str
    plan: str
    goes_to: str
    covers_from: date
    covers_to: date
    due_on: date
    over: bool
    handed_in: int
    approved: int
    late: int
    missing: int
    owed: tuple[OwedRow, ...]
    href: str
    begin_href: str
    gathered_href: str
    gathered_state: str
    gathers: bool
    plan_id: str
    key: str
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A year's rounds. `plans` are those a single report may be asked for under, by id."""

    year: int
    rounds: tuple[RoundRow, ...]
    plans: Mapping[str, str]
    may_ask: bool
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class RoundPage:
    """One round, agency by agency."""

    row: RoundRow
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """What one agency's report gave to a gathered figure."""

    agency: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report. A figure has `value`, where it is from and when it was counted; a narrative its text.

    `other` is what somebody else saved meanwhile, where two saved the same line. `quiet`: work of which there was
    none. `open`: a figure was typed by hand and is not kept.
    """

    code: str
    kind: str
    label: str
    required: bool
    value: str = ""
    unit: str = ""
    origin: str = ""
    known_at: datetime | None = None
    href: str = ""
    counted: str = ""
    note: str = ""
    parts: tuple[PartRow, ...] = ()
    text: str = ""
    version: int = 0
    by: str = ""
    other: str | None = None
    missing: bool = False
    quiet: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the work."""

    what: str
    by: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report: what may be done with it now, and its lines."""

    view: ReportView
    title: str
    agency: str
    receiver: str
    state: str
    tone: str
    lines: tuple[Line, ...]
    steps: tuple[StepRow, ...]
    documents: tuple[OutgoingDocument, ...]
    round_href: str
    writes: bool
    decides: bool
    restates: bool
    issues: bool
    gathers: bool
    fields: Fields = field(default_factory=dict)
    notice: Notice | None = None

    @property
    def in_force(self) -> bool:
        """Whether it has a number that was not cancelled: it gets no second one."""
        return any(one.state is OutgoingState.ISSUED for one in self.documents)

    @property
    def runs(self) -> list[tuple[str, list[Line]]]:
        """The lines in their order, those of one kind that follow each other together; kind `quiet` is folded."""
        by = groupby(self.lines, key=lambda line: line.kind)
        made = []
        for kind, found in by:
            lines = list(found)
            made.append((kind, [line for line in lines if not line.quiet]))
            if any(line.quiet for line in lines):
                made.append(("quiet", [line for line in lines if line.quiet]))
        return [(kind, lines) for kind, lines in made if lines]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of the register."""

    document: OutgoingDocument
    agency: str
    by: str
    cancelled_by: str
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft of the own agency, and who changed it last."""

    draft: Draft
    by: str


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A year's documents, of one book or all, with what is being written. `before` goes on; empty at the end."""

    year: int
    book: str
    books: tuple[Book, ...]
    rows: tuple[RegisterRow, ...]
    before: str
    drafts: tuple[DraftRow, ...]
    may_write: bool
    notice: Notice | None = None
