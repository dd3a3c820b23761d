"""Two keys that are one thing: a person accepts, refuses, or takes the merge back; always with reasons.

Merged entries stay entries of their own, with their own decisions and appeals; claims on one support the others.
Nothing is rewritten, so taking a merge back leaves everything as if it had never been.
"""

import sqlalchemy as sa

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.storage import Unit, hold_names
from lachan.foundation.trail import append
from lachan.registry import rules, store
from lachan.registry.actions.claims import check_reasons
from lachan.registry.actions.projecting import project
from lachan.registry.actions.relating import forget_origins, relate
from lachan.registry.model import Edge, Merge, MergeState, MergeWhy, RegistryReason, RelationKind
from lachan.registry.tables import merge
from lachan.registry.views.merges import renamed_banks

# A thing has a few writings; more than this is a chain of mistakes.
MERGED_MAX = 12
# One word at a time on what is the same: two merges at once would each not see what the other joins.
_MERGING = "merging"
_FACTS = {MergeState.ACCEPTED: "merged", MergeState.REFUSED: "merge_refused", MergeState.UNDONE: "merge_undone"}


def accept_merge(unit: Unit, key: str, other: str, reasons: str) -> Merge:
    """These two are one thing: from now on claims about either support both verdicts.

    Refusals: SAME_KEY, NOTHING_CLAIMED (about one of them), MERGED_ALREADY, MERGED_TOO_MANY, DIFFERENT_ACCOUNTS.
    """
    made = _said(unit, key, other, MergeState.ACCEPTED, reasons)
    relate(unit, [Edge(RelationKind.SAME_AS, made.key, made.other, f"merge:{made.id}")])
    return made


def refuse_merge(unit: Unit, key: str, other: str, reasons: str) -> Merge:
    """These two are not one thing, and are not proposed again. Refusals: as `accept_merge`."""
    return _said(unit, key, other, MergeState.REFUSED, reasons)


def undo_merge(unit: Unit, merge_id: str, reasons: str) -> Merge:
    """It was a mistake: each entry stands on its own claims again. NOT_MERGED where it is not in effect."""
    require(unit.actor, Permission.REGISTRY_DECIDE)
    text = check_reasons(reasons)
    hold_names(unit.conn, [_MERGING])
    row = unit.conn.execute(sa.select(merge).where(merge.c.id == merge_id)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="merge")
    entries = store.locked_entries(unit.conn, [row.key, row.other], unit.now)
    kept = store.merge_of(unit.conn, row.key, row.other)
    if kept is None or kept.state is not MergeState.ACCEPTED:
        raise Conflict(RegistryReason.NOT_MERGED)
    made = _write(unit, kept, kept.why, MergeState.UNDONE, text)
    forget_origins(unit, [f"merge:{made.id}"])
    project(unit, entries)
    return made


def _said(unit: Unit, key: str, other: str, state: MergeState, reasons: str) -> Merge:
    require(unit.actor, Permission.REGISTRY_DECIDE)
    text = check_reasons(reasons)
    first, second = sorted((key, other))
    if first == second:
        raise BadInput(RegistryReason.SAME_KEY, field="other")
    if len(store.entries_by_key(unit.conn, [first, second])) < 2:
        raise Conflict(RegistryReason.NOTHING_CLAIMED)
    hold_names(unit.conn, [_MERGING])
    entries = store.locked_entries(unit.conn, [first, second], unit.now)
    claims = store.claims_of(unit.conn, [first, second])
    if not (claims[first] and claims[second]):
        raise Conflict(RegistryReason.NOTHING_CLAIMED)
    kept = store.merge_of(unit.conn, first, second)
    if kept is not None and kept.state is MergeState.ACCEPTED:
        raise Conflict(RegistryReason.MERGED_ALREADY)
    if state is MergeState.ACCEPTED and len(entries) > MERGED_MAX:
        raise Conflict(RegistryReason.MERGED_TOO_MANY, limit=MERGED_MAX)
    renamed = renamed_banks(unit.conn, unit.now)
    if state is MergeState.ACCEPTED and not rules.one_bank(entries, renamed):
        raise Conflict(RegistryReason.DIFFERENT_ACCOUNTS)
    twins = rules.possible_twins(first, renamed)
    why = twins.get(second, MergeWhy.BY_HAND)
    blank = Merge(new_id(), first, second, why, state, text, unit.actor.reference, unit.now)
    made = _write(unit, kept or blank, why, state, text)
    if state is MergeState.ACCEPTED:
        project(unit, entries)
    return made


def _write(unit: Unit, kept: Merge, why: MergeWhy, state: MergeState, text: str) -> Merge:
    values = {
        "why": why, "state": state, "reasons": text, "decided_by": unit.actor.reference, "decided_at": unit.now,
    }  # fmt: skip
    changed = unit.conn.execute(sa.update(merge).where(merge.c.id == kept.id).values(values))
    if changed.rowcount == 0:
        unit.conn.execute(sa.insert(merge).values(id=kept.id, key=kept.key, other=kept.other, **values))
    append(
        unit, f"registry.{_FACTS[state]}", f"registry_merge:{kept.id}", {"why": why},
        rows=[("registry_merge", kept.id)],
    )  # fmt: skip
    return Merge(kept.id, kept.key, kept.other, why, state, text, unit.actor.reference, unit.now)
