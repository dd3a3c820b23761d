"""Forms name agencies by typing: in a register of thousands, without a script, and what was typed stays."""

import re
from datetime import date

import pytest
from tests.doors.web.test_plan_journey import do, version_of
from tests.factories.desk_world import World
from tests.factories.inbox_world import shown, signed_in
from tests.factories.planned_world import Planned, clerk, head, plan_some
from tests.factories.plans import HAMLET, POLICE, SCIENCE, WARD

from lachan.doors.web.agency_search import FOUND_MOST, LISTED_MOST
from lachan.foundation.access import OPERATOR, AgencyDraft, add_agency
from lachan.plans.kept import store

TWIN = "UBND xã Đồng Tên"


@pytest.fixture
def planned(world: World) -> Planned:
    made = plan_some(world)
    with world.services.db.unit(world.now, OPERATOR) as unit:
        for number in range(LISTED_MOST):
            name = f"UBND xã Đất Mới {number:02}"
            add_agency(unit, AgencyDraft("commune_committee", name, f"Đất Mới {number:02}", date(2020, 1, 1)))
        for where in ("Đông", "Tây"):
            add_agency(unit, AgencyDraft("commune_committee", TWIN, f"Đồng Tên, {where}", date(2020, 1, 1)))
    return made


def test_a_task_is_handed_over_by_name(served: str, world: World, planned: Planned) -> None:
    science = signed_in(served, world, clerk(SCIENCE))
    task = planned.tasks["III.3.1", SCIENCE]
    do(science, task, "accept")
    page = science.get(f"/plans/tasks/{task}").text
    assert 'hx-get="/agencies/names"' in page
    assert page.count("<option") < LISTED_MOST, "a large register is asked, not sent along"
    wrong = do(science, task, "delegate", to="Phường Bến Đò", words="giao trước 30/11")
    assert wrong.status_code == 422
    assert "Không có đơn vị nào tên “Phường Bến Đò”" in shown(wrong)
    assert 'value="Phường Bến Đò"' in wrong.text
    assert "giao trước 30/11" in wrong.text
    twins = do(science, task, "delegate", to=TWIN.upper())
    assert f"{TWIN} (Đồng Tên, Tây)" in shown(twins)
    done = do(science, task, "delegate", to="ubnd phuong ben da")
    assert f"Đã giao lại cho {WARD}." in shown(done)


def test_a_clause_gets_its_agencies_by_name(served: str, world: World, planned: Planned) -> None:
    police = signed_in(served, world, clerk(POLICE))
    with world.services.db.read() as conn:
        one = next(c for c in store.clauses(conn, planned.draft) if c.ref == "III.3.1")
    review = f"/plans/{planned.draft}/review"
    opened = police.get(f"{review}?clause={one.id}")
    assert f'name="leads" value="{SCIENCE}"' in re.sub(r'id="[^"]*" ', "", opened.text)
    fields = {"clause": one.id, "text": one.text, "deadline": "31/02/2027", "demands": "", "reason": "theo bản in",
              "recurrence": "monthly"}  # fmt: skip
    wrong = police.post(f"{review}/correct", **fields, leads="Sở Khao học", version=version_of(opened))
    assert wrong.status_code == 422
    assert "Gần giống: Sở Khoa học" in shown(wrong)
    fields = {**fields, "leads": HAMLET, "coordinators": WARD}
    never = police.post(f"{review}/correct", **fields, version=version_of(opened))
    assert never.status_code == 422
    assert "31/12/2026" in shown(never)
    assert 'value="31/02/2027"' in never.text
    assert 'value="Sở Khao học"' in wrong.text
    police.post(f"{review}/correct", **{**fields, "deadline": "28/02/2027"}, version=version_of(opened))
    with world.services.db.read() as conn:
        after = store.clause(conn, one.id)
    assert (after.leads, after.coordinators) == ((planned.agencies[HAMLET],), (planned.agencies[WARD],))
    assert after.deadline == date(2027, 2, 28)
    head_of = signed_in(served, world, head(POLICE))
    page = head_of.get(review)
    saved = head_of.post(f"{review}/settings", consolidator="so khoa hoc", version=version_of(page))
    assert "Đã lưu." in shown(saved)


def test_suggestions_are_few_and_hold_what_was_typed(served: str, world: World, planned: Planned) -> None:
    police = signed_in(served, world, clerk(POLICE))
    found = police.get("/agencies/names?leads=dat+moi").text
    assert found.count("<option") == FOUND_MOST
    assert police.get("/agencies/names?to=dat+moi+07").text == '<option value="UBND xã Đất Mới 07"></option>'
    assert police.get("/agencies/names?to=%3Cscript%3E").text == ""
    assert f"{TWIN} (Đồng Tên, Đông)" in police.get("/agencies/names?x=dong+ten").text


def test_what_the_document_no_longer_says_is_decided_in_one_step(
    served: str, world: World, planned: Planned
) -> None:
    boss = signed_in(served, world, head(POLICE))
    review = f"/plans/{planned.draft}/review"
    page = boss.get(review)
    assert "Không còn trong văn bản" in shown(page)
    assert f"{review}#gone" in boss.get(f"/plans/{planned.draft}").text
    with world.services.db.read() as conn:
        gone = next(c for c in store.clauses(conn, planned.draft) if c.undecided)
    assert gone.ref == "III.4.1"
    empty = boss.post(f"{review}/keep", clause=gone.id, version=version_of(page))
    assert empty.status_code == 422
    kept = boss.post(f"{review}/keep", clause=gone.id, reason="Sở vẫn làm.", version=version_of(page))
    assert "Đã giữ việc này" in shown(kept)
    assert "Không còn trong văn bản" not in shown(kept)
    assert "vẫn thực hiện: Sở vẫn làm." in shown(kept)
