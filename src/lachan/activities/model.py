"""A record of a plan's work, its history, what may be wrong with one, and the sums kept of them. All frozen."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from lachan.foundation.base import BadInput, Reason

# What stands in a record, by field: texts, integers (a decimal in thousandths, money in VND), days as ISO texts,
# codes of choices, communes and agencies, keys of identifiers, lists of choices, of rows and of evidence.
Values = Mapping[str, Any]
DECIMAL_UNIT = 1000
EVERYWHERE = "*"


class ActivityReason(Reason):
    """Why a record, a cell or a file is refused."""

    KIND_NOT_YOURS = "activity_kind_not_yours"
    NOT_NAMED = "activity_not_named"
    NO_SUCH_DAY = "activity_no_such_day"
    NO_NUMBER = "activity_no_number"
    WRONG_UNIT = "activity_wrong_unit"
    TOO_SMALL = "activity_too_small"
    TOO_BIG = "activity_too_big"
    PATTERN = "activity_pattern"
    NO_CHOICE = "activity_no_choice"
    BEFORE_OTHER = "activity_before_other"
    AFTER_OTHER = "activity_after_other"
    MORE_THAN_OTHER = "activity_more_than_other"
    AGENCY_UNKNOWN = "activity_agency_unknown"
    NOT_NEXT_STATE = "activity_not_next_state"
    WITHDRAWN = "activity_withdrawn"
    ERASED = "activity_erased"
    NOTHING_CHANGED = "activity_nothing_changed"
    FILE_SORT = "activity_file_sort"
    FILE_DANGEROUS = "activity_file_dangerous"
    MERGED_CELLS = "activity_merged_cells"
    COLUMN_UNKNOWN = "activity_column_unknown"
    COLUMN_MISSING = "activity_column_missing"
    COLUMN_TWICE = "activity_column_twice"
    NO_ROWS = "activity_no_rows"


class Act(StrEnum):
    """What was done with a record after it was made."""

    CORRECTED = "corrected"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


class Source(StrEnum):
    """Through which door a record came."""

    FORM = "form"
    FILE = "file"
    API = "api"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one field; `row` is the row of a table inside the record, from 1.

    A parameter may be something with a name in both languages, or several; `saying` says it.
    """

    field: str
    reason: Reason
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    row: int | None = None


def _plain(value: Any) -> str:
    """A parameter where nobody says it in words: choices by their codes."""
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    return str(getattr(value, "code", value))


class Faulty(BadInput):
    """A record with faults: all of them, so that a person corrects once. Its own reason is the first one's."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        super().__init__(first.reason, field=first.field, **{k: _plain(v) for k, v in first.params.items()})
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Activity:
    """One record. `day` is when the work was done, `due_on` by when its stage ends; both ISO days.

    `key` is what it was sent under: the same key again is the same record.
    """

    id: str
    kind: str
    agency_id: str
    province: str
    commune: str
    day: str
    state: str
    due_on: str | None
    values: Values
    version: int
    recorded_by: str
    recorded_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    key: str
    source: Source
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One later act on a record: what stood there `before` it, by whom, when, and why."""

    id: str
    activity_id: str
    version: int
    act: Act
    before: Values
    state_before: str
    by: str
    agency_id: str | None
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, order=True)
class SumKey:
    """What a kept sum is of: a kind's figure, a commune, a day, an agency, and the `part` of its choice field.

    `commune` EVERYWHERE: of all communes together, so that a figure over a year reads a row a day and agency.
    """

    kind: str
    figure: str
    commune: str
    day: str
    agency_id: str
    part: str


@dataclass(frozen=True, slots=True)
class Total:
    """A figure over a period: `amount` (VND, thousandths of a decimal, or a count); of a share also over what."""

    amount: int
    base: int = 0

    @property
    def permille(self) -> int | None:
        """A share in thousandths, rounded down; None where there is nothing to divide by."""
        return self.amount * 1000 // self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of a file that was not written: its line in the file (the head is 1), the column's letter and head."""

    line: int
    column: str
    head: str
    fault: Fault
    text: str


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """A refused cell ready to be shown: `wrong` is said by language, `text` is what stood there."""

    line: int
    column: str
    head: str
    wrong: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: rows = recorded + repeated + refused rows; `refused` has a line for each fault."""

    rows: int
    recorded: int
    repeated: int
    refused_rows: int
    refused: tuple[Refused, ...]
