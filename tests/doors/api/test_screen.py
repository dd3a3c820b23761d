"""Screening over real HTTP: verdicts in order, and a named refusal for everything else."""

import json
import time
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.changes import changed
from tests.factories.instance import OTHER, OWN, Instance

from lachan.doors.api.tokens import KEEP_S
from lachan.foundation.access import SCREENED_BY_CLIENT, Allowance, RateLimiter, revoke_token
from lachan.foundation.base import SYSTEM
from lachan.screening import Hits
from lachan.screening.tables import screening_count, screening_hit

TEXT = {"content-type": "text/plain"}
JSON = {"content-type": "application/json"}
LISTED = [
    changed(1, "phone:+84912345678", "warn", ("R1",), "entry-1"),
    changed(2, "account:970436:0123456789", "block", ("R2", "R5"), "entry-2"),
    changed(3, "url:https://example.vn/a", "step_up", (), "entry-3"),
]


@pytest.fixture(autouse=True, scope="module")
def listed(instance: Instance) -> None:
    instance.services.screening.engine.apply(LISTED)


def ask(instance: Instance, client: httpx.Client, content: bytes | str, headers: dict[str, str]) -> httpx.Response:
    return client.post("/v1/screen", content=content, headers=instance.bearer("screen") | headers)


def ask_json(instance: Instance, client: httpx.Client, items: Any) -> httpx.Response:
    return ask(instance, client, json.dumps({"items": items}), JSON)


def test_plain_text_is_answered_in_order(instance: Instance, client: httpx.Client) -> None:
    body = "phone:+84912345678\ndomain:example.vn\r\naccount:970436:0123456789\nurl:https://example.vn/a\n"
    answer = ask(instance, client, body, {"content-type": "text/plain; charset=UTF-8"})
    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {"verdict": "warn", "reasons": ["R1"], "entry": "entry-1"},
            {"verdict": "clear", "reasons": [], "entry": None},
            {"verdict": "block", "reasons": ["R2", "R5"], "entry": "entry-2"},
            {"verdict": "step_up", "reasons": [], "entry": "entry-3"},
        ]
    }
    assert answer.headers["ratelimit-policy"] == '"screened_by_client";q=1200000;w=60'
    assert answer.headers["cache-control"] == "no-store"


def test_json_takes_any_spelling(instance: Instance, client: httpx.Client) -> None:
    items = [
        {"kind": "phone", "value": "0912 345 678"}, {"kind": "account", "value": "VCB 0123456789"},
        {"kind": "url", "value": "hxxps://EXAMPLE[.]vn/a"}, {"kind": "phone", "value": "+84912345679"},
        {"kind": "phone", "value": "0912\n345678"}, {"kind": "account", "value": "970436:0123456789"},
    ]  # fmt: skip
    verdicts = [one["verdict"] for one in ask_json(instance, client, items).json()["results"]]
    assert verdicts == ["warn", "block", "step_up", "clear", "warn", "block"]


def test_nothing_asked_is_nothing_answered(instance: Instance, client: httpx.Client) -> None:
    assert ask(instance, client, b"", TEXT).json() == {"results": []}
    assert ask_json(instance, client, []).json() == {"results": []}


def test_a_thousand_are_answered_and_one_more_is_not(instance: Instance, client: httpx.Client) -> None:
    lines = ["account:970436:0000000001"] * 999 + ["phone:+84912345678"]
    results = ask(instance, client, "\n".join(lines), TEXT).json()["results"]
    assert len(results) == 1000
    assert [number for number, one in enumerate(results) if one["verdict"] != "clear"] == [999]
    for refused in (
        ask(instance, client, "\n".join([*lines, lines[0]]), TEXT),
        ask_json(instance, client, [{"kind": "phone", "value": "1"}] * 1001),
    ):
        assert (refused.status_code, refused.json()["reason"]) == (422, "too_many_keys")


BAD: list[tuple[bytes, dict[str, str], int, str, str]] = [
    (b"phone:\xff", TEXT, 422, "not_utf8", "line 1"),
    (b"phone:+84912345678\n\xc3", TEXT, 422, "not_utf8", "line 2"),
    (b"phone:0912345678", TEXT, 422, "not_an_identifier", "line 1"),
    (b"phone:+84912345678\n\nphone:+84912345678", TEXT, 422, "key_not_canonical", "line 2"),
    (b"0912345678", TEXT, 422, "key_not_canonical", "line 1"),
    (b"tel:+84912345678", TEXT, 422, "unknown_identifier_kind", "line 1"),
    (b"phone:+84912345678\x00", TEXT, 422, "not_an_identifier", "line 1"),
    (b"", JSON, 422, "malformed", "body"),
    (b"{", JSON, 422, "malformed", "body"),
    (b"[]", JSON, 422, "malformed", "body"),
    (b"{}", JSON, 422, "missing", "items"),
    (b'{"items":1}', JSON, 422, "malformed", "items"),
    (b'{"items":[1]}', JSON, 422, "malformed", "items[0]"),
    (b'{"items":[{"kind":"phone"}]}', JSON, 422, "missing", "items[0].value"),
    (b'{"items":[{"kind":"phone","value":1}]}', JSON, 422, "malformed", "items[0].value"),
    (b'{"items":[{"kind":"tel","value":"1"}]}', JSON, 422, "unknown_value", "items[0].kind"),
    (b'{"items":[{"kind":"account:970436","value":"0123456789"}]}', JSON, 422, "unknown_value", "items[0].kind"),
    (b'{"items":[{"kind":"phone","value":"x"}]}', JSON, 422, "not_an_identifier", "items[0].value"),
    (b'{"items":[{"kind":"phone","value":"\xff"}]}', JSON, 422, "not_utf8", "body"),
    (b'{"items":[{"kind":"phone","value":"\\ud800"}]}', JSON, 422, "malformed", "body"),
    (b'{"items":[],"more":1}', JSON, 422, "malformed", "body"),
    (b"[" * 100_000, JSON, 422, "malformed", "body"),
    (b"phone:+84912345678", {}, 415, "media_type_not_taken", "content-type"),
    (b"phone:+84912345678", {"content-type": "text/csv"}, 415, "media_type_not_taken", "content-type"),
    (b"x", {"content-type": "text/plain; charset=utf-16"}, 415, "media_type_not_taken", "content-type"),
    (b"x" * (1024 * 1024 + 1), TEXT, 413, "body_too_large", "body"),
    (b"x", TEXT | {"content-encoding": "gzip"}, 415, "content_encoding_not_taken", "content-encoding"),
]


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason", "field"), BAD, ids=[f"{b[3]} {b[0][:30]!r}" for b in BAD]
)
def test_bad_input_is_named(
    body: bytes,
    headers: dict[str, str],
    status: int,
    reason: str,
    field: str,
    instance: Instance,
    client: httpx.Client,
) -> None:
    answer = ask(instance, client, body, headers)
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (answer.status_code, said["reason"], said["field"]) == (status, reason, field), said


def test_only_post_is_taken(instance: Instance, client: httpx.Client) -> None:
    answer = client.get("/v1/screen", headers=instance.bearer("screen"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer wrong"])
def test_strangers_are_kept_out(header: str, client: httpx.Client) -> None:
    answer = client.post("/v1/screen", content=b"", headers=TEXT | {"authorization": header})
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


def test_other_scopes_are_kept_out(instance: Instance, client: httpx.Client) -> None:
    answer = client.post("/v1/screen", content=b"", headers=TEXT | instance.bearer("inbox"))
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_permitted")


def test_a_revoked_token_is_refused_within_a_second(instance: Instance, client: httpx.Client) -> None:
    headers = TEXT | instance.bearer("screen", OTHER)
    assert client.post("/v1/screen", content=b"", headers=headers).status_code == 200
    revoke_token(instance.services.db, instance.tokens[OTHER, "screen"], now=instance.services.clock.now())
    revoked_at = time.monotonic()
    while client.post("/v1/screen", content=b"", headers=headers).status_code == 200:
        assert time.monotonic() - revoked_at < KEEP_S + 5, "much longer than it may be kept"
    assert client.post("/v1/screen", content=b"", headers=headers).status_code == 401


def test_a_list_of_all_accounts_cannot_be_tried(
    instance: Instance, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used_up(*_: object, cost: int, **__: object) -> Allowance:
        assert cost == 20
        return Allowance(False, SCREENED_BY_CLIENT.count, 0, 60, 7)

    monkeypatch.setattr(RateLimiter, "take", used_up)
    answer = ask(instance, client, b"phone:+84912345678", TEXT)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_hits_are_written_down_without_the_keys(instance: Instance, client: httpx.Client) -> None:
    services = instance.services
    services.screening.stop()  # writes what was gathered before
    ask(instance, client, b"phone:+84912345678\nphone:+84912345679\naccount:970436:0123456789", TEXT)
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        unit.conn.execute(sa.delete(screening_count))
        unit.conn.execute(sa.delete(screening_hit))
        assert services.screening.hits.write(unit) == 3
        assert services.screening.hits.write(unit) == 0
    with services.db.read() as conn:
        counts = conn.execute(sa.select(screening_count)).one()
        hits = conn.execute(sa.select(screening_hit).order_by(screening_hit.c.id)).all()
    assert (counts.asked, counts.warned, counts.stepped_up, counts.blocked) == (3, 1, 0, 1)
    assert counts.client_id == instance.clients[OWN, "screen"][0]
    assert [(hit.entry_id, hit.verdict) for hit in hits] == [("entry-1", "warn"), ("entry-2", "block")]


def test_privacy_mode_keeps_counts_only(instance: Instance) -> None:
    services = instance.services
    hits = Hits(counts_only=True)
    found = services.screening.engine.hits(b"phone:+84912345678", 1)
    hits.note(instance.clients[OWN, "screen"][0], 1, found)
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        unit.conn.execute(sa.delete(screening_hit))
        assert hits.write(unit) == 1
        assert unit.conn.execute(sa.select(screening_hit)).all() == []
