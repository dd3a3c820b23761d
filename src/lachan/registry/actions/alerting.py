"""The victim still paying: who paid an account that is now suspected is told by the payer's own bank, at once.

Payments are kept only for as long as a warning can still help. Each payment is told once, to the institution of its
payer and to nobody else, and never to the institution that told it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lachan.foundation.access import Permission, agency_by_code, agency_id_by_code, agency_on, require
from lachan.foundation.base import Language, new_id, translate
from lachan.foundation.identifiers import Kind
from lachan.foundation.protocol import EventType, ListedVerdict, PayerAlert
from lachan.foundation.protocol.outbox import Outbox, delete_messages, is_sent
from lachan.foundation.storage import Unit, enqueue, hold_names
from lachan.foundation.taxonomy import clock, retention, vietnam_date
from lachan.foundation.trail import append
from lachan.registry import rules, store
from lachan.registry.model import Entry, Verdict
from lachan.registry.rules.drafting import CLOCK_TOLERANCE
from lachan.registry.tables import entry, payment

_SHORTEST_MONTH = timedelta(days=28)
PAYABLE = frozenset({Kind.ACCOUNT.value, Kind.WALLET.value})


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment to an account, both as canonical keys. `told_by`: the agency, or the code, of who told it."""

    payee: str
    payer: str | None
    payer_institution: str
    reference: str | None
    amount_vnd: int
    booked_at: datetime
    told_by: str | None
    origin: str


def record_payments(unit: Unit, payments: Iterable[Payment]) -> int:
    """Keep what may have to be told; what is too old, or known already, is left out. Returns how many were kept.

    Who may is the caller's question: payments come with reports, answers and submissions.
    """
    since = _since(unit.now)
    # Another clock's future would be kept for ever.
    until = unit.now + CLOCK_TOLERANCE
    fresh = [one for one in payments if since < one.booked_at <= until and rules.is_tellable(one.payee)]
    if not fresh:
        return 0
    conn = unit.conn
    payees = sorted({one.payee for one in fresh})
    wait_for_payees(conn, payees)
    # Whoever lists one of these at this moment sees the payments, or is seen by those who tell of them.
    conn.execute(
        sa.select(entry.c.id).where(store.among(conn, entry.c.key, payees)).order_by(entry.c.key).with_for_update()
    )
    query = sa.select(payment).where(store.among(conn, payment.c.payee, payees), payment.c.booked_at > since)
    known: list[Any] = list(conn.execute(query))
    kept: list[Payment] = []
    for one in fresh:
        if not any(rules.is_same_payment(one, other) for other in (*known, *kept)):
            kept.append(one)
    if kept:
        conn.execute(sa.insert(payment), [_values(conn, one) for one in kept])
        wake_alerts(unit, payees)
    return len(kept)


def wait_for_payees(conn: Connection, payees: Iterable[str]) -> None:
    """From here to the end of the transaction nobody else records who paid these, listed or not.

    Two who told of one payment at once would each not see the other. Before any entry is locked.
    """
    hold_names(conn, (f"payee {one}" for one in payees))


def wake_alerts(unit: Unit, keys: Sequence[str]) -> None:
    """Have the payers of these accounts told, if there are any who were not."""
    payable = [key for key in keys if key.partition(":")[0] in PAYABLE]
    if not payable:
        return
    query = sa.select(payment.c.payee, sa.func.sum(payment.c.amount_vnd).label("vnd"))
    rows = unit.conn.execute(query.where(*_untold(unit, payable)).group_by(payment.c.payee)).all()
    if rows:
        enqueue(unit, "alert_payers", {"keys": [row.payee for row in rows]}, priority=sum(int(r.vnd) for r in rows))


def alert_payers(unit: Unit, outbox: Outbox, keys: Sequence[str]) -> int:
    """Tell each payer's institution of the payments to those of these accounts that are suspected now.

    A payment is told once, whatever becomes of the verdict afterwards. Returns how many were told.
    """
    require(unit.actor, Permission.CLOCK_RUN)
    entries = store.entries_by_key(unit.conn, keys)
    listed = [key for key, one in entries.items() if one.in_force(unit.now) is not Verdict.CLEAR]
    if not listed:
        return 0
    query = sa.select(payment).where(*_untold(unit, listed)).order_by(payment.c.amount_vnd.desc(), payment.c.id)
    told = 0
    for row in unit.conn.execute(query.with_for_update()).all():
        known = _knows_already(unit.conn, row)
        message_id = None if known else _tell(unit, outbox, row, entries[row.payee])
        told += message_id is not None
        unit.conn.execute(
            sa.update(payment).where(payment.c.id == row.id).values(settled_at=unit.now, message_id=message_id)
        )
    return told


def forget_payments(unit: Unit) -> int:
    """What nobody has to be told any more goes; alerts go with the time in which transfers are kept."""
    require(unit.actor, Permission.CLOCK_RUN)
    conn = unit.conn
    unsent = conn.execute(
        sa.delete(payment).where(payment.c.message_id.is_(None), payment.c.booked_at <= _since(unit.now))
    ).rowcount
    row = retention("retention_transfer", unit.now)
    surely_younger = unit.now - row.value * _SHORTEST_MONTH
    query = sa.select(payment.c.id, payment.c.settled_at)
    sent = conn.execute(query.where(payment.c.message_id.is_not(None), payment.c.settled_at <= surely_younger))
    over = [one.id for one in sent if row.deadline(one.settled_at) <= unit.now]
    if over:
        delete_messages(unit, [f"payment:{one}" for one in over])
        conn.execute(sa.delete(payment).where(store.among(conn, payment.c.id, over)))
    if unsent or over:
        append(unit, "retention.payments_forgotten", "registry:payments", {"payments": unsent, "alerts": over})
    return unsent + len(over)


def _since(now: datetime) -> datetime:
    return clock("payer_alert_window", now).before(now)


def _untold(unit: Unit, keys: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        store.among(unit.conn, payment.c.payee, keys), payment.c.settled_at.is_(None),
        payment.c.booked_at > _since(unit.now),
    )  # fmt: skip


def _knows_already(conn: Connection, row: Any) -> bool:
    """Whether the payer's institution told it itself, or is asked about this very transfer in the golden hour."""
    return row.told_by == _who(conn, row.payer_institution) or is_sent(conn, row.origin, EventType.TRANSFER_CONFIRM)


def _tell(unit: Unit, outbox: Outbox, row: Any, listed: Entry) -> str | None:
    verdict = listed.in_force(unit.now)
    if verdict is Verdict.CLEAR:
        return None
    institution = _institution_today(unit, row.payer_institution)
    alert = PayerAlert(
        id=row.id, institution=institution, payer_account=row.payer if rules.is_tellable(row.payer) else None,
        reference=rules.real_reference(row.reference), amount_vnd=row.amount_vnd, booked_at=row.booked_at,
        payee_account=row.payee,
        verdict=ListedVerdict(verdict.value), reasons=listed.reasons, until=listed.until,
        advice=translate(f"payer_alert.advice_{verdict.value}", Language.VI),
    )  # fmt: skip
    message_id = outbox.send(unit, institution, f"payment:{row.id}", alert, priority=row.amount_vnd)
    append(
        unit, "payer.alerted", f"payment:{row.id}",
        {"institution": institution, "amount_vnd": row.amount_vnd, "verdict": verdict, "entry": listed.id},
    )  # fmt: skip
    return message_id


def _institution_today(unit: Unit, code: str) -> str:
    """The code of the institution, or of the one that took it over."""
    known = agency_by_code(unit.conn, code)
    if known is None:
        return code
    today = agency_on(unit.conn, known.id, vietnam_date(unit.now))
    return code if code in today.codes or not today.codes else today.codes[0]


def _who(conn: Connection, code: str | None) -> str | None:
    return (agency_id_by_code(conn, code) or code) if code else None


def _values(conn: Connection, one: Payment) -> dict[str, Any]:
    return {
        "id": new_id(), "payee": one.payee, "payer": one.payer, "payer_institution": one.payer_institution,
        "reference": one.reference, "amount_vnd": one.amount_vnd, "booked_at": one.booked_at,
        "told_by": _who(conn, one.told_by), "origin": one.origin,
    }  # fmt: skip
