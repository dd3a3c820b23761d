"""Institutions record their work by program: single values, no file that was never sent, no restricted figure."""

from typing import Any

import httpx
from tests.factories.instance import Instance

from lachan.foundation.base import new_id

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
