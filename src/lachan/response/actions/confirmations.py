"""The payer's institution confirms a disputed transfer, or its hold lapses: this stops malicious reports."""

from collections.abc import Collection

from lachan.foundation.base import BadInput, NotFound
from lachan.foundation.protocol import AnswerReason, Confirmation, ConfirmationOutcome, EventType
from lachan.foundation.protocol.outbox import Outbox, close_subject
from lachan.foundation.storage import Unit, cancel
from lachan.foundation.taxonomy import clock
from lachan.intake import Loss, LossConfirmation, loss_by_id, settle_confirmation, wake_duplicate
from lachan.response import store
from lachan.response.actions.endings import end_all
from lachan.response.actions.spent import end_tasks
from lachan.response.actions.tasks import open_task
from lachan.response.actions.work import wait_turn, working
from lachan.response.model import EndReason
from lachan.response.rules.tasks import LATE_CONFIRMATION


def take_confirmation(unit: Unit, outbox: Outbox, reply: Confirmation, codes: Collection[str]) -> None:
    """Take what the payer's institution found. A denial ends the loss's holds at once."""
    wait_turn(unit)
    try:
        loss = loss_by_id(unit.conn, reply.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    if loss.payer_institution not in codes:
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    confirmed = reply.outcome is ConfirmationOutcome.CONFIRMED and reply.amount_vnd in {None, loss.amount_vnd}
    close_subject(unit, loss.payer_institution or "", f"loss:{loss.id}", (EventType.TRANSFER_CONFIRM,))
    if loss.confirmation is not LossConfirmation.PENDING:
        if confirmed and loss.confirmation is LossConfirmation.LAPSED:
            _note_late(unit, outbox, loss)
        return
    cancel(unit, f"confirm:{loss.id}")
    outcome = LossConfirmation.CONFIRMED if confirmed else LossConfirmation.DENIED
    _settle(unit, outbox, loss, outcome, by=loss.payer_institution or "")


def lapse_confirmation(unit: Unit, outbox: Outbox, loss_id: str) -> None:
    """Nobody confirmed in time: the holds of this loss lapse."""
    loss = loss_by_id(unit.conn, loss_id)
    if loss.confirmation is LossConfirmation.PENDING:
        _settle(unit, outbox, loss, LossConfirmation.LAPSED, by="clock")
    elif loss.confirmation is not LossConfirmation.CONFIRMED:
        _end(unit, outbox, loss)


def _note_late(unit: Unit, outbox: Outbox, loss: Loss) -> None:
    """Confirmed after the hold lapsed: the loss was true, and an officer decides what is still worth asking."""
    settle_confirmation(unit, loss, LossConfirmation.CONFIRMED, by=loss.payer_institution or "")
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is not None:
        with working(unit, outbox, trace.id) as work:
            open_task(
                work, LATE_CONFIRMATION, f"{LATE_CONFIRMATION}:{loss.id}", hold_id=None,
                institution=loss.payee_institution, amount_vnd=loss.amount_vnd,
                due_at=clock("follow_up_urgent", unit.now).deadline(unit.now), subject=f"loss:{loss.id}",
            )  # fmt: skip


def _settle(unit: Unit, outbox: Outbox, loss: Loss, outcome: LossConfirmation, *, by: str) -> None:
    settle_confirmation(unit, loss, outcome, by=by)
    end_tasks(unit, f"loss.{outcome}", f"loss:{loss.id}", {})
    if outcome is not LossConfirmation.CONFIRMED:
        _end(unit, outbox, loss)
        wake_duplicate(unit, loss.id)


def _end(unit: Unit, outbox: Outbox, loss: Loss) -> None:
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is not None:
        with working(unit, outbox, trace.id) as work:
            end_all(work, EndReason.UNCONFIRMED, loss_id=loss.id)
