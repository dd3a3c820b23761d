"""HTTP as the standards have it: methods, problems, headers, languages, health."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest
from tests.factories.instance import OTHER, OWN, Instance

from lachan.doors.api.examples import EXAMPLES
from lachan.doors.api.openapi import SENT
from lachan.doors.api.problem_pages import STATUSES
from lachan.foundation.access import CALLS_BY_CLIENT, RateLimiter
from lachan.foundation.base import Language, WallClock, translate
from lachan.foundation.base.errors import all_reasons


@pytest.fixture
def fresh_limits(instance: Instance) -> Iterator[RateLimiter]:
    """Limits that nothing has used; the others' come back afterwards."""
    before = instance.app.state.limiter
    instance.app.state.limiter = RateLimiter()
    yield instance.app.state.limiter
    instance.app.state.limiter = before


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"/problems/{found['reason']}"
    assert found["status"] == answer.status_code
    assert found["title"]
    return found


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/inbox/", "/v1//me", "/.env", "/v1/inbox/../me/x", "/%2e%2e/etc"]
)
def test_an_unknown_address_is_a_problem(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert problem_of(answer)["reason"] == "no_such_record"
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/v1/inbox", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/reports", "OPTIONS, POST"),
        ("HEAD", "/v1/reports", "OPTIONS, POST"),
        ("DELETE", "/v1/inbox/x/ack", "OPTIONS, POST"),
        ("TRACE", "/healthz", "GET, HEAD, OPTIONS"),
        ("PROPFIND", "/v1/me", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_taken_says_which_are(
    client: httpx.Client, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow


def test_options_says_what_is_taken_and_allows_no_other_site(client: httpx.Client) -> None:
    answer = client.options("/v1/inbox", headers={"origin": "https://evil.example"})
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_head_is_get_without_the_body(client: httpx.Client, instance: Instance) -> None:
    for path in ("/v1/me", "/healthz", "/openapi.json", "/problems/missing"):
        got = client.get(path, headers=instance.bearer())
        head = client.head(path, headers=instance.bearer())
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, 'Bearer realm="lachan"'),
        ({"authorization": "Basic YTpi"}, 'Bearer realm="lachan"'),
        ({"authorization": "Bearer"}, 'Bearer realm="lachan"'),
        ({"authorization": "Bearer nonsense"}, 'Bearer realm="lachan", error="invalid_token"'),
    ],
)
def test_who_is_nobody_is_told_how_to_be_somebody(
    client: httpx.Client, headers: dict[str, str], challenge: str
) -> None:
    answer = client.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize(("asked", "language"), [("en", "en"), ("vi", "vi"), ("fr, en;q=0.5", "en"), ("", "vi")])
def test_a_problem_speaks_the_caller_s_language(client: httpx.Client, asked: str, language: str) -> None:
    answer = client.get("/v1/nothing", headers={"accept-language": asked})
    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == translate("reason.no_such_record", Language(language))


def test_every_problem_type_is_explained_in_both_languages(client: httpx.Client) -> None:
    listed = {one["reason"]: one for one in client.get("/problems").json()}
    assert set(listed) >= {reason.value for reason in all_reasons()}
    for reason in ("missing", "superseded", "bad_signature", "header_twice"):
        one = client.get(f"/problems/{reason}").json()
        assert one == listed[reason]
        assert one["vi"] != one["en"]
    page = client.get("/problems/superseded", headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert listed["superseded"]["vi"] in page.text
    assert listed["superseded"]["en"] in page.text
    assert all(f">{status} " in page.text for status in STATUSES)


def test_limits_are_told_on_every_call_and_a_full_one_says_how_long_to_wait(
    client: httpx.Client, instance: Instance, fresh_limits: RateLimiter
) -> None:
    answer = client.get("/v1/me", headers=instance.bearer())
    assert answer.headers["ratelimit-policy"] == f'"calls_by_client";q={CALLS_BY_CLIENT.count};w=60'
    assert re.fullmatch(r'"calls_by_client";r=5999;t=1', answer.headers["ratelimit"])
    client_id = instance.clients[OWN, "all"][0]
    later = WallClock().now() + timedelta(minutes=1)  # a bucket that is full for a minute more
    assert fresh_limits.take(CALLS_BY_CLIENT, client_id, later, cost=CALLS_BY_CLIENT.count).allowed
    full = client.get("/v1/me", headers=instance.bearer())
    assert full.status_code == 429
    assert 50 < int(full.headers["retry-after"]) <= 61
    assert full.headers["ratelimit"] == f'"calls_by_client";r=0;t={full.headers["retry-after"]}'
    other = client.get("/v1/me", headers=instance.bearer("all", OTHER))
    assert other.status_code == 200, "one client's flood is no other client's business"


def test_guessing_codes_ends_soon_and_reading_does_not(
    client: httpx.Client, instance: Instance, fresh_limits: RateLimiter
) -> None:
    good = client.get(f"/v1/public/status/{instance.code}", headers={"accept-language": "en"})
    assert good.json() == {
        "code": instance.code,
        "status": "dispatched",
        "sentence": "Requests have been sent to the receiving institutions.",
    }
    wrong = [client.get("/v1/public/status/LC-2222-22222").status_code for _ in range(40)]
    assert wrong[0] == 404
    assert wrong.count(404) <= 31
    refused = client.get("/v1/public/status/LC-2222-22222")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit-policy"].startswith('"status_by_address"')


def test_the_public_keys_are_those_that_sign(client: httpx.Client, instance: Instance) -> None:
    keys = client.get("/v1/public/keys").json()
    assert [key["key"] for key in keys["issuer_keys"]] == [
        key.public.as_text() for key in instance.services.issuer_keys
    ]
    assert keys["trail_key"]["key"] == instance.services.seal_key.public_text
    assert keys["trail_head"]["sequence"] > 0
    assert re.fullmatch(r"[0-9a-f]{64}", keys["trail_head"]["hash"])


def test_metrics_count_by_template_and_tell_strangers_nothing(client: httpx.Client, instance: Instance) -> None:
    client.get(f"/v1/public/status/{instance.code}")
    client.get("/v1/does/not/exist")
    text = client.get("/metrics").text
    assert 'lachan_requests_total{method="GET",route="/v1/public/status/{code}",status="200"}' in text
    assert 'lachan_requests_total{method="GET",route="unknown",status="404"}' in text
    assert 'lachan_deliveries_waiting{institution="999001"}' in text
    for name in (
        "lachan_jobs_waiting",
        "lachan_jobs_dead",
        "lachan_facts_unsealed",
        "lachan_seconds_since_checkpoint",
    ):
        assert f"# TYPE {name} gauge" in text
    assert instance.code not in text
    for line in text.splitlines():
        assert re.fullmatch(r"# TYPE \w+ (gauge|counter)|\w+(\{[^}]*(\{\w+\}[^}]*)*\})? [\d.]+", line), line


def test_the_document_is_complete(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert {"oauth2", "clientSecret"} == set(document["components"]["securitySchemes"])
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert "security" in operation, where
            assert operation["description"], where
            if method == "post":
                assert "requestBody" in operation, where
            for status, answer in operation["responses"].items():
                assert status[0] in "23" or answer["$ref"].startswith("#/components/responses/"), where
    for reference in set(re.findall(r'"#/([^"]+)"', client.get("/openapi.json").text)):
        node = document
        for step in reference.split("/"):
            node = node[step]
    assert len(document["webhooks"]) == 11


@pytest.mark.parametrize("model", SENT, ids=lambda model: model.__name__)
def test_the_examples_are_good_messages(client: httpx.Client, model: Any) -> None:
    example = EXAMPLES[model.__name__]
    model.model_validate_json(orjson.dumps(example))
    document = client.get("/openapi.json").json()
    schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(example)
