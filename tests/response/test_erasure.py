"""What has had its time goes, in the record and in the file; what a law or an open case needs stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import MULE, NEXT, VICTIM, Life
from tests.response.staging import DESK, HEAD, HEAD_2, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import (
    OPERATOR,
    Purpose,
    Role,
    SubjectRequestKind,
    confirm_identity,
    erase_due_records,
    grant_subject_request,
    grant_view,
    receive_subject_request,
    record_breach,
    subject_requests,
)
from lachan.foundation.base import PUBLIC, SYSTEM, Conflict, LachanError, Language, NotAllowed, NotFound
from lachan.foundation.protocol import Situation
from lachan.foundation.protocol.outbox import message
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import retention
from lachan.foundation.trail import SealKey, create_private_key, seal, verify
from lachan.foundation.trail.tables import fact, salt
from lachan.intake import Channel, LossDraft, ReportDraft, add_detail, receive_report, report_by_id
from lachan.intake.tables import loss, report
from lachan.response import (
    Objection,
    cancel_trace,
    decide_appeal,
    grant_erasure,
    keep_retention,
    open_appeal,
    open_trace,
    tables,
)
from lachan.response.model import HoldReason
from lachan.response.rules.erasure import Keep, Part, Standing, verdicts

YEARS_5 = retention("retention_report", NOON)
NAME, PHONE, STORY, DETAIL = "Hoàng Thị Sáo", "+84912777666", "Người lạ tên Khướu gọi", "Nó lái xe Vẹt Xanh"
HOLDER, HOLDER_CONTACT, GROUNDS = "Chào Mào Văn", "0966123123", "Đây là tiền bán Yểng"
LOOK_NOTE = "vụ Đại Bàng"


def key_in(folder: Path) -> SealKey:
    return SealKey(create_private_key(folder / "trail.pem"))


def told(db: Database, now: datetime = NOON) -> Life:
    """A loss with everything personal that a case can hold; its holds are placed."""
    life = Life(db)
    one = life.first
    draft = LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
        payee_institution="999002", payer_institution="999001", reference=one.reference, payee_name="Cú Mèo",
    )  # fmt: skip
    words = ReportDraft(
        situation=Situation.SCAM, victim_name=NAME, losses=(draft,), victim_phone=PHONE, story=STORY, consent=True
    )
    with db.unit(now, PUBLIC) as unit:
        received = receive_report(unit, words, Channel.WEB, agency_id=DESK)
        add_detail(unit, received.report_id, DETAIL)
    with db.unit(now, SYSTEM) as unit:
        open_trace(unit, OUTBOX, received.report_id)
    life.answer(0)
    return life


def appealed(life: Life, now: datetime) -> str:
    """The account's holder objects by the notice, and is refused."""
    db = life.db
    hold_id = life.hold(0).id
    with db.unit(now, SYSTEM) as unit:
        unit.conn.execute(sa.update(tables.hold).where(tables.hold.c.id == hold_id).values(notice_code="TB-1"))
    with db.unit(now, PUBLIC) as unit:
        code = open_appeal(unit, OUTBOX, "TB-1", Objection(HOLDER, HOLDER_CONTACT, GROUNDS))
    with db.read() as conn:
        appeal_id = conn.execute(sa.select(tables.appeal.c.id)).scalar_one()
    with db.unit(now, HEAD_2) as unit:
        decide_appeal(unit, OUTBOX, appeal_id, release_vnd=0, reasons="Tiền của nạn nhân Sáo")
    return code


def closed(life: Life, now: datetime) -> None:
    with life.db.unit(now, SHIFT) as unit:
        cancel_trace(unit, OUTBOX, life.trace().id, reason="nạn nhân rút")


def sweep(db: Database, now: datetime) -> int:
    with db.unit(now, SYSTEM) as unit:
        gone = keep_retention(unit) + erase_due_records(unit, wall_now=now)
    db.settle()
    return gone


def everything(db: Database) -> str:
    """All that the record says anywhere; on SQLite the very bytes of its files."""
    if db.is_sqlite:
        file = Path(str(db.engine.url.database))
        raw = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        return raw.decode("utf-8", "replace")
    with db.read() as conn:
        names = sa.inspect(conn).get_table_names()
        return "\n".join(str(row) for name in names for row in conn.execute(sa.text(f'SELECT * FROM "{name}"')))


def intact(db: Database, key: SealKey, now: datetime) -> bool:
    seal(db, key, now=now, wall_now=now)
    with db.read() as conn:
        return verify(conn, [key.public_text]).intact


SECRETS = (
    NAME,
    PHONE,
    STORY,
    DETAIL,
    "Cú Mèo",
    MULE,
    VICTIM,
    NEXT,
    HOLDER,
    HOLDER_CONTACT,
    GROUNDS,
    "nạn nhân Sáo",
)


def test_when_all_times_are_over_no_file_holds_a_word_of_it_and_the_trail_verifies(
    db: Database, tmp_path: Path
) -> None:
    key, life = key_in(tmp_path / "keys"), told(db)
    appealed(life, NOON + timedelta(hours=1))
    closed(life, NOON + timedelta(hours=2))
    before = everything(db)
    for secret in (*SECRETS, life.first.reference):
        assert secret in before, secret
    sums = life.trace()
    assert intact(db, key, NOON)
    end = YEARS_5.deadline(NOON + timedelta(hours=2))
    assert sweep(db, end - timedelta(microseconds=1)) == 0
    assert sweep(db, end) == 1
    assert sweep(db, end) == 0
    after = everything(db)
    for secret in (*SECRETS, life.first.reference):
        assert secret not in after, secret
    assert intact(db, key, end)
    now = life.trace()
    assert (now.reported_vnd, now.located_vnd, now.moving_vnd) == (
        sums.reported_vnd,
        sums.located_vnd,
        sums.moving_vnd,
    )
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(message)).scalar_one() == 0
        kinds = sa.select(fact.c.kind).join(salt, salt.c.fact_id == fact.c.id)
        assert set(conn.execute(kinds).scalars()) <= {"personal.viewed"}
        # Accounts stay told apart, so that the picture of the money still holds.
        assert len(set(conn.execute(sa.select(tables.hop.c.account)).scalars())) == 2


def test_changed_personal_data_is_found_as_long_as_it_is_there(db: Database, tmp_path: Path) -> None:
    key = key_in(tmp_path / "keys")
    told(db)
    assert intact(db, key, NOON)
    with db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(tables.hold).values(account="account:1:1"))
    assert not intact(db, key, NOON)


OPEN: list[tuple[str, Callable[[Life], object]]] = [
    ("money is held", lambda _: None),
    ("an appeal waits", lambda life: _wait_with_an_appeal(life)),
]


def _wait_with_an_appeal(life: Life) -> None:
    hold_id = life.hold(0).id
    with life.db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(tables.hold).where(tables.hold.c.id == hold_id).values(notice_code="TB-1"))
    with life.db.unit(NOON, PUBLIC) as unit:
        open_appeal(unit, OUTBOX, "TB-1", Objection(HOLDER, HOLDER_CONTACT, GROUNDS))
    closed(life, NOON)


@pytest.mark.parametrize(("what", "leave_open"), OPEN, ids=[row[0] for row in OPEN])
def test_an_open_case_is_never_erased(db: Database, what: str, leave_open: Callable[[Life], object]) -> None:
    life = told(db)
    leave_open(life)
    assert sweep(db, NOON + timedelta(days=4_000)) == 0, what


def test_a_report_that_nobody_confirmed_goes_after_its_shorter_time(db: Database) -> None:
    life = told(db)
    with db.unit(NOON, SYSTEM) as unit:
        unit.conn.execute(sa.update(loss).values(confirmation="denied"))
    closed(life, NOON)
    end = retention("retention_unverified_report", NOON).deadline(NOON)
    assert sweep(db, end - timedelta(microseconds=1)) == 0
    assert sweep(db, end) == 1
    with db.read() as conn:
        row = conn.execute(sa.select(report.c.victim_name, report.c.story, report.c.erased_at)).one()
        assert (row.victim_name, row.story, row.erased_at) == (None, None, end)
        # Requests went out on it: what they said is kept as the rules on banks' records say.
        assert conn.execute(sa.select(loss.c.payee_account)).scalar_one() == MULE


def test_looks_requests_and_breaches_go_after_their_own_time(db: Database, tmp_path: Path) -> None:
    key = key_in(tmp_path / "keys")
    Life(db)
    with db.unit(NOON, OFFICER) as unit:
        grant_view(unit, "report:x", Purpose.TRACE_MONEY, LOOK_NOTE, wall_now=NOON, agency_id=DESK)
    with db.unit(NOON, OPERATOR) as unit:
        receive_subject_request(unit, SubjectRequestKind.ACCESS, NAME, PHONE, STORY)
        record_breach(unit, DETAIL, 3, NOON)
    assert intact(db, key, NOON)
    looks_end = retention("retention_access_log", NOON).deadline(NOON)
    assert (sweep(db, looks_end - timedelta(microseconds=1)), sweep(db, looks_end)) == (0, 1)
    assert LOOK_NOTE not in everything(db)
    assert sweep(db, NOON + timedelta(days=365 * 6)) == 1
    left = everything(db)
    assert NAME not in left
    assert DETAIL in left, "an open breach is not closed by time"
    assert intact(db, key, NOON + timedelta(days=365 * 6))


_S = Standing(open=False, unfounded=False, asked=True, appeal=False, since=NOON)
C, K = Part, Keep
RULES: list[tuple[str, Standing, dict[Part, Keep | None]]] = [
    ("open", Standing(True, False, True, False, NOON),
     {C.CONTACT: K.OPEN_CASE, C.STORY: K.OPEN_CASE, C.TRANSFERS: K.OPEN_CASE, C.REQUESTS: K.OPEN_CASE}),
    ("ended", _S,
     {C.CONTACT: None, C.STORY: K.EVIDENCE, C.TRANSFERS: K.TRANSFER_LAW, C.REQUESTS: K.HOLD_LAW}),
    ("unfounded, asked", Standing(False, True, True, False, NOON),
     {C.CONTACT: None, C.STORY: None, C.TRANSFERS: K.TRANSFER_LAW, C.REQUESTS: K.HOLD_LAW}),
    ("unfounded, never asked", Standing(False, True, False, False, NOON),
     {C.CONTACT: None, C.STORY: None, C.TRANSFERS: None}),
    ("an appeal, open", Standing(True, False, True, True, NOON),
     {C.APPEAL_CONTACT: K.OPEN_CASE, C.APPEAL: K.OPEN_CASE}),
    ("an appeal, decided", Standing(False, False, True, True, NOON),
     {C.APPEAL_CONTACT: None, C.APPEAL: K.APPEAL_LAW}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "case", "expected"), RULES, ids=[row[0] for row in RULES])
def test_what_the_law_keeps(what: str, case: Standing, expected: dict[Part, Keep | None]) -> None:
    found = {one.part: one.keep for one in verdicts(case)}
    assert found == expected | {C.ACCESS_LOG: K.ACCOUNTABILITY, C.TRAIL: K.COMMITMENTS}, what


def asked(db: Database, *, identified: bool = True, kind: SubjectRequestKind = SubjectRequestKind.ERASURE) -> str:
    with db.unit(NOON, PUBLIC) as unit:
        made = receive_subject_request(unit, kind, "Người hỏi", "x@y.vn", "Xin xóa")
    if identified:
        with db.unit(NOON, HEAD) as unit:
            confirm_identity(unit, made.id)
    return made.id


def code_of(db: Database) -> str:
    with db.read() as conn:
        return str(conn.execute(sa.select(report.c.code)).scalar_one())


def test_a_granted_erasure_erases_and_says_what_stays_and_why(db: Database, tmp_path: Path) -> None:
    key, life = key_in(tmp_path / "keys"), told(db)
    closed(life, NOON)
    request = asked(db)
    with db.unit(NOON, HEAD) as unit:
        found = grant_erasure(unit, request, "Đã xóa theo yêu cầu.", [code_of(db)], Language.VI)
    db.settle()
    assert {one.part for one in found if one.keep is None} == {Part.CONTACT, Part.STORY}
    text = everything(db)
    for gone in (NAME, PHONE, STORY, DETAIL):
        assert gone not in text, gone
    assert MULE in text
    with db.read() as conn:
        said = next(one.answer for one in subject_requests(conn, OPERATOR) if one.id == request)
    assert said is not None
    for words in ("Đã xóa: họ tên", "Luật Phòng, chống rửa tiền", "18/11/2031", "117/2018", "niêm phong"):
        assert words in said, words
    assert intact(db, key, NOON)


def test_the_contact_of_an_appeal_goes_and_its_file_stays(db: Database, tmp_path: Path) -> None:
    key, life = key_in(tmp_path / "keys"), told(db)
    code = appealed(life, NOON)
    closed(life, NOON)
    request = asked(db)
    with db.unit(NOON, HEAD) as unit:
        grant_erasure(unit, request, "Đã xóa.", [code], Language.EN)
    db.settle()
    text = everything(db)
    assert HOLDER_CONTACT not in text
    assert GROUNDS in text
    assert NAME in text
    assert intact(db, key, NOON)


REFUSED: list[tuple[str, Callable[[Life], list[str]], Any, type[LachanError]]] = [
    ("no code", lambda _: [], HEAD, LachanError),
    ("an unknown code", lambda _: ["LC-2222-22222"], HEAD, NotFound),
    ("another desk's case", lambda life: [code_of(life.db)], person("x", Role.DESK_HEAD, "other"), NotAllowed),
    ("an officer", lambda life: [code_of(life.db)], OFFICER, NotAllowed),
    ("an open case", lambda life: [code_of(life.db)], HEAD, Conflict),
]


@pytest.mark.parametrize(("what", "codes", "actor", "error"), REFUSED, ids=[row[0] for row in REFUSED])
def test_an_erasure_is_refused_and_nothing_happens(
    db: Database, what: str, codes: Callable[[Life], list[str]], actor: Any, error: type[LachanError]
) -> None:
    life = told(db)
    request = asked(db)
    with pytest.raises(error) as caught, db.unit(NOON, actor) as unit:
        grant_erasure(unit, request, "Đã xóa.", codes(life), Language.VI)
    if what == "an open case":
        assert caught.value.reason is HoldReason.NOTHING_TO_ERASE
    assert NAME in everything(db)


def test_an_erasure_is_not_granted_by_words_nor_before_it_is_known_who_asks(db: Database) -> None:
    life = told(db)
    closed(life, NOON)
    known = asked(db)
    with db.unit(NOON, HEAD) as unit, pytest.raises(Conflict):
        grant_subject_request(unit, known, "Đã xóa.")
    unknown = asked(db, identified=False)
    with pytest.raises(Conflict), db.unit(NOON, HEAD) as unit:
        grant_erasure(unit, unknown, "Đã xóa.", [code_of(db)], Language.VI)
    with db.read() as conn:
        assert report_by_id(conn, life.trace().report_id).victim_name == NAME
