"""Evidence points to something that is there and that the agency may see; the task's page leads to it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.factories import spare
from tests.factories.instance import OTHER, OWN, Instance

from lachan.doors.web.visit import SESSION_COOKIE
from lachan.foundation.access import Role, actor_at, demo_link_token, open_demo_session
from lachan.foundation.base import Actor, BadInput, WallClock, new_id
from lachan.foundation.taxonomy import vietnam_date
from lachan.plans.outgoing import views
from lachan.plans.tasks.actions import accept, add_evidence
from lachan.plans.tasks.model import EvidenceDraft, EvidenceKind, TaskReason
from lachan.plans.tasks.showing import EXPECTED, point, pointed
from lachan.plans.views.one import task_page
from lachan.plans.views.sight import sight_of
from lachan.response.tables import hold, trace

K = EvidenceKind
# Well formed and nobody's; the same in every process, as the names of tests have to be.
NO_ID = "019f0000-0000-7000-8000-000000000000"
Find = Callable[[Instance], tuple[str, str]]


def today(instance: Instance) -> date:
    return vietnam_date(instance.services.clock.now())


def person(instance: Instance, whose: str, role: Role = Role.DESK_HEAD, at: str = "desk") -> Actor:
    agency = (instance.desks if at == "desk" else instance.banks)[whose]
    with instance.services.db.read() as conn:
        found = actor_at(conn, instance.people[whose, role.value], agency, instance.services.clock.now())
    assert found is not None
    return found


def _hold_of(instance: Instance) -> tuple[str, str]:
    with instance.services.db.read() as conn:
        query = sa.select(hold.c.id).join(trace, trace.c.id == hold.c.trace_id).where(trace.c.code == instance.code)
        return str(conn.execute(query).scalars().first()), f"/trace/{instance.code}"


def _activity(instance: Instance) -> tuple[str, str]:
    found = spare.activity(instance, "briefing")[0]
    return found, f"/activities/briefing/{found}"


def _file(instance: Instance) -> tuple[str, str]:
    address = "/activities/briefing/{}/files/{}".format(*spare.activity(instance, "briefing"))
    return f"https://lachan.example{address}", address


def _document(instance: Instance) -> tuple[str, str]:
    found = spare.outgoing_document(instance)
    with instance.services.db.read() as conn:
        one = views.document(conn, person(instance, OWN), today(instance), found)
    return f" {one.number} / {one.symbol.lower()}", f"/documents/{found}/file.pdf"


HERE: dict[EvidenceKind, Find] = {
    K.ACTIVITY: _activity,
    K.FILE: _file,
    K.DOCUMENT: _document,
    K.PAPER: lambda _i: (" Số 123/UBND-NC  ngày 5/3/2026 của UBND xã Sơn Lộ ", ""),
    K.REPORT: lambda i: (i.code.lower().replace("-", " "), f"/desk/reports/{i.code}"),
    K.HOLD: _hold_of,
    K.LINK: lambda _i: ("https://sonha.gov.vn/tin/12", "https://sonha.gov.vn/tin/12"),
    K.MEASURE: lambda _i: ("holds_placed", "/desk?tab=all&having=first_hold"),
}


@pytest.mark.parametrize("kind", K)
def test_what_is_ones_own_is_found_and_what_is_anothers_is_not(
    kind: EvidenceKind, instance: Instance, client: httpx.Client
) -> None:
    reference, href = HERE[kind](instance)
    with instance.services.db.read() as conn:
        mine = point(conn, person(instance, OWN), kind, reference, today(instance))
        assert mine.href == href
        assert point(conn, person(instance, OWN), kind, mine.reference, today(instance)) == mine, (
            "as it is kept, it is found again"
        )
        for actor in (person(instance, OTHER), person(instance, OTHER, Role.INSTITUTION_OFFICER, "bank")):
            if kind in {K.LINK, K.MEASURE, K.PAPER}:
                assert point(conn, actor, kind, reference, today(instance)) == mine
                continue
            with pytest.raises(BadInput) as refused:
                point(conn, actor, kind, reference, today(instance))
            assert refused.value.reason is TaskReason.NO_SUCH_EVIDENCE
            assert refused.value.params["expected"] == EXPECTED[kind]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (K.ACTIVITY, "biên bản"), (K.ACTIVITY, NO_ID), (K.FILE, NO_ID), (K.FILE, f"{NO_ID}/{'0' * 64}"),
        (K.DOCUMENT, "05/BC-KHONG-CO"), (K.DOCUMENT, "99999999999/X"), (K.DOCUMENT, NO_ID),
        (K.REPORT, "LC-0000-00000"), (K.REPORT, "x"), (K.HOLD, NO_ID), (K.HOLD, "x"), (K.MEASURE, "gì đó"),
        (K.LINK, "javascript:alert(1)"), (K.LINK, "https://"), (K.LINK, "https://a b.vn"), (K.LINK, "http://[::1"),
        (K.LINK, "https://ai:mat@khau.vn/"),
        (K.PAPER, "123/UBND-NC"), (K.PAPER, "123/UBND-NC, 31/02/2026, UBND xã"), (K.PAPER, "biên bản 05/3/2026"),
        (K.PAPER, "123/UBND-NC, 05/3/2026"), (K.PAPER, "123/UBND-NC, 05/3/2199, UBND xã"),
        (K.PAPER, "123/UBND-NC, 05/3/0026, UBND xã"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_what_was_expected(
    kind: EvidenceKind, typed: str, instance: Instance, client: httpx.Client
) -> None:
    with instance.services.db.read() as conn, pytest.raises(BadInput) as refused:
        point(conn, person(instance, OWN), kind, typed, today(instance))
    reason = TaskReason.EVIDENCE_NO_ADDRESS if kind is K.LINK else TaskReason.NO_SUCH_EVIDENCE
    assert (refused.value.reason, refused.value.field) == (reason, "reference")
    assert refused.value.params["expected"] == EXPECTED[kind]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Chỉ thị", ""),
        ("Số 12-KH/TU, ngày 5/3/2026 của Tỉnh ủy", "12-KH/TU, 05/03/2026, Tỉnh ủy"),
        ("Số: 123/UBND-NC ngày 05 tháng 3 năm 2026 của UBND xã Sơn Lộ", "123/UBND-NC, 05/03/2026, UBND xã Sơn Lộ"),
        ("45/2026/QĐ-UBND; 31/01/2026; UBND tỉnh", "45/2026/QĐ-UBND, 31/01/2026, UBND tỉnh"),
    ],
)
def test_a_document_outside_the_system_is_named_as_people_name_it(
    typed: str, kept: str, instance: Instance, client: httpx.Client
) -> None:
    with instance.services.db.read() as conn:
        found = pointed(conn, person(instance, OWN), K.PAPER, typed, today(instance))
        again = pointed(conn, person(instance, OWN), K.PAPER, kept, today(instance))
    assert (found.reference if found else "") == kept
    assert again == found, "what is kept is read alike"


def test_the_page_leads_to_what_its_viewer_may_see(instance: Instance, client: httpx.Client) -> None:
    task, mine = spare.plan_task(instance), person(instance, OWN)
    found = {kind: HERE[kind](instance) for kind in K}
    spare.made(instance, lambda unit: accept(unit, task), mine)
    shown = [EvidenceDraft(kind, reference) for kind, (reference, _) in found.items()]
    spare.made(instance, lambda unit: add_evidence(unit, task, shown), mine)
    page = _page(instance, client, Role.DESK_HEAD, OWN, f"/plans/tasks/{task}")
    assert "123/UBND-NC, 05/03/2026, UBND xã Sơn Lộ" in page
    for _, href in found.values():
        if href:
            assert f'href="{href.replace("&", "&amp;")}"' in page, href
    # Auditors see every task, and of what stands behind it what is theirs to see.
    other = _page(instance, client, Role.LEADER, OTHER, f"/plans/tasks/{task}")
    assert f'href="{found[K.REPORT][1]}"' not in other
    # The code of a report opens its state to whoever types it; a record's id or a file's name is no theirs either.
    with instance.services.db.read() as conn:
        sight = sight_of(conn, person(instance, OTHER, Role.LEADER), instance.services.clock.now())
        seen = {one.kind: (one.reference, one.title) for one in task_page(conn, sight, task).evidence}
    assert instance.code not in other
    assert {kind for kind, told in seen.items() if told == ("", "")} == {K.ACTIVITY, K.FILE, K.REPORT, K.HOLD}
    assert "Minh chứng này bạn không mở được" in other


def test_a_refused_reference_stays_in_the_form(instance: Instance, client: httpx.Client) -> None:
    task = spare.bank_task(instance)
    headers = {**instance.bearer("plan"), "idempotency-key": new_id(), "if-match": '"1"'}
    client.post(f"/v1/tasks/{task}/accept", json={}, headers=headers)
    body: dict[str, Any] = {"words": "x", "evidence": [{"kind": "document", "reference": "5/BC-X"}]}
    headers |= {"idempotency-key": new_id(), "if-match": '"2"', "accept-language": "en"}
    refused = client.post(f"/v1/tasks/{task}/report", json=body, headers=headers)
    assert (refused.status_code, refused.json()["reason"]) == (422, "task_no_such_evidence")
    assert "05/BC-CAT" in refused.json()["title"]


def _page(instance: Instance, client: httpx.Client, role: Role, whose: str, path: str) -> str:
    services, wall_now = instance.services, WallClock().now()
    link = demo_link_token(
        services.settings, services.secret, instance.people[whose, role.value], wall_now=wall_now
    )
    opened = open_demo_session(
        services.db, services.settings, services.secret, link, now=services.clock.now(), wall_now=wall_now
    )
    answer = client.get(path, headers={"cookie": f"{SESSION_COOKIE}={opened.token}"})
    assert answer.status_code == 200, answer.text[:300]
    return answer.text
