"""Reports from the first draft to the gathered one: states, rights, two people at once, restating, requests."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from lachan.foundation.access import OPERATOR, AccessReason, AgencyDraft, add_agency
from lachan.foundation.access.agencies import end_agency
from lachan.foundation.base import BadInput, Conflict, LachanError, NotAllowed, NotFound
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import ReportFieldKind
from lachan.foundation.trail.tables import fact
from lachan.plans import reporting as rep
from lachan.plans.reporting import FormField, Origin, ReportReason, ReportState, Standing, views
from lachan.plans.reporting.tables import periodic_step
from tests.factories import reporting
from tests.factories.reporting import DUE, IN_TIME, KEY, PLAN, TITLE, fill


def _refused(error: pytest.ExceptionInfo[LachanError]) -> object:
    return error.value.reason


def test_a_draft_fills_itself_and_asks_for_the_rest(db: Database) -> None:
    province = reporting.build(db)
    report = province.begun(province.senders[0])
    figures = [one.code for one in report.form if one.kind is ReportFieldKind.FIGURE]
    assert [one.field for one in report.figures] == figures
    assert all(one.origin is Origin.SOURCE and one.known_at == IN_TIME for one in report.figures)
    assert report.figure("reports_received") is not None
    with pytest.raises(BadInput) as refusal, province.unit(province.clerk(province.senders[0])) as unit:
        rep.submit(unit, report.id)
    assert refusal.value.reason is ReportReason.FIELDS_MISSING
    assert refusal.value.field == "direction"


def test_beginning_twice_is_one_draft(db: Database) -> None:
    province = reporting.build(db)
    assert province.begun(province.senders[0]).id == province.begun(province.senders[0]).id


def test_two_people_in_one_report_lose_nothing(db: Database) -> None:
    province = reporting.build(db)
    own = province.senders[0]
    report = province.begun(own)
    with province.unit(province.clerk(own, "a")) as unit:
        rep.save_text(unit, report.id, "direction", "Bản của A", 0)
    # Another line, at the same time: no conflict.
    with province.unit(province.clerk(own, "b")) as unit:
        rep.save_text(unit, report.id, "results", "Kết quả của B", 0)
    with pytest.raises(Conflict) as refusal, province.unit(province.clerk(own, "b")) as unit:
        rep.save_text(unit, report.id, "direction", "Bản của B", 0)
    assert refusal.value.reason is ReportReason.TEXT_CHANGED
    with province.unit(province.clerk(own, "b")) as unit:
        kept = rep.save_text(unit, report.id, "direction", "Bản của A và B", 1)
    assert kept.text("direction").text == "Bản của A và B"  # type: ignore[union-attr]
    assert kept.text("results").text == "Kết quả của B"  # type: ignore[union-attr]
    with db.read() as conn:
        before = conn.execute(
            sa.select(periodic_step.c.before).where(periodic_step.c.before.is_not(None))
        ).scalars()
        assert [one["direction"]["text"] for one in before] == ["Bản của A"]


def test_handed_in_returned_handed_in_again_and_approved(db: Database) -> None:
    province = reporting.build(db)
    own = province.senders[0]
    report = province.handed_in(own)
    with pytest.raises(Conflict), province.unit(province.clerk(own)) as unit:
        rep.save_text(unit, report.id, "direction", "Sửa sau khi nộp", 1)
    with province.unit(province.head(province.police)) as unit:
        back = rep.give_back(unit, report.id, "Thiếu số liệu quý II")
    assert (back.state, back.remarks) == (ReportState.RETURNED, "Thiếu số liệu quý II")
    with province.unit(province.clerk(own), DUE + timedelta(days=3)) as unit:
        rep.save_text(unit, report.id, "direction", "Đã bổ sung", 1)
        again = rep.submit(unit, report.id)
    # In time the first time: what came back later does not make it late.
    assert not again.late
    assert again.submitted_at > DUE  # type: ignore[operator]
    with province.unit(province.head(province.police)) as unit:
        assert rep.approve(unit, report.id).state is ReportState.APPROVED
    with pytest.raises(Conflict), province.unit(province.head(province.police)) as unit:
        rep.give_back(unit, report.id, "Muộn rồi")


def test_late_and_missing_are_seen(db: Database) -> None:
    province = reporting.build(db)
    first, second, third = province.senders
    province.handed_in(first)
    province.handed_in(second, DUE)
    province.begun(third)
    with db.read() as conn:
        seen = views.one_round(conn, province.clerk(province.police), DUE, PLAN, KEY)
    assert [(one.standing, one.late) for one in seen.owed] == [
        (Standing.SUBMITTED, False), (Standing.SUBMITTED, True), (Standing.MISSING, False),
    ]  # fmt: skip
    with db.read() as conn:
        before = views.one_round(conn, province.clerk(province.police), DUE - timedelta(seconds=1), PLAN, KEY)
    assert before.owed[2].standing is Standing.DRAFTED


def test_figures_entered_by_hand_stand_beside_the_count(db: Database) -> None:
    province = reporting.build(db)
    own = province.senders[0]
    report = province.begun(own)
    with province.unit(province.clerk(own)) as unit:
        changed = rep.enter_figure(unit, report.id, "reports_received", Decimal(12), "Tiếp nhận bằng giấy")
        figure = changed.figure("reports_received")
        assert figure is not None
        assert (figure.value, figure.counted, figure.origin) == (Decimal(12), Decimal(0), Origin.PERSON)
        kept = rep.recount(unit, report.id).figure("reports_received")
        assert kept is not None
        assert kept.value == Decimal(12)
        undone = rep.enter_figure(unit, report.id, "reports_received", None, "").figure("reports_received")
        assert undone is not None
        assert (undone.value, undone.origin) == (Decimal(0), Origin.SOURCE)
    for bad in (Decimal(-1), Decimal("NaN"), Decimal(10) ** 18):
        with pytest.raises(BadInput), province.unit(province.clerk(own)) as unit:
            rep.enter_figure(unit, report.id, "reports_received", bad, "x")


def test_a_gathered_figure_is_the_sum_of_the_frozen_ones(db: Database) -> None:
    province = reporting.build(db)
    for place, own in enumerate(province.senders[:2], 1):
        report = province.written(own)
        with province.unit(province.clerk(own)) as unit:
            rep.enter_figure(unit, report.id, "reports_received", Decimal(place * 10), "Sổ giấy")
            rep.submit(unit, report.id)
    province.begun(province.senders[2])
    with province.unit(province.clerk(province.police)) as unit:
        whole = rep.consolidate(unit, PLAN, KEY)
    figure = whole.figure("reports_received")
    assert figure is not None
    assert (figure.value, figure.origin) == (Decimal(30), Origin.CHILDREN)
    assert {part.agency_id: part.value for part in figure.parts} == {
        province.senders[0]: Decimal(10), province.senders[1]: Decimal(20),
    }  # fmt: skip
    share = whole.figure("alerts_decided_share")
    assert share is not None
    assert share.origin is Origin.SOURCE  # counted anew: shares do not add up


def test_restating_keeps_both_versions(db: Database) -> None:
    province = reporting.build(db)
    own = province.senders[0]
    report = province.handed_in(own)
    with province.unit(province.head(province.police)) as unit:
        rep.approve(unit, report.id)
        rep.consolidate(unit, PLAN, KEY)
    with province.unit(province.clerk(own), DUE + timedelta(days=30)) as unit:
        second = rep.restate(unit, report.id, "Bổ sung vụ việc báo muộn")
        assert (second.revision, second.state, second.restates) == (
            2,
            ReportState.DRAFT,
            "Bổ sung vụ việc báo muộn",
        )
        rep.enter_figure(unit, second.id, "reports_received", Decimal(5), "Sổ giấy")
        rep.submit(unit, second.id)
    with pytest.raises(Conflict), province.unit(province.clerk(own)) as unit:
        rep.restate(unit, report.id, "Lần nữa")
    with province.unit(province.head(province.police)) as unit:
        # Until the new one is approved the old one counts.
        assert rep.consolidate(unit, PLAN, KEY).figure("reports_received").value == 0  # type: ignore[union-attr]
        rep.approve(unit, second.id)
    with db.read() as conn:
        reader = province.clerk(province.police)
        seen = views.report(conn, reader, DUE, second.id)
        gathered = views.one_round(conn, reader, DUE, PLAN, KEY).gathered
        assert gathered is not None
        assert views.report(conn, reader, DUE, gathered.id).stale
    assert [(one.revision, one.state) for one in seen.revisions] == [
        (1, ReportState.APPROVED), (2, ReportState.APPROVED),
    ]  # fmt: skip
    assert [one.figure("reports_received").value for one in seen.revisions] == [0, 5]  # type: ignore[union-attr]


def test_a_single_request_has_its_own_form_and_day(db: Database) -> None:
    province = reporting.build(db)
    form = (FormField("cases", ReportFieldKind.NARRATIVE, "Các vụ trong tuần", "Cases of the week", required=True),)
    with province.unit(province.head(province.police)) as unit:
        key = rep.ask_once(
            unit, PLAN, TITLE, "Báo cáo nhanh về lừa đảo tuyển dụng", form, province.senders[:1], date(2026, 5, 1),
            date(2026, 5, 31), DUE,
        )  # fmt: skip
    report = province.begun(province.senders[0], key=key)
    assert [one.code for one in report.form] == ["cases"]
    with pytest.raises(NotAllowed) as refusal, province.unit(province.clerk(province.senders[1])) as unit:
        rep.begin(unit, PLAN, key, province.senders[1])
    assert refusal.value.reason is ReportReason.NOT_OWED
    with pytest.raises(BadInput), province.unit(province.head(province.police), DUE) as unit:
        rep.ask_once(unit, PLAN, TITLE, "Muộn", form, province.senders, date(2026, 5, 1), date(2026, 5, 2), DUE)


def test_no_other_agency_sets_a_plans_calendar_or_asks_under_it(db: Database) -> None:
    province = reporting.build(db)
    other = province.head(province.senders[0])
    form = (FormField("cases", ReportFieldKind.NARRATIVE, "Các vụ", "Cases"),)
    with pytest.raises(NotAllowed) as refusal, province.unit(other) as unit:
        rep.set_calendar(unit, PLAN, TITLE, reporting.HA_NOI, province.senders)
    assert refusal.value.reason is AccessReason.OTHER_AGENCY
    with pytest.raises(NotAllowed), province.unit(other) as unit:
        rep.ask_once(unit, PLAN, TITLE, "Xem", form, province.senders, date(2026, 5, 1), date(2026, 5, 2), DUE)


def test_what_was_due_before_a_change_of_the_calendar_stays(db: Database) -> None:
    province = reporting.build(db)
    with province.unit(province.head(province.police), DUE + timedelta(days=10)) as unit:
        rep.set_calendar(unit, PLAN, TITLE, reporting.HA_NOI, province.senders[:1])
    with db.read() as conn:
        found = views.calendar(
            conn, province.clerk(province.police), DUE, date(2026, 1, 1), date(2026, 12, 31)
        )  # fmt: skip
    # The half-year that was due is no second round of the new calendar: its reports would stand in both.
    assert [one.round.occurrence.key for one in found] == ["2026-H1", "2026-Q2", "2026-Q3", "2026-Q4", "2026-Y"]
    assert [len(one.owed) for one in found] == [3, 1, 1, 1, 1]


def test_the_duty_of_an_ended_body_passes_to_its_successor(db: Database) -> None:
    province = reporting.build(db)
    with db.unit(IN_TIME, OPERATOR) as unit:
        heir = add_agency(unit, AgencyDraft("finance_department", "Sở kế thừa", "Sở mới", date(2026, 1, 1))).id
        end_agency(unit, province.senders[0], date(2026, 3, 31), heir)
    with db.read() as conn:
        seen = views.one_round(conn, province.clerk(province.police), DUE, PLAN, KEY)
    assert [one.agency_id for one in seen.owed] == [heir, *province.senders[1:]]


def test_others_do_not_see_or_touch_it(db: Database) -> None:
    province = reporting.build(db)
    own, other, _ = province.senders
    report = province.handed_in(own)
    with db.read() as conn:
        (mine,) = views.calendar(conn, province.clerk(other), DUE, date(2026, 6, 1), date(2026, 6, 30))
        assert [one.agency_id for one in mine.owed] == [other]
        with pytest.raises(NotAllowed):
            views.report(conn, province.clerk(other), DUE, report.id)
    for act in (
        lambda unit: rep.save_text(unit, report.id, "direction", "x", 1),
        lambda unit: rep.submit(unit, report.id),
        lambda unit: rep.give_back(unit, report.id, "x"),
        lambda unit: rep.approve(unit, report.id),
        lambda unit: rep.restate(unit, report.id, "x"),
        lambda unit: rep.consolidate(unit, PLAN, KEY),
        lambda unit: rep.issue_report(unit, report.id, reporting.SIGNING),
    ):
        with pytest.raises(NotAllowed), province.unit(province.head(other)) as unit:
            act(unit)
    with pytest.raises(NotFound), province.unit(province.clerk(own)) as unit:
        rep.begin(unit, PLAN, "2026-Q1", own)


def test_nobody_approves_what_they_handed_in(db: Database) -> None:
    province = reporting.build(db)
    province.handed_in(province.senders[0])
    clerk = province.clerk(province.police)
    with province.unit(clerk) as unit:
        whole = fill(unit, rep.consolidate(unit, PLAN, KEY))
        rep.submit(unit, whole.id)
    with pytest.raises(NotAllowed), province.unit(clerk) as unit:
        rep.approve(unit, whole.id)
    with province.unit(province.head(province.police)) as unit:
        rep.approve(unit, whole.id)
    draft = replace(reporting.SIGNING, letters="không hợp lệ")
    with pytest.raises(BadInput), province.unit(province.head(province.police)) as unit:
        rep.issue_report(unit, whole.id, draft)
    with province.unit(province.head(province.police)) as unit:
        made = rep.issue_report(unit, whole.id, reporting.SIGNING)
    assert made.reference == "01/BC-CAT-PA05"
    with db.read() as conn:
        kinds = conn.execute(sa.select(fact.c.kind).where(fact.c.kind.like("periodic.%")).order_by(fact.c.ordinal))
        assert list(kinds.scalars())[-2:] == ["periodic.submitted", "periodic.approved"]
