"""Advice beside a verdict, and what came of it, over real HTTP."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from tests.factories.changes import changed
from tests.factories.instance import OTHER, OWN, Instance, json_headers

from lachan.client import Outcome, PaymentContext, Screen
from lachan.foundation.base import SYSTEM, WallClock, new_id
from lachan.registry import ClaimDraft, claim
from lachan.screening.tables import advice_outcome

ROOT = Path(__file__).parents[3]
LISTED = [
    changed(1, "phone:+84912345678", "warn", ("T1",), "entry-1"),
    changed(2, "account:970436:0123456789", "block", ("R3", "H2"), "entry-2"),
    changed(3, "domain:evil-bank.com", "step_up", ("L1",), "entry-3"),
]
ITEMS = [
    {"kind": "account", "value": "970436:0123456789"},
    {"kind": "phone", "value": "0912 345 678"},
    {"kind": "url", "value": "https://pay.evil-bank.com/login?x=1"},
    {"kind": "account", "value": "970436:0000000000"},
]
OLD = {"payer_age_band": "60_plus", "channel": "mobile", "first_payment": True, "amount_vnd": 50_000_000}


@pytest.fixture(autouse=True, scope="module")
def listed(instance: Instance) -> None:
    instance.services.screening.engine.apply(LISTED)


def ask(instance: Instance, client: httpx.Client, context: Any, **headers: str) -> httpx.Response:
    body = json.dumps({"items": ITEMS, "context": context})
    headers = instance.bearer("screen") | {"content-type": "application/json"} | headers
    return client.post("/v1/screen", content=body, headers=headers)


def test_each_result_has_its_advice_and_the_verdict_depends_on_no_context(
    instance: Instance, client: httpx.Client
) -> None:
    plain = client.post("/v1/screen", json={"items": ITEMS}, headers=instance.bearer("screen")).json()["results"]
    assert ["advice" in one for one in plain] == [False] * 4
    for context in ({}, OLD, {"audience": "teller", "language": "en"}):
        told = ask(instance, client, context).json()["results"]
        assert [{k: v for k, v in one.items() if k != "advice"} for one in told] == plain
    codes = [one["advice"]["code"] for one in ask(instance, client, OLD).json()["results"]]
    assert codes == ["block_elderly", "warn_elderly", "step_up_elderly", "clear_elderly"]
    assert [one["verdict"] for one in plain] == ["block", "warn", "step_up", "clear"]


def test_no_context_is_no_advice(instance: Instance, client: httpx.Client) -> None:
    assert "advice" not in ask(instance, client, None).json()["results"][0]


def test_the_language_is_the_one_asked_for(instance: Instance, client: httpx.Client) -> None:
    def title(context: Any, **headers: str) -> str:
        found: str = ask(instance, client, context, **headers).json()["results"][0]["advice"]["title"]
        return found

    assert title({"assign_by": "0" * 16}).startswith(("Dừng lại", "Bạn vẫn còn kịp"))
    assert title({"language": "en"}) in {"Stop. Do not pay", "You are still in time: do not pay"}
    assert title({}, **{"accept-language": "en"}) == title({"language": "en"})


def test_the_form_of_fraud_comes_from_the_claims(instance: Instance, client: httpx.Client) -> None:
    services, key = instance.services, "account:970436:7700770077"
    with services.db.unit(services.clock.now(), SYSTEM) as unit:
        draft = ClaimDraft(key, reason="R3", scam_form="fake_police")
        (claimed,) = claim(unit, [draft], agency_id=instance.banks[OWN])
    services.screening.engine.apply([changed(4, key, "warn", ("R3",), claimed.entry_id)])
    body = {"items": [{"kind": "account", "value": "970436:7700770077"}, *ITEMS], "context": {}}
    told = client.post("/v1/screen", json=body, headers=instance.bearer("screen")).json()["results"]
    assert "form.fake_police" in told[0]["advice"]["parts"]
    assert told[0]["advice"]["note"].startswith("Công an")
    assert [one["advice"]["note"] for one in told[1:]] == [None] * 4


BAD = [
    ({"audience": "nobody"}, "unknown_value", "context.audience"),
    ({"channel": "pigeon"}, "unknown_value", "context.channel"),
    ({"payer_age_band": 70}, "malformed", "context.payer_age_band"),
    ({"amount_vnd": -1}, "malformed", "context.amount_vnd"),
    ({"amount_vnd": 10**16}, "malformed", "context.amount_vnd"),
    ({"assign_by": "0912345678"}, "malformed", "context.assign_by"),
    ({"name": "x"}, "malformed", "context"),
    ([], "malformed", "context"),
]


@pytest.mark.parametrize(("context", "reason", "field"), BAD, ids=[str(row[0]) for row in BAD])
def test_a_bad_context_is_named(
    context: Any, reason: str, field: str, instance: Instance, client: httpx.Client
) -> None:
    said = ask(instance, client, context)
    assert (said.status_code, said.json()["reason"], said.json()["field"]) == (422, reason, field), said.text


def test_the_client_gets_advice(instance: Instance, client: httpx.Client) -> None:
    client_id, secret = instance.clients[OWN, "screen"]
    with Screen(instance.url, client_id, secret) as screen:
        keys = ["account:970436:0123456789", "url:https://evil-bank.com/x", "phone:+84912345679"]
        answers = screen.screen(keys, PaymentContext(audience="teller", language="en"))
        assert [one.verdict for one in answers] == ["block", "step_up", "clear"]
        assert [one.advice.code for one in answers if one.advice] == [
            "block_teller", "step_up_teller", "clear_teller",
        ]  # fmt: skip
        assert screen.screen(keys)[0].advice is None


SNIPPET = re.compile(r"<!-- test: screen -->\n```python\n(.*?)```", re.DOTALL)


def test_the_documents_example_runs(
    instance: Instance, client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands there, against a real server; a bank fills in its own three names."""
    (example,) = SNIPPET.findall((ROOT / "docs" / "reference" / "http.md").read_text(encoding="utf-8"))
    assert len([line for line in example.splitlines() if line.strip()]) <= 5
    client_id, secret = instance.clients[OWN, "screen"]
    exec(example, {"center_url": instance.url, "client_id": client_id, "client_secret": secret})
    said = capsys.readouterr().out
    assert said.startswith("block ('R3', 'H2')")
    assert "113" in said


def test_the_client_reports_outcomes(instance: Instance, client: httpx.Client) -> None:
    client_id, secret = instance.clients[OTHER, "screen"]
    with Screen(instance.url, client_id, secret) as screen:
        day, key = WallClock().now().date() - timedelta(days=1), new_id()
        sums = [Outcome("warn_payer", 1, "b", 3, 1)]
        assert [screen.report_outcomes(day, sums, key) for _ in range(2)] == [1, 1]
    (row,) = [row for row in rates(instance, client, OTHER) if row["code"] == "warn_payer"]
    assert (row["stopped"], row["continued"]) == (3, 1)


def outcome(**changes: Any) -> dict[str, Any]:
    return {"code": "block_payer", "version": 1, "variant": "a", "stopped": 40, "continued": 10} | changes


def report(
    instance: Instance, client: httpx.Client, outcomes: list[Any], key: str = "", whose: str = OWN, day: str = ""
) -> httpx.Response:
    day = day or WallClock().now().date().isoformat()
    headers = instance.bearer("screen", whose) | json_headers(key or new_id())
    return client.post(
        "/v1/screen/outcomes", content=json.dumps({"day": day, "outcomes": outcomes}), headers=headers
    )


def rates(instance: Instance, client: httpx.Client, whose: str = OWN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(
        "/v1/screen/outcomes", headers=instance.bearer("figures", whose)
    ).json()["texts"]
    return found


def test_outcomes_are_counted_once_and_read_with_their_interval(instance: Instance, client: httpx.Client) -> None:
    key = new_id()
    first = report(instance, client, [outcome(), outcome(variant="b", stopped=9, continued=1)], key)
    assert (first.status_code, first.json()) == (201, {"texts": 2})
    again = report(instance, client, [outcome(), outcome(variant="b", stopped=9, continued=1)], key)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert report(instance, client, [outcome()], key).status_code == 409
    assert report(instance, client, [outcome(stopped=10, continued=40)]).status_code == 201
    assert report(instance, client, [outcome(stopped=1000)], whose=OTHER).status_code == 201
    a, b = rates(instance, client)
    assert (a["code"], a["variant"], a["stopped"], a["continued"], a["share"]) == ("block_payer", "a", 50, 50, 0.5)
    assert (round(a["low"], 3), round(a["high"], 3)) == (0.404, 0.596)
    assert (b["variant"], b["share"]) == ("b", 0.9)
    assert rates(instance, client, OTHER)[0]["stopped"] == 1000
    with instance.services.db.read() as conn:
        columns = set(conn.execute(sa.select(advice_outcome)).keys())
    assert not columns & {"payer", "key", "entry_id", "assign_by"}


BAD_OUTCOMES = [
    ([outcome(code="made_up")], "unknown_value", "outcomes.0.code"),
    ([outcome(), outcome(version=99)], "unknown_value", "outcomes.1.code"),
    ([outcome(stopped=-1)], "malformed", "outcomes.0.stopped"),
    ([outcome(stopped="1")], "malformed", "outcomes.0.stopped"),
    ([outcome(payer="x")], "malformed", "outcomes.0.payer"),
]


@pytest.mark.parametrize(("outcomes", "reason", "field"), BAD_OUTCOMES, ids=lambda v: str(v)[:40])
def test_bad_outcomes_are_named(
    outcomes: list[Any], reason: str, field: str, instance: Instance, client: httpx.Client
) -> None:
    said = report(instance, client, outcomes)
    assert (said.status_code, said.json()["reason"], said.json()["field"]) == (422, reason, field), said.text


def test_stop_rates_are_read_from_day_to_day(instance: Instance, client: httpx.Client) -> None:
    def texts(**days: str) -> Any:
        headers = instance.bearer("figures")
        return client.get("/v1/screen/outcomes", params=days, headers=headers).json().get("texts")

    assert report(instance, client, [outcome(code="clear_payer")], day="2026-01-05").status_code == 201
    assert [one["code"] for one in texts(since="2026-01-05", until="2026-01-05")] == ["clear_payer"]
    assert texts(since="2026-01-06", until="2026-01-31") == []
    for wrong in ("0", "2026-02-30", "05/01/2026"):
        assert texts(until=wrong) is None


def test_tomorrows_outcomes_and_a_call_without_its_key_are_refused(
    instance: Instance, client: httpx.Client
) -> None:
    assert report(instance, client, [outcome()], day="2999-01-01").json()["reason"] == "in_the_future"
    headers = instance.bearer("screen") | {"content-type": "application/json"}
    for key in ({}, {"idempotency-key": "x"}):
        said = client.post("/v1/screen/outcomes", content=b"{}", headers=headers | key)
        assert (said.status_code, said.json()["field"]) == (422, "idempotency-key")
