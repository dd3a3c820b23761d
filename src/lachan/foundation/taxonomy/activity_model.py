"""Kinds of activity: what a typed record of a plan's work asks for and which figures it yields. One YAML file each.

`data/activities/*.yaml`. A kind is data: a new one needs no code. What is said wrongly in a file is an error with
the file's and the field's name when it is first read, never a surprise on a form.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from lachan.foundation.base import Language
from lachan.foundation.taxonomy.model import Entry


class FieldType(StrEnum):
    """What may stand in a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    YEAR = "year"
    DECIMAL = "decimal"
    MONEY = "money_vnd"
    DATE = "date"
    TIME = "time"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    COMMUNE = "commune"
    AGENCY = "agency"
    PERSON = "person"
    IDENTIFIER = "identifier"
    FILE = "file"
    TABLE = "table"


class ActivityGroup(StrEnum):
    """Under which head a kind stands on the page of kinds; the parts of the demands' table."""

    GOVERNANCE = "governance"
    POLICE = "police"
    BANKS = "banks"
    TELECOM = "telecom"
    ENTERPRISE = "enterprise"
    COMMUNICATION = "communication"


class FigureOf(StrEnum):
    """How a figure is made of records."""

    COUNT = "count"
    SUM = "sum"
    SHARE = "share"


class FileSort(StrEnum):
    """What a file field takes."""

    PHOTO = "photo"
    DOCUMENT = "document"
    SOUND = "sound"


NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY})
DATED = frozenset({FieldType.DATE, FieldType.MOMENT})
CHOSEN = frozenset({FieldType.CHOICE, FieldType.CHOICES})
PERSONAL = frozenset({FieldType.PERSON, FieldType.IDENTIFIER})
# A small list inside a record: what a phone can still show.
ROWS_MOST = 30
# The columns that every file of records may have besides a kind's own fields.
RESERVED_COLUMNS = frozenset({"id", "kind", "agency", "state", "recorded_at", "due_on", "line"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something with a code and a name in both languages."""

    code: str
    vi: str
    en: str

    def label(self, language: Language) -> str:
        """The name to show."""
        return self.vi if language is Language.VI else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityField(Named):
    """One field. `min`, `max`: of numbers and of how many rows a table has; of a text, its length in characters.

    `pattern` is a regular expression that the whole text fits, `pattern_vi`/`pattern_en` what it means in words.
    `not_before`, `not_after` name other date fields, `at_most` another number of which this one is a part. `past`:
    not later than today. `identifier` is a kind of `foundation.identifiers`. `personal`: masked until a purpose is
    stated; names of people and identifiers always.
    """

    type: FieldType
    help_vi: str = ""
    help_en: str = ""
    required: bool = True
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    pattern_vi: str = ""
    pattern_en: str = ""
    unit_vi: str = ""
    unit_en: str = ""
    identifier: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    at_most: str | None = None
    past: bool = False
    personal: bool = False
    choices: tuple[Named, ...] = ()
    accepts: tuple[FileSort, ...] = ()
    columns: tuple["ActivityField", ...] = ()

    @property
    def is_personal(self) -> bool:
        """Whether what stands in it is masked until a purpose is stated."""
        return self.personal or self.type in PERSONAL or any(one.is_personal for one in self.columns)

    def hint(self, language: Language) -> str:
        """The plain help beside it; empty where it needs none."""
        return self.help_vi if language is Language.VI else self.help_en

    def unit(self, language: Language) -> str:
        """What its number counts."""
        return self.unit_vi if language is Language.VI else self.unit_en

    def pattern_words(self, language: Language) -> str:
        """What its text must look like."""
        return self.pattern_vi if language is Language.VI else self.pattern_en


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityState(Named):
    """One stage. `next` are the stages that may follow; none: the end. `asks` are fields filled in on entering it.

    In this stage the record waits until `due_days` after entering it (calendar days; `working`: working days), or
    until the day in its own field `due_field`.
    """

    next: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    due_days: int | None = None
    working: bool = False
    due_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFigure(Named):
    """One figure. `where` (a choice or yes/no field) with `among`, or `states`, say which records it takes.

    `count`: how many. `sum`: of `field`. `share`: with `field`, that field's sum over the sum of `over`; without,
    the records it takes over all of them. `by`: a choice field that divides it.
    """

    of: FigureOf
    field: str | None = None
    over: str | None = None
    where: str | None = None
    among: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityKind(Entry):
    """One kind. `recorded_by` are agency kinds that may record it (none: every one).

    `happened` names the date field that says when the work was done, `title` the field that lists show, `place` the
    commune field of the map. `restricted`: seen only by people named for it. `demands` are the numbers of the
    demands it serves.
    """

    group: ActivityGroup
    help_vi: str
    help_en: str
    demands: tuple[int, ...]
    happened: str
    title: str
    fields: tuple[ActivityField, ...]
    figures: tuple[ActivityFigure, ...]
    place: str | None = None
    recorded_by: tuple[str, ...] = ()
    restricted: bool = False
    states: tuple[ActivityState, ...] = ()

    def hint(self, language: Language) -> str:
        """What it is for, in plain words."""
        return self.help_vi if language is Language.VI else self.help_en

    def field(self, code: str) -> ActivityField:
        """One of its fields; KeyError where it has none of that code."""
        return next_or_key_error(self.fields, code)

    def figure(self, code: str) -> ActivityFigure:
        """One of its figures; KeyError where it has none of that code."""
        return next_or_key_error(self.figures, code)

    def state(self, code: str) -> ActivityState:
        """One of its stages; KeyError where it has none of that code."""
        return next_or_key_error(self.states, code)

    @property
    def first_state(self) -> str:
        """The stage of a new record; empty where it has none."""
        return self.states[0].code if self.states else ""

    @property
    def first_fields(self) -> tuple[ActivityField, ...]:
        """What a new record is asked for: what no later stage asks."""
        later = {code for state in self.states for code in state.asks}
        return tuple(one for one in self.fields if one.code not in later)


_N = TypeVar("_N", bound=Named)


def next_or_key_error(rows: tuple[_N, ...], code: str) -> _N:
    """The row of that code."""
    for one in rows:
        if one.code == code:
            return one
    raise KeyError(code)
