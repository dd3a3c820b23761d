"""The controlled words: forms of fraud, agency kinds, situations, reasons, refusals, ends of a branch."""

from datetime import date, datetime
from enum import StrEnum

from lachan.foundation.taxonomy.loading import current, find, load
from lachan.foundation.taxonomy.model import (
    AgencyKind,
    AlertDismissal,
    BodyName,
    BranchEnd,
    Entry,
    FollowUp,
    HoldRefusal,
    KnownDirective,
    ScamForm,
    Situation,
    SuspicionReason,
)


class Facet(StrEnum):
    """The four sides of a scam form; each value names the data file of its words."""

    PRETEXT = "pretexts"
    CHANNEL = "channels"
    PAYOUT = "payouts"
    VICTIM_GROUP = "victim_groups"


def scam_form(code: str, on: date | datetime) -> ScamForm:
    """One form of fraud. Raises NotFound with a named reason, as every look-up here does."""
    return find(load("scam_forms", ScamForm), code, on)


def scam_forms(on: date | datetime) -> tuple[ScamForm, ...]:
    """The forms in use on that day: the published 24 in their order, then the newer ones."""
    return current(load("scam_forms", ScamForm), on)


def facet_words(facet: Facet, on: date | datetime) -> tuple[Entry, ...]:
    """The words for one side of a scam form."""
    return current(load(facet.value, Entry), on)


def agency_kind(code: str, on: date | datetime) -> AgencyKind:
    """One kind of body, if it exists on that day."""
    return find(load("agency_kinds", AgencyKind), code, on)


def agency_kinds(on: date | datetime) -> tuple[AgencyKind, ...]:
    """The kinds of body that exist on that day."""
    return current(load("agency_kinds", AgencyKind), on)


def body_names() -> tuple[BodyName, ...]:
    """What plans call the bodies of a province, those that have ended included."""
    return load("body_names", BodyName)


def known_directives() -> tuple[KnownDirective, ...]:
    """The directives whose dates were seen, with every date that a published plan gives them."""
    return load("known_directives", KnownDirective)


def may_order(kind: str, basis: str, on: date | datetime) -> bool:
    """Whether a body of that kind may order under that basis; others may only ask or recommend."""
    return basis in agency_kind(kind, on).orders


def may_recommend(kind: str, basis: str, on: date | datetime) -> bool:
    """Whether a body of that kind may at least recommend under that basis."""
    row = agency_kind(kind, on)
    return basis in row.orders or basis in row.recommends


def situation(code: str, on: date | datetime) -> Situation:
    """One kind of mishap a report may tell of."""
    return find(load("situations", Situation), code, on)


def situations(on: date | datetime) -> tuple[Situation, ...]:
    """Every kind of mishap, those that allow a hold first."""
    return current(load("situations", Situation), on)


def suspicion_reason(code: str, on: date | datetime) -> SuspicionReason:
    """One reason for suspicion."""
    return find(load("suspicion_reasons", SuspicionReason), code, on)


def suspicion_reasons(on: date | datetime) -> tuple[SuspicionReason, ...]:
    """Every reason for suspicion in use on that day."""
    return current(load("suspicion_reasons", SuspicionReason), on)


def hold_refusal(code: str, on: date | datetime) -> HoldRefusal:
    """One reason for which an institution does not hold."""
    return find(load("hold_refusals", HoldRefusal), code, on)


def hold_refusals(on: date | datetime) -> tuple[HoldRefusal, ...]:
    """Every reason for which an institution may refuse to hold."""
    return current(load("hold_refusals", HoldRefusal), on)


def alert_dismissal(code: str, on: date | datetime) -> AlertDismissal:
    """One reason for which an alert is dismissed."""
    return find(load("alert_dismissals", AlertDismissal), code, on)


def alert_dismissals(on: date | datetime) -> tuple[AlertDismissal, ...]:
    """Every reason for which an alert may be dismissed."""
    return current(load("alert_dismissals", AlertDismissal), on)


def branch_end(code: str, on: date | datetime) -> BranchEnd:
    """One way in which tainted money leaves the accounts."""
    return find(load("branch_ends", BranchEnd), code, on)


def branch_ends(on: date | datetime) -> tuple[BranchEnd, ...]:
    """Every way in which tainted money leaves the accounts."""
    return current(load("branch_ends", BranchEnd), on)


def follow_up(code: str, on: date | datetime) -> FollowUp:
    """One task that a branch end opens."""
    return find(load("follow_ups", FollowUp), code, on)
