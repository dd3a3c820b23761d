"""What a plan demands of kinds of work stands in its reports: counted, added up, printed where there was any."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lachan.activities import record
from lachan.foundation.base import new_id
from lachan.foundation.documents.administrative import Grid, Section
from lachan.foundation.storage import Database
from lachan.foundation.taxonomy import FigureOf, ReportFieldKind, activity_kinds, report_form
from lachan.plans import reporting as rep
from lachan.plans.reporting import FormField, Origin, PeriodicReport
from lachan.plans.reporting.actions import UNSIGNED, draft_paper
from lachan.plans.reporting.work import with_work
from tests.conftest import NOON
from tests.factories.plans import BANK, POLICE, SCHOOLS, PlanWorld, build

KEY = "2026-Y"
DAY = date(2026, 11, 18)
NARRATIVES = ("direction", "results", "difficulties", "next_steps")


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def lesson(world: PlanWorld, pupils: int, classes: int) -> None:
    values: dict[str, Any] = {
        "day": DAY.isoformat(), "school": "Trường Bến Đá", "commune": "01321", "level": "lower", "modules": ["mo"],
        "classes": str(classes), "pupils": str(pupils),
    }  # fmt: skip
    with world.db.unit(NOON, world.at(SCHOOLS)) as unit:
        record(unit, "school_lesson", values, key=new_id())


def begun(world: PlanWorld, plan: str, name: str) -> PeriodicReport:
    with world.db.unit(NOON, world.at(name)) as unit:
        return rep.begin(unit, plan, KEY, world.agencies[name])


def handed_in(world: PlanWorld, report: PeriodicReport, name: str) -> PeriodicReport:
    with world.db.unit(NOON, world.at(name)) as unit:
        for code in NARRATIVES:
            rep.save_text(unit, report.id, code, "Đã làm.", 0)
        return rep.submit(unit, report.id)


def standard() -> tuple[FormField, ...]:
    return tuple(
        FormField(row.code.partition(".")[2], row.kind, row.vi, row.en, "" if row.figure == "none" else row.figure)
        for row in report_form("standard", DAY)
    )


def test_the_form_asks_what_the_demands_ask_once_and_nothing_restricted() -> None:
    form = with_work(standard(), range(1, 104), DAY)
    lines = [field for field in form if field.of_work]
    counted = [field.figure for field in form if field.figure]
    assert len(counted) == len(set(counted))
    open_kinds = [
        kind for kind in activity_kinds(DAY) if not kind.restricted
        and any(one.of is not FigureOf.SHARE and not one.by for one in kind.figures)
    ]  # fmt: skip
    assert {one.split(".")[1] for one in counted if one.startswith("activity.")} == {one.code for one in open_kinds}
    assert len({field.vi for field in form}) == len(form)
    # After the form's own figures, before what a person writes about them.
    assert [one.code for one in form[:2]] == ["I", "direction"]
    assert form[-4].code != "work"
    at = {field.code: place for place, field in enumerate(form)}
    assert at["saved_at_the_counter"] < at["work"] < at[lines[0].code] < at["results"]
    assert with_work(standard(), (), DAY) == standard()


def test_a_draft_counts_the_work_of_its_plans_demands(world: PlanWorld) -> None:
    plan = world.in_force()
    lesson(world, 40, 1)
    lesson(world, 25, 2)
    report = begun(world, plan, SCHOOLS)
    # The clause about lessons serves D99; the one about ATM serves D67.
    records = report.figure("work.school_lesson.records")
    assert records is not None
    assert (records.value, records.origin) == (Decimal(2), Origin.SOURCE)
    assert records.link.startswith("/activities/school_lesson?")
    assert report.figure("pupils").value == Decimal(65)  # type: ignore[union-attr]
    assert report.figure("work.atm_inspection.records").value == 0  # type: ignore[union-attr]
    assert report.figure("work.official_violation.records") is None
    fields = {field.code: field for field in report.form}
    assert not report.quiet(fields["work.school_lesson.records"])
    assert report.quiet(fields["work.atm_inspection.records"])
    with world.db.read() as conn:
        paper = draft_paper(conn, report, UNSIGNED)
    rows = {row[1]: row[3] for block in paper.body if isinstance(block, Grid) for row in block.rows}
    assert rows["Tiết học phòng ngừa lừa đảo: số buổi"] == "2"
    assert not any("ATM" in name for name in rows), "work of which there was none is not printed"
    assert Section(2, "Hoạt động theo từng nhiệm vụ") in paper.body


def test_without_any_work_nothing_is_said_of_it(world: PlanWorld) -> None:
    report = begun(world, world.in_force(), SCHOOLS)
    with world.db.read() as conn:
        paper = draft_paper(conn, report, UNSIGNED)
    assert not any(isinstance(block, Section) and block.level == 2 for block in paper.body)


def test_gathering_adds_the_work_up_and_a_correction_can_be_undone(world: PlanWorld) -> None:
    plan = world.in_force()
    lesson(world, 40, 1)
    for name in (SCHOOLS, BANK):
        handed_in(world, begun(world, plan, name), name)
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        whole = rep.consolidate(unit, plan, KEY)
        figure = whole.figure("work.school_lesson.records")
        assert figure is not None
        assert (figure.value, figure.origin, len(figure.parts)) == (Decimal(1), Origin.CHILDREN, 2)
        typed = rep.enter_figure(unit, whole.id, "work.school_lesson.records", Decimal(7), "Sổ giấy")
        assert typed.figure("work.school_lesson.records").value == 7  # type: ignore[union-attr]
        undone = rep.enter_figure(unit, whole.id, "work.school_lesson.records", None, "")
        back = undone.figure("work.school_lesson.records")
        assert back is not None
        assert (back.value, back.origin, back.counted, back.note) == (Decimal(1), Origin.CHILDREN, None, "")
        assert back.parts == figure.parts


def test_a_number_that_is_asked_once_is_filled_in_and_added_up(world: PlanWorld) -> None:
    plan = world.in_force()
    form = (FormField("q1", ReportFieldKind.FIGURE, "Số vụ trong tuần", "Cases of the week", required=True),)
    due = NOON + timedelta(days=3)
    senders = [world.agencies[name] for name in (SCHOOLS, BANK)]
    with world.db.unit(NOON, world.head()) as unit:
        key = rep.ask_once(unit, plan, "Kế hoạch", "Báo cáo nhanh", form, senders, DAY, DAY, due)
    for at, name in enumerate((SCHOOLS, BANK), 1):
        with world.db.unit(NOON, world.at(name)) as unit:
            report = rep.begin(unit, plan, key, world.agencies[name])
            assert report.figure("q1").origin is Origin.PERSON  # type: ignore[union-attr]
        with world.db.unit(NOON, world.at(name)) as unit, pytest.raises(Exception, match="q1"):
            rep.submit(unit, report.id)
        with world.db.unit(NOON, world.at(name)) as unit:
            rep.enter_figure(unit, report.id, "q1", Decimal(10 * at), "Sổ trực ban")
            rep.submit(unit, report.id)
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        assert rep.consolidate(unit, plan, key).figure("q1").value == 30  # type: ignore[union-attr]
