"""An attacker at the API: other people's tokens and keys, old acknowledgements, double meanings, tricks with paths.

What cannot be said with an HTTP client is said on the bare socket.
"""

import socket
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
import sqlalchemy as sa
from tests.factories.instance import OTHER, OWN, Instance

from lachan.doors.api import bodies
from lachan.foundation.base import WallClock, new_id
from lachan.foundation.protocol import (
    Acknowledgement,
    Answer,
    Envelope,
    HoldRequest,
    SigningKey,
    sign,
)
from lachan.foundation.trail.tables import fact


def hold_event(instance: Instance, whose: str = OWN) -> tuple[Envelope, HoldRequest]:
    event = next(e for e in instance.inbox(whose) if isinstance(e.data, HoldRequest))
    assert isinstance(event.data, HoldRequest)
    return event, event.data


def acknowledgement(request_id: str) -> Acknowledgement:
    return Acknowledgement(message_id=new_id(), request_id=request_id, received_at=WallClock().now())


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["reason"]


def raw(instance: Instance, request: bytes, *, wait_s: float = 5.0) -> bytes:
    """Exactly these bytes to the server, and what it says until it closes or falls silent."""
    parts = urlsplit(instance.url)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=wait_s) as peer:
        peer.sendall(request)
        said = b""
        try:
            while chunk := peer.recv(65536):
                said += chunk
        except TimeoutError:
            pass
        return said


def facts(instance: Instance, kind: str = "%") -> int:
    with instance.services.db.read() as conn:
        return conn.execute(sa.select(sa.func.count()).where(fact.c.kind.like(kind))).scalar_one()


def test_another_institution_s_event_does_not_exist(instance: Instance, client: httpx.Client) -> None:
    event, data = hold_event(instance)
    said = acknowledgement(data.id)
    body = said.as_json()
    before = facts(instance)
    theirs = client.post(
        f"/v1/inbox/{event.message_id}/ack", content=body, headers=instance.signed(body, said.message_id, OTHER)
    )
    nowhere = client.post(
        f"/v1/inbox/{new_id()}/ack", content=body, headers=instance.signed(body, said.message_id, OTHER)
    )
    assert reason(theirs) == reason(nowhere) == (404, "no_such_record")
    assert theirs.json() == nowhere.json(), "not even its existence is told"
    assert facts(instance) == before


@pytest.mark.parametrize(
    ("token_of", "key_of", "expected"),
    [
        (OWN, OTHER, (403, "bad_signature")),
        (OTHER, OWN, (403, "bad_signature")),
        (OTHER, OTHER, (404, "no_such_record")),
    ],
)
def test_token_and_key_belong_together(
    instance: Instance, client: httpx.Client, token_of: str, key_of: str, expected: tuple[int, str]
) -> None:
    event, data = hold_event(instance)
    said = acknowledgement(data.id)
    body = said.as_json()
    headers = instance.signed(body, said.message_id, key_of) | instance.bearer("all", token_of)
    answer = client.post(f"/v1/inbox/{event.message_id}/ack", content=body, headers=headers)
    assert reason(answer) == expected


def test_a_signature_covers_id_time_and_every_byte(instance: Instance, client: httpx.Client) -> None:
    report = instance.report()
    body = report.as_json()
    good = instance.signed(body, report.message_id)
    now_s = int(good["webhook-timestamp"])
    other = sign(report.message_id, WallClock().now(), body, SigningKey.generate())
    for changed, content in (
        ({}, body.replace(b"50000000", b"50000001")),
        ({"webhook-timestamp": str(now_s + 1)}, body),
        ({"webhook-id": new_id()}, body),
        ({"webhook-signature": other["webhook-signature"]}, body),
        ({"webhook-signature": "v1," + good["webhook-signature"].removeprefix("v1a,")}, body),
        ({"webhook-signature": ""}, body),
    ):
        answer = client.post("/v1/reports", content=content, headers=good | changed)
        assert answer.status_code in {403, 422}, changed
        assert answer.json()["reason"] in {
            "bad_signature", "unknown_signature_scheme", "missing_signature_header"
        }  # fmt: skip
    headers = good | sign(report.message_id, WallClock().now() + timedelta(minutes=6), body, instance.keys[OWN])
    assert reason(client.post("/v1/reports", content=body, headers=headers)) == (403, "future_timestamp")


def test_an_acknowledgement_cannot_be_turned_to_another_event(instance: Instance, client: httpx.Client) -> None:
    """The address is outside the signature; what is inside says which request is meant."""
    event, _ = hold_event(instance)
    said = acknowledgement("01999999-0000-7000-8000-000000000000")
    body = said.as_json()
    answer = client.post(
        f"/v1/inbox/{event.message_id}/ack", content=body, headers=instance.signed(body, said.message_id)
    )
    assert reason(answer) == (422, "wrong_request")


def test_a_signed_id_that_is_not_the_message_s_is_refused(instance: Instance, client: httpx.Client) -> None:
    """Otherwise one message could be counted under many names."""
    event, data = hold_event(instance)
    said = acknowledgement(data.id)
    body = said.as_json()
    headers = instance.signed(body, new_id())
    answer = client.post(f"/v1/inbox/{event.message_id}/ack", content=body, headers=headers)
    assert reason(answer) == (422, "signed_id_differs")


def test_a_replayed_acknowledgement_changes_nothing(instance: Instance, client: httpx.Client) -> None:
    event, data = hold_event(instance)
    said = acknowledgement(data.id)
    body = said.as_json()
    headers = instance.signed(body, said.message_id)
    address = f"/v1/inbox/{event.message_id}/ack"
    first = client.post(address, content=body, headers=headers)
    before = facts(instance)
    again = [client.post(address, content=body, headers=headers) for _ in range(3)]
    assert first.status_code == 200
    assert {answer.content for answer in again} == {first.content}
    assert facts(instance) == before


def test_a_reply_of_another_kind_closes_nothing(instance: Instance, client: httpx.Client) -> None:
    event, data = hold_event(instance, OWN)
    body = orjson.dumps(
        {
            "type": "release_done", "message_id": (message_id := new_id()), "request_id": data.id,
            "request_revision": 1, "released_vnd": 1, "held_vnd": 0, "released_at": WallClock().now().isoformat(),
        }
    )  # fmt: skip
    answer = client.post(
        f"/v1/inbox/{event.message_id}/answer", content=body, headers=instance.signed(body, message_id)
    )
    assert reason(answer) == (422, "reply_does_not_fit")
    assert event.message_id in {waiting.message_id for waiting in instance.inbox()}


def test_a_refused_answer_is_an_outcome_too(instance: Instance, client: httpx.Client) -> None:
    """Said twice, it is recorded once and refused in the same words."""
    event, data = hold_event(instance)
    wrong = Answer(
        message_id=new_id(), request_id=data.id, request_revision=data.revision, revision=1,
        held_vnd=data.amount_vnd + 1, available_vnd=data.amount_vnd + 1, placed_at=WallClock().now(),
        decided_by="x",
    )  # fmt: skip
    body = wrong.as_json()
    address, before = f"/v1/inbox/{event.message_id}/answer", facts(instance, "answer.refused")
    answers = [
        client.post(address, content=body, headers=instance.signed(body, wrong.message_id)) for _ in range(2)
    ]
    assert [reason(answer) for answer in answers] == [(422, "held_above_request")] * 2
    assert answers[0].json() == answers[1].json()
    assert facts(instance, "answer.refused") == before + 1


def test_a_token_is_revoked_by_its_owner_only(instance: Instance, client: httpx.Client) -> None:
    form = {"grant_type": "client_credentials"}
    made = client.post("/v1/oauth/token", data=form, auth=instance.clients[OWN, "inbox"]).json()
    mine = {"authorization": f"Bearer {made['access_token']}"}
    stolen = {"token": made["access_token"]}
    assert client.post("/v1/oauth/revoke", data=stolen, headers=instance.bearer("all", OTHER)).status_code == 200
    assert client.get("/v1/me", headers=mine).status_code == 200
    assert client.post("/v1/oauth/revoke", data=stolen, headers=mine).status_code == 200
    assert client.get("/v1/me", headers=mine).status_code == 401


@pytest.mark.parametrize(
    ("client_id", "secret", "form", "status", "error"),
    [
        (None, None, {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("x", "y", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("x\x00", "y", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("OWN", "y", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("OWN", "OWN", {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ("OWN", "OWN", {}, 400, "unsupported_grant_type"),
        ("OWN", "OWN", {"grant_type": "client_credentials", "scope": "report"}, 400, "invalid_scope"),
        ("OWN", "OWN", {"grant_type": "client_credentials", "scope": "admin"}, 400, "invalid_scope"),
        ("OWN", "OWN", {"grant_type": ["client_credentials"] * 2}, 400, "invalid_request"),
    ],
)
def test_tokens_are_refused_in_the_words_of_oauth(
    instance: Instance,
    client: httpx.Client,
    client_id: str | None,
    secret: str | None,
    form: dict[str, str],
    status: int,
    error: str,
) -> None:
    known = instance.clients[OWN, "inbox"]
    name = known[0] if client_id == "OWN" else client_id
    word = known[1] if secret == "OWN" else secret
    auth = httpx.BasicAuth(name or "", word or "") if name else httpx.Auth()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/v1/oauth/token", data=form, auth=auth, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "name", ["Authorization", "Content-Type", "Idempotency-Key", "webhook-id", "webhook-signature", "Host"]
)
def test_a_header_with_two_meanings_is_refused(instance: Instance, client: httpx.Client, name: str) -> None:
    token = instance.bearer()["authorization"]
    other = instance.bearer("all", OTHER)["authorization"]
    twice = f"{name}: {token}\r\n{name.lower()}: {other}\r\n".encode()
    host = b"" if name == "Host" else b"host: x\r\n"
    said = raw(instance, b"GET /v1/me HTTP/1.1\r\n" + host + twice + b"connection: close\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"header_twice" in said or b"Invalid HTTP request" in said


@pytest.mark.parametrize(
    "framing",
    [
        b"content-length: 4\r\ncontent-length: 50\r\n",
        b"content-length: 4\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        b"transfer-encoding: xchunked\r\n",
        b"content-length: -1\r\n",
        b"content-length: 4, 4\r\n",
        b"content-length : 4\r\n",
        b" content-length: 4\r\n",
    ],
)
def test_nothing_is_smuggled_behind_a_body(instance: Instance, client: httpx.Client, framing: bytes) -> None:
    """Whatever the front server thinks where the request ends: no second request is ever answered."""
    hidden = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    request = b"POST /v1/oauth/token HTTP/1.1\r\nhost: x\r\n" + framing + b"\r\n0\r\n\r\n" + hidden
    said = raw(instance, request, wait_s=1.0)
    assert said.count(b"HTTP/1.1 ") <= 1, said
    assert b'"ok"' not in said
    assert not said or said.startswith(b"HTTP/1.1 4"), said


def test_a_packed_body_is_not_unpacked(instance: Instance, client: httpx.Client) -> None:
    for encoding in ("gzip", "deflate", "br", "identity, gzip"):
        answer = client.post(
            "/v1/reports", content=b"\x1f\x8b", headers=instance.bearer() | {"content-encoding": encoding}
        )
        assert reason(answer) == (415, "content_encoding_not_taken")


def test_a_body_above_the_limit_is_refused_unread(instance: Instance, client: httpx.Client) -> None:
    token = instance.bearer()["authorization"].encode()
    head = (
        b"POST /v1/reports HTTP/1.1\r\nhost: x\r\nauthorization: "
        + token
        + b"\r\ncontent-type: application/json\r\n"
    )
    announced = raw(instance, head + b"content-length: 99999999999\r\n\r\n{", wait_s=3)
    assert announced.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in announced.lower()

    def pieces() -> object:
        for _ in range(6):
            yield b" " * 1024 * 1024

    answer = client.post(
        "/v1/reports", content=pieces(),  # type: ignore[arg-type] # a generator is streamed in chunks
        headers=instance.bearer() | {"content-type": "application/json"},
    )  # fmt: skip
    assert reason(answer) == (413, "body_too_large")


def test_without_a_token_no_body_is_read_at_all(instance: Instance, client: httpx.Client) -> None:
    head = (
        b"POST /v1/reports HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n"
    )
    assert raw(instance, head, wait_s=2.0).startswith(b"HTTP/1.1 401")


def test_a_slow_body_does_not_hold_the_door(
    instance: Instance, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS_MAX", 0.3)
    token = instance.bearer()["authorization"].encode()
    head = b"POST /v1/reports HTTP/1.1\r\nhost: x\r\nauthorization: " + token + b"\r\n"
    said = raw(instance, head + b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n{", wait_s=3)
    assert said.startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in said


@pytest.mark.parametrize(
    "path",
    [
        "/v1/inbox/..%2f..%2fme/ack",
        "/v1/inbox/%00/ack",
        "/v1/inbox/%ff%fe/ack",
        "/v1/inbox/' OR 1=1 --/ack",
        "/v1/inbox/" + "a" * 5000 + "/ack",
        "/v1/inbox/%0d%0aset-cookie:a=b/ack",
        "/v1/inbox/０１９/ack",
    ],
)
def test_a_trick_in_the_address_finds_nothing(instance: Instance, client: httpx.Client, path: str) -> None:
    said = acknowledgement("HR1")
    body = said.as_json()
    answer = client.post(path, content=body, headers=instance.signed(body, said.message_id))
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("code", ["%00", "LC-%00-1", "XX%00-7K4Q-92MXA", "LC%0a-7K4Q-92MXA", "a" * 3000, "٣-٣"])
def test_a_trick_in_a_code_finds_nothing(client: httpx.Client, code: str) -> None:
    assert client.get(f"/v1/public/status/{code}").status_code in {404, 429}


@pytest.mark.parametrize(
    "name", ["x\r\nset-cookie: a=b", "\u202etxt", "a" * 100_000, "\x00", "<script>alert(1)</script>"]
)
def test_what_was_sent_comes_back_short_and_harmless(instance: Instance, client: httpx.Client, name: str) -> None:
    """A problem names the offending field, and a field's name is the sender's."""
    message_id = new_id()
    body = orjson.dumps(orjson.loads(instance.report(message_id=message_id).as_json()) | {name: 1})
    answer = client.post("/v1/reports", content=body, headers=instance.signed(body, message_id))
    assert answer.status_code == 422
    assert len(answer.content) < 1000
    assert "set-cookie" not in answer.headers
    field = answer.json()["field"]
    assert field.replace("\ufffd", "").isprintable()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_forged_host_leads_nowhere(instance: Instance, client: httpx.Client) -> None:
    for path in ("/v1/inbox/", "/v1/me", "/problems/missing", "/v1/public/keys"):
        answer = client.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert "evil.example" not in answer.text
        assert "location" not in answer.headers
    report = instance.report()
    body = report.as_json()
    headers = instance.signed(body, report.message_id) | {"host": "evil.example"}
    answer = client.post("/v1/reports", content=body, headers=headers)
    assert answer.json()["live_url"].startswith(instance.services.settings.base_url)


def test_wrong_secrets_shut_nobody_else_out(instance: Instance, client: httpx.Client) -> None:
    client_id, secret = instance.clients[OTHER, "inbox"]
    form = {"grant_type": "client_credentials"}
    elsewhere = {"x-forwarded-for": "203.0.113.7"}
    statuses = [
        client.post("/v1/oauth/token", data=form, auth=(client_id, "wrong"), headers=elsewhere).status_code
        for _ in range(40)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert client.post("/v1/oauth/token", data=form, auth=(client_id, secret)).status_code == 200


def test_an_error_of_the_record_tells_no_one_s_data(instance: Instance) -> None:
    """What an exception says ends in logs and on the dead letters' page."""
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, instance.services.db.engine.connect() as conn:
        conn.execute(sa.text("SELECT * FROM nothing WHERE name = :name"), {"name": "Lê Thị Mai"})
    assert "Mai" not in str(caught.value)


def test_our_own_mistake_is_a_problem_without_a_traceback(
    instance: Instance, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lachan.doors.api import oauth

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(oauth, "institution_keys", broken)
    answer = client.get("/v1/me", headers=instance.bearer())
    assert reason(answer) == (500, "our_mistake")
    assert "secret detail" not in answer.text
