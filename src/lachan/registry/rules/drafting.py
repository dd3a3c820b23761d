"""A claim as given becomes a claim as kept: defaults of its source, checks, and its life. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from lachan.foundation.base import BadInput, InputReason
from lachan.foundation.taxonomy import (
    ClaimSource,
    clock,
    legal_basis,
    listing_period,
    scam_form,
    suspicion_reason,
)
from lachan.registry.model import Claim, ClaimDraft, Confidence, RegistryReason, Standing

KEY_MAX = 2_000  # bytes; an index entry on PostgreSQL holds no more than about 2,700
EVIDENCE_MAX = 2_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# A clock that runs ahead by this much is a clock, not a lie.
CLOCK_TOLERANCE = timedelta(minutes=5)
# A list that still names something is heard again, but not at every reading.
_REFRESH_PART = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """What a claim says beside its key and dates, checked against the words in force; `life` ends it at latest."""

    reason: str
    scam_form: str | None
    confidence: int
    legal_basis: str
    life: datetime


def claim_life(kind: str, source: ClaimSource, now: datetime) -> datetime:
    """When a claim made now about this kind expires."""
    return clock(source.expiry_clock or listing_period(kind, now).claim_clock, now).deadline(now)


def needs_refresh(claimed_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a repeated claim is worth recording anew: a quarter of its life has passed."""
    return now >= claimed_at + (expires_at - claimed_at) / _REFRESH_PART


def terms(
    kind: str, source: ClaimSource, now: datetime, reason: str | None, form: str | None, confidence: int | None,
    basis: str | None,
) -> Terms:  # fmt: skip
    """The terms of a claim about this kind from this source; BadInput or NotFound names what is wrong."""
    if kind not in source.kinds:
        raise BadInput(RegistryReason.KIND_NOT_FOR_SOURCE, field="key", kind=kind, source=source.code)
    sure = source.confidence if confidence is None else confidence
    if not Confidence.LEAST <= sure <= Confidence.MOST:
        raise BadInput(RegistryReason.CONFIDENCE_RANGE, field="confidence")
    return Terms(
        suspicion_reason(reason or source.reason, now).code,
        scam_form(form, now).code if form else None,
        int(sure),
        legal_basis(basis or source.legal_basis[0], now).code,
        claim_life(kind, source, now),
    )


def check_dates(
    first_seen: datetime | None, last_seen: datetime | None, expires_at: datetime | None, life: datetime,
    now: datetime,
) -> datetime:  # fmt: skip
    """When the claim expires: its own date may be earlier than the policy's, never later. BadInput otherwise."""
    for field, seen in (("first_seen", first_seen), ("last_seen", last_seen)):
        if seen is not None and seen > now + CLOCK_TOLERANCE:
            raise BadInput(InputReason.IN_THE_FUTURE, field=field)
    if first_seen and last_seen and first_seen > last_seen:
        raise BadInput(RegistryReason.SEEN_REVERSED, field="last_seen")
    if expires_at is not None and expires_at <= now:
        raise BadInput(RegistryReason.CLAIM_ALREADY_OVER, field="expires_at")
    return min(life, expires_at) if expires_at else life


def check_key(key: str) -> None:
    """A key that no index holds is refused."""
    if len(key) > KEY_MAX or len(key.encode()) > KEY_MAX:
        raise BadInput(RegistryReason.KEY_TOO_LONG, field="key", limit=KEY_MAX)


def clean_evidence(text: str | None) -> str | None:
    """Evidence as kept; BadInput where it is a book."""
    cleaned = (text or "").strip() or None
    if cleaned and not cleaned.isprintable():
        # Control characters but tabs and ends of lines; a store may refuse them.
        cleaned = _CONTROL.sub("", cleaned)
    if cleaned and len(cleaned) > EVIDENCE_MAX:
        raise BadInput(InputReason.TOO_LONG, field="evidence", limit=EVIDENCE_MAX)
    return cleaned


def checked_claim(
    draft: ClaimDraft, source: ClaimSource, now: datetime, *, claim_id: str, claimant: str, standing: Standing,
    made_by: str,
) -> Claim:  # fmt: skip
    """The claim to record, but for its entry. The key must be canonical already."""
    check_key(draft.key)
    kind = draft.key.partition(":")[0]
    said = terms(kind, source, now, draft.reason, draft.scam_form, draft.confidence, draft.legal_basis)
    expires_at = check_dates(draft.first_seen, draft.last_seen, draft.expires_at, said.life, now)
    return Claim(
        claim_id, "", draft.key, claimant, standing, source.code, None, said.reason, said.scam_form,
        said.confidence, said.legal_basis, clean_evidence(draft.evidence), draft.first_seen, draft.last_seen, now,
        expires_at, None, made_by, draft.origin,
    )  # fmt: skip


def says_the_same(kept: Claim, new: Claim) -> bool:
    """Whether a repeated claim says nothing that the kept one does not say already."""
    same = (kept.scam_form, kept.confidence, kept.legal_basis, kept.evidence) == (
        new.scam_form, new.confidence, new.legal_basis, new.evidence,
    )  # fmt: skip
    newer_seen = new.last_seen is not None and (kept.last_seen is None or new.last_seen > kept.last_seen)
    return same and not newer_seen
