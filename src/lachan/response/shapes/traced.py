"""A trace's money under all rules, at any instant."""

from dataclasses import dataclass
from datetime import datetime

from lachan.response.shapes.common import Choice, Field, IdentifierView, Message, Notice


@dataclass(frozen=True, slots=True)
class TracedPlace:
    """An account, or where nobody knows; exactly one of them is set."""

    identifier: IdentifierView | None
    unknown: Message | None = None


@dataclass(frozen=True, slots=True)
class TracedRow:
    """What each rule finds in one place, in the order of the page's rules. `held_vnd`: held there now.

    `rests_vnd`: of the least, what only receivers tell of a silent institution's account.
    """

    place: TracedPlace
    by_rule: tuple[int, ...]
    lowest_vnd: int
    highest_vnd: int
    agreed: bool
    opening: Message
    held_vnd: int | None
    rests_vnd: int


@dataclass(frozen=True, slots=True)
class TracedSum:
    """The proof of one rule, part by part."""

    rule: Message
    disputed_vnd: int
    overlap_vnd: int
    located_vnd: int
    unknown_vnd: int
    out_of_reach_vnd: int
    diluted_vnd: int
    closes: bool


@dataclass(frozen=True, slots=True)
class TracedReach:
    """How far the money may have come by a rule that knows no sum."""

    rule: Message
    accounts: int
    transfers: int


@dataclass(frozen=True, slots=True)
class TracedMoment:
    """When something was learned; following it shows what was known then, and what this word changed."""

    at: datetime
    what: Message
    told: Message
    sealed: int | None
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class TracedChange:
    """What the newest word changed in one place: the least and the most, before and after."""

    place: TracedPlace
    lowest_vnd: tuple[int, int]
    highest_vnd: tuple[int, int]


@dataclass(frozen=True, slots=True)
class IssuedExhibit:
    """An exhibit that was issued, and where its bytes are made again."""

    number: str
    rule: Message
    issued_at: datetime
    officer: str
    sealed: int | None
    sha256: str
    href: str


@dataclass(frozen=True, slots=True)
class TracedPage:
    """Where a report's money is by every rule, as it was known at an instant.

    `rules` are the heads of the columns; `asked` the two instants as a form sends them back. `issue_href` is
    set for who may issue an exhibit now, `purpose_href` while accounts are masked.
    """

    code: str
    back_href: str
    here: str
    as_of: Field
    known_at: Field
    asked: tuple[str, str]
    is_past: bool
    losses: int
    rules: tuple[Message, ...]
    rows: tuple[TracedRow, ...]
    agreed_vnd: int
    rests_vnd: int
    sums: tuple[TracedSum, ...]
    reach: tuple[TracedReach, ...]
    moments: tuple[TracedMoment, ...]
    changes: tuple[TracedChange, ...]
    changed_at: datetime | None
    exhibits: tuple[IssuedExhibit, ...]
    choices: tuple[Choice, ...]
    transfers: int
    complete: bool
    issue_href: str | None
    purpose_href: str | None
    notice: Notice | None = None
