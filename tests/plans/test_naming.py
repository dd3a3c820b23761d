"""Which agency of the register a plan's name means, on a day: itself, its successor, all of a kind, or unsure."""

from datetime import date

import pytest

from lachan.foundation.access import Agency
from lachan.plans.reading import resolve

OLD, NEW = date(2025, 1, 15), date(2026, 1, 15)


def agency(
    key: str, kind: str, name: str, *, start: date = date(2020, 1, 1), end: date | None = None,
    successor: str | None = None, short: str = "",
) -> Agency:  # fmt: skip
    return Agency(key, kind, name, short or name, None, "04", None, start, end, successor, (), "", "")


MARCH, JULY = date(2025, 3, 1), date(2025, 7, 1)
REGISTER = (
    agency("police", "police_investigation", "Công an tỉnh Cao Bằng", short="Công an tỉnh"),
    agency("tttt", "information_department", "Sở Thông tin và Truyền thông", end=date(2025, 2, 28)),
    agency("khcn", "science_department", "Sở Khoa học và Công nghệ", short="Sở KHCN"),
    agency("vh", "culture_department", "Sở Văn hóa, Thể thao và Du lịch"),
    agency("khdt", "planning_department", "Sở Kế hoạch và Đầu tư", end=date(2025, 2, 28)),
    agency("tc", "finance_department", "Sở Tài chính tỉnh Cao Bằng"),
    agency("gd", "education_department", "Sở Giáo dục và Đào tạo"),
    agency("nv", "home_affairs_department", "Sở Nội vụ"),
    agency("nhnn", "state_bank_branch", "Ngân hàng Nhà nước chi nhánh tỉnh Cao Bằng", end=date(2025, 2, 28)),
    agency("kv5", "state_bank_region", "Ngân hàng Nhà nước Khu vực 5", start=MARCH),
    agency("h1", "district_committee", "UBND huyện Hòa An", end=date(2025, 6, 30), successor="x1"),
    agency("h2", "district_committee", "UBND huyện Hà Quảng", end=date(2025, 6, 30), successor="x2"),
    agency("x1", "commune_committee", "UBND xã Nước Hai", start=JULY),
    agency("x2", "commune_committee", "UBND xã Trường Hà", start=JULY),
    agency("x3", "commune_committee", "UBND phường Thục Phán", start=JULY),
)  # fmt: skip

CASES = [
    ("Công an tỉnh", NEW, {"police"}, set()),
    ("Công an tỉnh Cao Bằng", NEW, {"police"}, set()),
    ("Sở Thông tin và Truyền thông", OLD, {"tttt"}, set()),
    # Its work was divided: a person says which clause went where.
    ("Sở Thông tin và Truyền thông", NEW, set(), {"khcn", "vh"}),
    ("Sở Kế hoạch và Đầu tư", OLD, {"khdt"}, set()),
    ("Sở Kế hoạch và Đầu tư", NEW, {"tc"}, set()),
    ("Sở Lao động - Thương binh và Xã hội", NEW, set(), {"nv", "gd"}),
    ("Ngân hàng Nhà nước chi nhánh tỉnh Cao Bằng", OLD, {"nhnn"}, set()),
    ("Ngân hàng Nhà nước chi nhánh tỉnh Cao Bằng", NEW, {"kv5"}, set()),
    ("UBND các huyện, thành phố", OLD, {"h1", "h2"}, set()),
    ("UBND các huyện, thành phố", NEW, {"x1", "x2", "x3"}, set()),
    ("Chủ tịch Ủy ban Nhân dân các xã, phường", NEW, {"x1", "x2", "x3"}, set()),
    ("UBND huyện Hòa An", NEW, {"x1"}, set()),
    ("Uỷ ban nhân dân phường Thục Phán", NEW, {"x3"}, set()),
    ("Sở Giáo dục và Đào tạo, Sở Nội vụ", NEW, {"gd", "nv"}, set()),
    ("Sở KHCN", NEW, {"khcn"}, set()),
]


@pytest.mark.parametrize(
    ("name", "on", "sure", "unsure"), CASES, ids=[f"{name} {on.year}" for name, on, _, _ in CASES]
)
def test_a_name_and_a_day(name: str, on: date, sure: set[str], unsure: set[str]) -> None:
    found = resolve(name, REGISTER, on)
    assert {one.id for one in found.matches} == sure
    assert {one.id for one in found.unsure} == unsure
    assert found.unknown == ()


def test_a_body_that_the_register_has_not_is_named() -> None:
    found = resolve("Sở Nội vụ, Hội Nông dân tỉnh", REGISTER, NEW)
    assert [one.id for one in found.matches] == ["nv"]
    assert found.unknown == ("Hội Nông dân tỉnh",)
    assert resolve("người cao tuổi", REGISTER, NEW).unknown == ("người cao tuổi",)


def test_a_name_that_two_agencies_bear_is_unsure() -> None:
    twins = (*REGISTER, agency("nv2", "home_affairs_department", "Sở Nội vụ"))
    found = resolve("Sở Nội vụ", twins, NEW)
    assert found.matches == ()
    assert {one.id for one in found.unsure} == {"nv", "nv2"}
