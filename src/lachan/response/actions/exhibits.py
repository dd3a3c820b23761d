"""An exhibit of where a report's money is: issued once, made again from its fact at any time."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from lachan.foundation import documents
from lachan.foundation.access import Permission, require, require_view
from lachan.foundation.base import BadInput, Conflict, InputReason, Language, new_id
from lachan.foundation.storage import Unit
from lachan.foundation.trail import append, current_head
from lachan.foundation.trail.tables import fact
from lachan.response import store
from lachan.response.model import ExhibitReason
from lachan.response.views.letters import Sender
from lachan.response.views.money.exhibit import ISSUED, Terms, exhibit_of, names_in, officer_of
from lachan.response.views.money.load import At, floor_vnd, surroundings_of
from lachan.tracing import CONSERVING, Rule

# Two exhibits of one trace at once would have one number.
_TURN = sa.text("SELECT pg_advisory_xact_lock(7240119, hashtext(:trace))")


@dataclass(frozen=True, slots=True)
class ExhibitMade:
    """The exhibit's fact, and its bytes."""

    fact_id: str
    pdf: bytes


def issue_exhibit(
    unit: Unit, trace_id: str, rule: str, at: At, sender: Sender, *, wall_now: datetime
) -> ExhibitMade:
    """Issue the exhibit by one conserving rule, from the facts that have their number in the trail by now.

    Only somebody who has stated a purpose: it names accounts in full. Its fact keeps the terms, the trail's
    head, and the hashes of its content and bytes, so that whoever doubts it makes it again.
    """
    trace = store.trace(unit.conn, trace_id)
    require(unit.actor, Permission.TRACE_ANALYSE, agency_id=trace.desk_id)
    require_view(unit.conn, unit.actor, f"report:{trace.report_id}", wall_now)
    if rule not in CONSERVING:
        raise BadInput(InputReason.UNKNOWN_VALUE, field="rule", value=rule[:40], expected=", ".join(CONSERVING))
    if unit.conn.dialect.name == "postgresql":
        unit.conn.execute(_TURN, {"trace": trace_id})
    head = current_head(unit.conn)
    if head is None:
        raise Conflict(ExhibitReason.NOTHING_SEALED)
    around, _ = surroundings_of(unit.conn, trace)
    known = around.at(as_of=at.as_of, known_at=at.known_at, sealed=head.sequence)
    if not known.transfers and around.facts:
        raise Conflict(ExhibitReason.NOTHING_SEALED if not at.is_past else ExhibitReason.NOTHING_TRACED)
    terms = Terms(
        new_id(), f"{trace.code}/TV-{_count(unit, trace_id) + 1:02d}", Rule(rule), at, (head.sequence, head.hash),
        floor_vnd(unit.now), unit.now, officer_of(unit.conn, unit.actor.reference), names_in(unit.conn, known),
    )  # fmt: skip
    made = exhibit_of(unit.conn, trace, terms, sender)
    pdf = documents.render_exhibit(made, Language.VI)
    fact_id = append(
        unit, ISSUED, f"trace:{trace_id}",
        {
            "exhibit": terms.id, "number": terms.number, "rule": rule, "as_of": _text(at.as_of),
            "known_at": _text(at.known_at), "head": {"sequence": head.sequence, "hash": head.hash},
            "floor_vnd": terms.floor_vnd, "names": terms.names, "facts": made.facts,
            "content": documents.exhibit_digest(made), "sha256": hashlib.sha256(pdf).hexdigest(),
        },
    )  # fmt: skip
    return ExhibitMade(fact_id, pdf)


def _count(unit: Unit, trace_id: str) -> int:
    query = sa.select(sa.func.count()).where(fact.c.subject == f"trace:{trace_id}", fact.c.kind == ISSUED)
    return unit.conn.execute(query).scalar_one()


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
