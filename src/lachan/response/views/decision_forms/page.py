"""The page of one decision: about the hold that was named, the only one there is, or the one to be chosen first."""

from collections.abc import Mapping
from typing import Any

from lachan.foundation.base import VIETNAM, format_vnd
from lachan.response.actions.appeals import LAST_LEVEL
from lachan.response.model import Hold
from lachan.response.shapes import Action, DecisionPage, FormField, Message, Notice
from lachan.response.views.decision_forms.fields import (
    Typed,
    fields_of,
    filled,
    hold_facts,
    which_hold,
    whose,
)
from lachan.response.views.decision_forms.offers import is_about_a_hold, is_possible, offer_of, offered
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import words

# Their words speak of the one institution that they are about.
_OF_ONE = frozenset({"raise", "answer"})


def decision_page(
    record: Record,
    name: str,
    *,
    typed: Typed,
    hold: Hold | None = None,
    wrong: Mapping[str, Message] | None = None,
    notice: Notice | None = None,
) -> DecisionPage:
    """The form of one decision; without fields where nothing can be decided, or a hold is to be chosen first."""
    base, about_hold = f"/trace/{record.trace.code}", is_about_a_hold(name)
    among = [] if not about_hold else offered(record, name) if hold is None else _still(record, name, hold)
    if hold is None and len(among) == 1:
        hold = among[0]
    said: dict[str, object] = {}
    if hold is not None:
        said = {"institution": record.names.institution(hold.institution), "step": hold.step}
    effect, asked, others = Message(f"web.act.{name}_effect", said), tuple[FormField, ...](), tuple[Action, ...]()
    if not (among if about_hold else is_possible(record, name)):
        effect = Message(f"web.act.{name}_nothing")
    elif hold is None and about_hold and (name in _OF_ONE or not _alike(record, name, among)):
        effect = Message("web.act.choose_hold")
        others = tuple(Action(whose(record, one), f"{base}/{name}?hold={one.id}", icon="account") for one in among)
    else:
        which = which_hold(record, among) if about_hold and hold is None else ()
        asked = (*which, *fields_of(record, name, among))
    return DecisionPage(
        code=record.trace.code,
        title=Message(
            f"web.act.{name}_title_any" if name in _OF_ONE and hold is None else f"web.act.{name}_title", said
        ),
        effect=effect,
        facts=_about(record, name, hold, typed),
        fields=tuple(filled(one, typed, wrong or {}) for one in asked),
        action=f"{base}/{name}",
        submit=Message(f"web.act.{name}_do"),
        back_href=base,
        hidden={"hold": hold.id} if hold is not None else {},
        compelling=name in {"extend", "convert", "raise", "analyse"},
        second_person=Message("web.say.second_person") if name == "raise" and asked else None,
        others=(*others, *_recommend_instead(record, name, hold)),
        notice=notice,
    )


def _still(record: Record, name: str, hold: Hold) -> list[Hold]:
    return [hold] if offer_of(record, name, hold) is not None else []


def _alike(record: Record, name: str, among: list[Hold]) -> bool:
    """Whether one form fits them all: the same may be stated of each."""
    return len({offer_of(record, name, one) for one in among}) == 1


def _recommend_instead(record: Record, name: str, hold: Hold | None) -> tuple[Action, ...]:
    """What this desk may not ask for it may still recommend to who may."""
    if name not in {"raise", "convert"}:
        return ()
    if not (offered(record, "recommend") if hold is None else _still(record, "recommend", hold)):
        return ()
    about = f"?hold={hold.id}" if hold is not None else ""
    return (Action(Message("web.act.recommend_open"), f"/trace/{record.trace.code}/recommend{about}", icon="note"),)


def _about(record: Record, name: str, hold: Hold | None, typed: Typed) -> tuple[tuple[Message, Message], ...]:
    if name == "appeal":
        found = next((one for one in record.appeals if one.id == typed.get("appeal")), None)
        return _about_appeal(record, found) if found is not None else ()
    return hold_facts(record, hold) if hold is not None else ()


def _about_appeal(record: Record, row: Any) -> tuple[tuple[Message, Message], ...]:
    """What the holder says; who says it, and why, only to who has stated a purpose."""
    hidden = Message("web.act.appeal_hidden")
    return (
        *hold_facts(record, record.holds[row.hold_id]),
        (Message("web.act.appeal_level"), words(f"{row.level}/{LAST_LEVEL}")),
        (Message("web.act.appeal_claimed"), words(format_vnd(row.claimed_vnd))),
        (Message("web.act.appeal_by"), words(f"{row.decide_by.astimezone(VIETNAM):%H:%M %d/%m/%Y}")),
        (Message("web.act.appeal_holder"), words(row.holder_name or "–") if record.full else hidden),
        (Message("web.act.appeal_grounds"), words(row.grounds or "–") if record.full else hidden),
    )
