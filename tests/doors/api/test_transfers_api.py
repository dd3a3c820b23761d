"""Institutions send transfers: all of a call or none, once, and acknowledged only when the stream has them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.base import WallClock, new_id
from lachan.monitoring.stream.message import opened


def row(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": f"FT{number}", "time": WallClock().now().isoformat(), "payer": "account:999001:0123456789",
        "payee": f"account:999002:{number:010}", "amount": 5_000_000 + number, **more,
    }  # fmt: skip


def send(
    instance: Instance, client: httpx.Client, body: Any, *, key: str = "", whose: str = OWN,
    scope: str = "transfers", media_type: str = "application/json",
) -> httpx.Response:  # fmt: skip
    headers = {**instance.bearer(scope, whose), "content-type": media_type, "idempotency-key": key or new_id()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/transfers", content=content, headers=headers)


def on_the_stream(instance: Instance, answer: Mapping[str, Any]) -> list[str]:
    stream = instance.services.stream
    messages = stream.read(answer["first"] - 1, answer["sequence"] - answer["first"] + 1)
    parcels = [opened(one)[0] for one in messages]
    return [line.id for parcel in parcels if parcel for line in parcel.lines]


def test_transfers_are_on_the_stream_when_they_are_acknowledged(instance: Instance, client: httpx.Client) -> None:
    rows = [row(number) for number in range(250)]
    said = send(instance, client, {"transfers": rows})
    assert said.status_code == 202, said.text
    assert said.json()["transfers"] == 250
    assert said.json()["sequence"] - said.json()["first"] == 2
    assert on_the_stream(instance, said.json()) == [f"FT{number}" for number in range(250)]


@pytest.mark.parametrize("form", ["array", "ndjson", "one"])
def test_every_form_of_a_document(form: str, instance: Instance, client: httpx.Client) -> None:
    rows = [row(1)] if form == "one" else [row(1), row(2)]
    body: Any = rows if form == "array" else b"\n".join(json.dumps(one).encode() for one in rows)
    media_type = "application/json" if form == "array" else "application/x-ndjson"
    said = send(instance, client, body, media_type=media_type)
    assert said.status_code == 202, said.text
    assert on_the_stream(instance, said.json()) == [one["id"] for one in rows]


def test_the_same_key_adds_once(instance: Instance, client: httpx.Client) -> None:
    key, body = new_id(), {"transfers": [row()]}
    first, again = (send(instance, client, body, key=key) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    last = instance.services.stream.last()
    assert last == first.json()["sequence"]
    assert send(instance, client, {"transfers": [row(2)]}, key=key).status_code == 409
    # Another institution's key is its own.
    assert send(instance, client, body, key=key, whose=OTHER).json()["sequence"] == last + 1


BAD = [
    ([row(1), row(2, amount=0)], "not_positive", "transfers.1.amount"),
    ([row(1), row(1)], "repeated_transfer", "transfers.1.id"),
    ([row(time="2026-11-22T09:41:00")], "time_without_offset", "transfers.0.time"),
    ([row(time=(WallClock().now() + timedelta(hours=1)).isoformat())], "in_the_future", "transfers.0.time"),
    ([row(device="x" * 201)], "malformed", "transfers.0.device"),
    ([row(payer="account:970436:1", payee="account:970407:2")], "transfer_not_yours", "transfers.0.payer"),
    ([row(payer="outside", payee="970436:999001")], "transfer_not_yours", "transfers.0.payer"),
    ([row(time="1970-01-01T00:00:00Z")], "time_out_of_range", "transfers.0.time"),
    ([row(ip_country={"a": 1})], "malformed", "transfers.0.ip_country"),
    ([row(ip_country="Cambodia")], "malformed", "transfers.0.ip_country"),
    ([row(biometrics_changed="maybe")], "malformed", "transfers.0.biometrics_changed"),
    ([1], "malformed", "transfers.0.row"),
    ([], "missing", "transfers"),
    ([row(number) for number in range(1_001)], "too_large", "transfers"),
    (b"id,time", "malformed", "body"),
]


@pytest.mark.parametrize(("body", "reason", "field"), BAD, ids=lambda value: str(value)[:20])
def test_bad_rows_are_named_and_nothing_is_sent(
    body: Any, reason: str, field: str, instance: Instance, client: httpx.Client
) -> None:  # fmt: skip
    before = instance.services.stream.last()
    said = send(instance, client, body)
    assert (said.status_code, said.json()["reason"], said.json()["field"]) == (422, reason, field)
    assert instance.services.stream.last() == before


def test_another_scope_and_a_missing_key_are_refused(instance: Instance, client: httpx.Client) -> None:
    assert send(instance, client, [row()], scope="screen").status_code == 403
    headers = {**instance.bearer("transfers"), "content-type": "application/json"}
    assert client.post("/v1/transfers", json=[row()], headers=headers).json()["reason"] == "missing"


def test_without_its_servers_the_stream_refuses(
    instance: Instance, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    pytest.importorskip("nats")
    services = instance.services
    settings = services.settings.model_copy(update={"nats_url": "nats://127.0.0.1:9"})
    monkeypatch.setattr("lachan.bootstrap._PUBLISH_S", 0.3)
    kept = services.__dict__.pop("stream", None)
    monkeypatch.setitem(services.__dict__, "settings", settings)
    key = new_id()
    try:
        said = send(instance, client, [row()], key=key)
    finally:
        monkeypatch.undo()
        if kept is not None:
            services.__dict__["stream"] = kept
    assert (said.status_code, said.json()["reason"]) == (503, "stream_not_connected")
    # Nothing stands under its key: it is sent again.
    assert send(instance, client, [row()], key=key).status_code == 202
