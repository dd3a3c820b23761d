"""The client against a center in memory: what is signed, repeated, renewed, verified and refused."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from tests.client.fake_center import FakeCenter, problem
from tests.factories import protocol as make

from lachan.client import (
    Client,
    Conflicting,
    NotAuthorised,
    Refused,
    Unavailable,
    Unreachable,
    WebhookReceiver,
)
from lachan.client.connection import RETRY_AFTER_MAX_S
from lachan.foundation.base import BadInput, LachanError, NotAllowed, new_id
from lachan.foundation.protocol import (
    Confirmation,
    ConfirmationOutcome,
    NoticeServed,
    ReleaseDone,
    SignatureReason,
    SigningKey,
    sign,
)

KEY = SigningKey.generate()


@dataclass(frozen=True, slots=True)
class FixedClock:
    at: datetime

    def now(self) -> datetime:
        return self.at

    def wall_delay_s(self, domain_seconds: float) -> float:
        return domain_seconds


@pytest.fixture
def center() -> FakeCenter:
    return FakeCenter(KEY.public)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(center: FakeCenter, slept: list[float]) -> Client:
    return Client(
        "https://center.example",
        "bank-1",
        "secret",
        KEY,
        center_keys=[center.key.public],
        clock=FixedClock(make.at(11)),
        transport=center.transport,
        sleep=slept.append,
        attempts=4,
    )


def test_the_inbox_is_walked_by_cursor_and_verified(client: Client, center: FakeCenter) -> None:
    issued = [center.issue(make.hold_request(id=f"HR{n}")) for n in range(3)]
    first = client.inbox(limit=2)
    rest = client.inbox(after=first.next, limit=2)
    assert [entry.envelope for entry in (*first.entries, *rest.entries)] == issued
    assert rest.next is None


def test_an_inbox_item_that_the_center_did_not_sign(client: Client, center: FakeCenter) -> None:
    center.issue(make.hold_request())
    center.key = SigningKey.generate()
    with pytest.raises(NotAllowed) as refused:
        client.inbox()
    assert refused.value.reason is SignatureReason.BAD_SIGNATURE


def test_every_kind_of_message_arrives_signed(client: Client, center: FakeCenter) -> None:
    hold = center.issue(make.hold_request())
    confirm = center.issue(make.confirmation_request())
    release = center.issue(make.hold_release(5))
    notice = center.issue(make.notice())

    answer = make.answer()
    confirmation = Confirmation(
        message_id=new_id(), request_id="CR1", outcome=ConfirmationOutcome.CONFIRMED, decided_by="A"
    )
    done = ReleaseDone(
        message_id=new_id(),
        request_id="HR1",
        request_revision=2,
        released_vnd=5,
        held_vnd=0,
        released_at=make.at(20),
    )
    served = NoticeServed(
        message_id=new_id(), request_id="HR1", notice_code="TB-1", served_at=make.at(30), channel="app"
    )
    report = make.bank_report()

    assert client.acknowledge(hold).state == "acknowledged"
    assert client.answer(hold.message_id, answer).state == "answered"
    assert client.confirm(confirm.message_id, confirmation).id == confirm.message_id
    assert client.release_done(release.message_id, done).state == "answered"
    assert client.notice_served(notice.message_id, served).state == "answered"
    assert client.report(report).code == "LC-7K4Q-92M"
    acknowledged, *others = center.received.values()
    assert acknowledged.request_id == "HR1"
    assert acknowledged.received_at == make.at(11)
    assert others == [answer, confirmation, done, served, report]


def test_me_may_gain_fields(client: Client) -> None:
    assert client.me().institution == "999001"


def test_one_token_serves_many_calls_and_is_renewed_once_refused(client: Client, center: FakeCenter) -> None:
    client.me()
    client.me()
    assert center.tokens == 1
    center.trouble.append(problem(401, "token_revoked"))
    client.me()
    assert center.tokens == 2


def test_trouble_is_waited_out_and_each_attempt_is_signed_anew(
    client: Client, center: FakeCenter, slept: list[float]
) -> None:
    hold = center.issue(make.hold_request())
    center.trouble.extend([httpx.ConnectError("down"), problem(503, "not_ready"), httpx.ReadTimeout("slow")])
    client.answer(hold.message_id, make.answer())
    assert len(center.received) == 1
    assert len(slept) == 3
    posts = [call for call in center.calls if call.url.path.endswith("/answer")]
    assert len({call.headers["idempotency-key"] for call in posts}) == 1


def test_the_center_s_wish_to_wait_is_respected(client: Client, center: FakeCenter, slept: list[float]) -> None:
    for wish in ("70", format_datetime(datetime.now(UTC) + timedelta(seconds=90))):
        center.trouble.append(httpx.Response(429, headers={"retry-after": wish}))
        client.me()
    assert slept[0] == 70
    assert 60 <= slept[1] <= 90
    center.trouble.append(httpx.Response(503, headers={"retry-after": "86400"}))
    client.me()
    assert slept[2] == RETRY_AFTER_MAX_S, "a center does not put a client to sleep for a day"


def test_a_wish_that_cannot_be_read_is_none(client: Client, center: FakeCenter, slept: list[float]) -> None:
    for wish in (b"soon", "²".encode("latin-1")):
        center.trouble.append(httpx.Response(503, headers=[(b"retry-after", wish)]))
        client.me()
    assert max(slept) < 5


def test_what_stays_unreachable_or_unavailable_is_said(client: Client, center: FakeCenter) -> None:
    center.trouble.extend([httpx.ConnectError("down")] * 4)
    with pytest.raises(Unreachable):
        client.me()
    center.trouble.extend([problem(503, "not_ready")] * 4)
    with pytest.raises(Unavailable) as refused:
        client.me()
    assert refused.value.reason == "not_ready"


def test_refusals_are_typed_and_not_repeated(client: Client, center: FakeCenter, slept: list[float]) -> None:
    hold = center.issue(make.hold_request())
    for status, kind in ((409, Conflicting), (403, NotAuthorised), (422, Refused)):
        center.trouble.append(problem(status, "superseded", field="revision"))
        with pytest.raises(kind) as refused:
            client.answer(hold.message_id, make.answer())
        assert refused.value.reason == "superseded"
        assert refused.value.problem.field == "revision"
        assert refused.value.status == status
    assert slept == []


def test_wrong_secret(center: FakeCenter) -> None:
    client = Client("https://center.example", "bank-1", "wrong", KEY, center_keys=[], transport=center.transport)
    with client, pytest.raises(NotAuthorised) as refused:
        client.me()
    assert refused.value.reason == "bad_client"


def test_what_is_not_a_center(client: Client, center: FakeCenter) -> None:
    center.trouble.append(httpx.Response(200, text="<html>"))
    with pytest.raises(Unreachable):
        client.me()
    center.trouble.append(httpx.Response(404, text="<html>"))
    with pytest.raises(Refused) as refused:
        client.me()
    assert refused.value.status == 404
    somebody = httpx.MockTransport(lambda _: httpx.Response(200, text="hello"))
    stranger = Client("https://x.example", "a", "b", KEY, center_keys=[], transport=somebody)
    with pytest.raises(Unreachable):
        stranger.me()


class TestWebhookReceiver:
    NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    def test_opens_what_the_issuer_signed(self, center: FakeCenter) -> None:
        envelope = center.issue(make.hold_request())
        body = envelope.as_json()
        receiver = WebhookReceiver({make.ISSUER.instance: [center.key.public], "other": [KEY.public]})
        assert receiver.open(sign(envelope.message_id, self.NOW, body, center.key), body, self.NOW) == envelope

    def test_one_center_cannot_speak_for_another(self, center: FakeCenter) -> None:
        envelope = center.issue(make.hold_request())
        body = envelope.as_json()
        receiver = WebhookReceiver({make.ISSUER.instance: [center.key.public], "other": [KEY.public]})
        with pytest.raises(NotAllowed) as refused:
            receiver.open(sign(envelope.message_id, self.NOW, body, KEY), body, self.NOW)
        assert refused.value.reason is SignatureReason.BAD_SIGNATURE

    def test_the_signed_id_is_the_message_s(self, center: FakeCenter) -> None:
        body = center.issue(make.hold_request()).as_json()
        receiver = WebhookReceiver({make.ISSUER.instance: [center.key.public]})
        with pytest.raises(NotAllowed) as refused:
            receiver.open(sign(new_id(), self.NOW, body, center.key), body, self.NOW)
        assert refused.value.reason is SignatureReason.ID_DIFFERS

    def test_signed_nonsense_is_still_nonsense(self, center: FakeCenter) -> None:
        receiver = WebhookReceiver({make.ISSUER.instance: [center.key.public]})
        with pytest.raises(BadInput):
            receiver.open(sign(new_id(), self.NOW, b"{}", center.key), b"{}", self.NOW)
        with pytest.raises(LachanError):
            receiver.open({}, b"{}")
