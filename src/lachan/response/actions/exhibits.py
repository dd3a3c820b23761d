"""An exhibit of where a report's money is: issued once, made again from its fact at any time."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation import documents
from lachan.foundation.access import Permission, require, require_view
from lachan.foundation.base import Actor, BadInput, Conflict, InputReason, Language, new_id
from lachan.foundation.storage import Database
from lachan.foundation.trail import append, current_head
from lachan.foundation.trail.tables import fact
from lachan.response import store
from lachan.response.model import ExhibitReason, Trace
from lachan.response.views.letters import Sender
from lachan.response.views.money.exhibit import ISSUED, Terms, exhibit_of, names_in, officer_of
from lachan.response.views.money.load import At, floor_vnd, surroundings_of
from lachan.tracing import CONSERVING, Rule

# Two exhibits of one trace at once would have one number.
_TRIES = 3
_TURN = sa.text("SELECT pg_advisory_xact_lock(7240119, hashtext(:trace))")


@dataclass(frozen=True, slots=True)
class ExhibitMade:
    """The exhibit's fact, and its bytes."""

    fact_id: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What its fact will say, and its bytes."""

    said: Mapping[str, Any]
    pdf: bytes


def issue_exhibit(
    db: Database,
    actor: Actor,
    trace_id: str,
    rule: str,
    at: At,
    sender: Sender,
    *,
    now: datetime,
    wall_now: datetime,
) -> ExhibitMade:
    """Issue the exhibit by one conserving rule, from the facts that have their number in the trail by now.

    Only somebody who has stated a purpose: it names accounts in full. Its fact keeps the terms, the trail's
    head, and the hashes of its content and bytes, so that whoever doubts it makes it again. It is drawn before
    anything is written: nobody waits for a page to be set.
    """
    for _ in range(_TRIES):
        with db.read() as conn:
            drawn = _drawn(conn, actor, trace_id, rule, at, sender, now=now, wall_now=wall_now)
        with db.unit(now, actor) as unit:
            if unit.conn.dialect.name == "postgresql":
                unit.conn.execute(_TURN, {"trace": trace_id})
            # Another one may have taken its number meanwhile.
            if drawn.said["number"] == _number(unit.conn, store.trace(unit.conn, trace_id)):
                return ExhibitMade(append(unit, ISSUED, f"trace:{trace_id}", dict(drawn.said)), drawn.pdf)
    raise Conflict(InputReason.CHANGED_MEANWHILE)


def _drawn(
    conn: Connection, actor: Actor, trace_id: str, rule: str, at: At, sender: Sender, *, now: datetime,
    wall_now: datetime,
) -> _Drawn:  # fmt: skip
    trace = store.trace(conn, trace_id)
    require(actor, Permission.TRACE_ANALYSE, agency_id=trace.desk_id)
    require_view(conn, actor, f"report:{trace.report_id}", wall_now)
    if rule not in CONSERVING:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="rule", value=rule[:40], expected=", ".join(CONSERVING))
    head = current_head(conn)
    if head is None:
        raise Conflict(ExhibitReason.NOTHING_SEALED)
    around, _ = surroundings_of(conn, trace)
    known = around.at(as_of=at.as_of, known_at=at.known_at, sealed=head.sequence)
    if not known.transfers and around.facts:
        raise Conflict(ExhibitReason.NOTHING_SEALED if not at.is_past else ExhibitReason.NOTHING_TRACED)
    terms = Terms(
        new_id(), _number(conn, trace), Rule(rule), at, (head.sequence, head.hash), floor_vnd(now), now,
        officer_of(conn, actor.reference), names_in(conn, known),
    )  # fmt: skip
    made = exhibit_of(conn, trace, terms, sender)
    pdf = documents.render_exhibit(made, Language.VI)
    said = {
        "exhibit": terms.id, "number": terms.number, "rule": rule, "as_of": _text(at.as_of),
        "known_at": _text(at.known_at), "head": {"sequence": head.sequence, "hash": head.hash},
        "floor_vnd": terms.floor_vnd, "names": terms.names, "facts": made.facts,
        "content": documents.exhibit_digest(made), "sha256": hashlib.sha256(pdf).hexdigest(),
    }  # fmt: skip
    return _Drawn(said, pdf)


def _number(conn: Connection, trace: Trace) -> str:
    """The number of the trace's next exhibit."""
    query = sa.select(sa.func.count()).where(fact.c.subject == f"trace:{trace.id}", fact.c.kind == ISSUED)
    return f"{trace.code}/TV-{conn.execute(query).scalar_one() + 1:02d}"


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
