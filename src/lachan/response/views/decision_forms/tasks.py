"""A task on its page: what is to be done, with which letter, and how it was done."""

from collections.abc import Iterable, Mapping
from typing import Any

from lachan.foundation.base import format_vnd
from lachan.foundation.taxonomy import follow_up
from lachan.response.rules import tasks as kinds_of
from lachan.response.shapes import Action, DecisionPage, FormField, Message
from lachan.response.views.decision_forms.fields import Typed, filled, hold_facts
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import words


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
        facts=(*_asked_for(task), *hold_facts(record, hold)) if hold is not None else (),
        fields=(filled(FormField("note", "area", Message("web.act.note")), typed, wrong),),
        action=f"{base}/tasks/{task_id}",
        submit=Message("web.say.next_task_do"),
        back_href=base,
        others=others,
    )


def _asked_for(task: Any) -> Iterable[tuple[Message, Message]]:
    """How much of a freeze its issuer is to lift: less than is held, so that it must stand there."""
    if task.kind == kinds_of.LIFT_REQUEST and task.amount_vnd:
        yield Message("web.act.lift_vnd"), words(format_vnd(task.amount_vnd))


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
