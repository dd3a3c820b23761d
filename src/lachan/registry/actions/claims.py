"""Claim, corroborate, withdraw: what agencies, institutions and the golden hour assert."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa

from lachan.foundation.access import Permission, agency, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, NotFound, new_id
from lachan.foundation.identifiers import parse_key
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import claim_source, standing_of_kind
from lachan.foundation.trail import append
from lachan.registry import rules, store
from lachan.registry.actions.projecting import project
from lachan.registry.actions.relating import forget_origins, tie_claims
from lachan.registry.model import Claim, ClaimDraft, ClaimEnd, EntryState, RegistryReason, Standing
from lachan.registry.tables import claim as claims
from lachan.registry.tables import entry

NOTE_MAX = 2_000
DRAFTS_MAX = 1_000


class Outcome(StrEnum):
    """What became of a claim."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim's id, its entry's, and whether anything is new."""

    claim_id: str
    entry_id: str
    outcome: Outcome


def claim(
    unit: Unit, drafts: Sequence[ClaimDraft], *, source: str = "desk", agency_id: str | None = None
) -> list[Claimed]:
    """Record an agency's claims, in order. A claim that says what stands already changes nothing.

    `agency_id` is the claimant, by default the actor's own agency. Refusals name the draft: `claims.3.reason`.
    """
    claimant = agency_id or unit.actor.agency_id
    require(unit.actor, Permission.REGISTRY_CLAIM, claimant)
    if claimant is None:
        raise NotAllowed(RegistryReason.NO_STANDING)
    standing = _standing_of(unit, claimant)
    if not drafts:
        raise BadInput(InputReason.MISSING, field="claims")
    if len(drafts) > DRAFTS_MAX:
        raise BadInput(InputReason.TOO_LONG, field="claims", limit=DRAFTS_MAX)
    return record_claims(unit, drafts, source, claimant, standing)


def corroborate(unit: Unit, entry_id: str, draft: ClaimDraft, *, agency_id: str | None = None) -> Claimed:
    """An officer stands behind what others only proposed, with evidence of its own."""
    kept = store.entry_by_id(unit.conn, entry_id)
    if kept.state in {EntryState.DELISTED, EntryState.EXPIRED}:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    if draft.key != kept.key:
        raise BadInput(InputReason.CHANGED_MEANWHILE, field="key")
    if not (draft.evidence or "").strip():
        raise BadInput(InputReason.MISSING, field="evidence")
    (done,) = claim(unit, [draft], agency_id=agency_id)
    return done


def record_claims(
    unit: Unit, drafts: Sequence[ClaimDraft], source_code: str, claimant: str, standing: Standing
) -> list[Claimed]:
    """Record claims of one claimant from one source; who may is the caller's question."""
    source = claim_source(source_code, unit.now)
    new = [
        _checked(unit, draft, source_code, claimant, standing, position) for position, draft in enumerate(drafts)
    ]
    entries = store.locked_entries(unit.conn, [one.key for one in new], unit.now)
    new = [replace(one, entry_id=entries[one.key].id) for one in new]
    kept = store.claims_of(unit.conn, list(entries))
    standing_now = {
        _identity(one): one for known in kept.values() for one in known
        if one.ended_at is None and one.claimant == claimant and one.source == source.code
    }  # fmt: skip
    added: dict[tuple[str, str, str | None], Claim] = {}
    replaced: list[str] = []
    done: list[Claimed] = []
    for one in new:
        known = added.get(_identity(one)) or standing_now.get(_identity(one))
        entry_id = entries[one.key].id
        if known and rules.says_the_same(known, one) and not rules.needs_refresh(
            known.claimed_at, known.expires_at, unit.now
        ):  # fmt: skip
            done.append(Claimed(known.id, entry_id, Outcome.UNCHANGED))
            continue
        if known and _identity(one) not in added:
            replaced.append(known.id)
        added[_identity(one)] = one
        done.append(Claimed(one.id, entry_id, Outcome.UPDATED if known else Outcome.ADDED))
    made = list(added.values())
    if made:
        store.end_claims(unit.conn, replaced, ClaimEnd.SUPERSEDED, unit.actor.reference, "", unit.now)
        store.insert_claims(unit.conn, made)
        touched = {one.key for one in made}
        if len(touched) < len({one.key for one in new}):
            # What they were merged with comes along by itself.
            entries = {key: entries[key] for key in touched}
        project(unit, entries)
        for one in made:
            _append_claimed(unit, one, entries[one.key].id)
        forget_origins(unit, [f"claim:{one}" for one in replaced])
        given = {one.id: draft for one, draft in zip(new, drafts, strict=True)}
        tie_claims(unit, [(one, given[one.id]) for one in made])
        if replaced:
            append(
                unit, "registry.claims_replaced", f"registry_source:{source.code}", {"claims": replaced},
                rows=[("registry_claim", one) for one in replaced],
            )  # fmt: skip
    return done


def withdraw_claim(unit: Unit, claim_id: str, reasons: str) -> None:
    """The claimant takes its claim back, or a desk that decides about entries does; with reasons."""
    row = unit.conn.execute(sa.select(claims).where(claims.c.id == claim_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="claim")
    known = store.claim_from_row(row)
    if unit.actor.agency_id == known.claimant:
        require(unit.actor, Permission.REGISTRY_CLAIM, known.claimant)
    else:
        require(unit.actor, Permission.REGISTRY_DECIDE)
    check_reasons(reasons)
    _withdraw(unit, [known.key], [known.id], reasons)


def clear_own_claims(unit: Unit, keys: Sequence[str], source: str) -> int:
    """An agency takes back its own living claims from one source on these keys; how many there were."""
    require(unit.actor, Permission.REGISTRY_CLAIM, unit.actor.agency_id)
    rows = unit.conn.execute(
        sa.select(claims.c.id, claims.c.key)
        .join(entry, entry.c.id == claims.c.entry_id)
        .where(
            store.among(unit.conn, entry.c.key, keys), claims.c.claimant == unit.actor.agency_id,
            claims.c.source == source, claims.c.ended_at.is_(None),
        )
    ).all()  # fmt: skip
    if rows:
        _withdraw(unit, [row.key for row in rows], [row.id for row in rows], ClaimEnd.WITHDRAWN.value)
    return len(rows)


def withdraw_origin(unit: Unit, origin: str, reasons: str) -> int:
    """What a hold or report gave rise to goes with it, by itself. Returns how many claims ended."""
    require(unit.actor, Permission.REGISTRY_CLAIM)
    rows = unit.conn.execute(
        sa.select(claims.c.id, claims.c.key).where(claims.c.origin == origin, claims.c.ended_at.is_(None))
    ).all()
    if rows:
        _withdraw(unit, [row.key for row in rows], [row.id for row in rows], reasons)
    return len(rows)


def check_reasons(text: str, field: str = "reasons") -> str:
    """Reasons in words; BadInput where there are none or a book."""
    cleaned = text.strip()
    if not cleaned:
        raise BadInput(InputReason.MISSING, field=field)
    if len(cleaned) > NOTE_MAX:
        raise BadInput(InputReason.TOO_LONG, field=field, limit=NOTE_MAX)
    return cleaned


def _withdraw(unit: Unit, keys: list[str], claim_ids: list[str], reasons: str) -> None:
    entries = store.locked_entries(unit.conn, keys, unit.now)
    # Read under the lock: two may have come to withdraw at once.
    ended = unit.conn.execute(
        sa.select(claims.c.id).where(claims.c.id.in_(claim_ids), claims.c.ended_at.is_not(None))
    ).first()
    if ended is not None:
        raise Conflict(RegistryReason.CLAIM_ENDED)
    store.end_claims(unit.conn, claim_ids, ClaimEnd.WITHDRAWN, unit.actor.reference, reasons.strip(), unit.now)
    project(unit, entries)
    forget_origins(unit, [f"claim:{one}" for one in claim_ids])
    for one in claim_ids:
        append(unit, "registry.claim_withdrawn", f"claim:{one}", {}, rows=[("registry_claim", one)])


def _standing_of(unit: Unit, agency_id: str) -> Standing:
    return Standing(standing_of_kind(agency(unit.conn, agency_id).kind, unit.now))


def _checked(
    unit: Unit, draft: ClaimDraft, source_code: str, claimant: str, standing: Standing, position: int
) -> Claim:
    source = claim_source(source_code, unit.now)
    try:
        parse_key(draft.key)
        return rules.checked_claim(
            draft, source, unit.now, claim_id=new_id(), claimant=claimant, standing=standing,
            made_by=unit.actor.reference,
        )  # fmt: skip
    except (BadInput, NotFound) as error:
        raise BadInput(error.reason, field=f"claims.{position}.{error.field or 'key'}", **error.params) from error


def _identity(one: Claim) -> tuple[str, str, str | None]:
    return one.key, one.reason, one.origin


def _append_claimed(unit: Unit, one: Claim, entry_id: str) -> None:
    append(
        unit, "registry.claimed", f"registry_entry:{entry_id}",
        {
            "claim": one.id, "claimant": one.claimant, "standing": one.standing, "source": one.source,
            "reason": one.reason, "confidence": one.confidence, "origin": one.origin,
            "expires_at": one.expires_at.isoformat(),
        },
        rows=[("registry_claim", one.id)], legal_basis=one.legal_basis,
    )  # fmt: skip
