"""An institution's inbox: read, acknowledge, answer; a second person confirms what is said about money."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from lachan.doors.web import reading
from lachan.doors.web.inbox_bulk import read_bulk, rejects_href, template
from lachan.doors.web.live import event_stream
from lachan.doors.web.refusals import PageRoute, sentence
from lachan.doors.web.render import render
from lachan.doors.web.visit import Form, FormOf, Visit, VisitOf, go, visit_of
from lachan.foundation.access import Agency, Permission, agency
from lachan.foundation.base import BadInput, Conflict, InputReason, LachanError, NotFound, new_id
from lachan.foundation.protocol import (
    AnswerReason,
    Confirmation,
    ConfirmationOutcome,
    EventType,
    NoticeServed,
    NoticeToServe,
    PaidOut,
    PayOutcome,
    PayRefusal,
    RefundDone,
    RefundRequest,
    ReleaseDone,
    Reply,
)
from lachan.foundation.protocol.messages import HoldRelease
from lachan.response.actions.replies import (
    acknowledge_item,
    confirm_reply,
    prepare_reply,
    prepared_replies,
    return_reply,
    send_reply,
)
from lachan.response.rules.compose import Typed
from lachan.response.shapes import BulkResult, Message, Notice
from lachan.response.views.banks import banks_of
from lachan.response.views.inbox import (
    ASKS,
    NOTICE_CHANNELS,
    Look,
    Sent,
    Waiting,
    composed,
    inbox_page,
    inbox_version,
    waiting_item,
    waiting_items,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PREFIXES = ("kind", "reference", "bank", "account")


PageNumber = Annotated[int, Query(ge=0, le=10_000)]


@router.get("/inbox")
def inbox(visit: VisitOf, page: PageNumber = 0) -> Response:
    """What waits, with the most pressing message open."""
    return _show(visit, page=page)


@router.get("/inbox/events")
def events(
    visit: VisitOf, request: Request, chosen: Annotated[str, Query(max_length=36)] = "", page: PageNumber = 0
) -> Response:  # fmt: skip
    """The list when it changes."""
    institution = institution_of(visit)

    def version() -> object:
        with visit.services.db.read() as conn:
            return inbox_version(conn, institution)

    def draw() -> Mapping[str, str] | None:
        now = visit_of(request)
        try:
            look = _look(now)
            with now.services.db.read() as conn:
                made = inbox_page(conn, look, chosen or None, page=page)
        except NotFound:
            made = None
        except LachanError:
            return None
        if made is None:
            with now.services.db.read() as conn:
                made = inbox_page(conn, look, page=page)
        return {"list": render(now.environment, "inbox/_list.html", now.context(), page=made)}

    return event_stream(request, f"inbox:{institution.id}", version, draw)


@router.get("/inbox/bulk/template.csv")
def bulk_template(visit: VisitOf) -> Response:
    """The file to fill in: one line for each request that waits."""
    institution = institution_of(visit)
    with visit.services.db.read() as conn:
        text = template(waiting_items(conn, institution))
    return Response(
        text, media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="lachan-inbox.csv"'},
    )  # fmt: skip


@router.post("/inbox/bulk")
def bulk(visit: VisitOf, form: FormOf) -> Response:
    """Prepare the answers of a file; each good one waits for its second person, each bad one is named."""
    visit.require(Permission.INBOX_ANSWER)
    look, chosen = _look(visit), form.file("file")
    if chosen is None:
        return _show(visit, notice=_error(BadInput(InputReason.MISSING, field="file")), status=422)
    try:
        content = chosen.file.read()
        with visit.services.db.unit(visit.now, look.actor) as unit:
            items = waiting_items(unit.conn, look.institution)
            result, ready = read_bulk(content, items, banks_of(unit.conn), look.actor.name, visit.now)
            for item_id, reply in ready:
                prepare_reply(unit, item_id, reply, look.institution, {})
    except LachanError as error:
        return _show(visit, notice=_error(error), status=422)
    counts = {"taken": len(ready), "rejected": len(result)}
    notice = Notice("caution" if result else "done", Message("web.inbox_item.bulk_result", counts))
    made = BulkResult(len(ready), result, rejects_href(result, visit.language))
    return _show(visit, notice=notice, bulk=made, status=422 if result else 200)


@router.post("/inbox/confirm")
def confirm_all(visit: VisitOf, form: FormOf) -> Response:
    """The second person confirms all drafts that others prepared; one that fails stays, the others go out."""
    look = _look(visit)
    actor = visit.require(Permission.INBOX_CONFIRM_ANSWER)
    with visit.services.db.read() as conn:
        prepared = prepared_replies(conn, look.institution.id)
        drafts = [one for one in waiting_items(conn, look.institution, only=prepared) if one.prepared is not None]
    failed = 0
    for one in drafts:
        if one.prepared is None or one.prepared.prepared_by == actor.reference:
            continue
        try:
            with visit.services.db.unit(visit.now, actor) as unit:
                failed += confirm_reply(unit, visit.services.outbox, one.letter.id, look.institution) is not None
        except Conflict:
            failed += 1
    return go("/inbox?done=confirm_failed" if failed else "/inbox?done=confirmed")


@router.get("/inbox/{key}")
def item(visit: VisitOf, key: str) -> Response:
    """One message."""
    return _show(visit, key)


@router.post("/inbox/{key}/ack")
def acknowledge(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Acknowledge only; a message that needs no reply is thereby dealt with."""
    look, one = _one(visit, key)

    def do() -> RedirectResponse:
        with visit.services.db.unit(visit.now, look.actor) as unit:
            acknowledge_item(
                unit, visit.services.outbox, key, look.institution, closes=one.is_read_only
            )  # fmt: skip
        return go("/inbox?done=read" if one.is_read_only else f"/inbox/{key}?done=acknowledged")

    return visit.once(form, do)


@router.post("/inbox/{key}/answer")
def answer(visit: VisitOf, key: str, form: FormOf) -> Response:
    """Prepare (or send) the answer; `read_statement` only reads the pasted lines."""
    visit.require(Permission.INBOX_ANSWER)
    look, one = _one(visit, key)
    if one.type in ASKS and one.hold is not None:
        return _answer_hold(visit, look, one, form)
    return _reply(visit, look, one, form)


@router.post("/inbox/{key}/confirm")
def confirm(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The second person sends what the first one prepared."""
    look = _look(visit)
    actor = visit.require(Permission.INBOX_CONFIRM_ANSWER)
    try:
        with visit.services.db.unit(visit.now, actor) as unit:
            shown = form.text("prepared") or None
            refused = confirm_reply(unit, visit.services.outbox, key, look.institution, shown=shown)
    except Conflict as error:
        return _show(visit, key, notice=_error(error), status=409)
    if refused is not None:
        return _show(visit, key, notice=Notice("error", Message(f"reason.{refused}")), status=422)
    return go("/inbox?done=confirmed")


@router.post("/inbox/{key}/return")
def send_back(visit: VisitOf, key: str, form: FormOf) -> Response:
    """The second person sends a draft back with a reason; the first one takes the own one back."""
    look = _look(visit)
    try:
        with visit.services.db.unit(visit.now, look.actor) as unit:
            return_reply(unit, key, look.institution, form.text("reason"))
    except BadInput as error:
        return _show(visit, key, notice=_error(error), status=422)
    return go(f"/inbox/{key}?done=returned")


def institution_of(visit: Visit) -> Agency:
    """The institution whose inbox this person may read; somebody of no institution reads none."""
    actor = visit.require(Permission.INBOX_READ)
    if actor.agency_id is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    with visit.services.db.read() as conn:
        return agency(conn, actor.agency_id)


def _answer_hold(visit: Visit, look: Look, one: Waiting, form: Form) -> Response:
    typed = _typed(form)
    hold = one.hold
    if hold is None:
        raise NotFound(InputReason.NO_SUCH_RECORD)
    key = one.letter.id
    if form.text("action") == "read_statement":
        fresh = Typed(statement=typed.statement, kinds=typed.kinds, references=typed.references,
                      banks=typed.banks, accounts=typed.accounts, note=typed.note)  # fmt: skip
        with visit.services.db.read() as conn:
            made = composed(hold, one.code, fresh, decided_by=look.actor.name, banks=banks_of(conn), now=visit.now)
        wrong = {name: error for name, error in made.errors.items() if name == "statement"}
        return _show(visit, key, Sent(fresh, errors=wrong, show_errors=bool(wrong)), status=422 if wrong else 200)
    if form.text("revision") != str(hold.revision):
        return _show(visit, key, Sent(typed), notice=_error(Conflict(AnswerReason.SUPERSEDED)), status=409)
    with visit.services.db.read() as conn:
        made = composed(hold, one.code, typed, decided_by=look.actor.name, banks=banks_of(conn), now=visit.now)
    if made.answer is None:
        return _show(visit, key, Sent(typed, show_errors=True), status=422)
    return _prepare(visit, look, one, form, made.answer, asdict(typed), Sent(typed, show_errors=True))


def _reply(visit: Visit, look: Look, one: Waiting, form: Form) -> Response:
    """Any other message: a confirmation waits for its second person, the rest is sent at once."""
    typed = {name: form.text(name) for name in form.fields if name not in {"csrf_token", "once", "action"}}
    try:
        reply = _read_reply(visit, look, one, form)
    except LachanError as error:
        sent = Sent(reply=typed, errors={error.field or "answer": error})
        return _show(visit, one.letter.id, sent, status=422)
    if isinstance(reply, Confirmation | RefundDone):
        return _prepare(visit, look, one, form, reply, typed, Sent(reply=typed))

    def do() -> RedirectResponse:
        with visit.services.db.unit(visit.now, look.actor) as unit:
            refused = send_reply(unit, visit.services.outbox, one.letter.id, reply, look.institution)
        if refused is not None:
            raise Conflict(AnswerReason(refused))
        return go("/inbox?done=replied")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _show(visit, one.letter.id, Sent(reply=typed), notice=_error(error), status=409)


def _read_reply(visit: Visit, look: Look, one: Waiting, form: Form) -> Reply:
    data = one.envelope.data
    subject_id = one.letter.subject.partition(":")[2]
    note = form.text("note")
    if len(note) > 1_000:
        raise BadInput(InputReason.TOO_LONG, field="note", limit=1_000)
    if one.type is EventType.TRANSFER_CONFIRM:
        outcome = form.needed("outcome")
        if outcome not in set(ConfirmationOutcome):
            raise BadInput(InputReason.UNKNOWN_VALUE, field="outcome", value=outcome[:40])
        amount_vnd = reading.amount(form, "amount_vnd")
        if outcome == ConfirmationOutcome.AMOUNT_DIFFERS and not amount_vnd:
            raise BadInput(InputReason.MISSING, field="amount_vnd")
        return Confirmation(
            message_id=new_id(), request_id=subject_id, outcome=ConfirmationOutcome(outcome),
            amount_vnd=amount_vnd or None, decided_by=look.actor.name, note=note or None,
        )  # fmt: skip
    if isinstance(data, HoldRelease):
        held_vnd = reading.amount(form, "held_vnd")
        if held_vnd is None:
            raise BadInput(InputReason.MISSING, field="held_vnd")
        return ReleaseDone(
            message_id=new_id(), request_id=subject_id, request_revision=data.revision,
            released_vnd=data.release_vnd, held_vnd=held_vnd, released_at=_past(visit, form, "released_at"),
        )  # fmt: skip
    if isinstance(data, NoticeToServe):
        channel = form.needed("channel")
        if channel not in NOTICE_CHANNELS:
            raise BadInput(InputReason.UNKNOWN_VALUE, field="channel", value=channel[:40])
        return NoticeServed(
            message_id=new_id(), request_id=subject_id, notice_code=data.notice_code, channel=channel,
            served_at=_past(visit, form, "served_at"),
        )  # fmt: skip
    if one.pay_out is not None:
        return _paid_out(visit, look, one.pay_out, form)
    raise BadInput(InputReason.UNREADABLE_REQUEST)


def _paid_out(visit: Visit, look: Look, data: RefundRequest, form: Form) -> RefundDone:
    """Every line paid at that time, but those whose numbers stand in `unpaid`: they have the reason beside it."""
    unpaid = set(form.text("unpaid").upper().replace(",", " ").replace(";", " ").split())
    if unknown := unpaid - {line.number for line in data.lines}:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="unpaid", value=min(unknown)[:40])
    said = form.text("pay_refusal")
    if unpaid and said not in set(PayRefusal):
        raise BadInput(InputReason.MISSING, field="pay_refusal")
    paid_at = _past(visit, form, "paid_at")
    return RefundDone(
        message_id=new_id(), request_id=data.id, request_revision=data.revision, decided_by=look.actor.name,
        lines=tuple(
            PaidOut(number=line.number, outcome=PayOutcome.REFUSED, refusal=PayRefusal(said))
            if line.number in unpaid
            else PaidOut(number=line.number, outcome=PayOutcome.PAID, paid_at=paid_at)
            for line in data.lines
        ),
    )  # fmt: skip


def _past(visit: Visit, form: Form, name: str) -> datetime:
    at = reading.needed_moment(form, name)
    if at > visit.now:
        raise BadInput(InputReason.IN_THE_FUTURE, field=name)
    return at


def _prepare(
    visit: Visit, look: Look, one: Waiting, form: Form, reply: Reply, typed: Mapping[str, object], sent: Sent
) -> Response:
    key = one.letter.id

    def do() -> RedirectResponse:
        with visit.services.db.unit(visit.now, look.actor) as unit:
            prepare_reply(unit, key, reply, look.institution, typed)
        return go(f"/inbox/{key}?done=prepared")

    try:
        return visit.once(form, do)
    except LachanError as error:
        return _show(visit, key, sent, notice=_error(error), status=409)


def _typed(form: Form) -> Typed:
    """The form as it was typed; nothing is judged here."""
    by_line: dict[str, dict[str, str]] = {prefix: {} for prefix in PREFIXES}
    for name in form.fields:
        prefix, _, line = name.partition("_")
        if prefix in by_line and line and len(line) <= 8:
            by_line[prefix][line] = form.text(name)[:200]
    return Typed(
        statement=form.text("statement"), kinds=by_line["kind"], references=by_line["reference"],
        banks=by_line["bank"], accounts=by_line["account"], held=form.text("held_vnd"),
        remains=form.text("remains_vnd"), verdict=form.text("verdict"), refusal=form.text("refusal"),
        note=form.text("note"),
    )  # fmt: skip


def _look(visit: Visit) -> Look:
    institution = institution_of(visit)
    services = visit.services
    return Look(
        visit.actor, institution, visit.language, visit.now, visit.wall_now, services.settings.instance,
        services.issuer_keys[0].public.as_text(),
    )  # fmt: skip


def _one(visit: Visit, key: str) -> tuple[Look, Waiting]:
    look = _look(visit)
    with visit.services.db.read() as conn:
        return look, waiting_item(conn, look.institution, key)


def _error(error: LachanError) -> Notice:
    return Notice("error", sentence(error))


def _show(
    visit: Visit,
    key: str | None = None,
    sent: Sent | None = None,
    *,
    notice: Notice | None = None,
    bulk: BulkResult | None = None,
    status: int = 200,
    page: int = 0,
) -> Response:
    look = _look(visit)
    with visit.services.db.read() as conn:
        made = inbox_page(conn, look, key, sent, notice=notice, bulk=bulk, page=page)
    return visit.page("inbox/page.html", made, status=status)
