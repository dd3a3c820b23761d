"""What the registry's tests stand on: agencies and people of every weight, made once for each record."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tests.conftest import NOON

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import Actor, ActorKind, WallClock
from lachan.foundation.storage import Database
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal
from lachan.registry import Change, Claim, Decision, DecisionKind, DecisionState, Standing, Verdict, views


@dataclass
class World:
    """A record with two banks, a carrier, the police and the province's desk."""

    db: Database
    bank: str
    other_bank: str
    carrier: str
    police: str
    desk: str

    def at(self, agency_id: str, role: Role = Role.INSTITUTION_OFFICER, name: str = "a") -> Actor:
        """A person of an agency."""
        return Actor(ActorKind.PERSON, f"{role.value}-{name}", agency_id, frozenset({role.value}))

    def head(self, name: str = "a") -> Actor:
        """A head of the desk, who decides about entries."""
        return self.at(self.desk, Role.DESK_HEAD, name)


def build(db: Database) -> World:
    """The agencies."""
    made = {}
    with db.unit(NOON, OPERATOR) as unit:
        for name, kind, codes in (
            ("bank", "credit_institution", ("999001",)),
            ("other_bank", "credit_institution", ("999002",)),
            ("carrier", "carrier", ("songxanh",)),
            ("police", "police_investigation", ()),
            ("desk", "province_desk", ()),
        ):
            draft = AgencyDraft(kind, f"Đơn vị {name}", name, date(2025, 7, 1), codes=codes)
            made[name] = add_agency(unit, draft).id
    return World(db, **made)


def sealed_changes(db: Database, folder: Path, after: int = 0, limit: int = 10_000) -> list[Change]:
    """The change feed after everything was sealed."""
    path = folder / "seal.pem"
    if not path.exists():
        create_private_key(path)
    key = SealKey(read_private_key(path))
    while seal(db, key, now=NOON, wall_now=WallClock().now()):
        pass
    with db.read() as conn:
        return views.changes(conn, after, limit)


def a_claim(
    claimant: str = "one", standing: Standing = Standing.INSTITUTION, *, confidence: int = 80,
    claimed_at: datetime = NOON, expires_at: datetime | None = None, ended_at: datetime | None = None,
) -> Claim:  # fmt: skip
    """A claim about an account, for rules."""
    from datetime import timedelta

    return Claim(
        f"{claimant}-{claimed_at}", "entry", "account:999001:0123456789", claimant, standing, "desk", None, "R3",
        None, confidence, "tt17-2024-simo", None, None, None, claimed_at,
        expires_at or claimed_at + timedelta(days=365), None, "person:x", None, ended_at,
    )  # fmt: skip


def a_decision(
    kind: DecisionKind, made_at: datetime, verdict: Verdict | None = None, review_at: datetime | None = None,
    state: DecisionState = DecisionState.EFFECTIVE,
) -> Decision:  # fmt: skip
    """A decision, for rules."""
    return Decision(
        f"{kind}-{made_at}",
        "entry",
        kind,
        verdict,
        "reasons",
        review_at,
        state,
        "person:a",
        made_at,
        None,
        None,
        None,
    )
