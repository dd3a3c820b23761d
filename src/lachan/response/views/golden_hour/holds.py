"""The table of requests: what was asked, what is held, what the institution said, what clock runs."""

from lachan.foundation.protocol import total
from lachan.response.model import HOLDING, Hold, HoldState
from lachan.response.shapes import Action, Deadline, HoldRow, Message, Says, State
from lachan.response.views.approvals import short_basis
from lachan.response.views.golden_hour.graph import hop_state
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.resting import Word, resting_vnd, rests

_ENDED_WORDS = {
    HoldState.RELEASED: "answer_released",
    HoldState.EXPIRED: "answer_expired",
    HoldState.VOIDED: "answer_voided",
    HoldState.APPLIED: "answer_applied",
}


def hold_rows(record: Record) -> tuple[HoldRow, ...]:
    """Every request in the order of the hops, then of time."""
    ordered = sorted(record.holds.values(), key=lambda hold: (record.depth(hold), hold.booked_at, hold.id))
    return tuple(_row(record, hold) for hold in ordered)


def _row(record: Record, hold: Hold) -> HoldRow:
    state, answer = _state(record, hold), what_was_said(record, hold)
    said_at = hold.answered_at or hold.acknowledged_at or hold.requested_at or hold.drafted_at
    who = record.names.institution(hold.institution)
    answered = hold.answered_at is not None or hold.state in _ENDED_WORDS
    return HoldRow(
        key=hold.id,
        state=state,
        identifier=record.names.identifier(
            hold.account, hold.institution, state=state, full=record.full,
            says=(Says(who, answer, said_at),) if answered else (),
            purpose_href=f"/purpose?trace={record.trace.code}",
        ),
        requested_vnd=total(hold.asked),
        held_vnd=total(hold.held) if answered else None,
        step=hold.step,
        basis=short_basis(hold.basis, hold.drafted_at, record.language),
        answer=answer,
        at=said_at,
        due=_due(record, hold),
        action=_action(record, hold),
        pressing=record.is_waiting(hold),
        rests=rests(hold, _resting(record, hold)),
    )  # fmt: skip


def resting(record: Record) -> Message | None:
    """How much of what is held waits for the word of an institution that is silent, and of which."""
    found: dict[str, int] = {}
    for hold in record.holds.values():
        for (_, silent), amount_vnd in _resting(record, hold).items() if hold.state in HOLDING else ():
            found[silent] = found.get(silent, 0) + amount_vnd
    if not any(found.values()):
        return None
    silent = ", ".join(name for name, amount_vnd in found.items() if amount_vnd)
    return Message("web.say.bar_rests", {"amount_vnd": sum(found.values()), "silent": silent})


def _resting(record: Record, hold: Hold) -> dict[Word, int]:
    return resting_vnd(hold, (hop for hop in record.hops if hop.hold_id == hold.id), record.rests_on)


def _state(record: Record, hold: Hold) -> State:
    hops = [hop for hop in record.hops if hop.hold_id == hold.id]
    if hold.state in {HoldState.RELEASED, HoldState.EXPIRED, HoldState.VOIDED}:
        return State.NOTHING
    if hold.state is HoldState.APPLIED:
        return State.RETURNED
    if hold.state in HOLDING:
        return State.HELD if total(hold.held) == total(hold.asked) else State.PARTLY_HELD
    return hop_state(record, hops) if hops else State.WAITING


def what_was_said(record: Record, hold: Hold) -> Message:
    """The institution's answer in a sentence, or what is still waited for."""
    if hold.state in _ENDED_WORDS:
        return Message(f"web.say.{_ENDED_WORDS[hold.state]}")
    if hold.state in {HoldState.DRAFTED, HoldState.APPROVED}:
        return Message("web.say.answer_drafted")
    if hold.answer is None:
        if told := _by_others(record, hold):
            return told
        if record.is_silent(hold):
            key = "answer_unread" if hold.state is HoldState.REQUESTED else "answer_overdue"
            return Message(f"web.say.{key}")
        if hold.acknowledged_at is not None:
            return Message("web.say.answer_acknowledged", {"at": hold.acknowledged_at})
        return Message("web.say.answer_sent")
    return _answer(record, hold)


def _by_others(record: Record, hold: Hold) -> Message | None:
    """What of an unanswered request's money others say they received; None where they received none of it."""
    onward = record.told_onward(hold)
    if not onward:
        return None
    by = dict.fromkeys(record.names.institution(one.institution) for one in onward)
    said = {"by": ", ".join(by), "onward_vnd": sum(total(one.spans) for one in onward)}
    return Message("web.say.answer_by_others", said)


def _answer(record: Record, hold: Hold) -> Message:
    left = [part for part in (hold.answer or {}).get("parts", ()) if part.get("reference")]
    gap = record.unexplained_vnd(hold)
    if total(hold.held):
        if gap:
            return Message("web.say.answer_gap", {"gap_vnd": gap})
        if total(hold.held) == total(hold.asked):
            return Message("web.say.answer_full")
        if left:
            return Message("web.say.answer_partly", {"count": len(left)})
        return Message("web.say.answer_part_only")
    if hold.refusal and hold.refusal != "no_balance":
        return Message("web.say.answer_refused", {"reason": Message(f"web.say.refusal_{hold.refusal}")})
    if left:
        return Message("web.say.answer_none", {"count": len(left)})
    return Message("web.say.answer_empty")


def _due(record: Record, hold: Hold) -> Deadline | None:
    asked_at = hold.requested_at or hold.drafted_at
    if hold.state in HOLDING and hold.expires_at is not None:
        return Deadline(hold.expires_at, hold.placed_at or asked_at, 6 * 3600)
    if hold.state is HoldState.REQUESTED and hold.ack_by is not None:
        return Deadline(hold.ack_by, asked_at, 30)
    if hold.state is HoldState.ACKNOWLEDGED and hold.answer_by is not None:
        return Deadline(hold.answer_by, asked_at, 60)
    return None


def _action(record: Record, hold: Hold) -> Action | None:
    if hold.state is HoldState.DRAFTED:
        return Action(Message("web.say.do_approve"), f"/approvals/{hold.id}")
    return None
