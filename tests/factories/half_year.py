"""A province of forty agencies on a real server: people at each, a clock that is moved, browsers without script."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.factories.desk_world import PASSWORD_HASH, World
from tests.factories.work_sheets import COMMUNES, PROVINCE

from lachan.bootstrap import Services, initialise
from lachan.doors.api import create_app
from lachan.doors.web.visit import SESSION_COOKIE
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Role,
    add_agency,
    add_person,
    demo_link_token,
    grant_role,
    open_demo_session,
)
from lachan.foundation.base import VIETNAM, Actor, ActorKind, WallClock
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol.connections import Channel, register_connection
from lachan.response import sign_policy

POLICE, SCHOOLS, SCIENCE = "Công an tỉnh", "Sở Giáo dục và Đào tạo", "Sở Khoa học và Công nghệ"
_OFFICES = (
    "Sở Công Thương", "Sở Xây dựng", "Sở Y tế", "Sở Nội vụ", "Thuế tỉnh", "Chi cục Quản lý thị trường tỉnh",
    "Liên đoàn Lao động tỉnh", "Ủy ban MTTQ Việt Nam tỉnh", "Văn phòng UBND tỉnh",
)  # fmt: skip
_BANKS = ("Sông Hồng", "Tam Đảo", "Vạn Xuân")
_PLAIN = (
    (POLICE, "province_desk"), ("Ngân hàng Nhà nước Khu vực 4", "state_bank_region"),
    (SCIENCE, "science_department"), ("Sở Tài chính", "finance_department"), (SCHOOLS, "education_department"),
    ("Sở Văn hóa, Thể thao và Du lịch", "culture_department"), ("Tòa án nhân dân tỉnh", "court"),
    ("Viện kiểm sát nhân dân tỉnh", "procuracy"), ("Ví điện tử Sao Khuê", "payment_intermediary"),
    ("Nhà mạng Hoa Ban", "carrier"), ("Nhà mạng Cẩm Tú", "carrier"), ("Công an phường Bến Đá", "commune_police"),
    *((name, "home_affairs_department") for name in _OFFICES),
)  # fmt: skip
_WARDS = tuple(f"UBND {one[0].lower()}{one[1:]}" for one in COMMUNES[: 40 - len(_PLAIN) - len(_BANKS)])
BEGINS = datetime(2026, 2, 10, 8, 0, tzinfo=VIETNAM)


@dataclass
class Moved:
    """A clock that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def wall_delay_s(self, domain_seconds: float) -> float:
        return domain_seconds

    def to(self, month: int, day: int, hour: int = 9) -> None:
        """On to an hour of a day of 2026, in Việt Nam."""
        moved = datetime.combine(date(2026, month, day), time(hour), VIETNAM).astimezone(UTC)
        assert moved >= self.at
        self.at = moved


class Person:
    """Somebody signed in at a browser without script."""

    def __init__(self, address: str, session: str) -> None:
        self.http = httpx.Client(
            base_url=address, cookies={SESSION_COOKIE: session}, timeout=120,
            headers={"accept": "text/html", "origin": address},
            # The server closes what was idle for five seconds: never ask on a line that it is about to close.
            limits=httpx.Limits(keepalive_expiry=2),
        )  # fmt: skip
        self.token = ""

    def get(self, path: str) -> str:
        """A page."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-1500:])
        return answer.text

    def file(self, path: str) -> bytes:
        """A file."""
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content

    def post(
        self, path: str, typed: Mapping[str, str] | None = None, /, *, files: Any = None, status: int = 303,
        **fields: str,
    ) -> str:  # fmt: skip
        """A form; returns where it leads, or the page that came back."""
        if not self.token:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/plans/mine"))
            assert found is not None
            self.token = found[1]
        answer = self.http.post(path, data={"csrf_token": self.token, **(typed or {}), **fields}, files=files)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-3000:])
        return answer.headers["location"] if status == 303 else answer.text


@dataclass
class HalfYear:
    """The instance, its clock, agencies by name, and people by `agency/role`."""

    services: Services
    clock: Moved
    address: str
    agencies: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Person] = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """Agencies by id."""
        return {agency_id: name for name, agency_id in self.agencies.items()}

    def app(self) -> FastAPI:
        """What is served."""
        return create_app(self.services)

    def clerk(self, name: str) -> Person:
        """The agency's clerk."""
        return self._at(f"{name}/{Role.PLAN_OFFICER.value}")

    def head(self, name: str) -> Person:
        """The agency's head."""
        return self._at(f"{name}/{Role.PLAN_HEAD.value}")

    def _at(self, who: str) -> Person:
        if who not in self.browsers:
            services, wall_now = self.services, WallClock().now()
            link = demo_link_token(services.settings, services.secret, self.people[who], wall_now=wall_now)
            opened = open_demo_session(
                services.db, services.settings, services.secret, link, now=self.clock.now(), wall_now=wall_now
            )
            self.browsers[who] = Person(self.address, opened.token)
        return self.browsers[who]

    def desk(self) -> World:
        """The police as the desk that takes reports of fraud; its standing policy lasts for a month."""
        police, now = self.agencies[POLICE], self.clock.now()
        head = Actor(
            ActorKind.PERSON, self.people[f"{POLICE}/{Role.PLAN_HEAD.value}"], police,
            frozenset({Role.DESK_HEAD.value}),
        )  # fmt: skip
        with self.services.db.unit(now, head) as unit:
            sign_policy(
                unit, desk_id=police, title="Ủy quyền thường trực", step_max=2, amount_max_vnd=500_000_000,
                basis="aml-2022-44", expires_at=now + timedelta(days=30),
            )  # fmt: skip
        return World(self.services, police)


def half_year(home: Path, address: str, database_url: str, smtp_port: int) -> HalfYear:
    """Everybody in place on the tenth of February, nothing done."""
    settings = Settings(
        home=home, base_url=address, database_url=database_url, instance="lac-son", demo_sign_in=True,
        instance_name="Công an tỉnh Lạc Sơn", smtp_host="127.0.0.1", smtp_port=smtp_port, smtp_tls="none",
        mail_from="nhacviec@lacson.example.vn",
    )  # fmt: skip
    clock = Moved(BEGINS.astimezone(UTC))
    made = HalfYear(replace(initialise(settings), clock=clock), clock, address)
    with made.services.db.unit(clock.now(), OPERATOR) as unit:
        listed: list[tuple[str, str, tuple[str, ...]]] = [
            *((name, kind, ()) for name, kind in _PLAIN),
            *((f"Ngân hàng {name}", "credit_institution", (f"99900{at}",)) for at, name in enumerate(_BANKS, 1)),
            *((name, "commune_committee", ()) for name in _WARDS),
        ]
        for name, kind, codes in listed:
            draft = AgencyDraft(
                kind, name, name, date(2025, 7, 1), codes=codes, province_code=PROVINCE, place="Lạc Sơn"
            )
            agency_id = made.agencies[name] = add_agency(unit, draft).id
            made.kinds[name] = kind
            if codes:
                register_connection(unit, agency_id, Channel.INBOX, None)
            for role in (Role.PLAN_OFFICER, Role.PLAN_HEAD):
                who = PersonDraft(f"Cán bộ {len(made.people) + 1}", f"nguoi{len(made.people) + 1}")
                person = add_person(unit, who, password_hash=PASSWORD_HASH)
                grant_role(unit, person.id, agency_id, role)
                made.people[f"{name}/{role.value}"] = person.id
    assert len(made.agencies) == 40
    return made
