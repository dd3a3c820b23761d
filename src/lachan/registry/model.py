"""Claims, decisions, appeals, and the entry that is a view over them. All frozen; the life-cycle as a table."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from lachan.foundation.base import Reason


class Verdict(StrEnum):
    """What to do when this identifier is met, mildest first."""

    CLEAR = "clear"
    WARN = "warn"
    STEP_UP = "step_up"
    BLOCK = "block"


VERDICT_ORDER = tuple(Verdict)


def graver(one: Verdict, other: Verdict) -> Verdict:
    """The graver of two verdicts."""
    return max(one, other, key=VERDICT_ORDER.index)


def milder(one: Verdict, other: Verdict) -> Verdict:
    """The milder of two verdicts."""
    return min(one, other, key=VERDICT_ORDER.index)


class EntryState(StrEnum):
    """Life-cycle of an entry (đối tượng nghi vấn)."""

    PROPOSED = "proposed"
    CORROBORATED = "corroborated"
    ACTIVE = "active"
    REVIEW = "review"
    DELISTED = "delisted"
    EXPIRED = "expired"


_E = EntryState
# Citizens' reports only propose. A listing ends by delisting or expiry, and returns only on new claims.
ENTRY_NEXT: dict[EntryState, frozenset[EntryState]] = {
    _E.PROPOSED: frozenset({_E.CORROBORATED, _E.ACTIVE, _E.REVIEW, _E.DELISTED, _E.EXPIRED}),
    _E.CORROBORATED: frozenset({_E.PROPOSED, _E.ACTIVE, _E.REVIEW, _E.DELISTED, _E.EXPIRED}),
    _E.ACTIVE: frozenset({_E.PROPOSED, _E.CORROBORATED, _E.REVIEW, _E.DELISTED, _E.EXPIRED}),
    _E.REVIEW: frozenset({_E.PROPOSED, _E.CORROBORATED, _E.ACTIVE, _E.DELISTED, _E.EXPIRED}),
    _E.DELISTED: frozenset({_E.PROPOSED, _E.CORROBORATED, _E.ACTIVE, _E.REVIEW, _E.EXPIRED}),
    _E.EXPIRED: frozenset({_E.PROPOSED, _E.CORROBORATED, _E.ACTIVE, _E.REVIEW, _E.DELISTED}),
}
# States in which a verdict may be in force.
IN_FORCE = frozenset({EntryState.ACTIVE, EntryState.REVIEW})


class Standing(StrEnum):
    """The weight of a claimant, lightest first (taxonomy `claim_standings`)."""

    CITIZEN = "citizen"
    FEED = "feed"
    INSTITUTION = "institution"
    AGENCY = "agency"
    AUTHORITY = "authority"


class ClaimEnd(StrEnum):
    """Why a claim no longer counts; expiry needs no mark, its date says it."""

    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    DELISTED = "delisted"


class DecisionKind(StrEnum):
    """What a person decides about an entry."""

    ACTIVATE = "activate"
    RENEW = "renew"
    REVIEW = "review"
    DELIST = "delist"


class DecisionState(StrEnum):
    """A decision that needs a second person has no effect before it is confirmed."""

    WAITING = "waiting"
    EFFECTIVE = "effective"
    REJECTED = "rejected"


class AppealOutcome(StrEnum):
    """How an appeal against a listing ended."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


class Guard(StrEnum):
    """Why a name is never listed by a source alone: too many people use it for honest ends."""

    POPULAR = "popular"
    SHARED_HOST = "shared_host"
    SHORTENER = "shortener"
    DYNAMIC_DNS = "dynamic_dns"
    PUBLIC_NUMBER = "public_number"


class RelationKind(StrEnum):
    """How two identifiers belong together, as seen from the first of them."""

    SAME_AS = "same_as"
    REPORT = "report"
    PAID = "paid"
    PAID_BY = "paid_by"
    DEVICE = "device"
    SUBSCRIBER = "subscriber"
    HOLDER = "holder"
    EVIDENCE = "evidence"

    @property
    def mirrored(self) -> "RelationKind":
        """The same edge as seen from its other end."""
        return _MIRROR.get(self, self)


_MIRROR = {RelationKind.PAID: RelationKind.PAID_BY, RelationKind.PAID_BY: RelationKind.PAID}


@dataclass(frozen=True, slots=True)
class Edge:
    """Two canonical keys that moved together, and what says so (`report:…`, `hold:…`, `claim:…`, `merge:…`)."""

    kind: RelationKind
    key: str
    other: str
    origin: str


class Confidence(IntEnum):
    """The ends of the scale on which a claimant says how sure it is."""

    LEAST = 1
    MOST = 100


class RegistryReason(Reason):
    """Why a claim, decision, appeal or file is not taken as given."""

    CLAIM_ENDED = "claim_ended"
    KIND_NOT_FOR_SOURCE = "kind_not_for_source"
    KEY_TOO_LONG = "key_too_long"
    CONFIDENCE_RANGE = "confidence_range"
    SEEN_REVERSED = "seen_reversed"
    CLAIM_ALREADY_OVER = "claim_already_over"
    NOT_ENOUGH_CLAIMS = "not_enough_claims"
    GUARDED_NAME = "guarded_name"
    NOT_LISTED = "not_listed"
    REVIEW_TOO_LATE = "review_too_late"
    NOT_WAITING = "decision_not_waiting"
    APPEAL_OPEN = "listing_appeal_open"
    APPEAL_DECIDED = "listing_appeal_decided"
    APPEAL_LEVELS_USED = "listing_appeal_levels_used"
    SAME_PERSON = "listing_decider_involved"
    UNKNOWN_FEED = "unknown_feed"
    UNKNOWN_AGENCY = "unknown_agency"
    COLUMN_MISSING = "column_missing"
    ROW_REPEATED = "row_repeated"
    NOT_A_HOST = "not_a_host"
    NO_STANDING = "no_standing_to_claim"
    SAME_KEY = "merge_same_key"
    NOTHING_CLAIMED = "merge_nothing_claimed"
    MERGED_ALREADY = "merged_already"
    NOT_MERGED = "not_merged"
    MERGED_TOO_MANY = "merged_too_many"
    DIFFERENT_ACCOUNTS = "different_accounts"


CITIZENS = "citizens"
"""The claimant of all citizens' reports together: many reports are still one kind of voice."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claimant's assertion about one identifier. Only its end is ever added.

    `claimant` is an agency's id, `feed:NAME`, or `citizens`. `origin` is what it came from (`hold:…`, `report:…`).
    `confidence` is 1–100. `list_name` is set for lists from which a name can vanish.
    """

    id: str
    entry_id: str
    key: str
    claimant: str
    standing: Standing
    source: str
    list_name: str | None
    reason: str
    scam_form: str | None
    confidence: int
    legal_basis: str
    evidence: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    claimed_at: datetime
    expires_at: datetime
    batch_id: str | None
    made_by: str
    origin: str | None
    ended_at: datetime | None = None
    end_kind: ClaimEnd | None = None
    ended_by: str | None = None
    end_note: str | None = None

    def live(self, now: datetime) -> bool:
        """Whether it counts at that instant."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """A claim as a door hands it over; what is None comes from the source's row of the taxonomy.

    `device`, `subscriber` and `holder` are the claimant's own words for them: what it names alike belongs together.
    """

    key: str
    reason: str | None = None
    scam_form: str | None = None
    confidence: int | None = None
    legal_basis: str | None = None
    evidence: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    expires_at: datetime | None = None
    origin: str | None = None
    device: str | None = None
    subscriber: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about an entry, and who checked it. `review_at` is set unless it delists."""

    id: str
    entry_id: str
    kind: DecisionKind
    verdict: Verdict | None
    reasons: str
    review_at: datetime | None
    state: DecisionState
    made_by: str
    made_at: datetime
    checked_by: str | None
    checked_at: datetime | None
    appeal_id: str | None

    @property
    def effective_at(self) -> datetime:
        """From when on it counts."""
        return self.checked_at or self.made_at


@dataclass(frozen=True, slots=True)
class Entry:
    """What the registry says about one identifier now: a view over its claims and decisions.

    `reasons` are the codes of the live claims. `until`: the verdict stands to this instant at most. `next_at`: when
    time alone changes something. `guard`: why no source may list it by itself.
    """

    id: str
    key: str
    state: EntryState
    verdict: Verdict
    reasons: tuple[str, ...]
    guard: Guard | None
    claims: int
    claimants: int
    opened_at: datetime
    listed_since: datetime | None
    review_at: datetime | None
    until: datetime | None
    next_at: datetime | None
    changed_at: datetime
    notice_code: str | None

    @property
    def kind(self) -> str:
        """The kind of identifier."""
        return self.key.partition(":")[0]

    def in_force(self, now: datetime) -> Verdict:
        """The verdict at that instant, also where the sweep has not come by yet."""
        return self.verdict if self.until is None or now < self.until else Verdict.CLEAR


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a verdict in force. Sequences rise; whoever has read one never misses an earlier one."""

    sequence: int
    key: str
    verdict: Verdict
    reasons: tuple[str, ...]
    entry_id: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Appeal:
    """A holder's objection to a listing."""

    id: str
    code: str
    entry_id: str
    level: int
    opened_at: datetime
    target_at: datetime
    decide_by: datetime
    grounds: str | None
    decided_at: datetime | None
    decided_by: str | None
    outcome: AppealOutcome | None
    reasons: str | None


class MergeWhy(StrEnum):
    """Why two keys may be one thing."""

    SAME_NUMBER = "same_number"
    BANK_SUCCEEDED = "bank_succeeded"
    BANK_UNNAMED = "bank_unnamed"
    BARE_LINK = "bare_link"
    REWRITTEN = "rewritten"
    BY_HAND = "by_hand"


class MergeState(StrEnum):
    """What a person said of two keys last."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Merge:
    """A person's word on whether two keys are one thing. `key` < `other`."""

    id: str
    key: str
    other: str
    why: MergeWhy
    state: MergeState
    reasons: str
    decided_by: str
    decided_at: datetime

    def twin_of(self, key: str) -> str:
        """The other one of the two."""
        return self.other if key == self.key else self.key


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did. rows = added + updated + unchanged + rejected; conflicts are among the first three."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    delisted: int = 0
    conflicts: int = 0
    rejected: int = 0
