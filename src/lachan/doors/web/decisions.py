"""Decisions about a trace: extend, convert, release, cancel, raise, ask again, analyse, enter an answer, a task."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from pydantic import ValidationError

from lachan.doors.api.problems import status_of
from lachan.doors.web.golden_hour import record_of, show
from lachan.doors.web.reading import amount, moment, needed_moment, payee, reference, who
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound, new_id
from lachan.foundation.protocol import (
    Answer,
    ConfirmationOutcome,
    Part,
    PartKind,
    Payee,
    Refusal,
    total,
)
from lachan.foundation.storage import Unit
from lachan.response import (
    Hold,
    Verdict,
    analyse_trace,
    ask_again,
    cancel_trace,
    confirm_notice_served,
    decide_appeal,
    enter_answer,
    enter_confirmation,
    extend_hold,
    finish_task,
    name_payer,
    propose_conversion,
    raise_hold,
    recommend_step,
    release_hold,
)
from lachan.response.rules.tasks import SERVE_NOTICE
from lachan.response.shapes import DecisionPage, Notice
from lachan.response.views.banks import Banks, banks_of
from lachan.response.views.decision_forms import PAPER, PARTS_MAX, decision_page, task_page
from lachan.response.views.golden_hour import Record

router = APIRouter(route_class=PageRoute, include_in_schema=False)
STEPS = frozenset("01234")
Do = Callable[[Visit, Unit, Record, Form], None]


def _extend(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    hold = _hold(record, form.needed("hold"))
    extend_hold(
        unit, visit.services.outbox, hold.id, basis=form.needed("basis"), until=needed_moment(form, "until"),
        decision=_paper(form) if any(form.text(name) for name, _ in PAPER) else None,
    )  # fmt: skip


def _convert(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    hold = _hold(record, form.needed("hold"))
    propose_conversion(
        unit, visit.services.outbox, hold.id, step=_step(form), basis=form.needed("basis"),
        decision=_stated(form), review_at=moment(form, "review_at"),
    )  # fmt: skip


def _raise(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    hold = _hold(record, form.needed("hold"))
    raise_hold(
        unit, visit.services.outbox, hold.id, step=_step(form), basis=form.needed("basis"), decision=_stated(form)
    )


def _recommend(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    hold = _hold(record, form.needed("hold"))
    recommend_step(unit, visit.services.outbox, hold.id, step=_step(form), to_kind=form.needed("to"))


def _confirm(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    outcome = form.needed("outcome")
    if outcome not in set(ConfirmationOutcome):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="outcome", value=outcome[:40])
    amount_vnd = amount(form, "confirmed_vnd")
    if amount_vnd == 0:
        raise BadInput(InputReason.NOT_POSITIVE, field="confirmed_vnd")
    enter_confirmation(
        unit, visit.services.outbox, _loss(record, form.needed("loss")), outcome=ConfirmationOutcome(outcome),
        amount_vnd=amount_vnd, decided_by=who(form, "decided_by"),
        transfer_reference=reference(form, "real_reference"),
    )  # fmt: skip


def _payer(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    code = banks_of(unit.conn).code(form.needed("payer_bank"))
    if code is None:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="payer_bank", value=form.text("payer_bank")[:40])
    name_payer(unit, visit.services.outbox, _loss(record, form.needed("loss")), code)


def _appeal(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    appeal_id = form.needed("appeal")
    if appeal_id not in {one.id for one in record.appeals}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="appeal")
    release_vnd = amount(form, "release_vnd")
    if release_vnd is None:
        raise BadInput(InputReason.MISSING, field="release_vnd")
    decide_appeal(unit, visit.services.outbox, appeal_id, release_vnd=release_vnd, reasons=form.needed("reasons"))


def _release(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    hold = _hold(record, form.needed("hold"))
    reason = form.needed("reason")
    if reason not in {"officer", "authority"}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="reason", value=reason)
    release_hold(unit, visit.services.outbox, hold.id, amount_vnd=amount(form, "amount_vnd"), reason=reason)


def _cancel(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    cancel_trace(unit, visit.services.outbox, record.trace.id, reason=form.needed("why"))


def _answer(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    """What an institution said on the telephone; what it did not explain is recorded as unexplained."""
    hold = _hold(record, form.needed("hold"))
    held_vnd, banks = amount(form, "held_vnd"), banks_of(unit.conn)
    if held_vnd is None:
        raise BadInput(InputReason.MISSING, field="held_vnd")
    parts = [part for number in range(PARTS_MAX) if (part := _part(form, number, banks)) is not None]
    rest_vnd = total(hold.asked) - held_vnd - sum(part.amount_vnd for part in parts)
    if rest_vnd > 0:
        parts.append(Part(kind=PartKind.UNEXPLAINED, amount_vnd=rest_vnd))
    refusal = form.text("refusal")
    if refusal and refusal not in set(Refusal):
        raise BadInput(InputReason.UNKNOWN_VALUE, field="refusal", value=refusal)
    available_vnd = amount(form, "available_vnd")
    said = Answer(
        message_id=new_id(), request_id=hold.id, request_revision=hold.asked_revision,
        revision=hold.answer_revision + 1, held_vnd=held_vnd,
        refusal=Refusal(refusal) if refusal and not held_vnd else None, parts=tuple(parts),
        available_vnd=held_vnd if available_vnd is None else max(available_vnd, held_vnd),
        placed_at=(moment(form, "placed_at") or visit.now) if held_vnd else None,
        decided_by=who(form, "decided_by"),
    )  # fmt: skip
    enter_answer(unit, visit.services.outbox, said)


def _analyse(visit: Visit, unit: Unit, record: Record, form: Form) -> None:
    """The verdict on each hop, by the field of its name."""
    verdicts = {}
    for hop in record.hops:
        said = form.text(f"hop_{hop.id}")
        if said and said not in set(Verdict):
            raise BadInput(InputReason.UNKNOWN_VALUE, field=f"hop_{hop.id}", value=said[:40])
        if said:
            verdicts[hop.id] = Verdict(said)
    analyse_trace(
        unit, visit.services.outbox, record.trace.id, verdicts=verdicts, conclusion=form.text("conclusion")
    )


ACTS: Mapping[str, tuple[Permission, Do, str]] = {
    "extend": (Permission.HOLD_EXTEND, _extend, "extended"),
    "convert": (Permission.HOLD_CONVERT, _convert, "converted"),
    "release": (Permission.HOLD_RELEASE, _release, "released"),
    "cancel": (Permission.TRACE_CANCEL, _cancel, "cancelled"),
    "raise": (Permission.HOLD_REQUEST, _raise, "raised"),
    "recommend": (Permission.HOLD_REQUEST, _recommend, "recommended"),
    "answer": (Permission.ANSWER_ENTER, _answer, "answered"),
    "confirm": (Permission.ANSWER_ENTER, _confirm, "bank_word"),
    "payer": (Permission.ANSWER_ENTER, _payer, "payer"),
    "appeal": (Permission.APPEAL_DECIDE, _appeal, "appeal"),
    "analyse": (Permission.TRACE_ANALYSE, _analyse, "analysed"),
}


@router.post("/trace/{code}/ask")
def ask(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Ask an institution again about the unexplained part."""
    record = record_of(visit, code)

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.require(Permission.HOLD_REQUEST)) as unit:
            ask_again(unit, visit.services.outbox, _hold(record, form.needed("hold")).id)
        return go(f"/trace/{record.trace.code}?done=asked")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return show(visit, code, notice=Notice("error", sentence(error)), status=status_of(error))


@router.get("/trace/{code}/tasks/{task_id}")
def task(visit: VisitOf, code: str, task_id: str) -> Response:
    """One task."""
    return visit.page("staff/decision.html", _task_page(visit, code, task_id, {}, {}))


@router.post("/trace/{code}/tasks/{task_id}")
def finish(visit: VisitOf, code: str, task_id: str, form: FormOf) -> Response:
    """The task is done, and how."""
    record = record_of(visit, code)

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.require(Permission.TASK_WORK)) as unit:
            note = form.needed("note")
            if any(one.id == task_id and one.kind == SERVE_NOTICE for one in record.tasks):
                confirm_notice_served(unit, visit.services.outbox, task_id, note=note)
            else:
                finish_task(unit, task_id, note=note)
        return go(f"/trace/{record.trace.code}?done=finished")

    try:
        return visit.once(form, do)
    except BadInput as error:
        page = _task_page(visit, code, task_id, {"note": sentence(error)}, {"note": form.text("note")})
        return visit.page("staff/decision.html", page, status=422)


@router.get("/trace/{code}/{name}")
def decision(visit: VisitOf, code: str, name: str, hold: str = "", loss: str = "", appeal: str = "") -> Response:
    """The form of a decision, about the hold, transfer or appeal that the address names."""
    record = _allowed(visit, code, name)
    chosen = _hold(record, hold) if hold else None
    named = {key: value for key, value in (("loss", loss), ("appeal", appeal)) if value}
    return visit.page("staff/decision.html", decision_page(record, name, typed=named, hold=chosen))


@router.post("/trace/{code}/{name}")
def decide(visit: VisitOf, code: str, name: str, form: FormOf) -> Response:
    """Carry a decision out; what is missing or refused is said at its field."""
    record = _allowed(visit, code, name)
    permission, act, done = ACTS[name]

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.require(permission)) as unit:
            act(visit, unit, record, form)
        return go(f"/trace/{record.trace.code}?done={done}")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return visit.page("staff/decision.html", _again(record, name, form, error), status=status_of(error))


def _again(record: Record, name: str, form: Form, error: LachanError) -> DecisionPage:
    """The form as it was typed, with the refusal at its field or above."""
    typed = {key: form.text(key) for key in form.fields}
    chosen = record.holds.get(typed.get("hold", ""))
    field = {"decision": "number", "legal_basis": "basis"}.get(error.field or "", error.field or "")
    page = decision_page(record, name, typed=typed, hold=chosen, wrong={field: sentence(error)})
    if any(one.name == field for one in page.fields):
        return page
    return decision_page(record, name, typed=typed, hold=chosen, notice=Notice("error", sentence(error)))


def _allowed(visit: Visit, code: str, name: str) -> Record:
    if name not in ACTS:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    record = record_of(visit, code)
    require(visit.actor, ACTS[name][0], record.trace.desk_id)
    return record


def _task_page(
    visit: Visit, code: str, task_id: str, wrong: Mapping[str, Any], typed: Mapping[str, str]
) -> DecisionPage:
    visit.require(Permission.TASK_WORK)
    page = task_page(record_of(visit, code), task_id, wrong=wrong, typed=typed)
    if page is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    return page


def _hold(record: Record, hold_id: str) -> Hold:
    """A hold of this trace; another trace's is not found here."""
    hold = record.holds.get(hold_id)
    if hold is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="hold")
    return hold


def _loss(record: Record, loss_id: str) -> str:
    """A transfer of this report; another report's is not found here."""
    if loss_id not in {loss.id for loss in record.report.losses}:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="loss")
    return loss_id


def _step(form: Form) -> int:
    text = form.needed("step")
    if text not in STEPS:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="step", value=text[:40])
    return int(text)


def _stated(form: Form) -> dict[str, Any]:
    """The authority's decision as it stands on paper."""
    stated = {"issuer_kind": form.needed("issuer_kind"), **_paper(form)}
    term = moment(form, "term_ends_at")
    return {**stated, "term_ends_at": term.isoformat()} if term else stated


def _paper(form: Form) -> dict[str, Any]:
    return {name: form.needed(name) for name, _ in PAPER}


def _part(form: Form, number: int, banks: Banks) -> Part | None:
    kind, vnd = form.text(f"part_{number}_kind"), amount(form, f"part_{number}_amount")
    if not kind and vnd is None:
        return None
    if not vnd:
        raise BadInput(InputReason.MISSING, field=f"part_{number}_amount")
    if kind not in set(PartKind):
        raise BadInput(InputReason.MISSING, field=f"part_{number}_kind")
    part = PartKind(kind)
    debit = reference(form, f"part_{number}_reference")
    if part.left_the_account and debit is None:
        raise BadInput(InputReason.MISSING, field=f"part_{number}_reference")
    return Part(
        kind=part,
        amount_vnd=vnd,
        reference=debit if part.left_the_account else None,
        payee=_payee(form, f"part_{number}_payee", banks) if part is PartKind.MOVED_ON else None,
    )


def _payee(form: Form, name: str, banks: Banks) -> Payee:
    institution, account = payee(form, name, banks)
    try:
        return Payee(institution=institution, account=account)
    except ValidationError as error:
        raise BadInput(InputReason.MALFORMED, field=name, expected="Vietcombank 0123456789") from error
