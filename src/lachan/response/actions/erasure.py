"""Personal data of a case goes when the time of its class is over, or when its person asks and no law keeps it.

Figures, amounts, banks and times stay, so that sums and statistics still hold; names, accounts, references, texts
and messages go, and so do the salts of what the trail says about them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from lachan.foundation.access import Permission, grant_subject_request, require
from lachan.foundation.base import VIETNAM, BadInput, Conflict, InputReason, Language, NotFound, translate
from lachan.foundation.base.ids import read_reference_code
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Unit
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import Veil, append, destroy_salts
from lachan.intake import LossConfirmation, ReportStatus, erase_contact, erase_losses, erase_reports
from lachan.intake.tables import loss, report
from lachan.ledger import erase_told
from lachan.registry import APPEAL_PREFIX, erase_appeal_contact
from lachan.registry import views as listings
from lachan.response import tables
from lachan.response.actions.work import wait_turn
from lachan.response.model import HOLDING, OPEN, HoldReason
from lachan.response.refunds.erasing import erase_refunds, is_asked
from lachan.response.rules.erasure import Part, Standing, Verdict, scrubbed, unsigned, verdicts

_T, _H, _A = tables.trace, tables.hold, tables.appeal
_UNFOUNDED = (ReportStatus.WITHDRAWN, ReportStatus.REFERRED, ReportStatus.DUPLICATE)
_LONGEST_DAYS = {"months": 28, "calendar_days": 1}
CODES_MAX = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A report with what came of it; or with `appeal_id` an appeal, whose person is the account's holder."""

    report_id: str
    trace_id: str | None
    desk_id: str | None
    standing: Standing
    appeal_id: str | None = None


def keep_retention(unit: Unit, *, limit: int = 200) -> int:
    """Erase what has had its time, class by class; returns how many cases were touched. Open ones wait."""
    require(unit.actor, Permission.CLOCK_RUN)
    veil = Veil()
    kept = report.c.erased_at.is_(None)
    unverified = _ripe(unit, "retention_unverified_report", sa.and_(kept, _unverified()), limit)
    told = [*unverified, *_ripe(unit, "retention_report", kept, limit)]
    if told:
        erase_reports(unit, [one.report_id for one in {one.report_id: one for one in told}.values()])
    moved = _ripe(unit, "retention_transfer", _has_salt(loss, loss.c.report_id == report.c.id), limit)
    _erase_transfers(unit, moved, veil)
    asked = _ripe(unit, "retention_hold_request", _asked(), limit, _none_younger)
    _erase_requests(unit, asked, veil)
    appealed = _ripe(unit, "retention_appeal", _has_salt(_A, _A.c.trace_id == _T.c.id), limit)
    _erase_appeals(unit, [_A.c.trace_id == one.trace_id for one in appealed])
    return len({one.report_id for one in (*told, *moved, *asked, *appealed)})


def grant_erasure(
    unit: Unit, request_id: str, words: str, codes: Sequence[str], language: Language, *,
    also: Sequence[tuple[str, tuple[Verdict, ...]]] = (),
) -> tuple[Verdict, ...]:  # fmt: skip
    """Erase what may lawfully go of the cases that the codes name, and answer: what went, what stays, and why.

    `also` is what the caller erased in this transaction of other records, each with what to call it in the answer;
    one without a name is not spoken of.

    Refusals: MISSING and NO_SUCH_RECORD for codes, NOTHING_TO_ERASE where the law keeps all of it: the request is
    then refused with that reason.
    """
    require(unit.actor, Permission.DATASUBJECT_MANAGE)
    # Before the cases are read: a step that would open one of them again waits, or is seen.
    wait_turn(unit)
    if not codes and not also:
        raise BadInput(InputReason.MISSING, field="codes")
    if len(codes) > CODES_MAX:
        raise BadInput(InputReason.TOO_LONG, field="codes", limit=CODES_MAX)
    lines, said = [], []
    found: list[Verdict] = []
    all_of_it = list(also)
    for code in codes:
        decided = _erased_of_listing(unit, code) if _is_of_listing(code) else _erased_of_case(unit, code)
        all_of_it.append((code, decided))
    for name, decided in all_of_it:
        found += decided
        if name:
            lines += [f"{name}:", *(_sentence(one, language) for one in decided)]
        said.append(
            {"erased": [one.part.value for one in decided if one.keep is None],
             "kept": {one.part.value: one.keep.value for one in decided if one.keep is not None}}
        )  # fmt: skip
    if all(one.keep is not None for one in found):
        raise Conflict(HoldReason.NOTHING_TO_ERASE, field="codes")
    grant_subject_request(unit, request_id, "\n".join([words.strip(), "", *lines]).strip(), erased=True)
    append(unit, "subject_request.carried_out", f"subject_request:{request_id}", {"cases": said})
    return tuple(found)


def _is_of_listing(code: str) -> bool:
    return code.strip().upper().startswith(APPEAL_PREFIX)


def _erased_of_listing(unit: Unit, code: str) -> tuple[Verdict, ...]:
    """The appeal of a holder against being listed."""
    appeal, _ = listings.appeal_by_code(unit.conn, read_reference_code(code, APPEAL_PREFIX) or "")
    since = appeal.decided_at or appeal.opened_at
    decided = verdicts(Standing(appeal.outcome is None, False, False, True, since))
    if any(one.part is Part.APPEAL_CONTACT and one.keep is None for one in decided):
        erase_appeal_contact(unit, appeal.id)
    return decided


def _erased_of_case(unit: Unit, code: str) -> tuple[Verdict, ...]:
    case = _case_of(unit, code)
    require(unit.actor, Permission.DATASUBJECT_MANAGE, case.desk_id)
    decided = verdicts(case.standing)
    _carry_out(unit, case, decided)
    return decided


def _carry_out(unit: Unit, case: Case, decided: Collection[Verdict]) -> None:
    goes = {one.part for one in decided if one.keep is None}
    if Part.APPEAL_CONTACT in goes and case.appeal_id is not None:
        unit.conn.execute(sa.update(_A).where(_A.c.id == case.appeal_id).values(holder_contact=None))
        append(unit, "appeal.contact_erased", f"appeal:{case.appeal_id}", {}, rows=[("appeal", case.appeal_id)])
    if Part.CONTACT in goes:
        erase_contact(unit, case.report_id)
    if Part.STORY in goes:
        erase_reports(unit, [case.report_id])
    if Part.TRANSFERS in goes:
        _erase_transfers(unit, [case], Veil())


def _sentence(one: Verdict, language: Language) -> str:
    part = translate(f"erasure.part.{one.part}", language)
    if one.keep is None:
        return translate("erasure.erased", language, part=part)
    why = translate(f"erasure.keep.{one.keep}", language)
    if one.until is None:
        return translate("erasure.kept", language, part=part, why=why)
    # A period ends at 24:00: its last day is the day before that instant.
    until = (one.until - timedelta(microseconds=1)).astimezone(VIETNAM).strftime("%d/%m/%Y")
    return translate("erasure.kept_until", language, part=part, why=why, until=until)


def _case_of(unit: Unit, code: str) -> Case:
    of_appeal, of_report = read_reference_code(code, "KN"), read_reference_code(code)
    where: sa.ColumnElement[bool] | None = None
    appeal = None
    if of_appeal is not None and code.strip().upper().startswith("KN"):
        appeal = unit.conn.execute(sa.select(_A.c.id, _A.c.trace_id).where(_A.c.code == of_appeal)).first()
        where = _T.c.id == appeal.trace_id if appeal else None
    elif of_report is not None:
        where = report.c.code == of_report
    row = unit.conn.execute(_cases(where)).first() if where is not None else None
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="codes")
    return _case(row, appeal.id if appeal else None)


def _cases(where: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
    """Reports with how they stand. A hold counts for every trace that has coins in it."""
    # Tied to the case two selects further out by name: left to itself it would ask of all traces there are.
    mine = sa.select(tables.hop.c.hold_id).where(tables.hop.c.trace_id == _T.c.id).correlate(_T)
    held = _H.c.id.in_(mine)
    running = sa.exists().where(held, _H.c.state.in_([*OPEN, *HOLDING]))
    undecided = sa.exists().where(_A.c.trace_id == _T.c.id, _A.c.state != "decided")
    decided_at = sa.select(sa.func.max(_A.c.decided_at)).where(_A.c.trace_id == _T.c.id).scalar_subquery()
    return (
        sa.select(
            report.c.id, report.c.status, report.c.received_at, report.c.agency_id,
            _T.c.id.label("trace_id"), _T.c.closed_at, decided_at.label("decided_at"),
            sa.or_(running, undecided, is_asked(_T.c.id)).label("open"), _unverified().label("unverified"),
            sa.exists().where(held, _H.c.requested_at.is_not(None)).label("asked"),
        )
        .outerjoin(_T, _T.c.report_id == report.c.id)
        .where(where)
        .order_by(report.c.received_at, report.c.id)
    )  # fmt: skip


def _case(row: sa.Row[tuple[object, ...]], appeal_id: str | None = None) -> Case:
    ends = [at for at in (row.received_at, row.closed_at, row.decided_at) if at is not None]
    unfounded = bool(row.unverified) or ReportStatus(row.status) in _UNFOUNDED
    waits = row.trace_id is None and ReportStatus(row.status) is ReportStatus.RECEIVED
    standing = Standing(bool(row.open) or waits, unfounded, bool(row.asked), appeal_id is not None, max(ends))
    return Case(row.id, row.trace_id, row.agency_id, standing, appeal_id)


def _unverified() -> sa.ColumnElement[bool]:
    """No bank confirmed any transfer of the report: all were denied, or nobody answered."""
    untrue = [LossConfirmation.DENIED, LossConfirmation.LAPSED]
    mine = loss.c.report_id == report.c.id
    return sa.and_(sa.exists().where(mine), ~sa.exists().where(mine, loss.c.confirmation.not_in(untrue)))


def _has_salt(table: sa.Table, mine: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether the case has rows of this table that nobody has erased yet."""
    return sa.exists().where(mine, table.c.digest_salt.is_not(None))


def _asked() -> sa.ColumnElement[bool]:
    """Whether requests, tasks or an analysis of the case are kept. A report without a trace has tasks, too."""
    task = tables.task
    return sa.or_(
        _has_salt(_H, _H.c.trace_id == _T.c.id), _has_salt(task, task.c.report_id == report.c.id),
        _T.c.analysis.is_not(None),
    )  # fmt: skip


def _ripe(
    unit: Unit,
    code: str,
    where: sa.ColumnElement[bool],
    limit: int,
    may_go: Callable[[Unit, Case, str], bool] = lambda *_: True,
) -> list[Case]:
    """Cases of which this class's time is over and nothing is open, oldest first.

    Old cases that wait do not count: it reads on until `limit` are due, or those behind them would wait for ever.
    """
    row = retention(code, unit.now)
    # Early enough for every row that can be due; the exact instant depends on the calendar and is asked below.
    earliest = unit.now - timedelta(days=row.value * _LONGEST_DAYS[row.unit])
    due: list[Case] = []
    onward: sa.ColumnElement[bool] = sa.true()
    while len(due) < limit:
        rows = unit.conn.execute(
            _cases(sa.and_(report.c.received_at <= earliest, where, onward)).limit(limit)
        ).all()  # fmt: skip
        cases = [_case(found) for found in rows]
        due += [
            one for one in cases
            if not one.standing.open and _is_over(code, one.standing.since, unit.now) and may_go(unit, one, code)
        ]  # fmt: skip
        if len(rows) < limit:
            break
        last = rows[-1]
        onward = sa.or_(
            report.c.received_at > last.received_at,
            sa.and_(report.c.received_at == last.received_at, report.c.id > last.id),
        )
    return due[:limit]


def _is_over(code: str, since: datetime, now: datetime) -> bool:
    return retention(code, since).has_run_out(since, now)


def _none_younger(unit: Unit, case: Case, code: str) -> bool:
    """Whether no other case that shares a hold with this one still needs it."""
    mine = sa.select(tables.hop.c.hold_id).where(tables.hop.c.trace_id == case.trace_id)
    others = sa.select(tables.hop.c.trace_id).where(tables.hop.c.hold_id.in_(mine))
    shared = [_case(row).standing for row in unit.conn.execute(_cases(_T.c.id.in_(others)))]
    return all(not one.open and _is_over(code, one.since, unit.now) for one in shared)


def _erase_transfers(unit: Unit, cases: Sequence[Case], veil: Veil) -> None:
    if not cases:
        return
    reports = [one.report_id for one in cases]
    mine = unit.conn.execute(sa.select(loss.c.id).where(loss.c.report_id.in_(reports))).scalars()
    erase_told(unit, [f"loss:{one}" for one in mine], veil)
    erase_losses(unit, reports, veil)
    hop = tables.hop
    rows = unit.conn.execute(sa.select(hop).where(hop.c.trace_id.in_([one.trace_id for one in cases]))).all()
    for row in rows:
        values = {"account": veil.hide(row.account), "reference": veil.hide(row.reference), "digest_salt": None}
        unit.conn.execute(sa.update(hop).where(hop.c.id == row.id).values(values))
    if rows:
        append(
            unit, "retention.hops_erased", "response", {"hops": len(rows)}, rows=[("hop", row.id) for row in rows]
        )


def _erase_requests(unit: Unit, cases: Sequence[Case], veil: Veil) -> None:
    """Requests, answers, what was written to institutions, prepared replies, tasks' notes, the analysis."""
    if not cases:
        return
    traces = [one.trace_id for one in cases if one.trace_id is not None]
    reports = [one.report_id for one in cases]
    holds = unit.conn.execute(sa.select(_H).where(_H.c.trace_id.in_(traces))).all()
    for row in holds:
        unit.conn.execute(
            sa.update(_H)
            .where(_H.c.id == row.id)
            .values(
                account=veil.hide(row.account), reference=veil.hide(row.reference),
                answer=scrubbed(row.answer, veil), receipts=None, decision=unsigned(row.decision), proposal=None,
                proposed_at=None, recommended=unsigned(row.recommended), requester_name="",
                approver_name=None, content_hash="", digest_salt=None,
            )
        )  # fmt: skip
    erase_told(unit, [f"hold:{row.id}" for row in holds], veil)
    task = tables.task
    # By the report: a report that was never traced has tasks of its own.
    tasks = list(unit.conn.execute(sa.select(task.c.id).where(task.c.report_id.in_(reports))).scalars())
    unit.conn.execute(sa.update(task).where(task.c.report_id.in_(reports)).values(note=None, digest_salt=None))
    unit.conn.execute(sa.update(_T).where(_T.c.id.in_(traces)).values(analysis=None))
    losses = list(unit.conn.execute(sa.select(loss.c.id).where(loss.c.report_id.in_(reports))).scalars())
    subjects = [f"{kind}:{row.id}" for row in holds for kind in ("hold", "receipts")] + [
        f"loss:{one}" for one in losses
    ]
    reply = tables.prepared_reply
    written = sa.select(message.c.id).where(message.c.subject.in_(subjects))
    query = sa.select(reply.c.id).where(sa.or_(reply.c.subject.in_(subjects), reply.c.id.in_(written)))
    replies = list(unit.conn.execute(query).scalars())
    unit.conn.execute(sa.delete(reply).where(reply.c.id.in_(replies)))
    unit.conn.execute(sa.delete(message).where(message.c.subject.in_(subjects)))
    erase_refunds(unit, traces, veil)
    destroy_salts(unit, [*subjects, *(f"trace:{one}" for one in traces)])
    append(
        unit, "retention.requests_erased", "response",
        {"holds": [row.id for row in holds], "tasks": len(tasks)},
        rows=[
            *(("hold", row.id) for row in holds), *(("response_task", one) for one in tasks),
            *(("prepared_reply", one) for one in replies),
        ],
    )  # fmt: skip


def _erase_appeals(unit: Unit, wheres: Sequence[sa.ColumnElement[bool]]) -> None:
    if not wheres:
        return
    ids = list(unit.conn.execute(sa.select(_A.c.id).where(sa.or_(*wheres))).scalars())
    nothing = dict.fromkeys(("holder_name", "holder_contact", "grounds", "reasons", "digest_salt"))
    unit.conn.execute(sa.update(_A).where(_A.c.id.in_(ids)).values(nothing))
    destroy_salts(unit, [f"appeal:{one}" for one in ids])
    append(
        unit, "retention.appeals_erased", "response", {"appeals": len(ids)}, rows=[("appeal", one) for one in ids]
    )
