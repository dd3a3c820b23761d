"""The refund desk: the queue by clock, one pool and its proposal, one pay-out list and its approval."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Response

from lachan.doors.api.problems import status_of
from lachan.doors.web import reading
from lachan.doors.web.letters import sender_of, signature_of, signed_pdf
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go
from lachan.foundation.access import Permission, require
from lachan.foundation.base import BadInput, InputReason, LachanError, NotFound
from lachan.foundation.documents.sheets import harmless, row_writer
from lachan.foundation.protocol import PaidOut, PayOutcome, PayRefusal, RefundBasis
from lachan.response import (
    Document,
    Method,
    Refund,
    approve_refund,
    enter_refund_done,
    propose_again,
    propose_refund,
    store,
    withdraw_refund,
)
from lachan.response.refunds.letters import refund_letter
from lachan.response.refunds.model import LineState
from lachan.response.refunds.store import refund, refund_by_code
from lachan.response.refunds.views import full_for, pool_page, refund_page, refunds_page, signed_day
from lachan.response.shapes import Field, Notice
from lachan.response.views.banks import banks_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
COLUMNS = (
    "number", "report", "institution", "account", "entered_vnd", "weight_vnd", "share_vnd", "amount_vnd", "state",
    "paid_at",
)  # fmt: skip
# The fields of the proposal that everybody sees.
FIELDS = frozenset({"basis", "number", "issuer", "signatory", "signed_on", "reasons"})
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/refunds")
def desk(visit: VisitOf) -> Response:
    """What waits to be given back."""
    sight = visit.sight()
    with visit.services.db.read() as conn:
        page = refunds_page(conn, sight, visit.now)
    return visit.page("refunds/desk.html", page)


@router.get("/refunds/pool/{hold_id}")
def pool(visit: VisitOf, hold_id: str, method: str = "") -> Response:
    """One pool, divided by a method, and the form that proposes it."""
    _readable_hold(visit, hold_id)
    fields = {"signed_on": Field(signed_day(visit.now))}
    return _pool(visit, hold_id, Method(method) if method in set(Method) else Method.PARI_PASSU, fields)


@router.post("/refunds/pool/{hold_id}")
def propose(visit: VisitOf, hold_id: str, form: FormOf) -> Response:
    """Propose the pay-out for a second person to approve."""
    _readable_hold(visit, hold_id)
    stated = form.text("method")
    method = Method(stated) if stated in set(Method) else Method.PARI_PASSU

    def do() -> Response:
        actor = visit.require(Permission.REFUND_PROPOSE)
        if stated and stated not in set(Method):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="method", value=stated[:40])
        basis = form.needed("basis")
        if basis not in set(RefundBasis):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="basis", value=basis[:40])
        paper = Document(
            form.needed("issuer"), form.needed("number"), reading.needed_day(form, "signed_on").isoformat(),
            form.needed("signatory"),
        )  # fmt: skip
        with visit.services.db.unit(visit.now, actor) as unit:
            refund_id = propose_refund(
                unit, visit.services.outbox, hold_id, basis=RefundBasis(basis), document=paper, method=method,
                reasons=form.text("reasons"), accounts=_accounts(visit, form),
            )  # fmt: skip
            code = refund(unit.conn, refund_id).code
        return go(f"/refunds/{code}?done=refund_proposed")

    try:
        return visit.once(form, do)
    except LachanError as error:
        fields = {name: Field(form.text(name)) for name in form.fields}
        field = error.field or ""
        fields[field] = Field(form.text(field), sentence(error))
        # A victim whose account is known has no field for it: then it is said above.
        notice = None if field in FIELDS else Notice("error", sentence(error))
        return _pool(visit, hold_id, method, fields, notice, status_of(error))


@router.get("/refunds/{code}")
def one(visit: VisitOf, code: str) -> Response:
    """One pay-out list."""
    return _show(visit, _readable(visit, code))


@router.post("/refunds/{code}")
def decide(visit: VisitOf, code: str, form: FormOf) -> Response:
    """Approve what was shown, take it back, enter what the institution said by telephone, or propose it anew."""
    found = _readable(visit, code)
    action = form.text("decision")
    acts = {"approve": _approve, "withdraw": _withdraw, "enter": _enter}
    if action == "again":
        return _again(visit, found, form)
    if action not in acts:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="decision", value=action[:40])

    def do() -> Response:
        done = acts[action](visit, found, form)
        return go(f"/refunds/{found.code}?done={done}")

    try:
        return visit.once(form, do)
    except LachanError as error:
        why = Field(form.text("why"), sentence(error)) if error.field == "why" else None
        notice = None if why else Notice("error", sentence(error))
        return _show(visit, found, why, notice, status_of(error))


@router.get("/refunds/{code}/list.{ending}")
def as_file(visit: VisitOf, code: str, ending: str) -> Response:
    """The pay-out list as a file; an account is whole only where a purpose was stated for its report."""
    if ending not in TYPES:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    found = _readable(visit, code)
    with visit.services.db.read() as conn:
        page = refund_page(conn, visit.actor, found.code, full=full_for(conn, visit.actor, visit.wall_now))
    states = {line.number: line.state.value for line in found.lines}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{ending}"
        with row_writer(path, COLUMNS) as write:
            for row in page.rows:
                values = (
                    row.number, row.code, row.account.institution if row.account else "",
                    row.account.shown if row.account else "", row.entered_vnd, row.weight_vnd, row.share_vnd,
                    row.amount_vnd, states[row.number], row.paid_at.isoformat() if row.paid_at else "",
                )  # fmt: skip
                cells = map(harmless, values) if ending == "csv" else values
                write(dict(zip(COLUMNS, cells, strict=True)))
        body = path.read_bytes()
    headers = {
        "content-disposition": f'attachment; filename="{found.code}.{ending}"', "cache-control": "no-store"
    }  # fmt: skip
    return Response(body, media_type=TYPES[ending], headers=headers)


@router.get("/refunds/{code}/letter.pdf")
def letter(visit: VisitOf, code: str) -> Response:
    """The pay-out list as a signed letter, for an institution that fetches no messages."""
    return signed_pdf(visit, _letter(visit, code), "refund.pdf")


@router.get("/refunds/{code}/letter.pdf.sig")
def letter_signature(visit: VisitOf, code: str) -> Response:
    """The signature that goes with it."""
    return signature_of(visit, _letter(visit, code))


def _approve(visit: Visit, found: Refund, form: Form) -> str:
    with visit.services.db.unit(visit.now, visit.require(Permission.REFUND_APPROVE)) as unit:
        approve_refund(unit, visit.services.outbox, found.id, content_hash=form.text("content_hash"))
    return "refund_approved"


def _again(visit: Visit, found: Refund, form: Form) -> Response:
    """The pool as it is now, on the same paper: a list of its own."""

    def do() -> Response:
        with visit.services.db.unit(visit.now, visit.require(Permission.REFUND_PROPOSE)) as unit:
            code = refund(unit.conn, propose_again(unit, visit.services.outbox, found.id)).code
        return go(f"/refunds/{code}?done=refund_again")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _show(visit, found, None, Notice("error", sentence(error)), status_of(error))


def _withdraw(visit: Visit, found: Refund, form: Form) -> str:
    with visit.services.db.unit(visit.now, visit.require(Permission.REFUND_APPROVE)) as unit:
        withdraw_refund(unit, visit.services.outbox, found.id, why=form.needed("why"))
    return "refund_withdrawn"


def _enter(visit: Visit, found: Refund, form: Form) -> str:
    """Each line paid, or refused for the reason chosen beside it."""
    paid_at = reading.needed_moment(form, "paid_at")
    if paid_at > visit.now:
        raise BadInput(InputReason.IN_THE_FUTURE, field="paid_at")
    lines = []
    for line in found.lines:
        if line.state is not LineState.DUE:
            continue
        said = form.text(f"refused_{line.position}")
        if said and said not in set(PayRefusal):
            raise BadInput(InputReason.UNKNOWN_VALUE, field=f"refused_{line.position}", value=said[:40])
        lines.append(
            PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal(said)) if said
            else PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=paid_at)
        )  # fmt: skip
    with visit.services.db.unit(visit.now, visit.require(Permission.ANSWER_ENTER)) as unit:
        enter_refund_done(
            unit, visit.services.outbox, found.id, lines, decided_by=reading.who(form, "decided_by")
        )  # fmt: skip
    return "refund_entered"


def _accounts(visit: Visit, form: Form) -> Mapping[str, str]:
    """Where victims are paid whose accounts are not known: `Sông Hồng 0123456789`, by loss."""
    found = {}
    with visit.services.db.read() as conn:
        banks = banks_of(conn)
    for name in form.fields:
        if name.startswith("account_") and form.text(name):
            _, key = reading.payee(form, name, banks)
            found[name.removeprefix("account_")] = key
    return found


def _readable_hold(visit: Visit, hold_id: str) -> None:
    actor = visit.require(Permission.REPORT_READ)
    with visit.services.db.read() as conn:
        hold = store.hold(conn, hold_id)
        if hold.institution is None:
            raise NotFound(InputReason.NO_SUCH_RECORD)
        require(actor, Permission.REPORT_READ, store.trace(conn, hold.trace_id).desk_id)


def _readable(visit: Visit, code: str) -> Refund:
    actor = visit.require(Permission.REPORT_READ)
    with visit.services.db.read() as conn:
        found = refund_by_code(conn, code.strip().upper())
    require(actor, Permission.REPORT_READ, found.desk_id)
    return found


def _letter(visit: Visit, code: str) -> bytes:
    found = _readable(visit, code)
    require(visit.actor, Permission.ANSWER_ENTER, found.desk_id)
    with visit.services.db.read() as conn:
        return refund_letter(conn, found, sender_of(visit), visit.language)


def _pool(
    visit: Visit,
    hold_id: str,
    method: Method,
    fields: Mapping[str, Field],
    notice: Notice | None = None,
    status: int = 200,
) -> Response:
    with visit.services.db.read() as conn:
        full = full_for(conn, visit.actor, visit.wall_now)
        page = pool_page(conn, visit.actor, hold_id, method=method, fields=fields, full=full, notice=notice)
    return visit.page("refunds/pool.html", page, status=status)


def _show(
    visit: Visit, found: Refund, why: Field | None = None, notice: Notice | None = None, status: int = 200
) -> Response:
    with visit.services.db.read() as conn:
        full = full_for(conn, visit.actor, visit.wall_now)
        page = refund_page(conn, visit.actor, found.code, full=full, why=why, notice=notice)
    return visit.page("refunds/one.html", page, status=status)
