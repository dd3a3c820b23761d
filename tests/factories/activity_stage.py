"""A commune and its bank on a real server, with people who record; a photo and a table as they send them."""

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter
from argon2 import PasswordHasher
from PIL import Image

from lachan.bootstrap import Services, initialise
from lachan.foundation.access import (
    OPERATOR,
    AgencyDraft,
    PersonDraft,
    Role,
    add_agency,
    add_person,
    demo_link_token,
    grant_role,
    hash_password,
)
from lachan.foundation.access.people import passwords
from lachan.foundation.base import WallClock
from lachan.foundation.base.settings import Settings

HEADS = ("Ngày rà soát *", "Xã, phường *", "Số hộ rà soát (hộ) *", "SIM rà soát (thẻ SIM) *",
         "SIM rác, không chính chủ (thẻ SIM) *", "Đã xử lý (thẻ SIM) *", "Ghi chú")  # fmt: skip


@dataclass
class ActivityStage:
    """The services, agencies by name, and people by `ROLE@agency`."""

    services: Services
    agencies: dict[str, str]
    people: dict[str, str]

    def link(self, who: str) -> str:
        """Where that person signs in by the demo's link."""
        token = demo_link_token(
            self.services.settings, self.services.secret, self.people[who], wall_now=WallClock().now()
        )
        return f"/demo/{token}"


def activity_stage(home: Path, base_url: str) -> ActivityStage:
    """Everybody in place, nothing recorded."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    services = initialise(Settings(home=home, demo_sign_in=True, base_url=base_url))
    made = ActivityStage(services, {}, {})
    with services.db.unit(services.clock.now(), OPERATOR) as unit:
        for name, kind, title, roles in (
            ("commune", "commune_committee", "UBND xã Đàm Thủy", (Role.DUTY_OFFICER, Role.DESK_HEAD)),
            ("bank", "credit_institution", "Ngân hàng Non Nước", (Role.INSTITUTION_OFFICER,)),
        ):
            draft = AgencyDraft(kind, title, title, date(2025, 7, 1), province_code="04")
            made.agencies[name] = add_agency(unit, draft).id
            for role in roles:
                person = add_person(
                    unit,
                    PersonDraft(f"Nông Thị {name.title()}", f"{role}.{name}"),
                    password_hash=hash_password("x" * 12),
                )
                grant_role(unit, person.id, made.agencies[name], role)
                made.people[f"{role}@{name}"] = person.id
    return made


def photo(width: int = 1800, height: int = 1200) -> bytes:
    """A photo that says where it was taken."""
    image = Image.effect_noise((width, height), 90).convert("RGB")
    told = Image.Exif()
    told[0x010F] = "Máy của tôi"
    told.get_ifd(0x8825)[2] = (22.0, 51.0, 12.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, exif=told)
    return out.getvalue()


def sweeps(rows: int, wrong: dict[int, tuple[int, object]]) -> bytes:
    """A table of sweeps as a clerk fills it in; `wrong` puts values into cells: row (from 0) → (column, value)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADS)
    for row in range(rows):
        cells: list[object] = [
            f"{1 + row % 28:02}/10/2026",
            "Đàm Thủy",
            20 + row,
            50 + row,
            row % 9,
            row % 5,
            f"đợt {row}",
        ]
        if row in wrong:
            column, value = wrong[row]
            cells[column] = value
        sheet.write_row(row + 1, 0, cells)
    book.close()
    return out.getvalue()
