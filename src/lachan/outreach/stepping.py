"""One step of an item's life: its row, the step's own row, and the fact in the trail."""

from typing import Any

from lachan.foundation.base import Conflict, InputReason, new_id, new_reference_code
from lachan.foundation.storage import Unit, add_row, change_row
from lachan.foundation.trail import append
from lachan.outreach import rules, store
from lachan.outreach.model import CODE_PREFIX, Act, Campaign, Item, ItemDraft, ItemState, Rise
from lachan.outreach.tables import item, step

# Back to draft is to be sent back; every other step is named after the state that it leads to.
_ACTS = {state: Act(state.value) for state in ItemState if state is not ItemState.DRAFT} | {
    ItemState.DRAFT: Act.RETURNED
}


def begin(unit: Unit, draft: ItemDraft, agency_id: str, found: Rise | None = None) -> Item:
    """A new draft with its first step."""
    row = add_row(
        unit.conn, item,
        {
            "id": new_id(), "code": new_reference_code(CODE_PREFIX[draft.kind]), "kind": draft.kind.value,
            "state": ItemState.DRAFT.value, "agency_id": agency_id, "campaign_id": draft.campaign_id,
            "rise": store.rise_as_json(found) if found else None, "made_by": unit.actor.reference,
            "made_at": unit.now, "version": 1, **_content(unit, draft),
        },
    )  # fmt: skip
    made = store.item_from_row(row)
    _note(unit, made, Act.DRAFTED)
    return made


def rewrite(unit: Unit, one: Item, draft: ItemDraft) -> Item:
    """Other words for a locked draft."""
    values = {**_content(unit, draft), "version": one.version + 1}
    changed = store.item_from_row(change_row(unit.conn, item, one.id, values))
    _note(unit, changed, Act.CHANGED)
    return changed


def take_step(
    unit: Unit, one: Item, state: ItemState, *, code: str | None = None, words: str | None = None, **changes: Any
) -> Item:
    """Bring a locked item to `state`, with what changes beside; Conflict where its life does not lead there."""
    rules.check_step(one.state, state)
    values = {"state": state.value, "changed_at": unit.now, "version": one.version + 1, **changes}
    changed = store.item_from_row(change_row(unit.conn, item, one.id, values))
    _note(unit, changed, _ACTS[state], code=code, words=words)
    return changed


def check_version(one: Item | Campaign, version: int | None) -> None:
    """Conflict CHANGED_MEANWHILE where somebody decided about other words than those that are kept now."""
    if version is not None and version != one.version:
        raise Conflict(InputReason.CHANGED_MEANWHILE)


def _content(unit: Unit, draft: ItemDraft) -> dict[str, Any]:
    return {
        "channel": draft.channel, "audience": draft.audience, "scam_form": draft.scam_form,
        "severity": draft.severity.value if draft.severity else None, "words": rules.words_as_json(draft),
        "digest": rules.digest_of(draft), "expires_at": draft.expires_at, "changed_at": unit.now,
    }  # fmt: skip


def _note(unit: Unit, one: Item, act: Act, *, code: str | None = None, words: str | None = None) -> None:
    step_id = new_id()
    add_row(
        unit.conn, step,
        {
            "id": step_id, "item_id": one.id, "act": act.value, "state": one.state.value,
            "by": unit.actor.reference, "agency_id": unit.actor.agency_id, "at": unit.now, "code": code,
            "words": words,
        },
    )  # fmt: skip
    append(
        unit, f"outreach.{act.value}", f"outreach:{one.id}",
        {
            "code": one.code, "kind": one.kind.value, "channel": one.channel, "audience": one.audience,
            "form": one.scam_form, "campaign": one.campaign_id, "version": one.version, "digest": one.digest,
            "why": code,
        },
        rows=[("outreach_item", one.id), ("outreach_step", step_id)],
    )  # fmt: skip
