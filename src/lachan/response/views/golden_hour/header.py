"""The head of the golden hour: which report, whose, what state, how fast."""

from datetime import datetime

from lachan.foundation.access import Permission, mask_name, may
from lachan.foundation.taxonomy import scam_form, situation
from lachan.intake import Channel, LossConfirmation
from lachan.response.model import TraceState
from lachan.response.shapes import Action, Deadline, GoldenHeader, Message, State, Timing
from lachan.response.views.golden_hour.load import Record
from lachan.response.views.names import masked_phone, words

_STATES = {
    TraceState.CREATED: State.MOVING,
    TraceState.TRACKED: State.MOVING,
    TraceState.AWAITING_ANALYSIS: State.LOCATED,
    TraceState.ANALYSED: State.HELD,
    TraceState.REFUNDING: State.RETURNED,
    TraceState.COMPLETED: State.RETURNED,
    TraceState.CANCELLED: State.NOTHING,
}


def header(record: Record) -> GoldenHeader:
    """The head of the page; names and telephone masked until a purpose has been stated."""
    trace, report = record.trace, record.report
    label = (
        scam_form(report.scam_form, record.now) if report.scam_form else situation(report.situation, record.now)
    ).label(record.language)
    name, phone = report.victim_name or "–", report.victim_phone or ""
    confirmation, due = _confirmation(record)
    return GoldenHeader(
        code=trace.code,
        status=Message(f"web.say.trace_{trace.state}"),
        status_state=_STATES[trace.state],
        scam_form=words(label),
        origin=_origin(record),
        story=report.story or "",
        victim=name if record.full else mask_name(name),
        victim_phone=phone if record.full else masked_phone(phone) if phone else "–",
        purpose_href=None if record.full else f"/purpose?trace={trace.code}",
        confirmation=confirmation,
        confirmation_due=due,
        timings=(
            Timing(Message("web.say.timing_report"), trace.opened_at),
            Timing(
                Message("web.say.timing_request"), trace.first_request_at, _after(record, trace.first_request_at)
            ),
            Timing(Message("web.say.timing_hold"), trace.first_hold_at, _after(record, trace.first_hold_at)),
        ),
        first_transfer_at=trace.first_transfer_at,
        officer=record.people.get(trace.officer_id or ""),
        take=_take(record),
    )


def _take(record: Record) -> Action | None:
    """The viewer may take it, or take it over from a colleague."""
    trace = record.trace
    over = trace.state in {TraceState.COMPLETED, TraceState.CANCELLED}
    if over or trace.officer_id == record.actor.id or not may(record.actor, Permission.HOLD_REQUEST, trace.desk_id):
        return None
    label = Message("web.golden.take_over" if trace.officer_id else "web.golden.take")
    return Action(label, f"/trace/{trace.code}/take", post=True)


def _origin(record: Record) -> Message:
    report = record.report
    payers = {loss.payer_institution for loss in report.losses if loss.payer_institution}
    said = {"losses": len(report.losses), "banks": max(1, len(payers)), "place": report.place or ""}
    if report.channel is Channel.INSTITUTION:
        bank = record.names.institution(next(iter(sorted(payers)), None))
        return Message("web.say.came_from_bank", {**said, "bank": bank})
    return Message("web.say.came_from_desk" if report.channel is Channel.DESK else "web.say.came_from_public", said)


def _after(record: Record, at: datetime | None) -> Message | None:
    if at is None:
        return None
    seconds = max(0, round((at - record.trace.opened_at).total_seconds()))
    if seconds < 120:
        return Message("web.say.after_seconds", {"count": seconds})
    return Message("web.say.after_minutes", {"count": seconds // 60})


def _confirmation(record: Record) -> tuple[Message | None, Deadline | None]:
    losses = [loss for loss in record.report.losses if loss.duplicate_of is None]
    if not losses:
        return None, None
    by = {state: [loss for loss in losses if loss.confirmation is state] for state in LossConfirmation}
    bank = record.names.institution(losses[0].payer_institution)
    if denied := by[LossConfirmation.DENIED]:
        bank = record.names.institution(denied[0].payer_institution)
        return Message(
            "web.say.confirmation_denied", {"bank": bank, "denied": len(denied), "losses": len(losses)}
        ), None
    if pending := by[LossConfirmation.PENDING]:
        first = min(pending, key=lambda loss: loss.confirm_by)
        bank = record.names.institution(first.payer_institution)
        said = {"bank": bank, "confirmed": len(by[LossConfirmation.CONFIRMED]), "losses": len(losses)}
        return (
            Message("web.say.confirmed_some", said),
            Deadline(first.confirm_by, record.trace.opened_at, 600),
        )
    if by[LossConfirmation.LAPSED]:
        return Message("web.say.confirmation_lapsed", {"bank": bank}), None
    return Message("web.say.confirmed_all", {"bank": bank, "losses": len(losses)}), None
