"""Institutions record their work by program: single values, no file that was never sent, no restricted figure."""

from typing import Any

import httpx
from tests.factories.instance import OWN, Instance
from tests.factories.spare import made

from lachan.activities import evidence, record
from lachan.doors.web.visit import SESSION_COOKIE
from lachan.foundation.access import (
    Permission,
    Purpose,
    Role,
    actor_at,
    demo_link_token,
    grant_view,
    open_demo_session,
)
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.taxonomy import FileSort, activity_kind

TOLD = {"day": "2026-11-18", "title": "Cảnh báo", "channel": "app", "reached": 120, "text": "Không chuyển tiền."}


def send(instance: Instance, client: httpx.Client, kind: str, **values: Any) -> httpx.Response:
    headers = {"idempotency-key": new_id(), **instance.bearer()}
    return client.post("/v1/activities", json={"kind": kind, "values": values}, headers=headers)


def test_a_program_cannot_claim_a_file_that_it_never_sent(instance: Instance, client: httpx.Client) -> None:
    for claimed in ([{"sha256": "0" * 64, "name": "a.html", "ending": "html", "size": 1}], 7, ["x"]):
        answer = send(instance, client, "briefing", day="2026-11-18", document=claimed)
        assert (answer.status_code, answer.json()["field"]) == (422, "values"), answer.text


def test_whatever_a_program_sends_in_a_field_is_answered(instance: Instance, client: httpx.Client) -> None:
    assert send(instance, client, "customer_warning", **TOLD).status_code == 201
    assert send(instance, client, "customer_warning", **{**TOLD, "title": ["a"]}).status_code == 422
    for parties in ("a", 7, ["a"], {"a": 1}):
        assert send(instance, client, "response_drill", parties=parties).status_code == 422


def test_a_restricted_kind_has_no_figures_for_programs(instance: Instance, client: httpx.Client) -> None:
    def ask(kind: str) -> httpx.Response:
        query = {"kind": kind, "figure": "records"}
        return client.get("/v1/activities/figures", params=query, headers=instance.bearer())

    assert ask("customer_warning").json()["amount"] >= 0
    answer = ask("insider_case")
    assert (answer.status_code, answer.json()["reason"]) == (403, "activity_not_named"), answer.text


def test_papers_of_a_record_with_names_are_shown_after_a_purpose(instance: Instance, client: httpx.Client) -> None:
    services, wall_now = instance.services, WallClock().now()
    person, desk = instance.people[OWN, Role.DESK_HEAD.value], instance.desks[OWN]
    with services.db.read() as conn:
        head = actor_at(conn, person, desk, services.clock.now())
    assert head is not None
    paper = evidence.keep(services.settings.home, "CCCD Lò Văn Pán.pdf", b"%PDF-1.4", (FileSort.DOCUMENT,))
    values = {
        "day": "2026-01-15", "name": "Quy chế", "document": [paper.as_value()],
        "parties": [{"agency": desk, "contact": "Lò Văn Pán"}, {"agency": instance.banks[OWN]}],
    }  # fmt: skip
    one = made(instance, lambda unit: record(unit, "agreement", values, key=new_id()), head)
    link = demo_link_token(services.settings, services.secret, person, wall_now=wall_now)
    opened = open_demo_session(
        services.db, services.settings, services.secret, link, now=services.clock.now(), wall_now=wall_now
    )
    page, cookie = f"/activities/agreement/{one.id}", {"cookie": f"{SESSION_COOKIE}={opened.token}"}
    file = f"{page}/files/{paper.sha256}"
    assert client.get(file, headers=cookie).status_code == 403
    told = client.get(page, headers=cookie).text
    assert "Pán" not in told
    assert paper.sha256 not in told
    made(instance, lambda unit: grant_view(
        unit, f"activity:{one.id}", Purpose.CARRY_OUT_PLAN, "KH 59", wall_now=wall_now,
        permission=Permission.ACTIVITY_READ, agency_id=desk,
    ), head)  # fmt: skip
    assert client.get(file, headers=cookie).content == b"%PDF-1.4"
    assert paper.sha256 in client.get(page, headers=cookie).text
    listed = client.get("/v1/activities", params={"kind": "agreement"}, headers=instance.bearer())
    assert "Pán" not in listed.text


def test_a_program_is_told_which_kinds_need_a_photo(instance: Instance, client: httpx.Client) -> None:
    items = client.get("/v1/activities/kinds", headers=instance.bearer()).json()["items"]
    assert any(field["files"] == ["photo"] for one in items for field in one["fields"])
    for one in items:
        kind = activity_kind(one["code"], instance.services.clock.now())
        needed = [set(field.accepts) for field in kind.first_fields if field.required and field.accepts]
        assert one["needs_photo"] == ({FileSort.PHOTO} in needed)
        assert one["needs_files"] == bool(needed)
        # What it says it needs is refused without, and nothing else is.
        answer = send(instance, client, one["code"], day="2026-11-18")
        if answer.status_code == 422 and answer.json().get("field"):
            asked = {field["code"]: field for field in one["fields"]}
            assert not asked.get(answer.json()["field"], {}).get("files") or one["needs_files"]
