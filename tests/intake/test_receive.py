"""Every report is received: what is refused at the edge, what counts as the same transfer, what is erased when."""

import time
from dataclasses import replace
from datetime import date, timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, Scope, add_agency
from lachan.foundation.base import (
    PUBLIC,
    SYSTEM,
    VND_MAX,
    Actor,
    ActorKind,
    BadInput,
    Conflict,
    InputReason,
    LachanError,
    NotAllowed,
    NotFound,
    Reason,
)
from lachan.foundation.protocol import Situation
from lachan.foundation.storage import Database
from lachan.intake import (
    HOLD_REFUSING,
    Channel,
    IntakeReason,
    LossConfirmation,
    LossDraft,
    ReportDraft,
    ReportStatus,
    add_detail,
    adopt_reports,
    move_report,
    receive_report,
    report_by_code,
    report_by_id,
    report_by_secret,
    settle_confirmation,
    wake_duplicate,
)
from lachan.intake.rules import same_transfer
from lachan.intake.tables import report

LOSS = LossDraft(
    amount_vnd=50_000_000,
    booked_at=NOON - timedelta(minutes=8),
    payee_account="account:999001:0381004417",
    payer_account="account:999002:1203",
    payee_institution="999001",
    payer_institution="999002",
    reference="FT1",
)
DRAFT = ReportDraft(Situation.SCAM, "Nguyễn Thị An", (LOSS,), victim_phone="+84912345678", story="Bị lừa.")

REFUSED: list[tuple[str, ReportDraft, Reason, str]] = [
    ("no name", replace(DRAFT, victim_name="  "), InputReason.MISSING, "victim_name"),
    ("a long name", replace(DRAFT, victim_name="A" * 201), InputReason.TOO_LONG, "victim_name"),
    ("a control character", replace(DRAFT, victim_name="A\x00B"), InputReason.MALFORMED, "victim_name"),
    ("a book", replace(DRAFT, story="x" * 4_001), InputReason.TOO_LONG, "story"),
    ("no transfer", replace(DRAFT, losses=()), IntakeReason.NO_TRANSFER, "losses"),
    ("51 transfers", replace(DRAFT, losses=(LOSS,) * 51), IntakeReason.TOO_MANY_TRANSFERS, "losses"),
    ("the same twice", replace(DRAFT, losses=(LOSS, LOSS)), IntakeReason.SAME_TRANSFER_TWICE, "losses.1.reference"),
    ("no amount", replace(DRAFT, losses=(replace(LOSS, amount_vnd=0),)), InputReason.NOT_POSITIVE,
     "losses.0.amount_vnd"),
    ("a negative amount", replace(DRAFT, losses=(replace(LOSS, amount_vnd=-1),)), InputReason.NOT_POSITIVE,
     "losses.0.amount_vnd"),
    ("more than all money", replace(DRAFT, losses=(replace(LOSS, amount_vnd=VND_MAX + 1),)),
     InputReason.TOO_LARGE, "losses.0.amount_vnd"),
    ("tomorrow", replace(DRAFT, losses=(replace(LOSS, booked_at=NOON + timedelta(minutes=6)),)),
     InputReason.IN_THE_FUTURE, "losses.0.booked_at"),
    ("years ago", replace(DRAFT, losses=(replace(LOSS, booked_at=NOON - timedelta(days=800)),)),
     InputReason.TOO_OLD, "losses.0.booked_at"),
    ("to oneself", replace(DRAFT, losses=(replace(LOSS, payer_account=LOSS.payee_account),)),
     IntakeReason.SELF_TRANSFER, "losses.0.payee_account"),
]  # fmt: skip


def receive(db: Database, draft: ReportDraft = DRAFT, *, after_s: float = 0) -> str:
    with db.unit(NOON + timedelta(seconds=after_s), PUBLIC) as unit:
        return receive_report(unit, draft, Channel.WEB).report_id


@pytest.mark.parametrize(("what", "draft", "reason", "field"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_a_report_is_refused_by_name(
    db: Database, what: str, draft: ReportDraft, reason: Reason, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        receive(db, draft)
    assert (caught.value.reason, caught.value.field) == (reason, field)
    with db.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(report)).scalar() == 0


def test_the_code_shows_status_and_the_secret_opens_the_page(db: Database) -> None:
    with db.unit(NOON, PUBLIC) as unit:
        received = receive_report(unit, DRAFT, Channel.WEB)
    with db.read() as conn:
        assert report_by_code(conn, received.code.lower()).id == received.report_id
        assert report_by_secret(conn, received.secret).id == received.report_id
        for wrong in (received.code[:-1] + "?", "LC-0000-00000", received.secret):
            with pytest.raises(NotFound):
                report_by_code(conn, wrong)
        assert received.secret not in str(conn.execute(sa.select(report)).one())


DUPLICATES = [
    # what                          change of the second report                            is the same transfer
    ("the same reference",          {},                                                          True),
    ("another minute",              {"booked_at": LOSS.booked_at + timedelta(minutes=3)},        True),
    ("another reference",           {"reference": "FT2"},                                        False),
    ("no reference",                {"reference": None},                                         True),
    ("no reference, much later",    {"reference": None, "booked_at": NOON - timedelta(hours=5)}, False),
    ("no reference, other payer",   {"reference": None, "payer_account": "account:999002:99"},   False),
    ("no reference, payer unknown", {"reference": None, "payer_account": None},                  True),
    ("another amount",              {"amount_vnd": 50_000_001},                                  False),
    ("another payee",               {"payee_account": "account:999001:1"},                       False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change", "same"), DUPLICATES, ids=[row[0] for row in DUPLICATES])
def test_one_transfer_reported_twice_is_one_loss(
    db: Database, what: str, change: dict[str, object], same: bool
) -> None:
    first = receive(db)
    changed = replace(LOSS, **change)  # type: ignore[arg-type] # the table names fields of LossDraft
    second = receive(db, replace(DRAFT, losses=(changed,)), after_s=60)
    with db.read() as conn:
        kept = report_by_id(conn, second)
    assert kept.status is (ReportStatus.DUPLICATE if same else ReportStatus.RECEIVED)
    assert kept.duplicate_of == (first if same else None)


def test_a_report_that_proved_untrue_does_not_stand_in_a_victims_way(db: Database) -> None:
    """A mule reports his own credit first; when that is denied, the victim's report is worked on."""
    false = receive(db)
    true, third = receive(db, after_s=60), receive(db, after_s=120)
    with db.read() as conn:
        first = report_by_id(conn, false).losses[0]
    with db.unit(NOON, SYSTEM) as unit:
        settle_confirmation(unit, first, LossConfirmation.DENIED, by="999002")
        assert wake_duplicate(unit, first.id) == true
        assert wake_duplicate(unit, first.id) is None
    with db.read() as conn:
        woken, waiting = report_by_id(conn, true), report_by_id(conn, third)
    assert (woken.status, woken.duplicate_of, woken.losses[0].duplicate_of) == (ReportStatus.RECEIVED, None, None)
    assert waiting.losses[0].duplicate_of == woken.losses[0].id


def test_a_report_with_one_new_transfer_is_not_a_duplicate(db: Database) -> None:
    receive(db)
    other = replace(LOSS, reference="FT9", amount_vnd=7_000_000)
    second = receive(db, replace(DRAFT, losses=(LOSS, other)))
    with db.read() as conn:
        kept = report_by_id(conn, second)
    assert kept.status is ReportStatus.RECEIVED
    assert [loss.duplicate_of is None for loss in kept.losses] == [False, True]


@pytest.mark.parametrize("situation", list(Situation))
def test_some_situations_refuse_the_hold_and_never_the_report(db: Database, situation: Situation) -> None:
    report_id = receive(db, replace(DRAFT, situation=situation))
    with db.read() as conn:
        kept = report_by_id(conn, report_id)
    assert kept.status is (ReportStatus.REFERRED if situation in HOLD_REFUSING else ReportStatus.RECEIVED)


def test_the_life_cycle_has_no_short_cuts(db: Database) -> None:
    report_id = receive(db)
    with db.unit(NOON, SYSTEM) as unit:
        with pytest.raises(Conflict):
            move_report(unit, report_id, ReportStatus.CLOSED)
        move_report(unit, report_id, ReportStatus.TRIAGED)
        move_report(unit, report_id, ReportStatus.TRIAGED)


def test_a_detail_is_added_beside_what_was_said(db: Database) -> None:
    report_id = receive(db)
    for text in ("Số điện thoại là 0912…", "Nó gọi lại lúc 10 giờ."):
        with db.unit(NOON, PUBLIC) as unit:
            add_detail(unit, report_id, text)
    with db.read() as conn:
        row = conn.execute(sa.select(report.c.story, report.c.additions)).one()
    assert row.story == "Bị lừa."
    assert [entry["text"] for entry in row.additions] == ["Số điện thoại là 0912…", "Nó gọi lại lúc 10 giờ."]


DETAILS: list[tuple[str, list[str], float, Reason | None]] = [
    ("five in ten minutes are heard", ["x"] * 5, 0, None),
    ("the sixth waits", ["x"] * 6, 0, IntakeReason.DETAILS_TOO_FAST),
    ("twenty are kept", ["x"] * 20, 121, None),
    ("the twenty-first is not", ["x"] * 21, 121, IntakeReason.TOO_MANY_DETAILS),
    ("together not a book", ["x" * 4_000] * 5, 121, None),
    ("a letter more is one", ["x" * 4_000] * 5 + ["y"], 121, IntakeReason.DETAILS_TOO_LONG),
    ("one is not a book", ["x" * 4_001], 0, InputReason.TOO_LONG),
    ("one is not nothing", ["  "], 0, InputReason.MISSING),
]


@pytest.mark.parametrize(("what", "texts", "apart_s", "refused"), DETAILS, ids=[row[0] for row in DETAILS])
def test_details_are_bounded_in_size_number_and_rate(
    db: Database, what: str, texts: list[str], apart_s: float, refused: Reason | None
) -> None:
    report_id = receive(db)

    def add(place: int) -> None:
        with db.unit(NOON + timedelta(seconds=place * apart_s), PUBLIC) as unit:
            add_detail(unit, report_id, texts[place])

    for place in range(len(texts) - 1):
        add(place)
    if refused is None:
        add(len(texts) - 1)
        return
    with pytest.raises(LachanError) as caught:
        add(len(texts) - 1)
    assert caught.value.reason is refused, what


def test_the_actions_themselves_ask_for_permission(db: Database) -> None:
    report_id = receive(db)
    with db.unit(NOON, OPERATOR) as unit:
        desk = add_agency(unit, AgencyDraft("province_desk", "Bàn trực", "Bàn trực", date(2025, 7, 1))).id
    own = Actor(ActorKind.PERSON, "p", desk, frozenset({Role.DUTY_OFFICER.value}))
    bank = Actor(ActorKind.CLIENT, "c", "b", frozenset({Scope.INBOX.value}))
    auditor = Actor(ActorKind.PERSON, "a", desk, frozenset({Role.AUDITOR.value}))
    for actor in (own, bank, auditor):
        with db.unit(NOON, actor) as unit:
            # The report belongs to no desk, so not to theirs either.
            with pytest.raises(NotAllowed):
                add_detail(unit, report_id, "Thêm")
            with pytest.raises(NotAllowed):
                move_report(unit, report_id, ReportStatus.WITHDRAWN)
    for actor in (own, bank, auditor):
        with db.unit(NOON, actor) as unit, pytest.raises(NotAllowed):
            receive_report(unit, DRAFT, Channel.DESK, agency_id="another desk")
    with db.unit(NOON, own) as unit:
        made = receive_report(unit, DRAFT, Channel.DESK, agency_id=desk).report_id
        add_detail(unit, made, "Thêm")
    with db.unit(NOON, PUBLIC) as unit, pytest.raises(NotAllowed):
        move_report(unit, made, ReportStatus.WITHDRAWN)


def test_a_report_gets_the_provinces_desk_or_waits_for_the_first_one(db: Database) -> None:
    early = receive(db)
    draft = AgencyDraft("province_desk", "Bàn trực", "Bàn trực", date(2025, 7, 1))
    with db.unit(NOON, OPERATOR) as unit:
        desk = add_agency(unit, draft).id
        assert adopt_reports(unit, desk) == [early]
        assert adopt_reports(unit, desk) == []
    late = receive(db, replace(DRAFT, losses=(replace(LOSS, reference="FT2"),)))
    with db.read() as conn:
        assert {report_by_id(conn, one).agency_id for one in (early, late)} == {desk}


@given(
    minutes=st.integers(-30, 30), reference=st.sampled_from([None, "A", "B"]),
    payer=st.sampled_from([None, "account:1:1", "account:1:2"]),
)  # fmt: skip
def test_being_the_same_transfer_is_mutual(minutes: int, reference: str | None, payer: str | None) -> None:
    other = replace(
        LOSS, booked_at=LOSS.booked_at + timedelta(minutes=minutes), reference=reference, payer_account=payer
    )
    assert same_transfer(LOSS, other, NOON) == same_transfer(other, LOSS, NOON)
    assert same_transfer(other, other, NOON)


def test_one_transfer_reported_at_the_same_instant_is_traced_once(db: Database) -> None:
    """Neither report sees the other before it is committed: the second one waits for its transfer, not for all."""
    second, other = Event(), Event()

    def report_later() -> None:
        with db.unit(NOON, PUBLIC) as unit:
            second.set()
            receive_report(unit, DRAFT, Channel.WEB)

    another = replace(DRAFT, losses=(replace(LOSS, amount_vnd=1, reference="FT2"),))

    def report_another() -> None:
        with db.unit(NOON, PUBLIC) as unit:
            receive_report(unit, another, Channel.WEB)
        other.set()

    threads = [Thread(target=report_later), Thread(target=report_another)]
    with db.unit(NOON, PUBLIC) as unit:
        receive_report(unit, DRAFT, Channel.WEB)
        for thread in threads:
            thread.start()
        if not db.is_sqlite:
            assert second.wait(10)
            assert other.wait(10), "a report of another transfer waits for nobody"
            time.sleep(0.3)
    for thread in threads:
        thread.join(20)
    with db.read() as conn:
        said = conn.execute(sa.select(report.c.status).order_by(report.c.status)).scalars().all()
    assert said == ["duplicate", "received", "received"]
