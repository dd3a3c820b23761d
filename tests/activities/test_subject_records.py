"""People's requests about their own data reach records of activities: found, erased by rule, answered."""

from typing import Any

import pytest
import sqlalchemy as sa
from tests.activities.activity_office import HEAD, OFFICER, OTHER, SWEEP, Office, office
from tests.activities.test_activity_work import SECRET_CASE
from tests.conftest import NOON

from lachan.activities import correct, name_person, views, withdraw
from lachan.activities.subjects import erase_records, records_naming
from lachan.activities.tables import activity, change
from lachan.foundation.access import (
    SubjectRequestKind,
    SubjectRequestState,
    confirm_identity,
    receive_subject_request,
    subject_requests,
)
from lachan.foundation.base import Conflict, LachanError, Language, NotAllowed, NotFound
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import activity_kind, retention
from lachan.response import HoldReason, grant_erasure
from lachan.response.rules.erasure import Keep

NAME = "Nguyễn Văn A"
ADMIN = "administrator@desk"
PARTIES = "agreement"


@pytest.fixture
def made(db: Database) -> Office:
    return office(db, NOON)


def agreement(
    made: Office, who: str = OFFICER, contact: str = "ông Nguyễn Văn A, 0912 345 678", **more: Any
) -> str:
    parties = [{"agency": made.agencies["other"], "contact": contact}, {"agency": made.agencies["bank"]}]
    return made.record(who, PARTIES, day="2026-01-15", name="Quy chế phối hợp", parties=parties, **more).id


def asks(made: Office, name: str = NAME, contact: str = "qua bưu điện") -> str:
    with made.db.unit(NOON, made.actors[ADMIN]) as unit:
        one = receive_subject_request(unit, SubjectRequestKind.ERASURE, name, contact, "Xin xóa dữ liệu của tôi")
        confirm_identity(unit, one.id)
    return one.id


def found(made: Office, request: str, who: str = ADMIN) -> set[str]:
    with made.db.read() as conn:
        return {one.id for one in records_naming(conn, made.actors[who], request, NOON)}


def erase(made: Office, request: str, *ids: str) -> str:
    with made.db.unit(NOON, made.actors[ADMIN]) as unit:
        also = erase_records(unit, request, ids)
        grant_erasure(unit, request, "Đã xóa theo yêu cầu.", [], Language.VI, also=also)
    with made.db.read() as conn:
        one = next(each for each in subject_requests(conn, made.actors[ADMIN]) if each.id == request)
    assert one.state is SubjectRequestState.GRANTED
    return one.answer or ""


def secret(made: Office) -> str:
    with made.db.unit(NOON, made.actors[HEAD]) as unit:
        name_person(unit, "official_violation", made.actors[OFFICER].id)
    one = made.record(OFFICER, "official_violation", **SECRET_CASE).id
    with made.db.unit(NOON, made.actors[ADMIN]) as unit:
        unit.conn.execute(sa.update(activity).where(activity.c.id == one).values(due_on=None))
    return one


@pytest.mark.parametrize(
    ("name", "contact", "is_found"),
    [
        (NAME, "thư", True), ("nguyen van a", "thư", True), ("Nguyễn  Văn A.", "thư", True),
        ("Nguyễn Văn An", "thư", False), ("Văn", "thư", True), ("Trần Thị B", "0912345678", True),
        ("Trần Thị B", "+84 912 345 678", True), ("Trần Thị B", "091234", False),
        ("Trần Thị B", "0912345678 001099012345", True), ("Trần Thị B", "001099012345 - 0912.345.678", True),
    ],
)  # fmt: skip
def test_who_is_named_is_found_by_name_and_number(made: Office, name: str, contact: str, is_found: bool) -> None:
    one = agreement(made)
    made.record(OFFICER, "junk_sim_sweep", **SWEEP, note="Ông Nguyễn Văn A vắng nhà")
    assert found(made, asks(made, name, contact)) == ({one} if is_found else set())


def test_who_answers_requests_finds_their_own_agencys_records(made: Office) -> None:
    mine, others = agreement(made), agreement(made, OTHER)
    request = asks(made)
    assert found(made, request) == {mine, others}
    assert found(made, request, HEAD) == {mine}
    with pytest.raises(NotAllowed):
        found(made, request, OFFICER)
    with pytest.raises(NotFound):
        found(made, "x")


def test_what_goes_is_erased_and_what_was_corrected_too(made: Office) -> None:
    one, other = agreement(made), agreement(made, contact="bà Lò Thị Pán")
    given = {"day": "2026-01-15", "name": "Quy chế phối hợp"}
    parties = [{"agency": made.agencies["other"], "contact": "bà B"}, {"agency": made.agencies["bank"]}]
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        correct(unit, one, {**given, "parties": parties}, "Theo báo của bà Lò Thị Mai")
    request = asks(made)
    assert found(made, asks(made, "Lò Thị Mai")) == {one}, "why it was corrected is a story, too"
    with made.db.read() as conn:
        before = views.kept(conn)
    assert found(made, request) == {one}, "as it stood before it was corrected"
    with made.db.unit(NOON, made.actors[ADMIN]) as unit, pytest.raises(NotFound):
        erase_records(unit, request, [one, other])
    answer = erase(made, request, one)
    assert "15/01/2026" in answer
    assert "Đã xóa" in answer
    with made.db.read() as conn:
        rows = [*conn.execute(sa.select(activity).where(activity.c.id == one)).mappings(),
                *conn.execute(sa.select(change)).mappings()]  # fmt: skip
        assert "Văn A" not in repr(rows)
        assert all(row["digest_salt"] is None for row in rows)
        assert views.recount(conn) == views.kept(conn) == before
    assert found(made, asks(made)) == set()
    assert found(made, asks(made, "Lò Thị Pán")) == {other}, "what is another's stays"


def test_all_that_is_found_goes_with_one_request(made: Office) -> None:
    every = [agreement(made, OFFICER, f"ông Nguyễn Văn A, số {number}") for number in range(60)]
    request = asks(made)
    assert found(made, request) == set(every)
    assert erase(made, request, *every).count("15/01/2026") == 1
    assert found(made, asks(made)) == set()


def test_a_case_stays_until_its_time_is_over_and_is_not_spoken_of(made: Office) -> None:
    case, other = secret(made), agreement(made)
    request = asks(made)
    with made.db.read() as conn:
        rows = {one.id: one for one in records_naming(conn, made.actors[ADMIN], request, NOON)}
    assert rows[case].kind is None, "of which restricted kind is for people named for it"
    assert rows[other].kind == activity_kind(PARTIES, NOON)
    until = retention("retention_activity", NOON).deadline(NOON)
    assert (rows[case].verdict.keep, rows[case].verdict.until) == (Keep.EVIDENCE, until)
    with pytest.raises(Conflict) as refused:
        erase(made, request, case)
    assert refused.value.reason is HoldReason.NOTHING_TO_ERASE
    answer = erase(made, request, case, other)
    assert "15/01/2026" in answer
    assert "10/11/2026" not in answer, "that there is a case is a secret, too"
    assert found(made, asks(made)) == {case}
    with made.db.unit(NOON, made.actors[OFFICER]) as unit:
        withdraw(unit, case, "nhầm người")
    again = asks(made)
    assert "10/11/2026" in erase(made, again, case), "what proved unfounded goes, as with reports"
    assert found(made, asks(made)) == set()


def test_work_that_is_not_finished_waits(made: Office) -> None:
    one = agreement(made)
    with made.db.unit(NOON, made.actors[ADMIN]) as unit:
        unit.conn.execute(sa.update(activity).where(activity.c.id == one).values(due_on="2027-01-01"))
    request = asks(made)
    with pytest.raises(LachanError) as refused:
        erase(made, request, one)
    assert refused.value.reason is HoldReason.NOTHING_TO_ERASE
