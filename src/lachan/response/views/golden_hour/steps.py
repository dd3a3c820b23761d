"""What to do next and why, the most money first; and the decisions that this viewer may take."""

from collections.abc import Iterator

from lachan.foundation.access import Permission, may
from lachan.foundation.protocol import total
from lachan.foundation.taxonomy import vietnam_date
from lachan.response.model import HOLDING, Hold, HoldState, TraceState
from lachan.response.rules import lawful
from lachan.response.rules.analysis import is_cancellable
from lachan.response.rules.tasks import BRANCH_END, RELEASE_DIFFERS, RELEASE_UNTOLD
from lachan.response.shapes import Action, Asking, Decision, Message, NextStep
from lachan.response.views.approvals import short_basis
from lachan.response.views.decision_forms import convertible, extendable, lawful_steps, offered, task_title
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.reports import task_href

STEPS_MAX = 6
ASKING_MAX = 4
_Ranked = tuple[int, NextStep]


def next_steps(record: Record) -> tuple[NextStep, ...]:
    """The most money first."""
    found = [*_from_holds(record), *_from_appeals(record), *_from_tasks(record)]
    found.sort(key=lambda ranked: -ranked[0])
    return tuple(step for _, step in found[:STEPS_MAX])


def _from_holds(record: Record) -> Iterator[_Ranked]:
    desk_id = record.trace.desk_id
    for hold in record.holds.values():
        who = record.names.institution(hold.institution)
        there_vnd = sum(hop.sum.located_vnd for hop in record.hops if hop.hold_id == hold.id)
        if hold.state is HoldState.DRAFTED:
            said = {"institution": who, "step": hold.step}
            yield total(hold.asked), NextStep(
                Message("web.say.next_approve", said), total(hold.asked), Message("web.say.next_approve_why"),
                Action(Message("web.say.do_approve"), f"/approvals/{hold.id}", icon="shield", primary=True,
                       basis=_basis(record, hold)),
            )  # fmt: skip
        elif (
            (gap := record.unexplained_vnd(hold))
            and hold.answer is not None
            and may(record.actor, Permission.HOLD_REQUEST, desk_id)
        ):
            yield gap, NextStep(
                Message("web.say.next_ask", {"institution": who}), gap, Message("web.say.next_ask_why"),
                Action(Message("web.say.next_ask_do"), f"/trace/{record.trace.code}/ask", post=True,
                       fields={"hold": hold.id, "revision": str(hold.revision)}, icon="refresh"),
            )  # fmt: skip
        elif hold.state is HoldState.REFUSED and there_vnd and may(record.actor, Permission.HOLD_REQUEST, desk_id):
            yield there_vnd, _higher(record, hold, who, there_vnd)


def _from_appeals(record: Record) -> Iterator[_Ranked]:
    """An account holder waits for a decision, and it has a limit."""
    if not may(record.actor, Permission.APPEAL_DECIDE, record.trace.desk_id):
        return
    for one in record.appeals:
        form = f"/trace/{record.trace.code}/appeal?appeal={one.id}"
        action = Action(Message("web.act.appeal_open"), form, more=True)
        why = Message("web.act.next_appeal_why", {"at": one.decide_by, "day": vietnam_date(one.decide_by)})
        title = Message("web.act.next_appeal", {"code": one.code, "level": one.level})
        yield one.claimed_vnd, NextStep(title, one.claimed_vnd, why, action)


def _higher(record: Record, hold: Hold, who: str, there_vnd: int) -> NextStep:
    """A higher step, as far as this desk may ask for it; else its recommendation to who may."""
    why = Message("web.say.next_raise_why", {"step": hold.step})
    if steps := lawful_steps(record, hold, hold.step):
        action = Action(Message("web.say.next_raise_do"), _about(record, "raise", hold), more=True,
                        second_person=Message("web.say.second_person"))  # fmt: skip
        title = Message("web.say.next_raise", {"institution": who, "step": steps[0]})
        return NextStep(title, there_vnd, why, action)
    action = Action(Message("web.act.recommend_open"), _about(record, "recommend", hold), more=True)
    return NextStep(Message("web.act.next_recommend", {"institution": who}), there_vnd, why, action)


def _from_tasks(record: Record) -> Iterator[_Ranked]:
    if not may(record.actor, Permission.TASK_WORK, record.trace.desk_id):
        return
    for task in record.tasks:
        if task.state != "open":
            continue
        hold = record.holds.get(task.hold_id) if task.hold_id else None
        who = record.names.institution(task.institution)
        base = f"/trace/{record.trace.code}/tasks/{task.id}"
        if task.kind == "telephone" and hold is not None:
            action = Action(Message("web.say.next_call_do"), base, icon="phone", primary=True, more=True,
                            basis=_basis(record, hold))  # fmt: skip
            title = Message("web.say.next_call", {"institution": who})
            why = (
                Message(f"web.say.next_{task.reason}")
                if task.reason in {RELEASE_UNTOLD, RELEASE_DIFFERS}
                else _sentence(record, hold, task.amount_vnd, "next_call")
            )
            yield task.amount_vnd, NextStep(title, task.amount_vnd, why, action)
        elif task.kind == "hold_ends_soon" and hold is not None and hold.expires_at is not None:
            # A freeze by decision is not extended: its authority decides anew.
            longer = "convert" if hold.step >= lawful.FIRST_STEP_BY_DECISION else "extend"
            label = Message("web.say.decision_freeze" if longer == "convert" else "web.say.decision_extend")
            action = Action(label, _about(record, longer, hold), more=True)
            why = Message("web.say.next_extend_why", {"at": hold.expires_at, "day": vietnam_date(hold.expires_at)})
            step = NextStep(Message("web.say.next_extend", {"institution": who}), task.amount_vnd, why, action)
            yield task.amount_vnd, step
        else:
            href = task_href(task, record.trace.code)
            label = Message("web.say.next_task_do" if href == base else "web.say.next_open")
            action = Action(label, href, more=True)
            why = Message("web.say.next_task_why", {"institution": who})
            if task.reason != BRANCH_END and task.due_at is not None:
                why = Message("web.say.next_due_why", {"at": task.due_at, "day": vietnam_date(task.due_at)})
            yield task.amount_vnd // 8, NextStep(task_title(record, task.kind), task.amount_vnd, why, action)


def decisions(record: Record) -> tuple[Decision, ...]:
    """What this viewer may decide about this trace now."""
    actor, desk_id, found = record.actor, record.trace.desk_id, []
    holding = [hold for hold in record.holds.values() if hold.state in HOLDING and hold.trace_id == record.trace.id]
    base = f"/trace/{record.trace.code}"
    if convertible(record) and may(actor, Permission.HOLD_CONVERT, desk_id):
        label = Message("web.say.decision_freeze")
        found.append(Decision(Action(label, f"{base}/convert", more=True), "lock"))
    elif holding and offered(record, "recommend") and may(actor, Permission.HOLD_REQUEST, desk_id):
        label = Message("web.act.recommend_open")
        found.append(Decision(Action(label, f"{base}/recommend", more=True), "lock"))
    if extendable(record) and may(actor, Permission.HOLD_EXTEND, desk_id):
        found.append(Decision(Action(Message("web.say.decision_extend"), f"{base}/extend", more=True), "refresh"))
    if offered(record, "release") and may(actor, Permission.HOLD_RELEASE, desk_id):
        found.append(Decision(Action(Message("web.say.decision_release"), f"{base}/release", more=True), "back"))
    if record.trace.state is TraceState.AWAITING_ANALYSIS and may(actor, Permission.TRACE_ANALYSE, desk_id):
        found.append(
            Decision(Action(Message("web.say.decision_analyse"), f"{base}/analyse", more=True), "verified")
        )
    if may(actor, Permission.REPORT_HANDLE, desk_id):
        label = Message("web.say.decision_report")
        found.append(Decision(Action(label, f"/desk/reports/{record.trace.code}", more=True), "note"))
    if is_cancellable(record.trace, record.now) and may(actor, Permission.TRACE_CANCEL, desk_id):
        found.append(Decision(Action(Message("web.say.decision_cancel"), f"{base}/cancel", more=True), "trash"))
    return tuple(found)


def asking(record: Record) -> tuple[Asking, ...]:
    """What the machine has asked and waits for, the most money first; what answers taught stands beside it."""
    waiting = [(total(hold.asked), hold) for hold in record.holds.values() if record.is_waiting(hold)]
    waiting.sort(key=lambda one: (-one[0], one[1].id))
    return tuple(
        Asking(
            record.names.institution(hold.institution), amount_vnd,
            _sentence(record, hold, amount_vnd, "next_ask"), f"#hold-{hold.id}",
        )
        for amount_vnd, hold in waiting[:ASKING_MAX]
    )  # fmt: skip


def _sentence(record: Record, hold: Hold, amount_vnd: int, key: str) -> Message:
    """How much is probably left, and how soon this institution answers as a rule; or what others told of it."""
    if onward_vnd := sum(total(one.spans) for one in record.told_onward(hold)):
        left_vnd = sum(hop.sum.moving_vnd for hop in record.hops if hop.hold_id == hold.id)
        word = {"institution": record.names.institution(hold.institution), "onward_vnd": onward_vnd}
        return Message("web.say.next_by_others", word | {"left_vnd": left_vnd})
    expected = record.outlook(hold, amount_vnd)
    said = {
        "institution": record.names.institution(hold.institution), "left_vnd": expected.left_vnd,
        "amount_vnd": amount_vnd, "minutes": max(0, int((record.now - hold.booked_at).total_seconds() // 60)),
        "percent": round(100 * expected.in_time), "count": expected.seen,
    }  # fmt: skip
    return Message(f"web.say.{key}_{'known' if expected.known else 'new'}", said)


def _about(record: Record, what: str, hold: Hold) -> str:
    return f"/trace/{record.trace.code}/{what}?hold={hold.id}"


def _basis(record: Record, hold: Hold) -> str:
    return short_basis(hold.basis, hold.drafted_at, record.language)
