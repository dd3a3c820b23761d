"""What a victim sees: their own page in plain words, and a report's status for whoever has the code."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.taxonomy import vietnam_date
from lachan.foundation.trail.tables import fact
from lachan.intake import HOLD_REFUSING, Loss, LossConfirmation, Report, ReportStatus
from lachan.intake.tables import report as report_table
from lachan.response import store, tables
from lachan.response.model import HOLDING, OPEN, Hold, HoldState, Trace
from lachan.response.refunds.model import LineState
from lachan.response.refunds.store import refund
from lachan.response.refunds.views import lines_of_report
from lachan.response.shapes import Field, LivePage, LiveRow, Message, MoneyBar, State, StatusPage
from lachan.response.views.bars import bar_of
from lachan.response.views.names import Names, names_of
from lachan.response.views.resting import held_on_word_vnd

# A story of more lines is read by nobody at 2 a.m.; what is held always stays in it.
ROWS_MAX = 14
_SOON = timedelta(minutes=2)
_STATUS = {
    ReportStatus.RECEIVED: ("received", State.WAITING),
    ReportStatus.TRIAGED: ("received", State.WAITING),
    ReportStatus.DISPATCHED: ("tracing", State.MOVING),
    ReportStatus.ACTIONED: ("actioned", State.HELD),
    ReportStatus.FORMALISED: ("formalised", State.WAITING),
    ReportStatus.CLOSED: ("closed", State.NOTHING),
    ReportStatus.REFERRED: ("referred", State.WAITING),
    ReportStatus.DUPLICATE: ("duplicate", State.WAITING),
    ReportStatus.WITHDRAWN: ("withdrawn", State.NOTHING),
}


def live_page(conn: Connection, report: Report, here: str, *, detail: Field | None = None) -> LivePage:
    """The victim's own page; `here` is its address, which nobody else knows."""
    trace = store.trace_of_report(conn, report.id)
    holds = store.holds(conn, tables.hold.c.trace_id == trace.id) if trace else []
    names = names_of(conn)
    ended = _ended_at(conn, holds)
    told = [*_rows(report, holds, names, ended), *_given_back(conn, report, names)]
    rows = sorted(told, key=lambda row: row.at, reverse=True)
    set_aside = _set_aside(report)
    return LivePage(
        code=report.code,
        bar=_bar(report, trace),
        rows=_shortened(rows),
        advice=_advice(report, names),
        updated_at=rows[0].at,
        add_href=f"{here}/detail" if report.status is not ReportStatus.WITHDRAWN else None,
        events_href=f"{here}/events",
        referred=Message(f"web.live.{set_aside}_what") if set_aside else None,
        referred_title=Message(f"web.live.{set_aside}") if set_aside else None,
        detail=detail,
        rests=_rests(conn, trace, names),
    )


def live_version(conn: Connection, report_id: str) -> object:
    """Changes when the victim's page would."""
    asked = sa.select(
        sa.func.count(), sa.func.max(tables.hold.c.answered_at), sa.func.sum(tables.hold.c.held_vnd),
        sa.func.max(tables.hold.c.acknowledged_at),
    ).join(tables.trace, tables.trace.c.id == tables.hold.c.trace_id)  # fmt: skip
    sums = [tables.trace.c[part] for part in store.PARTS]
    return (
        conn.execute(sa.select(report_table.c.status).where(report_table.c.id == report_id)).scalar(),
        tuple(conn.execute(sa.select(*sums).where(tables.trace.c.report_id == report_id)).first() or ()),
        tuple(conn.execute(asked.where(tables.trace.c.report_id == report_id)).one()),
        tuple((line.number, line.state) for line in lines_of_report(conn, report_id)),
    )


def status_page(conn: Connection, report: Report) -> StatusPage:
    """The status, and nothing else: the code is short enough to be overheard."""
    word, state = _STATUS[report.status]
    trace = store.trace_of_report(conn, report.id)
    times = [report.received_at]
    if trace:
        times += [at for at in (trace.first_request_at, trace.first_hold_at) if at]
    return StatusPage(Field(report.code), Message(f"web.say.status_{word}"), state, max(times))


def _bar(report: Report, trace: Trace | None) -> MoneyBar:
    if trace is not None:
        return bar_of(trace.sum)
    mine = sum(loss.amount_vnd for loss in report.losses if loss.duplicate_of is None)
    return MoneyBar(mine, moving_vnd=mine)


def _rests(conn: Connection, trace: Trace | None, names: Names) -> Message | None:
    """What may be let go yet: held because a bank said that it received it, and past one that has not spoken."""
    if trace is None or not trace.sum.held_vnd:
        return None
    # Dividing a pool may have given others a part of it.
    amount_vnd = min(held_on_word_vnd(conn, trace.id, names), trace.sum.held_vnd)
    if not amount_vnd:
        return None
    part = "_part" if amount_vnd < trace.sum.held_vnd else ""
    return Message(f"web.say.live_rests{part}", {"amount_vnd": amount_vnd})


def _set_aside(report: Report) -> str:
    """Why no money is being chased under this report; empty where it is."""
    if report.status is ReportStatus.DUPLICATE:
        return "duplicate"
    if report.status is ReportStatus.WITHDRAWN:
        return "withdrawn"
    return "referred" if report.status is ReportStatus.REFERRED or report.situation in HOLD_REFUSING else ""


def _ended_at(conn: Connection, holds: Iterable[Hold]) -> dict[str, datetime]:
    """When each hold that has ended did so, by the trail."""
    over = [f"hold:{hold.id}" for hold in holds if hold.state in {HoldState.RELEASED, HoldState.EXPIRED}]
    if not over:
        return {}
    rows = conn.execute(
        sa.select(fact.c.subject, sa.func.max(fact.c.happened_at).label("at"))
        .where(fact.c.subject.in_(over), fact.c.kind.in_(["hold.released", "hold.expired"]))
        .group_by(fact.c.subject)
    )
    return {row.subject.partition(":")[2]: row.at for row in rows}


def _rows(report: Report, holds: Iterable[Hold], names: Names, ended: Mapping[str, datetime]) -> Iterable[LiveRow]:
    yield LiveRow(report.received_at, State.WAITING, Message("web.say.live_received"))
    for hold in holds:
        name = names.institution(hold.institution)
        said = {"institution": name}
        if hold.state in OPEN and hold.requested_at:
            yield LiveRow(hold.requested_at, State.MOVING, Message("web.say.live_asked", said))
        elif hold.state in HOLDING:
            # Of what is held there another part may be others', or nobody's any more.
            if mine_vnd := sum(hold.allocations.get(loss.id, 0) for loss in report.losses):
                yield _held(report, hold, name, mine_vnd)
        elif hold.state in {HoldState.RELEASED, HoldState.EXPIRED} and hold.placed_at:
            at = ended.get(hold.id, hold.placed_at)
            yield LiveRow(at, State.NOTHING, Message("web.say.live_ended", said))
        elif hold.state is HoldState.REFUSED and hold.answered_at:
            yield LiveRow(hold.answered_at, State.MOVING, Message("web.say.live_not_held", said))


def _given_back(conn: Connection, report: Report, names: Names) -> Iterable[LiveRow]:
    """What a bank is asked to pay back to this victim, or has paid."""
    for line in lines_of_report(conn, report.id):
        of = refund(conn, line.refund_id)
        said: dict[str, object] = {"institution": names.institution(of.institution), "amount_vnd": line.amount_vnd}
        if line.state is LineState.PAID and line.paid_at is not None:
            yield LiveRow(line.paid_at, State.RETURNED, Message("web.say.live_refund_paid", said))
        elif line.state is LineState.DUE and of.approved_at is not None:
            said |= {"by_hm": of.pay_by, "day": vietnam_date(of.pay_by)}
            yield LiveRow(of.approved_at, State.HELD, Message("web.say.live_refund_asked", said))


def _held(report: Report, hold: Hold, name: str, mine_vnd: int) -> LiveRow:
    at = hold.placed_at or hold.answered_at or hold.drafted_at
    held_vnd = sum(span.amount_vnd for span in hold.held)
    state = State.HELD if held_vnd == sum(span.amount_vnd for span in hold.asked) else State.PARTLY_HELD
    said: dict[str, object] = {"institution": name, "held_vnd": mine_vnd}
    if timedelta(seconds=1) <= at - report.received_at <= _SOON:
        said["count"] = round((at - report.received_at).total_seconds())
        return LiveRow(at, state, Message("web.say.live_held_after", said))
    return LiveRow(at, state, Message("web.say.live_held", said))


def _shortened(rows: list[LiveRow]) -> tuple[LiveRow, ...]:
    """The newest, but never without what is held, and never without the beginning."""
    if len(rows) <= ROWS_MAX:
        return tuple(rows)
    saved = {State.HELD, State.PARTLY_HELD, State.RETURNED}
    by_weight = sorted(range(1, len(rows) - 1), key=lambda i: (rows[i].state not in saved, i))
    kept = {0, len(rows) - 1, *by_weight[: ROWS_MAX - 2]}
    return tuple(rows[i] for i in sorted(kept))


def _advice(report: Report, names: Names) -> tuple[Message, ...]:
    if report.status in {ReportStatus.CLOSED, ReportStatus.WITHDRAWN}:
        return (Message("web.say.advice_fee"),)
    lines = [Message("web.say.advice_phone")]
    chased = () if report.situation in HOLD_REFUSING else report.losses
    for loss in chased:
        line = _confirm(loss, names) if loss.duplicate_of is None else None
        # One bank with several transfers is named once.
        if line and line.params["bank"] not in [other.params.get("bank") for other in lines]:
            lines.append(line)
    return (*lines, Message("web.say.advice_keep"), Message("web.say.advice_fee"))


def _confirm(loss: Loss, names: Names) -> Message | None:
    """Without the payer's bank's word a hold lapses: the victim can hurry the own bank, nobody else can."""
    bank = Message("web.words", {"text": names.institution(loss.payer_institution)})
    if loss.payer_institution is None:
        bank = Message("web.say.your_bank")
    if loss.confirmation is LossConfirmation.PENDING:
        return Message("web.say.advice_confirm", {"bank": bank, "by_hm": loss.confirm_by})
    if loss.confirmation is LossConfirmation.CONFIRMED:
        return None
    return Message("web.say.advice_unconfirmed", {"bank": bank})
