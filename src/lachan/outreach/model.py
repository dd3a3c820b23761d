"""What is said to people: warnings, pieces of campaigns, methods of fraud; their life, their reach. All frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from lachan.foundation.base import Language, Reason
from lachan.foundation.taxonomy import vietnam_date

_MOMENT = timedelta(microseconds=1)


class ItemKind(StrEnum):
    """What is said: a public warning, one piece of a campaign, or an entry of the library of methods."""

    WARNING = "warning"
    PIECE = "piece"
    METHOD = "method"


class ItemState(StrEnum):
    """Where it stands between its first word and its end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETRACTED = "retracted"
    EXPIRED = "expired"
    DROPPED = "dropped"


class Act(StrEnum):
    """What was done at one step; the trail's facts are named after it."""

    DRAFTED = "drafted"
    CHANGED = "changed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETRACTED = "retracted"
    EXPIRED = "expired"
    DROPPED = "dropped"


AUTHORSHIP = frozenset({Act.DRAFTED, Act.CHANGED, Act.SUBMITTED})
"""Whoever did one of these does not approve."""


_S = ItemState
# Whoever approves is nobody who wrote or submitted it. What was published is taken back in the open, never
# unsaid; also what has ended, because it can still be read.
ITEM_NEXT: Mapping[ItemState, frozenset[ItemState]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.DROPPED}),
    _S.SUBMITTED: frozenset({_S.DRAFT, _S.APPROVED}),
    _S.APPROVED: frozenset({_S.DRAFT, _S.PUBLISHED}),
    _S.PUBLISHED: frozenset({_S.RETRACTED, _S.EXPIRED}),
    _S.RETRACTED: frozenset(),
    _S.EXPIRED: frozenset({_S.RETRACTED}),
    _S.DROPPED: frozenset(),
}
SHOWN = frozenset({_S.PUBLISHED, _S.RETRACTED, _S.EXPIRED})
"""States of what has been public once."""
CODE_PREFIX: Mapping[ItemKind, str] = {ItemKind.WARNING: "CB", ItemKind.PIECE: "TT", ItemKind.METHOD: "PT"}


class Severity(StrEnum):
    """How grave a warning is; the value is the word of the Common Alerting Protocol."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"


class OutreachReason(Reason):
    """Why a step of communication work is refused."""

    NOT_IN_THIS_STATE = "outreach_not_in_this_state"
    OWN_TEXT = "outreach_own_text"
    TEXT_TOO_LONG = "outreach_text_too_long"
    TITLE_TOO_LONG = "outreach_title_too_long"
    SPOKEN_TOO_LONG = "outreach_spoken_too_long"
    NAMES_SOMEBODY = "outreach_names_somebody"
    NO_FORM = "outreach_no_form"
    NO_END = "outreach_no_end"
    LASTS_TOO_LONG = "outreach_lasts_too_long"
    NOT_PUBLISHED = "outreach_not_published"
    CAMPAIGN_CLOSED = "outreach_campaign_closed"
    CAMPAIGN_ENDS_FIRST = "outreach_campaign_ends_first"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language: title, body, how to recognise it, what to do; the last two one line each."""

    title: str = ""
    text: str = ""
    signs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What somebody wrote. `en` is empty where there is no English text; `expires_at` ends it by itself."""

    kind: ItemKind
    vi: Words
    en: Words = field(default_factory=Words)
    channel: str = "web_page"
    audience: str = "everybody"
    scam_form: str | None = None
    campaign_id: str | None = None
    severity: Severity | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """More reports of one form in the last 7 days than the weeks before let expect: counts only.

    `recent` in the window that ends at `until`, `earlier` in `weeks` weeks before it. Chance alone shows that many
    once in `one_in` looks.
    """

    scam_form: str
    until: datetime
    recent: int
    earlier: int
    weeks: int
    one_in: int

    @property
    def expected(self) -> float:
        """Reports of 7 days as the earlier weeks let expect."""
        return self.earlier / self.weeks


@dataclass(frozen=True, slots=True)
class Item:
    """A warning, piece or method as kept. `digest` names exactly these words; `version` counts changes."""

    id: str
    code: str
    kind: ItemKind
    state: ItemState
    agency_id: str
    campaign_id: str | None
    channel: str
    audience: str
    scam_form: str | None
    severity: Severity | None
    vi: Words
    en: Words
    digest: str
    rise: Rise | None
    made_by: str
    made_at: datetime
    changed_at: datetime
    approved_by: str | None
    published_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    end_words: str | None
    version: int

    def words(self, language: Language) -> Words:
        """The text in that language; Vietnamese where there is no other."""
        return self.en if language is Language.EN and self.en.title else self.vi

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None where it has no end."""
        return vietnam_date(self.expires_at - _MOMENT) if self.expires_at else None

    def in_force(self, now: datetime) -> bool:
        """Whether it is public at that instant, whether or not the worker has written its end down."""
        return self.state is ItemState.PUBLISHED and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class ItemStep:
    """One step of an item's life: what was done, to which state it led, by whom, when, and why."""

    act: Act
    state: ItemState
    by: str
    at: datetime
    code: str | None
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """A campaign as planned: `cells` are (audience, channel) pairs that shall each get a piece."""

    title: str
    aim: str
    starts_on: date
    ends_on: date
    cells: tuple[tuple[str, str], ...]
    scam_form: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as kept."""

    id: str
    code: str
    agency_id: str
    title: str
    aim: str
    scam_form: str | None
    starts_on: date
    ends_on: date
    cells: tuple[tuple[str, str], ...]
    closed_at: datetime | None
    made_by: str
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachDraft:
    """One use of a published text and how many people it reached, by whose word.

    `used_at` is when; `times` how often it ran, `seconds` how long each time, where it was on air. `stated_by` says
    who gave the figure, `evidence` where it can be seen.
    """

    used_at: datetime
    people: int
    source: str
    stated_by: str
    evidence: str = ""
    times: int = 1
    seconds: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """A recorded use. `corrected_by` names the record that replaces this one."""

    id: str
    item_id: str
    agency_id: str | None
    used_at: datetime
    people: int
    source: str
    stated_by: str
    evidence: str
    times: int
    seconds: int | None
    place: str
    made_by: str
    made_at: datetime
    corrected_by: str | None
