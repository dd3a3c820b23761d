"""A report's way to its end: who may take which step; every deadline on both sides of its instant, Tết included."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.life import DAY, HOUR, MULE, VICTIM, Life
from tests.response.ringing import ring
from tests.response.staging import DESK, HEAD, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import Actor
from lachan.foundation.protocol import Situation
from lachan.foundation.storage import Database, Unit
from lachan.intake import (
    Channel,
    LossDraft,
    Outcome,
    Report,
    ReportDraft,
    ReportStatus,
    receive_report,
    report_by_id,
)
from lachan.intake.tables import report as report_table
from lachan.response import (
    cancel_trace,
    close_report,
    formalise_report,
    grant_extension,
    note_complex,
    note_report_notice,
    open_trace,
    pass_on_report,
    refer_report,
    release_hold,
    request_extension,
    tables,
    withdraw_report,
)

TICK = timedelta(microseconds=1)
WHY = "Theo báo cáo xác minh"
Step = Callable[[Unit, str], None]


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def named(value: object) -> str:
    """A step by its name in a test's id."""
    return str(getattr(value, "__name__", value))


def at(text: str) -> datetime:
    """An instant in Việt Nam."""
    return datetime.fromisoformat(f"{text}+07:00")


def read(life: Life, report_id: str) -> Report:
    with life.db.read() as conn:
        return report_by_id(conn, report_id)


def open_tasks(life: Life) -> list[str]:
    with life.db.read() as conn:
        query = sa.select(tables.task.c.kind).where(tables.task.c.state == "open").order_by(tables.task.c.kind)
        return list(conn.execute(query).scalars())


def own_tasks(life: Life) -> list[str]:
    """The open tasks about the report itself."""
    return [kind for kind in open_tasks(life) if kind.startswith("report_")]


def set_status(life: Life, status: ReportStatus) -> None:
    with life.db.unit(NOON, OPERATOR) as unit:
        unit.conn.execute(sa.update(report_table).values(status=status))


def formalise(unit: Unit, report_id: str) -> None:
    formalise_report(unit, OUTBOX, report_id, number="15/TB-CSĐT")


def is_complex(unit: Unit, report_id: str) -> None:
    note_complex(unit, OUTBOX, report_id, why=WHY)


def ask(unit: Unit, report_id: str) -> None:
    request_extension(unit, OUTBOX, report_id, why=WHY)


def extend(unit: Unit, report_id: str) -> None:
    grant_extension(unit, OUTBOX, report_id, decision="07/QĐ-VKS ngày 12/01/2027")


def refer(unit: Unit, report_id: str) -> None:
    refer_report(unit, OUTBOX, report_id, to="Tòa án nhân dân khu vực 2", why=WHY)


def withdraw(unit: Unit, report_id: str) -> None:
    withdraw_report(unit, OUTBOX, report_id, why=WHY)


def close(unit: Unit, report_id: str, outcome: Outcome = Outcome.NONE) -> None:
    close_report(unit, OUTBOX, report_id, outcome=outcome, why=WHY)


def tell(unit: Unit, report_id: str) -> None:
    note_report_notice(unit, OUTBOX, report_id, why=WHY)


def do(life: Life, now: datetime, who: Actor, step: Step, report_id: str) -> str | None:
    return life.act(now, who, lambda unit: step(unit, report_id))


def nothing_is_held(life: Life) -> None:
    """The request has ended without an answer: nothing is held, nobody is asked any more."""
    with life.db.unit(NOON, OPERATOR) as unit:
        unit.conn.execute(sa.update(tables.hold).values(state="voided", end_reason="expired"))
        unit.conn.execute(sa.update(tables.trace).values(state="awaiting_analysis"))


STRANGER = person("shift-b", Role.SHIFT_HEAD, "999001")
LEADER = person("leader", Role.LEADER)
STEPS = [
    # step        who may not: officer  leader           from
    (formalise,   None,                "not_permitted",  ReportStatus.ACTIONED),
    (is_complex,  "not_permitted",     "not_permitted",  ReportStatus.ACTIONED),
    (refer,       "not_permitted",     "not_permitted",  ReportStatus.ACTIONED),
    (withdraw,    "not_permitted",     "not_permitted",  ReportStatus.ACTIONED),
    (close,       "not_permitted",     "not_permitted",  ReportStatus.ACTIONED),
]  # fmt: skip


@pytest.mark.parametrize(("step", "officer", "leader", "status"), STEPS, ids=named)
def test_who_may_take_which_step(
    life: Life, step: Step, officer: str | None, leader: str, status: ReportStatus
) -> None:
    report_id = life.report()
    nothing_is_held(life)
    set_status(life, status)
    assert do(life, NOON + HOUR, STRANGER, step, report_id) == "other_agency"
    assert do(life, NOON + HOUR, LEADER, step, report_id) == leader
    assert do(life, NOON + HOUR, OFFICER, step, report_id) == officer
    if officer is not None:
        assert do(life, NOON + HOUR, SHIFT, step, report_id) is None


S = ReportStatus
MOVES = [
    # from            step        refused because        afterwards
    (S.DISPATCHED,    formalise,  None,                  S.FORMALISED),
    (S.ACTIONED,      formalise,  None,                  S.FORMALISED),
    (S.FORMALISED,    formalise,  "wrong_status",        S.FORMALISED),
    (S.REFERRED,      formalise,  "wrong_status",        S.REFERRED),
    (S.CLOSED,        formalise,  "wrong_status",        S.CLOSED),
    (S.DISPATCHED,    close,      None,                  S.CLOSED),
    (S.ACTIONED,      close,      None,                  S.CLOSED),
    (S.FORMALISED,    close,      None,                  S.CLOSED),
    (S.REFERRED,      close,      None,                  S.CLOSED),
    (S.CLOSED,        close,      "wrong_status",        S.CLOSED),
    (S.WITHDRAWN,     close,      "wrong_status",        S.WITHDRAWN),
    (S.DUPLICATE,     close,      "wrong_status",        S.DUPLICATE),
    (S.DISPATCHED,    refer,      None,                  S.REFERRED),
    (S.ACTIONED,      refer,      None,                  S.REFERRED),
    (S.FORMALISED,    refer,      "wrong_status",        S.FORMALISED),
    (S.DISPATCHED,    withdraw,   None,                  S.WITHDRAWN),
    (S.FORMALISED,    withdraw,   "wrong_status",        S.FORMALISED),
    (S.CLOSED,        withdraw,   "wrong_status",        S.CLOSED),
    (S.DISPATCHED,    is_complex, None,                  S.DISPATCHED),
    (S.CLOSED,        is_complex, "report_not_running",  S.CLOSED),
    (S.REFERRED,      ask,        "report_not_running",  S.REFERRED),
    (S.ACTIONED,      ask,        "report_not_complex",  S.ACTIONED),
    (S.ACTIONED,      extend,     "extension_not_requested", S.ACTIONED),
    (S.ACTIONED,      tell,       "no_notice_owed",      S.ACTIONED),
]  # fmt: skip


@pytest.mark.parametrize(("status", "step", "reason", "after"), MOVES, ids=named)
def test_the_course_of_a_report(
    life: Life, status: ReportStatus, step: Step, reason: str | None, after: ReportStatus
) -> None:
    report_id = life.report()
    nothing_is_held(life)
    set_status(life, status)
    assert do(life, NOON + HOUR, SHIFT, step, report_id) == reason
    assert read(life, report_id).status is after


def test_what_was_stated_is_kept_and_the_trace_follows(life: Life) -> None:
    report_id = life.report()
    life.answer(0)
    life.answer(1)
    assert read(life, report_id).status is S.ACTIONED
    assert do(life, NOON + HOUR, OFFICER, formalise, report_id) is None
    # Registered by the police, it stays registered when its trace is cancelled.
    trace_id = life.trace().id
    assert life.act(NOON + HOUR, SHIFT, lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")) is None
    kept = read(life, report_id)
    assert (kept.status, kept.police_number, kept.formalised_at) == (S.FORMALISED, "15/TB-CSĐT", NOON + HOUR)
    assert do(life, NOON + 2 * HOUR, SHIFT, close, report_id) is None
    kept = read(life, report_id)
    assert (kept.outcome, kept.closed_at) == (Outcome.NONE, NOON + 2 * HOUR)
    assert [(one.by, one.what, one.why) for one in kept.remarks] == [("shift", "report.closed", WHY)]


def test_withdrawing_cancels_the_trace(life: Life) -> None:
    report_id = life.report()
    life.answer(0)
    assert do(life, NOON + HOUR, SHIFT, withdraw, report_id) is None
    assert (read(life, report_id).status, life.trace().state) == (S.WITHDRAWN, "cancelled")
    assert life.hold(0).state == "released"
    assert life.due(f"resolve:{report_id}") is None
    assert ring(life.db, NOON + 40 * DAY, "report_overdue", "analysis_overdue") == []


def test_referring_leaves_what_is_held(life: Life) -> None:
    report_id = life.report()
    life.answer(0)
    assert do(life, NOON + HOUR, SHIFT, refer, report_id) is None
    assert read(life, report_id).referred_to == "Tòa án nhân dân khu vực 2"
    assert life.hold(0).state == "placed"
    assert life.due(f"resolve:{report_id}") is None


CLOSINGS = [
    # answered  stated            refused because
    (1,         Outcome.NONE,     "report_still_asking"),
    (2,         Outcome.NONE,     "outcome_against_books"),
    (2,         Outcome.PARTIAL,  "outcome_against_books"),
    (2,         Outcome.FULL,     None),
]  # fmt: skip


@pytest.mark.parametrize(("answered", "outcome", "reason"), CLOSINGS)
def test_an_outcome_is_not_less_than_the_books(
    life: Life, answered: int, outcome: Outcome, reason: str | None
) -> None:
    report_id = life.report()
    for number in range(answered):
        life.answer(number)
    assert do(life, NOON + HOUR, SHIFT, lambda u, r: close(u, r, outcome), report_id) == reason


@pytest.mark.parametrize(("outcome", "reason"), [(Outcome.NONE, "outcome_against_books"), (Outcome.PARTIAL, None)])
def test_half_saved_is_partial(life: Life, outcome: Outcome, reason: str | None) -> None:
    report_id = life.report()
    hold = life.answer(0)
    life.answer(1)
    assert life.act(NOON, SHIFT, lambda unit: release_hold(unit, OUTBOX, hold.id)) is None
    assert do(life, NOON + HOUR, SHIFT, lambda u, r: close(u, r, outcome), report_id) == reason


RESOLUTIONS = [
    # received                  20 days later, 24:00; a rest day is followed by the next working day
    (NOON,                      at("2026-12-09T00:00")),
    (at("2027-01-11T08:00"),    at("2027-02-02T00:00")),   # its 20th day is Sunday 31 January: Monday
    (at("2027-01-18T08:00"),    at("2027-02-12T00:00")),   # Tết: 4 to 10 February
]  # fmt: skip


@pytest.mark.parametrize(("received", "until"), RESOLUTIONS)
def test_a_report_is_resolved_in_time_or_becomes_a_task(life: Life, received: datetime, until: datetime) -> None:
    report_id = life.report(now=received)
    nothing_is_held(life)
    assert read(life, report_id).resolve_by == until
    assert ring(life.db, until - TICK, "report_overdue") == []
    assert ring(life.db, until, "report_overdue") == ["report_overdue"]
    assert own_tasks(life) == ["report_overdue"]
    assert do(life, until + HOUR, SHIFT, close, report_id) is None
    assert own_tasks(life) == ["report_notice"]


COMPLEX = [
    # received                2 months later         last instant to ask      alarm before it
    (NOON,                    "2027-01-19T00:00",    "2027-01-14T00:00",      "2027-01-12T00:00"),
    (at("2026-12-07T09:00"),  "2027-02-12T00:00",    "2027-02-07T00:00",      "2027-02-05T00:00"),  # Tết
]  # fmt: skip


@pytest.mark.parametrize(("received", "until", "last", "alarm"), COMPLEX)
def test_a_complex_report_has_longer_and_one_extension(
    life: Life, received: datetime, until: str, last: str, alarm: str
) -> None:
    report_id = life.report(now=received)
    first = read(life, report_id).resolve_by
    assert first is not None
    assert do(life, first - TICK, SHIFT, is_complex, report_id) is None
    assert do(life, first - TICK, SHIFT, is_complex, report_id) == "report_already_complex"
    assert read(life, report_id).resolve_by == at(until)
    # The first end is no end any more.
    assert ring(life.db, first, "report_overdue") == []
    assert ring(life.db, at(alarm) - TICK, "report_extension") == []
    assert ring(life.db, at(alarm), "report_extension") == ["report_extension"]
    assert own_tasks(life) == ["report_extension"]
    assert do(life, at(last), SHIFT, ask, report_id) == "extension_too_late"
    assert do(life, at(last) - TICK, OFFICER, ask, report_id) == "not_permitted"
    assert do(life, at(last) - TICK, SHIFT, ask, report_id) is None
    assert own_tasks(life) == []
    assert do(life, at(last) - TICK, SHIFT, ask, report_id) == "extended_already"
    # Asked in time, granted a day late: the overdue task ends with the grant.
    assert ring(life.db, at(until) - TICK, "report_overdue") == []
    assert ring(life.db, at(until), "report_overdue") == ["report_overdue"]
    assert own_tasks(life) == ["report_overdue"]
    assert do(life, at(until) + DAY, SHIFT, extend, report_id) is None
    assert own_tasks(life) == []
    longer = read(life, report_id)
    assert longer.extension_decision == "07/QĐ-VKS ngày 12/01/2027"
    assert longer.resolve_by == {"2027-01-19T00:00": at("2027-03-19T00:00")}.get(until, at("2027-04-13T00:00"))
    assert do(life, at(until) + DAY, SHIFT, extend, report_id) == "extended_already"
    assert ring(life.db, longer.resolve_by - TICK, "report_overdue") == []
    assert ring(life.db, longer.resolve_by, "report_overdue") == ["report_overdue"]
    assert own_tasks(life) == ["report_overdue"]


def test_complexity_is_noted_before_the_time_is_over(life: Life) -> None:
    report_id = life.report()
    first = read(life, report_id).resolve_by
    assert first is not None
    assert do(life, first, SHIFT, is_complex, report_id) == "report_time_over"


NOTICES = [
    # closed                   three working days later
    (NOON + HOUR,              at("2026-11-24T00:00")),
    (at("2027-02-02T12:00"),   at("2027-02-13T00:00")),   # Wednesday 3rd, then Tết, Thursday 11th, Friday 12th
]  # fmt: skip


@pytest.mark.parametrize(("closed", "until"), NOTICES)
def test_the_result_is_told_within_three_working_days(life: Life, closed: datetime, until: datetime) -> None:
    report_id = life.report()
    nothing_is_held(life)
    assert do(life, closed, SHIFT, close, report_id) is None
    assert own_tasks(life) == ["report_notice"]
    with life.db.read() as conn:
        due = conn.execute(
            sa.select(tables.task.c.due_at).where(tables.task.c.kind == "report_notice")
        ).scalar_one()
    assert due == until
    assert ring(life.db, until - TICK, "report_notice") == []
    assert life.facts("report.notice_overdue") == 0
    assert ring(life.db, until, "report_notice") == ["report_notice"]
    assert life.facts("report.notice_overdue") == 1
    assert do(life, until, STRANGER, tell, report_id) == "other_agency"
    assert do(life, until, OFFICER, tell, report_id) is None
    assert own_tasks(life) == []
    assert do(life, until, OFFICER, tell, report_id) == "no_notice_owed"


def test_what_was_told_in_time_does_not_ring(life: Life) -> None:
    report_id = life.report()
    nothing_is_held(life)
    do(life, NOON + HOUR, SHIFT, close, report_id)
    do(life, NOON + 2 * HOUR, OFFICER, tell, report_id)
    assert ring(life.db, NOON + 30 * DAY, "report_notice") == []


COMMUNES = [
    # kind of agency           situation                      hours  its report is
    ("commune_police",         Situation.SCAM,                24,    S.DISPATCHED),
    ("commune_police_remote",  Situation.SCAM,                48,    S.DISPATCHED),
    ("commune_police",         Situation.COMMERCIAL_DISPUTE,  24,    S.REFERRED),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "situation", "hours", "status"), COMMUNES)
def test_commune_police_pass_a_report_on(
    life: Life, kind: str, situation: Situation, hours: int, status: ReportStatus
) -> None:
    commune = person("commune", Role.DUTY_OFFICER, "commune")
    with life.db.unit(NOON - DAY, OPERATOR) as unit:
        for agency_id, its in (("commune", kind), ("other", "commune_police"), ("bank", "credit_institution")):
            add_agency(
                unit, AgencyDraft(its, f"Đơn vị {agency_id}", agency_id, date(2025, 7, 1)), agency_id=agency_id
            )
    one = life.first
    loss = LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payer_account=VICTIM,
        payee_institution="999002", payer_institution="999001", reference=one.reference,
    )  # fmt: skip
    with life.db.unit(NOON, commune) as unit:
        draft = ReportDraft(situation=situation, victim_name="Lê Thị Mai", losses=(loss,), consent=True)
        report_id = receive_report(unit, draft, Channel.DESK, agency_id="commune").report_id
        open_trace(unit, OUTBOX, report_id)
    until = NOON + hours * HOUR
    assert (read(life, report_id).status, read(life, report_id).forward_by) == (status, until)
    assert ring(life.db, until - TICK, "report_forwarding") == []
    assert ring(life.db, until, "report_forwarding") == ["report_forwarding"]
    assert own_tasks(life) == ["report_forwarding"]

    def to(agency_id: str) -> Step:
        return lambda unit, report_id: pass_on_report(unit, OUTBOX, report_id, to=agency_id)

    for who, agency_id, reason in (
        (OFFICER, DESK, "other_agency"),
        (commune, "nowhere", "wrong_recipient"),
        (commune, "commune", "wrong_recipient"),
        (commune, "other", "wrong_recipient"),
        (commune, "bank", "wrong_recipient"),
        (commune, DESK, None),
        (commune, DESK, "other_agency"),
        (OFFICER, DESK, "nothing_to_forward"),
    ):
        assert do(life, until + HOUR, who, to(agency_id), report_id) == reason, agency_id
    assert own_tasks(life) == []
    kept = read(life, report_id)
    assert (kept.agency_id, kept.forwarded_at) == (DESK, until + HOUR)
    with life.db.read() as conn:
        assert set(conn.execute(sa.select(tables.trace.c.desk_id)).scalars()) <= {DESK}


def test_a_desk_of_the_province_passes_nothing_on(life: Life) -> None:
    report_id = life.report()
    assert read(life, report_id).forward_by is None
    assert life.due(f"forward:{report_id}") is None
    move: Any = lambda unit, r: pass_on_report(unit, OUTBOX, r, to="999001")  # noqa: E731
    assert do(life, NOON, HEAD, move, report_id) == "nothing_to_forward"
