"""People's work on alerts: one signs, another approves, and only then is anything listed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.alerts import BOSS, found, shown
from tests.registry.world import World, build

from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Actor, BadInput, Conflict, LachanError, NotAllowed, WallClock
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import clock
from lachan.foundation.trail import SealKey, create_private_key, read_private_key, seal, verify
from lachan.foundation.trail import tables as trail
from lachan.monitoring import Level, alerts
from lachan.monitoring.alerts import Alert, AlertReason, AlertState, By, FoundAlert, Recorded, feedback
from lachan.monitoring.alerts.tables import alert as alert_table
from lachan.monitoring.alerts.tables import sighting, suppression
from lachan.registry import Verdict, views

MULE = "account:999001:0000111122223333"
FRIEND = "account:999001:0000111122224444"
ELSEWHERE = "account:999002:0000111122225555"
DAY = timedelta(days=1)


@dataclass
class Desk:
    """A world, its clock, and who works in it."""

    db: Database
    world: World
    later: timedelta = timedelta()

    def unit(self, actor: Actor):  # type: ignore[no-untyped-def]
        return self.db.unit(NOON + self.later, actor)

    def officer(self, name: str = "a") -> Actor:
        return self.world.at(self.world.desk, Role.DUTY_OFFICER, name)

    def head(self, name: str = "b") -> Actor:
        return self.world.at(self.world.desk, Role.DESK_HEAD, name)

    def banker(self, role: Role = Role.INSTITUTION_OFFICER, name: str = "c") -> Actor:
        return self.world.at(self.world.bank, role, name)

    def record(self, *made: FoundAlert) -> Recorded:
        with self.unit(SYSTEM) as unit:
            return alerts.record_alerts(unit.conn, made, unit.now, "file:test")

    def all(self) -> list[Alert]:
        with self.db.read() as conn:
            queue = alerts.views.queue(conn, self.head(), alerts.views.Narrow())
        return list(queue.alerts)

    def one(self, alert_id: str) -> Alert:
        with self.db.read() as conn:
            return alerts.views.page(conn, self.head(), alert_id).alert

    def verdict(self, key: str) -> Verdict:
        with self.db.read() as conn:
            return views.check(conn, key, NOON + self.later).verdict

    def facts(self) -> list[str]:
        with self.db.read() as conn:
            query = sa.select(trail.fact.c.kind).where(trail.fact.c.kind.like("alert%"))
            return list(conn.execute(query.order_by(trail.fact.c.ordinal)).scalars())

    def signed(self, actor: Actor, made: FoundAlert) -> str:
        """One alert, taken and signed by the actor."""
        self.record(made)
        (alert_id,) = (one.id for one in self.all() if one.account == made.account)
        with self.unit(actor) as unit:
            alerts.take(unit, alert_id)
            alerts.confirm(unit, alert_id, "Tiền vào rồi ra ngay.")
        return alert_id


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db, build(db))


def refused(error: pytest.ExceptionInfo[LachanError], reason: AlertReason) -> bool:
    return error.value.reason is reason


def test_a_score_alone_never_lists(desk: Desk) -> None:
    """However high, however often, however many days: nobody is listed before two people have said so."""
    for number in range(30):
        desk.record(found(number, account=MULE, score=1.0))
    assert desk.verdict(MULE) is Verdict.CLEAR
    (one,) = desk.all()
    assert (one.state, one.sightings) == (AlertState.OPEN, 30)
    with desk.unit(SYSTEM) as unit, pytest.raises(NotAllowed):
        alerts.take(unit, one.id)
    alert_id = desk.signed(desk.officer(), found(99, account=MULE))
    with desk.unit(desk.officer()) as unit:
        alerts.propose(unit, alert_id, MULE)
    desk.later = 30 * DAY
    assert desk.verdict(MULE) is Verdict.CLEAR
    for actor in (SYSTEM, desk.officer(), desk.officer("z")):
        with desk.unit(actor) as unit, pytest.raises(NotAllowed):
            alerts.approve(unit, alert_id)
    assert desk.verdict(MULE) is Verdict.CLEAR


def test_one_signs_another_approves_and_it_is_a_claim(desk: Desk) -> None:
    alert_id = desk.signed(desk.officer(), found(account=MULE))
    with desk.unit(desk.officer()) as unit:
        made = alerts.propose(unit, alert_id, MULE)
        assert made.due_at == clock("alert_approval", NOON).deadline(NOON)
    with desk.unit(desk.head()) as unit:
        done = alerts.approve(unit, alert_id)
    assert (done.state, done.closed_at, bool(done.claim_id)) == (AlertState.APPROVED, NOON, True)
    assert desk.verdict(MULE) is Verdict.WARN
    with desk.db.read() as conn:
        entry = views.entry_of_key(conn, desk.head(), MULE)
        (claim,) = views.entry_page(conn, desk.head(), entry.id, NOON).claims
    assert (claim.claimant, claim.reason, claim.source) == (desk.world.desk, "R3", "monitoring")
    assert (claim.origin, claim.evidence) == (f"alert:{alert_id}", "Tiền vào rồi ra ngay.")
    assert desk.facts() == [
        "alerts.recorded", "alert.taken", "alert.confirmed", "alert.proposed", "alert.approved",
    ]  # fmt: skip
    # The account is free for a new alert, should it go on.
    assert desk.record(found(2, account=MULE)).opened == 1


def test_more_evidence_does_not_shorten_the_second_person_s_time(desk: Desk) -> None:
    alert_id = desk.signed(desk.officer(), found(account=MULE))
    with desk.unit(desk.officer()) as unit:
        due = alerts.propose(unit, alert_id, MULE).due_at
    assert desk.record(found(2, account=MULE, level=Level.INTERDICT)).joined == 1
    assert desk.one(alert_id).due_at == due
    assert desk.one(alert_id).level is Level.INTERDICT


def test_whoever_signed_does_not_approve_and_no_other_agency_speaks_for_it(desk: Desk) -> None:
    alert_id = desk.signed(desk.head("x"), found(account=MULE))
    with desk.unit(desk.head("x")) as unit:
        alerts.propose(unit, alert_id, MULE)
    for actor in (desk.head("x"), desk.banker(Role.INSTITUTION_CONTROLLER)):
        with desk.unit(actor) as unit, pytest.raises(NotAllowed):
            alerts.approve(unit, alert_id)
    with desk.unit(desk.head("y")) as unit:
        alerts.reject(unit, alert_id, "Chưa đủ căn cứ.")
    assert desk.verdict(MULE) is Verdict.CLEAR
    assert desk.one(alert_id).state is AlertState.REJECTED


def test_a_bank_sees_and_lists_its_own_accounts_only(desk: Desk) -> None:
    desk.record(found(2, account=ELSEWHERE), found(3, account="42"))
    alert_id = desk.signed(desk.banker(), found(account=MULE))
    with desk.db.read() as conn:
        seen = alerts.views.queue(conn, desk.banker(), alerts.views.Narrow()).alerts
        assert [one.account for one in seen] == [MULE]
        for other in desk.all():
            if other.account != MULE:
                with pytest.raises(NotAllowed):
                    alerts.views.page(conn, desk.banker(), other.id)
    for other in desk.all():
        if other.account != MULE:
            with desk.unit(desk.banker()) as unit, pytest.raises(NotAllowed):
                alerts.take(unit, other.id)
    with desk.unit(desk.banker()) as unit:
        alerts.propose(unit, alert_id, MULE)
    with desk.unit(desk.banker(Role.INSTITUTION_CONTROLLER, "d")) as unit:
        alerts.approve(unit, alert_id)
    assert desk.verdict(MULE) is Verdict.WARN


def test_a_bank_sees_no_account_numbers_of_transfers_between_others(desk: Desk) -> None:
    """A chain names transfers on the way that touched none of its accounts."""
    own = found(account=MULE)
    far = shown("far", NOON - timedelta(hours=1), ELSEWHERE, "wallet:momo:0900000001", 60_000_000)
    desk.record(replace(own, shown=(far, *own.shown)))
    (alert_id,) = (one.id for one in desk.all())
    with desk.db.read() as conn:
        (seen,) = alerts.views.page(conn, desk.banker(), alert_id).sightings
        (whole,) = alerts.views.page(conn, desk.officer(), alert_id).sightings
    assert (seen.shown[0].payer, seen.shown[0].payee) == ("account:999002:••••", "wallet:momo:••••")
    assert seen.shown[1:] == own.shown
    assert whole.shown == (far, *own.shown)


def test_an_alert_seen_all_day_is_shown_by_its_newest_sightings(desk: Desk) -> None:
    desk.record(
        *(
            replace(found(n, account=MULE, at=NOON + timedelta(minutes=n)), suspect=f"account:999001:{n:016d}")
            for n in range(70)
        )
    )
    with desk.db.read() as conn:
        page = alerts.views.page(conn, desk.officer(), desk.all()[0].id)
    assert page.alert.sightings == 70
    assert [one.fired for one in page.sightings] == [f"out{n}" for n in range(69, 49, -1)]
    assert [one[-2:] for one in page.suspects] == [f"{n:02d}" for n in range(69, 19, -1)]


def test_what_names_no_bank_cannot_be_listed_and_no_stranger_to_the_alert(desk: Desk) -> None:
    alert_id = desk.signed(desk.officer(), found(account="42"))
    with desk.unit(desk.officer()) as unit, pytest.raises(Conflict) as error:
        alerts.propose(unit, alert_id, "42")
    assert refused(error, AlertReason.NOTHING_TO_LIST)
    with desk.unit(desk.officer()) as unit, pytest.raises(BadInput):
        alerts.propose(unit, alert_id, BOSS)
    with desk.unit(desk.officer()) as unit:
        alerts.close(unit, alert_id)
    assert desk.one(alert_id).state is AlertState.CLOSED


def test_only_whoever_took_it_decides(desk: Desk) -> None:
    desk.record(found(account=MULE))
    (one,) = desk.all()
    with desk.unit(desk.officer()) as unit, pytest.raises(Conflict) as error:
        alerts.dismiss(unit, one.id, "family", "Mẹ con.")
    assert refused(error, AlertReason.NOT_IN_THIS_STATE)
    with desk.unit(desk.officer()) as unit:
        alerts.take(unit, one.id)
    with desk.unit(desk.officer("z")) as unit, pytest.raises(Conflict) as error:
        alerts.dismiss(unit, one.id, "family", "Mẹ con.")
    assert refused(error, AlertReason.TAKEN_BY_ANOTHER)
    with desk.unit(desk.officer("z")) as unit, pytest.raises(NotAllowed):
        alerts.give_back(unit, one.id)
    with desk.unit(desk.head()) as unit:
        assert alerts.give_back(unit, one.id).taken_by is None
    assert desk.one(one.id).due_at == one.due_at


def test_a_suppression_covers_counts_and_ends(desk: Desk) -> None:
    desk.record(found(1, account=MULE))
    (one,) = desk.all()
    with desk.unit(desk.officer()) as unit:
        alerts.take(unit, one.id)
        with pytest.raises(BadInput) as error:
            alerts.suppress(unit, one.id, NOON + 400 * DAY, "Trả lương hằng tháng.")
        assert refused(error, AlertReason.SUPPRESSED_TOO_LONG)
        alerts.suppress(unit, one.id, NOON + 30 * DAY, "Trả lương hằng tháng.")
    desk.later = 10 * DAY
    assert desk.record(found(2, account=MULE), found(3, account=MULE)) == Recorded(found=2, suppressed=2)
    assert desk.record(found(2, account=MULE)) == Recorded(found=1, repeated=1)
    assert desk.record(found(4, account=MULE, typology="many_in_fast_out")).opened == 1
    with desk.db.read() as conn:
        (kept,) = alerts.views.suppressions(conn, desk.banker(), NOON + desk.later)
    assert kept.covered == 2
    assert desk.one(one.id).sightings == 1
    desk.later = 30 * DAY
    assert alerts.sweep_suppressions(desk.db, NOON + desk.later) == 1
    back = desk.one(one.id)
    assert (back.state, back.sightings, back.taken_by) == (AlertState.OPEN, 3, None)
    assert back.due_at == clock("alert_look", NOON).deadline(NOON + desk.later)
    assert alerts.sweep_suppressions(desk.db, NOON + desk.later) == 0


def test_without_new_evidence_it_ends_in_silence_and_new_evidence_ends_it_too(desk: Desk) -> None:
    desk.record(found(1, account=MULE), found(2, account=FRIEND))
    with desk.unit(desk.officer()) as unit:
        for one in desk.all():
            alerts.take(unit, one.id)
            alerts.suppress(unit, one.id, NOON + DAY, "Đang xác minh.")
    desk.later = 2 * DAY
    # Nobody swept: what comes in ends what is over before it is recorded.
    assert desk.record(found(3, account=MULE)).opened == 1
    states = {one.account: one.state for one in desk.all()}
    assert states == {MULE: AlertState.OPEN}


def test_a_kind_is_suppressed_by_who_may_approve_and_for_its_own_accounts(desk: Desk) -> None:
    controller = desk.banker(Role.INSTITUTION_CONTROLLER)
    until = NOON + 5 * DAY
    with desk.unit(controller) as unit:
        with pytest.raises(NotAllowed):
            alerts.suppress_kind(unit, until, "Chương trình thử.", typology="pass_through")
        with pytest.raises(BadInput) as error:
            alerts.suppress_kind(unit, until, "Chương trình thử.", institution="999001")
        assert refused(error, AlertReason.SUPPRESSES_EVERYTHING)
        made = alerts.suppress_kind(
            unit, until, "Chương trình thử.", typology="pass_through", institution="999001"
        )  # fmt: skip
    assert desk.record(found(1, account=MULE), found(2, account=ELSEWHERE)) == Recorded(
        found=2, opened=1, suppressed=1
    )  # fmt: skip
    with desk.unit(controller) as unit:
        alerts.end_suppression(unit, made.id)
        with pytest.raises(Conflict) as over:
            alerts.end_suppression(unit, made.id)
    assert refused(over, AlertReason.SUPPRESSION_OVER)
    assert desk.record(found(3, account=MULE)).opened == 1


def test_feedback_becomes_labels_and_says_how_often_a_typology_was_right(desk: Desk) -> None:
    desk.signed(desk.officer(), found(1, account=MULE))
    desk.record(found(2, account=FRIEND), found(3, account=ELSEWHERE))
    for one in desk.all():
        if one.account != MULE:
            with desk.unit(desk.officer()) as unit:
                alerts.take(unit, one.id)
                code = "family" if one.account == FRIEND else "too_little"
                alerts.dismiss(unit, one.id, code, "Đã gọi xác minh.")
    with desk.db.read() as conn:
        assert dict(alerts.labels(conn, By.ACCOUNT, NOON)) == {MULE: 1, FRIEND: 0}
        assert dict(alerts.labels(conn, By.ID, NOON)) == {"out1": 1, "out2": 0}
        right = alerts.precisions(conn, NOON)["pass_through"]
    assert (right.confirmed, right.honest, right.unknown, right.share) == (1, 1, 1, 0.5)
    assert right.interval[0] < 0.5 < right.interval[1]


def test_what_joins_after_somebody_looked_is_no_label(desk: Desk) -> None:
    """It may speak against somebody whom nobody has thought of."""
    desk.signed(desk.officer(), replace(found(1, account=MULE), suspect=FRIEND))
    desk.later = timedelta(minutes=1)
    assert desk.record(replace(found(2, account=MULE), suspect=ELSEWHERE)).joined == 1
    with desk.db.read() as conn:
        assert dict(alerts.labels(conn, By.ACCOUNT, NOON)) == {FRIEND: 1}
        assert dict(alerts.labels(conn, By.ID, NOON)) == {"out1": 1}


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_the_share_and_shrinks_with_more(right: int, wrong: int) -> None:
    low, high = feedback.wilson(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low <= right / (right + wrong) <= high
        more_low, more_high = feedback.wilson(10 * right, 10 * (right + wrong))
        assert more_high - more_low <= high - low


def test_pages_of_the_queue_leave_nothing_out(desk: Desk) -> None:
    made = [
        found(
            number, account=f"account:999001:{number:016d}", amount_vnd=1_000_000 * (number % 5 + 1),
            level=Level.INTERDICT if number % 3 == 0 else Level.ALERT,
        )
        for number in range(23)
    ]  # fmt: skip
    desk.record(*made)
    for by_amount in (False, True):
        seen: list[Alert] = []
        after = ""
        while True:
            with desk.db.read() as conn:
                narrow = alerts.views.Narrow(AlertState.OPEN, by_amount=by_amount)
                part = alerts.views.queue(conn, desk.officer(), narrow, after=after, limit=4)
            seen += part.alerts
            after = part.after
            if not after:
                break
        assert len({one.id for one in seen}) == len(seen) == 23
        rank = [
            (-one.amount_vnd,) if by_amount else (one.level == "alert", one.due_at, -one.amount_vnd) for one in seen
        ]
        assert rank == sorted(rank)
    with desk.db.read() as conn:
        counts = alerts.views.counts(conn, desk.officer(), NOON + timedelta(minutes=16))
    assert counts.states[AlertState.OPEN] == 23
    assert counts.late[AlertState.OPEN] == 8
    assert counts.waiting == {"pass_through": 23}


@pytest.mark.parametrize(
    "after",
    [
        "x", "{}", "[1,2,3,4]", '["alert","x",1,"i"]', '["alert","2026-11-18T05:00:00",1,"i"]',
        '["alert","2026-11-18T05:00:00+00:00",99999999999999999999,"i"]', '["alert",[],{},"i"]',
        "[null,null,null,null]",
    ],
)  # fmt: skip
def test_a_place_that_nobody_gave_is_the_first_page(desk: Desk, after: str) -> None:
    desk.record(found(1, account=MULE))
    with desk.db.read() as conn:
        got = alerts.views.queue(conn, desk.officer(), alerts.views.Narrow(), after=after)
    assert len(got.alerts) == 1


def test_after_five_years_nobody_is_named_and_the_trail_still_verifies(desk: Desk, tmp_path: Path) -> None:
    alert_id = desk.signed(desk.officer(), found(1, account=MULE))
    with desk.unit(desk.officer()) as unit:
        alerts.close(unit, alert_id)
    with desk.unit(desk.head()) as unit:
        alerts.suppress_kind(unit, NOON + DAY, "Chủ tài khoản tên A.", account=FRIEND)
    desk.record(found(2, account=FRIEND))
    desk.later = 2 * DAY
    alerts.sweep_suppressions(desk.db, NOON + desk.later)
    for later, gone in (
        (5 * 365 * DAY - 20 * DAY, 0),
        (5 * 365 * DAY + 30 * DAY, 3),
        (5 * 365 * DAY + 30 * DAY, 0),
    ):
        desk.later = later
        with desk.unit(SYSTEM) as unit:
            assert alerts.forget_alerts(unit) == gone
    with desk.db.read() as conn:
        for table in (alert_table, sighting, suppression):
            for row in conn.execute(sa.select(table)):
                assert "0000111122" not in str(row)
        assert alerts.precisions(conn, NOON)["pass_through"].confirmed == 1
    create_private_key(tmp_path / "seal.pem")
    key = SealKey(read_private_key(tmp_path / "seal.pem"))
    while seal(desk.db, key, now=NOON, wall_now=WallClock().now()):
        pass
    with desk.db.read() as conn:
        assert verify(conn, [key.public_text]).findings == ()
