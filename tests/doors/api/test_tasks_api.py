"""Tasks by program: an agency's own, one step at a time, each against the version that was read."""

from typing import Any

import httpx
import pytest
from tests.factories import spare
from tests.factories.instance import CODES, OTHER, OWN, Instance

from lachan.foundation.access import Role
from lachan.foundation.base import Actor, ActorKind, new_id
from lachan.plans.tasks.actions import report

BANKS = {whose: f"Ngân hàng {CODES[whose]}" for whose in (OWN, OTHER)}


def task_of(instance: Instance, keeper: str, lead: str) -> str:
    """The one task of a plan that a keeper gathers."""
    from lachan.plans.tasks import store

    plan_id = spare.plan(instance, keeper, lead)
    with instance.services.db.read() as conn:
        return store.of_plan(conn, plan_id)[0].id


def read(instance: Instance, client: httpx.Client, path: str, whose: str = OWN, **query: Any) -> httpx.Response:
    return client.get(f"/v1/tasks{path}", params=query, headers=instance.bearer("plan", whose))


def step(
    instance: Instance, client: httpx.Client, task: str, verb: str, body: dict[str, Any], *, whose: str = OWN,
    seen: str | None = None, key: str = "", **more: str,
) -> httpx.Response:  # fmt: skip
    """One step, against the version that stands unless another was seen."""
    tag = read(instance, client, f"/{task}", whose).headers.get("etag", '"1"') if seen is None else seen
    headers = {**instance.bearer("plan", whose), "idempotency-key": key or new_id(), "if-match": tag, **more}
    return client.post(f"/v1/tasks/{task}/{verb}", json=body, headers={k: v for k, v in headers.items() if v})


def test_from_given_to_approved_by_program(instance: Instance, client: httpx.Client) -> None:
    task = task_of(instance, instance.banks[OWN], BANKS[OTHER])
    seen = read(instance, client, f"/{task}", OTHER).json()
    assert (seen["state"], seen["lead"]["name"], seen["may"]) == (
        "given",
        BANKS[OTHER],
        ["accept", "delegate", "name"],
    )
    assert step(instance, client, task, "accept", {}, whose=OTHER).json() == {"state": "accepted", "version": 2}
    told = {"words": "Đã kiểm tra 12 máy.", "evidence": [{"kind": "link", "reference": "https://a.vn/1"}]}
    assert step(instance, client, task, "report", told, whose=OTHER).json()["state"] == "reported"
    gathered = read(instance, client, "", only="gathered", limit=200).json()["items"]
    assert task in {one["id"] for one in gathered}
    assert step(instance, client, task, "return", {"remark": "Thiếu danh sách."}).json()["state"] == "returned"
    assert step(instance, client, task, "report", {"words": "Bổ sung."}, whose=OTHER).status_code == 201
    done = step(instance, client, task, "approve", {})
    assert (done.status_code, done.json()["state"], done.headers["etag"]) == (201, "done", '"6"'), done.text
    whole = read(instance, client, f"/{task}", OTHER)
    assert [one["verb"] for one in whole.json()["steps"]] == [
        "give", "accept", "report", "return", "report", "approve",
    ]  # fmt: skip
    assert whole.headers["etag"] == '"6"'
    assert whole.json()["evidence"][0]["reference"] == "https://a.vn/1"


def test_a_program_starts_the_work_and_names_who_does_it(instance: Instance, client: httpx.Client) -> None:
    task = task_of(instance, instance.banks[OWN], BANKS[OTHER])
    people = {"head": "Giám đốc Nguyễn Văn An", "person": "Trần Thị Bình"}
    early = step(instance, client, task, "start", {}, whose=OTHER)
    assert (early.status_code, early.json()["reason"]) == (409, "task_not_in_this_state"), (
        "not before it is accepted"
    )
    assert step(instance, client, task, "name", people, whose=OTHER).json() == {"state": "given", "version": 2}
    step(instance, client, task, "accept", {}, whose=OTHER)
    seen = read(instance, client, f"/{task}", OTHER)
    assert set(seen.json()["may"]) == {"start", "report", "name", "delegate"}
    for verb, body in (("start", {}), ("name", people)):
        refused = step(instance, client, task, verb, body)
        assert (refused.status_code, refused.json()["reason"]) == (403, "task_not_the_lead"), "who gathers does not"
    assert step(instance, client, task, "start", {}, whose=OTHER).json() == {"state": "in_progress", "version": 4}
    late = step(instance, client, task, "name", people, whose=OTHER, seen=seen.headers["etag"])
    assert late.status_code == 412
    now_is = read(instance, client, f"/{task}", OTHER).json()
    assert (now_is["head"], now_is["person"]) == tuple(people.values())
    assert [one["verb"] for one in now_is["steps"]] == ["give", "name", "accept", "start"]
    assert step(instance, client, task, "name", {"head": "", "person": ""}, whose=OTHER).status_code == 201
    for wrong in ({}, {"head": "x"}, {**people, "x": 1}, {"head": "y" * 201, "person": ""}):
        assert step(instance, client, task, "name", wrong, whose=OTHER).status_code == 422


def test_who_comes_second_is_told_and_loses_nothing(instance: Instance, client: httpx.Client) -> None:
    task = spare.bank_task(instance)
    first, second = (read(instance, client, f"/{task}").headers["etag"] for _ in range(2))
    assert step(instance, client, task, "accept", {}, seen=first).status_code == 201
    for language, words in (("vi", "Có người đã thay đổi"), ("en", "Somebody changed")):
        late = step(
            instance, client, task, "report", {"words": "x"}, seen=second, **{"accept-language": language}
        )  # fmt: skip
        said = late.json()
        assert (late.status_code, said["reason"], said["field"]) == (412, "changed_since_read", "if-match"), said
        assert words in said["title"]
    assert read(instance, client, f"/{task}").json()["state"] == "accepted"
    for tag, status, reason in (("", 428, "if_match_needed"), ("*", 422, "malformed"), ('W/"2"', 422, "malformed")):
        refused = step(instance, client, task, "report", {"words": "x"}, seen=tag)
        assert (refused.status_code, refused.json()["reason"]) == (status, reason), refused.text
    assert step(instance, client, task, "report", {"words": "x"}).status_code == 201


def test_the_same_step_again_changes_nothing(instance: Instance, client: httpx.Client) -> None:
    task, key = spare.bank_task(instance), new_id()
    first = step(instance, client, task, "accept", {}, seen='"1"', key=key)
    again = step(instance, client, task, "accept", {}, seen='"1"', key=key)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, '"2"')
    assert again.headers["idempotency-replayed"] == "true"
    other = step(instance, client, task, "report", {"words": "x"}, key=key)
    assert (other.status_code, other.json()["reason"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("keeper", "lead", "whose", "status"),
    [
        ("bank:own", OWN, OWN, 201),  # its own
        ("desk:own", OWN, OWN, 201),  # its own in another's plan
        ("bank:own", OTHER, OWN, 403),  # it gathers the plan, and sees it, but another has the task
        ("bank:other", OTHER, OWN, 404),  # nothing of it is its own: it is not there
        ("desk:own", OTHER, OWN, 404),
    ],
)
def test_an_agency_has_its_own_rows_only(
    instance: Instance, client: httpx.Client, keeper: str, lead: str, whose: str, status: int
) -> None:
    kind, _, of = keeper.partition(":")
    body = (instance.banks if kind == "bank" else instance.desks)[of]
    task = task_of(instance, body, BANKS[lead])
    there = read(instance, client, f"/{task}", whose)
    assert there.status_code == (404 if status == 404 else 200)
    listed = set()
    after = ""
    while True:
        page = read(instance, client, "", whose, limit=3, after=after).json()
        listed |= {one["id"] for one in page["items"]}
        after = page.get("next", "")
        if not after:
            break
    assert (task in listed) == (status != 404)
    assert step(instance, client, task, "accept", {}, whose=whose, seen='"1"').status_code == status


def test_a_program_never_approves_its_own_agencys_report(instance: Instance, client: httpx.Client) -> None:
    task = spare.bank_task(instance)
    step(instance, client, task, "accept", {})
    clerk = Actor(ActorKind.PERSON, new_id(), instance.banks[OWN], frozenset({Role.PLAN_OFFICER.value}))
    spare.made(instance, lambda unit: report(unit, task, "Đã làm."), clerk)
    refused = step(instance, client, task, "approve", {})
    assert (refused.status_code, refused.json()["reason"]) == (403, "task_own_program")


def test_pages_of_a_list_meet_each_task_once_in_order(instance: Instance, client: httpx.Client) -> None:
    plan = spare.plan(instance, instance.banks[OWN], BANKS[OWN])
    for _ in range(4):
        spare.bank_task(instance)
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = read(instance, client, "", only="mine", limit=2, after=after).json()
        found += page["items"]
        after = page.get("next", "")
        if not after:
            break
    ids = [one["id"] for one in found]
    assert len(ids) == len(set(ids)) == len(read(instance, client, "", only="mine", limit=200).json()["items"])
    assert [(one["due_on"], one["id"]) for one in found] == sorted((one["due_on"], one["id"]) for one in found)
    assert {one["plan"] for one in read(instance, client, "", plan=plan).json()["items"]} == {plan}
    assert all(one["overdue"] for one in read(instance, client, "", only="late").json()["items"])
    assert read(instance, client, "", state="done", plan=plan).json()["items"] == []
    assert read(instance, client, "", after="x").json()["reason"] == "malformed"


def test_an_agency_is_named_as_people_name_it(instance: Instance, client: httpx.Client) -> None:
    task = spare.bank_task(instance)
    step(instance, client, task, "accept", {})
    nobody = step(instance, client, task, "delegate", {"to": "ngan hang 99900"})
    assert (nobody.status_code, nobody.json()["reason"]) == (422, "no_such_agency")
    assert BANKS[OTHER] in nobody.json()["title"]
    done = step(instance, client, task, "delegate", {"to": "ngân hàng 999002"})
    assert done.status_code == 201, done.text
    assert read(instance, client, f"/{task}", OTHER).json()["delegate"]["name"] == BANKS[OTHER]
