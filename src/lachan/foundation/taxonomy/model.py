"""The shapes of dated law: every row says in both languages what it is, on what it rests and when it holds.

Marks of evidence in `source`: `[S11]` a published page listed in `data/sources.yaml`; `[H]`, `[M]`, `[L]` the
compilers' memory with high, medium or low confidence; `[D]` a rule of this system, which no law prescribes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.base import VIETNAM, Language, Reason


class TaxonomyReason(Reason):
    """Why the taxonomy has no answer."""

    CODE_UNKNOWN = "taxonomy_code_unknown"
    NOT_IN_FORCE = "taxonomy_not_in_force"
    CALENDAR_YEAR_MISSING = "calendar_year_missing"
    BASIS_NOT_FOR_STEP = "legal_basis_not_for_step"
    PLACE_UNKNOWN = "taxonomy_place_unknown"
    PLACE_SEVERAL = "taxonomy_place_several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing with a code and a name in both languages, from `valid_from` to `valid_to`, both inclusive."""

    code: str
    vi: str
    en: str
    source: str
    valid_from: date
    valid_to: date | None

    def label(self, language: Language) -> str:
        """The name to show."""
        return self.vi if language is Language.VI else self.en

    def in_force(self, on: date | datetime) -> bool:
        """Whether the row holds on that day in Việt Nam."""
        day = vietnam_date(on)
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Entry):
    """An entry that rests on law: `legal_basis` holds codes of `LegalBasis` rows."""

    legal_basis: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis(Entry):
    """A document or article that a request, hold or deadline may cite.

    `cite_vi` and `cite_en` are how a letter cites it. `steps` are the steps of the hold ladder it supports;
    empty means that no hold may rest on it. `limit_clock` is its own limit on a hold, where it has one.
    """

    cite_vi: str
    cite_en: str
    steps: tuple[int, ...]
    limit_clock: str | None
    short_vi: str = ""
    short_en: str = ""

    def brief(self, language: Language) -> str:
        """As a table on a page cites it: short where there is a short form."""
        return (self.short_vi if language is Language.VI else self.short_en) or self.citation(language)

    def citation(self, language: Language) -> str:
        """The words with which a letter cites it."""
        return self.cite_vi if language is Language.VI else self.cite_en


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStep(Rule):
    """One step of the hold ladder, weakest first (0).

    `decided_by` and `requested_by` hold agency kinds. `expiry_clock` ends the hold by itself; steps without
    one end by their term or their issuer's act, and need a review date where the decision states no term.
    """

    step: int
    decided_by: tuple[str, ...]
    requested_by: tuple[str, ...]
    expiry_clock: str | None
    standing_policy: bool
    names_one_decision: bool
    review_date_compulsory: bool
    accused_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyKind(Rule):
    """A kind of body. `orders` and `recommends` hold legal bases under which it may order, or only recommend.

    `successor` is the kind that took over its tasks when it ceased to exist. `forwarding_clock`: such a body
    receives reports and does not resolve them; it passes them on within that clock.
    """

    institution: bool
    orders: tuple[str, ...]
    recommends: tuple[str, ...]
    successor: str | None
    forwarding_clock: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyName(Rule):
    """What plans call a body: `vi`, and `also` other spellings, until `valid_to`.

    `kind` is the agency kind that bears the name, None where there is none yet; `successors` are the kinds that
    do its work after `valid_to`. More than one: its work was divided.
    """

    also: tuple[str, ...]
    kind: str | None
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDirective(Rule):
    """A directive by its number, with the dates that published plans give it, the likelier first."""

    number: str
    dates: tuple[date, ...]


class Comparison(StrEnum):
    """On which side of the value a threshold bites."""

    ABOVE = "above"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Rule):
    """A number that the law or this system sets; `unit` says of what (`vnd`, `usd`, `accounts`, …)."""

    value: int
    unit: str
    compare: Comparison

    def reached(self, quantity: int) -> bool:
        """Whether the quantity, in the threshold's unit, triggers the rule."""
        return quantity > self.value if self.compare is Comparison.ABOVE else quantity >= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamForm(Entry):
    """A form of fraud: pretext × channel × payout × victim group; the penal articles stand apart.

    `number` is its place in the published list of 24 forms; newer forms have none.
    """

    number: int | None
    pretexts: tuple[str, ...]
    channels: tuple[str, ...]
    payouts: tuple[str, ...]
    victim_groups: tuple[str, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation(Entry):
    """What kind of mishap a report tells of; a hold is refused where `hold` is false, the report never."""

    hold: bool
    refer_to: tuple[str, ...]


class ReasonFamily(StrEnum):
    """Who knows such a reason for suspicion."""

    STATE_BANK = "state_bank"
    TELECOM = "telecom"
    LINK = "link"
    APP = "app"
    COMPANY = "company"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspicionReason(Rule):
    """Why an identifier is suspected; R1–R8 are the State Bank's published criteria."""

    family: ReasonFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRefusal(Entry):
    """Why an institution did not hold; `ask_again` where a corrected request may still succeed."""

    ask_again: bool


class DismissalSays(StrEnum):
    """What a dismissed alert says about its account."""

    HONEST = "honest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDismissal(Entry):
    """Why an alert was dismissed, and what that says about the account."""

    says: DismissalSays


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchEnd(Entry):
    """How tainted money leaves the accounts; `follow_ups` are the tasks that open at once."""

    follow_ups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Rule):
    """A task that a branch end opens, for the agency kinds in `assigned_to`, due by `clock`."""

    assigned_to: tuple[str, ...]
    clock: str


class DayKind(StrEnum):
    """What the calendar says of a day that is not simply a weekday or a weekend."""

    HOLIDAY = "holiday"
    COMPENSATION = "compensation"  # a day off because the holiday fell on a weekly rest day
    SWAP_OFF = "swap_off"  # a weekday off, worked on another day
    SWAP_WORKED = "swap_worked"  # the Saturday worked for it


class DayStatus(StrEnum):
    """Whether the Government's notice for that year is known."""

    ANNOUNCED = "announced"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """One special day of the Vietnamese calendar."""

    date: date
    kind: DayKind
    status: DayStatus
    vi: str
    en: str
    legal_basis: tuple[str, ...]
    source: str


def vietnam_date(on: date | datetime) -> date:
    """The civil date in Việt Nam; an instant must carry a zone."""
    if not isinstance(on, datetime):
        return on
    if on.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return on.astimezone(VIETNAM).date()
