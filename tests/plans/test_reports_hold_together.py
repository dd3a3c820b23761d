"""What a gathered report says is the sum of what it lists, whatever became of calendars, agencies and reports."""

import csv
import unicodedata
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from lachan.foundation.access import OPERATOR, AgencyDraft, add_agency
from lachan.foundation.access.agencies import end_agency
from lachan.foundation.base import VIETNAM, Actor, Conflict, Language, NotAllowed
from lachan.foundation.storage import Database
from lachan.plans import reporting as rep
from lachan.plans.model import ReportPeriod
from lachan.plans.outgoing import OutgoingReason, cancel, write_files
from lachan.plans.outgoing.views import PAGE_ROWS, document, documents_about, register
from lachan.plans.reporting import PeriodicReport, set_calendar, views
from lachan.plans.reporting.rounds import round_of, rounds_of
from lachan.plans.reporting.sheet import write_sheet
from tests.factories import reporting
from tests.factories.reporting import CAO_BANG, DUE, HA_NOI, IN_TIME, KEY, PLAN, SIGNING, TITLE, Province, fill

MAY, LATER = datetime(2026, 5, 4, 9, 0, tzinfo=VIETNAM), DUE + timedelta(days=40)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def province(db: Database) -> Province:
    return reporting.build(db)


def hand_in(province: Province, own: str, value: int, at: datetime = IN_TIME, *, key: str = KEY) -> PeriodicReport:
    report = province.written(own, at, key)
    with province.unit(province.clerk(own), at) as unit:
        rep.enter_figure(unit, report.id, "reports_received", Decimal(value), "Sổ giấy")
        return rep.submit(unit, report.id)


def gather(province: Province, at: datetime = DUE) -> PeriodicReport:
    with province.unit(province.clerk(province.police), at) as unit:
        return rep.consolidate(unit, PLAN, KEY)


def seen(province: Province, report_id: str, actor: Actor | None = None, at: datetime = LATER) -> views.ReportView:
    with province.db.read() as conn:
        return views.report(conn, actor or province.clerk(province.police), at, report_id)


def heir_of(province: Province, last_day: date, *ended: str) -> str:
    with province.unit(OPERATOR, MAY) as unit:
        draft = AgencyDraft("finance_department", "Sở kế thừa", "Sở mới", date(2026, 1, 1))
        heir = add_agency(unit, draft).id
        for one in ended:
            end_agency(unit, one, last_day, heir)
    return heir


def test_a_report_that_came_back_with_other_figures_is_behind_in_the_sum(province: Province) -> None:
    own = province.senders[0]
    report = hand_in(province, own, 10)
    whole = gather(province)
    assert not seen(province, whole.id).stale
    with province.unit(province.head(province.police), DUE) as unit:
        rep.give_back(unit, report.id, "Thiếu sổ giấy")
    assert seen(province, whole.id).stale
    with province.unit(province.clerk(own), DUE) as unit:
        rep.enter_figure(unit, report.id, "reports_received", Decimal(25), "Đã kiểm lại")
        rep.submit(unit, report.id)
    assert seen(province, whole.id).stale, "the same report, with another figure"
    assert gather(province, LATER).figure("reports_received").value == 25  # type: ignore[union-attr]
    assert not seen(province, whole.id).stale


def test_a_calendar_that_is_set_later_mixes_no_days_in_one_sum(province: Province) -> None:
    first, second, third = province.senders
    handed = hand_in(province, first, 3, MAY)
    drafted = province.begun(second, MAY)
    moved = replace(CAO_BANG[0], covers_from=(11, 15), covers_to=(5, 14))
    with province.unit(province.head(province.police), MAY + timedelta(days=1)) as unit:
        set_calendar(unit, PLAN, TITLE, (moved, CAO_BANG[1]), province.senders)
    again = hand_in(province, second, 4, MAY + timedelta(days=2))
    assert again.id == drafted.id
    late = hand_in(province, third, 5, MAY + timedelta(days=2))
    days = {(one.covers_from, one.covers_to, one.due_at) for one in (handed, again, late, gather(province))}
    assert days == {(date(2025, 12, 1), date(2026, 5, 31), handed.due_at)}
    with province.db.read() as conn:
        assert round_of(conn, PLAN, "2027-H1").occurrence.covers_to == date(2027, 5, 14)


def test_an_emptied_calendar_hides_no_report_that_was_begun(province: Province) -> None:
    draft = province.begun(province.senders[1], MAY)
    with province.unit(province.head(province.police), MAY + timedelta(days=1)) as unit:
        set_calendar(unit, PLAN, TITLE, (), province.senders)
    with province.db.read() as conn:
        (found,) = views.calendar(conn, province.clerk(province.senders[1]), LATER, *YEAR)
    assert (found.round.occurrence.key, found.round.dropped) == (KEY, True)
    assert [one.report.id for one in found.owed if one.report] == [draft.id]


def test_others_who_report_to_others_owe_nothing_in_a_round_of_before(province: Province) -> None:
    """A calendar that regroups who reports to whom gives another round the name of one that was handed in."""
    first, second, third = province.senders
    hand_in(province, first, 3, MAY)
    to_police = replace(CAO_BANG[0], receiver_ids=(province.police,), sender_ids=(first, second))
    to_third = replace(CAO_BANG[0], receiver_ids=(third,), sender_ids=(province.police,))
    with province.unit(province.head(province.police), MAY + timedelta(days=1)) as unit:
        set_calendar(unit, PLAN, TITLE, (to_third, to_police), province.senders)
    with province.db.read() as conn:
        asked = round_of(conn, PLAN, KEY)
        assert (asked.receiver_id, asked.senders) == (province.police, (first, second, third))
        assert asked in [replace(one, form=asked.form) for one in rounds_of(conn, *YEAR)]
    with province.unit(province.clerk(province.police), MAY + timedelta(days=2)) as unit, pytest.raises(NotAllowed):
        rep.begin(unit, PLAN, KEY, province.police)


def test_a_figure_counted_anew_after_the_days_were_moved_takes_the_others_along(province: Province) -> None:
    own = province.senders[0]
    draft = province.begun(own, MAY)
    with province.unit(province.clerk(own), MAY) as unit:
        for code, value in (("held", 5), ("reports_received", 7)):
            rep.enter_figure(unit, draft.id, code, Decimal(value), "Sổ giấy")

    def undone(at: datetime) -> PeriodicReport:
        with province.unit(province.clerk(own), at) as unit:
            return rep.enter_figure(unit, draft.id, "held", None, "")

    def counted(report: PeriodicReport) -> dict[str, datetime]:
        return {one.field: one.known_at for one in report.figures if one.origin is rep.Origin.SOURCE}

    same = undone(MAY + timedelta(hours=1))
    assert {at for code, at in counted(same).items() if code != "held"} == {MAY}, "the days are what they were"
    with province.unit(province.clerk(own), MAY) as unit:
        rep.enter_figure(unit, draft.id, "held", Decimal(5), "Sổ giấy")
    moved = replace(CAO_BANG[0], covers_from=(11, 15), covers_to=(5, 14))
    with province.unit(province.head(province.police), MAY + timedelta(days=1)) as unit:
        set_calendar(unit, PLAN, TITLE, (moved, CAO_BANG[1]), province.senders)
    after = undone(MAY + timedelta(days=2))
    assert after.covers_to == date(2026, 5, 14)
    assert set(counted(after).values()) == {MAY + timedelta(days=2)}, "no figure of the days before stands beside"
    kept = after.figure("reports_received")
    assert kept is not None
    assert (kept.value, kept.origin) == (Decimal(7), rep.Origin.PERSON)


def test_who_writes_elsewhere_writes_over_nobody(province: Province) -> None:
    own = province.senders[0]
    draft = province.written(own, MAY)
    text = draft.text("direction")
    assert text is not None
    read = text.version
    with province.unit(province.head(own), MAY) as unit:
        rep.save_text(unit, draft.id, "direction", "Của trưởng phòng", read)
        entered = rep.enter_figure(unit, draft.id, "held", Decimal(5), "Sổ 7", seen=draft.version)
    with province.unit(province.clerk(own), MAY) as unit:
        same = rep.save_text(unit, draft.id, "direction", f"{text.text}\r\n", read)
        assert same.version == entered.version, "what was read and sent back unchanged is nobody's change"
        assert rep.enter_figure(unit, draft.id, "held", Decimal(5), "Sổ 7", seen=draft.version) == same
        tries: list[Callable[[], PeriodicReport]] = [
            lambda: rep.save_text(unit, draft.id, "direction", "Của cán bộ", read),
            lambda: rep.enter_figure(unit, draft.id, "held", Decimal(6), "Sổ 8", seen=draft.version),
            lambda: rep.enter_figure(unit, draft.id, "held", None, "", seen=draft.version),
        ]
        for again in tries:
            with pytest.raises(Conflict):
                again()
        rep.enter_figure(unit, draft.id, "held", Decimal(6), "Sổ 8", seen=entered.version)


def test_a_draft_follows_its_calendar_where_nobody_has_handed_in(province: Province) -> None:
    draft = province.written(province.senders[0], MAY)
    moved = replace(CAO_BANG[0], due=(6, 20), covers_from=(11, 15), covers_to=(5, 14))
    with province.unit(province.head(province.police), MAY) as unit:
        set_calendar(unit, PLAN, TITLE, (moved,), province.senders, valid_from=date(2026, 5, 4))
    with province.unit(province.clerk(province.senders[0]), MAY) as unit:
        counted = rep.recount(unit, draft.id)
        assert (counted.covers_from, counted.covers_to) == (date(2025, 11, 15), date(2026, 5, 14))
    with province.unit(province.clerk(province.senders[0]), DUE) as unit:
        assert not rep.submit(unit, draft.id).late, "it is due on the day on which it is due now"


def test_what_the_calendar_no_longer_has_can_still_be_read(province: Province) -> None:
    handed, draft = (
        hand_in(province, province.senders[0], 3, MAY),
        province.begun(province.senders[1], MAY, "2026-Y"),
    )
    with province.unit(province.head(province.police), MAY + timedelta(days=1)) as unit:
        set_calendar(unit, PLAN, TITLE, HA_NOI[:1], province.senders)
    assert seen(province, handed.id).round.occurrence.period is ReportPeriod.HALF_YEAR
    assert seen(province, draft.id, province.clerk(province.senders[1])).round.senders == (province.senders[1],)
    with province.db.read() as conn:
        rounds = {one.occurrence.key: one for one in rounds_of(conn, *YEAR)}
        assert rounds[KEY].senders == tuple(province.senders), "somebody has handed in"
        assert not rounds[KEY].dropped
        assert (rounds["2026-Y"].senders, rounds["2026-Y"].dropped) == ((province.senders[1],), True)
        assert round_of(conn, PLAN, "2026-Y").senders == rounds["2026-Y"].senders
        for own, found in zip(province.senders, (False, True, False), strict=True):
            mine = views.calendar(conn, province.clerk(own), LATER, *YEAR)
            assert ("2026-Y" in [one.round.occurrence.key for one in mine]) is found
        # Nobody owes it any more: nobody is behind with it.
        over = views.calendar(conn, province.clerk(province.police), datetime(2027, 2, 1, tzinfo=VIETNAM), *YEAR)
        (dropped,) = (one for one in over if one.round.dropped)
        assert [one.standing for one in dropped.owed] == [rep.Standing.DRAFTED]
    assert gather(province).figure("reports_received").value == 3  # type: ignore[union-attr]


def test_a_deadline_put_off_after_its_day_is_no_second_round(province: Province) -> None:
    with province.unit(province.head(province.police), DUE + timedelta(days=3)) as unit:
        set_calendar(unit, PLAN, TITLE, (replace(CAO_BANG[0], due=(6, 25)), CAO_BANG[1]), province.senders)
    with province.db.read() as conn:
        keys = [one.occurrence.key for one in rounds_of(conn, *YEAR)]
        assert keys == [KEY, "2026-Y"]
        assert [round_of(conn, PLAN, KEY)] == rounds_of(conn, *YEAR)[:1]


def test_who_gets_a_task_later_owes_the_round_of_those_who_handed_in(province: Province) -> None:
    first, second, third = province.senders
    hand_in(province, first, 3, MAY)
    with province.unit(province.head(province.police), MAY) as unit:
        set_calendar(unit, PLAN, TITLE, CAO_BANG, [second, third, province.police])
    with province.db.read() as conn:
        assert round_of(conn, PLAN, KEY).senders == (second, third, province.police, first)


def test_the_work_of_a_body_that_had_ended_is_counted_once(province: Province) -> None:
    first, second, _ = province.senders
    hand_in(province, first, 7)
    hand_in(province, second, 1)
    # Learned afterwards: it had ended in the period, and its successor's report counts its work.
    heir = heir_of(province, date(2026, 3, 31), first)
    hand_in(province, heir, 7, DUE)
    whole = gather(province)
    figure = whole.figure("reports_received")
    assert figure is not None
    assert {part.agency_id: part.value for part in figure.parts} == {heir: Decimal(7), second: Decimal(1)}
    page = seen(province, whole.id)
    assert {one.agency_id for one in page.children if one.counts} == {heir, second}
    assert not page.stale


def test_what_an_ended_body_owed_or_received_is_its_successors(province: Province) -> None:
    first, second, _ = province.senders
    report, other = province.written(first), hand_in(province, second, 2)
    heir = heir_of(province, date(2026, 6, 4), first, province.police)
    clerk, head = province.clerk(heir), province.head(heir)
    with province.db.read() as conn:
        page = views.one_round(conn, clerk, DUE, PLAN, KEY)
        assert [one.agency_id for one in page.owed] == province.senders, "they lived on the last day counted"
        assert page.may_gather
        assert views.askable(conn, clerk, DUE)[PLAN] == (TITLE, (heir, second, province.senders[2]))
    with province.unit(clerk, DUE) as unit:
        rep.save_text(unit, report.id, "direction", "Do cơ quan kế thừa nộp.", 1)
        sent = rep.submit(unit, report.id)
    assert (sent.agency_id, sent.late) == (first, True)
    for actor in (province.clerk(first), province.clerk(province.senders[2])):
        with pytest.raises(NotAllowed), province.unit(actor, DUE) as unit:
            rep.recount(unit, report.id)
    with province.unit(head, DUE) as unit:
        rep.give_back(unit, other.id, "Bổ sung")
        assert rep.approve(unit, report.id).decided_by == head.reference
        whole = rep.consolidate(unit, PLAN, KEY)
        made = rep.issue_report(unit, report.id, SIGNING)
    assert (whole.agency_id, made.agency_id) == (heir, heir)
    with province.unit(clerk, DUE) as unit:
        begun = rep.begin(unit, PLAN, "2026-Y", heir)
        assert rep.submit(unit, fill(unit, begun).id).agency_id == heir


def test_a_report_has_one_number_at_a_time(province: Province) -> None:
    report = hand_in(province, province.senders[0], 1)

    def number(who: str) -> str:
        try:
            with province.unit(province.head(province.senders[0], who)) as unit:
                return rep.issue_report(unit, report.id, SIGNING).id
        except Conflict as refused:
            return refused.reason.value

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(number, "abcd"))
    (given,) = set(made) - {OutgoingReason.NUMBERED_ALREADY.value}
    assert made.count(given) == 1
    with province.unit(province.head(province.senders[0])) as unit:
        cancel(unit, given, "In sai")
        assert rep.issue_report(unit, report.id, SIGNING).number == 2


def test_a_successor_takes_an_ended_bodys_number_back(province: Province) -> None:
    own, other = province.senders[0], province.senders[1]
    report = hand_in(province, own, 1)
    with province.unit(province.head(own)) as unit:
        made = rep.issue_report(unit, report.id, SIGNING)
    heir = heir_of(province, date(2026, 6, 4), own)
    head, about, today = province.head(heir), f"plan_report:{report.id}", DUE.date()
    with province.db.read() as conn:
        assert [one.id for one in documents_about(conn, head, today, about)] == [made.id]
        assert [one.id for one in register(conn, head, today, year=2026)] == [made.id]
        assert document(conn, head, today, made.id) == made
    write_files(province.db, DUE, head, made.id)
    for actor in (province.head(own), province.head(other)):
        with pytest.raises(NotAllowed), province.unit(actor, DUE) as unit:
            cancel(unit, made.id, "Sai số liệu")
    with province.unit(head, DUE) as unit:
        assert cancel(unit, made.id, "Sai số liệu").agency_id == own
        again = rep.issue_report(unit, report.id, SIGNING)
    assert (again.agency_id, again.number) == (heir, 1)


def test_no_line_of_the_register_is_passed_over(province: Province) -> None:
    """A leader's page shows the books of all agencies: each begins with 1."""
    auditor = Actor(province.clerk(province.police).kind, "auditor", None, frozenset({"auditor"}))
    with province.unit(OPERATOR) as unit:
        for number in range(PAGE_ROWS + 5):
            draft = AgencyDraft("finance_department", f"Phòng {number}", f"P{number}", date(2025, 7, 1))
            province.senders.append(add_agency(unit, draft).id)
    for own in province.senders:
        with province.unit(province.head(own)) as unit:
            rep_paper(unit)
    for book in ("BC", None):
        with province.db.read() as conn:
            first = register(conn, auditor, IN_TIME.date(), year=2026, book=book)
            rest = register(conn, auditor, IN_TIME.date(), year=2026, book=book, before=first[-1].id)
        assert len({one.id for one in (*first, *rest)}) == len(first) + len(rest) == len(province.senders)


def rep_paper(unit) -> None:  # type: ignore[no-untyped-def]
    from lachan.plans.outgoing import issue
    from tests.factories import papers

    issue(unit, replace(papers.report(), number=None, issued_on=None))


def test_a_table_for_people_runs_no_formulas(province: Province, tmp_path: Path) -> None:
    report = province.begun(province.senders[0])
    with province.unit(province.clerk(province.senders[0])) as unit:
        report = rep.save_text(unit, report.id, "direction", "=1+1", 0)
        report = rep.save_text(unit, report.id, "results", "- Đã tổ chức 03 hội nghị", 0)
    names = {"a": "A"}
    write_sheet(tmp_path / "r.csv", report, names, Language.VI)
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        said = {row["code"]: row["text"] for row in csv.DictReader(file)}
    assert (said["direction"], said["results"]) == ("'=1+1", "'- Đã tổ chức 03 hội nghị")
    write_sheet(tmp_path / "r.xlsx", report, names, Language.VI)
    with zipfile.ZipFile(tmp_path / "r.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"=1+1" in sheet
    assert b"<f>" not in sheet


def test_a_restated_figure_is_nobody_elses_change(province: Province) -> None:
    own = province.senders[0]
    report = hand_in(province, own, 10)
    with province.unit(province.head(province.police), DUE) as unit:
        rep.approve(unit, report.id, " Kèm theo sổ giấy ")
    step = seen(province, report.id).steps[-1]
    assert (step.step, step.words) == ("approved", "Kèm theo sổ giấy")
    with province.unit(province.clerk(own), LATER) as unit:
        second = rep.restate(unit, report.id, "Đếm thiếu")
        changed = rep.enter_figure(
            unit, second.id, "reports_received", Decimal(12), "Sổ 2", seen=second.version
        ).figure("reports_received")
    assert changed is not None
    assert changed.value == 12


def test_the_same_ground_in_other_letters_is_no_other_ground(province: Province) -> None:
    own = province.senders[0]
    draft = province.begun(own, MAY)
    with province.unit(province.clerk(own), MAY) as unit:
        for spelt in ("NFC", "NFD", "NFD"):
            note = unicodedata.normalize(spelt, "Sổ giấy số bảy")
            rep.enter_figure(unit, draft.id, "held", Decimal(5), note, seen=draft.version)
