"""The holder of a listed identifier objects; whoever decides gives reasons and was never involved before."""

from dataclasses import dataclass

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed, NotFound, new_id, new_reference_code
from lachan.foundation.identifiers import other_scheme
from lachan.foundation.storage import Unit, enqueue
from lachan.foundation.taxonomy import clock, retention
from lachan.foundation.trail import append
from lachan.registry import store
from lachan.registry.actions.claims import check_reasons
from lachan.registry.actions.decisions import keep_at, open_review, take_off
from lachan.registry.model import VERDICT_ORDER, Appeal, AppealOutcome, Entry, RegistryReason, Verdict
from lachan.registry.tables import appeal, entry

APPEAL_PREFIX = "KD"
LAST_LEVEL = 3
_LIMITS = {1: "appeal_first_decision_limit", 2: "appeal_second_decision", 3: "appeal_third_decision"}


@dataclass(frozen=True, slots=True)
class ListingObjection:
    """What a holder says: who, how to be reached, and why the listing is wrong."""

    holder_name: str
    holder_contact: str
    grounds: str


def open_appeal(unit: Unit, notice_code: str, objection: ListingObjection) -> str:
    """Open an appeal by the notice's code; returns the appeal's own code. One open appeal a listing."""
    require(unit.actor, Permission.REGISTRY_APPEAL_OPEN)
    said = {
        name: check_reasons(getattr(objection, name), name) for name in ("holder_name", "holder_contact", "grounds")
    }
    found = unit.conn.execute(sa.select(entry.c.id).where(entry.c.notice_code == notice_code)).scalar()
    if found is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    kept = store.locked_entry(unit.conn, found)
    if kept.in_force(unit.now) is Verdict.CLEAR:
        raise Conflict(RegistryReason.NOT_LISTED, state=kept.state)
    level = _next_level(store.appeals_of(unit.conn, kept.id), kept)
    appeal_id, code = new_id(), new_reference_code(APPEAL_PREFIX)
    decide_by = clock(_LIMITS[level], unit.now).deadline(unit.now)
    target = clock("appeal_first_decision_target", unit.now).deadline(unit.now) if level == 1 else decide_by
    unit.conn.execute(
        sa.insert(appeal).values(
            id=appeal_id, code=code, entry_id=kept.id, level=level, opened_at=unit.now, target_at=target,
            decide_by=decide_by, listed_since=kept.listed_since, **said,
        )
    )  # fmt: skip
    append(
        unit, "registry.appeal_opened", f"registry_appeal:{appeal_id}", {"entry": kept.id, "level": level},
        rows=[("registry_appeal", appeal_id)], personal={"grounds": said["grounds"]},
        destroy_salt_after=retention("retention_appeal", unit.now).deadline(unit.now),
    )  # fmt: skip
    open_review(unit, kept, code, appeal_id=appeal_id)
    enqueue(
        unit, "registry_appeal_overdue", {"appeal_id": appeal_id}, key=f"listing_appeal:{appeal_id}", due_at=target
    )
    return code


def decide_appeal(
    unit: Unit, appeal_id: str, outcome: AppealOutcome, reasons: str, *, verdict: Verdict | None = None
) -> None:
    """Decide with reasons: upheld delists, partly lowers to `verdict`, rejected keeps the verdict and its date.

    Not by anybody who claimed, decided or judged before in this matter.
    """
    require(unit.actor, Permission.REGISTRY_APPEAL_DECIDE)
    text = check_reasons(reasons)
    found = appeal_by_id(unit, appeal_id)
    kept = store.locked_entry(unit.conn, found.entry_id)
    found = appeal_by_id(unit, appeal_id)
    if found.outcome is not None:
        raise Conflict(RegistryReason.APPEAL_DECIDED, outcome=found.outcome)
    _not_involved(unit, kept)
    if outcome is AppealOutcome.PARTLY:
        _check_lower(verdict, kept)
    unit.conn.execute(
        sa.update(appeal)
        .where(appeal.c.id == appeal_id)
        .values(decided_at=unit.now, decided_by=unit.actor.reference, outcome=outcome, reasons=text)
    )
    if outcome is AppealOutcome.UPHELD:
        take_off(unit, kept, text, appeal_id=appeal_id)
        # What it was merged with, and the same address under the other scheme, is the same thing in another
        # writing: its holder has been heard.
        same = [kept.key, *_other_scheme(unit, kept.key)]
        for key, twin in store.locked_entries(unit.conn, same, unit.now).items():
            if key != kept.key and twin.in_force(unit.now) is not Verdict.CLEAR:
                take_off(unit, twin, text, appeal_id=appeal_id)
    elif kept.in_force(unit.now) is not Verdict.CLEAR:
        keep_at(unit, kept, verdict or kept.verdict, text, appeal_id=appeal_id)
    append(
        unit, "registry.appeal_decided", f"registry_appeal:{appeal_id}",
        {"entry": kept.id, "outcome": outcome, "level": found.level}, rows=[("registry_appeal", appeal_id)],
    )  # fmt: skip


def _other_scheme(unit: Unit, key: str) -> list[str]:
    other = other_scheme(key)
    return list(unit.conn.execute(sa.select(entry.c.key).where(entry.c.key == other)).scalars()) if other else []


def appeal_overdue(unit: Unit, appeal_id: str) -> None:
    """The target for a decision has come and nobody has decided: it is marked, and rings again at the limit."""
    require(unit.actor, Permission.CLOCK_RUN)
    found = appeal_by_id(unit, appeal_id)
    if found.outcome is not None:
        return
    unit.conn.execute(sa.update(appeal).where(appeal.c.id == appeal_id).values(overdue_at=unit.now))
    append(
        unit, "registry.appeal_overdue", f"registry_appeal:{appeal_id}",
        {"entry": found.entry_id, "level": found.level, "limit": unit.now >= found.decide_by},
        rows=[("registry_appeal", appeal_id)],
    )  # fmt: skip
    if unit.now < found.decide_by:
        enqueue(
            unit, "registry_appeal_overdue", {"appeal_id": appeal_id}, key=f"listing_appeal:{appeal_id}",
            due_at=found.decide_by,
        )  # fmt: skip


def appeal_by_id(unit: Unit, appeal_id: str) -> Appeal:
    """One appeal. NotFound if there is none."""
    row = unit.conn.execute(sa.select(appeal).where(appeal.c.id == appeal_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="appeal")
    return store.appeal_from_row(row)


def _next_level(earlier: list[Appeal], kept: Entry) -> int:
    # A new listing after an upheld appeal begins at the first level again.
    since = max(
        (one.decided_at for one in earlier if one.outcome is AppealOutcome.UPHELD and one.decided_at), default=None
    )
    known = [one for one in earlier if since is None or one.opened_at > since]
    if any(one.outcome is None for one in known):
        raise Conflict(RegistryReason.APPEAL_OPEN)
    level = max((one.level for one in known), default=0) + 1
    if level > LAST_LEVEL:
        raise Conflict(RegistryReason.APPEAL_LEVELS_USED)
    return level


def _not_involved(unit: Unit, kept: Entry) -> None:
    decisions = store.decisions_of(unit.conn, [kept.id])[kept.id]
    claims = store.bearing_claims(unit.conn, [kept.key])[kept.key]
    involved = {one.made_by for one in decisions} | {one.made_by for one in claims}
    involved |= {one.checked_by for one in decisions if one.checked_by}
    involved |= {one.decided_by for one in store.appeals_of(unit.conn, kept.id) if one.decided_by}
    if unit.actor.reference in involved:
        raise NotAllowed(RegistryReason.SAME_PERSON)


def _check_lower(verdict: Verdict | None, kept: Entry) -> None:
    if verdict is None:
        raise BadInput(InputReason.MISSING, field="verdict")
    if not 0 < VERDICT_ORDER.index(verdict) < VERDICT_ORDER.index(kept.verdict):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="verdict", value=verdict)
