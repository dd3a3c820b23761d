"""The parts that recur on every page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil


class State(StrEnum):
    """What became of some money, or of a request. Each has a shape, a colour and a word (`state.<value>`)."""

    HELD = "held"
    PARTLY_HELD = "partly_held"
    RETURNED = "returned"
    LOCATED = "located"
    MOVING = "moving"
    LATE = "late"
    WAITING = "waiting"
    OUT_OF_REACH = "out_of_reach"
    DILUTED = "diluted"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said in the viewer's language.

    Parameters ending in `_vnd` are written as money, datetimes as `09:41:07` (`09:41` if the
    name ends in `_hm`), nested messages are said.
    """

    key: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A running clock: counts down to `due_at`, then shows how long it is overdue."""

    due_at: datetime
    started_at: datetime
    urgent_s: int = 120

    def remaining_s(self, now: datetime) -> int:
        """Whole seconds left; negative when overdue. A second that has begun still counts as left."""
        return ceil((self.due_at - now).total_seconds())

    def tone(self, now: datetime) -> str:
        """`late`, `urgent` (less than `urgent_s` left) or `calm`."""
        left_s = self.remaining_s(now)
        if left_s < 0:
            return "late"
        return "urgent" if left_s < self.urgent_s else "calm"

    def left_permille(self, now: datetime) -> int:
        """Share of the time still left, 0 to 1000; what the small bar beside the figure shows."""
        whole_s = (self.due_at - self.started_at).total_seconds()
        if whole_s <= 0:
            return 0
        return max(0, min(1000, int(self.remaining_s(now) * 1000 / whole_s)))


@dataclass(frozen=True, slots=True)
class Says:
    """One line of an identifier's hover card: who says what, and when."""

    who: str
    what: Message
    at: datetime


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """An account, wallet or phone, always drawn the same way.

    `masked` is grouped (`0381 •••• 4417`); `full` is set only after the viewer gave a purpose, and then
    shown and copied instead. `kind` is an identifier kind (`account`, `wallet`, `phone`, `url`, …).
    """

    kind: str
    institution: str
    masked: str
    tail: str
    full: str | None = None
    state: State | None = None
    says: tuple[Says, ...] = ()
    purpose_href: str | None = None

    @property
    def shown(self) -> str:
        """The value a page may show now."""
        return self.full or self.masked


@dataclass(frozen=True, slots=True)
class Action:
    """A button. Its legal basis and second person stand beside it; `more` means one more step follows."""

    label: Message
    href: str
    post: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    icon: str | None = None
    primary: bool = False
    more: bool = False
    basis: str | None = None
    second_person: Message | None = None


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A line of a record's stream of events; `sealed` is its number in the trail once it has one."""

    at: datetime
    state: State
    what: Message
    sealed: int | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A form field as it was typed; `error` says what is wrong and what to do."""

    value: str = ""
    error: Message | None = None


@dataclass(frozen=True, slots=True)
class Unkept:
    """What was typed and is not kept, where a page no longer asks for it: the field's label and the text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list. `label` is a message, `text` a proper name; exactly one of them is set."""

    value: str
    label: Message | None = None
    text: str = ""
    note: Message | None = None
    chosen: bool = False
    possible: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """A message above a page after an action. `kind`: `done`, `caution` or `error`."""

    kind: str
    what: Message


@dataclass(frozen=True, slots=True)
class Stat:
    """One figure with its explanation; `seconds`, `amount_vnd` or `count` is set."""

    label: Message
    note: Message | None = None
    seconds: int | None = None
    amount_vnd: int | None = None
    count: int | None = None
    urgent: bool = False
    due: Deadline | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class ViewerLink:
    """An entry of the top bar."""

    key: str
    href: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: named in the top bar, with the pages this person may open.

    `below`: the pages that stand in a second row under the bar's entry `plans`, while one of them is open.
    """

    agency: str
    name: str
    links: tuple[ViewerLink, ...]
    search_href: str | None = None
    below: tuple[ViewerLink, ...] = ()
