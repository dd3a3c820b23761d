"""One trace with everything about it, read in a few queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import person_names
from lachan.foundation.base import Actor, InputReason, Language, NotFound
from lachan.foundation.base.ids import is_reference_code
from lachan.foundation.taxonomy import threshold
from lachan.foundation.trail.tables import fact
from lachan.intake import Report, report_by_id
from lachan.response import store, tables
from lachan.response.actions.entitled import desk_kind
from lachan.response.actions.hops import settlement
from lachan.response.actions.learning import learnt
from lachan.response.model import Hold, HoldState, Hop, Trace
from lachan.response.rules.asking import asked_of, road_of
from lachan.response.rules.settle import Onward, Settlement
from lachan.response.views.names import Names, names_of
from lachan.response.views.resting import Word, word_of
from lachan.tracing.next import Counts, Outlook, outlook

STREAM_MAX = 60
# What somebody at the desk wants to read; the rest of the trail is bookkeeping.
TOLD = (
    "report.received", "hold.drafted", "hold.approved", "hold.rejected", "hold.requested", "hold.acknowledged",
    "hold.placed", "hold.not_placed", "hold.released", "hold.expired", "hold.extended", "hold.converted",
    "hold.voided", "hold.lifted", "hold.excess", "hold.raised", "hold.recommended", "hold.silent",
    "hold.asked_again", "hold.escalated", "answer.refused", "receipts.asked", "receipts.told",
    "loss.confirmed", "loss.denied", "loss.lapsed", "loss.lowered", "loss.named", "loss.overlap",
    "trace.cancelled", "trace.all_answered", "notice.served", "release.unconfirmed", "personal.viewed",
    "trace.taken", "trace.analysed", "report.formalised", "report.complex", "report.extension_requested",
    "report.extended", "report.passed_on", "report.referred", "report.withdrawn", "report.closed",
    "report.notified", "report.notice_overdue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one trace now, and who is looking."""

    trace: Trace
    report: Report
    hops: tuple[Hop, ...]
    holds: Mapping[str, Hold]
    settled: Mapping[str, Settlement]
    tasks: tuple[Any, ...]
    facts: tuple[Any, ...]
    names: Names
    actor: Actor
    language: Language
    now: datetime
    full: bool
    # The kind of body in whose name this desk asks.
    asker_kind: str
    # Appeals against its holds that nobody has decided.
    appeals: tuple[Any, ...]
    # The names of the officers who work or worked on it, by id.
    people: Mapping[str, str]
    # What earlier answers taught about speed.
    learnt: Counts

    def hop_of(self, hold: Hold) -> Hop | None:
        """The first hop that a hold serves here."""
        return next((hop for hop in self.hops if hop.hold_id == hold.id), None)

    def rests_on(self, hop: Hop) -> Word | None:
        """On whose word these coins came here, and past which silent institution; None where all have answered."""
        return word_of(hop, {one.id: one for one in self.hops}.get, self.holds.__getitem__, self.names)

    def told_onward(self, hold: Hold) -> list[Onward]:
        """Of an unanswered request's money, what others say they received."""
        mine = [hop.id for hop in self.hops if hop.hold_id == hold.id] if hold.answer is None else []
        return [one for hop_id in mine for one in self.settled[hop_id].onward]

    def depth(self, hold: Hold) -> int:
        """The hop number of a hold, 1 for where the victim's money arrived."""
        hop = self.hop_of(hold)
        return hop.depth if hop else 0

    def outlook(self, hold: Hold, amount_vnd: int) -> Outlook:
        """What answers taught about this request, or a part of its money."""
        hop = self.hop_of(hold)
        parent = next((one for one in self.hops if hop is not None and one.id == hop.parent_id), None)
        road = road_of(hop, self.holds.get(parent.hold_id) if parent else None)
        return outlook(asked_of(hold, road, amount_vnd), self.learnt, self.now)

    def unexplained_vnd(self, hold: Hold) -> int:
        """What the institution's answer leaves open."""
        return sum(self.settled[hop.id].unexplained_vnd for hop in self.hops if hop.hold_id == hold.id)

    def is_waiting(self, hold: Hold) -> bool:
        """Whether the institution has yet to answer."""
        return hold.state in {HoldState.REQUESTED, HoldState.ACKNOWLEDGED}

    def is_silent(self, hold: Hold) -> bool:
        """Whether it has let a deadline pass."""
        if hold.state is HoldState.REQUESTED:
            return hold.ack_by is not None and hold.ack_by < self.now
        return self.is_waiting(hold) and hold.answer_by is not None and hold.answer_by < self.now


def trace_by_code(conn: Connection, code: str) -> Trace:
    """The trace of a report's code; a mistyped code is not looked up at all."""
    wanted = code.strip().upper()
    row = None
    if is_reference_code(wanted):
        row = conn.execute(sa.select(tables.trace).where(tables.trace.c.code == wanted)).first()
    if row is None:
        raise NotFound(InputReason.NO_SUCH_RECORD, field="code")
    return store.trace_from_row(row)


def trace_version(conn: Connection, trace_id: str) -> tuple[int, int]:
    """Changes whenever the trace or the sealing of its newest fact does; one indexed query."""
    row = conn.execute(
        sa.select(fact.c.ordinal, fact.c.sequence)
        .where(fact.c.subject == f"trace:{trace_id}")
        .order_by(fact.c.ordinal.desc())
        .limit(1)
    ).first()
    return (row.ordinal, row.sequence or 0) if row else (0, 0)


def load(conn: Connection, trace: Trace, actor: Actor, language: Language, now: datetime, *, full: bool) -> Record:
    """Read one trace; `full` when the viewer has stated a purpose."""
    hops = tuple(store.hops(conn, trace_id=trace.id))
    shared = {hop.hold_id for hop in hops}
    found = store.holds(conn, sa.or_(tables.hold.c.trace_id == trace.id, tables.hold.c.id.in_(shared)))
    holds = {hold.id: hold for hold in found}
    floor_vnd = int(threshold("tracing_floor", now).value)
    settled = {hop.id: settlement(hop, holds[hop.hold_id], floor_vnd) for hop in hops}
    tasks = tuple(
        conn.execute(
            sa.select(tables.task)
            .where(tables.task.c.trace_id == trace.id)
            .order_by(tables.task.c.opened_at, tables.task.c.id)
        ).all()
    )
    report, kind = report_by_id(conn, trace.report_id), desk_kind(conn, trace.desk_id)
    subjects = [f"trace:{trace.id}", f"report:{trace.report_id}"]
    subjects += [f"hold:{hold_id}" for hold_id in holds] + [f"loss:{loss.id}" for loss in report.losses]
    facts = tuple(
        conn.execute(
            sa.select(
                fact.c.ordinal, fact.c.sequence, fact.c.kind, fact.c.subject, fact.c.actor, fact.c.learned_at,
                fact.c.data, fact.c.purpose,
            )
            .where(fact.c.subject.in_(subjects), fact.c.kind.in_(TOLD))
            .order_by(fact.c.ordinal.desc())
            .limit(STREAM_MAX)
        ).all()
    )  # fmt: skip
    officers = {row.data["officer"] for row in facts if row.kind == "trace.taken"}
    people = person_names(conn, officers | ({trace.officer_id} if trace.officer_id else set()))
    return Record(
        trace, report, hops, holds, settled, tasks, facts, names_of(conn), actor, language, now, full, kind,
        _appeals(conn, trace.id), people, learnt(conn, now),
    )  # fmt: skip


def _appeals(conn: Connection, trace_id: str) -> tuple[Any, ...]:
    query = (
        sa.select(tables.appeal)
        .where(tables.appeal.c.trace_id == trace_id, tables.appeal.c.state != "decided")
        .order_by(tables.appeal.c.id)
    )
    return tuple(conn.execute(query).all())
