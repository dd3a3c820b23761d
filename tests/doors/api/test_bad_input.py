"""Bad input at every end point: missing, malformed, huge, of another alphabet, negative, in the future, absurd.

Each row names what is changed in a good message and the refusal that names it. Nothing is ever a 500, and nothing
that was refused leaves a trace in the record.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa
from tests.factories.instance import OTHER, OWN, Instance

from lachan.foundation.base import VND_MAX, WallClock, new_id
from lachan.foundation.protocol import BODY_BYTES_MAX, ConfirmationRequest, HoldRequest
from lachan.intake.tables import report as report_table

Body = dict[str, Any]
Change = Callable[[Body], object]


def put(path: str, value: object) -> Change:
    """Set a value deep inside, `losses.0.amount_vnd`."""

    def change(body: Body) -> None:
        *steps, last = path.split(".")
        node: Any = body
        for step in steps:
            node = node[int(step)] if step.isdigit() else node[step]
        node[int(last) if last.isdigit() else last] = value

    return change


def drop(path: str) -> Change:
    """Take a value away."""

    def change(body: Body) -> None:
        *steps, last = path.split(".")
        node: Any = body
        for step in steps:
            node = node[int(step)] if step.isdigit() else node[step]
        del node[last]

    return change


def later(**wait: float) -> str:
    return (WallClock().now() + timedelta(**wait)).isoformat()


def twice(body: Body) -> None:
    body["losses"] = body["losses"] * 2


def to_oneself(body: Body) -> None:
    body["losses"][0]["payee"]["account"] = body["losses"][0]["payer"]["account"]


FIRST = "losses.0"
WHEN, PAYEE = f"{FIRST}.booked_at", f"{FIRST}.payee.account"
REPORTS: list[tuple[str, Change, str, str]] = [
    ("no victim", drop("victim"), "missing", "victim"),
    ("no name", drop("victim.name"), "missing", "victim.name"),
    ("empty name", put("victim.name", ""), "too_short", "victim.name"),
    ("only spaces", put("victim.name", "   "), "missing", "victim_name"),
    ("huge name", put("victim.name", "a" * 201), "too_long", "victim.name"),
    ("name on two lines", put("victim.name", "a\nb"), "malformed", "victim.name"),
    ("name with NUL", put("victim.name", "a\x00b"), "malformed", "victim.name"),
    ("telephone in words", put("victim.phone", "không chín"), "malformed", "victim.phone"),
    ("telephone in Arabic digits", put("victim.phone", "٠٩١٢٣٤٥٦٧٨"), "malformed", "victim.phone"),
    ("identity number of 10", put("victim.citizen_id", "0123456789"), "malformed", "victim.citizen_id"),
    ("e-mail of a megabyte", put("victim.email", "a@" + "b" * 2**20), "too_long", "victim.email"),
    ("huge story", put("story", "a" * 4001), "too_long", "story"),
    ("story with control characters", put("story", "a\x1bb"), "malformed", "story"),
    ("no losses", put("losses", []), "too_short", "losses"),
    ("too many losses", lambda b: b.update(losses=b["losses"] * 51), "too_long", "losses"),
    ("losses that are no list", put("losses", {}), "malformed", "losses"),
    ("the same transfer twice", twice, "same_transfer_twice", "losses.1.reference"),
    ("amount zero", put(f"{FIRST}.amount_vnd", 0), "not_positive", f"{FIRST}.amount_vnd"),
    ("amount negative", put(f"{FIRST}.amount_vnd", -1), "not_positive", f"{FIRST}.amount_vnd"),
    ("amount absurd", put(f"{FIRST}.amount_vnd", VND_MAX + 1), "too_large", f"{FIRST}.amount_vnd"),
    ("amount beyond any integer", put(f"{FIRST}.amount_vnd", 2**63), "too_large", f"{FIRST}.amount_vnd"),
    ("amount with a fraction", put(f"{FIRST}.amount_vnd", 1.5), "malformed", f"{FIRST}.amount_vnd"),
    ("amount in quotes", put(f"{FIRST}.amount_vnd", "50000000"), "malformed", f"{FIRST}.amount_vnd"),
    ("amount null", put(f"{FIRST}.amount_vnd", None), "malformed", f"{FIRST}.amount_vnd"),
    ("amount true", put(f"{FIRST}.amount_vnd", True), "malformed", f"{FIRST}.amount_vnd"),
    ("booked tomorrow", put(f"{FIRST}.booked_at", later(days=1)), "in_the_future", f"{FIRST}.booked_at"),
    ("booked long ago", put(f"{FIRST}.booked_at", "2001-01-01T00:00:00Z"), "too_old", f"{FIRST}.booked_at"),
    ("booked in the year 9999", put(WHEN, "9999-12-31T23:59:59Z"), "malformed", WHEN),
    ("booked without a zone", put(f"{FIRST}.booked_at", "2026-11-21T02:00:00"), "malformed", f"{FIRST}.booked_at"),
    ("booked in words", put(f"{FIRST}.booked_at", "hôm qua"), "malformed", f"{FIRST}.booked_at"),
    ("booked as a number", put(f"{FIRST}.booked_at", 1795304384), "malformed", f"{FIRST}.booked_at"),
    ("reported tomorrow", put("reported_at", later(days=1)), "in_the_future", "reported_at"),
    ("no payee account", drop(f"{FIRST}.payee.account"), "missing", f"{FIRST}.payee.account"),
    ("account without a kind", put(f"{FIRST}.payee.account", "0001"), "malformed", f"{FIRST}.payee.account"),
    ("account in Cyrillic", put(PAYEE, "account:999001:АВС"), "malformed", PAYEE),
    ("bank code with a path", put(f"{FIRST}.payee.institution", "../x"), "malformed", f"{FIRST}.payee.institution"),
    ("transfer to oneself", to_oneself, "self_transfer", f"{FIRST}.payee_account"),
    ("rail of another age", put(f"{FIRST}.rail", "pigeon"), "unknown_value", f"{FIRST}.rail"),
    ("reference with a space", put(f"{FIRST}.reference", "F T"), "malformed", f"{FIRST}.reference"),
    ("situation unheard of", put("situation", "bored"), "unknown_value", "situation"),
    ("consent in words", put("consent", "có"), "malformed", "consent"),
    ("contact unheard of", put("contacts", [{"kind": "pigeon", "value": "x"}]), "unknown_value", "contacts.0.kind"),
    ("a field too many", put("note", "x"), "malformed", "note"),
    ("message id in capitals", lambda b: b.update(message_id=b["message_id"].upper()), "malformed", "message_id"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "reason", "field"), [row[1:] for row in REPORTS], ids=[r[0] for r in REPORTS])
def test_a_bad_report(instance: Instance, client: httpx.Client, change: Change, reason: str, field: str) -> None:
    body = orjson.loads(instance.report().as_json())
    message_id = body["message_id"]
    change(body)
    before = reports(instance)
    refused(instance, client, "/v1/reports", orjson.dumps(body), message_id, reason, field)
    assert reports(instance) == before


NOT_JSON: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("a word", b"hello"),
    ("a list", b"[]"),
    ("a number", b"1"),
    ("null", b"null"),
    ("half of it", b'{"message_id": "x'),
    ("single quotes", b"{'message_id': 1}"),
    ("latin-1", '{"story": "\xe9"}'.encode("latin-1")),
    ("UTF-16", '{"story": "x"}'.encode("utf-16")),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("half a pair", rb'{"story": "\ud800"}'),
    ("not a number", b'{"amount_vnd": NaN}'),
    ("endless digits", b'{"amount_vnd": ' + b"9" * 100_000 + b"}"),
    ("a deep hole", b"[" * 100_000),
    ("deep objects", b'{"a":' * 50_000),
    ("XML", b"<report/>"),
]


@pytest.mark.parametrize("path", ["/v1/reports", "ack", "answer"])
@pytest.mark.parametrize("body", [row[1] for row in NOT_JSON], ids=[row[0] for row in NOT_JSON])
def test_what_is_no_message(instance: Instance, client: httpx.Client, path: str, body: bytes) -> None:
    where = path if path.startswith("/") else f"/v1/inbox/{hold(instance)[0]}/{path}"
    answer = client.post(where, content=body, headers=instance.signed(body, new_id()))
    assert answer.status_code == 422, answer.text
    assert answer.json()["reason"] in {"malformed", "missing"}


@pytest.mark.parametrize("path", ["/v1/reports", "ack", "answer"])
@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_only_json_is_taken(instance: Instance, client: httpx.Client, path: str, kind: str) -> None:
    where = path if path.startswith("/") else f"/v1/inbox/{hold(instance)[0]}/{path}"
    headers = instance.signed(b"{}", new_id()) | {"content-type": kind}
    answer = client.post(where, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (415, "media_type_not_taken")


def test_json_may_say_its_character_set(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    headers = instance.signed(body, report.message_id) | {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/reports", content=body, headers=headers).status_code == 201


@pytest.mark.parametrize("path", ["/v1/reports", "ack", "answer"])
def test_a_body_of_the_largest_size_is_read_and_one_byte_more_is_not(
    instance: Instance, client: httpx.Client, path: str
) -> None:
    where = path if path.startswith("/") else f"/v1/inbox/{hold(instance)[0]}/{path}"
    for size, status in ((BODY_BYTES_MAX, 422), (BODY_BYTES_MAX + 1, 413)):
        body = b'{"message_id":"' + b"a" * (size - 17) + b'"}'
        assert len(body) == size
        answer = client.post(where, content=body, headers=instance.signed(body, new_id()))
        assert answer.status_code == status


ACKS: list[tuple[str, Change, str, str]] = [
    ("no request", drop("request_id"), "missing", "request_id"),
    ("another request", put("request_id", "HR-9"), "wrong_request", "request_id"),
    ("request in Thai", put("request_id", "คำขอ"), "malformed", "request_id"),
    ("no time", drop("received_at"), "missing", "received_at"),
    ("time in words", put("received_at", "now"), "malformed", "received_at"),
    ("another type", put("type", "answer"), "unknown_value", "type"),
    ("a field too many", put("x", 1), "malformed", "x"),
]


@pytest.mark.parametrize(("change", "reason", "field"), [row[1:] for row in ACKS], ids=[row[0] for row in ACKS])
def test_a_bad_acknowledgement(
    instance: Instance, client: httpx.Client, change: Change, reason: str, field: str
) -> None:
    item, request = hold(instance)
    body = {
        "type": "acknowledgement", "message_id": new_id(), "request_id": request.id, "received_at": later(),
    }  # fmt: skip
    message_id = str(body["message_id"])
    change(body)
    refused(instance, client, f"/v1/inbox/{item}/ack", orjson.dumps(body), message_id, reason, field)


ANSWERS: list[tuple[str, Change, str, str]] = [
    ("no type", drop("type"), "missing", "body"),
    ("a type unheard of", put("type", "perhaps"), "unknown_value", "body"),
    ("another request", put("request_id", "HR-9"), "wrong_request", "request_id"),
    ("no amount", drop("held_vnd"), "missing", "answer.held_vnd"),
    ("less than nothing", put("held_vnd", -1), "not_positive", "answer.held_vnd"),
    ("more than there is money", put("held_vnd", 10**18), "too_large", "answer.held_vnd"),
    ("more than asked", put("held_vnd", 50_000_001), "held_above_request", "answer"),
    ("more than available", put("available_vnd", 0), "held_above_available", "answer"),
    ("less than asked", put("held_vnd", 1), "sum_differs", "answer"),
    ("no time", drop("placed_at"), "placed_at_missing", "answer"),
    ("placed tomorrow", put("placed_at", later(days=1)), "in_the_future", "answer"),
    ("placed before the transfer", put("placed_at", later(days=-1)), "placed_before_transfer", "answer"),
    ("held and refused", put("refusal", "no_balance"), "refused_but_held", "answer"),
    ("refused for no known reason", put("refusal", "bored"), "unknown_value", "answer.refusal"),
    ("revision zero", put("revision", 0), "not_positive", "answer.revision"),
    ("of a request to come", put("request_revision", 99), "superseded", "answer"),
    ("coins that were not asked", put("held_spans", [{"newer_vnd": 1, "amount_vnd": 50_000_000}]),
     "held_spans_differ", "answer"),
    ("a span of nothing", put("held_spans", [{"newer_vnd": 0, "amount_vnd": 0}]), "not_positive",
     "answer.held_spans.0.amount_vnd"),
    ("movements from elsewhere", put("movements", [{"id": "X", "booked_at": "2026-11-21T02:00:00Z", "sequence": 1,
     "direction": "credit", "amount_vnd": 1}]), "movements_start_elsewhere", "answer"),
    ("a note of a megabyte", put("note", "a" * 2**20), "too_long", "answer.note"),
    ("decided by nobody", put("decided_by", ""), "too_short", "answer.decided_by"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "reason", "field"), [r[1:] for r in ANSWERS], ids=[r[0] for r in ANSWERS])
def test_a_bad_answer(instance: Instance, client: httpx.Client, change: Change, reason: str, field: str) -> None:
    item, request = hold(instance)
    assert request.amount_vnd == 50_000_000
    body: Body = {
        "type": "answer", "message_id": new_id(), "request_id": request.id, "request_revision": request.revision,
        "revision": 1, "held_vnd": 50_000_000, "available_vnd": 50_000_000, "placed_at": later(),
        "decided_by": "Phòng Quản lý rủi ro",
    }  # fmt: skip
    message_id = body["message_id"]
    change(body)
    refused(instance, client, f"/v1/inbox/{item}/answer", orjson.dumps(body), message_id, reason, field)
    assert item in {event.message_id for event in instance.inbox()}, "a refused answer leaves the event open"


CONFIRMATIONS: list[tuple[str, Change, str, str]] = [
    ("no outcome", drop("outcome"), "missing", "confirmation.outcome"),
    ("an outcome unheard of", put("outcome", "perhaps"), "unknown_value", "confirmation.outcome"),
    ("a negative amount", put("amount_vnd", -5), "not_positive", "confirmation.amount_vnd"),
    ("another amount, not told", put("outcome", "amount_differs"), "confirmed_amount_missing", "amount_vnd"),
    ("another loss", put("request_id", "L-9"), "wrong_request", "request_id"),
]


@pytest.mark.parametrize(
    ("change", "reason", "field"), [row[1:] for row in CONFIRMATIONS], ids=[row[0] for row in CONFIRMATIONS]
)
def test_a_bad_confirmation(
    instance: Instance, client: httpx.Client, change: Change, reason: str, field: str
) -> None:
    event = next(e for e in instance.inbox(OTHER) if isinstance(e.data, ConfirmationRequest))
    assert isinstance(event.data, ConfirmationRequest)
    body: Body = {
        "type": "confirmation", "message_id": new_id(), "request_id": event.data.id, "outcome": "confirmed",
        "decided_by": "x",
    }  # fmt: skip
    message_id = body["message_id"]
    change(body)
    where = f"/v1/inbox/{event.message_id}/answer"
    refused(instance, client, where, orjson.dumps(body), message_id, reason, field, OTHER)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"), ("after=x", "after"), ("after=", "after"), ("after=" + "9" * 400, "after"),
        ("after=٣", "after"), ("after=1.5", "after"), ("limit=0", "limit"), ("limit=501", "limit"),
        ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=" + "9" * 5000, "limit"), ("limit=1e2", "limit"),
    ],
)  # fmt: skip
def test_a_bad_cursor_or_limit(instance: Instance, client: httpx.Client, query: str, field: str) -> None:
    answer = client.get(f"/v1/inbox?{query}", headers=instance.bearer())
    assert answer.status_code == 422
    assert answer.json()["field"] == field


def test_pages_follow_each_other_without_gaps(instance: Instance, client: httpx.Client) -> None:
    for _ in range(2):
        report = instance.report()
        body = report.as_json()
        client.post("/v1/reports", content=body, headers=instance.signed(body, report.message_id, OTHER))
    whole = client.get("/v1/inbox", headers=instance.bearer("all", OWN)).json()
    assert "next" not in whole
    walked, after = [], "0"
    while True:
        page = client.get("/v1/inbox", params={"limit": 1, "after": after}, headers=instance.bearer()).json()
        walked += page["items"]
        if "next" not in page:
            break
        after = page["next"]
    assert [item["id"] for item in walked] == [item["id"] for item in whole["items"]]


def refused(
    instance: Instance,
    client: httpx.Client,
    path: str,
    body: bytes,
    message_id: str,
    reason: str,
    field: str,
    whose: str = OWN,
) -> None:
    """The refusal that names the mistake, in both languages."""
    for language in ("vi", "en"):
        headers = instance.signed(body, message_id, whose) | {"accept-language": language}
        answer = client.post(path, content=body, headers=headers)
        assert answer.status_code in {409, 422}, answer.text
        said = answer.json()
        assert (said["reason"], said["field"]) == (reason, field), said
        assert answer.headers["content-language"] == language
        assert not re.search(r"\{[a-z_]+\}|None|Input should", said["title"]), said["title"]


def hold(instance: Instance) -> tuple[str, HoldRequest]:
    event = next(e for e in instance.inbox() if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    return event.message_id, event.data


def reports(instance: Instance) -> int:
    with instance.services.db.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(report_table)).scalar_one()
