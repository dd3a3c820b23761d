"""A province's offices for tests of activities: a commune, its police, a bank, and people at each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lachan.activities import Activity, record
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Role,
    actor_at,
    add_agency,
    add_person,
    grant_role,
)
from lachan.foundation.base import Actor, new_id
from lachan.foundation.storage import Database

CAO_BANG, DAM_THUY = "04", "01501"
SINCE = date(2025, 7, 1)


@dataclass
class Office:
    """Agencies by name, and who acts: `ROLE@agency`."""

    db: Database
    now: datetime
    agencies: dict[str, str]
    actors: dict[str, Actor]

    def record(self, who: str, kind: str, key: str = "", **values: Any) -> Activity:
        with self.db.unit(self.now, self.actors[who]) as unit:
            return record(unit, kind, values, key=key or new_id())

    def head_of(self, name: str) -> Actor:
        """A further head of an agency."""
        with self.db.unit(self.now, OPERATOR) as unit:
            person = add_person(unit, PersonDraft(f"head {name}", f"head.{name}"), password_hash="x")
            grant_role(unit, person.id, self.agencies[name], Role.DESK_HEAD)
            found = actor_at(unit.conn, person.id, self.agencies[name], self.now)
        assert found is not None
        return found


def office(db: Database, now: datetime) -> Office:
    """Two communes, a bank, an auditor's seat."""
    made = Office(db, now, {}, {})
    people = (
        ("commune", "commune_committee", "UBND xã Đàm Thủy", (Role.DUTY_OFFICER, Role.DESK_HEAD)),
        ("other", "commune_committee", "UBND xã Thục Phán", (Role.DUTY_OFFICER,)),
        (
            "bank",
            "credit_institution",
            "Ngân hàng Non Nước",
            (Role.INSTITUTION_OFFICER, Role.INSTITUTION_CONTROLLER),
        ),
        ("desk", "province_desk", "Bàn trực tỉnh", (Role.AUDITOR, Role.ADMINISTRATOR, Role.LEADER)),
    )
    with db.unit(now, OPERATOR) as unit:
        for name, kind, title, roles in people:
            draft = AgencyDraft(kind, title, title, SINCE, province_code=CAO_BANG)
            made.agencies[name] = add_agency(unit, draft).id
            for role in roles:
                person = add_person(unit, PersonDraft(f"{role} {name}", f"{role}.{name}"), password_hash="x")
                grant_role(unit, person.id, made.agencies[name], role)
                found = actor_at(unit.conn, person.id, made.agencies[name], now)
                assert found is not None
                made.actors[f"{role}@{name}"] = found
    return made


SWEEP: dict[str, Any] = {
    "day": "2026-11-16",
    "commune": "Xã Đàm Thủy",
    "households": 40,
    "checked": 120,
    "junk": 7,
    "handled": 5,
}
OFFICER, HEAD, OTHER = "duty_officer@commune", "desk_head@commune", "duty_officer@other"
