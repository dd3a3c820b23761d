"""Agencies have days, codes and successors."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tests.conftest import NOON
from tests.foundation.access.conftest import BANK, DESK

from lachan.foundation.access import (
    OPERATOR,
    AccessReason,
    AgencyDraft,
    Role,
    add_agency,
    agencies,
    agency_by_code,
    agency_on,
    end_agency,
    institution_for_account,
    rename_agency,
    set_codes,
)
from lachan.foundation.base import SYSTEM, Actor, BadInput, Conflict, NotAllowed, NotFound
from lachan.foundation.storage import Database

LAST = date(2026, 6, 30)
AFTER = LAST + timedelta(days=1)


def draft(name: str) -> AgencyDraft:
    return AgencyDraft("district_committee", name, name, date(2024, 1, 1))


def test_work_passes_to_the_last_successor_on_the_day_after(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        ids = [add_agency(unit, draft(f"Huyện {n}")).id for n in range(3)]
        end_agency(unit, ids[0], LAST, ids[1])
        end_agency(unit, ids[1], AFTER, ids[2])
        assert agency_on(unit.conn, ids[0], LAST).id == ids[0]
        assert agency_on(unit.conn, ids[0], AFTER).id == ids[1]
        assert agency_on(unit.conn, ids[0], AFTER + timedelta(days=1)).id == ids[2]
        assert ids[0] not in [a.id for a in agencies(unit.conn, on=AFTER)]


def test_they_stand_as_in_a_dictionary_on_every_store(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        for name in ("Yên Lạc", "Ấm Thượng", "Dương Quỳ", "Đoài Côn", "Bảo Lâm", "An Sơn", "Ân Sơn"):
            add_agency(unit, draft(name))
        found = [one.name for one in agencies(unit.conn, "district_committee")]
    assert found == ["An Sơn", "Ấm Thượng", "Ân Sơn", "Bảo Lâm", "Dương Quỳ", "Đoài Côn", "Yên Lạc"]


def test_a_successor_cannot_lead_back(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        first, second = (add_agency(unit, draft(name)).id for name in "ab")
        end_agency(unit, first, LAST, second)
        with pytest.raises(Conflict) as refused:
            end_agency(unit, second, LAST, first)
        with pytest.raises(Conflict):
            end_agency(unit, second, LAST, second)
    assert refused.value.reason is AccessReason.SUCCESSOR_CIRCLE


def test_an_ended_body_without_successor_keeps_its_work(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        made = add_agency(unit, draft("a"))
        end_agency(unit, made.id, LAST, None)
        assert agency_on(unit.conn, made.id, AFTER).id == made.id


KEYS = [
    ("account:999001:0123456789", BANK),
    ("wallet:saokhue:+84912345678", BANK),
    ("wallet:SaoKhue:+84912345678", BANK),
    ("account:0123456789", None),
    ("account:970436:0123456789", None),
    ("account:999001:", None),
    ("phone:999001:1", None),
    ("", None),
]


@pytest.mark.parametrize(("key", "expected"), KEYS)
def test_the_institution_of_an_account(world: Database, key: str, expected: str | None) -> None:
    with world.read() as conn:
        found = institution_for_account(conn, key)
    assert (found.id if found else None) == expected


def test_a_merged_bank_answers_for_its_accounts(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        heir = add_agency(unit, AgencyDraft("credit_institution", "Ngân hàng B", "B", date(2024, 1, 1)))
        end_agency(unit, BANK, LAST, heir.id)
        found = institution_for_account(unit.conn, "account:999001:1", AFTER)
    assert found is not None
    assert found.id == heir.id


def test_one_code_belongs_to_one_institution(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        with pytest.raises(Conflict) as refused:
            set_codes(unit, DESK, ("999001",))
        set_codes(unit, BANK, ("999002",))
        assert agency_by_code(unit.conn, "999001") is None
        assert set_codes(unit, DESK, ("999001",)).codes == ("999001",)
    assert refused.value.reason is AccessReason.CODE_TAKEN


@pytest.mark.parametrize("code", ["", "a b", "x" * 41, "ngân", "a:b"])
def test_codes_are_plain(world: Database, code: str) -> None:
    with world.unit(NOON, OPERATOR) as unit, pytest.raises(BadInput):
        set_codes(unit, BANK, (code,))


def test_names_are_texts(world: Database) -> None:
    with world.unit(NOON, OPERATOR) as unit:
        assert rename_agency(unit, BANK, " Ngân hàng C ", "C").name == "Ngân hàng C"
        for name in ("", "x" * 201, "a\x00b"):
            with pytest.raises(BadInput):
                rename_agency(unit, BANK, name, "C")
        with pytest.raises(NotFound):
            rename_agency(unit, "nobody", "C", "C")


def test_only_administrators_manage_agencies(world: Database, hire: Callable[..., Actor]) -> None:
    for actor in (hire("officer", Role.DUTY_OFFICER), SYSTEM):
        with world.unit(NOON, actor) as unit, pytest.raises(NotAllowed):
            add_agency(unit, draft("a"))
