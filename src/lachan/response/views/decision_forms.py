"""The forms behind the decisions of a golden hour: what each asks, and on what it may rest."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lachan.foundation.base import VIETNAM, format_vnd
from lachan.foundation.protocol import ConfirmationOutcome, PartKind, Refusal, total
from lachan.foundation.taxonomy import agency_kind, follow_up, hold_limit_at, hold_step, legal_bases, vietnam_date
from lachan.intake import Loss, LossConfirmation
from lachan.response.actions.appeals import LAST_LEVEL
from lachan.response.model import ENDED, HOLDING, Hold, Verdict
from lachan.response.rules import lawful
from lachan.response.rules import tasks as kinds_of
from lachan.response.shapes import Action, Choice, DecisionPage, Field, FormField, Message, Notice
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import tail, words

Typed = Mapping[str, str]
PARTS_MAX = 3
# An authority's paper: what is written on it.
PAPER = (("issuer", "text"), ("number", "text"), ("signatory", "text"), ("scope", "area"))


def decision_page(
    record: Record,
    name: str,
    *,
    typed: Typed,
    hold: Hold | None = None,
    wrong: Mapping[str, Message] | None = None,
    notice: Notice | None = None,
) -> DecisionPage:
    """The form of one decision; the fields that each asks for stand at the end of this file."""
    asked = _FIELDS[name](record, hold)
    said: dict[str, object] = {}
    if hold is not None:
        said = {"institution": record.names.institution(hold.institution), "step": hold.step}
    return DecisionPage(
        code=record.trace.code,
        title=Message(f"web.act.{name}_title", said),
        effect=Message(f"web.act.{name}_effect", said),
        facts=_about(record, name, hold, typed),
        fields=tuple(_filled(one, typed, wrong or {}) for one in asked),
        action=f"/trace/{record.trace.code}/{name}",
        submit=Message(f"web.act.{name}_do"),
        back_href=f"/trace/{record.trace.code}",
        hidden={"hold": hold.id} if hold is not None else {},
        compelling=name in {"extend", "convert", "raise", "analyse"},
        second_person=Message("web.say.second_person") if name == "raise" else None,
        others=_recommend_instead(record, name, hold),
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
    others += tuple(_papers(task, base))
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


def _papers(task: Any, base: str) -> Iterable[Action]:
    """What a task is done with: its letter, or the form for what was said."""
    about = task.key.partition(":")[2]
    letter = Message("web.act.letter_open")
    if task.kind in {kinds_of.TELL, kinds_of.SERVE_NOTICE, kinds_of.RELEASE_UNCONFIRMED}:
        if "." not in about:
            yield Action(letter, f"{base}/messages/{about}/letter.pdf", icon="note")
    elif task.kind == kinds_of.RECOMMENDATION:
        yield Action(letter, f"{base}/holds/{task.hold_id}/recommendation.pdf", icon="note")
    elif task.kind == kinds_of.CONFIRM_CALL:
        yield Action(Message("web.act.confirm_open"), f"{base}/confirm?loss={about}", icon="note")
        yield Action(letter, f"{base}/losses/{about}/confirm.pdf", icon="note")
    elif task.kind == kinds_of.FIND_PAYER:
        yield Action(Message("web.act.payer_open"), f"{base}/payer?loss={about}", icon="note")
    elif task.kind in {kinds_of.APPEAL_UNDECIDED, kinds_of.APPEAL_ESCALATED}:
        appeal_id = about.partition(":")[0]
        yield Action(Message("web.act.appeal_open"), f"{base}/appeal?appeal={appeal_id}", icon="note")


def task_title(record: Record, kind: str) -> Message:
    """What a task is called."""
    if kind in kinds_of.OWN_KINDS:
        return Message(f"web.act.{kind}")
    return words(follow_up(kind, record.now).label(record.language))


def holding(record: Record) -> list[Hold]:
    """The holds of this trace that hold money now, the largest first."""
    mine = [hold for hold in record.holds.values() if hold.state in HOLDING and hold.trace_id == record.trace.id]
    return sorted(mine, key=lambda hold: -total(hold.held))


def _about(record: Record, name: str, hold: Hold | None, typed: Typed) -> tuple[tuple[Message, Message], ...]:
    if name == "appeal":
        found = next((one for one in record.appeals if one.id == typed.get("appeal")), None)
        return _about_appeal(record, found) if found is not None else ()
    return _facts(record, hold) if hold is not None else ()


def _about_appeal(record: Record, row: Any) -> tuple[tuple[Message, Message], ...]:
    """What the holder says; who says it, and why, only to who has stated a purpose."""
    hidden = Message("web.act.appeal_hidden")
    return (
        *_facts(record, record.holds[row.hold_id]),
        (Message("web.act.appeal_level"), words(f"{row.level}/{LAST_LEVEL}")),
        (Message("web.act.appeal_claimed"), words(format_vnd(row.claimed_vnd))),
        (Message("web.act.appeal_by"), words(f"{row.decide_by.astimezone(VIETNAM):%H:%M %d/%m/%Y}")),
        (Message("web.act.appeal_holder"), words(row.holder_name or "–") if record.full else hidden),
        (Message("web.act.appeal_grounds"), words(row.grounds or "–") if record.full else hidden),
    )


def extendable(record: Record) -> list[Hold]:
    """The holds that an extension can prolong: an authority's freeze lasts as long as its decision says."""
    return [hold for hold in holding(record) if hold.step < lawful.FIRST_STEP_BY_DECISION]


def convertible(record: Record) -> list[Hold]:
    """The holds that an authority's decision may be entered for at this desk."""
    return [hold for hold in holding(record) if lawful_steps(record, hold, hold.step - 1)]


def lawful_steps(record: Record, hold: Hold, above: int) -> tuple[int, ...]:
    """The steps by decision above `above` that this desk may ask for with this hold."""
    least = max(above, lawful.POLICY_STEP_MAX)
    return lawful.steps_for(record.asker_kind, least, record.now, hold.recommended)


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


def _which(record: Record, hold: Hold | None, among: list[Hold]) -> tuple[FormField, ...]:
    if hold is not None:
        return ()
    found = among
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
    steps = {hold.step} if hold else {one.step for one in extendable(record)}
    hint, value = None, ""
    if hold is not None:
        limit = hold_limit_at(hold.step, hold.basis, hold.placed_at or record.now)
        if limit is not None:
            hint = Message("web.act.until_limit", {"at": limit, "day": vietnam_date(limit)})
            value = local_text(limit)
    basis = hold.basis if hold else ""
    return (
        *_which(record, hold, extendable(record)),
        _field("basis", "select", value=basis, choices=_bases(record, sorted(steps))),
        _field("until", "moment", value=value, hint=hint),
        *(_field(name, kind, required=False, hint=Message("web.act.paper_hint")) for name, kind in PAPER),
    )  # fmt: skip


def _decision(record: Record, hold: Hold | None, above: int = lawful.POLICY_STEP_MAX) -> tuple[FormField, ...]:
    """What an authority has decided: only the steps that this desk may ask for, and only issuers who may decide."""
    among = convertible(record)
    asked = [hold] if hold is not None else among
    lowest = max(above, *(one.step - 1 for one in asked)) if asked else above
    steps = sorted({step for one in asked for step in lawful_steps(record, one, lowest)})
    kinds = dict.fromkeys(
        kind
        for one in asked
        for step in steps
        for kind in hold_step(step, record.now).decided_by
        if lawful.recommended_to(one.recommended, step) in {None, kind}
    )
    return (
        *_which(record, hold, among),
        _field("step", "select", choices=[Choice(str(step), Message(f"web.step.{step}")) for step in steps]),
        _field("basis", "select", choices=_bases(record, steps)),
        _field("issuer_kind", "select", choices=_kinds(record, kinds)),
        *(_field(name, kind) for name, kind in PAPER),
        _field("term_ends_at", "moment", required=False, hint=Message("web.act.term_hint")),
        _field("review_at", "moment", required=False, hint=Message("web.act.review_hint")),
    )  # fmt: skip


def _raise(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    """The same, but with a term: nothing else would end such a hold."""
    above = max(hold.step, lawful.POLICY_STEP_MAX) if hold else lawful.POLICY_STEP_MAX
    asked = (one for one in _decision(record, hold, above) if one.name != "review_at")
    hint = Message("web.act.term_needed")
    return tuple(replace(one, required=True, hint=hint) if one.name == "term_ends_at" else one for one in asked)


def _recommend(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    above = hold.step if hold else lawful.POLICY_STEP_MAX
    steps = lawful.steps_to_recommend(record.asker_kind, above, record.now)
    kinds = dict.fromkeys(kind for step in steps for kind in hold_step(step, record.now).decided_by)
    among = [one for one in record.holds.values() if one.state not in ENDED and one.trace_id == record.trace.id]
    return (
        *_which(record, hold, among),
        _field("step", "select", choices=[Choice(str(step), Message(f"web.step.{step}")) for step in steps]),
        _field("to", "select", choices=_kinds(record, kinds)),
    )


def _kinds(record: Record, kinds: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(kind, text=agency_kind(kind, record.now).label(record.language)) for kind in kinds)


def _recommend_instead(record: Record, name: str, hold: Hold | None) -> tuple[Action, ...]:
    """What this desk may not ask for it may still recommend to who may."""
    above = hold.step if hold else lawful.POLICY_STEP_MAX
    if name not in {"raise", "convert"} or not lawful.steps_to_recommend(record.asker_kind, above, record.now):
        return ()
    about = f"?hold={hold.id}" if hold is not None else ""
    return (Action(Message("web.act.recommend_open"), f"/trace/{record.trace.code}/recommend{about}", icon="note"),)


def _release(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    reasons = tuple(Choice(one, Message(f"web.act.reason_{one}")) for one in ("officer", "authority"))
    hint = Message("web.act.amount_hint")
    return (
        *_which(record, hold, holding(record)), _field("amount_vnd", "money", required=False, hint=hint),
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


def _confirm(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    """What the payer's institution said of a disputed transfer on the telephone."""
    outcomes = [Choice(one.value, Message(f"web.outcome.{one.value}")) for one in ConfirmationOutcome]
    waiting = [loss for loss in _unconfirmed(record) if loss.payer_institution is not None]
    return (
        _field("loss", "select", choices=_losses(record, waiting)),
        _field("outcome", "select", choices=outcomes),
        _field("confirmed_vnd", "money", required=False, hint=Message("web.act.confirmed_hint")),
        _field("real_reference", "text", required=False),
        _field("decided_by", "text"),
    )


def _payer(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    waiting = [loss for loss in _unconfirmed(record) if loss.payer_institution is None]
    return (_field("loss", "select", choices=_losses(record, waiting)), _field("payer_bank", "text"))


def _unconfirmed(record: Record) -> list[Loss]:
    open_to_word = {LossConfirmation.PENDING, LossConfirmation.LAPSED}
    return [loss for loss in record.report.losses if loss.confirmation in open_to_word and not loss.duplicate_of]


def _losses(record: Record, losses: Iterable[Loss]) -> tuple[Choice, ...]:
    def told(loss: Loss) -> str:
        payer = record.names.institution(loss.payer_institution)
        return f"{payer} · {format_vnd(loss.amount_vnd)} · {loss.booked_at.astimezone(VIETNAM):%H:%M %d/%m}"

    return tuple(Choice(loss.id, text=told(loss)) for loss in losses)


def _appeal(record: Record, hold: Hold | None) -> tuple[FormField, ...]:
    choices = [
        Choice(one.id, text=f"{one.code} · {record.names.institution(record.holds[one.hold_id].institution)}")
        for one in record.appeals
    ]
    return (
        _field("appeal", "select", choices=choices),
        _field("release_vnd", "money", value="0", hint=Message("web.act.release_vnd_hint")),
        _field("reasons", "area"),
    )


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
    "recommend": _recommend,
    "answer": _answer,
    "confirm": _confirm,
    "payer": _payer,
    "appeal": _appeal,
    "analyse": _analyse,
}
