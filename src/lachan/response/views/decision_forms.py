"""The forms behind the decisions of a golden hour: what each asks, and on what it may rest."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from lachan.foundation.base import VIETNAM, format_vnd
from lachan.foundation.protocol import PartKind, Refusal, total
from lachan.foundation.taxonomy import follow_up, hold_limit_at, legal_bases, vietnam_date
from lachan.response.model import HOLDING, Hold, Verdict
from lachan.response.rules.lawful import FIRST_STEP_BY_DECISION
from lachan.response.rules.tasks import OWN_KINDS
from lachan.response.shapes import Action, Choice, DecisionPage, Field, FormField, Message, Notice
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import tail, words

Typed = Mapping[str, str]
PARTS_MAX = 3
LAST_STEP = 4


def decision_page(
    record: Record,
    name: str,
    *,
    typed: Typed,
    hold: Hold | None = None,
    wrong: Mapping[str, Message] | None = None,
    notice: Notice | None = None,
) -> DecisionPage:
    """The form of one decision: `extend`, `convert`, `release`, `cancel`, `raise`, `answer` or `analyse`."""
    asked = _FIELDS[name](record, hold)
    said: dict[str, object] = {}
    if hold is not None:
        said = {"institution": record.names.institution(hold.institution), "step": hold.step}
    return DecisionPage(
        code=record.trace.code,
        title=Message(f"web.act.{name}_title", said),
        effect=Message(f"web.act.{name}_effect", said),
        facts=_facts(record, hold) if hold is not None else (),
        fields=tuple(_filled(one, typed, wrong or {}) for one in asked),
        action=f"/trace/{record.trace.code}/{name}",
        submit=Message(f"web.act.{name}_do"),
        back_href=f"/trace/{record.trace.code}",
        hidden={"hold": hold.id} if hold is not None else {},
        compelling=name in {"extend", "convert", "raise", "analyse"},
        second_person=Message("web.say.second_person") if name == "raise" else None,
        notice=notice,
    )


def task_page(record: Record, task_id: str, *, wrong: Mapping[str, Message], typed: Typed) -> DecisionPage | None:
    """A task and how it was done; a telephone task also leads to the form for what was said."""
    task = next((task for task in record.tasks if task.id == task_id), None)
    if task is None:
        return None
    hold = record.holds.get(task.hold_id) if task.hold_id else None
    who = record.names.institution(task.institution)
    base = f"/trace/{record.trace.code}"
    title = (
        Message("web.say.next_call", {"institution": who})
        if task.kind == "telephone"
        else task_title(record, task.kind)
    )
    others: tuple[Action, ...] = ()
    calls = task.kind == "telephone"
    if hold is not None and calls:
        # In the order of the call: what to say and have read back, the signed letter to send, what was answered.
        papers = f"{base}/holds/{hold.id}"
        others = (
            Action(Message("web.act.call_sheet_open"), f"{papers}/call-sheet.pdf", icon="phone"),
            Action(Message("web.act.letter_open"), f"{papers}/request.pdf", icon="note"),
        )
    if hold is not None and record.is_waiting(hold):
        address = f"{base}/answer?hold={hold.id}"
        others += (Action(Message("web.act.answer_open"), address, icon="check", primary=True),)
    return DecisionPage(
        code=record.trace.code,
        title=title,
        effect=Message("web.act.call_effect" if calls else "web.act.task_effect"),
        facts=_facts(record, hold) if hold is not None else (),
        fields=(_filled(FormField("note", "area", Message("web.act.note")), typed, wrong),),
        action=f"{base}/tasks/{task_id}",
        submit=Message("web.say.next_task_do"),
        back_href=base,
        others=others,
    )


def task_title(record: Record, kind: str) -> Message:
    """What a task is called."""
    if kind in OWN_KINDS:
        return Message(f"web.act.{kind}")
    return words(follow_up(kind, record.now).label(record.language))


def holding(record: Record) -> list[Hold]:
    """The holds of this trace that hold money now, the largest first."""
    mine = [hold for hold in record.holds.values() if hold.state in HOLDING and hold.trace_id == record.trace.id]
    return sorted(mine, key=lambda hold: -total(hold.held))


def _facts(record: Record, hold: Hold) -> tuple[tuple[Message, Message], ...]:
    view = record.names.identifier(hold.account, hold.institution, full=record.full)
    answered = hold.answered_at is not None
    return (
        (Message("web.holds.account"), words(f"{view.institution} {view.shown}")),
        (Message("web.holds.requested"), words(format_vnd(total(hold.asked)))),
        (
            Message("web.holds.held"),
            words(format_vnd(total(hold.held))) if answered else Message("web.holds.waiting"),
        ),
        (Message("web.act.reference"), words(hold.reference)),
    )


def _filled(one: FormField, typed: Typed, wrong: Mapping[str, Message]) -> FormField:
    value = typed.get(one.name, one.value.value)
    return replace(one, value=Field(value, wrong.get(one.name)))


def _field(name: str, kind: str, *, value: str = "", required: bool = True, hint: Message | None = None,
           choices: Iterable[Choice] = ()) -> FormField:  # fmt: skip
    return FormField(name, kind, Message(f"web.act.{name}"), Field(value), tuple(choices), required, hint)


def _which(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    if hold is not None:
        return ()
    found = holding(record)
    choices = (
        Choice(one.id, Message("web.act.hold_choice", {
            "institution": record.names.institution(one.institution), "tail": tail(one.account),
            "held_vnd": total(one.held), "step": one.step,
        }), chosen=len(found) == 1)
        for one in found
    )  # fmt: skip
    return (_field("hold", "select", choices=choices),)


def _bases(record: Record, steps: Iterable[int]) -> tuple[Choice, ...]:
    found = {row.code: row for step in steps for row in legal_bases(record.now, step=step)}
    return tuple(Choice(code, text=row.label(record.language)) for code, row in found.items())


def _extend(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    steps = {hold.step} if hold else {one.step for one in holding(record)}
    hint, value = None, ""
    if hold is not None:
        limit = hold_limit_at(hold.step, hold.basis, hold.placed_at or record.now)
        if limit is not None:
            hint = Message("web.act.until_limit", {"at": limit, "day": vietnam_date(limit)})
            value = local_text(limit)
    basis = hold.basis if hold else ""
    return (
        *_which(record, hold), _field("basis", "select", value=basis, choices=_bases(record, sorted(steps))),
        _field("until", "moment", value=value, hint=hint),
    )  # fmt: skip


def _decision(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    low = max(FIRST_STEP_BY_DECISION, hold.step if hold else 0)
    steps = tuple(Choice(str(step), Message(f"web.step.{step}")) for step in range(low, LAST_STEP + 1))
    return (
        *_which(record, hold), _field("step", "select", choices=steps),
        _field("basis", "select", choices=_bases(record, range(low, LAST_STEP + 1))), _field("issuer", "text"),
        _field("number", "text"), _field("signatory", "text"), _field("scope", "area"),
        _field("term_ends_at", "moment", required=False, hint=Message("web.act.term_hint")),
        _field("review_at", "moment", required=False, hint=Message("web.act.review_hint")),
    )  # fmt: skip


def _raise(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    """The same, but with a term: nothing else would end such a hold."""
    asked = (one for one in _decision(record, hold) if one.name != "review_at")
    hint = Message("web.act.term_needed")
    return tuple(replace(one, required=True, hint=hint) if one.name == "term_ends_at" else one for one in asked)


def _release(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    reasons = tuple(Choice(one, Message(f"web.act.reason_{one}")) for one in ("officer", "authority"))
    hint = Message("web.act.amount_hint")
    return (
        *_which(record, hold), _field("amount_vnd", "money", required=False, hint=hint),
        _field("reason", "select", choices=reasons),
    )  # fmt: skip


def _cancel(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    return (_field("why", "area"),)


def _answer(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    kinds = tuple(
        Choice(kind.value, Message(f"web.act.part_{kind.value}"))
        for kind in PartKind
        if kind is not PartKind.UNEXPLAINED
    )
    refusals = tuple(Choice(one.value, Message(f"web.say.refusal_{one.value}")) for one in Refusal)
    fields = [
        _field("decided_by", "text"), _field("held_vnd", "money", hint=Message("web.act.held_hint")),
        _field("available_vnd", "money", required=False),
        _field("placed_at", "moment", value=local_text(record.now), required=False),
        _field("refusal", "select", choices=refusals, required=False),
    ]  # fmt: skip
    for number in range(PARTS_MAX):
        for name, kind in (("kind", "select"), ("amount", "money"), ("reference", "text"), ("payee", "text")):
            label = Message(f"web.act.part_{name}")
            choices = kinds if name == "kind" else ()
            hint = Message("web.act.part_payee_hint") if name == "payee" else None
            opens = Message("web.act.part_row", {"number": number + 1}) if name == "kind" else None
            fields.append(
                FormField(
                    f"part_{number}_{name}", kind, label, Field(), choices, False, hint, opens, name == "payee"
                )
            )
    return tuple(fields)


def _analyse(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    """A verdict on each hop, as the answers have it unless the officer says otherwise."""
    verdicts = tuple(Choice(one.value, Message(f"web.act.verdict_{one.value}")) for one in Verdict)
    fields = []
    for hop in record.hops:
        if hop.spans:
            said = {
                "depth": hop.depth, "institution": record.names.institution(hop.institution),
                "tail": tail(hop.account), "amount_vnd": total(hop.spans),
            }  # fmt: skip
            label = Message("web.act.hop_verdict", said)
            fields.append(FormField(f"hop_{hop.id}", "select", label, Field(Verdict.AGREED.value), verdicts))
    return (*fields, _field("conclusion", "area"))


def local_text(at: datetime) -> str:
    """An instant as a browser's date-and-time field holds it, Vietnamese time."""
    return at.astimezone(VIETNAM).replace(second=0, microsecond=0, tzinfo=None).isoformat(timespec="minutes")


_FIELDS = {
    "extend": _extend,
    "convert": _decision,
    "release": _release,
    "cancel": _cancel,
    "raise": _raise,
    "answer": _answer,
    "analyse": _analyse,
}
