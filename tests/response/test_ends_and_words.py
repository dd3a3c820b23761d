"""What the end of a report or trace takes with it; questions to whoever fetches nothing; words with a limit."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from tests.conftest import NOON
from tests.response.coin_world import COIN_VND
from tests.response.life import DAY, HOUR, MINUTE, MULE, VICTIM, Life
from tests.response.ringing import ring
from tests.response.staging import HEAD, OFFICER, OUTBOX, SHIFT, person

from lachan.foundation.access import OPERATOR, AgencyDraft, Role, add_agency
from lachan.foundation.base import SYSTEM, Actor, Language, new_id
from lachan.foundation.protocol import (
    Answer,
    ConfirmationRequest,
    HoldRequest,
    Part,
    PartKind,
    Situation,
    UnexplainedQuery,
)
from lachan.foundation.storage import Database, Unit
from lachan.intake import Channel, LossDraft, ReportDraft, receive_report
from lachan.intake.tables import loss
from lachan.response import (
    analyse_trace,
    cancel_trace,
    finish_task,
    lapse_confirmation,
    name_payer,
    open_trace,
    pass_on_report,
    refer_report,
    reject_hold,
    report_forwarding_due,
    take_answer,
    take_trace,
    withdraw_report,
)
from lachan.response.views.queue import Sight
from lachan.response.views.reports import reports_page

COMMUNE, COMMUNE_HEAD = person("c", Role.DUTY_OFFICER, "commune"), person("h", Role.DESK_HEAD, "commune")
DUE = NOON + DAY
Do = Callable[[Unit], object]


@pytest.fixture
def life(db: Database) -> Life:
    return Life(db)


def draft(life: Life, payer: str | None = "999001") -> LossDraft:
    one = life.first
    return LossDraft(
        amount_vnd=one.amount_vnd, booked_at=one.booked_at, payee_account=MULE, payee_institution="999002",
        payer_account=VICTIM if payer else None, payer_institution=payer, reference=one.reference,
    )  # fmt: skip


def at_the_commune(life: Life) -> str:
    with life.db.unit(NOON - DAY, OPERATOR) as unit:
        body = AgencyDraft("commune_police", "Công an xã", "commune", date(2025, 7, 1))
        add_agency(unit, body, agency_id="commune")
    with life.db.unit(NOON, COMMUNE) as unit:
        told = ReportDraft(situation=Situation.SCAM, victim_name="Lê Thị Mai", losses=(draft(life),), consent=True)
        report_id = receive_report(unit, told, Channel.DESK, agency_id="commune").report_id
        open_trace(unit, OUTBOX, report_id)
    return report_id


def ways_to_end(report_id: str) -> dict[str, Do]:
    return {
        "refer": lambda unit: refer_report(unit, OUTBOX, report_id, to="Tòa án", why="Tranh chấp"),
        "withdraw": lambda unit: withdraw_report(unit, OUTBOX, report_id, why="Nhầm"),
    }


@pytest.mark.parametrize("way", ["refer", "withdraw"])
@pytest.mark.parametrize("late", [False, True])
def test_nothing_is_passed_on_once_a_report_has_ended(life: Life, way: str, late: bool) -> None:
    report_id = at_the_commune(life)
    if late:
        assert ring(life.db, DUE, "report_forwarding") == ["report_forwarding"]
    assert life.act(NOON + HOUR, COMMUNE_HEAD, ways_to_end(report_id)[way]) is None
    assert life.due(f"forward:{report_id}") is None
    assert [task.state for task in life.tasks("report_forwarding")] == (["done"] if late else [])
    assert ring(life.db, DUE, "report_forwarding") == []
    with life.db.read() as conn:
        assert reports_page(conn, Sight("commune"), Language.VI, NOON + HOUR).rows == ()
    on = lambda unit: pass_on_report(unit, OUTBOX, report_id, to="desk")  # noqa: E731
    assert life.act(NOON + HOUR, COMMUNE, on) == "nothing_to_forward"


def test_a_clock_that_rings_late_asks_whether_the_report_still_runs(life: Life) -> None:
    report_id = at_the_commune(life)
    assert life.act(NOON + HOUR, COMMUNE_HEAD, ways_to_end(report_id)["refer"]) is None
    assert life.act(DUE, SYSTEM, lambda unit: report_forwarding_due(unit, OUTBOX, report_id)) is None
    assert life.tasks("report_forwarding") == []


def test_who_has_passed_a_report_on_works_on_it_no_more(life: Life) -> None:
    report_id = at_the_commune(life)
    trace_id = life.trace().id
    assert life.act(NOON, COMMUNE, lambda unit: take_trace(unit, OUTBOX, trace_id)) is None
    assert life.trace().officer_id == COMMUNE.id
    assert life.act(NOON, COMMUNE, lambda unit: pass_on_report(unit, OUTBOX, report_id, to="desk")) is None
    assert (life.trace().desk_id, life.trace().officer_id) == ("desk", None)


@pytest.mark.parametrize(("payer", "kind"), [("999001", "confirm_by_telephone"), (None, "find_payer_institution")])
def test_nobody_telephones_about_a_cancelled_trace(life: Life, payer: str | None, kind: str) -> None:
    life.desk.report(NOON, draft(life, payer), situation=Situation.SCAM)
    assert [task.state for task in life.tasks(kind)] == ["open"]
    trace_id = life.trace().id
    assert life.act(NOON + MINUTE, SHIFT, lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason="nhầm")) is None
    assert [task.state for task in life.tasks(kind)] == ["done"]


def test_a_payer_named_too_late_is_not_asked_in_writing(life: Life) -> None:
    life.desk.report(NOON, draft(life, None), situation=Situation.SCAM)
    with life.db.read() as conn:
        loss_id = conn.execute(sa.select(loss.c.id)).scalar_one()
    late = NOON + 2 * HOUR
    assert life.act(late, SYSTEM, lambda unit: lapse_confirmation(unit, OUTBOX, loss_id)) is None
    assert life.act(late, OFFICER, lambda unit: name_payer(unit, OUTBOX, loss_id, "999001")) is None
    assert not [e for _, _, e in life.desk.envelopes() if isinstance(e.data, ConfirmationRequest)]
    with life.db.read() as conn:
        assert conn.execute(sa.select(loss.c.payer_institution)).scalar_one() == "999001"


def answer_with_a_gap(life: Life, held_vnd: int, revision: int) -> None:
    request = next(e.data for _, _, e in life.desk.envelopes() if isinstance(e.data, HoldRequest))
    rest = request.amount_vnd - held_vnd
    parts = (Part(kind=PartKind.UNEXPLAINED, amount_vnd=rest),) if rest else ()
    said = Answer(
        message_id=new_id(), request_id=request.id, request_revision=request.revision, revision=revision,
        held_vnd=held_vnd, parts=parts, available_vnd=held_vnd, placed_at=NOON, decided_by="Kiểm soát viên",
    )  # fmt: skip
    with life.db.unit(NOON + MINUTE, SYSTEM) as unit:
        assert take_answer(unit, OUTBOX, said, {"999002"}) == []


@pytest.mark.parametrize("connected", [True, False])
def test_the_question_about_a_gap_reaches_whoever_fetches_nothing(life: Life, connected: bool) -> None:
    if connected:
        life.connect("999002")
    life.report()
    answer_with_a_gap(life, COIN_VND, 1)
    [query] = [e for _, _, e in life.desk.envelopes() if isinstance(e.data, UnexplainedQuery)]
    tasks = life.tasks("tell_institution")
    if connected:
        assert tasks == []
        return
    [task] = tasks
    assert (task.key, task.reason, task.state) == (f"tell_institution:{query.message_id}", "asked_again", "open")
    assert task.amount_vnd == 3 * COIN_VND
    # The next answer is what the question was for.
    answer_with_a_gap(life, 4 * COIN_VND, 2)
    assert [one.state for one in life.tasks("tell_institution")] == ["done"]


def test_nothing_is_recommended_before_the_request_has_gone_out(db: Database) -> None:
    life = Life(db, policy_vnd=None)
    life.report()
    assert life.hold().state == "drafted"
    assert life.recommend(life.hold().id) == "not_asked_yet"


WORDS = [
    # act       by        its words when too long
    ("cancel",  SHIFT,    2_001),
    ("reject",  HEAD,     2_001),
    ("finish",  OFFICER,  2_001),
    ("analyse", OFFICER,  4_001),
]  # fmt: skip


@pytest.mark.parametrize(("act", "who", "length"), WORDS)
def test_words_have_a_limit(db: Database, act: str, who: Actor, length: int) -> None:
    life = Life(db, policy_vnd=None)
    life.report()
    hold_id, trace_id = life.hold().id, life.trace().id
    task_id = life.tasks("confirm_by_telephone")[0].id
    acts: dict[str, Callable[[str], Do]] = {
        "cancel": lambda text: lambda unit: cancel_trace(unit, OUTBOX, trace_id, reason=text),
        "reject": lambda text: lambda unit: reject_hold(unit, OUTBOX, hold_id, reason=text),
        "finish": lambda text: lambda unit: finish_task(unit, task_id, note=text),
        "analyse": lambda text: lambda unit: analyse_trace(unit, OUTBOX, trace_id, verdicts={}, conclusion=text),
    }
    assert life.act(NOON + MINUTE, who, acts[act](" ")) == "missing"
    assert life.act(NOON + MINUTE, who, acts[act]("x" * length)) == "too_long"
    refused = life.act(NOON + MINUTE, who, acts[act]("x" * (length - 1)))
    assert refused == ("hold_wrong_state" if act == "analyse" else None)
