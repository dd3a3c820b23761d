"""A desk with people, a standing policy and institutions on a fresh record, and the doors' work done by hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import SYSTEM, Actor, ActorKind
from lachan.foundation.protocol import Envelope, Issuer, Situation, read_envelope
from lachan.foundation.protocol.outbox import Outbox, message
from lachan.foundation.storage import Database, Unit
from lachan.intake import Channel, LossDraft, ReportDraft, receive_report
from lachan.response import open_trace, sign_policy

DESK = "desk"
OUTBOX = Outbox(Issuer(instance="son-ha", name="Bàn trực Sơn Hà"))
BASIS = "aml-2022-44"


def person(name: str, role: Role, agency: str = DESK) -> Actor:
    """Somebody with one role."""
    return Actor(ActorKind.PERSON, name, agency_id=agency, roles=frozenset({role.value}), name=name)


OFFICER = person("officer", Role.DUTY_OFFICER)
SHIFT = person("shift", Role.SHIFT_HEAD)
HEAD = person("head", Role.DESK_HEAD)
HEAD_2 = person("head-2", Role.DESK_HEAD)
HEAD_3 = person("head-3", Role.DESK_HEAD)


@dataclass(frozen=True)
class Desk:
    """One desk at work on one record."""

    db: Database

    def act(self, now: datetime, what: Callable[[Unit], object], actor: Actor = SYSTEM) -> object:
        """One action in its own transaction."""
        with self.db.unit(now, actor) as unit:
            return what(unit)

    def report(self, now: datetime, *losses: LossDraft, situation: Situation = Situation.SCAM) -> str:
        """A report that has come in, and its trace; returns the report's id."""
        draft = ReportDraft(situation=situation, victim_name="Lê Thị Mai", losses=losses, consent=True)
        with self.db.unit(now, OFFICER) as unit:
            received = receive_report(unit, draft, Channel.DESK, agency_id=DESK)
        with self.db.unit(now, SYSTEM) as unit:
            open_trace(unit, OUTBOX, received.report_id)
        return received.report_id

    def envelopes(self, after: int = 0) -> list[tuple[int, str, Envelope]]:
        """What was sent, in order: place, institution, envelope."""
        with self.db.read() as conn:
            rows = conn.execute(
                sa.select(message).where(message.c.ordinal > after).order_by(message.c.ordinal)
            ).all()
        return [(row.ordinal, row.institution, read_envelope(row.body.encode())) for row in rows]


def set_desk(db: Database, now: datetime, institutions: Iterable[str], *, policy_vnd: int | None = 10**12) -> Desk:
    """Make the desk and its institutions; with `policy_vnd`, a standing policy up to that amount."""
    day = date(2025, 7, 1)
    with db.unit(now - timedelta(days=1), OPERATOR) as unit:
        add_agency(unit, AgencyDraft("province_desk", "Bàn trực", "Bàn trực", day), agency_id=DESK)
        for code in institutions:
            name = f"Ngân hàng {code}"
            add_agency(unit, AgencyDraft("credit_institution", name, name, day, codes=(code,)), agency_id=code)
    if policy_vnd is not None:
        with db.unit(now - timedelta(days=1), HEAD) as unit:
            sign_policy(
                unit, desk_id=DESK, title="Chính sách giờ vàng", step_max=2, amount_max_vnd=policy_vnd,
                basis=BASIS, expires_at=now + timedelta(days=300),
            )  # fmt: skip
    return Desk(db)
