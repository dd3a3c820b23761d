"""The payer's institution confirms a disputed transfer, or its hold lapses: this stops malicious reports."""

from collections.abc import Collection
from datetime import datetime

from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, Conflict, InputReason, NotFound, new_id
from lachan.foundation.protocol import (
    AnswerReason,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    EventType,
    Transfer,
)
from lachan.foundation.protocol.outbox import Outbox, close_subject
from lachan.foundation.storage import Unit, cancel
from lachan.foundation.taxonomy import clock
from lachan.intake import (
    Loss,
    LossConfirmation,
    correct_loss,
    loss_by_id,
    settle_confirmation,
    wait_for_reports,
)
from lachan.ledger import learn_loss, withdraw_loss
from lachan.response import store
from lachan.response.actions.corrections import lower_loss, name_transfer
from lachan.response.actions.endings import end_all
from lachan.response.actions.reports import wake_next
from lachan.response.actions.spent import end_tasks
from lachan.response.actions.tasks import close_task, open_task
from lachan.response.actions.telling import reaches
from lachan.response.actions.work import Work, note_change, wait_turn, working
from lachan.response.model import EndReason, HoldReason
from lachan.response.rules.confirming import read_confirmation
from lachan.response.rules.tasks import CONFIRM_CALL, FIND_PAYER, LATE_CONFIRMATION


def ask_to_confirm(work: Work, loss: Loss) -> None:
    """Ask the payer's institution. Where nobody there fetches messages, somebody telephones with the letter; where
    nobody knows which institution it is, somebody finds out.
    """
    now = work.unit.now
    due_at = min(loss.confirm_by, clock("hop_answer", now).deadline(now))
    payer = loss.payer_institution
    if payer is None:
        _open(work, FIND_PAYER, loss, due_at=due_at)
        return
    work.outbox.send(
        work.unit, payer, f"loss:{loss.id}",
        ConfirmationRequest(
            id=loss.id, trace_code=work.trace.code, institution=payer,
            transfer=Transfer(
                reference=loss.reference, booked_at=loss.booked_at, amount_vnd=loss.amount_vnd,
                payer_institution=payer,
            ),
            payer_account=loss.payer_account, payee_institution=loss.payee_institution,
            payee_account=loss.payee_account, answer_by=loss.confirm_by,
        ),
        priority=loss.amount_vnd // 2,
    )  # fmt: skip
    if not reaches(work, payer):
        _open(work, CONFIRM_CALL, loss, due_at=due_at)


def take_confirmation(unit: Unit, outbox: Outbox, reply: Confirmation, codes: Collection[str]) -> None:
    """Take what the payer's institution found. A denial ends the loss's holds at once."""
    wait_turn(unit)
    try:
        loss = loss_by_id(unit.conn, reply.request_id)
    except NotFound as error:
        raise BadInput(AnswerReason.WRONG_REQUEST, field="request_id") from error
    if loss.payer_institution not in codes:
        raise BadInput(AnswerReason.WRONG_INSTITUTION, field="request_id")
    if reply.outcome is ConfirmationOutcome.AMOUNT_DIFFERS and reply.amount_vnd is None:
        # Without it the word would deny all of the transfer and free what is held.
        raise BadInput(AnswerReason.CONFIRMED_AMOUNT_MISSING, field="amount_vnd")
    close_subject(unit, loss.payer_institution or "", f"loss:{loss.id}", (EventType.TRANSFER_CONFIRM,))
    _take(unit, outbox, loss, reply)


def enter_confirmation(
    unit: Unit,
    outbox: Outbox,
    loss_id: str,
    *,
    outcome: ConfirmationOutcome,
    amount_vnd: int | None,
    decided_by: str,
    transfer_reference: str | None = None,
) -> None:
    """An officer enters what the payer's institution said on the telephone; it counts as its own word."""
    wait_turn(unit)
    loss = _at_desk(unit, loss_id)
    if loss.payer_institution is None:
        raise Conflict(InputReason.MISSING, field="payer_institution")
    if loss.confirmation not in {LossConfirmation.PENDING, LossConfirmation.LAPSED}:
        raise Conflict(HoldReason.WRONG_STATE, state=loss.confirmation)
    if outcome is ConfirmationOutcome.AMOUNT_DIFFERS and amount_vnd is None:
        # Without it the word would deny all of the transfer and free what is held.
        raise BadInput(InputReason.MISSING, field="confirmed_vnd")
    said = Confirmation(
        message_id=new_id(), request_id=loss.id, outcome=outcome, amount_vnd=amount_vnd, decided_by=decided_by,
        transfer_reference=transfer_reference,
    )  # fmt: skip
    close_subject(unit, loss.payer_institution, f"loss:{loss.id}", (EventType.TRANSFER_CONFIRM,))
    _take(unit, outbox, loss, said)


def name_payer(unit: Unit, outbox: Outbox, loss_id: str, institution: str) -> None:
    """An officer has found out from which institution the victim paid: it is asked to confirm."""
    wait_turn(unit)
    loss = _at_desk(unit, loss_id)
    if loss.payer_institution is not None:
        raise Conflict(HoldReason.WRONG_STATE, state=loss.payer_institution)
    trace = store.trace_of_report(unit.conn, loss.report_id)
    loss = correct_loss(unit, loss, payer_institution=institution, by=unit.actor.reference)
    close_task(unit, f"{FIND_PAYER}:{loss.id}", institution)
    # Once the time to confirm is over nobody is asked in writing: what a telephone call tells is entered here.
    if trace is not None and loss.confirmation is LossConfirmation.PENDING and loss.confirm_by > unit.now:
        with working(unit, outbox, trace.id) as work:
            ask_to_confirm(work, loss)


def _at_desk(unit: Unit, loss_id: str) -> Loss:
    loss = loss_by_id(unit.conn, loss_id)
    trace = store.trace_of_report(unit.conn, loss.report_id)
    require(unit.actor, Permission.ANSWER_ENTER, agency_id=trace.desk_id if trace else None)
    return loss


def _open(work: Work, kind: str, loss: Loss, *, due_at: datetime) -> None:
    open_task(
        work, kind, f"{kind}:{loss.id}", hold_id=None, institution=loss.payer_institution,
        amount_vnd=loss.amount_vnd, due_at=due_at, subject=f"loss:{loss.id}",
    )  # fmt: skip


def _take(unit: Unit, outbox: Outbox, loss: Loss, reply: Confirmation) -> None:
    outcome, amount_vnd = read_confirmation(reply.outcome, reply.amount_vnd, loss.amount_vnd)
    close_task(unit, f"{CONFIRM_CALL}:{loss.id}", loss.payer_institution or "", note=reply.decided_by)
    if loss.confirmation not in {LossConfirmation.PENDING, LossConfirmation.LAPSED}:
        return
    confirmed, late = outcome is LossConfirmation.CONFIRMED, loss.confirmation is LossConfirmation.LAPSED
    if late and not confirmed:
        return
    by = loss.payer_institution or ""
    if confirmed:
        loss = _correct(unit, outbox, loss, amount_vnd, reply.transfer_reference)
    if late:
        _note_late(unit, outbox, loss)
        return
    cancel(unit, f"confirm:{loss.id}")
    _settle(unit, outbox, loss, outcome, by=by)


def _correct(unit: Unit, outbox: Outbox, loss: Loss, amount_vnd: int, reference: str | None) -> Loss:
    """What the word says of the transfer itself: its amount, its reference."""
    by = loss.payer_institution or ""
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is None:
        return correct_loss(unit, loss, amount_vnd=amount_vnd, by=by) if amount_vnd < loss.amount_vnd else loss
    with working(unit, outbox, trace.id) as work:
        if amount_vnd < loss.amount_vnd:
            loss = lower_loss(work, loss, amount_vnd, by=by)
        return name_transfer(work, loss, reference, by=by)


def lapse_confirmation(unit: Unit, outbox: Outbox, loss_id: str) -> None:
    """Nobody confirmed in time: the holds of this loss lapse."""
    wait_turn(unit)
    loss = loss_by_id(unit.conn, loss_id)
    if loss.confirmation is LossConfirmation.PENDING:
        _settle(unit, outbox, loss, LossConfirmation.LAPSED, by="clock")
    elif loss.confirmation is not LossConfirmation.CONFIRMED:
        _end(unit, outbox, loss)


def _note_late(unit: Unit, outbox: Outbox, loss: Loss) -> None:
    """Confirmed after the hold lapsed: the loss was true, and an officer decides what is still worth asking."""
    settle_confirmation(unit, loss, LossConfirmation.CONFIRMED, by=loss.payer_institution or "")
    learn_loss(unit, loss, by=loss.payer_institution or "report")
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is not None:
        with working(unit, outbox, trace.id) as work:
            open_task(
                work, LATE_CONFIRMATION, f"{LATE_CONFIRMATION}:{loss.id}", hold_id=None,
                institution=loss.payee_institution, amount_vnd=loss.amount_vnd,
                due_at=clock("follow_up_urgent", unit.now).deadline(unit.now), subject=f"loss:{loss.id}",
            )  # fmt: skip


def _settle(unit: Unit, outbox: Outbox, loss: Loss, outcome: LossConfirmation, *, by: str) -> None:
    if outcome is not LossConfirmation.CONFIRMED:
        wait_for_reports(unit, [loss])
    settle_confirmation(unit, loss, outcome, by=by)
    end_tasks(unit, f"loss.{outcome}", f"loss:{loss.id}", {})
    if outcome is LossConfirmation.CONFIRMED:
        if (trace := store.trace_of_report(unit.conn, loss.report_id)) is not None:
            note_change(unit, trace.id)
    else:
        withdraw_loss(unit, loss.id, by=by)
        _end(unit, outbox, loss)
        wake_next(unit, loss.id)


def _end(unit: Unit, outbox: Outbox, loss: Loss) -> None:
    trace = store.trace_of_report(unit.conn, loss.report_id)
    if trace is not None:
        with working(unit, outbox, trace.id) as work:
            end_all(work, EndReason.UNCONFIRMED, loss_id=loss.id)
