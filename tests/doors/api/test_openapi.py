"""The whole OpenAPI document against a real server: what it promises is so, and nothing breaks it.

Every body is signed as the institution would sign it, so that the tests reach what lies behind the signature.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import hypothesis.strategies as st
import pytest
import requests
import schemathesis
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from tests.factories.instance import OWN, Instance

from lachan.doors.api import oauth, public
from lachan.doors.api.describe import MESSAGE_ID
from lachan.foundation.access import RateLimit
from lachan.foundation.base import WallClock
from lachan.foundation.protocol import sign

MAY_REFUSE = ["2xx", "401", "403", "404", "409", "422"]
MANY = RateLimit("many", 10**6, timedelta(minutes=1))
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key")
WELL_FORMED = {
    "webhook-id": MESSAGE_ID["pattern"],
    "idempotency-key": MESSAGE_ID["pattern"],
    "webhook-timestamp": "^[0-9]{1,11}$",
    "webhook-signature": "^v1a,[A-Za-z0-9+/]{86}==",
}

schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
        datetime.isoformat
    ),
)


class Signer(requests.auth.AuthBase):
    """Signs what is about to be sent, where the headers of a signature are there and well formed."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        given = {name: str(request.headers.get(name, "")) for name in SIGNED}
        if all(re.search(WELL_FORMED[name], value) for name, value in given.items()):
            body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
            message_id = self._id(body) or given["webhook-id"]
            made = sign(message_id, WallClock().now(), body, self.instance.keys[OWN])
            request.headers.update(made | {"idempotency-key": message_id})
        return request

    @staticmethod
    def _id(body: bytes) -> str | None:
        try:
            found = json.loads(body)["message_id"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return found if isinstance(found, str) and re.search(MESSAGE_ID["pattern"], found) else None


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def generous() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(oauth, "TOKENS_BY_CLIENT", MANY)
        patch.setattr(public, "STATUS_BY_ADDRESS", MANY)
        patch.setattr(public, "STATUS_BY_CODE", MANY)
        yield


@pytest.fixture
def engine(instance: Instance, document: dict[str, Any], generous: None) -> Iterator[Any]:
    """Schemathesis with every phase and check, signed in as an institution's program of every scope."""
    signer = Signer(instance)

    def before_call(_context: Any, _case: Any, kwargs: dict[str, Any]) -> None:
        kwargs["auth"] = signer

    schemathesis.hook("before_call")(before_call)
    client_id, secret = instance.clients[OWN, "all"]
    basic = requests.auth._basic_auth_str(client_id, secret)
    config = schemathesis.Config.from_dict(
        {
            "base-url": instance.url,
            "seed": 20261121,
            "headers": {"Authorization": instance.bearer()["authorization"]},
            "generation": {"max-examples": 12, "deterministic": True, "database": "none"},
            "operations": [
                {"include-path": "/v1/oauth/token", "headers": {"Authorization": basic}},
                # Rules over several fields, and check digits, are not in a schema: 422 says which.
                {
                    "include-path-regex": (
                        "^/v1/(inbox/.*|registry/claims|reports|screen(/outcomes)?|transfers|alerts/.*)$"
                    ),
                    "checks": {"positive_data_acceptance": {"expected-statuses": MAY_REFUSE}},
                },
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    yield from_schema(schema)
    GLOBAL_HOOK_DISPATCHER.unregister_all()


def test_nothing_breaks_what_the_document_promises(engine: Any, client: httpx.Client) -> None:
    failures: dict[tuple[str, str], str] = {}
    calls = 0
    for event in engine.execute():
        if isinstance(event, NonFatalError | FatalError):
            failures["engine", type(event).__name__] = str(getattr(event, "exception", event))
        if not isinstance(event, ScenarioFinished):
            continue
        calls += len(event.recorder.interactions)
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    curl = event.recorder.interactions.get(case_id)
                    said = curl.response.text[:400] if curl is not None and curl.response is not None else ""
                    asked = f"{curl.request.method} {curl.request.uri}" if curl is not None else ""
                    key = str(event.label), f"{check.name} {failure.title}"
                    failures.setdefault(key, f"{asked}\n{failure.message}\n{said}")
    told = "\n\n".join(f"{place}: {what}\n{text}" for (place, what), text in failures.items())
    assert not failures, told
    assert calls > 1_000, "the run was cut short"
