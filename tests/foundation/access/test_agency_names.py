"""Agencies as people type them: with or without accents, ended ones, and many of one name."""

from collections import Counter
from datetime import date, timedelta

import pytest
from tests.conftest import NOON

from lachan.foundation.access import (
    OPERATOR,
    AccessReason,
    AgencyDraft,
    add_agency,
    agencies_like,
    agency_called,
    end_agency,
    unlike_names,
)
from lachan.foundation.base import BadInput
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import communes, place_name, provinces

DAY = NOON.date()
NAMES = (
    ("Công an tỉnh Sơn Hà", "CAT"), ("Sở Y tế", "SYT"), ("UBND xã Tân Phú", "Tân Phú, H. Đông"),
    ("UBND xã Tân Phú", "Tân Phú, H. Tây"), ("UBND xã Tấn Phú", "Tấn Phú"), ("UBND xã Hòa An", "Hòa An"),
    ("UBND xã Hòa An", "Hòa An"),
)  # fmt: skip


@pytest.fixture
def ids(db: Database) -> list[str]:
    with db.unit(NOON, OPERATOR) as unit:
        return [add_agency(unit, AgencyDraft("office", name, short, date(2020, 1, 1))).id for name, short in NAMES]


@pytest.mark.parametrize(
    ("typed", "which"),
    [
        ("Công an tỉnh Sơn Hà", 0), ("  cong an  tinh son ha ", 0), ("cat", 0), ("SỞ Y TẾ", 1),
        ("UBND xã Tấn Phú", 4), ("UBND xã Tân Phú (Tân Phú, H. Tây)", 3), ("ubnd xa tan phu (tan phu h dong)", 2),
    ],
)  # fmt: skip
def test_a_name_finds_its_agency(db: Database, ids: list[str], typed: str, which: int) -> None:
    with db.read() as conn:
        assert agency_called(conn, typed, DAY, "to").id == ids[which]
        assert agency_called(conn, ids[which], DAY, "to").id == ids[which]


def test_whoever_is_offered_is_found_by_that_name(db: Database, ids: list[str]) -> None:
    with db.read() as conn:
        names = unlike_names(conn, DAY)
        assert len(set(names.values())) == len(ids)
        assert {agency_called(conn, name, DAY, "to").id for name in names.values()} == set(ids)
        offered = agencies_like(conn, "phu tan", DAY, 9)
        assert offered == (
            "UBND xã Tân Phú (Tân Phú, H. Đông)",
            "UBND xã Tân Phú (Tân Phú, H. Tây)",
            "UBND xã Tấn Phú",
        )
        assert len(agencies_like(conn, "", DAY, 2)) == 2
        assert agencies_like(conn, "không có", DAY, 9) == ()


@pytest.mark.parametrize(
    ("typed", "reason", "told"),
    [
        ("Sở Y té tỉnh", AccessReason.NO_SUCH_AGENCY, "Sở Y tế"),
        ("cong an", AccessReason.NO_SUCH_AGENCY, "Công an tỉnh Sơn Hà"),
        ("", AccessReason.NO_SUCH_AGENCY, "–"),
        ("ubnd xã hòa an", AccessReason.SEVERAL_AGENCIES, "UBND xã Hòa An ["),
    ],
)
def test_a_name_that_finds_nobody_or_several_says_who_may_be_meant(
    db: Database, ids: list[str], typed: str, reason: AccessReason, told: str
) -> None:
    with db.read() as conn, pytest.raises(BadInput) as refused:
        agency_called(conn, typed, DAY, "to")
    assert (refused.value.reason, refused.value.field) == (reason, "to")
    assert told in str(refused.value.params.get("near") or refused.value.params.get("names"))


def test_communes_of_one_name_are_told_apart_in_words(db: Database) -> None:
    """Of 3,321 communes 576 share their name with another: each is shown with its province, and found by that."""
    sharing = Counter(one.name for one in communes().values())
    twice = [one for one in communes().values() if sharing[one.name] > 1][:60]
    since = date(2025, 7, 1)
    with db.unit(NOON, OPERATOR) as unit:
        made = {}
        for one in twice:
            name = f"UBND {one.name}"
            draft = AgencyDraft(
                "commune_committee", name, name, since, province_code=one.province_code, commune_code=one.code
            )
            made[one.code] = add_agency(unit, draft).id
    with db.read() as conn:
        names = unlike_names(conn, DAY)
        shared = Counter(f"UBND {one.name}" for one in twice)
        for one in twice:
            shown = names[made[one.code]]
            province = provinces()[one.province_code].short
            assert shown == f"UBND {one.name}" + (f" ({province})" if shared[f"UBND {one.name}"] > 1 else "")
            assert agency_called(conn, shown, DAY, "to").id == made[one.code]
            whole = f"ubnd {one.name} ({place_name(one.code)})"
            assert agency_called(conn, whole, DAY, "to").id == made[one.code], "said more fully, it is the same one"


@pytest.mark.parametrize("ended", ["UBND huyện Hòa An", "UBND quận Hòa An"])
def test_whose_work_it_took_over_tells_apart(db: Database, ids: list[str], ended: str) -> None:
    with db.unit(NOON, OPERATOR) as unit:
        old = add_agency(unit, AgencyDraft("district_committee", ended, ended, date(2020, 1, 1))).id
        end_agency(unit, old, DAY - timedelta(days=1), ids[6])
    with db.read() as conn:
        names = unlike_names(conn, DAY)
        assert names[ids[6]] == f"UBND xã Hòa An ({ended})"
        assert agency_called(conn, names[ids[6]], DAY, "to").id == ids[6]
        with pytest.raises(BadInput) as refused:
            agency_called(conn, "ubnd xa hoa an", DAY, "to")
        assert ended in str(refused.value.params["names"])


def test_an_ended_agency_is_who_has_its_work(db: Database, ids: list[str]) -> None:
    with db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, ids[1], DAY - timedelta(days=1), ids[0])
    with db.read() as conn:
        assert agency_called(conn, "Sở Y tế", DAY, "to").id == ids[0]
        assert "Sở Y tế" not in agencies_like(conn, "", DAY, 99)


def test_a_name_that_a_living_agency_bears_is_its_own(db: Database, ids: list[str]) -> None:
    """The old commune of that name went elsewhere: choosing the offered name must not be answered with a choice."""
    with db.unit(NOON, OPERATOR) as unit:
        old = add_agency(unit, AgencyDraft("office", "UBND xã Tấn Phú", "Tấn Phú cũ", date(2020, 1, 1)))
        end_agency(unit, old.id, DAY - timedelta(days=1), ids[0])
    with db.read() as conn:
        assert agencies_like(conn, "tấn phú", DAY, 9)[-1] == "UBND xã Tấn Phú"
        assert agency_called(conn, "UBND xã Tấn Phú", DAY, "to").id == ids[4]
