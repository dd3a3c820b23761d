"""An institution that says everything wrongly, too late, twice and out of order, over real HTTP, to a real server.

Each thing it says is refused by its named reason, or changes nothing; never a 500; afterwards the sums close and
the trail verifies.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from tests.factories import protocol as make
from tests.journeys.test_main_job import fresh_url
from tests.response.checks import check_record
from tests.response.staging import person

from lachan.bootstrap import Services, initialise
from lachan.client import Client
from lachan.client.center import InboxEntry
from lachan.doors.cli.demo.processes import InstanceProcesses
from lachan.doors.cli.demo.stage import Stage, set_stage
from lachan.foundation.access import Role
from lachan.foundation.base import SYSTEM, Language, new_id
from lachan.foundation.base.settings import Settings
from lachan.foundation.protocol import (
    BODY_BYTES_MAX,
    Answer,
    Confirmation,
    ConfirmationOutcome,
    ConfirmationRequest,
    HoldRequest,
    Part,
    PartKind,
    Party,
    Payee,
    PublicKey,
    Rail,
    Refusal,
    ReportedLoss,
    SigningKey,
    sign,
)
from lachan.foundation.trail import verify
from lachan.response import cancel_trace, expire_hold, store, tables
from lachan.response.model import HoldState
from lachan.sandbox import Registration
from lachan.sandbox.province import InstitutionKind

BANKS = ("999001", "999002", "999003")
AMOUNT_VND = 5_000_000


@dataclass
class Bank:
    """A hand-driven institution: its client for what is right, and raw HTTP for what is wrong."""

    code: str
    key: SigningKey
    client: Client
    http: httpx.Client
    token: str

    def say(
        self,
        item: str,
        body: bytes,
        *,
        message_id: str,
        key: SigningKey | None = None,
        at: datetime | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        verb: str = "answer",
    ) -> httpx.Response:
        """Post a body as it is, signed as it is said to be."""
        signed = sign(message_id, at or datetime.now(UTC), body, key or self.key) if headers is None else headers
        bearer = {"authorization": f"Bearer {self.token if token is None else token}".strip()}
        always = {"accept-language": "en", "content-type": "application/json", "idempotency-key": message_id}
        return self.http.post(f"/v1/inbox/{item}/{verb}", content=body, headers={**signed, **bearer, **always})


@dataclass
class Scene:
    """A running instance with three banks."""

    services: Services
    stage: Stage
    banks: dict[str, Bank]
    reported: int = 0
    confirmations: dict[str, InboxEntry] = field(default_factory=dict)

    def request(self) -> tuple[InboxEntry, HoldRequest]:
        """A new report by the first bank, and the request that reaches the second."""
        self.reported += 1
        payer, payee = self.banks[BANKS[0]], self.banks[BANKS[1]]
        reference, now = f"FT{self.reported}", datetime.now(UTC)
        loss = ReportedLoss(
            rail=Rail.FAST_TRANSFER, reference=reference, amount_vnd=AMOUNT_VND,
            booked_at=now - timedelta(minutes=9),
            payer=Party(institution=payer.code, account=f"account:{payer.code}:0001"),
            payee=Party(institution=payee.code, account=f"account:{payee.code}:000{self.reported}"),
        )  # fmt: skip
        payer.client.report(make.bank_report(message_id=new_id(), reported_at=now, losses=(loss,)))
        entry = self.wait(
            payee, lambda data: isinstance(data, HoldRequest) and data.transfer.reference == reference
        )
        assert isinstance(entry.envelope.data, HoldRequest)
        return entry, entry.envelope.data

    def wait(self, bank: Bank, wanted: Callable[[Any], bool]) -> InboxEntry:
        """The entry of a bank's inbox that is wanted."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for entry in bank.client.inbox().entries:
                if wanted(entry.envelope.data):
                    return entry
            time.sleep(0.05)
        raise AssertionError("it never came")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    url = fresh_url(request.param, request, tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = Settings(
        home=tmp_path / "home", base_url=base, instance="son-ha", instance_name="Bàn trực", database_url=url,
        allow_private_targets=True, demo_sign_in=True,
    )  # fmt: skip
    services = initialise(settings)
    keys = {code: SigningKey.generate() for code in BANKS}
    kind = next(one for one in InstitutionKind if one.value != "wallet")
    stage = set_stage(
        services,
        [Registration(c, f"Ngân hàng {c}", c, kind, "fast", None, keys[c].public.as_text()) for c in BANKS],
        Language.VI,
    )
    center_keys = [PublicKey.from_text(key.public.as_text()) for key in services.issuer_keys]
    with InstanceProcesses(settings, port, tmp_path), contextlib.ExitStack() as stack:
        banks = {}
        for code in BANKS:
            credential = stage.credentials[code]
            client = stack.enter_context(
                Client(base, credential.client_id, credential.client_secret, keys[code], center_keys=center_keys)
            )
            http = stack.enter_context(httpx.Client(base_url=base, timeout=20, trust_env=False))
            banks[code] = Bank(
                code, keys[code], client, http, token_of(http, credential.client_id, credential.client_secret)
            )
        yield Scene(services, stage, banks)
    services.db.close()


def token_of(http: httpx.Client, name: str, secret: str, scope: str = "inbox answer report") -> str:
    """A token with these scopes."""
    form = {"grant_type": "client_credentials", "scope": scope}
    return str(
        http.post("/v1/oauth/token", data=form, auth=(name, secret)).raise_for_status().json()["access_token"]
    )


def answer_to(request: HoldRequest, **changes: Any) -> Answer:
    """A good first answer: all of it is held."""
    return make.answer(
        **{
            "message_id": new_id(), "request_id": request.id, "request_revision": request.revision,
            "held_vnd": request.amount_vnd, "available_vnd": request.amount_vnd, "placed_at": datetime.now(UTC),
            **changes,
        }
    )  # fmt: skip


def refused(response: httpx.Response, status: int, reason: str) -> None:
    """A problem as RFC 9457 words it, of this reason."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert (response.status_code, problem["reason"]) == (status, reason), problem
    assert problem["type"] == f"/problems/{reason}"
    assert problem["title"]
    assert problem["status"] == status


LONG_AGO, LONG_AFTER = datetime(2024, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
WRONG_ANSWERS: dict[str, tuple[dict[str, Any], int, str]] = {
    # name: (changes to a good answer, status, reason)
    "more than asked":        ({"held_vnd": AMOUNT_VND + 1, "available_vnd": 10**9},  422, "held_above_request"),
    "more than there is":     ({"available_vnd": 1},  422, "held_above_available"),
    "a sum that differs":     ({"held_vnd": 1},  422, "sum_differs"),
    "no time of placing":     ({"placed_at": None},  422, "placed_at_missing"),
    "placed too early":       ({"placed_at": LONG_AGO},  422, "placed_before_transfer"),
    "placed in the future":   ({"placed_at": LONG_AFTER},  422, "in_the_future"),
    "another revision":       ({"request_revision": 7},  409, "superseded"),
    "moved on to nobody":     ({"held_vnd": 0, "placed_at": None, "parts": (
        Part(kind=PartKind.MOVED_ON, amount_vnd=AMOUNT_VND, reference="FT-X"),)},  422, "payee_missing"),
    "moved on by no debit":   ({"held_vnd": 0, "placed_at": None, "parts": (
        Part(kind=PartKind.MOVED_ON, amount_vnd=AMOUNT_VND,
             payee=Payee(institution=BANKS[2], account="account:999003:1")),)},  422, "reference_missing"),
    "refused and held":       ({"refusal": Refusal.NO_BALANCE},  422, "refused_but_held"),
    "for another request":    ({"request_id": "HR-unknown"},  422, "wrong_request"),
}  # fmt: skip


@pytest.mark.journey
def test_everything_said_wrongly(scene: Scene) -> None:
    bank, stranger, third = scene.banks[BANKS[1]], scene.banks[BANKS[0]], scene.banks[BANKS[2]]
    entry, request = scene.request()
    item = entry.id

    wrong_amounts(bank, item, request)
    wrong_senders(scene, bank, stranger, item, request)
    wrong_shapes(bank, item, request)

    # The right answer at last; again and again it changes nothing, whoever is quicker.
    good = answer_to(request)
    body = good.as_json()
    with ThreadPoolExecutor(8) as pool:
        for response in pool.map(lambda _: bank.say(item, body, message_id=good.message_id), range(8)):
            assert response.status_code == 200, response.text
    other = answer_to(request, message_id=good.message_id, revision=2).as_json()
    refused(bank.say(item, other, message_id=good.message_id), 409, "idempotency_key_reused")
    stale = answer_to(request)
    refused(bank.say(item, stale.as_json(), message_id=stale.message_id), 409, "superseded")
    # An acknowledgement that comes after the answer changes nothing.
    bank.client.acknowledge(entry.envelope)

    reordered(scene, bank, third)
    after_the_end(scene, bank)
    wrong_confirmations(scene)

    with scene.services.db.read() as conn:
        check_record(conn)
        hold = store.hold(conn, request.id)
        assert hold.state is HoldState.PLACED
        assert sum(span.amount_vnd for span in hold.held) == AMOUNT_VND
        assert verify(conn, [scene.services.seal_key.public_text]).intact
        metrics = httpx.get(f"{scene.services.settings.base_url}/metrics", trust_env=False).text
        assert "lachan_jobs_dead 0" in metrics


def wrong_amounts(bank: Bank, item: str, request: HoldRequest) -> None:
    for name, (changes, status, reason) in WRONG_ANSWERS.items():
        said = answer_to(request, **changes)
        response = bank.say(item, said.as_json(), message_id=said.message_id)
        assert response.status_code < 500, name
        refused(response, status, reason)
        # The same words again get the same refusal.
        refused(bank.say(item, said.as_json(), message_id=said.message_id), status, reason)


def wrong_senders(scene: Scene, bank: Bank, stranger: Bank, item: str, request: HoldRequest) -> None:
    said = answer_to(request)
    body, name = said.as_json(), said.message_id
    refused(stranger.say(item, body, message_id=name), 404, "no_such_record")
    refused(bank.say("no-such-item", body, message_id=name), 404, "no_such_record")
    refused(bank.say(item, body, message_id=name, key=stranger.key), 403, "bad_signature")
    refused(bank.say(item, body, message_id=name, headers={}), 422, "missing_signature_header")
    old, future = datetime.now(UTC) - timedelta(minutes=6), datetime.now(UTC) + timedelta(minutes=6)
    refused(bank.say(item, body, message_id=name, at=old), 403, "old_timestamp")
    refused(bank.say(item, body, message_id=name, at=future), 403, "future_timestamp")
    refused(bank.say(item, body, message_id=new_id()), 422, "signed_id_differs")
    refused(bank.say(item, body, message_id=name, token="nonsense"), 401, "invalid_token")
    refused(bank.say(item, body, message_id=name, token=""), 401, "not_signed_in")
    credential = scene.stage.credentials[bank.code]
    narrow = token_of(bank.http, credential.client_id, credential.client_secret, "inbox")
    refused(bank.say(item, body, message_id=name, token=narrow), 403, "not_permitted")
    changed = body.replace(str(AMOUNT_VND).encode(), str(AMOUNT_VND - 1).encode())
    signed = sign(name, datetime.now(UTC), body, bank.key)
    refused(bank.say(item, changed, message_id=name, headers=signed), 403, "bad_signature")


def wrong_shapes(bank: Bank, item: str, request: HoldRequest) -> None:
    good = orjson.loads(answer_to(request).as_json())
    shapes: list[tuple[bytes, str]] = [
        (b"", "malformed"),
        (b"not json", "malformed"),
        (b"[]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (orjson.dumps({**good, "type": "gossip"}), "unknown_value"),
        (orjson.dumps({k: v for k, v in good.items() if k != "type"}), "missing"),
        (orjson.dumps({k: v for k, v in good.items() if k != "held_vnd"}), "missing"),
        (orjson.dumps({**good, "held_vnd": -1}), "not_positive"),
        (orjson.dumps({**good, "held_vnd": "5000000"}), "malformed"),
        (orjson.dumps({**good, "held_vnd": 1.5}), "malformed"),
        (orjson.dumps({**good, "held_vnd": 2**63}), "too_large"),
        (orjson.dumps({**good, "surprise": 1}), "malformed"),
        (orjson.dumps({**good, "placed_at": "yesterday"}), "malformed"),
        (b" " * (BODY_BYTES_MAX + 1), "body_too_large"),
        (b"[" * 200_000, "malformed"),
    ]
    for body, reason in shapes:
        response = bank.say(item, body, message_id=str(good["message_id"]))
        refused(response, 413 if reason == "body_too_large" else 422, reason)
    long = orjson.dumps({**good, "message_id": "x" * 500})
    assert bank.say(item, long, message_id="x" * 500).status_code == 422


def reordered(scene: Scene, bank: Bank, third: Bank) -> None:
    """The second answer before the first; then a correction to less; the next hop follows what was said last."""
    entry, request = scene.request()
    payee = Payee(institution=third.code, account="account:999003:0009")
    moved = Part(
        kind=PartKind.MOVED_ON, amount_vnd=2_000_000, reference="ON-1", booked_at=datetime.now(UTC), payee=payee
    )
    first = answer_to(request, revision=1)
    second = answer_to(request, revision=2, held_vnd=3_000_000, parts=(moved,))
    bank.client.answer(entry.id, second)
    refused(bank.say(entry.id, first.as_json(), message_id=first.message_id), 409, "superseded")
    onward = scene.wait(third, lambda data: isinstance(data, HoldRequest) and data.transfer.reference == "ON-1")
    assert isinstance(onward.envelope.data, HoldRequest)
    assert onward.envelope.data.amount_vnd == 2_000_000
    third.client.answer(onward.id, answer_to(onward.envelope.data))
    # Late, the first bank finds that it was all there: the onward hop was nobody's, and its hold is freed.
    bank.client.answer(entry.id, answer_to(request, revision=3))
    with scene.services.db.read() as conn:
        check_record(conn)
        assert store.hold(conn, onward.envelope.data.id).state is HoldState.RELEASED


def after_the_end(scene: Scene, bank: Bank) -> None:
    """Answers after cancellation and after expiry: superseded."""
    services = scene.services
    entry, request = scene.request()
    with services.db.read() as conn:
        trace_id = store.hold(conn, request.id).trace_id
    head = person("head", Role.DESK_HEAD, scene.stage.desk_id)
    with services.db.unit(services.clock.now(), head) as unit:
        cancel_trace(unit, services.outbox, trace_id, reason="nhầm")
    late = answer_to(request)
    refused(bank.say(entry.id, late.as_json(), message_id=late.message_id), 409, "superseded")

    entry, request = scene.request()
    bank.client.answer(entry.id, answer_to(request))
    with services.db.unit(services.clock.now() + timedelta(days=9), SYSTEM) as unit:
        expire_hold(unit, services.outbox, request.id)
    later = answer_to(request, revision=2)
    refused(bank.say(entry.id, later.as_json(), message_id=later.message_id), 409, "superseded")
    with services.db.read() as conn:
        assert conn.execute(tables.hold.select().where(tables.hold.c.id == request.id)).one().state == "expired"


def wrong_confirmations(scene: Scene) -> None:
    """A confirmation where an answer is asked, and one from a bank that is not the payer's."""
    payer, payee = scene.banks[BANKS[0]], scene.banks[BANKS[1]]
    asked = scene.wait(payer, lambda data: isinstance(data, ConfirmationRequest))
    assert isinstance(asked.envelope.data, ConfirmationRequest)
    said = Confirmation(
        message_id=new_id(), request_id=asked.envelope.data.id, outcome=ConfirmationOutcome.CONFIRMED,
        decided_by="Giao dịch viên",
    )  # fmt: skip
    refused(payee.say(asked.id, said.as_json(), message_id=said.message_id), 404, "no_such_record")
    entry, request = scene.request()
    crossed = said.model_copy(update={"message_id": new_id(), "request_id": request.id})
    refused(payee.say(entry.id, crossed.as_json(), message_id=crossed.message_id), 422, "reply_does_not_fit")
    payer.client.confirm(asked.id, said)
