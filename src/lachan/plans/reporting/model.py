"""Periodic reports: who owes which one by when, what stands in it, and its life-cycle as a table. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from lachan.foundation.base import Reason
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.plans.model import ReportPeriod


class ReportState(StrEnum):
    """Where one revision of a report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


_S = ReportState
# What was approved is never opened again: it is restated as a further revision beside the old one.
REPORT_NEXT: Mapping[ReportState, frozenset[ReportState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED}),
    _S.SUBMITTED: frozenset({_S.RETURNED, _S.APPROVED}),
    _S.RETURNED: frozenset({_S.SUBMITTED}),
    _S.APPROVED: frozenset(),
}
WRITABLE = frozenset({_S.DRAFT, _S.RETURNED})
HANDED_IN = frozenset({_S.SUBMITTED, _S.APPROVED})


class ReportReason(Reason):
    """Why a step of a report is refused."""

    NOT_IN_THIS_STATE = "periodic_not_in_this_state"
    NO_SUCH_PERIOD = "periodic_no_such_period"
    NOT_OWED = "periodic_not_owed"
    TEXT_CHANGED = "periodic_text_changed"
    FIGURE_CHANGED = "periodic_figure_changed"
    FIELDS_MISSING = "periodic_fields_missing"
    NOTHING_TO_GATHER = "periodic_nothing_to_gather"
    DUE_IN_THE_PAST = "periodic_due_in_the_past"
    FORM_EMPTY = "periodic_form_empty"
    ALREADY_BEGUN = "periodic_already_begun"
    NOT_FINISHED = "periodic_not_finished"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a report is due: `covers_to` is the last day counted, `due_at` the first instant too late."""

    key: str
    period: ReportPeriod
    covers_from: date
    covers_to: date
    due_at: datetime


WORK = "work"
"""The heading over the lines that a plan's demands bring into its reports; their codes are `work.kind.figure`."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of a form: a heading, a figure that is counted, or a text that a person writes.

    `code` is empty in no line; `figure` names what is counted. `vi` and `en` are what the line asks.
    """

    code: str
    kind: ReportFieldKind
    vi: str
    en: str
    figure: str = ""
    required: bool = False

    @property
    def of_work(self) -> bool:
        """Whether it counts a kind of activity that the plan's demands ask for: said only where there was any."""
        return self.code.startswith(f"{WORK}.")


@dataclass(frozen=True, slots=True)
class Round:
    """One occurrence as it is asked for: by whom, of whom, in which form. `ad_hoc` is a single request's id.

    `receiver_id` decides about the reports and gathers them; `others` get each of them, too; to `onward` the
    gathered one goes on. `dropped`: the calendar no longer has it; it is open to `senders`, who have begun.
    """

    plan_id: str
    plan_title: str
    occurrence: Occurrence
    receiver_id: str
    senders: tuple[str, ...]
    # No part of what a round is: lists of rounds leave the lines about kinds of work out.
    form: tuple[FormField, ...] = field(compare=False)
    title: str
    ad_hoc: str | None = None
    others: tuple[str, ...] = ()
    onward: tuple[str, ...] = ()
    dropped: bool = False

    @property
    def receivers(self) -> tuple[str, ...]:
        """Everybody who gets each report."""
        return (self.receiver_id, *self.others)


class Origin(StrEnum):
    """Whose figure it is."""

    SOURCE = "source"
    PERSON = "person"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class Part:
    """What one agency's report gave to a consolidated figure."""

    report_id: str
    agency_id: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A figure as a report holds it: frozen when it was counted (`known_at`), with the page of its records.

    `counted` is what the system counts where a person entered another value, `note` why. `value` None: not known.
    `entered` is the report's version as of which a person's value stands there.
    """

    field: str
    value: Decimal | None
    origin: Origin
    link: str
    known_at: datetime
    counted: Decimal | None = None
    note: str = ""
    parts: tuple[Part, ...] = ()
    entered: int = 0


@dataclass(frozen=True, slots=True)
class TextValue:
    """A narrative: `version` counts its savings, so that nobody writes over another's unseen."""

    field: str
    text: str
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PeriodicReport:
    """One revision of what an agency reports for one period; `consolidated` gathers the others' reports."""

    id: str
    plan_id: str
    key: str
    agency_id: str
    receiver_id: str
    consolidated: bool
    revision: int
    state: ReportState
    version: int
    covers_from: date
    covers_to: date
    due_at: datetime
    form: tuple[FormField, ...]
    figures: tuple[FigureValue, ...]
    texts: tuple[TextValue, ...]
    opened_by: str
    opened_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    first_submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    remarks: str | None
    restates: str | None

    @property
    def late(self) -> bool:
        """Whether it was first handed in when its time was up."""
        return self.first_submitted_at is not None and self.first_submitted_at >= self.due_at

    def quiet(self, field: FormField) -> bool:
        """Whether a line counts work of which there was none."""
        found = self.figure(field.code)
        return field.of_work and (found is None or not found.value) and not (found and found.note)

    def figure(self, field: str) -> FigureValue | None:
        """The figure of a line, if it has one."""
        return next((one for one in self.figures if one.field == field), None)

    def text(self, field: str) -> TextValue | None:
        """The narrative of a line, if somebody wrote one."""
        return next((one for one in self.texts if one.field == field), None)


class Standing(StrEnum):
    """What a receiver sees of one agency in one round."""

    AWAITED = "awaited"
    DRAFTED = "drafted"
    MISSING = "missing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
