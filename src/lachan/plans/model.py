"""What is read in the document of a plan, before anybody has looked at it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Recurrence(StrEnum):
    """How often a clause demands its work, or what sets it off."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    CONTINUOUS = "continuous"
    ON_REQUEST = "on_request"
    AFTER_GUIDANCE = "after_guidance"


class ReportPeriod(StrEnum):
    """What a periodic report covers."""

    WEEK = "weekly"
    MONTH = "monthly"
    QUARTER = "quarterly"
    HALF_YEAR = "half_yearly"
    YEAR = "yearly"
    ON_REQUEST = "on_request"


@dataclass(frozen=True)
class SourceLine:
    """Where in the document something stands; lines count from 1, in the text that was read."""

    number: int
    text: str


@dataclass(frozen=True)
class Warned:
    """What the reader is unsure of, or what the document itself gets wrong: a catalogue key and its words."""

    key: str
    line: SourceLine | None
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TaskDraft:
    """One clause that demands something, in its own words.

    `ref` is section, number, then the count of bullets by depth (`III.9.1.2`). Agencies are named as the document
    names them; whom of the register they are is decided when the plan is kept.
    """

    ref: str
    section: str
    text: str
    lead: str | None
    coordinating: tuple[str, ...]
    deadline: date | None
    recurrence: tuple[Recurrence, ...]
    line: SourceLine
    before: bool = False

    @property
    def last_day(self) -> date | None:
        """The last day on which the work is in time, counted as the days of reports are."""
        return self.deadline - timedelta(days=1) if self.deadline and self.before else self.deadline


@dataclass(frozen=True)
class ReportDuty:
    """A report that the plan demands of `sender` (all of them: "các sở, ban, ngành…") to `receiver`, or several.

    `due`, `covers_from`, `covers_to`: month and day, None where not said. Agencies of the register, by id, once the
    plan is in force: `receiver_ids`, the first of whom decides; `sender_ids`, where the plan names them for sure;
    `onward_ids`, to whom the gathered report goes on. Empty: who gathers the plan, every lead, nobody.
    """

    period: ReportPeriod
    due: tuple[int, int] | None
    covers_from: tuple[int, int] | None
    covers_to: tuple[int, int] | None
    sender: str | None
    receiver: str | None
    line: SourceLine
    receiver_ids: tuple[str, ...] = ()
    sender_ids: tuple[str, ...] = ()
    onward_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanDraft:
    """A plan as its document says it; None or empty where the document is silent."""

    number: str | None
    issuer: str | None
    issued_on: date | None
    title: str | None
    supersedes: str | None
    implements: tuple[str, ...]
    tasks: tuple[TaskDraft, ...]
    reports: tuple[ReportDuty, ...]
    recipients: tuple[str, ...]
    signed_by: str | None
    warnings: tuple[Warned, ...]
