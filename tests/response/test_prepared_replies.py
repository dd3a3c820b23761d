"""A reply of the web inbox on both stores: kept for a second person, taken once, seen by the institution only."""

from datetime import timedelta

import pytest
from tests.conftest import NOON
from tests.response.staging import OUTBOX, Desk, person, set_desk

from lachan.foundation.access import AccessReason, Role, agency
from lachan.foundation.base import Actor, Conflict, Language, NotAllowed, NotFound, new_id
from lachan.foundation.protocol import Answer, AnswerReason, Part, PartKind
from lachan.foundation.protocol.dead_letters import dead_letters, replay_all
from lachan.foundation.storage import Database, claim, enqueue, retry_later
from lachan.foundation.trail import record_verification, trail_status, verify
from lachan.intake import LossDraft
from lachan.response.actions.replies import (
    acknowledge_item,
    confirm_reply,
    prepare_reply,
    prepared_replies,
    return_reply,
)
from lachan.response.views.inbox import Look, Waiting, inbox_page, inbox_version, waiting_items
from lachan.response.views.looks import looks_page
from lachan.response.views.policies import policy_rows

BANK, OTHER = "999001", "999002"
ASKED = 60_000_000
OFFICER = person("bank-officer", Role.INSTITUTION_OFFICER, BANK)
CONTROLLER = person("bank-controller", Role.INSTITUTION_CONTROLLER, BANK)
STRANGER = person("other-controller", Role.INSTITUTION_CONTROLLER, OTHER)


@pytest.fixture
def desk(db: Database) -> Desk:
    made = set_desk(db, NOON, (BANK, OTHER))
    booked = NOON - timedelta(minutes=5)
    made.report(
        NOON,
        LossDraft(
            amount_vnd=ASKED, booked_at=booked, payee_account=f"account:{BANK}:0123456789", payee_institution=BANK,
            payer_institution=OTHER, payer_account=f"account:{OTHER}:0123400000", reference="FT1",
        ),
    )  # fmt: skip
    return made


def waiting(desk: Desk) -> Waiting:
    with desk.db.read() as conn:
        return waiting_items(conn, agency(conn, BANK))[0]


def answer(one: Waiting, held_vnd: int, revision: int = 1) -> Answer:
    assert one.hold is not None
    rest = (Part(kind=PartKind.UNEXPLAINED, amount_vnd=ASKED - held_vnd),) if held_vnd < ASKED else ()
    return Answer(
        message_id=new_id(), request_id=one.hold.id, request_revision=one.hold.revision, revision=revision,
        held_vnd=held_vnd, parts=rest, available_vnd=held_vnd, placed_at=NOON, decided_by="Cán bộ 07",
    )  # fmt: skip


def prepare(desk: Desk, held_vnd: int, actor: Actor = OFFICER) -> Waiting:
    one = waiting(desk)
    with desk.db.unit(NOON, actor) as unit:
        prepare_reply(unit, one.letter.id, answer(one, held_vnd), agency(unit.conn, BANK), {})
    return one


def test_nothing_is_held_before_the_second_person_and_it_is_held_once(desk: Desk) -> None:
    one = prepare(desk, 40_000_000)
    with desk.db.read() as conn:
        before = inbox_version(conn, agency(conn, BANK))
    with pytest.raises(NotAllowed), desk.db.unit(NOON, OFFICER) as unit:
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK))
    with pytest.raises(Conflict), desk.db.unit(NOON, CONTROLLER) as unit:
        # The draft that was on the page has been exchanged for another one since.
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK), shown=new_id())
    with desk.db.unit(NOON, CONTROLLER) as unit:
        assert confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK)) is None
    with pytest.raises(NotFound), desk.db.unit(NOON, CONTROLLER) as unit:
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK))
    with desk.db.read() as conn:
        (again,) = waiting_items(conn, agency(conn, BANK))
        assert prepared_replies(conn, BANK) == {}
        assert inbox_version(conn, agency(conn, BANK)) != before
        assert verify(conn, []).findings == ()
    assert again.amount_vnd == 20_000_000, "the unexplained part is asked again"


def test_who_prepared_it_does_not_confirm_it(desk: Desk) -> None:
    one = prepare(desk, ASKED, CONTROLLER)
    with pytest.raises(NotAllowed) as refused, desk.db.unit(NOON, CONTROLLER) as unit:
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK))
    assert refused.value.reason is AccessReason.SAME_PERSON


def test_an_answer_that_no_longer_fits_is_named_and_kept(desk: Desk) -> None:
    one = waiting(desk)
    with desk.db.unit(NOON, OFFICER) as unit:
        prepare_reply(unit, one.letter.id, answer(one, ASKED + 1), agency(unit.conn, BANK), {})
    with desk.db.unit(NOON, CONTROLLER) as unit:
        refused = confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK))
    assert refused == AnswerReason.HELD_ABOVE_REQUEST
    with desk.db.read() as conn:
        assert set(prepared_replies(conn, BANK)) == {one.letter.id}


def test_a_draft_goes_back_and_forth(desk: Desk) -> None:
    one = prepare(desk, ASKED)
    with desk.db.unit(NOON, CONTROLLER) as unit:
        return_reply(unit, one.letter.id, agency(unit.conn, BANK), "Xem lại")
    with pytest.raises(Conflict), desk.db.unit(NOON, CONTROLLER) as unit:
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK))
    prepare(desk, ASKED)
    with desk.db.unit(NOON, CONTROLLER) as unit:
        assert confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK)) is None


def test_another_institution_finds_nothing(desk: Desk) -> None:
    one = prepare(desk, ASKED)
    with desk.db.read() as conn:
        assert all(item.letter.institution == OTHER for item in waiting_items(conn, agency(conn, OTHER)))
    with pytest.raises(NotFound), desk.db.unit(NOON, STRANGER) as unit:
        confirm_reply(unit, OUTBOX, one.letter.id, agency(unit.conn, OTHER))
    with pytest.raises(NotAllowed), desk.db.unit(NOON, STRANGER) as unit:
        acknowledge_item(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK), closes=False)


def test_the_page_is_filled_on_this_store(desk: Desk) -> None:
    one = prepare(desk, 40_000_000)
    with desk.db.unit(NOON, OFFICER) as unit:
        acknowledge_item(unit, OUTBOX, one.letter.id, agency(unit.conn, BANK), closes=False)
    with desk.db.read() as conn:
        look = Look(CONTROLLER, agency(conn, BANK), Language.EN, NOON, NOON, "son-ha", "whpk_x")
        page = inbox_page(conn, look, one.letter.id)
        assert policy_rows(conn, "desk", Language.VI, NOON)[0].used == 1
        auditor = person("auditor", Role.AUDITOR)
        assert looks_page(conn, auditor, "ai").rows == ()
    assert page.form is not None
    assert page.form.prepared is not None
    assert page.form.prepared.confirm is not None
    assert [part.amount_vnd for part in page.form.parts] == [40_000_000, 0, 20_000_000]
    assert page.proof is not None
    assert page.proof.valid


def test_dead_jobs_and_the_state_of_the_trail_on_this_store(db: Database) -> None:
    admin = person("admin", Role.ADMINISTRATOR)
    with db.unit(NOON, admin) as unit:
        enqueue(unit, "expire_hold", {"hold_id": "x"})
    (job,) = claim(db, now=NOON, wall_now=NOON, kinds=("expire_hold",), limit=5)
    with db.unit(NOON, admin) as unit:
        assert retry_later(unit, job, "broken", wall_now=NOON, max_attempts=1)
    with db.read() as conn:
        assert [one.last_error for one in dead_letters(conn, admin)] == ["broken"]
    with db.unit(NOON, admin) as unit:
        assert replay_all(unit) == 1
    with db.read() as conn:
        assert dead_letters(conn, admin) == []
        result = verify(conn, [])
    with db.unit(NOON, admin) as unit:
        record_verification(unit, result)
    with db.read() as conn:
        stands = trail_status(conn)
    assert stands.verified_ok
    assert stands.unsealed == 2
