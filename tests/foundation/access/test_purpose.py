"""Personal data is shown only after a purpose was given, for a quarter of an hour, and every look is on record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.foundation.access.conftest import BANK, DESK

from lachan.foundation.access import (
    AccessReason,
    Permission,
    Purpose,
    Role,
    grant_view,
    looks,
    mask_name,
    mask_text,
    may_see_personal,
    require_view,
)
from lachan.foundation.base import Actor, BadInput, NotAllowed
from lachan.foundation.storage import Database
from lachan.foundation.trail.tables import fact

Hire = Callable[..., Actor]
NOTE = "gọi lại cho bị hại Nguyễn Thị Mai"
SUBJECT = "report:1"


def look(db: Database, actor: Actor, subject: str = SUBJECT) -> None:
    with db.unit(NOON, actor) as unit:
        grant_view(unit, subject, Purpose.CONTACT_VICTIM, NOTE, wall_now=NOON, agency_id=DESK)


def sees(db: Database, actor: Actor, subject: str = SUBJECT, seconds: float = 0) -> bool:
    with db.read() as conn:
        return may_see_personal(conn, actor, subject, NOON + timedelta(seconds=seconds))


def test_a_look_lasts_a_quarter_of_an_hour_for_one_person_and_one_subject(world: Database, hire: Hire) -> None:
    officer, other = hire("officer", Role.DUTY_OFFICER), hire("other", Role.DUTY_OFFICER)
    assert not sees(world, officer)
    look(world, officer)
    assert sees(world, officer, seconds=899.9)
    assert not sees(world, officer, seconds=900)
    assert not sees(world, other)
    assert not sees(world, officer, "report:2")


def test_a_lost_role_ends_the_look(world: Database, hire: Hire) -> None:
    officer = hire("officer", Role.DUTY_OFFICER)
    look(world, officer)
    assert not sees(world, replace(officer, roles=frozenset({Role.LEADER.value})))
    assert not sees(world, replace(officer, agency_id=BANK))
    with world.read() as conn:
        require_view(conn, officer, SUBJECT, NOON)
        with pytest.raises(NotAllowed) as refused:
            require_view(conn, officer, "report:2", NOON)
    assert refused.value.reason is AccessReason.PURPOSE_NEEDED


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMINISTRATOR, Role.AUDITOR, Role.INSTITUTION_OFFICER])
def test_not_everybody_may_look(world: Database, hire: Hire, role: Role) -> None:
    with pytest.raises(NotAllowed):
        look(world, hire("x.y", role))


def test_an_officer_of_another_agency_may_not_look(world: Database, hire: Hire) -> None:
    with pytest.raises(NotAllowed) as refused:
        look(world, hire("x.y", Role.DUTY_OFFICER, agency_id=BANK))
    assert refused.value.reason is AccessReason.OTHER_AGENCY


def test_an_institution_looks_at_its_own_requests(world: Database, hire: Hire) -> None:
    officer = hire("x.y", Role.INSTITUTION_OFFICER, agency_id=BANK)
    with world.unit(NOON, officer) as unit:
        grant_view(
            unit, "hold:1", Purpose.ANSWER_INSTITUTION, "trả lời yêu cầu", wall_now=NOON,
            permission=Permission.INBOX_READ, agency_id=BANK,
        )  # fmt: skip
    assert sees(world, officer, "hold:1")


@pytest.mark.parametrize("note", ["", "    ", "abc", "x" * 501])
def test_a_purpose_is_said_in_words(world: Database, hire: Hire, note: str) -> None:
    with world.unit(NOON, hire("officer", Role.DUTY_OFFICER)) as unit, pytest.raises(BadInput):
        grant_view(unit, SUBJECT, Purpose.CONTACT_VICTIM, note, wall_now=NOON)


def test_every_look_is_a_fact_without_the_words(world: Database, hire: Hire) -> None:
    officer = hire("officer", Role.DUTY_OFFICER)
    look(world, officer)
    with world.read() as conn:
        (row,) = conn.execute(sa.select(fact).where(fact.c.kind == "personal.viewed"))
    assert (row.subject, row.actor, row.purpose) == (SUBJECT, officer.reference, "contact_victim")
    assert "note" in row.data["commitments"]
    assert "Mai" not in str(row)


def test_the_auditor_sees_who_looked(world: Database, hire: Hire) -> None:
    officer, other = hire("officer", Role.DUTY_OFFICER), hire("other", Role.SHIFT_HEAD)
    look(world, officer)
    look(world, other)
    look(world, other, "report:2")
    auditor = hire("auditor", Role.AUDITOR)
    with world.read() as conn:
        assert len(looks(conn, auditor)) == 3
        assert len(looks(conn, auditor, limit=2)) == 2
        (one,) = looks(conn, auditor, viewer=officer.reference)
        assert (one.subject, one.purpose, one.note) == (SUBJECT, Purpose.CONTACT_VICTIM, NOTE)
        assert {found.viewer for found in looks(conn, auditor, subject=SUBJECT)} == {
            officer.reference, other.reference,
        }  # fmt: skip
        with pytest.raises(NotAllowed):
            looks(conn, officer)


def test_masks() -> None:
    assert mask_name("Nguyễn Thị  Mai") == "N••••• T•• M••"
    assert mask_name("") == ""
    assert (mask_text("bí mật"), mask_text(" ")) == ("••••••••", "")


@given(st.text(st.characters(categories=["L"]), min_size=2))
def test_a_mask_shows_the_first_letter_only(word: str) -> None:
    assert mask_name(word) == word[0] + "•" * (len(word) - 1)
    assert mask_text(word) == "••••••••"
