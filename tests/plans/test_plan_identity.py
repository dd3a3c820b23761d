"""Which plan a document is, where it comes from, what people put right of it, and which names nobody knows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lachan.foundation.access import OPERATOR, Role, end_agency
from lachan.foundation.base import BadInput, Conflict, InputReason, NotAllowed
from lachan.foundation.storage import Database
from lachan.plans.kept import rules, store
from lachan.plans.kept.actions import correct, drop_clause
from lachan.plans.kept.heading import carried_out, correct_plan
from lachan.plans.kept.importing import keep_plan
from lachan.plans.kept.model import ClauseField, Document, Kept, Plan, PlanField, PlanReason
from lachan.plans.model import PlanDraft
from lachan.plans.reading import is_general
from lachan.plans.register.actions import note_plan, submit_sub_plan
from lachan.plans.register.model import Directive, SubPlanRow, SubPlanState
from lachan.plans.register.views import lineage, registered, sub_plans
from lachan.plans.views.sight import sight_of
from tests.conftest import NOON
from tests.factories.plans import BANK, HAMLET, POLICE, SCHOOLS, SCIENCE, WARD, PlanWorld, build, plan_draft

TODAY = NOON.date()


@pytest.fixture
def world(db: Database) -> PlanWorld:
    return build(db)


def kept_at(world: PlanWorld, name: str, draft: PlanDraft) -> Kept:
    with world.db.unit(NOON, world.at(name)) as unit:
        return keep_plan(unit, draft, Document("ke-hoach.txt", "text/plain", str(draft.number).encode()))


def plan_of(world: PlanWorld, plan_id: str) -> Plan:
    with world.db.read() as conn:
        return store.find(conn, plan_id)


def put_right(world: PlanWorld, plan_id: str, field: PlanField, value: object, name: str = POLICE) -> None:
    with world.db.unit(NOON, world.at(name)) as unit:
        correct_plan(unit, plan_id, field, value, "đối chiếu với bản giấy")


def test_a_number_begins_anew_each_year(world: PlanWorld) -> None:
    first = world.keep()
    later = replace(plan_draft(), issued_on=date(2027, 1, 12), title="Kế hoạch năm sau")
    second = world.keep(later, b"of the next year")
    assert second.plan_id != first.plan_id
    assert (second.reading, second.added) == (1, ())
    assert world.keep(plan_draft(), b"a better copy").plan_id == first.plan_id
    # A copy whose day cannot be read is the newest plan of that number, and the day that was known stays.
    undated = world.keep(replace(later, issued_on=None, signed_by=None), b"a worse copy")
    assert undated.plan_id == second.plan_id
    assert plan_of(world, second.plan_id).issued_on == date(2027, 1, 12)
    assert plan_of(world, second.plan_id).signed_by == "Nguyễn Văn Sơn"
    assert plan_of(world, first.plan_id).title != "Kế hoạch năm sau"


def test_the_plan_of_the_named_day_is_superseded(world: PlanWorld) -> None:
    old = world.in_force()
    year_on = world.keep(replace(plan_draft(), issued_on=date(2027, 1, 12)), b"of the next year").plan_id
    for day, found in (("20/10/2026", old), ("12/1/2027", year_on), ("12/1/2031", None)):
        draft = plan_draft(f"3{day[-1]}/KH-UBND", supersedes=f"Kế hoạch số 91/KH-UBND ngày {day}")
        kept = world.keep(draft, day.encode())
        assert plan_of(world, kept.plan_id).supersedes_id == found


def test_a_plan_comes_from_the_one_of_that_day_and_from_no_namesake(world: PlanWorld) -> None:
    ours = world.keep().plan_id
    named = plan_draft("5/KH-NHNN", implements=("Kế hoạch số 91/KH-UBND ngày 20/10/2026",))
    child = kept_at(world, BANK, named).plan_id
    of_others = replace(plan_draft(), issuer="Ủy ban nhân dân tỉnh Bắc Lâm", issued_on=date(2026, 3, 3))
    theirs = kept_at(world, SCHOOLS, of_others).plan_id
    undated = plan_draft("6/KH-SKHCN", implements=("Kế hoạch số 91/KH-UBND",))
    unsure = kept_at(world, SCIENCE, undated).plan_id
    with world.db.read() as conn:
        assert [(one.plan_id, one.depth) for one in lineage(conn, plan_of(world, child)).above] == [
            (ours, 1), (None, 2)
        ]  # fmt: skip
        assert [one.plan_id for one in lineage(conn, plan_of(world, ours)).below] == [child]
        assert lineage(conn, plan_of(world, theirs)).below == ()
        assert [one.plan_id for one in lineage(conn, plan_of(world, unsure)).above] == [None]


def test_a_directive_is_one_however_often_and_by_whatever_day_it_is_named(world: PlanWorld) -> None:
    names = ("Chỉ thị số 7/CT-TTg ngày 02/3/2026", "Chỉ thị số 7/CT-TTg ngày 03/2/2026", "Chỉ thị số 7/CT-TTg")
    for at, name in enumerate(names):
        world.keep(plan_draft(f"{at + 1}/KH-UBND", implements=(name,)), name.encode())
    assert [(one.text, len(one.plans)) for one in register_seen(world)] == [(names[0], 3)]


def register_seen(world: PlanWorld, name: str = POLICE) -> tuple[Directive, ...]:
    with world.db.read() as conn:
        return registered(conn, sight_of(conn, world.at(name), NOON))


def test_the_register_leads_from_directives_to_tasks(world: PlanWorld) -> None:
    city = world.in_force()
    named = ("Kế hoạch số 91/KH-UBND ngày 20/10/2026",)
    department = kept_at(world, BANK, plan_draft("5/KH-NHNN", implements=named)).plan_id
    ward = kept_at(world, WARD, plan_draft("2/KH-UBND", implements=())).plan_id
    with world.db.unit(NOON, world.at(WARD)) as unit:
        note_plan(unit, city)
        submit_sub_plan(unit, city, "", ward)
    (directive,) = register_seen(world)
    assert directive.text == "Chỉ thị số 7/CT-TTg ngày 02/3/2026"
    # The police gather what both demand, and see their drafts under the city's plan.
    assert [(one.plan.id, one.depth) for one in directive.plans] == [(city, 0), (ward, 1), (department, 1)]
    line = directive.plans[0]
    assert (line.plan.id, line.depth, line.counts.total, line.read, line.part, line.came) == (city, 0, 10, 1, 6, 1)
    # The bank sees its own draft below the city's plan, and not the ward's.
    (seen,) = register_seen(world, BANK)
    assert [(one.plan.id, one.depth) for one in seen.plans] == [(city, 0), (department, 1)]
    (of_the_ward,) = register_seen(world, WARD)
    assert [(one.plan.id, one.depth) for one in of_the_ward.plans] == [(city, 0), (ward, 1)]
    with world.db.read() as conn:
        rows = {one.agency_id: one for one in sub_plans(conn, plan_of(world, city), NOON.date())}
    assert rows[world.agencies[WARD]].title == "2/KH-UBND Phòng ngừa lừa đảo trên không gian mạng"


def test_two_plans_that_name_each_other_are_shown_once(world: PlanWorld) -> None:
    one = replace(
        plan_draft("1/KH-UBND", implements=("Kế hoạch số 2/KH-UBND ngày 20/10/2026", "Chỉ thị số 7/CT-TTg"))
    )  # fmt: skip
    world.keep(one, b"1")
    world.keep(plan_draft("2/KH-UBND", implements=("Kế hoạch số 1/KH-UBND ngày 20/10/2026",)), b"2")
    for directive in register_seen(world):
        ids = [line.plan.id for line in directive.plans]
        assert len(ids) == len(set(ids))


def sub_plan_rows(world: PlanWorld, plan_id: str, day: date = TODAY) -> dict[str, SubPlanRow]:
    names = {agency_id: name for name, agency_id in world.agencies.items()}
    with world.db.read() as conn:
        return {names[one.agency_id]: one for one in sub_plans(conn, plan_of(world, plan_id), day)}


def test_the_matrix_asks_who_does_the_work_today(world: PlanWorld) -> None:
    plan_id = world.in_force()
    with world.db.unit(NOON, world.at(HAMLET)) as unit:
        note_plan(unit, plan_id)
        submit_sub_plan(unit, plan_id, "Kế hoạch 7 của xã")
    assert set(sub_plan_rows(world, plan_id)) == {BANK, SCIENCE, SCHOOLS, WARD, HAMLET}
    assert sub_plan_rows(world, plan_id)[WARD].noted_at is None
    with world.db.unit(NOON, OPERATOR) as unit:
        end_agency(unit, world.agencies[HAMLET], date(2026, 11, 22), world.agencies[WARD])
    rows = sub_plan_rows(world, plan_id, date(2026, 11, 23))
    assert set(rows) == {BANK, SCIENCE, SCHOOLS, WARD}
    assert (rows[WARD].state, rows[WARD].title) == (SubPlanState.LATE, "Kế hoạch 7 của xã")
    assert rows[WARD].noted_at is not None
    with world.db.read() as conn:
        lessons = next(one.id for one in store.clauses(conn, plan_id) if one.ref == "III.4.1")
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        drop_clause(unit, lessons, "việc của ngành khác")
    assert SCHOOLS not in sub_plan_rows(world, plan_id, date(2026, 11, 23))


def test_what_is_said_of_the_whole_plan_is_put_right_and_stays(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    old = world.keep(plan_draft("7/KH-UBND"), b"the seventh").plan_id
    put_right(world, plan_id, PlanField.TITLE, "Phòng, chống lừa đảo")
    put_right(world, plan_id, PlanField.SIGNED_BY, "Lê Thị Nước")
    put_right(world, plan_id, PlanField.ISSUED_ON, date(2026, 10, 21))
    put_right(world, plan_id, PlanField.SUPERSEDES, "Kế hoạch số 7/KH-UBND")
    put_right(world, plan_id, PlanField.IMPLEMENTS, ["Nghị quyết số 3/NQ-CP ngày 01/2/2026", ""])
    put_right(world, plan_id, PlanField.RECIPIENTS, ["Bộ Công an", "Như Điều 3"])
    world.keep(plan_draft(), b"a better copy")
    found = plan_of(world, plan_id)
    assert (found.title, found.signed_by, found.issued_on, found.supersedes_id) == (
        "Phòng, chống lừa đảo", "Lê Thị Nước", date(2026, 10, 21), old,
    )  # fmt: skip
    assert found.recipients == ("Bộ Công an", "Như Điều 3")
    with world.db.read() as conn:
        assert carried_out(conn, plan_id) == ["Nghị quyết số 3/NQ-CP ngày 01/2/2026"]
        said = [one for one in store.corrections(conn, plan_id) if one.clause_id is None]
    assert [(one.field, one.before) for one in said][:2] == [
        (PlanField.TITLE, "Phòng ngừa lừa đảo trên không gian mạng"), (PlanField.SIGNED_BY, "Nguyễn Văn Sơn"),
    ]  # fmt: skip


def test_a_year_that_was_put_right_stays_though_the_document_says_the_old_one(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    put_right(world, plan_id, PlanField.ISSUED_ON, date(2025, 10, 20))
    assert world.keep(plan_draft(), b"a better copy").plan_id == plan_id
    assert plan_of(world, plan_id).issued_on == date(2025, 10, 20)


def test_what_cannot_be_put_right(world: PlanWorld) -> None:
    plan_id = world.in_force()
    world.keep(replace(plan_draft(), issued_on=date(2027, 1, 12)), b"of the next year")
    with pytest.raises(Conflict) as taken:
        put_right(world, plan_id, PlanField.ISSUED_ON, date(2027, 5, 5))
    assert taken.value.reason is PlanReason.NUMBER_TAKEN
    with pytest.raises(Conflict) as late:
        put_right(world, plan_id, PlanField.SUPERSEDES, "Kế hoạch số 7/KH-UBND")
    assert late.value.reason is PlanReason.NOT_IN_THIS_STATE
    with pytest.raises(NotAllowed):
        put_right(world, plan_id, PlanField.TITLE, "của tôi", BANK)
    with pytest.raises(NotAllowed), world.db.unit(NOON, world.at(POLICE, Role.LEADER)) as unit:
        correct_plan(unit, plan_id, PlanField.TITLE, "của tôi", "vì")
    version = plan_of(world, plan_id).version
    put_right(world, plan_id, PlanField.TITLE, "người thứ nhất")
    with pytest.raises(Conflict) as second, world.db.unit(NOON, world.at(POLICE)) as unit:
        correct_plan(unit, plan_id, PlanField.TITLE, "người thứ hai", "vì", version=version)
    assert second.value.reason is InputReason.CHANGED_MEANWHILE
    assert plan_of(world, plan_id).title == "người thứ nhất"


def test_who_helps_is_corrected_and_stays_with_their_names(world: PlanWorld) -> None:
    plan_id = world.keep().plan_id
    with world.db.read() as conn:
        clause_id = next(one.id for one in store.clauses(conn, plan_id) if one.ref == "III.1.1")
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        correct(unit, clause_id, ClauseField.COORDINATING, [world.agencies[SCHOOLS]], "theo bản giấy")
    world.keep(plan_draft(), b"a better copy")
    with world.db.read() as conn:
        found = store.clause(conn, clause_id)
    assert (found.coordinators, found.coordinating) == ((world.agencies[SCHOOLS],), (SCHOOLS,))


def test_a_name_that_the_register_has_not_is_told_with_its_line(world: PlanWorld) -> None:
    draft = plan_draft()
    said = {
        "III.1.2": (f"{POLICE}, Sở Nông nghiệp", ()),
        "III.2.1": (BANK, ("các cơ quan liên quan", "Sở Công Thương")),
        "III.5.1": (WARD, (HAMLET,)), "V.1": ("UBND các xã, phường", ()), "III.3.1": ("Sở Y tế", ()),
        "III.4.1": ("Sở Y tế", ()),
    }  # fmt: skip
    tasks = tuple(
        replace(one, lead=said[one.ref][0], coordinating=said[one.ref][1]) if one.ref in said else one
        for one in draft.tasks
    )
    kept = world.keep(replace(draft, tasks=tasks))
    with world.db.read() as conn:
        warnings = store.readings(conn, kept.plan_id)[0].warnings
    found = {
        (one["key"], one["details"]["name"], one["details"]["places"], one["line"])
        for one in warnings
        if one["key"] != "two_dates"
    }
    assert found == {
        ("lead_not_known", "Sở Nông nghiệp", "III.1.2", 14), ("helper_not_known", "Sở Công Thương", "III.2.1", 16),
        ("lead_not_known", "Sở Y tế", "III.3.1, III.4.1", 18),
    }  # fmt: skip


def test_a_name_of_several_is_told_with_those_it_may_mean(world: PlanWorld) -> None:
    draft = plan_draft()
    tasks = tuple(replace(one, lead="Ủy ban nhân dân cấp xã") if one.ref == "V.1" else one for one in draft.tasks)
    kept = world.keep(replace(draft, tasks=tasks))
    with world.db.read() as conn:
        warnings = store.readings(conn, kept.plan_id)[0].warnings
        leads = next(one.leads for one in store.clauses(conn, kept.plan_id) if one.ref == "V.1")
    (told,) = [one for one in warnings if one["key"] == "lead_unsure"]
    assert leads == ()
    assert set(told["details"]["among"].split(", ")) == {WARD, HAMLET}


@pytest.mark.parametrize(
    ("name", "general"),
    [
        ("các cơ quan liên quan", True), ("các sở, ngành", True), ("cơ quan chức năng", True),
        ("Sở Công Thương", False), ("Ngân hàng Nhà nước Khu vực 9", False), ("Viettel Sơn Hà", False),
    ],
)  # fmt: skip
def test_a_general_name_means_no_one_body(name: str, general: bool) -> None:
    assert is_general(name) is general


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["", "0"]), st.sampled_from("/.-"))
def test_the_day_behind_a_number_is_found(day: date, zero: str, sign: str) -> None:
    said = f"{zero if day.day < 10 else ''}{day.day}{sign}{day.month}{sign}{day.year}"
    assert rules.day_named(f"Kế hoạch số 91/KH-UBND ngày {said}") == day
    assert rules.dated_as(f"Kế hoạch số 91/KH-UBND ngày {said}") == day.isoformat()
    assert rules.dated_as(f"Chỉ thị số 21/CT-TTg ngày {said}") == str(day.year)


@pytest.mark.parametrize("text", ["Kế hoạch số 91/KH-UBND", "Chỉ thị số 7/CT-TTg ngày 31/02/2026", ""])
def test_no_day_is_made_up(text: str) -> None:
    assert rules.day_named(text) is None
    assert rules.dated_as(text) == ""


def test_a_number_that_does_not_fit_is_refused_at_its_field(world: PlanWorld) -> None:
    long = "12/KH-UBND " * 40
    for field, draft in (
        ("number", replace(plan_draft(), number=long)), ("issuer", replace(plan_draft(), issuer=long)),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            world.keep(draft, b"x")
        assert (refused.value.reason, refused.value.field) == (InputReason.TOO_LONG, field)
    with world.db.unit(NOON, world.at(POLICE)) as unit:
        said = replace(plan_draft(), signed_by="Nguyễn Văn " * 40, supersedes="Kế hoạch số 91/KH-UBND " * 40)
        kept = keep_plan(unit, said, Document("k.txt", "text/plain; " * 40, b"y"))
    assert (plan_of(world, kept.plan_id).signed_by or "").startswith("Nguyễn Văn Nguyễn")


def test_one_plan_kept_by_two_at_once_is_one_plan_read_twice(world: PlanWorld) -> None:
    def keep(number: int) -> Kept:
        with world.db.unit(NOON, world.at(POLICE, who=f"an{number}")) as unit:
            # The same bytes, the same directive, the same number.
            return keep_plan(unit, plan_draft(), Document("ke-hoach.txt", "text/plain", b"the same"))

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(keep, range(4)))
    assert {one.plan_id for one in kept} == {kept[0].plan_id}
    assert sorted(one.reading for one in kept) == [1, 2, 3, 4]
